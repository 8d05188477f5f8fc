"""Reading the Azure Firewalls that a subnet's routes lead to."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from ...aside import start_aside
from ...client.arm import ArmClient
from ..facts import FirewallFacts, Missing, RouteTableFacts, Unreadable, VnetFacts
from .attempt import read_fact
from .documents import is_hub_network, properties_of
from .firewall_documents import Policy, ip_groups_of, private_addresses, read_firewall, virtual_networks

__all__ = ["FIREWALLS_API_VERSION", "next_hops", "read_firewalls"]

FIREWALLS_API_VERSION = "2024-05-01"

_FIREWALLS = "Microsoft.Network/azureFirewalls"
_POLICIES = "Microsoft.Network/firewallPolicies"
# More than Azure lets policies inherit from each other.
_LONGEST_ANCESTRY = 5

_Vnet = VnetFacts | Missing | Unreadable | None
_Json = Mapping[str, Any]

_AMBIGUOUS = Unreadable(reason="several firewalls have this address")


def next_hops(table: RouteTableFacts | Missing | Unreadable | None) -> set[str]:
    """The addresses of the virtual appliances that the routes lead to."""
    routes = table.routes if isinstance(table, RouteTableFacts) else ()
    return {route.next_hop_address for route in routes if route.next_hop.lower() == "virtualappliance"} - {""}


def read_firewalls(
    arm: ArmClient, addresses: Collection[str], vnet_id: str, vnet: _Vnet
) -> Mapping[str, FirewallFacts | Unreadable]:
    """By address, the Azure Firewalls in the virtual network or in those that it is connected to.

    Unreadable is one that could not be read, or of which it cannot be told which it is; where some could not be listed,
    so is every address that is not found.
    """
    if not addresses:
        return {}
    peered = vnet.peered if isinstance(vnet, VnetFacts) else ()
    networks = (vnet_id, *(network for network in peered if not is_hub_network(network)))
    subscriptions = dict.fromkeys(network.strip("/").split("/")[1] for network in networks)
    asked = [start_aside(partial(_list_firewalls, arm, subscription)) for subscription in subscriptions]
    listed = [found.result() for found in asked]
    known = [body for found in listed if not isinstance(found, Unreadable) for body in found]
    unread = next((found for found in listed if isinstance(found, Unreadable)), None)
    names = {network.lower() for network in networks}
    chosen = {address: _choose(known, address, names, vnet, unread) for address in addresses}
    reading = {
        address: start_aside(partial(_read, arm, body))
        for address, body in chosen.items()
        if body is not None and not isinstance(body, Unreadable)
    }
    unknown = {address: why for address, why in chosen.items() if isinstance(why, Unreadable)}
    return {**unknown, **{address: firewall.result() for address, firewall in reading.items()}}


def _choose(
    known: Iterable[_Json], address: str, networks: Collection[str], vnet: _Vnet, unread: Unreadable | None
) -> _Json | Unreadable | None:
    """The firewall that has the address there, None if it is somebody else's appliance.

    Addresses are used again in other networks. One that says that it is in these is the one; one in a hub of Virtual
    WAN, of which the networks are not read, only if it is the only one and the address is in none of these.
    """
    having = [body for body in known if address in private_addresses(body)]
    near = [body for body in having if any(network.lower() in networks for network in virtual_networks(body))]
    if near:
        return near[0] if len(near) == 1 else _AMBIGUOUS
    if unread is not None:
        return unread
    if isinstance(vnet, VnetFacts) and _is_within(address, vnet):
        return None
    in_hubs = [body for body in having if not virtual_networks(body)]
    if len(in_hubs) > 1:
        return _AMBIGUOUS
    if in_hubs and not isinstance(vnet, VnetFacts):
        return vnet if isinstance(vnet, Unreadable) else None
    return next(iter(in_hubs), None)


def _is_within(address: str, vnet: VnetFacts) -> bool:
    prefixes = (*vnet.prefixes, *vnet.peered_prefixes)
    try:
        where = ipaddress.ip_address(address)
        return any(where in ipaddress.ip_network(prefix, strict=False) for prefix in prefixes)
    except ValueError:
        return False


def _list_firewalls(arm: ArmClient, subscription: str) -> list[dict[str, Any]] | Unreadable:
    path = f"/subscriptions/{quote(subscription, safe='')}/providers/{_FIREWALLS}"
    found = read_fact(lambda: list(arm.list_json(path, api_version=FIREWALLS_API_VERSION)), f"{_FIREWALLS}/read")
    return Unreadable(reason="it does not exist") if isinstance(found, Missing) else found


def _read(arm: ArmClient, body: Mapping[str, Any]) -> FirewallFacts | Unreadable:
    """The firewall with what its policies and IP groups say."""

    def read() -> FirewallFacts:
        policies = list(_read_policies(arm, body))
        asked = {group: start_aside(partial(_get, arm, group)) for group in ip_groups_of(body, policies)}
        members = {group: properties_of(found.result()).get("ipAddresses") or () for group, found in asked.items()}
        return read_firewall(body, policies, members)

    found = read_fact(read, f"{_POLICIES}/read")
    return Unreadable(reason="it does not exist") if isinstance(found, Missing) else found


def _read_policies(arm: ArmClient, firewall: Mapping[str, Any]) -> Iterator[Policy]:
    """The firewall's own policy, that one's parent and so on; none if it has rules by itself."""
    policy_id = _id_of(firewall, "firewallPolicy")
    for _ in range(_LONGEST_ANCESTRY):
        if not policy_id:
            return
        policy = start_aside(partial(_get, arm, policy_id))
        groups = f"{quote(policy_id, safe='/')}/ruleCollectionGroups"
        yield Policy(policy_id, list(arm.list_json(groups, api_version=FIREWALLS_API_VERSION)))
        policy_id = _id_of(policy.result(), "basePolicy")


def _id_of(body: Mapping[str, Any], key: str) -> str:
    return str((properties_of(body).get(key) or {}).get("id") or "")


def _get(arm: ArmClient, resource_id: str) -> dict[str, Any]:
    return arm.get_json(quote(resource_id, safe="/"), api_version=FIREWALLS_API_VERSION)
