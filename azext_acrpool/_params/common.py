"""Arguments that several commands have, each declared once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..client.registries import REGISTRY_TYPE

__all__ = [
    "Arguments",
    "abbreviation",
    "declare_build_arguments",
    "declare_following",
    "declare_image_names",
    "declare_log_template",
    "declare_platform_and_login",
    "declare_registry",
    "declare_run_login",
    "declare_target",
    "declare_values",
]


@dataclass(frozen=True)
class Arguments:
    """Which commands have the arguments that `declare` declares; `settings` hold for all of them."""

    commands: tuple[str, ...]
    declare: Callable[[Any], None]
    settings: Mapping[str, Any] = field(default_factory=dict)


class _Unshown(str):
    """An option that is understood, and not shown: knack's help leaves out those whose `deprecate_info` is hidden."""

    deprecate_info: Any


def abbreviation(c: Any, option: str) -> str:
    """What az's own takes for the beginning of another option, and would not any more beside one that only we have."""
    from knack.deprecation import Deprecated

    unshown = _Unshown(option)
    unshown.deprecate_info = Deprecated(c.command_loader.cli_ctx, hide=True)
    return unshown


def declare_registry(c: Any, *, meaning: str = "", id_part: str | None = None) -> None:
    """Declare the registry, for every command.

    `meaning` says more about it; `id_part` is what a resource ID calls it, for a command that takes --ids.
    """
    from azure.cli.core.commands.parameters import get_resource_name_completion_list

    from .._validators import validate_registry_name

    # `--cmd` is an option of `az acr run` and `az acr task`.
    c.argument("cmd", options_list=["--__cmd__"])
    c.argument(
        "registry_name",
        options_list=["--registry", "-r"],
        help="Name, login server or resource ID of the container registry."
        f"{meaning} Set a default with `az config set defaults.acr=<registry name>`.",
        completer=get_resource_name_completion_list(REGISTRY_TYPE),
        configured_default="acr",
        id_part=id_part,
        validator=validate_registry_name,
    )


def declare_build_arguments(c: Any, *options: list[str]) -> None:
    """Declare the build arguments, under the names `options` (by default what az makes of the parameters)."""
    from .._validators import validate_build_arguments, validate_secret_build_arguments

    plain, secret = ({"options_list": names} for names in options) if options else ({}, {})
    c.argument(
        "arg",
        **plain,
        action="append",
        validator=validate_build_arguments,
        help="Build argument as NAME=VALUE, or NAME for the value of that environment variable. May be repeated. The"
        " service's operators can see the values: no secrets here.",
    )
    c.argument(
        "secret_arg",
        **secret,
        action="append",
        validator=validate_secret_build_arguments,
        help="Build argument whose value the service does not show, as NAME=VALUE, or NAME for the value of that"
        " environment variable. May be repeated.",
    )


def declare_values(c: Any) -> None:
    """Declare the values for a task's definition."""
    from .._validators import validate_secret_task_values, validate_task_values

    c.argument(
        "set_value",
        options_list=["--set"],
        action="append",
        validator=validate_task_values,
        help="Value for the task's definition, as NAME[=VALUE]. May be repeated.",
    )
    c.argument(
        "set_secret",
        action="append",
        validator=validate_secret_task_values,
        help="Value for the task's definition that the service does not show, as NAME[=VALUE]. May be repeated.",
    )


def declare_image_names(c: Any) -> None:
    """Declare the names of the image that is built."""
    from .._validators import validate_image_names

    c.argument(
        "image_names",
        options_list=["--image", "-t"],
        action="append",
        help="Name and tag of the image, as REPOSITORY:TAG; '{{.Run.ID}}' in it becomes the run's ID. May be repeated.",
        validator=validate_image_names,
    )


def declare_target(c: Any) -> None:
    """Declare the build stage."""
    from .._validators import one_line

    c.argument("target", help="Name of the build stage to stop at.", validator=one_line("target", "--target"))


def declare_log_template(c: Any, *, beside_logs: bool = True) -> None:
    """Declare where the log of a run is kept; `beside_logs` for commands that have --logs."""
    from .._validators import validate_log_template

    c.argument(
        "log_template",
        options_list=["--log-template", *([abbreviation(c, "--log")] if beside_logs else [])],
        is_preview=True,
        help="Repository and tag for the log of a run, as REPOSITORY:TAG, for example 'acr/logs:{{.Run.ID}}'. Only for"
        " registries encrypted with a customer-managed key.",
        validator=validate_log_template,
    )


