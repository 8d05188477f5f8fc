"""Do the subnet's routes lead the pool to what it needs?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ...wording import az_command
from ..facts import Facts, Missing, RouteFacts, RouteTableFacts, Unreadable, VnetFacts
from ..findings import Finding, Severity, not_checked
from ..fixes import free_name, place
from .pool_network import PoolNetwork, find_needed, find_network
from .routes import Hop, Way, default_route
from .service_tags import NO_REGISTRY, ONLY_LOGS, Need, RequiredService

__all__ = ["check_learned_routes", "check_route_table", "check_routes"]

_CHECK = "Routes"


@dataclass(frozen=True, kw_only=True)
class _Obstruction:
    """A next hop that is in the way: what it does with traffic, and what that means for runs."""

    hop: Hop
    code: str
    severity: Severity
    does: str
    meaning: str
    briefly: str


_OBSTRUCTIONS = (
    _Obstruction(
        hop=Hop.NONE,
        code="RouteDropsTraffic",
        severity=Severity.ERROR,
        does="drops",
        meaning="The pool says Succeeded while its runs stay Queued for ever.",
        briefly="drops",
    ),
    _Obstruction(
        hop=Hop.VNET,
        code="RouteKeepsTrafficInVnet",
        severity=Severity.ERROR,
        does="keeps inside the virtual network",
        meaning="Public services are not there: the pool says Succeeded while its runs stay Queued for ever.",
        briefly="keeps inside:",
    ),
    _Obstruction(
        hop=Hop.APPLIANCE,
        code="RouteToAppliance",
        severity=Severity.WARNING,
        does="sends to a virtual appliance",
        meaning="Whether it lets this through cannot be seen from here. It must, by network rules for service tags:"
        " application rules for host names are not enough.",
        briefly="sends to a firewall:",
    ),
    _Obstruction(
        hop=Hop.GATEWAY,
        code="RouteToGateway",
        severity=Severity.WARNING,
        does="sends to the virtual network gateway",
        meaning="Whether the network behind it leads on to Azure's public addresses cannot be seen from here.",
        briefly="sends on premises:",
    ),
)

_Ways = Mapping[RequiredService, tuple[Way, ...]]


def check_route_table(facts: Facts) -> Finding | None:
    """The subnet's route table, if it names one, is there and may be read."""
    table = facts.route_table
    if find_network(facts) is None:
        return None
    if isinstance(table, Unreadable):
        return not_checked(code="RoutesNotChecked", check=_CHECK, why=table)
    if isinstance(table, Missing):
        why = "the route table that the subnet names does not exist"
        return not_checked(code="RoutesNotChecked", check=_CHECK, why=why, evidence=table.resource_id)
    return None


def check_routes(facts: Facts) -> Iterator[Finding]:
    """One finding for each kind of next hop that is in the way of services that the pool needs, or that none is."""
    network, table = find_network(facts), facts.route_table
    if network is None or isinstance(table, (Missing, Unreadable)):
        return
    obstructed = list(_find_obstructed(facts, table, network)) if table else []
    yield from obstructed
    if not obstructed:
        yield Finding(
            code="RoutesDirect",
            severity=Severity.OK,
            check=_CHECK,
            message="No route of the subnet is in the way of the services that a pool needs.",
            evidence=f"{network.subnet.id.name}: {table.id.name if table else 'no route table'}",
        )


def _find_obstructed(facts: Facts, table: RouteTableFacts, network: PoolNetwork) -> Iterator[Finding]:
    ways = {
        service: network.ways(service.destination(facts.region), service.endpoint) for service in find_needed(facts)
    }
    for obstruction in _OBSTRUCTIONS:
        affected = {
            service: taken
            for service, taken in ways.items()
            if any(way.hop is obstruction.hop and not network.is_known(way) for way in taken)
        }
        if affected:
            yield _obstructed(facts, table, network, obstruction, affected)


