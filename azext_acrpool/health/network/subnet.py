"""Can the pool's machines live in this subnet?"""

from __future__ import annotations

from ...pool import Pool
from ...wording import az_command, counted, printable
from ..facts import Facts, Missing, ResourceId, SubnetFacts, Unreadable, is_subnet_id
from ..findings import Finding, Severity, not_checked
from ..fixes import subnet_command
from .intervals import parse_addresses

__all__ = [
    "check_subnet",
    "check_subnet_delegation",
    "check_subnet_id",
    "check_subnet_room",
    "check_subscription",
    "free_addresses",
    "invalid_subnet_id",
]

# Azure keeps the first four addresses of each network and its last one.
_RESERVED_ADDRESSES = 5

_LIST_ALL = az_command("network vnet list", "--query", "[].subnets[].id", "-o", "tsv")


def free_addresses(subnet: SubnetFacts) -> int:
    """How many machines still fit, counting IPv4 addresses."""
    networks = [prefix for prefix in subnet.prefixes if parse_addresses([prefix])]
    return len(parse_addresses(networks)) - _RESERVED_ADDRESSES * len(networks) - subnet.used_addresses


def check_subnet_id(facts: Facts) -> Finding | None:
    """What names the pool's subnet can do so."""
    return invalid_subnet_id(facts.pool.subnet_id) if isinstance(facts.pool, Pool) else None


def invalid_subnet_id(subnet_id: str | None) -> Finding | None:
    """It is not the ARM ID of a subnet."""
    if not subnet_id or is_subnet_id(subnet_id):
        return None
    return Finding(
        code="InvalidSubnetId",
        severity=Severity.ERROR,
        check="Subnet",
        message=f"'{printable(subnet_id)}' is not the resource ID of a subnet, which looks like"
        " /subscriptions/../resourceGroups/../providers/Microsoft.Network/virtualNetworks/../subnets/..",
        evidence=subnet_id,
        recommendation=f"To list those that there are: {_LIST_ALL}",
        hinders=True,
    )


def check_subscription(facts: Facts) -> Finding | None:
    """The subnet is in the registry's subscription."""
    subnet_id = facts.pool.subnet_id if isinstance(facts.pool, Pool) else None
    if not subnet_id or not is_subnet_id(subnet_id):
        return None
    here, there = facts.registry_id.subscription_id, ResourceId.parse(subnet_id).subscription_id
    if there.lower() == here.lower():
        return None
    return Finding(
        code="SubnetInOtherSubscription",
        severity=Severity.WARNING,
        check="Subnet",
        message=f"The subnet is in subscription {there}, the registry in {here}. Whether the service accepts that is"
        " not documented.",
        evidence=subnet_id,
        recommendation="If the create fails, use a subnet in the registry's subscription.",
        brief="It is in another subscription than the registry",
    )


def check_subnet(facts: Facts) -> Finding | None:
    """It is there and may be read."""
    subnet = facts.subnet
    if isinstance(subnet, Unreadable):
        return not_checked(code="SubnetNotChecked", check="Subnet", why=subnet)
    if not isinstance(subnet, Missing):
        return None
    where = ResourceId.parse(subnet.resource_id)
    message = f"There is no subnet '{where.name}' in virtual network '{where.parent}'."
    if isinstance(facts.vnet, Missing):
        message = f"There is no virtual network '{where.parent}' in resource group '{where.resource_group}'."
    list_them = (
        _LIST_ALL
        if isinstance(facts.vnet, Missing)
        else az_command(
            "network vnet subnet list",
            *("--subscription", where.subscription_id, "-g", where.resource_group),
            *("--vnet-name", where.parent),
            *("--query", "[].id", "-o", "tsv"),
        )
    )
    return Finding(
        code="SubnetNotFound",
        severity=Severity.ERROR,
        check="Subnet",
        message=message,
        evidence=subnet.resource_id,
        recommendation=f"Give the ID of one that exists. To list them: {list_them}",
        hinders=True,
    )


def check_subnet_room(facts: Facts) -> Finding | None:
    """It has addresses for a wanted pool's machines. Those of an existing pool are among the used ones already."""
    subnet, pool = facts.subnet, facts.pool
    if not isinstance(subnet, SubnetFacts) or not isinstance(pool, Pool):
        return None
    free = free_addresses(subnet)
    needed = pool.count if facts.wanted else 0
    check = "Subnet room"
    left = counted(max(free, 0), "free address", "free addresses")
    evidence = f"{subnet.id.name} {', '.join(subnet.prefixes)}: {left}"
    if free >= needed:
        message = f"The subnet has room for {needed} more." if needed else "The pool's machines are in it already."
        return Finding(code="SubnetHasRoom", severity=Severity.OK, check=check, message=message, evidence=evidence)
    return Finding(
        code="SubnetFull",
        severity=Severity.ERROR,
        check=check,
        message=f"A pool of {pool.instances} needs {counted(needed, 'address', 'addresses')};"
        f" subnet '{subnet.id.name}' has {left}.",
        evidence=evidence,
        recommendation=f"{f'Use --count {free}, or' if free > 0 else 'Use'} a larger subnet. A deleted pool frees its"
        " addresses some minutes after it is gone.",
        brief=f"'{subnet.id.name}' has {left} for {pool.instances}",
    )


def check_subnet_delegation(facts: Facts) -> Finding | None:
    """It is not reserved for another service."""
    subnet = facts.subnet
    if not isinstance(subnet, SubnetFacts) or not subnet.delegations:
        return None
    services = " and ".join(subnet.delegations)
    return Finding(
        code="SubnetDelegated",
        severity=Severity.ERROR,
        check="Subnet delegation",
        message=f"Subnet '{subnet.id.name}' is delegated to {services}, so that nothing else can be put into it.",
        evidence=services,
        recommendation="Use another subnet. If nothing needs the delegation, remove it.",
        fix=(subnet_command(facts, subnet.id, "--delegations", "[]"),),
        hinders=True,
    )
