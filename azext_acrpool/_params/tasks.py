"""Arguments of `az acr run` and of the `az acr task` commands; `_params` says why each is declared in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["load_task_arguments"]

TASK_TYPE = "Microsoft.ContainerRegistry/registries/tasks"
TRIGGER_GROUP = "Trigger"
TASKS = ("acr task create", "acr task update")
RUNS = ("acr run", "acr task run")
CREDENTIALS = tuple(f"acr task credential {verb}" for verb in ("add", "update", "remove"))


Declare = Callable[[Any], None]


def load_task_arguments(loader: Any, declare_common: Declare, declare_following: Declare) -> None:
    """Declare the arguments.

    `declare_common` declares those that every command of the extension has, `declare_following` those of every command
    that queues a run.
    """
    for commands, declare in (
        ((*TASKS, *RUNS, *CREDENTIALS), declare_common),
        ((*TASKS, "acr task run", *CREDENTIALS), _declare_name),
        (("acr task create",), _declare_new_name),
        ((*TASKS, *RUNS), _declare_pool_and_log),
        ((*TASKS, *RUNS), _declare_values),
        ((*TASKS, "acr task run"), _declare_source),
        ((*TASKS, "acr task run"), _declare_build_arguments),
        (TASKS, _declare_step),
        (TASKS, _declare_triggers),
        (TASKS, _declare_state),
        (("acr task create",), _declare_create),
        ((*TASKS, "acr run"), _declare_platform_and_login),
        (("acr run",), _declare_run),
        (RUNS, declare_following),
        (("acr task run",), _declare_task_run),
        (CREDENTIALS, _declare_login_server),
        (CREDENTIALS[:2], _declare_login),
    ):
        for command in commands:
            with loader.argument_context(command) as context:
                declare(context)


def _declare_name(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_resource_name_completion_list

    completer = get_resource_name_completion_list(TASK_TYPE)
    c.argument("task_name", options_list=["--name", "-n"], help="Name of the task.", completer=completer)


def _declare_new_name(c: Any) -> None:
    c.argument("task_name", options_list=["--name", "-n"], help="Name of the task.", completer=None)


def _declare_pool_and_log(c: Any) -> None:
    c.argument(
        "agent_pool_name",
        options_list=["--agent-pool"],
        is_preview=True,
        help="Name of the agent pool to run on. For `task update`, '' takes the task off its pool; for `task run`, the"
        " default is the task's own pool.",
    )
    c.argument(
        "log_template",
        options_list=["--log-template"],
        is_preview=True,
        help="Repository and tag for the log of a run, as REPOSITORY:TAG, for example 'acr/logs:{{.Run.ID}}'. Only for"
        " registries encrypted with a customer-managed key.",
    )


def _declare_values(c: Any) -> None:
    from ._validators import validate_secret_task_values, validate_task_values

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


def _declare_source(c: Any) -> None:
    c.argument(
        "context_path",
        options_list=["--context", "-c"],
        help="The task's source: the URL of a Git repository ('https://github.com/ORG/REPO.git#BRANCH:FOLDER'), a"
        " remote tarball, an OCI artifact ('oci://REGISTRY.azurecr.io/REPOSITORY:TAG'), or /dev/null for none; for"
        " `task run` a local folder too.",
    )
    c.argument(
        "file",
        options_list=["--file", "-f"],
        help="Path in the source of the Dockerfile, or of the task file, which ends in .yaml or the like. With"
        " /dev/null as the source, a local task file, or '-' to read it from standard input.",
    )
    c.argument("target", help="Name of the build stage to stop at.")


def _declare_build_arguments(c: Any) -> None:
    from ._validators import validate_build_arguments, validate_secret_build_arguments

    c.argument(
        "arg",
        action="append",
        validator=validate_build_arguments,
        help="Build argument as NAME=VALUE, or NAME for the value of that environment variable. May be repeated. The"
        " service's operators can see the values: no secrets here.",
    )
    c.argument(
        "secret_arg",
        action="append",
        validator=validate_secret_build_arguments,
        help="Build argument whose value the service does not show, as NAME=VALUE, or NAME for the value of that"
        " environment variable. May be repeated.",
    )


def _declare_step(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_three_state_flag

    c.argument(
        "cmd_value",
        options_list=["--cmd"],
        help="Command to run in a container, without a source: an image with its arguments, and options of"
        " `docker run` before it.",
    )
    c.argument(
        "image_names",
        options_list=["--image", "-t"],
        action="append",
        help="Name and tag of the image, as REPOSITORY:TAG; '{{.Run.ID}}' in it becomes the run's ID. May be repeated.",
    )
    c.argument("no_push", arg_type=get_three_state_flag(), help="Do not push the image to the registry.")
    c.argument("no_cache", arg_type=get_three_state_flag(), help="Build without the cache of image layers.")
    c.argument("values", help="Path in the source of the file with values for the task's definition.")
    c.argument("timeout", type=int, help="Seconds after which the service ends a run of the task.")


def _declare_triggers(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_enum_type, get_three_state_flag
    from azure.mgmt.containerregistrytasks.models import BaseImageTriggerType, UpdateTriggerPayloadType

    flags = {
        "commit_trigger_enabled": "Run the task on every commit.",
        "pull_request_trigger_enabled": "Run the task on every pull request.",
        "base_image_trigger_enabled": "Run the task when a base image that it builds on is updated.",
    }
    for name, text in flags.items():
        c.argument(name, arg_group=TRIGGER_GROUP, arg_type=get_three_state_flag(), help=text)
    c.argument(
        "git_access_token",
        arg_group=TRIGGER_GROUP,
        help="Personal access token of the Git host. Needed for triggers on commits and pull requests.",
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
    )
    c.argument(
        "update_trigger_payload_type",
        arg_group=TRIGGER_GROUP,
        is_preview=True,
        arg_type=get_enum_type(UpdateTriggerPayloadType),
        help="Whether that notification says what was updated (Default), or holds the token only (Token).",
    )


def _declare_state(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_enum_type
    from azure.mgmt.containerregistrytasks.models import TaskStatus

    c.argument("status", arg_type=get_enum_type(TaskStatus), help="Whether the task runs at all.")
    c.argument("cpu", type=int, help="Number of CPUs of each run. Not with an agent pool, whose tier sets it.")
    c.argument(
        "source_acr_auth_id",
        help="Identity by which the task is logged in to its registry: [system], the resource ID of a user-assigned"
        " managed identity, or none.",
    )


def _declare_create(c: Any) -> None:
    c.argument("source_trigger_name", arg_group=TRIGGER_GROUP, help="Name of the trigger on commits and pull requests.")
    c.argument("base_image_trigger_name", arg_group=TRIGGER_GROUP, help="Name of the trigger on base images.")
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


def _declare_platform_and_login(c: Any) -> None:
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


def _declare_run(c: Any) -> None:
    from argcomplete.completers import FilesCompleter
    from azure.cli.core.commands.parameters import get_enum_type

    c.positional(
        "source_location",
        help="What to run with: a local folder ('.'), a Git repository"
        " ('https://github.com/ORG/REPO.git#BRANCH:FOLDER'), a remote tarball ('https://HOST/context.tar.gz'), an OCI"
        " artifact in a registry ('oci://REGISTRY.azurecr.io/REPOSITORY:TAG'), or /dev/null for none.",
        completer=FilesCompleter(),
    )
    c.argument(
        "file",
        options_list=["--file", "-f"],
        help="Path of the task file in the source, by default acb.yaml; '-' reads it from standard input. With"
        " /dev/null as the source, a local file.",
    )
    c.argument("values", help="Path in the source of the file with values for the task's definition.")
    c.argument(
        "cmd_value",
        options_list=["--cmd"],
        help="Command to run in a container, with /dev/null as the source: an image with its arguments, and options of"
        " `docker run` before it.",
    )
    c.argument("timeout", type=int, help="Seconds after which the service ends the run.")
    c.argument(
        "source_acr_auth_id",
        arg_type=get_enum_type(["[caller]", "none"]),
        help="Identity by which the run is logged in to the registry; [caller] is yours.",
    )


def _declare_task_run(c: Any) -> None:
    c.argument(
        "update_trigger_token",
        is_preview=True,
        help="Text that is handed on to the notification of a base image's update.",
    )


def _declare_login_server(c: Any) -> None:
    c.argument(
        "login_server",
        required=True,
        help="Login server of the other registry, for example 'otherregistry.azurecr.io'.",
    )


def _declare_login(c: Any) -> None:
    c.argument(
        "username",
        options_list=["--username", "-u"],
        help="User name for that registry, or the URI of a key vault secret that holds it.",
    )
    c.argument(
        "password",
        options_list=["--password", "-p"],
        help="Password for that registry, or the URI of a key vault secret that holds it.",
    )
    c.argument(
        "use_identity",
        help="Identity of the task that reads the key vault or logs in: [system], or the client ID of a user-assigned"
        " one.",
    )
