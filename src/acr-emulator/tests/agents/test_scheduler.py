"""Runs that are stopped while their executor works."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

from acr_emulator.executor import Event, Job, Outcome
from acr_emulator.executor.run_faults import RunFault
from acr_emulator.world import RegistrySpec, World
from emulated_azure import EmulatedAzure, ScriptedExecutor


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
