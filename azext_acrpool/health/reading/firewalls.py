"""Reading the Azure Firewalls that a subnet's routes lead to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from ...aside import start_aside
from ...client.arm import ArmClient
from ..facts import FirewallFacts, Missing, RouteTableFacts, Unreadable, VnetFacts
from .attempt import read_fact
from .documents import properties_of
from .firewall_documents import Policy, ip_groups_of, private_addresses, read_firewall, virtual_networks

__all__ = ["FIREWALLS_API_VERSION", "next_hops", "read_firewalls"]

FIREWALLS_API_VERSION = "2024-05-01"

_FIREWALLS = "Microsoft.Network/azureFirewalls"
_POLICIES = "Microsoft.Network/firewallPolicies"
# More than Azure lets policies inherit from each other.
_LONGEST_ANCESTRY = 5

_Vnet = VnetFacts | Missing | Unreadable | None


def next_hops(table: RouteTableFacts | Missing | Unreadable | None) -> set[str]:
    """The addresses of the virtual appliances that the routes lead to."""
    routes = table.routes if isinstance(table, RouteTableFacts) else ()
    return {route.next_hop_address for route in routes if route.next_hop.lower() == "virtualappliance"} - {""}


def read_firewalls(
    arm: ArmClient, addresses: Collection[str], vnet_id: str, vnet: _Vnet
) -> Mapping[str, FirewallFacts | Unreadable]:
    """By address, the Azure Firewalls in the virtual network or in those that it is connected to.

    Unreadable is one that could not be read; where some could not be listed, so is every address that is not found.
    """
    if not addresses:
        return {}
    networks = (vnet_id, *(vnet.peered if isinstance(vnet, VnetFacts) else ()))
    subscriptions = dict.fromkeys(network.strip("/").split("/")[1] for network in networks)
    asked = [start_aside(partial(_list_firewalls, arm, subscription)) for subscription in subscriptions]
    listed = [found.result() for found in asked]
    near = [
        body
        for found in listed
        if not isinstance(found, Unreadable)
        for body in found
        if _is_near(body, {network.lower() for network in networks})
    ]
    reading = {
        address: start_aside(partial(_read, arm, body))
        for address in addresses
        for body in near
        if address in private_addresses(body)
    }
    unread = [found for found in listed if isinstance(found, Unreadable)]
    unknown = dict.fromkeys(addresses, unread[0]) if unread else {}
    return {**unknown, **{address: firewall.result() for address, firewall in reading.items()}}


def _list_firewalls(arm: ArmClient, subscription: str) -> list[dict[str, Any]] | Unreadable:
    path = f"/subscriptions/{quote(subscription, safe='')}/providers/{_FIREWALLS}"
    found = read_fact(lambda: list(arm.list_json(path, api_version=FIREWALLS_API_VERSION)), f"{_FIREWALLS}/read")
    return Unreadable(reason="it does not exist") if isinstance(found, Missing) else found


def _is_near(firewall: Mapping[str, Any], networks: Collection[str]) -> bool:
    """Addresses are used again in other networks. Which networks a hub of Virtual WAN connects is not looked at."""
    own = virtual_networks(firewall)
    return not own or any(network.lower() in networks for network in own)


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
