"""Arguments of the commands of `az acr task` that are about runs."""

from __future__ import annotations

from typing import Any

from ..client.registries import REGISTRY_TYPE
from .common import Arguments, declare_registry

__all__ = ["ARGUMENTS"]


def _declare_run_id(c: Any) -> None:
    from .._validators import validate_run_id

    c.argument(
        "run_id",
        help="ID of the run, for example 'cf1'.",
        validator=validate_run_id,
    )


def _declare_run_ids(c: Any) -> None:
    from .._validators import validate_run_ids

    c.argument(
        "run_id",
        nargs="+",
        action="extend",
        help="IDs of the runs, for example 'cf1'.",
        validator=validate_run_ids,
    )


def _declare_selection(c: Any) -> None:
    """Which runs: those of a task, or those that made an image. As with az's own, an empty text selects nothing."""
    from azure.cli.core.commands.parameters import get_resource_name_completion_list

    from .._validators import one_line

    c.argument(
        "task_name",
        options_list=["--name", "-n"],
        help="Name of the task that the runs are of.",
        completer=get_resource_name_completion_list(f"{REGISTRY_TYPE}/tasks"),
        validator=one_line("task_name", "--name"),
    )
    c.argument(
        "image",
        options_list=["--image", "-t"],
        help="Image that the runs pushed, as REPOSITORY[:TAG] or REPOSITORY@DIGEST.",
        validator=one_line("image", "--image"),
    )


def _declare_filters(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_enum_type
    from azure.mgmt.containerregistrytasks.models import RunStatus

    from .._validators import validate_pool_of_run, whole_number, within

    c.argument("run_status", arg_type=get_enum_type(RunStatus), help="Status that the runs have now.")
    c.argument(
        "top",
        type=whole_number,
        help="Show at most this many runs, the newest.",
        validator=within("top", "--top", least=1),
    )
    c.argument(
        "agent_pool_name",
        options_list=["--agent-pool"],
        help="Name of the agent pool that the runs were sent to.",
        validator=validate_pool_of_run,
    )


def _declare_archive(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_three_state_flag

    c.argument(
        "no_archive",
        arg_type=get_three_state_flag(),
        help="Do not keep the run beyond the time after which the service deletes runs; false to keep it.",
    )


def _declare_run_to_show(c: Any) -> None:
    """As with az's own, an empty text names none."""
    from .._validators import validate_run_id_or_none

    c.argument(
        "run_id",
        help="ID of the run, for example 'cf1'. Without it, the log of the newest run is shown.",
        validator=validate_run_id_or_none,
    )


def _declare_task_run(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_resource_name_completion_list

    from .._validators import validate_task_run_name

    c.argument(
        "taskrun_name",
        options_list=["--name", "-n"],
        help="Name of the task run.",
        completer=get_resource_name_completion_list(f"{REGISTRY_TYPE}/taskRuns"),
        validator=validate_task_run_name,
    )


def _declare_showing(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_enum_type

    c.argument("no_format", action="store_true", help="Show the log as it is, its colors in a pipe too.")
    c.argument(
        "logs",
        arg_type=get_enum_type(["stdout", "stderr", "none"]),
        help="Where the log goes. With stderr and none, the run is the result, on stdout, however it ends; none waits"
        " for its end. By default stdout.",
    )
    c.argument(
        "exit_status",
        action="store_true",
        help="Exit as the run ends: with 0 if it succeeds, 1 if it fails, 4 if it is cancelled, 124 if it times out."
        " Without this, the exit code is 0 once the log is shown, whatever became of the run.",
    )


_LIST, _SHOW, _UPDATE = "acr task list-runs", "acr task show-run", "acr task update-run"
_LOGS, _TASK_RUN_LOGS = "acr task logs", "acr taskrun logs"
_CANCEL = "acr task cancel-run"
_ALL = (_LIST, _SHOW, _UPDATE, _LOGS, _TASK_RUN_LOGS, _CANCEL)

ARGUMENTS = (
    Arguments(_ALL, declare_registry),
    Arguments((_LIST, _LOGS), _declare_selection),
    Arguments((_LIST,), _declare_filters),
    Arguments((_SHOW, _UPDATE), _declare_run_id),
    Arguments((_CANCEL,), _declare_run_ids),
    Arguments((_UPDATE,), _declare_archive),
    Arguments((_LOGS,), _declare_run_to_show),
    Arguments((_TASK_RUN_LOGS,), _declare_task_run),
    Arguments((_LOGS, _TASK_RUN_LOGS), _declare_showing),
)
