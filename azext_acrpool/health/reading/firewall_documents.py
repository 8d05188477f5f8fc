"""An Azure Firewall's facts from ARM's JSON: its own rules, or those of its policy.

Source of the shapes: Azure's REST specifications (azureFirewall, firewallPolicy, ipGroups). Source of the order in
which rules are asked: Azure's page "Configure Azure Firewall rules": a parent policy before its child, rule collection
groups by priority, in them collections by priority, and network rules before application rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..facts import FirewallCollection, FirewallFacts, ResourceId, SecurityRule
from .documents import items_of, properties_of

__all__ = ["Policy", "ip_groups_of", "private_addresses", "read_firewall", "virtual_networks"]

_Json = Mapping[str, Any]


@dataclass(frozen=True)
class Policy:
    """A firewall policy: its ID, and its rule collection groups as ARM lists them."""

    policy_id: str
    groups: Sequence[_Json]

    @property
    def in_order(self) -> list[_Json]:
        """The groups as they are asked."""
        return sorted(self.groups, key=lambda group: _number(properties_of(group)))


def private_addresses(firewall: _Json) -> list[str]:
    """Where the networks that it is in reach it."""
    properties = properties_of(firewall)
    configured = [properties_of(one).get("privateIPAddress") for one in items_of(properties, "ipConfigurations")]
    in_hub = (properties.get("hubIPAddresses") or {}).get("privateIPAddress")
    return [str(address) for address in (*configured, in_hub) if address]


def virtual_networks(firewall: _Json) -> list[str]:
    """The IDs of the networks that it is in, none for one in a hub of Virtual WAN."""
    configured = [properties_of(one) for one in items_of(properties_of(firewall), "ipConfigurations")]
    subnets = [str((properties.get("subnet") or {}).get("id") or "") for properties in configured]
    return [subnet.rpartition("/subnets/")[0] for subnet in subnets if subnet]


def ip_groups_of(firewall: _Json, policies: Iterable[Policy]) -> list[str]:
    """The IDs of the IP groups that network rules name."""
    holders = (firewall, *(group for policy in policies for group in policy.groups))
    rules = [rule for holder in holders for found in _network_collections(holder) for rule in found.rules]
    named = (rule.get(key) or () for rule in rules for key in ("sourceIpGroups", "destinationIpGroups"))
    return list(dict.fromkeys(str(group) for groups in named for group in groups))


def read_firewall(
    firewall: _Json, policies: Sequence[Policy] = (), ip_groups: Mapping[str, Sequence[str]] | None = None
) -> FirewallFacts:
    """A firewall. `policies` are its own policy, that one's parent and so on, `ip_groups` the members by ID."""
    members = {group.lower(): tuple(addresses) for group, addresses in (ip_groups or {}).items()}
    own = policies[0] if policies else None
    collections = [
        _read_collection(found, members, str(group.get("name") or ""), inherited=policy is not own)
        for policy in reversed(policies)
        for group in policy.in_order
        for found in _network_collections(group)
    ]
    collections += [_read_collection(found, members) for found in _network_collections(firewall)]
    holders = (firewall, *(group for policy in policies for group in policy.groups))
    return FirewallFacts(
        id=ResourceId.parse(firewall["id"]),
        collections=tuple(collections),
        application_rules=tuple(rule for holder in holders for rule in _read_application_rules(holder, members)),
        policy=ResourceId.parse(own.policy_id) if own else None,
        groups=tuple(_named_priority(group) for group in own.in_order) if own else (),
        taken=tuple(_taken(firewall) if own is None else (one for group in own.groups for one in _taken(group))),
    )


def _named_priority(group: _Json) -> tuple[str, int]:
    return str(group.get("name") or ""), _number(properties_of(group))


def _taken(holder: _Json) -> Iterator[tuple[str, str, int]]:
    """Of a firewall the collections of network rules, which have priorities of their own; of a group all of them."""
    properties = properties_of(holder)
    for item in items_of(properties, "networkRuleCollections"):
        yield "", str(item.get("name") or ""), _number(properties_of(item))
    for item in items_of(properties, "ruleCollections"):
        yield str(holder.get("name") or ""), str(item.get("name") or ""), _number(item)


