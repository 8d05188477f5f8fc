"""An agent pool's life, and what is asked of a registry on the way, through the client layer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scenarios import Scenario

from azext_acrpool.client.errors import NotFoundError, RegistryNotFoundError
from azext_acrpool.client.operations.operation import Progress
from azext_acrpool.client.pools import AgentPoolChanges, AgentPools, AgentPoolSpec
from azext_acrpool.client.registries import find_registry, locate_registry


def states_into(states: list[str]) -> Callable[[Progress], None]:
    """Keeps each state when it is new."""

    def note(progress: Progress) -> None:
        if states[-1:] != [progress.state]:
            states.append(progress.state)

    return note


def test_agent_pool_from_create_to_delete(scenario: Scenario) -> None:
    registry = find_registry(scenario.arm, scenario.registry)
    pools = AgentPools(scenario.arm)
    states: list[str] = []
    spec = AgentPoolSpec(registry.location, count=1, tier="S1", os="Linux", tags={"made-by": "acrpool"})
    created = pools.create(registry, "scenario", spec).wait(scenario.clock, on_progress=states_into(states))
    assert states == ["Creating", "Succeeded"]
    assert (created.count, created.tier, created.tags) == (1, "S1", {"made-by": "acrpool"})

    states.clear()
    scaled = pools.update(registry, "scenario", AgentPoolChanges(count=2)).wait(
        scenario.clock, on_progress=states_into(states)
    )
    assert states == ["Updating", "Succeeded"]
    assert (scaled.count, scaled.tags) == (2, {"made-by": "acrpool"})
    assert [pool.name for pool in pools.list(registry)] == ["scenario"]
    assert pools.queue_count(registry, "scenario").count == 0

    deletion = pools.delete(registry, "scenario")
    assert deletion is not None
    deletion.wait(scenario.clock)
    # The service answers 204, and is asked whether it still shows the pool.
    assert pools.delete(registry, "scenario") is None


def test_registry_that_is_not_there(scenario: Scenario) -> None:
    with pytest.raises(RegistryNotFoundError, match="nosuchregistry"):
        find_registry(scenario.arm, "nosuchregistry")
    with pytest.raises(RegistryNotFoundError, match="nosuchgroup"):
        find_registry(scenario.arm, scenario.registry, "nosuchgroup")


def test_pool_that_is_not_there(scenario: Scenario) -> None:
    registry = locate_registry(scenario.arm, scenario.registry)
    pools = AgentPools(scenario.arm)
    assert pools.find(registry, "nosuchpool") is None
    with pytest.raises(NotFoundError):
        pools.update(registry, "nosuchpool", AgentPoolChanges(count=1))
