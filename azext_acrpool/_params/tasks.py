"""Arguments of `az acr task`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..client.registries import REGISTRY_TYPE
from .common import (
    Arguments,
    declare_build_arguments,
    declare_following,
    declare_image_names,
    declare_log_template,
    declare_platform_and_login,
    declare_registry,
    declare_target,
    declare_values,
)

__all__ = ["ARGUMENTS"]

TRIGGER_GROUP = "Trigger"
_TRIGGER_FLAGS = {
    "commit_trigger_enabled": "Run the task on every commit.",
    "pull_request_trigger_enabled": "Run the task on every pull request.",
    "base_image_trigger_enabled": "Run the task when a base image that it builds on is updated.",
}


def _declare_name(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_resource_name_completion_list

    from .._validators import validate_task_name

    c.argument(
        "task_name",
        options_list=["--name", "-n"],
        help="Name of the task.",
        completer=get_resource_name_completion_list(f"{REGISTRY_TYPE}/tasks"),
        validator=validate_task_name,
    )


def _declare_new_name(c: Any) -> None:
    from .._validators import validate_task_name

    c.argument(
        "task_name",
        options_list=["--name", "-n"],
        help="Name of the task.",
        completer=None,
        validator=validate_task_name,
    )


def _declare_pool(c: Any) -> None:
    from .._validators import validate_pool_of_run

    c.argument(
        "agent_pool_name",
        options_list=["--agent-pool"],
        is_preview=True,
        help="Name of the agent pool to run on. For `task update`, '' takes the task off its pool; for `task run`, the"
        " default is the task's own pool, and the service may refuse another.",
        validator=validate_pool_of_run,
    )


def _declare_source(c: Any) -> None:
    from .._validators import one_line

    _declare_context_and_file(c, one_line("context_path", "--context"))


def _declare_source_of_run(c: Any) -> None:
    """May be a local folder, whose name may hold anything."""
    from .._validators import sendable

    _declare_context_and_file(c, sendable("context_path", "--context"))


def _declare_context_and_file(c: Any, validate_context: Callable[[Any], None]) -> None:
    from .._validators import sendable

    c.argument(
        "context_path",
        options_list=["--context", "-c"],
        help="The task's source: the URL of a Git repository ('https://github.com/ORG/REPO.git#BRANCH:FOLDER'), a"
        " remote tarball, an OCI artifact ('oci://REGISTRY.azurecr.io/REPOSITORY:TAG'), or /dev/null for none; for"
        " `task run` a local folder too.",
        validator=validate_context,
    )
    c.argument(
        "file",
        options_list=["--file", "-f"],
        help="Path in the source of the Dockerfile, or of the task file, which ends in .yaml or the like. With"
        " /dev/null as the source, a local task file, or '-' to read it from standard input.",
        validator=sendable("file", "--file"),
    )


def _declare_step(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_three_state_flag

    from .._validators import sendable, validate_run_timeout, whole_number

    c.argument(
        "cmd_value",
        options_list=["--cmd"],
        help="Command to run in a container, without a source: an image with its arguments, and options of"
        " `docker run` before it.",
        validator=sendable("cmd_value", "--cmd"),
    )
    declare_image_names(c)
    c.argument("no_push", arg_type=get_three_state_flag(), help="Do not push the image to the registry.")
    c.argument("no_cache", arg_type=get_three_state_flag(), help="Build without the cache of image layers.")
    c.argument(
        "values",
        help="Path in the source of the file with values for the task's definition; without a source, a local file.",
        validator=sendable("values", "--values"),
    )
    c.argument(
        "timeout",
        type=whole_number,
        help="Seconds after which the service ends a run of the task, at most 28800.",
        validator=validate_run_timeout,
    )


def _declare_triggers(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_enum_type, get_three_state_flag
    from azure.mgmt.containerregistrytasks.models import BaseImageTriggerType, UpdateTriggerPayloadType

    from .._validators import one_line

    for name, text in _TRIGGER_FLAGS.items():
        c.argument(name, arg_group=TRIGGER_GROUP, arg_type=get_three_state_flag(), help=text)
    c.argument(
        "git_access_token",
        arg_group=TRIGGER_GROUP,
        help="Personal access token of the Git host. Needed for triggers on commits and pull requests.",
        validator=one_line("git_access_token", "--git-access-token"),
    )
    c.argument(
        "base_image_trigger_type",
        arg_group=TRIGGER_GROUP,
        arg_type=get_enum_type(BaseImageTriggerType),
        help="Which base images: those of the final stage (Runtime), or of all stages (All).",
    )
    c.argument(
        "update_trigger_endpoint",
        arg_group=TRIGGER_GROUP,
        is_preview=True,
        help="URL that is notified when a base image's update triggers the task.",
        validator=one_line("update_trigger_endpoint", "--update-trigger-endpoint"),
    )
    c.argument(
        "update_trigger_payload_type",
        arg_group=TRIGGER_GROUP,
        is_preview=True,
        arg_type=get_enum_type(UpdateTriggerPayloadType),
        help="Whether that notification says what was updated (Default), or holds the token only (Token).",
    )


def _flag_that_is_told_apart() -> Any:
    """az's flag that may be true or false, which marks for `none_unless_typed` that it was typed."""
    from azure.cli.core.commands.parameters import get_three_state_flag

    from .._validators import mark_typed

    flag = get_three_state_flag()
    az_action: Any = flag.settings["action"]

    class ThreeStateAction(az_action):
        """az's own, but for the mark."""

        def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
            super().__call__(parser, namespace, values, option_string)
            mark_typed(namespace, self.dest)

    flag.settings["action"] = ThreeStateAction
    return flag


