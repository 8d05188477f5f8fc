"""The commands that mend what the checks find."""

from __future__ import annotations

from collections.abc import Mapping

from ..pool import Pool, agentpool_command
from ..wording import az_command, place_of
from .facts import Facts, ResourceId

__all__ = [
    "create_command",
    "place",
    "registry_command",
    "subnet_command",
    "tag_arguments",
    "update_command",
]


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


def create_command(pool: Pool, *, tier: str = "", count: int | None = None) -> str:
    """Create `pool`, with another tier or count if given. A pool without a name yet gets one."""
    size = ("--tier", tier or pool.tier, "--count", str(pool.count if count is None else count))
    system = () if pool.os.lower() == "linux" else ("--os", pool.os)
    subnet = ("--subnet-id", pool.subnet_id) if pool.subnet_id else ()
    tags = tag_arguments(pool.tags) if pool.tags else ()
    return agentpool_command(pool.registry, pool.name or "mypool", "create", *size, *system, *subnet, *tags)


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
