"""What starts a task by itself: commits and pull requests, timers, new base images."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..console.errors import UsageError
from ..console.values import is_typed
from .options import listed, option_name
from .schedules import Schedule
from .step_kinds import asked_for

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import (
        BaseImageTrigger,
        BaseImageTriggerUpdateParameters,
        SourceTrigger,
        SourceTriggerUpdateParameters,
        TriggerProperties,
        TriggerUpdateParameters,
    )

__all__ = [
    "BASE_IMAGE_TRIGGER",
    "SOURCE_TRIGGER",
    "SourceRepository",
    "TriggerNames",
    "TriggerOptions",
    "assumed_branch",
    "changed_triggers",
    "new_triggers",
]

SOURCE_TRIGGER: Final = "defaultSourceTriggerName"
BASE_IMAGE_TRIGGER: Final = "defaultBaseimageTriggerName"
_DEFAULT_BRANCH: Final = "master"
_ENABLED: Final = "Enabled"
_DISABLED: Final = "Disabled"
_PAT: Final = "PAT"
_COMMIT: Final = "commit"
_PULL_REQUEST: Final = "pullrequest"
_OF_BASE_IMAGES: Final = ("base_image_trigger_type", "update_trigger_endpoint", "update_trigger_payload_type")


@dataclass(frozen=True, kw_only=True)
class TriggerOptions:
    """The options about triggers, under the names that az's own gives them; None: not given."""

    commit_trigger_enabled: bool | None = None
    pull_request_trigger_enabled: bool | None = None
    base_image_trigger_enabled: bool | None = None
    base_image_trigger_type: str | None = None
    update_trigger_endpoint: str | None = None
    update_trigger_payload_type: str | None = None


@dataclass(frozen=True)
class SourceRepository:
    """Where the commits happen. `token` lets the service register for them."""

    url: str | None
    token: str | None

    @property
    def has_commits(self) -> bool:
        """Whether there are commits to hear of; az's own tells an artifact from a repository by its scheme alone."""
        return self.url is not None and not self.url.lower().startswith("oci://")

    @property
    def branch(self) -> str | None:
        """The branch in the URL's fragment: `#BRANCH:FOLDER`."""
        match = re.search(r"#([^:\s]*)", self.url or "")
        return match[1] if match else None

    @property
    def control_type(self) -> str:
        """The service knows GitHub and Azure Repos."""
        return "Github" if "github.com" in (self.url or "").lower() else "VisualStudioTeamService"


@dataclass(frozen=True)
class TriggerNames:
    """What the triggers of a new task are called."""

    source: str = SOURCE_TRIGGER
    base_image: str = BASE_IMAGE_TRIGGER


def new_triggers(
    options: TriggerOptions,
    repository: SourceRepository,
    schedules: Sequence[Schedule],
    names: TriggerNames,
) -> TriggerProperties:
    """The triggers of a new task. Commits and new base images start it unless the user says otherwise.

    Raises UsageError.
    """
    from azure.mgmt.containerregistrytasks.models import TimerTrigger, TriggerProperties

    source_triggers = []
    events = _new_events(options, repository)
    if events:
        if not repository.token:
            raise UsageError(
                "--git-access-token is missing: the service needs it to hear of commits and pull requests. To do "
                "without such triggers, give --commit-trigger-enabled false."
            )
        source_triggers.append(_new_source_trigger(events, repository, names.source))
    elif is_typed(names.source):
        raise UsageError("--source-trigger-name names a trigger on commits and pull requests, and there is none.")
    timers = [TimerTrigger(name=timer.name, status=_ENABLED, schedule=timer.expression) for timer in schedules]
    return TriggerProperties(
        source_triggers=source_triggers or None,
        timer_triggers=timers or None,
        base_image_trigger=_new_base_image_trigger(options, names.base_image),
    )


