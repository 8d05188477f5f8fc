"""Runs that are stopped while their executor works."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

from acr_emulator.executor import Event, Job, Outcome
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
