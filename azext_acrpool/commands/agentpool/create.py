"""`az acr agentpool create`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...client.arm import ArmClient
from ...client.errors import ConflictError
from ...client.operations.operation import Operation, OperationKind
from ...client.pools import AgentPools, AgentPoolSpec, read_pool
from ...client.registries import Registry, find_registry
from ...clock import SystemClock
from ...health.checks import check_network
from ...health.facts import Facts, ResourceId
from ...health.findings import Finding
from ...health.pool.state import check_existing
from ...health.pool.wanted import CreateFacts, check_create, check_request
from ...health.reading.facts import describe_registry
from ...health.reading.network import NetworkFacts
from ...pool import Pool
from ..console.errors import reports_errors
from ..console.narrator import Narrator, narrator_for
from ..runs.request import takes_options
from ..session import arm_client
from .facts import CreateSurroundings, act_on, read_create_facts
from .operations import asking, follow, tell_begun
from .subnets import find_subnet_id, is_id

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool


@dataclass(frozen=True)
class CreateOptions:
    """The command line of `create`. `count` is a number of instances."""

    agent_pool_name: str
    registry_name: str
    resource_group_name: str | None = None
    count: int = 1
    tier: str = "S1"
    os_type: str = "Linux"
    subnet_id: str | None = None
    vnet_name: str | None = None
    subnet: str | None = None
    tags: Mapping[str, str] | None = None
    skip_checks: bool = False
    no_wait: bool = False


@reports_errors
@takes_options(CreateOptions)
def create_pool(cmd: Any, options: CreateOptions) -> AgentPool | None:
    """Create a pool, or find that it is there as asked."""
    wanted = Pool(
        options.agent_pool_name,
        options.registry_name,
        options.tier.upper(),
        options.count,
        os=options.os_type,
        subnet_id=options.subnet_id or (options.subnet if is_id(options.subnet) else None),
        tags=options.tags,
    )
    if not options.skip_checks:
        act_on(check_request(wanted))
    arm = arm_client(cmd.cli_ctx)
    registry = find_registry(arm, options.registry_name, options.resource_group_name)
    subnet_id = find_subnet_id(registry, options.subnet_id, options.vnet_name, options.subnet)
    wanted = replace(wanted, registry=registry.name, subnet_id=subnet_id)
    creation = _Creation(arm, registry, wanted, narrator_for(cmd.cli_ctx))
    existing = None if options.skip_checks else creation.check()
    if existing is not None:
        return existing
    operation = creation.begin()
    if options.no_wait:
        creation.tell_begun()
        return None
    return creation.wait(operation)


class _Creation:
    """One `create`, once it is known what is wanted and where."""

    def __init__(self, arm: ArmClient, registry: Registry, wanted: Pool, narrator: Narrator) -> None:
        self._arm = arm
        self._pools = AgentPools(arm)
        self._registry = registry
        self._wanted = wanted
        self._narrator = narrator
        self._is_under_way = False

    def check(self) -> AgentPool | None:
        """Refuse what cannot work. The pool, if it is there as asked and nothing is left to do."""
        around = read_create_facts(self._arm, self._registry, self._wanted.subnet_id)
        described = [read_pool(pool, self._registry.name) for pool in around.pools or ()]
        for pool, facts in zip(around.pools or (), described, strict=True):
            if facts.name.lower() == self._wanted.name.lower():
                return self._accept(pool, facts)
        act_on([*self._check_registry(around, described), *self._check_network(around.network)])
        return None

    def _check_registry(self, around: CreateSurroundings, pools: list[Pool]) -> list[Finding]:
        registry = self._registry
        facts = CreateFacts(
            self._wanted,
            registry.name,
            registry.subscription_id,
            registry.sku,
            registry.location,
            around.regions,
            None if around.pools is None else pools,
        )
        return check_create(facts)

    def _check_network(self, network: NetworkFacts) -> list[Finding]:
        registry = self._registry
        facts = Facts(
            now=SystemClock().now(),
            registry_id=ResourceId(registry.subscription_id, registry.resource_group, registry.name),
            registry=describe_registry(registry),
            pool=self._wanted,
            subnet=network.subnet,
            vnet=network.vnet,
            nsg=network.nsg,
            route_table=network.route_table,
        )
        # The subnet's subscription is compared with the registry's already.
        return [finding for finding in check_network(facts) if finding.code != "SubnetInOtherSubscription"]

    def _accept(self, pool: AgentPool, facts: Pool) -> AgentPool | None:
        act_on(check_existing(facts, self._wanted))
        self._is_under_way = facts.state in ("Creating", "Updating")
        state = f"is {facts.state.lower()} already" if self._is_under_way else "exists already, as asked"
        self._narrator.say(f"Agent pool '{facts.name}' {state}.")
        return None if self._is_under_way else pool

    def begin(self) -> Operation[AgentPool]:
        """Ask the service for the pool, or join what makes it already."""
        name, registry, wanted = self._wanted.name, self._registry, self._wanted
        if self._is_under_way:
            return self._pools.follow(OperationKind.CREATE, registry, name)
        spec = AgentPoolSpec(registry.location, wanted.count, wanted.tier, wanted.os, wanted.subnet_id, wanted.tags)
        try:
            with asking(OperationKind.CREATE, registry, name):
                return self._pools.create(registry, name, spec)
        except ConflictError:
            # Somebody else, or our own request that was sent again after a lost reply, came first.
            existing = self._pools.find(registry, name)
            if existing is None or check_existing(read_pool(existing, registry.name), wanted):
                raise
            return self._pools.follow(OperationKind.CREATE, registry, name)

    def wait(self, operation: Operation[AgentPool]) -> AgentPool:
        """The pool, once it is there."""
        return follow(operation, self._narrator, self._registry, self._wanted.name)

    def tell_begun(self) -> None:
        """What is said when nobody waits for the pool."""
        tell_begun(OperationKind.CREATE, self._narrator, self._registry, self._wanted.name)