def _new_events(options: TriggerOptions, repository: SourceRepository) -> list[str]:
    """What starts a new task where it is not said: commits, if its source is one that has any."""
    _refuse_events_of_nobody(options, repository)
    if not repository.has_commits:
        return []
    by_commits = options.commit_trigger_enabled is not False
    wanted = ((_COMMIT, by_commits), (_PULL_REQUEST, options.pull_request_trigger_enabled))
    return [event for event, is_wanted in wanted if is_wanted]


def _refuse_events_of_nobody(options: TriggerOptions, repository: SourceRepository) -> None:
    asked = asked_for(options, ("commit_trigger_enabled", "pull_request_trigger_enabled"))
    if asked and not repository.has_commits:
        raise UsageError(
            f"{listed(asked)} cannot be used here: the task's source is no Git repository, so that there are no "
            "commits to hear of.",
            "Leave it out, or give a Git repository as the source with --context.",
        )


def _new_source_trigger(events: list[str], repository: SourceRepository, name: str) -> SourceTrigger:
    from azure.mgmt.containerregistrytasks.models import AuthInfo, SourceProperties, SourceTrigger

    return SourceTrigger(
        name=name,
        status=_ENABLED,
        source_trigger_events=events,
        source_repository=SourceProperties(
            source_control_type=repository.control_type,
            repository_url=repository.url or "",
            branch=repository.branch or _DEFAULT_BRANCH,
            source_control_auth_properties=AuthInfo(token=repository.token or "", token_type=_PAT, scope="repo"),
        ),
    )


def _new_base_image_trigger(options: TriggerOptions, name: str) -> BaseImageTrigger | None:
    from azure.mgmt.containerregistrytasks.models import BaseImageTrigger

    if options.base_image_trigger_enabled is False:
        settings = {"base_image_trigger_name": name, **{each: getattr(options, each) for each in _OF_BASE_IMAGES}}
        typed = [option_name(parameter) for parameter, value in settings.items() if is_typed(value)]
        if typed:
            raise UsageError(
                f"{listed(typed)} cannot be used with --base-image-trigger-enabled false: there is no such trigger."
            )
        return None
    return BaseImageTrigger(
        base_image_trigger_type=options.base_image_trigger_type or "Runtime",
        status=_ENABLED,
        name=name,
        update_trigger_endpoint=options.update_trigger_endpoint,
        update_trigger_payload_type=options.update_trigger_payload_type,
    )


def assumed_branch(triggers: TriggerProperties | TriggerUpdateParameters, context: str | None) -> str | None:
    """What to say of new triggers, if they are for a branch that nobody named; None if there is nothing to say."""
    if SourceRepository(context, None).branch or not triggers.source_triggers:
        return None
    return (
        f"The task's source names no branch: it is commits to '{_DEFAULT_BRANCH}' that start the task. For another one,"
        " give the source as URL#BRANCH."
    )


def changed_triggers(
    existing: TriggerProperties | None,
    options: TriggerOptions,
    repository: SourceRepository,
    *,
    before: str | None,
    moved: bool,
) -> TriggerUpdateParameters:
    """The change of a task's triggers, whose source was `before`, and is `repository` from now on.

    `moved`: the user named a context. Raises UsageError.
    """
    from azure.mgmt.containerregistrytasks.models import TriggerUpdateParameters

    sources = (existing.source_triggers if existing else None) or []
    base_image = existing.base_image_trigger if existing else None
    _refuse_events_of_nobody(options, repository)
    if base_image is None and not options.base_image_trigger_enabled:
        _refuse_settings_of_no_base_image_trigger(options)
    # Of several, some may be for another repository than the task's source.
    others = [] if len(sources) == 1 else [each for each in sources if not _is_for(each, before)]
    changed = [
        _with_other_events(source, options)
        if source in others
        else _changed_source_trigger(source, options, repository, moved=moved)
        for source in sources
    ]
    if not sources and (options.commit_trigger_enabled or options.pull_request_trigger_enabled):
        changed = [_added_source_trigger(options, repository)]
    return TriggerUpdateParameters(
        source_triggers=changed or None,
        base_image_trigger=_changed_base_image_trigger(base_image, options)
        if options.base_image_trigger_enabled or base_image
        else None,
    )