@dataclass(frozen=True)
class _Collection:
    """Rules that all allow or all deny, wherever ARM puts them."""

    name: str
    priority: int
    action: str
    rules: list[_Json]


def _network_collections(holder: _Json) -> list[_Collection]:
    """Those of a firewall or of a rule collection group with network rules, as they are asked."""
    properties = properties_of(holder)
    found = [_described(item, properties_of(item)) for item in items_of(properties, "networkRuleCollections")]
    for item in items_of(properties, "ruleCollections"):
        collection = _described(item, item)
        rules = [rule for rule in collection.rules if _is(rule, "ruleType", "NetworkRule")]
        if rules and not _is(item, "ruleCollectionType", "FirewallPolicyNatRuleCollection"):
            found.append(_Collection(collection.name, collection.priority, collection.action, rules))
    return sorted(found, key=lambda collection: collection.priority)


def _read_application_rules(holder: _Json, ip_groups: Mapping[str, tuple[str, ...]]) -> Iterator[SecurityRule]:
    """Those of a firewall or of a rule collection group, with the ports at which they speak TLS."""
    properties = properties_of(holder)
    found = [_described(item, properties_of(item)) for item in items_of(properties, "applicationRuleCollections")]
    for item in items_of(properties, "ruleCollections"):
        collection = _described(item, item)
        rules = [rule for rule in collection.rules if _is(rule, "ruleType", "ApplicationRule")]
        found.append(_Collection(collection.name, collection.priority, collection.action, rules))
    for collection in found:
        for body in collection.rules:
            protocols = items_of(body, "protocols")
            yield SecurityRule(
                name=f"{collection.name}/{body.get('name') or ''}",
                priority=collection.priority,
                access=collection.action,
                protocol="Https",
                sources=(*_texts(body, "sourceAddresses"), *_members(body, "sourceIpGroups", ip_groups)),
                destinations=(),
                destination_ports=tuple(str(one.get("port")) for one in protocols if _is(one, "protocolType", "Https")),
                hosts=_texts(body, "targetFqdns"),
            )


def _described(named: _Json, holder: _Json) -> _Collection:
    action = str((holder.get("action") or {}).get("type") or "")
    return _Collection(str(named.get("name") or ""), _number(holder), action, items_of(holder, "rules"))


def _read_collection(
    found: _Collection, ip_groups: Mapping[str, tuple[str, ...]], group: str = "", *, inherited: bool = False
) -> FirewallCollection:
    rules = tuple(rule for body in found.rules for rule in _read_rule(found, body, ip_groups))
    return FirewallCollection(found.name, found.priority, rules, group, inherited)


def _read_rule(found: _Collection, body: _Json, ip_groups: Mapping[str, tuple[str, ...]]) -> Iterator[SecurityRule]:
    """One for each protocol; a policy says `ipProtocols` where a firewall says `protocols`."""
    for protocol in _texts(body, "ipProtocols") or _texts(body, "protocols"):
        yield SecurityRule(
            name=f"{found.name}/{body.get('name') or ''}",
            priority=found.priority,
            access=found.action,
            protocol=protocol,
            sources=(*_texts(body, "sourceAddresses"), *_members(body, "sourceIpGroups", ip_groups)),
            destinations=(*_texts(body, "destinationAddresses"), *_members(body, "destinationIpGroups", ip_groups)),
            destination_ports=_texts(body, "destinationPorts"),
            hosts=_texts(body, "destinationFqdns"),
        )


def _members(body: _Json, key: str, ip_groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(address for group in _texts(body, key) for address in ip_groups.get(group.lower(), ()))


def _texts(body: _Json, key: str) -> tuple[str, ...]:
    return tuple(map(str, body.get(key) or ()))


def _is(body: _Json, key: str, value: str) -> bool:
    return str(body.get(key) or "").lower() == value.lower()


def _number(body: _Json) -> int:
    return int(body.get("priority") or 0)
