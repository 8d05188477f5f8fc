"""What acb fills in where a task file says nothing (graph/task.go)."""

from __future__ import annotations

from dataclasses import replace

from ...golang.quoting import quote
from ..build_line import parse_build_line
from ..errors import AcbError
from ..references import distinct_images
from .cache import with_cache
from .document import read_task
from .graph import order_of
from .model import Network, Step, Task, TaskOptions

__all__ = ["complete_task", "plan_task"]

CURRENT_VERSION = "v1.0.0"
VERSIONS = ("1.0-preview-1", "v1.0.0", "v1.1.0")
DEFAULT_NETWORK = "acb_default_network"
DEFAULT_NAME = "quickrun"
STEP_TIMEOUT = 600
RETRY_DELAY = 5


def plan_task(text: str, options: TaskOptions) -> Task:
    """The task of a rendered file, ready to run. Raises AcbError with the text that `acb exec` ends with."""
    try:
        return complete_task(_read(text), options)
    except AcbError as error:
        raise error.within("failed to unmarshal task before running") from error


def complete_task(task: Task, options: TaskOptions) -> Task:
    """A task with all that it does not say itself. Raises AcbError, also for steps that cannot be put in order."""
    environment = _merged(task.environment, options.environment)
    networks = _with_given_network(task.networks, options.network)
    version = task.version or CURRENT_VERSION
    if version.lower() not in VERSIONS:
        raise AcbError(f'invalid version specified: {quote(version)}, the current version is "{CURRENT_VERSION}"')
    if not networks and not task.is_quick_build:
        networks = (Network(DEFAULT_NETWORK, driver="bridge", is_default=True),)
    completed = replace(
        task,
        environment=environment,
        networks=networks,
        version=version,
        name=options.task_name or DEFAULT_NAME,
        working_directory=task.working_directory or options.working_directory,
        step_timeout=task.step_timeout if task.step_timeout > 0 else STEP_TIMEOUT,
    )
    steps = [_with_defaults(step, index, completed) for index, step in enumerate(task.steps)]
    completed = with_cache(replace(completed, steps=tuple(steps)), options.registry)
    order_of(completed.steps)
    return completed


def _read(text: str) -> Task:
    try:
        return read_task(text)
    except AcbError as error:
        raise error.within("failed to deserialize task and validate") from error


def _with_given_network(networks: tuple[Network, ...], name: str) -> tuple[Network, ...]:
    """The networks with the one that acb is told to use: it is there already."""
    return (*networks, Network(name, driver="external", is_external=True, is_default=True)) if name else networks


def _with_defaults(step: Step, index: int, task: Task) -> Step:
    """A step with what the task says for all of its steps. The last default network is theirs."""
    default_network = next((network.name for network in reversed(task.networks) if network.is_default), "")
    try:
        environment = _merged(step.environment, task.environment)
    except AcbError as error:
        raise error.within("failed to merge task and step environment variables") from error
    completed = replace(
        step,
        id=step.id or f"acb_step_{index}",
        timeout=step.timeout if step.timeout > 0 else task.step_timeout,
        retry_delay=step.retry_delay if step.retry_delay > 0 else RETRY_DELAY,
        network=step.network or default_network,
        environment=environment,
        working_directory=step.working_directory or task.working_directory,
    )
    if step.build:
        line = parse_build_line(step.build)
        return replace(completed, tags=step.tags or line.tags, build_arguments=line.build_arguments)
    return replace(completed, push=tuple(distinct_images(step.push)))


def _merged(own: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Entries `NAME=value`, and those others whose name they do not have. Raises AcbError for an entry without `=`.

    The others are split at commas, values or not; without any, the own entries are not looked at.
    """
    if not others:
        return own
    for entry in own:
        if "=" not in entry:
            raise AcbError(f"cannot parse step environment variable {entry} correctly")
    names = {entry.partition("=")[0] for entry in own}
    added: list[str] = []
    for entry in (part for other in others for part in other.split(",")):
        if "=" not in entry:
            raise AcbError(f"cannot parse task environment variable {entry} correctly")
        if entry.partition("=")[0] not in names:
            added.append(entry)
    return (*own, *added)
