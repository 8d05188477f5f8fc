"""What the checks of an agent pool's health look at. Reading it from Azure is the work of `reading`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..client.arm import NAME_IN_ID
from ..client.registries import RegistryId
from ..client.run_status import is_queued
from ..dockerfile.model import AskedBuild
from ..pool import Pool

__all__ = [
    "TASKS_BYPASS_API_VERSION",
    "DnsZoneFacts",
    "Dockerfile",
    "Facts",
    "FirewallCollection",
    "FirewallFacts",
    "Missing",
    "NsgFacts",
    "PermissionFacts",
    "RegistryFacts",
    "ResourceId",
    "RouteFacts",
    "RouteTableFacts",
    "RunFacts",
    "SecurityRule",
    "ServiceEndpoint",
    "SubnetFacts",
    "Unreadable",
    "VnetFacts",
    "is_subnet_id",
]

# The version by which Azure's page "Manage network bypass policy for tasks" reads and sets
# networkRuleBypassAllowedForTasks.
TASKS_BYPASS_API_VERSION = "2025-06-01-preview"


@dataclass(frozen=True)
class Unreadable:
    """A fact that could not be had: the `permission` that the caller lacks, or another `reason`."""

    permission: str = ""
    reason: str = ""

    def __str__(self) -> str:
        return f"needs {self.permission}" if self.permission else self.reason or "could not be read"


@dataclass(frozen=True)
class Missing:
    """There is no such resource."""

    resource_id: str


@dataclass(frozen=True)
class ResourceId:
    """Where an ARM resource is; `parent` is the name of the resource around it, "" if there is none."""

    subscription_id: str
    resource_group: str
    name: str
    parent: str = ""

    @classmethod
    def parse(cls, text: str) -> ResourceId:
        """Read an ARM resource ID, in any case. Raises ValueError if it is not one of a resource in a group.

        >>> ResourceId.parse("/subscriptions/s/resourceGroups/g/providers/N/virtualNetworks/v/subnets/x").parent
        'v'
        """
        parts = text.strip("/").split("/")
        if len(parts) < 8 or parts[0].lower() != "subscriptions" or parts[2].lower() != "resourcegroups":
            raise ValueError(f"not the ID of a resource in a resource group: {text}")
        return cls(parts[1], parts[3], parts[-1], parts[-3] if len(parts) > 8 else "")


_SUBNET_ID = re.compile(
    rf"/subscriptions/{NAME_IN_ID}/resourceGroups/{NAME_IN_ID}"
    rf"/providers/Microsoft\.(?:Classic)?Network/virtualNetworks/{NAME_IN_ID}/subnets/{NAME_IN_ID}/?",
    re.IGNORECASE,
)


def is_subnet_id(text: str) -> bool:
    """Whether it is the ARM ID of a subnet, of a classic network too."""
    return _SUBNET_ID.fullmatch(text) is not None


@dataclass(frozen=True)
class RegistryFacts:
    """A registry. `location` is a region's name (westus2).

    `default_action` is what the firewall does with addresses that no IP rule names (Allow or Deny), `private_endpoints`
    how many approved connections there are, `endpoint_ids` the private endpoints that these come from, `data_hosts`
    where its layers are if not in Azure's own storage accounts.
    """

    id: ResourceId
    location: str
    sku: str = "Premium"
    state: str = "Succeeded"
    login_server: str = ""
    data_hosts: tuple[str, ...] = ()
    public_access: bool = True
    default_action: str = "Allow"
    ip_rules: tuple[str, ...] = ()
    trusted_services_bypass: bool = True
    tasks_bypass: bool = False
    private_endpoints: int = 0
    endpoint_ids: tuple[str, ...] = ()
    abac: bool = False

    @property
    def firewalled(self) -> bool:
        """Whether there are public addresses from which it cannot be reached."""
        return not self.public_access or self.default_action.lower() == "deny"

    @property
    def admits_tasks(self) -> bool:
        """Whether its firewall lets through tasks that run on shared agents."""
        return self.tasks_bypass and self.trusted_services_bypass

    @property
    def private_zone(self) -> str:
        """The private DNS zone in which networks find it at a private endpoint (Azure: "Private endpoint DNS")."""
        return "privatelink." + (self.login_server.partition(".")[2] or "azurecr.io")

    @property
    def is_closed(self) -> bool:
        """Whether no public address reaches it."""
        return self.firewalled and not (self.public_access and self.ip_rules)


@dataclass(frozen=True)
class RunFacts:
    """A run that has not ended. All times are in seconds, None where they are not known.

    `waited` from its creation until an agent took it or until now, `running` since an agent took it, `timeout` is its
    task's.
    """

    run_id: str
    status: str
    waited: float | None = None
    running: float | None = None
    timeout: int | None = None

    @property
    def is_queued(self) -> bool:
        """Whether no agent has taken it yet."""
        return is_queued(self.status)


@dataclass(frozen=True)
class ServiceEndpoint:
    """A service endpoint of a subnet: its service (Microsoft.Storage) and its provisioning state."""

    service: str
    state: str = "Succeeded"


@dataclass(frozen=True)
class SubnetFacts:
    """A subnet. `prefixes` are its networks, `used_addresses` how many of their addresses are taken by NICs.

    `default_outbound` is whether Azure gives its machines a way out when nothing else does.
    """

    id: ResourceId
    prefixes: tuple[str, ...]
    used_addresses: int = 0
    delegations: tuple[str, ...] = ()
    service_endpoints: tuple[ServiceEndpoint, ...] = ()
    nat_gateway_id: str | None = None
    default_outbound: bool = True


@dataclass(frozen=True)
class VnetFacts:
    """A virtual network. No `dns_servers`: it uses Azure's. `gateway`: it has or borrows a virtual network gateway.

    `peered` are the IDs of networks that it is connected to, `peered_prefixes` the addresses there, without those of
    hubs of Virtual WAN.
    """

    id: ResourceId
    location: str
    prefixes: tuple[str, ...] = ()
    dns_servers: tuple[str, ...] = ()
    gateway: bool = False
    peered: tuple[str, ...] = ()
    peered_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecurityRule:
    """A rule of a network security group, or a network rule of an Azure Firewall.

    Addresses are networks, single addresses, service tags or "*". `source_groups` and `destination_groups` are the IDs
    of application security groups, `hosts` names among the destinations of which nobody knows the addresses here.
    """

    name: str
    priority: int
    access: str
    direction: str = "Outbound"
    protocol: str = "*"
    sources: tuple[str, ...] = ("*",)
    source_ports: tuple[str, ...] = ("*",)
    destinations: tuple[str, ...] = ("*",)
    destination_ports: tuple[str, ...] = ("*",)
    source_groups: tuple[str, ...] = ()
    destination_groups: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    @property
    def allows(self) -> bool:
        """Whether it lets traffic through that it matches."""
        return self.access.lower() == "allow"


@dataclass(frozen=True)
class NsgFacts:
    """A network security group with all its rules, Azure's default rules among them."""

    id: ResourceId
    rules: tuple[SecurityRule, ...] = ()


