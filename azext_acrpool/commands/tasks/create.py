"""`az acr task create`: what runs, where, and what starts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from knack.validators import DefaultInt, DefaultStr

from ...client.arm import ArmClient
from ...client.registries import Registry
from ...context.source import current_folder
from ..command import command
from ..console.errors import UsageError
from ..console.narrator import Narrator
from ..runs.definition import is_null_context
from ..runs.images import tell_of_other_registries
from ..runs.request import SourceRegistryAuth, docker_platform, parse_platform
from ..session import Session
from .changes import doubt_told
from .dockerfiles import task_doubts
from .identities import (
    added_identity,
    assigned_identities,
    login_identity,
    require_identities,
    require_login_identity,
    wants_identity,
)
from .options import TaskOptions
from .pool import check_pool, refuse_cpu_on_pool, require_pool
from .schedules import announce_schedules, read_schedules
from .steps import StepOptions, check_context, new_step
from .system_task import QUICK_TASK, refuse_all_but_state
from .triggers import (
    BASE_IMAGE_TRIGGER,
    SOURCE_TRIGGER,
    SourceRepository,
    TriggerNames,
    TriggerOptions,
    assumed_branch,
    new_triggers,
)

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Credentials, IdentityProperties, Task, TaskProperties

__all__ = ["TaskCreateOptions", "create_task"]

_DEFAULT_CPU: Final = 2
_DEFAULT_TIMEOUT: Final = 3600


@dataclass(frozen=True, kw_only=True)
class TaskCreateOptions(TaskOptions, StepOptions, TriggerOptions):
    """The options of `az acr task create`, under the names that az's own gives them.

    Defaults are marked as such, but for flags, which are None unless the user typed them.
    """

    agent_pool_name: str | None = None
    status: str = "Enabled"
    platform: str | None = None
    cpu: int = DefaultInt(_DEFAULT_CPU)
    timeout: int | None = _DEFAULT_TIMEOUT
    no_push: bool | None = False
    no_cache: bool | None = False
    source_trigger_name: str = DefaultStr(SOURCE_TRIGGER)
    pull_request_trigger_enabled: bool | None = False
    schedule: list[str] | None = None
    base_image_trigger_name: str = DefaultStr(BASE_IMAGE_TRIGGER)
    base_image_trigger_type: str | None = DefaultStr("Runtime")
    update_trigger_payload_type: str | None = DefaultStr("Default")
    assign_identity: list[str] | None = None
    auth_mode: str | None = None
    log_template: str | None = None
    is_system_task: bool = False
    source_acr_auth_id: str | None = None

    @property
    def is_quick_task(self) -> bool:
        """Whether this is the system task that stands for all quick runs; it has no step of its own."""
        return self.is_system_task and self.task_name == QUICK_TASK


@command(TaskCreateOptions)
def create_task(session: Session, options: TaskCreateOptions) -> Task:
    """Create a task, or replace the one of that name."""
    from azure.mgmt.containerregistrytasks.models import Task

    typed = session.place_registry(options.registry_name, options.resource_group_name)
    if options.is_quick_task:
        refuse_all_but_state(options, f"the system task '{QUICK_TASK}'")
    refuse_cpu_on_pool(options.cpu, options.agent_pool_name, typed, options.task_name)
    require_login_identity(options.source_acr_auth_id)
    require_identities(options.assign_identity or ())
    check_context(options.context_path, session.narrator.say)
    properties = _quick_task(options) if options.is_quick_task else _own_task(options, session.streams.stdin)
    announce_schedules(read_schedules(options.schedule or ()), session.clock, session.narrator)
    registry = session.find_managed_registry(options, "tasks")
    identity = None
    if not options.is_quick_task:
        properties.credentials = _credentials(session.arm, options, registry)
        identity = _identities(options)
        _warn(options, registry, session.narrator)
        remark = assumed_branch(properties.trigger, options.context_path) if properties.trigger else None
        if remark:
            session.narrator.say(remark)
        for doubt in _doubts(options, properties):
            session.narrator.warn(doubt)
        check_pool(session, registry, properties.agent_pool_name)
    tasks = session.tasks(registry)
    task = Task(location=registry.location, identity=identity, properties=properties)
    with doubt_told(registry, options.task_name):
        created = tasks.create(options.task_name, task)
        return require_pool(created, properties.agent_pool_name, registry.name, tasks)


def _quick_task(options: TaskCreateOptions) -> TaskProperties:
    """az's own sends only this for the system task, whatever else is given."""
    from azure.mgmt.containerregistrytasks.models import TaskProperties

    return TaskProperties(
        status=options.status,
        timeout=options.timeout,
        log_template=options.log_template,
        is_system_task=options.is_system_task,
    )


def _own_task(options: TaskCreateOptions, stdin: BinaryIO | None) -> TaskProperties:
    """The task but for its credentials, which take the registry to know. Raises UsageError."""
    from azure.mgmt.containerregistrytasks.models import AgentProperties, TaskProperties

    if not options.context_path:
        raise UsageError("--context is missing: the task's source; /dev/null for a command (--cmd) that needs none.")
    pool = options.agent_pool_name or None
    context = None if is_null_context(options.context_path) else options.context_path
    return TaskProperties(
        step=new_step(options, stdin),
        platform=parse_platform(options.platform),
        status=options.status,
        timeout=options.timeout,
        # A pool's tier sets the number of CPUs; the service refuses both.
        agent_configuration=None if pool else AgentProperties(cpu=int(options.cpu)),
        trigger=new_triggers(
            options,
            SourceRepository(context, options.git_access_token),
            read_schedules(options.schedule or ()),
            TriggerNames(options.source_trigger_name, options.base_image_trigger_name),
        ),
        agent_pool_name=pool,
        log_template=options.log_template,
        is_system_task=options.is_system_task,
    )


def _credentials(arm: ArmClient, options: TaskCreateOptions, registry: Registry) -> Credentials:
    identity = login_identity(arm, options.source_acr_auth_id)
    return SourceRegistryAuth(options.auth_mode, identity).credentials(uses_abac=registry.uses_abac)


def _identities(options: TaskCreateOptions) -> IdentityProperties | None:
    assigned = None if options.assign_identity is None else assigned_identities(options.assign_identity)
    if options.source_acr_auth_id and wants_identity(options.source_acr_auth_id):
        return added_identity(assigned, options.source_acr_auth_id) or assigned
    return assigned


def _doubts(options: TaskCreateOptions, properties: TaskProperties) -> Iterator[str]:
    """What the task's builds may fail for, if its files are those that are here."""
    if properties.step:
        platform = docker_platform(parse_platform(options.platform))
        yield from task_doubts(properties.step, platform, current_folder())


def _warn(options: TaskCreateOptions, registry: Registry, narrator: Narrator) -> None:
    abac = registry.uses_abac
    warning = SourceRegistryAuth(options.auth_mode, options.source_acr_auth_id).warning(uses_abac=abac)
    if warning:
        narrator.say(warning)
    tell_of_other_registries(options.image_names or (), registry, narrator)
    if wants_identity(options.source_acr_auth_id):
        narrator.say(
            f"The task logs in to registry '{registry.name}' as {options.source_acr_auth_id}, which needs a role on it "
            "that allows what the task does."
        )
    elif abac:
        narrator.say(
            f"Registry '{registry.name}' has per-repository permissions (ABAC), of which the task has none: it can "
            "neither pull nor push there. Name an identity that can with --source-acr-auth-id."
        )
