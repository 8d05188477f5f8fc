"""Arguments of the commands.

az replaces, and does not merge, what its own module says about the arguments of a command that an extension says
anything about. So every argument of every command is declared here in full, each in its own command's scope; the scope
`acr` is left alone, or az's other `acr` commands would lose theirs.
"""

from __future__ import annotations

from typing import Any

from ._task_params import load_task_arguments

__all__ = ["load_arguments"]

REGISTRY_TYPE = "Microsoft.ContainerRegistry/registries"


def load_arguments(loader: Any) -> None:
    """Declare the arguments of all commands; az skips those of commands that are not running."""
    _load_agent_pool_arguments(loader)
    _load_build_arguments(loader)
    load_task_arguments(loader, _declare_common, _declare_following)


def _declare_common(context: Any, *, registry_help: str = "") -> None:
    from azure.cli.core.commands.parameters import get_resource_name_completion_list

    from ._validators import validate_registry_name

    # `--cmd` is an option of `az acr run` and `az acr task`.
    context.argument("cmd", options_list=["--__cmd__"])
    context.argument(
        "registry_name",
        options_list=["--registry", "-r"],
        help="Name or login server of the container registry."
        f"{registry_help} Set a default with `az config set defaults.acr=<registry name>`.",
        completer=get_resource_name_completion_list(REGISTRY_TYPE),
        configured_default="acr",
        validator=validate_registry_name,
    )


def _load_agent_pool_arguments(loader: Any) -> None:
    for command in ("create", "update", "show", "delete", "wait", "list-runs"):
        with loader.argument_context(f"acr agentpool {command}") as c:
            _declare_common(c)
            c.argument("agent_pool_name", options_list=["--name", "-n"], help="Name of the agent pool.")
    with loader.argument_context("acr agentpool list") as c:
        _declare_common(c, registry_help=" Without it, the agent pools of all registries are listed.")
    for command in ("create", "update"):
        with loader.argument_context(f"acr agentpool {command}") as c:
            _declare_size_and_tags(c)
    for command in ("create", "update", "delete"):
        with loader.argument_context(f"acr agentpool {command}") as c:
            c.argument(
                "no_wait",
                action="store_true",
                help="Return as soon as the service has accepted the operation; do not wait for its end.",
            )
    with loader.argument_context("acr agentpool create") as c:
        _declare_create(c)
    with loader.argument_context("acr agentpool check-health") as c:
        _declare_check_health(c)
    with loader.argument_context("acr agentpool show") as c:
        c.argument("queue_count", action="store_true", help="Show only how many runs are queued for the agent pool.")
    with loader.argument_context("acr agentpool delete") as c:
        c.argument("yes", options_list=["--yes", "-y"], action="store_true", help="Do not ask for confirmation.")
    with loader.argument_context("acr agentpool wait", arg_group="Wait Condition") as c:
        _declare_wait(c)
    with loader.argument_context("acr agentpool list-runs") as c:
        c.argument("top", type=int, help="Show at most this many runs, those that were queued first.")


def _declare_wait(c: Any) -> None:
    conditions = {
        "created": "Wait until the agent pool is created: it is there and its state is Succeeded.",
        "updated": "Wait until the agent pool is updated: its state is Succeeded.",
        "deleted": "Wait until there is no such agent pool.",
        "exists": "Wait until there is such an agent pool, in any state.",
        "idle": "Wait until no run is queued for the agent pool and none runs on it.",
    }
    for name, text in conditions.items():
        c.argument(name, action="store_true", help=text)
    c.argument(
        "custom",
        help="Wait until this JMESPath query finds something in what `az acr agentpool show` prints. E.g."
        " provisioningState!='Updating'.",
    )
    c.argument(
        "interval",
        type=int,
        help="Seconds between two looks. By default 1 at first, growing to 10 as time passes.",
    )
    c.argument("timeout", type=int, help="Seconds after which the command gives up with exit code 124.")


