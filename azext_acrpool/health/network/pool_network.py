"""The network around a pool's machines, put together from the facts, and the questions that checks ask it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..facts import (
    Facts,
    FirewallFacts,
    NsgFacts,
    RegistryFacts,
    RouteFacts,
    RouteTableFacts,
    SecurityRule,
    SubnetFacts,
    VnetFacts,
)
from .intervals import NOTHING, IntervalSet, parse_addresses
from .nsg import Decision, Traffic, Verdict, evaluate
from .routes import Hop, Way, find_ways, routed_addresses
from .service_tags import REGISTRY_SERVICE, REQUIRED_SERVICES, Destination, RequiredService

__all__ = ["NO_FIREWALL_RULE", "PoolNetwork", "find_needed", "find_network", "is_registry_private"]

# Stands for what a firewall does where none of its rules matches.
NO_FIREWALL_RULE = "no rule"


@dataclass(frozen=True)
class PoolNetwork:
    """A subnet with its rules and routes. `nsg` and `routes` are None if they are not known.

    `firewalls` are Azure's own by the addresses that routes lead to, as far as they are known.
    """

    subnet: SubnetFacts
    vnet_addresses: IntervalSet
    nsg: NsgFacts | None
    routes: tuple[RouteFacts, ...] | None
    filtered: bool
    firewalls: Mapping[str, FirewallFacts]

    def decide(self, destination: Destination, port: int, protocol: str = "Tcp") -> Decision:
        """What the network security group does with traffic to `destination`. Without one all is allowed."""
        if not self.filtered:
            return Decision(Verdict.ALLOW)
        if self.nsg is None:
            return Decision(Verdict.UNKNOWN)
        traffic = Traffic(
            source=parse_addresses(self.subnet.prefixes),
            destination=destination,
            port=port,
            protocol=protocol,
            vnet=self.vnet_addresses,
            routed=routed_addresses(self.routes or ()),
        )
        return evaluate(self.nsg.rules, traffic)

    def ways(self, destination: Destination, endpoint: str = "") -> tuple[Way, ...]:
        """Which ways traffic may take; `endpoint` is the service endpoint that leads there if it is enabled."""
        return find_ways(self.routes or (), destination, endpoint=self.has_endpoint(endpoint))

    def is_known(self, way: Way) -> bool:
        """Whether the way leads to a firewall of which the rules are known."""
        return way.hop is Hop.APPLIANCE and way.route is not None and way.route.next_hop_address in self.firewalls

    def decide_at(self, firewall: FirewallFacts, destination: Destination, port: int) -> Decision:
        """What the firewall does with what the subnet sends to `destination`: without a rule it lets nothing through.

        Of its network rules; those for applications have their turn later and know host names only.
        """
        rules = [rule for collection in firewall.collections for rule in collection.rules]
        in_order = [replace(rule, priority=number) for number, rule in enumerate(rules)]
        nothing_matches = SecurityRule(NO_FIREWALL_RULE, len(rules), "Deny")
        traffic = Traffic(parse_addresses(self.subnet.prefixes), destination, port)
        return evaluate(in_order, traffic, (nothing_matches,))

    def has_endpoint(self, service: str) -> bool:
        """Whether the service endpoint `service` is enabled, for one region or for all."""
        found = {endpoint.service.lower().removesuffix(".global") for endpoint in self.subnet.service_endpoints}
        return service.lower() in found


def find_network(facts: Facts) -> PoolNetwork | None:
    """The pool's network, None if the pool is in none or its subnet is not known."""
    if not isinstance(facts.subnet, SubnetFacts):
        return None
    routes: tuple[RouteFacts, ...] | None = None
    if facts.route_table is None:
        routes = ()
    elif isinstance(facts.route_table, RouteTableFacts):
        routes = facts.route_table.routes
    vnet = parse_addresses(facts.vnet.prefixes) if isinstance(facts.vnet, VnetFacts) else NOTHING
    return PoolNetwork(
        subnet=facts.subnet,
        vnet_addresses=vnet | parse_addresses(facts.subnet.prefixes),
        nsg=facts.nsg if isinstance(facts.nsg, NsgFacts) else None,
        routes=routes,
        filtered=facts.nsg is not None,
        firewalls={address: found for address, found in facts.firewalls.items() if isinstance(found, FirewallFacts)},
    )


def find_needed(facts: Facts) -> tuple[RequiredService, ...]:
    """The services that the pool must reach at public addresses: those of the how-to's table, and the registry."""
    if not isinstance(facts.registry, RegistryFacts) or is_registry_private(facts, facts.registry):
        return REQUIRED_SERVICES
    return (*REQUIRED_SERVICES, REGISTRY_SERVICE)


def is_registry_private(facts: Facts, registry: RegistryFacts) -> bool:
    """Whether the pool reaches the registry at a private endpoint.

    Where that is is not known: assumed in the pool's virtual network, where a closed registry must be given one.
    """
    return registry.private_endpoints > 0 or (facts.in_vnet and registry.is_closed)
