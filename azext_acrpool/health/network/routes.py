"""Which way traffic from a subnet takes.

Source: Azure's "Virtual network traffic routing" page. The longest prefix wins; a service tag stands for the prefixes
of its service; a user-defined route beats a system route of the same prefix; a service endpoint adds system routes with
the prefixes of its service, so that these go past a user-defined 0.0.0.0/0 but not past a route for the service's tag.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ..facts import RouteFacts
from .intervals import IntervalSet, parse_addresses
from .service_tags import Coverage, Destination, tag_coverage, tag_rank

__all__ = ["Hop", "Way", "default_route", "find_ways", "routed_addresses"]


class Hop(str, Enum):
    """Where traffic is sent next, as ARM names it. ENDPOINT: a service endpoint, straight to the service."""

    INTERNET = "Internet"
    ENDPOINT = "VirtualNetworkServiceEndpoint"
    APPLIANCE = "VirtualAppliance"
    GATEWAY = "VirtualNetworkGateway"
    VNET = "VnetLocal"
    NONE = "None"


@dataclass(frozen=True)
class Way:
    """A next hop, and the user-defined route that chose it (None: Azure's own routes)."""

    hop: Hop
    route: RouteFacts | None = None


def find_ways(routes: Sequence[RouteFacts], destination: Destination, *, endpoint: bool = False) -> tuple[Way, ...]:
    """The ways that traffic to `destination` may take: several if it cannot be told which or if parts differ.

    `endpoint`: the subnet has a service endpoint that leads there. Routes learned over BGP are not seen here.
    """
    ways: list[Way] = []
    for route in sorted((route for route in routes if _is_tag(route)), key=lambda route: tag_rank(route.prefix)):
        coverage = tag_coverage(route.prefix, destination)
        if coverage is not Coverage.NONE:
            ways.append(_way(route))
        if coverage is Coverage.ALL:
            return tuple(ways)
    if endpoint:
        return (*ways, Way(Hop.ENDPOINT))
    remaining = destination.addresses
    for route in sorted((route for route in routes if not _is_tag(route)), key=_prefix_length, reverse=True):
        taken = remaining & parse_addresses([route.prefix])
        if taken:
            ways.append(_way(route))
            remaining = remaining - taken
    if remaining:
        ways.append(Way(Hop.INTERNET))
    return tuple(ways)


def default_route(routes: Sequence[RouteFacts]) -> RouteFacts | None:
    """The route for 0.0.0.0/0."""
    return next((route for route in routes if route.prefix == "0.0.0.0/0"), None)


def routed_addresses(routes: Sequence[RouteFacts]) -> IntervalSet:
    """The addresses that user-defined routes name."""
    return parse_addresses(route.prefix for route in routes)


def _way(route: RouteFacts) -> Way:
    hop = next((hop for hop in Hop if hop.value.lower() == route.next_hop.lower()), Hop.NONE)
    return Way(hop, route)


def _is_tag(route: RouteFacts) -> bool:
    return route.prefix[:1].isalpha() and ":" not in route.prefix


def _prefix_length(route: RouteFacts) -> int:
    try:
        return ipaddress.ip_network(route.prefix, strict=False).prefixlen
    except ValueError:
        return -1
