"""Does the subnet's own configuration give the pool's machines a way to Azure's services?"""

from __future__ import annotations

from ..facts import Facts, RegistryFacts, RouteTableFacts, SubnetFacts
from ..findings import Finding, Severity
from ..fixes import subnet_command
from .pool_network import PoolNetwork, find_network
from .routes import Hop, default_route
from .service_tags import REQUIRED_SERVICES, Destination

__all__ = ["check_service_endpoints", "check_way_out"]

_REGISTRY_ENDPOINT = "Microsoft.ContainerRegistry"


def check_service_endpoints(facts: Facts) -> Finding | None:
    """The how-to asks for them where outbound traffic is restricted; some but not all are a mistake anywhere."""
    network = find_network(facts)
    if network is None:
        return None
    wanted = _useful_endpoints(facts)
    missing = [endpoint for endpoint in wanted if not network.has_endpoint(endpoint)]
    present = [endpoint.service for endpoint in network.subnet.service_endpoints]
    subnet = network.subnet.id
    check, evidence = "Service endpoints", f"{subnet.name}: {', '.join(present) or 'none'}"
    if not missing:
        return Finding(
            code="ServiceEndpointsComplete",
            severity=Severity.OK,
            check=check,
            message="The subnet has all service endpoints that a pool can use.",
            evidence=evidence,
        )
    if missing == wanted and not _is_restricted(network):
        return Finding(
            code="ServiceEndpointsNotNeeded",
            severity=Severity.OK,
            check=check,
            message="The subnet has no service endpoints; it needs none, because its outbound traffic is not"
            " restricted.",
            evidence=evidence,
        )
    return Finding(
        code="ServiceEndpointsIncomplete",
        severity=Severity.WARNING,
        check=check,
        message=f"Subnet '{subnet.name}' lacks service endpoints for {', '.join(missing)}. Azure asks for them where"
        " outbound traffic is restricted, beside the rules of the network security group.",
        evidence=evidence,
        recommendation="Add them; the command names those that are there too, because it replaces the list.",
        fix=(subnet_command(facts, subnet, "--service-endpoints", *present, *missing),),
        brief=f"'{subnet.name}' lacks ",
        subjects=tuple(endpoint.removeprefix("Microsoft.") for endpoint in missing),
    )


def _useful_endpoints(facts: Facts) -> list[str]:
    """One for each service that has any. A registry with a private endpoint is reached over that."""
    endpoints = [service.endpoint for service in REQUIRED_SERVICES if service.endpoint]
    private = isinstance(facts.registry, RegistryFacts) and facts.registry.private_endpoints > 0
    return endpoints if private else [*endpoints, _REGISTRY_ENDPOINT]


def _is_restricted(network: PoolNetwork) -> bool:
    """Whether a rule or a route takes away Azure's way to the internet."""
    anywhere = Destination("the internet")
    if network.decide(anywhere, 443).obstacles:
        return True
    destinations = [anywhere, *(service.destination("") for service in REQUIRED_SERVICES)]
    return any(way.hop is not Hop.INTERNET for there in destinations for way in network.ways(there))


def check_way_out(facts: Facts) -> Finding | None:
    """A private subnet has no way out of its own. Whether the service gives its machines one is unknown: assumed no."""
    subnet, table = facts.subnet, facts.route_table
    if not isinstance(subnet, SubnetFacts) or subnet.default_outbound or subnet.nat_gateway_id:
        return None
    if isinstance(table, RouteTableFacts) and default_route(table.routes):
        return None
    return Finding(
        code="SubnetWithoutWayOut",
        severity=Severity.WARNING,
        check="Subnet way out",
        message=f"Subnet '{subnet.id.name}' is private: Azure gives its machines no way out, and there is neither a NAT"
        " gateway nor a route to a firewall. Unless the pool's machines have a way of their own, which is not"
        " documented, they cannot reach services without a service endpoint, AzureMonitor among them.",
        evidence=f"{subnet.id.name}: defaultOutboundAccess is false",
        recommendation="Attach a NAT gateway, route to a firewall, or let Azure provide the way out.",
        fix=(subnet_command(facts, subnet.id, "--default-outbound-access", "true"),),
        brief=f"'{subnet.id.name}' is private, without NAT gateway or firewall",
    )