def _declare_size_and_tags(c: Any) -> None:
    from azure.cli.core.commands.parameters import tags_type

    c.argument(
        "count",
        options_list=["--count", "-c"],
        type=int,
        help="Number of instances. A pool with 0 instances costs nothing and takes no work.",
    )
    c.argument("tags", arg_type=tags_type)
    c.argument(
        "skip_checks",
        action="store_true",
        help="Leave it to the service to find out whether this works; do not look at quota, state and network first.",
    )


def _declare_create(c: Any) -> None:
    c.argument("os_type", options_list=["--os"], help="Operating system.", deprecate_info=c.deprecate(hide=True))
    _declare_tier_and_subnet(c)


def _declare_check_health(c: Any) -> None:
    from argcomplete.completers import FilesCompleter
    from azure.cli.core.commands.parameters import file_type

    from ._validators import validate_build_arguments

    _declare_common(c)
    c.argument(
        "agent_pool_name",
        options_list=["--name", "-n"],
        help="Name of an existing agent pool. Without it, whether a new one would work is checked.",
    )
    c.argument(
        "count",
        options_list=["--count", "-c"],
        type=int,
        help="Number of instances of the new agent pool; 1 if left out.",
    )
    _declare_tier_and_subnet(c)
    c.argument(
        "docker_file_path",
        options_list=["--file", "-f"],
        type=file_type,
        completer=FilesCompleter(),
        help="Path of a Dockerfile whose base images the agent pool must be able to pull.",
    )
    c.argument(
        "arg",
        options_list=["--build-arg"],
        action="append",
        validator=validate_build_arguments,
        help="Build argument as NAME=VALUE that the Dockerfile is built with, for base images that depend on it. May be"
        " repeated.",
    )


def _declare_tier_and_subnet(c: Any) -> None:
    from ._validators import validate_subnet

    c.argument(
        "tier",
        help="Size of each instance: S1 (2 vCPUs, 3 GiB), S2 (4 vCPUs, 8 GiB), S3 (8 vCPUs, 16 GiB) or"
        " I6 (64 vCPUs, 216 GiB, isolated).",
    )
    c.argument("subnet_id", options_list=["--subnet-id"], help="Resource ID of the subnet that the instances join.")
    c.argument(
        "subnet",
        options_list=["--subnet"],
        help="Name of the subnet that the instances join, in the network --vnet-name; or its resource ID.",
        configured_default=None,
        id_part=None,
        validator=validate_subnet,
    )
    c.argument(
        "vnet_name",
        options_list=["--vnet-name"],
        help="Name of the virtual network of --subnet, in the registry's resource group.",
        configured_default=None,
        id_part=None,
    )


def _load_build_arguments(loader: Any) -> None:
    with loader.argument_context("acr build") as c:
        _declare_common(c)
        _declare_build_source(c)
        _declare_build_result(c)
        _declare_build_registry_login(c)
        _declare_build_run(c)
        _declare_following(c)


def _declare_build_source(c: Any) -> None:
    from argcomplete.completers import FilesCompleter

    from ._validators import validate_build_arguments, validate_secret_build_arguments

    c.positional(
        "source_location",
        help="What to build: a local folder ('.'), a Git repository ('https://github.com/ORG/REPO.git#BRANCH:FOLDER'),"
        " a remote tarball ('https://HOST/context.tar.gz') or an OCI artifact in a registry"
        " ('oci://REGISTRY.azurecr.io/REPOSITORY:TAG').",
        completer=FilesCompleter(),
    )
    c.argument(
        "docker_file_path",
        options_list=["--file", "-f"],
        help="Path of the Dockerfile. By default, the Dockerfile at the root of the source location.",
    )
    c.argument(
        "arg",
        options_list=["--build-arg"],
        action="append",
        validator=validate_build_arguments,
        help="Build argument as NAME=VALUE, or NAME for the value of that environment variable. May be repeated. The"
        " service's operators can see the values: no secrets here.",
    )
    c.argument(
        "secret_arg",
        options_list=["--secret-build-arg"],
        action="append",
        validator=validate_secret_build_arguments,
        help="Build argument whose value the service does not show, as NAME=VALUE, or NAME for the value of that"
        " environment variable. May be repeated.",
    )
    c.argument(
        "dry_run",
        action="store_true",
        help="Tell what would be sent, and build nothing. With --verbose, every path and the rule that decided.",
    )
    c.argument("target", help="Name of the build stage to stop at.")
    c.argument(
        "platform",
        help="Platform to build for, as OS[/ARCHITECTURE[/VARIANT]], for example linux/arm/v7. By default linux/amd64.",
    )