def _refuse_settings_of_no_base_image_trigger(options: TriggerOptions) -> None:
    asked = asked_for(options, _OF_BASE_IMAGES)
    if asked:
        raise UsageError(
            f"{listed(asked)} cannot be used here: the task has no trigger on base images.",
            "Add one with: --base-image-trigger-enabled true",
        )


def _added_source_trigger(options: TriggerOptions, repository: SourceRepository) -> SourceTriggerUpdateParameters:
    if not repository.token:
        raise UsageError("--git-access-token is missing: the service needs it to hear of commits and pull requests.")
    events = _changed_events(None, options)
    return _source_trigger_update(SOURCE_TRIGGER, events, repository, repository.branch or _DEFAULT_BRANCH)


def _is_for(source: SourceTrigger, context: str | None) -> bool:
    """Whether a trigger is for the repository of a context, on whichever branch."""
    repository = source.source_repository
    url = (repository.repository_url if repository else None) or ""
    return url.partition("#")[0].lower() == (context or "").partition("#")[0].lower()


def _with_other_events(source: SourceTrigger, options: TriggerOptions) -> SourceTriggerUpdateParameters:
    from azure.mgmt.containerregistrytasks.models import SourceTriggerUpdateParameters

    events = _changed_events(source, options)
    return SourceTriggerUpdateParameters(
        name=source.name, status=_ENABLED if events else _DISABLED, source_trigger_events=events
    )


def _changed_source_trigger(
    source: SourceTrigger, options: TriggerOptions, repository: SourceRepository, *, moved: bool
) -> SourceTriggerUpdateParameters:
    old = source.source_repository
    branch = (repository.branch if moved else None) or (old.branch if old else None)
    return _source_trigger_update(source.name, _changed_events(source, options), repository, branch)


def _source_trigger_update(
    name: str, events: list[str], repository: SourceRepository, branch: str | None
) -> SourceTriggerUpdateParameters:
    from azure.mgmt.containerregistrytasks.models import (
        AuthInfoUpdateParameters,
        SourceTriggerUpdateParameters,
        SourceUpdateParameters,
    )

    return SourceTriggerUpdateParameters(
        name=name,
        status=_ENABLED if events else _DISABLED,
        source_trigger_events=events,
        source_repository=SourceUpdateParameters(
            source_control_type=repository.control_type if repository.url else None,
            repository_url=repository.url,
            branch=branch,
            source_control_auth_properties=AuthInfoUpdateParameters(token=repository.token, token_type=_PAT),
        ),
    )


def _changed_events(source: SourceTrigger | None, options: TriggerOptions) -> list[str]:
    """The events of a source trigger, with those added and taken away that the user named; a disabled one has none."""
    events = set()
    if source is not None and source.status != _DISABLED:
        events = {str(getattr(event, "value", event)) for event in source.source_trigger_events or ()}
    named = ((_COMMIT, options.commit_trigger_enabled), (_PULL_REQUEST, options.pull_request_trigger_enabled))
    for event, is_wanted in named:
        if is_wanted:
            events.add(event)
        elif is_wanted is not None:
            events.discard(event)
    return sorted(events)


def _changed_base_image_trigger(
    base_image: BaseImageTrigger | None, options: TriggerOptions
) -> BaseImageTriggerUpdateParameters:
    from azure.mgmt.containerregistrytasks.models import BaseImageTriggerUpdateParameters

    enabled = options.base_image_trigger_enabled
    return BaseImageTriggerUpdateParameters(
        base_image_trigger_type=options.base_image_trigger_type,
        status=None if enabled is None else _ENABLED if enabled else _DISABLED,
        name=base_image.name if base_image else BASE_IMAGE_TRIGGER,
        update_trigger_endpoint=options.update_trigger_endpoint,
        update_trigger_payload_type=options.update_trigger_payload_type,
    )
