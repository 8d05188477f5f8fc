"""Do the subnet's routes lead the pool to what it needs?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...wording import az_command
from ..facts import Facts, Missing, RegistryFacts, RouteFacts, RouteTableFacts, Unreadable, VnetFacts
from ..findings import Finding, Severity
from ..fixes import place
from .pool_network import PoolNetwork, find_network
from .routes import Hop, Way, default_route
from .service_tags import REQUIRED_SERVICES, RequiredService

__all__ = ["check_routes"]

_CHECK = "Routes"


@dataclass(frozen=True)
class _Obstruction:
    """A next hop that is in the way: what it does with traffic, and what that means for runs."""

    code: str
    severity: Severity
    does: str
    meaning: str


_OBSTRUCTIONS = {
    Hop.NONE: _Obstruction(
        "RouteDropsTraffic",
        Severity.ERROR,
        "drops",
        "The pool says Succeeded while its runs stay Queued for ever.",
    ),
    Hop.VNET: _Obstruction(
        "RouteKeepsTrafficInVnet",
        Severity.ERROR,
        "keeps inside the virtual network",
        "Public services aren't there: the pool says Succeeded while its runs stay Queued for ever.",
    ),
    Hop.APPLIANCE: _Obstruction(
        "RouteToAppliance",
        Severity.WARNING,
        "sends to a virtual appliance",
        "Whether it lets this through can't be seen from here. It must, by network rules for service tags:"
        " application rules for host names are not enough.",
    ),
    Hop.GATEWAY: _Obstruction(
        "RouteToGateway",
        Severity.WARNING,
        "sends to the virtual network gateway",
        "Whether the network behind it leads on to Azure's public addresses can't be seen from here.",
    ),
}

_Ways = Mapping[RequiredService, tuple[Way, ...]]


def check_routes(facts: Facts) -> list[Finding]:
    """One finding for each kind of next hop that is in the way of services of the how-to's table."""
    network = find_network(facts)
    if network is None:
        return []
    table = facts.route_table
    if isinstance(table, Unreadable):
        return [Finding("RoutesNotChecked", Severity.NOT_CHECKED, f"Not checked: {table}.", check=_CHECK)]
    if isinstance(table, Missing):
        message = "Not checked: the route table that the subnet names does not exist."
        return [Finding("RoutesNotChecked", Severity.NOT_CHECKED, message, check=_CHECK, evidence=table.resource_id)]
    found = _check_table(facts, table, network) if table else []
    return [*(found or [_direct(table, network)]), *_check_learned(facts, table)]


def _direct(table: RouteTableFacts | None, network: PoolNetwork) -> Finding:
    message = "No route of the subnet is in the way of the services that a pool needs."
    evidence = f"{network.subnet.id.name}: {table.id.name if table else 'no route table'}"
    return Finding("RoutesDirect", Severity.OK, message, check=_CHECK, evidence=evidence)


def _check_table(facts: Facts, table: RouteTableFacts, network: PoolNetwork) -> list[Finding]:
    region = facts.registry.location if isinstance(facts.registry, RegistryFacts) else ""
    ways = {service: network.ways(service.destination(region), service.endpoint) for service in REQUIRED_SERVICES}
    found = []
    for hop, obstruction in _OBSTRUCTIONS.items():
        affected = {service: taken for service, taken in ways.items() if any(way.hop is hop for way in taken)}
        if affected:
            found.append(_obstructed(facts, table, obstruction, hop, affected))
    return found


def _obstructed(facts: Facts, table: RouteTableFacts, obstruction: _Obstruction, hop: Hop, affected: _Ways) -> Finding:
    wholly = {service for service, taken in affected.items() if all(way.hop is hop for way in taken)}
    surely_fatal = any(service.essential for service in wholly)
    names = ", ".join(f"{service.tag} {','.join(map(str, service.ports))}" for service in affected)
    part = "" if wholly else "a part of "
    routes = dict.fromkeys(way.route for taken in affected.values() for way in taken if way.hop is hop and way.route)
    commands = tuple(_send_straight(facts, table, service, taken) for service, taken in affected.items())
    return Finding(
        obstruction.code,
        obstruction.severity if surely_fatal else Severity.WARNING,
        f"Route table '{table.id.name}' {obstruction.does} {part}what the pool sends to {names}. {obstruction.meaning}",
        _advice(facts, hop, affected),
        _CHECK,
        f"{table.id.name}: {', '.join(map(_describe, routes))}",
        commands,
    )


def _describe(route: RouteFacts) -> str:
    return f"{route.name} {route.prefix} -> {' '.join((route.next_hop, route.next_hop_address)).strip()}"


def _advice(facts: Facts, hop: Hop, affected: _Ways) -> str:
    straight = "these services straight to Azure, by a route for each service tag."
    network = find_network(facts)
    if hop not in (Hop.APPLIANCE, Hop.GATEWAY) or network is None:
        return f"Send {straight}"
    rules = "; ".join(f"TCP {','.join(map(str, service.ports))} to {service.tag}" for service in affected)
    return f"Allow there, from {' and '.join(network.subnet.prefixes)}: {rules}. Or send {straight}"


def _send_straight(facts: Facts, table: RouteTableFacts, service: RequiredService, taken: tuple[Way, ...]) -> str:
    """A route for the service's tag. A route for its tag that is there already is replaced: its prefix is taken."""
    routes = [way.route for way in taken if way.route]
    own = [route for route in routes if route.prefix.partition(".")[0].lower() == service.tag.lower()]
    name, prefix = (own[0].name, own[0].prefix) if own else (f"AcrPool{service.tag}", service.tag)
    return az_command(
        "network route-table route create",
        *place(facts, table.id),
        *("--route-table-name", table.id.name, "--name", name),
        *("--address-prefix", prefix, "--next-hop-type", "Internet"),
    )


def _check_learned(facts: Facts, table: RouteTableFacts | None) -> list[Finding]:
    """A gateway may have taught the subnet 0.0.0.0/0 (forced tunnelling over BGP); a route of its own beats that."""
    learns = isinstance(facts.vnet, VnetFacts) and facts.vnet.gateway and (table is None or table.gateway_routes)
    if not learns or (table and default_route(table.routes)):
        return []
    return [
        Finding(
            "LearnedRoutesNotChecked",
            Severity.NOT_CHECKED,
            "Not checked: routes that the virtual network's gateway learns over BGP. If 0.0.0.0/0 is one of them, all"
            " that the pool sends goes on premises.",
            "Look at them with: az network vnet-gateway list-learned-routes",
            _CHECK,
        )
    ]
