"""How often a run's agent pool is looked at while it waits, and what is asked about the pool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pool_azure import VNET, PoolAzure, listing
from run_azure import Azure
from scripted_arm import REGISTRY, arm_error, pool_body
from scripted_transport import Reply

from azext_acrpool.client.errors import ServiceFailureError
from azext_acrpool.commands.runs.pool import RunPool
from azext_acrpool.commands.runs.queue_watch import QueueWatch, read_queue
from azext_acrpool.commands.runs.waiting import QueueFacts, explain_wait
from azext_acrpool.pool import Pool

FACTS = QueueFacts("myregistry", "mypool", Pool("mypool", "myregistry", "S1", 2, "Succeeded"), queued=3)


class Looks:
    """Gives facts and notes when it was asked; `later` keeps the work instead of doing it."""

    def __init__(self, facts: QueueFacts | Exception = FACTS) -> None:
        self.facts = facts
        self.asked: list[bool] = []
        self.later: list[Callable[[], None]] = []

    def read(self, detailed: bool) -> QueueFacts:
        self.asked.append(detailed)
        if isinstance(self.facts, Exception):
            raise self.facts
        return replace(self.facts, is_detailed=detailed)


def now(work: Callable[[], None]) -> None:
    work()


def test_a_run_that_starts_at_once_costs_no_look_at_the_pool() -> None:
    looks = Looks()
    watch = QueueWatch(looks.read, now)
    assert watch.look(0.0) is None
    assert watch.look(1.8) is None
    assert looks.asked == []


def test_the_pool_is_looked_at_now_and_then_and_closely_before_the_reason_is_due() -> None:
    looks = Looks()
    watch = QueueWatch(looks.read, now)
    for second in range(0, 300, 2):
        watch.look(float(second))
    assert looks.asked[:4] == [False, False, False, True]
    assert len(looks.asked) <= 3 + 300 / 20
    assert watch.look(300.0) == replace(FACTS, is_detailed=True)


def test_a_look_that_hangs_delays_nothing_and_is_not_repeated() -> None:
    looks = Looks()
    watch = QueueWatch(looks.read, looks.later.append)
    assert [watch.look(float(second)) for second in range(100)] == [None] * 100
    assert len(looks.later) == 1
    looks.later[0]()
    assert watch.look(101.0) == replace(FACTS, is_detailed=False)


def test_a_pool_that_cannot_be_read_is_looked_at_again() -> None:
    looks = Looks(ServiceFailureError("ARM is down"))
    watch = QueueWatch(looks.read, now)
    assert watch.look(2.0) is None
    looks.facts = FACTS
    watch.look(12.0)
    assert watch.look(13.0) is not None


def look(azure: Azure, *, detailed: bool) -> QueueFacts:
    return read_queue(RunPool(azure.session.arm, REGISTRY, "mypool"), azure.clock, detailed=detailed)


def test_a_quick_look_asks_for_the_pool_and_its_queue(azure: Azure) -> None:
    facts = look(azure, detailed=False)
    assert facts.pool == Pool("mypool", "myregistry", "S1", 2, "Succeeded")
    assert (facts.queued, facts.busy, facts.is_detailed) == (1, (), False)
    assert azure.asked == ["GET /agentPools/mypool", "POST /agentPools/mypool/listQueueStatus"]


def test_a_close_look_tells_who_has_the_agents_and_not_who_waits(azure: Azure) -> None:
    azure.others = {"cf7": "Running", "cf8": "Started", "cf9": "Queued"}
    facts = look(azure, detailed=True)
    assert facts.busy == (("cf8", None), ("cf7", None))
    assert facts.is_detailed


@pytest.mark.parametrize("route", ["GET /agentPools/mypool", "POST /agentPools/mypool/listQueueStatus"])
def test_a_pool_that_is_gone_is_no_error(azure: Azure, route: str) -> None:
    azure.replies[route] = arm_error(404, "ResourceNotFound")
    assert look(azure, detailed=False) == QueueFacts("myregistry", "mypool", None, is_detailed=True)


SUBNET = f"{VNET}/subnets/mysubnet"
DELEGATED = "Subnet 'mysubnet' is delegated to Microsoft.Web/serverFarms, so that nothing else can be put into it."
WAITED = "Agent pool 'mypool' has 1 instance and none busy, yet none has taken the run."
CHECK = "az acr agentpool check-health -r myregistry -n mypool"


def in_subnet(subnet_id: str | None = SUBNET, *runs: str) -> PoolAzure:
    """Azure with `mypool` in a subnet that belongs to another service; `runs` have its agents."""
    pool = pool_body(virtualNetworkSubnetResourceId=subnet_id)
    delegation = {"properties": {"serviceName": "Microsoft.Web/serverFarms"}}
    properties = {"addressPrefix": "10.0.0.0/24", "delegations": [delegation]}
    running = [{"properties": {"runId": run_id, "status": "Running", "agentPoolName": "mypool"}} for run_id in runs]
    return PoolAzure(
        {
            "GET /agentPools": listing(pool),
            "GET /agentPools/mypool": Reply(200, pool),
            "POST /agentPools/mypool/listQueueStatus": Reply(200, {"count": 1}),
            "GET /runs": listing(),
            "GET /runs?Status eq 'Running'": listing(*running),
            "GET /permissions": listing({"actions": ["*"], "notActions": []}),
            "GET /virtualNetworks/myvnet": Reply(200, {"id": VNET, "location": "westus2", "properties": {}}),
            "GET /subnets/mysubnet": Reply(200, {"id": SUBNET, "properties": properties}),
        }
    )


def look_into(azure: PoolAzure, *, detailed: bool = True) -> QueueFacts:
    return read_queue(RunPool(azure.session.arm, REGISTRY, "mypool"), azure.session.clock, detailed=detailed)


def test_a_close_look_tells_what_keeps_idle_agents_in_a_subnet_from_taking_the_run() -> None:
    facts = look_into(in_subnet())
    assert facts.obstacles == (DELEGATED,)
    assert explain_wait(facts) == f"{WAITED} {DELEGATED} What mends it: {CHECK}"


@pytest.mark.parametrize(
    ("azure", "detailed"),
    [(in_subnet(), False), (in_subnet(SUBNET, "cf7"), True), (in_subnet(None), True)],
    ids=["a quick look", "busy agents", "no subnet"],
)
def test_the_network_is_looked_at_only_when_it_may_be_the_reason(azure: PoolAzure, detailed: bool) -> None:
    assert look_into(azure, detailed=detailed).obstacles == ()
    assert not [path for path in azure.transport.asked("GET") if "Microsoft.Network" in path]
    assert "myregistry" not in azure.transport.asked("GET")
