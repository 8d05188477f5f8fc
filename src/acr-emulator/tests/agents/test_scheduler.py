"""Runs that are stopped while their executor works, and that lose their agents."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from acr_emulator.executor import Event, Job, LogLine, Outcome
from acr_emulator.executor.run_faults import RunFault
from acr_emulator.world import PoolSpec, RegistrySpec, World
from emulated_azure import REGISTRY, EmulatedAzure, ScriptedExecutor


class PatientExecutor(ScriptedExecutor):
    """Works until it is told to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun = threading.Event()

    def execute(self, job: Job) -> Iterator[Event]:
        self.jobs.append(job)
        self.has_begun.set()
        job.stop.wait(60)
        yield Outcome("Failed")


def test_an_executor_at_work_is_told_when_the_emulator_stops() -> None:
    executor = PatientExecutor()
    with EmulatedAzure(executor=executor) as azure:
        azure.schedule()

        async def begin() -> None:
            time_passes = asyncio.ensure_future(azure.clock.advance(1))
            await asyncio.to_thread(executor.has_begun.wait, 60)
            time_passes.cancel()

        azure.do(begin)
    assert executor.jobs[0].stop.is_set()


def test_a_run_that_the_service_breaks_off_ends_as_error() -> None:
    with EmulatedAzure(executor=ScriptedExecutor([Outcome("Error", "internal error")])) as azure:
        azure.schedule()
        azure.advance(5)
        run = azure.run("cf1")
    assert (run["status"], run["runErrorMessage"]) == ("Error", "internal error")
    assert "startTime" in run
    assert "finishTime" in run


def test_the_runs_of_a_registry_share_its_faults() -> None:
    world = World(registries=(RegistrySpec(run_faults=(RunFault("error", "internal error", skip=1),)),))
    with EmulatedAzure(world) as azure:
        for _ in range(3):
            azure.schedule()
            azure.advance(5)
        said = [job.faults.next("error") for job in azure.executor.jobs]
    assert said == [None, "internal error", None]


@pytest.mark.parametrize(
    ("interrupts", "statuses"),
    [
        (False, ["Succeeded", "Succeeded", "Succeeded", "Succeeded"]),
        (True, ["Succeeded", "Error", "Error", "Succeeded"]),
    ],
)
def test_what_scaling_in_does_to_runs(*, interrupts: bool, statuses: list[str]) -> None:
    """Assumed: they finish. A world file may have the worst happen: the newest lose their agents."""
    registry = RegistrySpec(pools=(PoolSpec("pool1", count=3),), scale_in_interrupts=interrupts)
    executor = ScriptedExecutor([LogLine("one"), LogLine("two", 600), Outcome("Succeeded")])
    with EmulatedAzure(World(registries=(registry,)), executor=executor) as azure:
        for _ in range(4):
            azure.schedule(agentPoolName="pool1")
        azure.advance(60)
        azure.patch(f"{REGISTRY}/agentPools/pool1", {"properties": {"count": 1}})
        azure.settle()
        broken = [run for run in (azure.run(f"cf{number}") for number in (1, 2, 3, 4)) if run["status"] == "Error"]
        assert [run["runErrorMessage"] for run in broken] == ["the agent was removed"] * statuses.count("Error")
        # One instance is left, which takes what waits when it is free.
        assert azure.run("cf4")["status"] == "Queued"
        azure.advance(3000)
        assert [azure.run(f"cf{number}")["status"] for number in (1, 2, 3, 4)] == statuses


def test_changing_tags_alone_interrupts_nothing() -> None:
    registry = RegistrySpec(pools=(PoolSpec("pool1", count=2),), scale_in_interrupts=True)
    executor = ScriptedExecutor([LogLine("one"), LogLine("two", 600), Outcome("Succeeded")])
    with EmulatedAzure(World(registries=(registry,)), executor=executor) as azure:
        azure.schedule(agentPoolName="pool1")
        azure.advance(60)
        changed = azure.patch(f"{REGISTRY}/agentPools/pool1", {"tags": {"a": "b"}})
        assert (changed.status, changed.body["properties"]["provisioningState"]) == (201, "Updating")
        assert changed.body["systemData"]["lastModifiedAt"] == "2025-06-01T12:01:00+00:00"
        azure.schedule(agentPoolName="pool1")
        azure.advance(1000)
        assert [azure.run(run)["status"] for run in ("cf1", "cf2")] == ["Succeeded", "Succeeded"]


@pytest.mark.parametrize("interrupts", [False, True])
def test_a_run_whose_agent_goes_before_it_has_started_waits_for_another(*, interrupts: bool) -> None:
    registry = RegistrySpec(pools=(PoolSpec("pool1", count=1),), scale_in_interrupts=interrupts)
    with EmulatedAzure(World(registries=(registry,)), executor=ScriptedExecutor([Outcome("Succeeded")])) as azure:
        azure.schedule(agentPoolName="pool1")
        azure.patch(f"{REGISTRY}/agentPools/pool1", {"properties": {"count": 0}})
        azure.advance(1000)
        assert azure.run("cf1")["status"] == "Queued"
        azure.patch(f"{REGISTRY}/agentPools/pool1", {"properties": {"count": 1}})
        azure.advance(1000)
        assert azure.run("cf1")["status"] == "Succeeded"