def _declare_build_result(c: Any) -> None:
    c.argument(
        "image_names",
        options_list=["--image", "-t"],
        action="append",
        help="Name and tag of the image, as REPOSITORY:TAG; '{{.Run.ID}}' in it becomes the run's ID. May be repeated.",
    )
    c.argument("no_push", action="store_true", help="Do not push the image to the registry.")
    c.argument(
        "log_template",
        options_list=["--log-template"],
        is_preview=True,
        help="Repository and tag for the log of the run, as REPOSITORY:TAG, for example 'acr/logs:{{.Run.ID}}'. Only"
        " for registries encrypted with a customer-managed key.",
    )


def _declare_build_registry_login(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_enum_type

    c.argument(
        "auth_mode",
        arg_type=get_enum_type(["None", "Default"]),
        help="Whether the run is logged in to the registry that it belongs to.",
    )
    c.argument(
        "source_acr_auth_id",
        arg_type=get_enum_type(["[caller]", "none"]),
        help="Identity by which the run is logged in to the registry; [caller] is yours.",
    )


def _declare_build_run(c: Any) -> None:
    c.argument(
        "agent_pool_name",
        options_list=["--agent-pool"],
        is_preview=True,
        help="Name of the agent pool to build on. By default, agents shared by all registries.",
    )
    c.argument("timeout", type=int, help="Seconds after which the service ends the run.")


def _declare_following(c: Any) -> None:
    """Declare what commands.follow_options.FollowOptions holds, for any command that queues a run."""
    c.argument("no_logs", action="store_true", help="Do not show the log of the run; the finished run is the result.")
    c.argument("no_format", action="store_true", help="Show the log as it is, without colors.")
    # az leaves a parameter of this name out unless the command is one whose result it drops with --no-wait.
    c.extra(
        "no_wait",
        options_list=["--no-wait"],
        action="store_true",
        help="Return the run as soon as it is queued; do not wait for its end.",
    )
    _declare_new_following(c)


def _declare_new_following(c: Any) -> None:
    from azure.cli.core.commands.parameters import get_enum_type

    group = "Following"
    c.argument(
        "logs",
        arg_type=get_enum_type(["stdout", "stderr", "none"]),
        arg_group=group,
        help="Where the log of the run goes. With stderr and none, the finished run is the result, on stdout. By"
        " default stdout.",
    )
    c.argument(
        "queue_timeout",
        type=int,
        arg_group=group,
        help="Seconds that the run may wait for an agent. After that it is cancelled, and the exit code is 124.",
    )
    c.argument(
        "on_interrupt",
        arg_type=get_enum_type(["cancel", "detach"]),
        arg_group=group,
        help="What Ctrl-C and SIGTERM do to the run: cancel it, or let it go on. By default cancel.",
    )
    c.argument(
        "ensure_capacity",
        type=int,
        arg_group=group,
        help="Number of instances that the agent pool has at least while the run is there. A smaller pool is scaled up"
        " first, and back afterwards unless other runs use it.",
    )
    c.argument(
        "keep_capacity",
        action="store_true",
        arg_group=group,
        help="Leave the agent pool at the size that --ensure-capacity gave it.",
    )
