"""``az acr task run``: start a task now, on its agent pool or on another one, and follow the run."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...client.pools import AgentPools
from ...client.registries import find_registry
from ...client.runs import Runs
from ...client.tasks import Tasks, task_id
from ...clock import SystemClock
from ..console.errors import reports_errors
from ..console.interrupts import Interrupts
from ..console.narrator import Narrator, narrator_for
from ..registry_rules import require_managed
from ..runs.context import LocalContext
from ..runs.definition import is_null_context, is_task_file
from ..runs.options import FollowOptions
from ..runs.pool import PoolCheck
from ..runs.provided_source import provide_source, read_source
from ..runs.queue import RunQueue
from ..runs.queue_and_follow import queue_and_follow
from ..runs.request import takes_options
from ..runs.run import file_below
from ..session import arm_client

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import OverrideTaskStepProperties, Run, Task

__all__ = ["TaskRunOptions", "overrides", "run_task"]


@dataclass(frozen=True, kw_only=True)
class TaskRunOptions(FollowOptions):
    """The options of ``az acr task run``, under the names that az's own gives them.

    ``arg``, ``secret_arg``, ``set_value`` and ``set_secret`` come as the request's objects.
    """

    task_name: str
    registry_name: str
    resource_group_name: str | None = None
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


@reports_errors
@takes_options(TaskRunOptions)
def run_task(cmd: Any, options: TaskRunOptions) -> "Run | None":
    """Queue a run of a task and follow it: the log goes to stdout, the exit code is the run's.

    Returns the queued run with ``no_wait``, the finished one unless the log is on stdout, nothing otherwise.
    """
    from azure.mgmt.containerregistrytasks.models import TaskRunRequest

    narrator, clock = narrator_for(cmd.cli_ctx), SystemClock()
    has_source = options.context_path and not is_null_context(options.context_path)
    source = read_source(options.context_path or "") if has_source else None
    with Interrupts() as interrupts:
        arm = arm_client(cmd.cli_ctx)
        registry = find_registry(arm, options.registry_name, options.resource_group_name)
        require_managed(registry, "tasks")
        task = Tasks(arm, registry, clock).get(options.task_name)
        runs = Runs(arm, registry, clock)
        pool = options.agent_pool_name or task.agent_pool_name
        options.require_sound(pool)
        check = PoolCheck.for_run(AgentPools(arm), registry, pool, narrator, options)
        provided = provide_source(source, partial(_prepare_context, options, task, narrator), check, runs)
        override = overrides(options)
        override.context_path = provided.location
        override.file = provided.dockerfile_path or options.file
        request = TaskRunRequest(
            task_id=task_id(registry, options.task_name),
            override_task_step_properties=override,
            agent_pool_name=options.agent_pool_name or None,
            log_template=options.log_template,
        )
        queue = RunQueue(runs, registry.name, str(provided.pool or ""), narrator, clock, check.target)
        return queue_and_follow(request, queue, options, interrupts)


def overrides(options: TaskRunOptions) -> "OverrideTaskStepProperties":
    """What this run does otherwise than its task says, but for the source."""
    from azure.mgmt.containerregistrytasks.models import Argument, OverrideTaskStepProperties, SetValue

    token = options.update_trigger_token
    return OverrideTaskStepProperties(
        arguments=[Argument(item) for item in (*(options.arg or ()), *(options.secret_arg or ()))],
        values_property=[SetValue(item) for item in (*(options.set_value or ()), *(options.set_secret or ()))],
        target=options.target,
        update_trigger_token=b64encode(token.encode()).decode() if token else None,
    )


def _prepare_context(options: TaskRunOptions, task: "Task", narrator: Narrator, folder: Path) -> LocalContext:
    """The folder with the file that the run starts from: the one the user names, or else the task's if it is there."""
    own = task.step.get("dockerFilePath") or task.step.get("taskFilePath") if task.step else None
    file = options.file or (own if own and (folder / str(own)).is_file() else None)
    if file is None:
        return LocalContext.prepare_without_dockerfile(folder, narrator, ())
    below = file_below(folder, file)
    if is_task_file(file):
        return LocalContext.prepare_without_dockerfile(folder, narrator, (below,))
    return LocalContext.prepare(folder, str(folder / below), narrator)
