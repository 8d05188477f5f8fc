"""What starts a task by itself: commits and pull requests, timers, new base images."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..console.errors import UsageError
from ..runs.definition import is_null_context
from .schedules import Schedule

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


def _wants_source_trigger(options: TriggerOptions, context: str | None) -> bool:
    """Whether a new task starts on commits or pull requests; nothing that is no Git repository has any."""
    if context is None or is_null_context(context) or context.lower().startswith("oci://"):
        return False
    return bool(options.commit_trigger_enabled or options.pull_request_trigger_enabled)


def new_triggers(
    options: TriggerOptions,
    repository: SourceRepository,
    schedules: Sequence[Schedule],
    names: TriggerNames,
) -> TriggerProperties:
    """The triggers of a new task. Raises UsageError."""
    from azure.mgmt.containerregistrytasks.models import TimerTrigger, TriggerProperties

    source_triggers = []
    if _wants_source_trigger(options, repository.url):
        if not repository.token:
            raise UsageError(
                "--git-access-token is missing: the service needs it to hear of commits and pull requests. To do "
                "without such triggers, give --commit-trigger-enabled false."
            )
        source_triggers.append(_new_source_trigger(options, repository, names.source))
    timers = [TimerTrigger(name=timer.name, status=_ENABLED, schedule=timer.expression) for timer in schedules]
    return TriggerProperties(
        source_triggers=source_triggers or None,
        timer_triggers=timers or None,
        base_image_trigger=_new_base_image_trigger(options, names.base_image),
    )


def _new_source_trigger(options: TriggerOptions, repository: SourceRepository, name: str) -> SourceTrigger:
    from azure.mgmt.containerregistrytasks.models import AuthInfo, SourceProperties, SourceTrigger

    wanted = ((_COMMIT, options.commit_trigger_enabled), (_PULL_REQUEST, options.pull_request_trigger_enabled))
    return SourceTrigger(
        name=name,
        status=_ENABLED,
        source_trigger_events=[event for event, is_wanted in wanted if is_wanted],
        source_repository=SourceProperties(
            source_control_type=repository.control_type,
            repository_url=repository.url or "",
            branch=repository.branch or _DEFAULT_BRANCH,
            source_control_auth_properties=AuthInfo(token=repository.token or "", token_type=_PAT, scope="repo"),
        ),
    )


def _new_base_image_trigger(options: TriggerOptions, name: str) -> BaseImageTrigger | None:
    from azure.mgmt.containerregistrytasks.models import BaseImageTrigger

    if not options.base_image_trigger_enabled:
        return None
    return BaseImageTrigger(
        base_image_trigger_type=options.base_image_trigger_type or "Runtime",
        status=_ENABLED,
        name=name,
        update_trigger_endpoint=options.update_trigger_endpoint,
        update_trigger_payload_type=options.update_trigger_payload_type,
    )


def changed_triggers(
    existing: TriggerProperties | None, options: TriggerOptions, repository: SourceRepository, *, moved: bool
) -> TriggerUpdateParameters:
    """The change of a task's triggers. `moved`: the user named a context. Raises UsageError."""
    from azure.mgmt.containerregistrytasks.models import TriggerUpdateParameters

    source = existing.source_triggers[0] if existing and existing.source_triggers else None
    base_image = existing.base_image_trigger if existing else None
    enables = options.commit_trigger_enabled or options.pull_request_trigger_enabled
    return TriggerUpdateParameters(
        source_triggers=[_changed_source_trigger(source, options, repository, moved=moved)]
        if enables or source
        else None,
        base_image_trigger=_changed_base_image_trigger(base_image, options)
        if options.base_image_trigger_enabled or base_image
        else None,
    )


def _changed_source_trigger(
    source: SourceTrigger | None, options: TriggerOptions, repository: SourceRepository, *, moved: bool
) -> SourceTriggerUpdateParameters:
    from azure.mgmt.containerregistrytasks.models import (
        AuthInfoUpdateParameters,
        SourceTriggerUpdateParameters,
        SourceUpdateParameters,
    )

    if source is None and not repository.token:
        raise UsageError("--git-access-token is missing: the service needs it to hear of commits and pull requests.")
    events = _changed_events(source, options)
    old_branch = source.source_repository.branch if source else _DEFAULT_BRANCH
    return SourceTriggerUpdateParameters(
        name=source.name if source else SOURCE_TRIGGER,
        status=_ENABLED if events else _DISABLED,
        source_trigger_events=events,
        source_repository=SourceUpdateParameters(
            source_control_type=repository.control_type if repository.url else None,
            repository_url=repository.url,
            branch=(repository.branch if moved else None) or old_branch,
            source_control_auth_properties=AuthInfoUpdateParameters(token=repository.token, token_type=_PAT),
        ),
    )


def _changed_events(source: SourceTrigger | None, options: TriggerOptions) -> list[str]:
    """The events of a source trigger, with those added and taken away that the user named; a disabled one has none."""
    events = set()
    if source is not None and source.status != _DISABLED:
        events = {str(getattr(event, "value", event)) for event in source.source_trigger_events}
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
