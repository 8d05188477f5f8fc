"""`az acr task run`: start a task now, on its agent pool or on another one, and follow the run."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ...client.errors import BadRequestError
from ...client.registries import RegistryId
from ...client.tasks import task_id
from ...wording import az_command
from ..command import command
from ..console.errors import explain
from ..console.narrator import Narrator
from ..runs.built_steps import built_in_steps
from ..runs.context import LocalContext
from ..runs.definition import decoded, is_null_context, is_task_file
from ..runs.follow import queue_and_follow
from ..runs.metadata import claim_metadata_file
from ..runs.named_files import file_below, is_below
from ..runs.options import FollowOptions
from ..runs.preparation import prepare_run
from ..runs.queue import RunOrder, Submission
from ..runs.request import SourceRegistryAuth, abac_refusal
from ..runs.run_files import RunFiles, task_context
from ..runs.source import ArchiveSource, LocalSource, parse_source
from ..session import Session
from .identities import SYSTEM
from .options import TaskOptions
from .step_kinds import require_usable_in_run

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import OverrideTaskStepProperties, Run, Task

__all__ = ["TaskRunOptions", "overrides", "run_task"]


@dataclass(frozen=True, kw_only=True)
class TaskRunOptions(TaskOptions, FollowOptions):
    """The options of `az acr task run`, under the names that az's own gives them.

    `arg`, `secret_arg`, `set_value` and `set_secret` come as the request's objects.
    """

    agent_pool_name: str | None = None
    set_value: list[Mapping[str, Any]] | None = None
    set_secret: list[Mapping[str, Any]] | None = None
    file: str | None = None
    context_path: str | None = None
    arg: list[Mapping[str, Any]] | None = None
    secret_arg: list[Mapping[str, Any]] | None = None
    target: str | None = None
    update_trigger_token: str | None = None
    log_template: str | None = None


@command(TaskRunOptions)
def run_task(session: Session, options: TaskRunOptions) -> Run | None:
    """Queue a run of a task and follow it: the log goes to stdout, the exit code is the run's.

    Returns the queued run with `no_wait`, the finished one unless the log is on stdout, nothing otherwise.
    """
    from azure.mgmt.containerregistrytasks.models import TaskRunRequest

    options.require_values()
    claim_metadata_file(options)
    has_source = options.context_path and not is_null_context(options.context_path)
    source = parse_source(options.context_path or "") if has_source else None
    registry = session.find_managed_registry(options, "tasks")
    task = session.tasks(registry).get(options.task_name)
    require_usable_in_run(options, task.step, registry.name, options.task_name)
    if registry.uses_abac:
        _warn_of_no_access(session.narrator, registry.name, task)
    pool = options.agent_pool_name or task.agent_pool_name
    options.require_sound(pool)
    submission = Submission.begin(session, registry, pool, options)
    prepared = prepare_run(submission, source, partial(_prepare_context, options, task, session))
    if options.is_annotated:
        submission = replace(submission, dockerfiles=built_in_steps(prepared.context))
    other_pool = pool if (pool or "").lower() != (task.agent_pool_name or "").lower() else None

    def order() -> RunOrder:
        override = overrides(options)
        override.context_path = prepared.location
        override.file = prepared.dockerfile_path or options.file
        mark = "" if override.update_trigger_token or _notifies(task) else _new_mark()
        override.update_trigger_token = override.update_trigger_token or mark or None
        request = TaskRunRequest(
            task_id=task_id(registry, options.task_name),
            override_task_step_properties=override,
            agent_pool_name=other_pool,
            log_template=options.log_template,
        )
        return RunOrder(request, mark)

    with _refusal_explained(registry, options.task_name, other_pool):
        return queue_and_follow(submission, order, prepared.pool)


@contextmanager
def _refusal_explained(registry: RegistryId, task: str, other_pool: str | None) -> Iterator[None]:
    """Say what to type if the service refuses that a run goes to another pool than its task's.

    It has been reported to: "You cannot set the agent pool name in the task run request. Please set the name on the
    task" (Azure/acr#694).
    """
    try:
        yield
    except BadRequestError as error:
        if other_pool is None or "agent pool" not in error.message.lower():
            raise
        move = az_command("acr task update", "-r", registry.name, "-n", task, "--agent-pool", other_pool)
        raise explain(error, [f"Move the task there, with all its runs to come: {move}"]) from error


def _warn_of_no_access(narrator: Narrator, registry: str, task: Task) -> None:
    """Tell of a task without permissions in a registry that grants them by repository."""
    if SourceRegistryAuth.of(task.credentials).grants_nothing(uses_abac=True):
        name = str(task.name)
        lend = az_command("acr task update", "-r", registry, "-n", name, "--source-acr-auth-id", SYSTEM)
        refusal = abac_refusal(registry, f"task '{name}'")
        narrator.say(f"{refusal}: it can neither pull nor push there. Let it use its identity's with: {lend}")


def _notifies(task: Task) -> bool:
    """Whether the token of a run is told to somebody: the endpoint that hears of updates of its base image."""
    base_image = task.trigger.base_image_trigger if task.trigger else None
    return bool(base_image and base_image.update_trigger_endpoint)


def _new_mark() -> str:
    """A token that no other run has, in base64: the service keeps it of a run, which so is known to be ours."""
    return b64encode(f"acrpool-{uuid4().hex}".encode()).decode()


def overrides(options: TaskRunOptions) -> OverrideTaskStepProperties:
    """What this run does otherwise than its task says, but for the source."""
    from azure.mgmt.containerregistrytasks.models import Argument, OverrideTaskStepProperties, SetValue

    token = options.update_trigger_token
    return OverrideTaskStepProperties(
        arguments=[Argument(item) for item in (*(options.arg or ()), *(options.secret_arg or ()))],
        values_property=[SetValue(item) for item in (*(options.set_value or ()), *(options.set_secret or ()))],
        target=options.target,
        update_trigger_token=b64encode(token.encode()).decode() if token else None,
    )


def _prepare_context(
    options: TaskRunOptions, task: Task, session: Session, source: LocalSource | ArchiveSource
) -> LocalContext:
    """The source with the file that the run starts from: the one the user names, or else the task's if it is there."""
    if isinstance(source, ArchiveSource):
        return LocalContext.prepare_archive(
            source, None, session, required={options.file: "--file"} if options.file else {}
        )
    folder = source.folder
    step = task.step or {}
    own = step.get("dockerFilePath") or step.get("taskFilePath")
    file = options.file or (own if own and is_below(folder, str(own)) else None)
    set_values = [*(options.set_value or ()), *(options.set_secret or ())]
    if file is None:
        text = decoded(step.get("encodedTaskContent"))
        return task_context(folder, RunFiles(task_text=text), set_values, session)
    below = file_below(folder, file)
    if is_task_file(file):
        return task_context(folder, RunFiles(task=below), set_values, session)
    return LocalContext.prepare(folder, str(folder / below), session)