def _obstructed(
    facts: Facts, table: RouteTableFacts, network: PoolNetwork, obstruction: _Obstruction, affected: _Ways
) -> Finding:
    hop = obstruction.hop
    wholly = {service for service, taken in affected.items() if all(way.hop is hop for way in taken)}
    surely_fatal = any(service.essential for service in wholly)
    meaning = _mean(wholly, affected) if obstruction.severity is Severity.ERROR else ""
    names = ", ".join(f"{service.tag} {','.join(map(str, service.ports))}" for service in affected)
    part = "" if wholly else "a part of "
    in_the_way = (way for taken in affected.values() for way in taken if way.hop is hop and not network.is_known(way))
    routes = dict.fromkeys(way.route for way in in_the_way if way.route)
    return Finding(
        code=obstruction.code,
        severity=obstruction.severity if surely_fatal else Severity.WARNING,
        check=_CHECK,
        message=f"Route table '{table.id.name}' {obstruction.does} {part}what the pool sends to {names}."
        f" {meaning or obstruction.meaning}",
        evidence=f"{table.id.name}: {', '.join(map(_describe, routes))}",
        recommendation=_advise(network, hop, affected),
        fix=tuple(_send_straight(facts, table, service, taken) for service, taken in affected.items()),
        # Whoever leads traffic there wants it seen: a way past it is not to be taken by a script.
        by_choice=hop in (Hop.APPLIANCE, Hop.GATEWAY),
        brief=f"'{table.id.name}' {obstruction.briefly} {part}",
        subjects=tuple(service.tag for service in affected),
    )


def _mean(wholly: Collection[RequiredService], affected: Collection[RequiredService]) -> str:
    """What it means that no traffic to services arrives, "" if agents take no runs."""
    if any(service.need is Need.AGENTS for service in wholly):
        return ""
    if any(service.need is Need.AGENTS for service in affected):
        return "Runs may stay Queued for that."
    if any(service.need is Need.REGISTRY for service in wholly):
        return NO_REGISTRY
    if any(service.need is Need.REGISTRY for service in affected):
        return "Runs may be unable to pull from this registry or to push to it."
    return ONLY_LOGS


def _describe(route: RouteFacts) -> str:
    return f"{route.name} {route.prefix} -> {' '.join((route.next_hop, route.next_hop_address)).strip()}"


def _advise(network: PoolNetwork, hop: Hop, affected: _Ways) -> str:
    straight = "these services straight to Azure, by a route for each service tag."
    if hop not in (Hop.APPLIANCE, Hop.GATEWAY):
        return f"Send {straight}"
    rules = "; ".join(f"TCP {','.join(map(str, service.ports))} to {service.tag}" for service in affected)
    return f"Allow there, from {' and '.join(network.subnet.prefixes)}: {rules}. Or send {straight}"


def _send_straight(facts: Facts, table: RouteTableFacts, service: RequiredService, taken: tuple[Way, ...]) -> str:
    """A route for the service's tag. A route for its tag that is there already is replaced: its prefix is taken."""
    routes = [way.route for way in taken if way.route]
    own = [route for route in routes if route.prefix.partition(".")[0].lower() == service.tag.lower()]
    names = [route.name for route in table.routes]
    name, prefix = (own[0].name, own[0].prefix) if own else (free_name(f"AcrPool{service.tag}", names), service.tag)
    return az_command(
        "network route-table route create",
        *place(facts, table.id),
        *("--route-table-name", table.id.name, "-n", name),
        *("--address-prefix", prefix, "--next-hop-type", "Internet"),
    )


def check_learned_routes(facts: Facts) -> Finding | None:
    """A gateway may have taught the subnet 0.0.0.0/0 (forced tunnelling over BGP); a route of its own beats that."""
    vnet, table = facts.vnet, facts.route_table
    if find_network(facts) is None or not isinstance(vnet, VnetFacts) or not vnet.gateway:
        return None
    if isinstance(table, (Missing, Unreadable)):
        return None
    if table and (not table.gateway_routes or default_route(table.routes)):
        return None
    return Finding(
        code="LearnedRoutesNotChecked",
        severity=Severity.NOT_CHECKED,
        check=_CHECK,
        message="Not checked: routes that the virtual network's gateway learns over BGP. If 0.0.0.0/0 is one of them,"
        " all that the pool sends goes on premises.",
        recommendation="Look at them with: az network vnet-gateway list-learned-routes",
    )
