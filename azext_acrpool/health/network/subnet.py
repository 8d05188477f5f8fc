"""Can the pool's machines live in this subnet?"""

from __future__ import annotations

from dataclasses import replace

from ...pool import Pool
from ...wording import az_command
from ..facts import Facts, Missing, RegistryFacts, ResourceId, RouteTableFacts, SubnetFacts, Unreadable, VnetFacts
from ..findings import Finding, Severity
from ..fixes import create_command, place
from ..preflight import check_subnet_id, check_subscription
from .intervals import parse_addresses
from .pool_network import PoolNetwork, find_network
from .routes import Hop, default_route
from .service_tags import REQUIRED_SERVICES, Destination

__all__ = ["check_subnet", "free_addresses"]

# Azure keeps the first four addresses of each network and its last one.
RESERVED_ADDRESSES = 5
# Docker's default bridge on the pool's machines (how-to, "Using custom DNS").
DOCKER_NETWORK = "172.17.0.0/16"

REGISTRY_ENDPOINT = "Microsoft.ContainerRegistry"


def free_addresses(subnet: SubnetFacts) -> int:
    """How many machines still fit, counting IPv4 addresses."""
    networks = [prefix for prefix in subnet.prefixes if parse_addresses([prefix])]
    return len(parse_addresses(networks)) - RESERVED_ADDRESSES * len(networks) - subnet.used_addresses


def check_subnet(facts: Facts) -> list[Finding]:
    """Existence, region, subscription, room, delegation, service endpoints, way out and DNS."""
    if not isinstance(facts.pool, Pool) or not facts.pool.subnet_id:
        return []
    subnet_id = facts.pool.subnet_id
    if malformed := check_subnet_id(subnet_id):
        return [replace(finding, check="Subnet", evidence=subnet_id) for finding in malformed]
    elsewhere = check_subscription(subnet_id, facts.registry_id.subscription_id)
    found = [replace(finding, check="Subnet", evidence=subnet_id) for finding in elsewhere] + _check_vnet(facts)
    if isinstance(facts.subnet, Unreadable):
        message = f"Not checked: {facts.subnet}."
        return [*found, Finding("SubnetNotChecked", Severity.NOT_CHECKED, message, check="Subnet")]
    if isinstance(facts.subnet, Missing):
        return [*found, _not_found(facts.subnet)]
    network = find_network(facts)
    if network is None:
        return found
    found += [_check_room(facts, facts.pool, network.subnet), *_check_delegation(facts, network.subnet)]
    return [*found, _check_endpoints(facts, network), *_check_way_out(facts, network)]


def _not_found(missing: Missing) -> Finding:
    where = ResourceId.parse(missing.resource_id)
    fix = az_command(
        "network vnet subnet list",
        *("--subscription", where.subscription_id, "--resource-group", where.resource_group),
        *("--vnet-name", where.parent),
        *("--query", "[].id", "--output", "tsv"),
    )
    message = f"There is no subnet '{where.name}' in virtual network '{where.parent}'."
    advice = f"Give the ID of one that exists. To list them: {fix}"
    return Finding("SubnetNotFound", Severity.ERROR, message, advice, "Subnet", missing.resource_id)


def _check_vnet(facts: Facts) -> list[Finding]:
    vnet, registry = facts.vnet, facts.registry
    if isinstance(vnet, Unreadable):
        return [Finding("VnetNotChecked", Severity.NOT_CHECKED, f"Not checked: {vnet}.", check="Virtual network")]
    if not isinstance(vnet, VnetFacts):
        return []
    found = [_check_dns(facts, vnet)]
    if isinstance(registry, RegistryFacts):
        evidence = f"{vnet.id.name}: {vnet.location}, {registry.id.name}: {registry.location}"
        if vnet.location.lower() == registry.location.lower():
            message = "The virtual network is in the registry's region."
            found.append(Finding("SubnetRegion", Severity.OK, message, check="Subnet region", evidence=evidence))
        else:
            # Assumed, as for every virtual machine scale set: a machine and its network are in one region.
            message = (
                f"Virtual network '{vnet.id.name}' is in {vnet.location}, the registry in {registry.location}."
                " A pool runs in its registry's region, and its machines need a subnet there."
            )
            advice = f"Use a subnet of a virtual network in {registry.location}."
            found.append(Finding("SubnetInOtherRegion", Severity.ERROR, message, advice, "Subnet region", evidence))
    return found


def _check_dns(facts: Facts, vnet: VnetFacts) -> Finding:
    check = "Custom DNS"
    docker = parse_addresses([DOCKER_NETWORK])
    inside = [server for server in vnet.dns_servers if parse_addresses([server]) & docker]
    evidence = f"{vnet.id.name}: {', '.join(vnet.dns_servers) or 'Azure DNS'}"
    if not inside:
        message = f"No DNS server is inside Docker's network {DOCKER_NETWORK}."
        return Finding("DnsOutsideDockerNetwork", Severity.OK, message, check=check, evidence=evidence)
    outside = [server for server in vnet.dns_servers if server not in inside]
    fix = az_command(
        "network vnet update",
        *place(facts, vnet.id),
        *("--name", vnet.id.name),
        *("--dns-servers", *(outside or ["[]"])),
    )
    return Finding(
        "DnsInDockerNetwork",
        Severity.ERROR,
        f"DNS server {' and '.join(inside)} is inside {DOCKER_NETWORK}, which Docker on the pool's machines takes for"
        " its own containers: names can't be resolved, and runs fail or stay Queued.",
        f"Use DNS servers with other addresses, for example {'the remaining ones' if outside else 'Azure DNS'}.",
        check,
        evidence,
        (fix,),
    )


