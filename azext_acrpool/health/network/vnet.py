"""Does the virtual network around the subnet suit the pool's machines?"""

from __future__ import annotations

from ...wording import az_command
from ..facts import Facts, RegistryFacts, Unreadable, VnetFacts
from ..findings import Finding, Severity, not_checked
from ..fixes import place
from .intervals import parse_addresses

__all__ = ["check_dns", "check_subnet_region", "check_vnet", "usable_dns_servers"]

# Docker's default bridge on the pool's machines (how-to, "Using custom DNS").
DOCKER_NETWORK = "172.17.0.0/16"


def check_vnet(facts: Facts) -> Finding | None:
    """It may be read. That there is none is said of its subnet."""
    vnet = facts.vnet
    return (
        not_checked(code="VnetNotChecked", check="Virtual network", why=vnet) if isinstance(vnet, Unreadable) else None
    )


def usable_dns_servers(vnet: VnetFacts) -> tuple[str, ...]:
    """The DNS servers of its own whose addresses Docker does not take for its containers."""
    docker = parse_addresses([DOCKER_NETWORK])
    return tuple(server for server in vnet.dns_servers if not parse_addresses([server]) & docker)


def check_dns(facts: Facts) -> Finding | None:
    """No DNS server of its own has an address that Docker takes for its containers."""
    vnet = facts.vnet
    if not isinstance(vnet, VnetFacts):
        return None
    outside = usable_dns_servers(vnet)
    inside = [server for server in vnet.dns_servers if server not in outside]
    check, evidence = "Custom DNS", f"{vnet.id.name}: {', '.join(vnet.dns_servers) or 'Azure DNS'}"
    if not inside:
        return Finding(
            code="DnsOutsideDockerNetwork",
            severity=Severity.OK,
            check=check,
            message=f"No DNS server is inside Docker's network {DOCKER_NETWORK}.",
            evidence=evidence,
        )
    name, servers = ("-n", vnet.id.name), ("--dns-servers", *(outside or ["[]"]))
    return Finding(
        code="DnsInDockerNetwork",
        severity=Severity.ERROR,
        check=check,
        message=f"DNS server {' and '.join(inside)} is inside {DOCKER_NETWORK}, which Docker on the pool's machines"
        " takes for its own containers: names cannot be resolved, and runs fail or stay Queued.",
        evidence=evidence,
        recommendation=f"Use only {' and '.join(outside)}."
        if outside
        else "Use DNS servers with other addresses, or Azure DNS.",
        fix=(az_command("network vnet update", *place(facts, vnet.id), *name, *servers),),
    )


def check_subnet_region(facts: Facts) -> Finding | None:
    """It is in the registry's region, where the pool's machines are.

    That they need a network there is assumed, as it is so for every virtual machine scale set.
    """
    vnet, registry = facts.vnet, facts.registry
    if not isinstance(vnet, VnetFacts) or not isinstance(registry, RegistryFacts):
        return None
    check = "Subnet region"
    evidence = f"{vnet.id.name}: {vnet.location}, {registry.id.name}: {registry.location}"
    if vnet.location.lower() == registry.location.lower():
        message = "The virtual network is in the registry's region."
        return Finding(code="SubnetRegion", severity=Severity.OK, check=check, message=message, evidence=evidence)
    return Finding(
        code="SubnetInOtherRegion",
        severity=Severity.ERROR,
        check=check,
        message=f"Virtual network '{vnet.id.name}' is in {vnet.location}, the registry in {registry.location}."
        " A pool runs in its registry's region, and its machines need a subnet there.",
        evidence=evidence,
        recommendation=f"Use a subnet of a virtual network in {registry.location}.",
        hinders=True,
    )
