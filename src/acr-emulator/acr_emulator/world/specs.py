"""What exists when the emulator starts: subscriptions, registries, pools, subnets, quotas, regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..executor.run_faults import RunFault
from ..wire.faults import FaultRule
from .regions import AGENT_POOL_REGIONS, REGISTRY_REGIONS

__all__ = [
    "DEFAULT_SUBSCRIPTION_ID",
    "TENANT_ID",
    "TIERS",
    "PoolSpec",
    "PrincipalSpec",
    "RegistrySpec",
    "ResourceSpec",
    "SubnetSpec",
    "SubscriptionSpec",
    "Tier",
    "World",
]

DEFAULT_SUBSCRIPTION_ID = "00000000-0000-0000-0000-000000000000"
TENANT_ID = "00000000-0000-0000-0000-00000000aaaa"


@dataclass(frozen=True)
class Tier:
    """What one instance of an agent pool has: vCPUs, and which of the two quotas they count against."""

    cpu: int
    isolated: bool = False


TIERS: Mapping[str, Tier] = {
    "S1": Tier(2),
    "S2": Tier(4),
    "S3": Tier(8),
    "I6": Tier(64, isolated=True),
}
"""The pool tiers of the how-to."""


@dataclass(frozen=True)
class SubscriptionSpec:
    id: str = DEFAULT_SUBSCRIPTION_ID
    name: str = "Emulated subscription"
    tenant_id: str = TENANT_ID


@dataclass(frozen=True)
class PoolSpec:
    """An agent pool that exists from the start; `state` is its provisioning state."""

    name: str
    tier: str = "S1"
    count: int = 1
    state: str = "Succeeded"
    subnet_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RegistrySpec:
    """A registry that exists from the start; the quotas are vCPUs over all its agent pools (defaults: how-to).

    `tasks_allowed`: whether tasks and runs are permitted on it at all. `allow_cpu_with_pool`: whether a task or run may
    name both a cpu and a pool, and `allow_pool_in_task_run`: whether the run of a task may name a pool, both of which
    the service has been reported to refuse. `customer_managed_key`: whether it is encrypted with a key of the
    customer's, so that the logs of its runs are artifacts. `scale_in_interrupts`: whether a pool that is scaled in
    loses the runs that it has no instances left for. `run_faults`: what goes wrong with its runs.
    """

    name: str = "myregistry"
    resource_group: str = "myresourcegroup"
    subscription_id: str = DEFAULT_SUBSCRIPTION_ID
    location: str = "westus2"
    sku: str = "Premium"
    role_assignment_mode: str = "LegacyRegistryPermissions"
    public_network_access: str = "Enabled"
    network_rule_set: Mapping[str, Any] = field(default_factory=lambda: {"defaultAction": "Allow", "ipRules": []})
    network_rule_bypass_options: str = "AzureServices"
    network_rule_bypass_allowed_for_tasks: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    pools: tuple[PoolSpec, ...] = ()
    standard_vcpu_quota: int = 16
    isolated_vcpu_quota: int = 0
    tasks_allowed: bool = True
    allow_cpu_with_pool: bool = False
    allow_pool_in_task_run: bool = False
    customer_managed_key: bool = False
    scale_in_interrupts: bool = False
    run_faults: tuple[RunFault, ...] = ()


@dataclass(frozen=True)
class SubnetSpec:
    """A subnet that pools may name.

    With `egress_blocked`, its pools report Succeeded yet take no run, and turn Failed after `fails_after` seconds if
    that is set. With `create_error`, creating a pool in it ends as Failed with that message. `properties` are what a
    GET of the subnet shows; a network security group or route table that they name can block egress, too.
    """

    id: str
    egress_blocked: bool = False
    fails_after: float | None = None
    create_error: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ResourceSpec:
    """Any other ARM resource."""

    id: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class PrincipalSpec:
    """Somebody else than the caller: a user, a group or a service principal. `id` is the object ID.

    `name` is what it is found by: a user principal name, a display name. `app_id` is a service principal's.
    """

    id: str
    name: str
    kind: str = "User"
    app_id: str | None = None


@dataclass(frozen=True)
class World:
    """All of it.

    `resources` of Microsoft.Network (networks, security groups, route tables, private endpoints) can be changed by
    requests; rules and routes that keep a pool from Azure's services block its egress. `permissions` are what the
    caller's role assignments grant, as ARM lists them; without any the caller may do everything. `principals` are whom
    roles can be assigned to besides. `page_size` is how many items a list returns before it gives a nextLink.
    """

    subscriptions: tuple[SubscriptionSpec, ...] = (SubscriptionSpec(),)
    registries: tuple[RegistrySpec, ...] = (RegistrySpec(),)
    resource_groups: tuple[str, ...] = ()
    subnets: tuple[SubnetSpec, ...] = ()
    resources: tuple[ResourceSpec, ...] = ()
    agent_pool_regions: tuple[str, ...] = AGENT_POOL_REGIONS
    registry_regions: tuple[str, ...] = REGISTRY_REGIONS
    permissions: tuple[Mapping[str, Any], ...] = ()
    page_size: int = 1000
    faults: tuple[FaultRule, ...] = ()
    principals: tuple[PrincipalSpec, ...] = ()

    def subnet(self, subnet_id: str) -> SubnetSpec | None:
        """The subnet with this ID, in any case."""
        return next((subnet for subnet in self.subnets if subnet.id.lower() == subnet_id.lower()), None)
