"""Arguments of `az acr agentpool`."""

from __future__ import annotations

from typing import Any

from .common import Arguments, declare_registry, declare_target

__all__ = ["ARGUMENTS", "declare_no_wait", "declare_pool_of_ids", "declare_yes"]


def _declare_name(c: Any) -> None:
    from .._validators import validate_pool_name

    c.argument(
        "agent_pool_name", options_list=["--name", "-n"], help="Name of the agent pool.", validator=validate_pool_name
    )


def declare_pool_of_ids(c: Any) -> None:
    """Declare registry and pool, for a command that takes --ids: az adds them where arguments are parts of an ID."""
    from .._validators import validate_pool_of_ids

    declare_registry(c, id_part="name")
    c.argument(
        "agent_pool_name",
        options_list=["--name", "-n"],
        help="Name of the agent pool.",
        id_part="child_name_1",
        validator=validate_pool_of_ids,
    )


def _declare_registry_to_list(c: Any) -> None:
    declare_registry(c, meaning=" Without it, the agent pools of all registries are listed.")


def declare_no_wait(c: Any) -> None:
    """Declare that nobody waits for a change of a pool."""
    c.argument(
        "no_wait",
        action="store_true",
        help="Return as soon as the service has accepted the operation; do not wait for its end.",
    )


def _declare_queue_count(c: Any) -> None:
    c.argument("queue_count", action="store_true", help="Show only how many runs are queued for the agent pool.")


def declare_yes(c: Any) -> None:
    """Declare that nothing is asked."""
    c.argument("yes", options_list=["--yes", "-y"], action="store_true", help="Do not ask for confirmation.")


def _declare_top(c: Any) -> None:
    from .._validators import any_number, whole_number

    c.argument(
        "top",
        type=whole_number,
        help="Show at most this many runs, those that were queued first.",
        validator=any_number("top", "--top"),
    )


def _declare_wait(c: Any) -> None:
    from .._validators import whole_number

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
        type=whole_number,
        help="Seconds between two looks. By default 1 at first, growing to 10 as time passes.",
    )
    c.argument("timeout", type=whole_number, help="Seconds after which the command gives up with exit code 124.")


def _declare_size_and_tags(c: Any) -> None:
    from azure.cli.core.commands.parameters import tags_type

    from .._validators import any_number, validate_tags, whole_number

    c.argument(
        "count",
        options_list=["--count", "-c"],
        type=whole_number,
        help="Number of instances. A pool with 0 instances costs nothing and takes no work.",
        validator=any_number("count", "--count"),
    )
    c.argument("tags", arg_type=tags_type, validator=validate_tags)
    c.argument(
        "skip_checks",
        action="store_true",
        help="Leave it to the service to find out whether this works; do not look at quota, state and network first.",
    )


def _declare_create(c: Any) -> None:
    from .._validators import one_line

    c.argument(
        "os_type",
        options_list=["--os"],
        help="Operating system.",
        deprecate_info=c.deprecate(hide=True),
        validator=one_line("os_type", "--os"),
    )
    _declare_tier_and_subnet(c)


def _declare_check_health(c: Any) -> None:
    from argcomplete.completers import FilesCompleter
    from azure.cli.core.commands.parameters import file_type

    from .._validators import any_number, validate_build_arguments, validate_pool_of_ids, whole_number

    declare_registry(c, id_part="name")
    c.argument(
        "agent_pool_name",
        options_list=["--name", "-n"],
        help="Name of an existing agent pool. Without it, whether a new one would work is checked.",
        id_part="child_name_1",
        validator=validate_pool_of_ids,
    )
    c.argument(
        "count",
        options_list=["--count", "-c"],
        type=whole_number,
        help="Number of instances of the new agent pool; 1 if left out.",
        validator=any_number("count", "--count"),
    )
    _declare_tier_and_subnet(c)
    c.argument(
        "docker_file_path",
        options_list=["--file", "-f"],
        type=file_type,
        completer=FilesCompleter(),
        help="Path of a Dockerfile that the agents must be able to build, and whose base images the agent pool must be"
        " able to pull.",
    )
    declare_target(c)
    c.argument("buildkit", action="store_true", is_preview=True, help="The Dockerfile will be built with BuildKit.")
    c.argument(
        "arg",
        options_list=["--build-arg"],
        action="append",
        validator=validate_build_arguments,
        help="Build argument as NAME=VALUE that the Dockerfile is built with, for base images that depend on it. May be"
        " repeated.",
    )


def _declare_tier_and_subnet(c: Any) -> None:
    from .._validators import one_line, validate_subnet

    c.argument(
        "tier",
        help="Size of each instance: S1 (2 vCPUs, 3 GiB), S2 (4 vCPUs, 8 GiB), S3 (8 vCPUs, 16 GiB) or"
        " I6 (64 vCPUs, 216 GiB, isolated).",
        validator=one_line("tier", "--tier"),
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
        help="Name of the virtual network of --subnet, or its resource ID.",
        configured_default=None,
        id_part=None,
    )
    c.argument(
        "vnet_resource_group",
        options_list=["--vnet-resource-group"],
        help="Resource group of the virtual network --vnet-name. By default the registry's.",
    )


_CREATE, _UPDATE, _DELETE = "acr agentpool create", "acr agentpool update", "acr agentpool delete"
_SHOW, _WAIT, _LIST_RUNS = "acr agentpool show", "acr agentpool wait", "acr agentpool list-runs"
_LIST, _CHECK_HEALTH = "acr agentpool list", "acr agentpool check-health"

ARGUMENTS = (
    Arguments((_CREATE,), declare_registry),
    Arguments((_CREATE,), _declare_name),
    Arguments((_UPDATE, _DELETE, _SHOW, _WAIT, _LIST_RUNS), declare_pool_of_ids),
    Arguments((_LIST,), _declare_registry_to_list),
    Arguments((_CREATE, _UPDATE), _declare_size_and_tags),
    Arguments((_CREATE, _UPDATE, _DELETE), declare_no_wait),
    Arguments((_CREATE,), _declare_create),
    Arguments((_CHECK_HEALTH,), _declare_check_health),
    Arguments((_SHOW,), _declare_queue_count),
    Arguments((_DELETE,), declare_yes),
    Arguments((_WAIT,), _declare_wait, {"arg_group": "Wait Condition"}),
    Arguments((_LIST_RUNS,), _declare_top),
)
