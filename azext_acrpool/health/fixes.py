"""The commands that mend what the checks find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..client.registries import REGISTRY_TYPE
from ..pool import Pool, agentpool_command
from ..wording import az_command, place_of
from .facts import Facts, ResourceId

__all__ = [
    "CHANGE_POOLS",
    "CHANGE_REGISTRY",
    "DELETE_POOLS",
    "create_command",
    "free_name",
    "place",
    "registry_command",
    "subnet_command",
    "tag_arguments",
    "update_command",
]


# What commands that change pools, or the registry itself, need there.
CHANGE_POOLS = tuple(f"{REGISTRY_TYPE}/agentpools/{verb}" for verb in ("read", "write", "operationStatuses/read"))
DELETE_POOLS = (f"{REGISTRY_TYPE}/agentpools/delete", f"{REGISTRY_TYPE}/agentpools/operationResults/status/read")
CHANGE_REGISTRY = (f"{REGISTRY_TYPE}/write",)


def place(facts: Facts, resource: ResourceId) -> tuple[str, ...]:
    """The arguments that say where a resource is: the subscription only if it is not the registry's.

    Where commands about the registry name its subscription, those about what is in the same one do, too.
    """
    group, registry = ("-g", resource.resource_group), facts.registry_id
    is_beside = resource.subscription_id.lower() == registry.subscription_id.lower()
    if is_beside and "--subscription" not in place_of(registry.name):
        return group
    return (*group, "--subscription", resource.subscription_id)


def registry_command(facts: Facts, words: str, *arguments: str) -> str:
    """`az` with its command's `words`, about the registry itself."""
    where = facts.registry_id
    return az_command(words, "-n", where.name, "-g", where.resource_group, *arguments)


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, with a number behind it if it is taken, in any case.

    >>> free_name("AllowStorage", ["allowstorage", "AllowStorage2"])
    'AllowStorage3'
    """
    names = {name.lower() for name in taken}
    candidates = [wanted, *(f"{wanted}{number}" for number in range(2, len(names) + 3))]
    return next(name for name in candidates if name.lower() not in names)


def create_command(pool: Pool, *, count: int | None = None) -> str:
    """Create `pool`, with another count if given."""
    size = ("--tier", pool.tier, "--count", str(pool.count if count is None else count))
    system = () if pool.os.lower() == "linux" else ("--os", pool.os)
    subnet = ("--subnet-id", pool.subnet_id) if pool.subnet_id else ()
    tags = tag_arguments(pool.tags) if pool.tags else ()
    return agentpool_command(pool.registry, pool.name, "create", *size, *system, *subnet, *tags)


def update_command(pool: Pool, count: int) -> str:
    """Scale `pool` to `count` instances."""
    return pool.az_command("update", "--count", str(count))


def tag_arguments(tags: Mapping[str, str]) -> tuple[str, ...]:
    """The arguments that set a pool's tags to these, with az's own way to say none at all."""
    return ("--tags", *([f"{name}={value}" for name, value in tags.items()] or [""]))


def subnet_command(facts: Facts, subnet: ResourceId, *changes: str) -> str:
    """Change a subnet."""
    names = ("--vnet-name", subnet.parent, "-n", subnet.name)
    return az_command("network vnet subnet update", *place(facts, subnet), *names, *changes)