def declare_platform_and_login(c: Any) -> None:
    """Declare what a run runs on, and whether it is logged in to its registry."""
    from azure.cli.core.commands.parameters import get_enum_type

    c.argument(
        "platform",
        help="Platform to run on or to build for, as OS[/ARCHITECTURE[/VARIANT]], for example linux/arm/v7. By default"
        " linux/amd64.",
    )
    c.argument(
        "auth_mode",
        arg_type=get_enum_type(["None", "Default"]),
        help="Whether a run is logged in to the registry that it belongs to.",
    )


def declare_run_login(c: Any) -> None:
    """Declare the identity of a run that belongs to no task, and the time that it may take."""
    from azure.cli.core.commands.parameters import get_enum_type

    from .._validators import validate_run_timeout, whole_number

    c.argument(
        "timeout",
        type=whole_number,
        help="Seconds after which the service ends the run, at most 28800.",
        validator=validate_run_timeout,
    )
    c.argument(
        "source_acr_auth_id",
        arg_type=get_enum_type(["[caller]", "none"]),
        help="Identity by which the run is logged in to the registry; [caller] is yours.",
    )


def declare_following(c: Any) -> None:
    """Declare what `commands.runs.options.FollowOptions` holds, for any command that queues a run."""
    c.argument(
        "no_logs", action="store_true", help="Do not show the log of the run; the run is the result, however it ends."
    )
    c.argument("no_format", action="store_true", help="Show the log as it is, its colors in a pipe too.")
    # az leaves a parameter of this name out unless the command is one whose result it drops with --no-wait.
    c.extra(
        "no_wait",
        options_list=["--no-wait"],
        action="store_true",
        help="Return the run as soon as it is queued; do not wait for its end.",
    )
    _declare_new_following(c)
    _declare_for_pipelines(c)


def _declare_new_following(c: Any) -> None:
    """Declare what az's own do not have."""
    from azure.cli.core.commands.parameters import get_enum_type

    from .._validators import whole_number

    group = "Following"
    c.argument(
        "logs",
        arg_type=get_enum_type(["stdout", "stderr", "none"]),
        arg_group=group,
        help="Where the log of the run goes. With stderr and none, the run is the result, on stdout, however it ends."
        " By default stdout.",
    )
    c.argument(
        "queue_timeout",
        type=whole_number,
        arg_group=group,
        help="Seconds that the run may wait for an agent. After that it is cancelled, and the exit code is 124.",
    )
    c.argument(
        "on_interrupt",
        arg_type=get_enum_type(["cancel", "detach"]),
        arg_group=group,
        help="What Ctrl-C, SIGTERM and SIGHUP do to the run: cancel it, or let it go on. By default cancel.",
    )
    c.argument(
        "ensure_capacity",
        type=whole_number,
        arg_group=group,
        help="Number of instances that the agent pool has at least while the run is there. A smaller pool is scaled up"
        " first, and back afterwards unless other runs use it. A pool with an autoscale policy grows without this"
        " option, once the run is queued.",
    )
    c.argument(
        "keep_capacity",
        action="store_true",
        arg_group=group,
        help="Leave the agent pool at the size that --ensure-capacity gave it.",
    )


def _declare_for_pipelines(c: Any) -> None:
    """Declare what builds that nobody watches want, none of which az's own have."""
    from argcomplete.completers import FilesCompleter
    from azure.cli.core.commands.parameters import get_enum_type

    from .._validators import whole_number

    group = "Following"
    c.argument(
        "retry_infra",
        type=whole_number,
        arg_group=group,
        help="How many times at most the run is queued again if it ends as Error, or in a pull, push or login that"
        " fails for what is known to pass; a build that fails is not. By default 0.",
    )
    c.argument(
        "metadata_file",
        arg_group=group,
        completer=FilesCompleter(),
        help="File that gets what became of the run, as JSON, however it ends: image digests, run ID, status, times.",
    )
    c.argument(
        "annotate",
        arg_type=get_enum_type(["github", "azure", "none"]),
        arg_group=group,
        help="Fold the steps of the log and point to the line of the Dockerfile that failed, as GitHub Actions or Azure"
        " Pipelines show it. By default none.",
    )