def _declare_state(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_enum_type
    from azure.mgmt.containerregistrytasks.models import TaskStatus

    from .._validators import whole_number, within

    c.argument("status", arg_type=get_enum_type(TaskStatus), help="Whether the task runs at all.")
    c.argument(
        "cpu",
        type=whole_number,
        help="Number of CPUs of each run. Not with an agent pool, whose tier sets it.",
        validator=within("cpu", "--cpu", least=1),
    )
    c.argument(
        "source_acr_auth_id",
        help="Identity by which the task is logged in to its registry: [system], the resource ID of a user-assigned"
        " managed identity, or none.",
    )


def _declare_create(c: Any) -> None:
    from .._validators import none_unless_typed, one_line

    for name in ("commit_trigger_enabled", "base_image_trigger_enabled"):
        # The default that az's own has, which is told from the same value typed.
        c.argument(
            name,
            arg_group=TRIGGER_GROUP,
            arg_type=_flag_that_is_told_apart(),
            default=True,
            help=_TRIGGER_FLAGS[name],
            validator=none_unless_typed(name),
        )
    names = {
        "source_trigger_name": ("--source-trigger-name", "Name of the trigger on commits and pull requests."),
        "base_image_trigger_name": ("--base-image-trigger-name", "Name of the trigger on base images."),
    }
    for name, (option, text) in names.items():
        c.argument(name, arg_group=TRIGGER_GROUP, help=text, validator=one_line(name, option))
    c.argument(
        "schedule",
        arg_group=TRIGGER_GROUP,
        action="append",
        help="Run the task at these times: a cron expression in UTC, as [NAME:]'MINUTE HOUR DAY MONTH DAY-OF-WEEK'."
        " May be repeated.",
    )
    c.argument(
        "assign_identity",
        nargs="*",
        help="Managed identities of the task: [system], resource IDs of user-assigned ones, or several of these."
        " [system] when none is named.",
    )
    c.argument(
        "is_system_task",
        options_list=["--is-system-task"],
        action="store_true",
        is_preview=True,
        help="Create the system task, which must be named 'quicktask'. Only for registries encrypted with a"
        " customer-managed key.",
    )


def _declare_task_run(c: Any) -> None:
    from .._validators import sendable

    c.argument(
        "update_trigger_token",
        is_preview=True,
        help="Text that is handed on to the notification of a base image's update.",
        validator=sendable("update_trigger_token", "--update-trigger-token"),
    )


def _declare_login_server(c: Any) -> None:
    from .._validators import validate_login_server

    c.argument(
        "login_server",
        required=True,
        help="Login server of the other registry, for example 'otherregistry.azurecr.io'.",
        validator=validate_login_server,
    )


def _declare_login(c: Any) -> None:
    from .._validators import sendable

    c.argument(
        "username",
        options_list=["--username", "-u"],
        help="User name for that registry, or the URI of a key vault secret that holds it.",
        validator=sendable("username", "--username"),
    )
    c.argument(
        "password",
        options_list=["--password", "-p"],
        help="Password for that registry, or the URI of a key vault secret that holds it.",
        validator=sendable("password", "--password"),
    )
    c.argument(
        "use_identity",
        help="Identity of the task that reads the key vault or logs in: [system], or the client ID of a user-assigned"
        " one.",
        validator=sendable("use_identity", "--use-identity"),
    )


def _declare_timer_name(c: Any) -> None:
    from .._validators import validate_timer_name

    c.argument("timer_name", required=True, help="Name of the timer.", validator=validate_timer_name)


def _declare_timer(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_three_state_flag

    from .._validators import one_line

    c.argument(
        "timer_schedule",
        options_list=["--schedule"],
        help="When the timer starts the task: a cron expression in UTC, as 'MINUTE HOUR DAY MONTH DAY-OF-WEEK'.",
        validator=one_line("timer_schedule", "--schedule"),
    )
    c.argument("enabled", arg_type=get_three_state_flag(), help="Whether the timer starts the task.")


def _declare_identities(c: Any) -> None:
    c.argument(
        "identities",
        options_list=["--identities"],
        nargs="*",
        help="Managed identities: [system] for the task's own, resource IDs of user-assigned ones, or several of these;"
        " [all] to leave the task none. [system] when none is named.",
    )


_CREATE, _UPDATE, _RUN = "acr task create", "acr task update", "acr task run"
_TASKS = (_CREATE, _UPDATE)
_ALL = (*_TASKS, _RUN)
_ADD_OR_UPDATE = ("acr task credential add", "acr task credential update")
_CREDENTIALS = (*_ADD_OR_UPDATE, "acr task credential remove")
_TIMER_LIST, _IDENTITY_SHOW = "acr task timer list", "acr task identity show"
_SET_TIMER = ("acr task timer add", "acr task timer update")
_TIMERS = (*_SET_TIMER, "acr task timer remove")
_IDENTITIES = ("acr task identity assign", "acr task identity remove")
_PARTS = (*_CREDENTIALS, *_TIMERS, _TIMER_LIST, *_IDENTITIES, _IDENTITY_SHOW)

ARGUMENTS = (
    Arguments((*_ALL, *_PARTS), declare_registry),
    Arguments((*_ALL, *_PARTS), _declare_name),
    Arguments((_CREATE,), _declare_new_name),
    Arguments(_ALL, _declare_pool),
    Arguments(_TASKS, partial(declare_log_template, beside_logs=False)),
    Arguments((_RUN,), declare_log_template),
    Arguments(_ALL, declare_values),
    Arguments(_TASKS, _declare_source),
    Arguments((_RUN,), _declare_source_of_run),
    Arguments(_ALL, declare_target),
    Arguments(_ALL, declare_build_arguments),
    Arguments(_TASKS, _declare_step),
    Arguments(_TASKS, _declare_triggers),
    Arguments(_TASKS, _declare_state),
    Arguments(_TASKS, declare_platform_and_login),
    Arguments((_CREATE,), _declare_create),
    Arguments((_RUN,), declare_following),
    Arguments((_RUN,), _declare_task_run),
    Arguments(_CREDENTIALS, _declare_login_server),
    Arguments(_ADD_OR_UPDATE, _declare_login),
    Arguments(_TIMERS, _declare_timer_name),
    Arguments(_SET_TIMER, _declare_timer),
    Arguments(_IDENTITIES, _declare_identities),
)