def _check_room(facts: Facts, pool: Pool, subnet: SubnetFacts) -> Finding:
    """An existing pool's machines are among the used addresses already."""
    free = free_addresses(subnet)
    needed = 0 if pool.state else pool.count
    evidence = f"{subnet.id.name} {', '.join(subnet.prefixes)}: {max(free, 0)} addresses are free"
    if free >= needed:
        message = f"The subnet has room for {needed} more." if needed else "The pool's machines are in it already."
        return Finding("SubnetHasRoom", Severity.OK, message, check="Subnet room", evidence=evidence)
    return Finding(
        "SubnetFull",
        Severity.ERROR,
        f"{needed} instances need {needed} addresses; subnet '{subnet.id.name}' has {max(free, 0)} left.",
        "Use a smaller --count or a larger subnet. A deleted pool frees its addresses some minutes after it is gone.",
        "Subnet room",
        evidence,
        (create_command(facts, pool, count=free),) if free > 0 else (),
    )


def _check_delegation(facts: Facts, subnet: SubnetFacts) -> list[Finding]:
    if not subnet.delegations:
        return []
    services = " and ".join(subnet.delegations)
    vnet = ("--vnet-name", subnet.id.parent, "--name", subnet.id.name)
    fix = az_command("network vnet subnet update", *place(facts, subnet.id), *vnet, "--delegations", "[]")
    return [
        Finding(
            "SubnetDelegated",
            Severity.ERROR,
            f"Subnet '{subnet.id.name}' is delegated to {services}, so that nothing else can be put into it.",
            "Use another subnet. If nothing needs the delegation, remove it.",
            "Subnet delegation",
            services,
            (fix,),
        )
    ]


def _check_endpoints(facts: Facts, network: PoolNetwork) -> Finding:
    """The how-to asks for them where outbound traffic is restricted; some but not all are a mistake anywhere."""
    wanted = [service.endpoint for service in REQUIRED_SERVICES if service.endpoint]
    private = isinstance(facts.registry, RegistryFacts) and facts.registry.private_endpoints > 0
    if not private:
        wanted.append(REGISTRY_ENDPOINT)
    subnet = network.subnet
    missing = [endpoint for endpoint in wanted if not network.has_endpoint(endpoint)]
    present = [endpoint.service for endpoint in subnet.service_endpoints]
    evidence = f"{subnet.id.name}: {', '.join(present) or 'none'}"
    check = "Service endpoints"
    if not missing:
        message = "The subnet has all service endpoints that a pool can use."
        return Finding("ServiceEndpointsComplete", Severity.OK, message, check=check, evidence=evidence)
    if len(missing) == len(wanted) and not _restricted(network):
        message = "The subnet has no service endpoints; it needs none, because its outbound traffic is not restricted."
        return Finding("ServiceEndpointsNotNeeded", Severity.OK, message, check=check, evidence=evidence)
    fix = az_command(
        "network vnet subnet update",
        *place(facts, subnet.id),
        *("--vnet-name", subnet.id.parent, "--name", subnet.id.name),
        *("--service-endpoints", *present, *missing),
    )
    return Finding(
        "ServiceEndpointsIncomplete",
        Severity.WARNING,
        f"Subnet '{subnet.id.name}' lacks service endpoints for {', '.join(missing)}. Where outbound traffic is"
        " restricted, a pool needs them at least, beside the rules of the network security group.",
        "Add them; the command names those that are there too, because it replaces the list.",
        check,
        evidence,
        (fix,),
    )


def _restricted(network: PoolNetwork) -> bool:
    """Whether a rule or a route takes away Azure's way to the internet."""
    anywhere = Destination("the internet")
    denied = bool(network.decide(anywhere, 443).obstacles)
    destinations = [anywhere, *(service.destination("") for service in REQUIRED_SERVICES)]
    return denied or any(way.hop is not Hop.INTERNET for there in destinations for way in network.ways(there))


def _check_way_out(facts: Facts, network: PoolNetwork) -> list[Finding]:
    """A private subnet has no way out of its own. Whether the service gives its machines one is unknown: assumed no."""
    subnet = network.subnet
    routed = isinstance(facts.route_table, RouteTableFacts) and default_route(facts.route_table.routes)
    if subnet.default_outbound or subnet.nat_gateway_id or routed:
        return []
    fix = az_command(
        "network vnet subnet update",
        *place(facts, subnet.id),
        *("--vnet-name", subnet.id.parent, "--name", subnet.id.name),
        *("--default-outbound-access", "true"),
    )
    return [
        Finding(
            "SubnetWithoutWayOut",
            Severity.WARNING,
            f"Subnet '{subnet.id.name}' is private: Azure gives its machines no way out, and there is neither a NAT"
            " gateway nor a route to a firewall. Services without a service endpoint, AzureMonitor among them, can't be"
            " reached.",
            "Attach a NAT gateway, route to a firewall, or let Azure provide the way out.",
            "Subnet way out",
            f"{subnet.id.name}: defaultOutboundAccess is false",
            (fix,),
        )
    ]