@dataclass(frozen=True)
class DnsZoneFacts:
    """A private DNS zone in the registry's resource group: the IDs of the networks it is linked to, by link."""

    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RouteFacts:
    """A user-defined route. `prefix` is a network or a service tag."""

    name: str
    prefix: str
    next_hop: str
    next_hop_address: str = ""


@dataclass(frozen=True)
class RouteTableFacts:
    """A route table. `gateway_routes`: routes learned by a virtual network gateway are added to the subnet's."""

    id: ResourceId
    routes: tuple[RouteFacts, ...] = ()
    gateway_routes: bool = True


@dataclass(frozen=True)
class FirewallCollection:
    """Network rules of an Azure Firewall that all allow or all deny.

    `group` is the rule collection group of a policy that it is in, "" without a policy; `inherited`: that policy is a
    parent of the firewall's.
    """

    name: str
    priority: int
    rules: tuple[SecurityRule, ...]
    group: str = ""
    inherited: bool = False


@dataclass(frozen=True)
class FirewallFacts:
    """An Azure Firewall. `collections` are in the order in which it asks them.

    `policy` is its own, of which `groups` are the rule collection groups with their priorities, in the order of these;
    None: it has rules by itself. `application_rules` are those for host names. `taken` are all collections that they
    must not get into the way of: group, name and priority.
    """

    id: ResourceId
    collections: tuple[FirewallCollection, ...] = ()
    application_rules: tuple[SecurityRule, ...] = ()
    policy: ResourceId | None = None
    groups: tuple[tuple[str, int], ...] = ()
    taken: tuple[tuple[str, str, int], ...] = ()

    @property
    def lets_hosts_through(self) -> bool:
        """Whether an application rule allows anything."""
        return any(rule.allows for rule in self.application_rules)


