"""Reading the subnet of a pool and what is attached to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypedDict, TypeVar
from urllib.parse import quote

from ...aside import start_aside
from ...client.arm import ArmClient
from ...client.replies import read_json
from ..facts import FirewallFacts, Missing, NsgFacts, RouteTableFacts, SubnetFacts, Unreadable, VnetFacts
from .attempt import read_fact
from .documents import read_nsg, read_route_table, read_subnet, read_vnet
from .firewalls import next_hops, read_firewalls

__all__ = ["NETWORK_API_VERSION", "NO_NETWORK", "NetworkFacts", "read_network"]

NETWORK_API_VERSION = "2024-05-01"

_NETWORKS = "Microsoft.Network/virtualNetworks"

T = TypeVar("T")


@dataclass(frozen=True)
class NetworkFacts:
    """A subnet and what is around it; each is None where there is none."""

    subnet: SubnetFacts | Missing | Unreadable | None = None
    vnet: VnetFacts | Missing | Unreadable | None = None
    nsg: NsgFacts | Missing | Unreadable | None = None
    route_table: RouteTableFacts | Missing | Unreadable | None = None
    firewalls: Mapping[str, FirewallFacts | Unreadable] = field(default_factory=dict)


NO_NETWORK = NetworkFacts()


def read_network(arm: ArmClient, subnet_id: str, *, one_round: bool = False) -> NetworkFacts:
    """Read the subnet and its network side by side.

    ARM is asked to put security group and route table into the subnet's reply. Where it does not, or may not, they are
    asked for by themselves afterwards, and firewalls that routes lead to; with `one_round` they are not.
    """
    subnet_id = subnet_id.rstrip("/")
    vnet_id = subnet_id.rpartition("/subnets/")[0]
    vnet = start_aside(lambda: read_fact(lambda: read_vnet(_get(arm, vnet_id)), f"{_NETWORKS}/read", vnet_id))
    reader = _SubnetReader(arm, one_round)
    subnet, nsg, route_table = reader.read(subnet_id)
    found = vnet.result()
    firewalls = {} if one_round else read_firewalls(arm, next_hops(route_table), vnet_id, found)
    return NetworkFacts(subnet, found, nsg, route_table, firewalls)


def _get(arm: ArmClient, resource_id: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
    return arm.get_json(quote(resource_id, safe="/"), params, api_version=NETWORK_API_VERSION)


class _Subnet(TypedDict, total=False):
    properties: dict[str, Any]


class _Reference(TypedDict, total=False):
    """What is attached to a subnet: its ID, and its properties if ARM put them in."""

    id: str
    properties: dict[str, Any]


_Nsg = NsgFacts | Missing | Unreadable | None
_RouteTable = RouteTableFacts | Missing | Unreadable | None


@dataclass(frozen=True)
class _Kind(Generic[T]):
    """Something attached to a subnet. It is in the subnet's reply as a whole if its properties hold `complete`."""

    key: str
    complete: str
    read: Callable[[Mapping[str, Any]], T]
    permission: str


_NSG = _Kind("networkSecurityGroup", "defaultSecurityRules", read_nsg, "Microsoft.Network/networkSecurityGroups/read")
_ROUTE_TABLE = _Kind("routeTable", "routes", read_route_table, "Microsoft.Network/routeTables/read")


class _SubnetReader:
    """Reads a subnet, its network security group and its route table."""

    def __init__(self, arm: ArmClient, one_round: bool) -> None:
        self._arm = arm
        self._one_round = one_round

    def read(self, subnet_id: str) -> tuple[SubnetFacts | Missing | Unreadable, _Nsg, _RouteTable]:
        body = self._read_expanded(subnet_id)
        if isinstance(body, (Missing, Unreadable)):
            return body, None, None
        subnet = read_fact(lambda: read_subnet(body), "", subnet_id)
        if not isinstance(subnet, SubnetFacts):
            return subnet, None, None
        nsg, table = self._attached(body, _NSG), self._attached(body, _ROUTE_TABLE)
        return subnet, nsg.result(), table.result()

    def _read_expanded(self, subnet_id: str) -> dict[str, Any] | Missing | Unreadable:
        permission = f"{_NETWORKS}/subnets/read"
        expand = {"$expand": "networkSecurityGroup,routeTable"}
        body = read_fact(lambda: _get(self._arm, subnet_id, expand), permission, subnet_id)
        if not isinstance(body, Unreadable) or self._one_round or body.permission == permission:
            return body
        # Whoever may read the subnet need not be allowed to read what is attached to it.
        return read_fact(lambda: _get(self._arm, subnet_id), permission, subnet_id)

    def _attached(self, subnet: Mapping[str, Any], kind: _Kind[T]) -> Future[T | Missing | Unreadable | None]:
        reference = read_fact(lambda: _reference(subnet, kind.key), "")

        def attached() -> T | Missing | Unreadable | None:
            if isinstance(reference, (Missing, Unreadable)):
                return reference
            resource_id = reference.get("id") or ""
            if not resource_id:
                return None
            if kind.complete in (reference.get("properties") or {}):
                return read_fact(lambda: kind.read(reference), kind.permission, resource_id)
            if self._one_round:
                return Unreadable(reason="it was not part of the subnet's reply")
            return read_fact(lambda: kind.read(_get(self._arm, resource_id)), kind.permission, resource_id)

        return start_aside(attached)


def _reference(subnet: Mapping[str, Any], key: str) -> _Reference:
    properties = read_json(_Subnet, subnet, "a subnet").get("properties") or {}
    return read_json(_Reference, properties.get(key) or {}, f"a subnet's {key}")
