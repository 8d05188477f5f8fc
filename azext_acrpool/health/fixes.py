"""The commands that mend what the checks find."""

from __future__ import annotations

from ..client.registries import REGISTRY_TYPE
from ..pool import Pool
from ..wording import az_command
from .facts import Facts, ResourceId

__all__ = [
    "create_command",
    "of_registry",
    "place",
    "pool_command",
    "registry_command",
    "registry_id",
    "subnet_command",
    "update_command",
]


def place(facts: Facts, resource: ResourceId) -> tuple[str, ...]:
    """The arguments that say where a resource is: the subscription only if it is not the registry's."""
    group = ("--resource-group", resource.resource_group)
    if resource.subscription_id.lower() == facts.registry_id.subscription_id.lower():
        return group
    return (*group, "--subscription", resource.subscription_id)


def of_registry(facts: Facts) -> tuple[str, ...]:
    """The arguments that name the registry, for commands of `az acr` about something in it."""
    return ("--registry", facts.registry_id.name, "--resource-group", facts.registry_id.resource_group)


def registry_id(facts: Facts) -> str:
    """The registry's ARM ID."""
    where = facts.registry_id
    group = f"/subscriptions/{where.subscription_id}/resourceGroups/{where.resource_group}"
    return f"{group}/providers/{REGISTRY_TYPE}/{where.name}"


def registry_command(facts: Facts, words: str, *arguments: str) -> str:
    """`az` with its command's `words`, about the registry itself."""
    where = facts.registry_id
    return az_command(words, "--name", where.name, "--resource-group", where.resource_group, *arguments)


def pool_command(facts: Facts, verb: str, name: str, *arguments: str) -> str:
    """`az acr agentpool VERB` about the pool `name`."""
    return az_command(f"acr agentpool {verb}", *of_registry(facts), "--name", name, *arguments)


def create_command(facts: Facts, pool: Pool, *, tier: str = "", count: int | None = None) -> str:
    """Create `pool`, with another tier or count if given. A pool without a name yet gets one."""
    size = ("--tier", tier or pool.tier, "--count", str(pool.count if count is None else count))
    subnet = ("--subnet-id", pool.subnet_id) if pool.subnet_id else ()
    return pool_command(facts, "create", pool.name or "mypool", *size, *subnet)


def update_command(facts: Facts, pool: Pool, count: int) -> str:
    """Scale `pool` to `count` instances."""
    return pool_command(facts, "update", pool.name, "--count", str(count))


def subnet_command(facts: Facts, subnet: ResourceId, *changes: str) -> str:
    """Change a subnet."""
    names = ("--vnet-name", subnet.parent, "--name", subnet.name)
    return az_command("network vnet subnet update", *place(facts, subnet), *names, *changes)
