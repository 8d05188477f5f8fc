"""`az acr task update`: change what is named, keep the rest, the agent pool above all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from ...client.arm import ArmClient
from ...client.registries import Registry
from ...client.tasks import Tasks
from ...context.source import current_folder
from ..command import command
from ..console.narrator import Narrator
from ..runs.images import tell_of_other_registries
from ..runs.request import SourceRegistryAuth, docker_platform, parse_platform
from ..session import Session
from .changes import doubt_told
from .dockerfiles import changed_task_doubts
from .identities import added_identity, login_identity, require_login_identity, wants_identity
from .options import TaskOptions
from .pool import check_pool, refuse_cpu_on_pool, require_pool, update_keeping_pool
from .step_kinds import asked_for
from .steps import StepOptions, changed_step, check_context, effective_context, effective_token
from .system_task import QUICK_TASK, refuse_all_but_state
from .triggers import SourceRepository, TriggerOptions, assumed_branch, changed_triggers

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import (
        Credentials,
        PlatformUpdateParameters,
        Task,
        TaskPropertiesUpdateParameters,
        TaskStepProperties,
    )

__all__ = ["TaskUpdateOptions", "update_task"]

_ABOUT_BUILDS: Final = (
    "context_path", "file", "values", "arg", "secret_arg", "set_value", "set_secret", "target", "platform"
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TaskUpdateOptions(TaskOptions, StepOptions, TriggerOptions):
    """The options of `az acr task update`, under the names that az's own gives them; None: not given."""

    agent_pool_name: str | None = None
    status: str | None = None
    platform: str | None = None
    cpu: int | None = None
    auth_mode: str | None = None
    log_template: str | None = None
    source_acr_auth_id: str | None = None


@command(TaskUpdateOptions)
def update_task(session: Session, options: TaskUpdateOptions) -> Task:
    """Change a task."""
    typed = session.place_registry(options.registry_name, options.resource_group_name)
    refuse_cpu_on_pool(options.cpu, options.agent_pool_name, typed, options.task_name)
    require_login_identity(options.source_acr_auth_id)
    check_context(options.context_path, session.narrator.say)
    registry = session.find_managed_registry(options, "tasks")
    tasks = session.tasks(registry)
    task = tasks.details(options.task_name)
    named = options.agent_pool_name is not None
    pool = (options.agent_pool_name if named else task.agent_pool_name) or None
    refuse_cpu_on_pool(options.cpu, pool, registry.name, options.task_name)
    is_quick_task = bool(task.is_system_task) and options.task_name == QUICK_TASK
    if is_quick_task or task.step is None:
        refuse_all_but_state(options, f"task '{options.task_name}'")
        changes = _quick_changes(options)
    else:
        changes = _changes(options, task, task.step, session.streams.stdin)
        changes.credentials = _credentials(session.arm, options, registry)
        _warn(options, registry, task, changes, session.narrator)
        for doubt in _doubts(options, task, changes):
            session.narrator.warn(doubt)
    if named:
        check_pool(session, registry, pool)
    with doubt_told(registry, options.task_name):
        if not is_quick_task:
            _assign_identity(tasks, options, task)
        changed = update_keeping_pool(tasks, options.task_name, changes, pool, named=named)
        return require_pool(changed, pool, registry.name, tasks)


def _warn(
    options: TaskUpdateOptions,
    registry: Registry,
    task: Task,
    changes: TaskPropertiesUpdateParameters,
    narrator: Narrator,
) -> None:
    warning = SourceRegistryAuth(options.auth_mode, None).warning(uses_abac=registry.uses_abac)
    if warning:
        narrator.say(warning)
    others = (task.credentials.custom_registries if task.credentials else None) or ()
    tell_of_other_registries(options.image_names or (), registry, narrator, others)
    is_new = not (task.trigger and task.trigger.source_triggers)
    context = options.context_path or (task.step.context_path if task.step else None)
    remark = assumed_branch(changes.trigger, context) if is_new and changes.trigger else None
    if remark:
        narrator.say(remark)


def _doubts(options: TaskUpdateOptions, task: Task, changes: TaskPropertiesUpdateParameters) -> Iterator[str]:
    """What the task's builds may fail for, if its files are those that are here, and what is built was changed."""
    if task.step and changes.step and asked_for(options, _ABOUT_BUILDS):
        platform = parse_platform(options.platform) if options.platform else task.platform
        name = docker_platform(platform or parse_platform(None))
        yield from changed_task_doubts(task.step, changes.step, name, current_folder())


def _quick_changes(options: TaskUpdateOptions) -> TaskPropertiesUpdateParameters:
    from azure.mgmt.containerregistrytasks.models import TaskPropertiesUpdateParameters

    return TaskPropertiesUpdateParameters(
        status=options.status, timeout=options.timeout, log_template=options.log_template
    )


def _changes(
    options: TaskUpdateOptions, task: Task, step: TaskStepProperties, stdin: BinaryIO | None
) -> TaskPropertiesUpdateParameters:
    """What changes but for credentials and agent pool. Raises UsageError."""
    from azure.mgmt.containerregistrytasks.models import AgentProperties, TaskPropertiesUpdateParameters

    repository = SourceRepository(effective_context(options, step), effective_token(options, step))
    return TaskPropertiesUpdateParameters(
        status=options.status,
        platform=_platform(options.platform),
        agent_configuration=AgentProperties(cpu=options.cpu),
        timeout=options.timeout,
        step=changed_step(step, options, stdin, options.task_name),
        trigger=changed_triggers(
            task.trigger, options, repository, before=step.context_path, moved=options.context_path is not None
        ),
        log_template=options.log_template,
    )


def _platform(text: str | None) -> PlatformUpdateParameters:
    from azure.mgmt.containerregistrytasks.models import PlatformUpdateParameters

    if not text:
        return PlatformUpdateParameters()
    platform = parse_platform(text)
    return PlatformUpdateParameters(os=platform.os, architecture=platform.architecture, variant=platform.variant)


def _credentials(arm: ArmClient, options: TaskUpdateOptions, registry: Registry) -> Credentials:
    identity = login_identity(arm, options.source_acr_auth_id)
    return SourceRegistryAuth(options.auth_mode, identity).credentials(uses_abac=registry.uses_abac)


def _assign_identity(tasks: Tasks, options: TaskUpdateOptions, task: Task) -> None:
    """Give the task the identity that it shall log in with, if it has not got it; before it is told to use it."""
    from azure.mgmt.containerregistrytasks.models import TaskPropertiesUpdateParameters, TaskUpdateParameters

    if not options.source_acr_auth_id or not wants_identity(options.source_acr_auth_id):
        return
    identity = added_identity(task.identity, options.source_acr_auth_id)
    if identity is None:
        return
    changes = TaskUpdateParameters(identity=identity)
    if task.agent_pool_name:
        changes.properties = TaskPropertiesUpdateParameters(agent_pool_name=task.agent_pool_name)
    tasks.update(options.task_name, changes)
