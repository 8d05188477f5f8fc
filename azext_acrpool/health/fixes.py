"""The commands that mend what the checks find."""

from __future__ import annotations

from ..pool import Pool
from ..wording import az_command
from .facts import Facts, ResourceId

__all__ = ["create_command", "of_registry", "place", "update_command"]


def place(facts: Facts, resource: ResourceId) -> tuple[str, ...]:
    """The arguments that say where a resource is: the subscription only if it is not the registry's."""
    group = ("--resource-group", resource.resource_group)
    if resource.subscription_id.lower() == facts.registry_id.subscription_id.lower():
        return group
    return (*group, "--subscription", resource.subscription_id)


def of_registry(facts: Facts) -> tuple[str, ...]:
    """The arguments that name the registry, for commands of `az acr` about something in it."""
    return ("--registry", facts.registry_id.name, "--resource-group", facts.registry_id.resource_group)


def create_command(facts: Facts, pool: Pool, *, tier: str = "", count: int | None = None) -> str:
    """Create `pool`, with another tier or count if given. A pool without a name yet gets one."""
    subnet = ("--subnet-id", pool.subnet_id) if pool.subnet_id else ()
    return az_command(
        "acr agentpool create",
        *of_registry(facts),
        *("--name", pool.name or "mypool"),
        *("--tier", tier or pool.tier),
        *("--count", str(pool.count if count is None else count)),
        *subnet,
    )


def update_command(facts: Facts, pool: Pool, count: int) -> str:
    """Scale `pool` to `count` instances."""
    return az_command("acr agentpool update", *of_registry(facts), "--name", pool.name, "--count", str(count))
