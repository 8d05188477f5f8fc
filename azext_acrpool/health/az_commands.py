"""`az` commands to paste into a shell, whichever it is."""

from __future__ import annotations

import re

from .facts import Facts, ResourceId
from .pool.state import PoolFacts

__all__ = ["az_command", "create_command", "of_registry", "place", "update_command"]

_PLAIN = re.compile(r"[\w./:=@+-]+", re.ASCII)


def az_command(words: str, *arguments: str) -> str:
    """`az` with its command's words and its arguments, in double quotes where a shell would not read them plainly.

    Names of Azure resources hold neither quotes nor dollar signs, so that bash, PowerShell and cmd read them alike.

    >>> az_command("acr update", "--name", "myregistry", "--resource-group", "group (old)")
    'az acr update --name myregistry --resource-group "group (old)"'
    """
    quoted = [argument if _PLAIN.fullmatch(argument) else f'"{argument}"' for argument in arguments]
    return " ".join(["az", words, *quoted])


def place(facts: Facts, resource: ResourceId) -> tuple[str, ...]:
    """The arguments that say where a resource is: the subscription only if it is not the registry's."""
    group = ("--resource-group", resource.resource_group)
    if resource.subscription_id.lower() == facts.registry_id.subscription_id.lower():
        return group
    return (*group, "--subscription", resource.subscription_id)


def of_registry(facts: Facts) -> tuple[str, ...]:
    """The arguments that name the registry, for commands of `az acr` about something in it."""
    return ("--registry", facts.registry_id.name, "--resource-group", facts.registry_id.resource_group)


def create_command(facts: Facts, pool: PoolFacts, *, tier: str = "", count: int | None = None) -> str:
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


def update_command(facts: Facts, pool: PoolFacts, count: int) -> str:
    """Scale `pool` to `count` instances."""
    return az_command("acr agentpool update", *of_registry(facts), "--name", pool.name, "--count", str(count))