@dataclass(frozen=True)
class PermissionFacts:
    """What one role assignment grants: `actions` without `not_actions`, both with `*` as wildcard."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile that shall be built, and how."""

    name: str
    content: bytes
    build: AskedBuild = field(default_factory=AskedBuild)

    @property
    def text(self) -> str:
        """The content; what is not UTF-8, as docker takes it in a comment, is replaced."""
        return self.content.decode("utf-8-sig", "replace")


@dataclass(frozen=True)
class Facts:
    """All that is known about a pool, existing or wanted (`pool.state` is "" then), and what is around it.

    `offered_regions` are display names by name. `runs` are the pool's queued and active ones. `subnet`, `vnet`, `nsg`
    and `route_table` are None where there is none. `firewalls` are Azure's own by the addresses that routes lead to;
    one that is not there is somebody else's. `dns_zone` is that of private endpoints of registries in the registry's
    resource group, None where there is none, or where it is not needed. `endpoint_networks` are the IDs of the networks
    that hold the registry's private endpoints, None where not all are known. `caller` is who asks, as az names it: an
    address or an application ID. `firewall_commands`: az has the commands that change firewalls.
    """

    now: datetime
    registry_id: RegistryId
    registry: RegistryFacts | Missing | Unreadable
    pool: Pool | Missing | Unreadable
    pools: tuple[Pool, ...] | Unreadable = ()
    offered_regions: Mapping[str, str] | Unreadable = field(default_factory=dict)
    queue_count: int | Unreadable | None = None
    runs: tuple[RunFacts, ...] | Unreadable = ()
    subnet: SubnetFacts | Missing | Unreadable | None = None
    vnet: VnetFacts | Missing | Unreadable | None = None
    nsg: NsgFacts | Missing | Unreadable | None = None
    route_table: RouteTableFacts | Missing | Unreadable | None = None
    firewalls: Mapping[str, FirewallFacts | Unreadable] = field(default_factory=dict)
    dns_zone: DnsZoneFacts | Unreadable | None = None
    endpoint_networks: tuple[str, ...] | None = None
    permissions: tuple[PermissionFacts, ...] | Unreadable = (PermissionFacts(("*",)),)
    dockerfile: Dockerfile | None = None
    caller: str = ""
    firewall_commands: bool = False

    @property
    def existing(self) -> Pool | None:
        """The pool, if it is there already."""
        return self.pool if isinstance(self.pool, Pool) and self.pool.state else None

    @property
    def wanted(self) -> Pool | None:
        """The pool, if it is not there yet."""
        return self.pool if isinstance(self.pool, Pool) and not self.pool.state else None

    @property
    def region(self) -> str:
        """The registry's, and so the pool's; "" if it is not known."""
        return self.registry.location if isinstance(self.registry, RegistryFacts) else ""

    @property
    def in_vnet(self) -> bool:
        """Whether the pool's machines are in a virtual network of the user's."""
        return isinstance(self.pool, Pool) and bool(self.pool.subnet_id)
