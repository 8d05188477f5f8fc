"""Runs: waiting for an agent, being carried out, ending.

A run on a pool waits for one of the pool's agents, first come first served; without a pool it starts at once on the
shared service, which has no limit here (assumed). Everything happens on the emulator's clock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..clock import EmulatorClock
from ..executor import Event, Executor, Job, LogLine, Outcome
from ..storage import Storage
from ..world.state import AgentPool, Registry, Run
from .background import Background
from .credentials import attached_identity

__all__ = ["Scheduler"]

log = logging.getLogger("acr_emulator")

QUEUED_SECONDS = 0.3
"""How long a run is Queued though an agent is free, as in the recordings' createTime and startTime (0.28 to 0.33)."""

STARTING_SECONDS = 0.1
"""From there to its first step (assumed: recordings show no run as Started)."""

CANCEL_SECONDS = 0.5
"""How long a running run takes to notice that it is to be canceled (assumed)."""

EVENTS_AT_ONCE = 512
AT_WORK = frozenset({"Started", "Running"})
INTERRUPTED = "the agent was removed"
"""What a run says whose agent went when its pool was scaled in, where the world file has that happen (assumed)."""

COMPLETE_VALUES = {
    "Succeeded": "successful",
    "Failed": "failed",
    "Canceled": "canceled",
    "Timeout": "timedout",
    "Error": "internalerror",
}
"""The log's metadata `Complete` for each final status: az knows the failing ones; `successful` and the pairing with
Timeout and Error are assumed."""


@dataclass(frozen=True)
class _Ending:
    """A reason to stop a run from outside."""

    status: str
    message: str | None = None


class Scheduler:
    """Gives runs to agents and carries them out with `executor`, `speed` times as fast as its events say.

    `is_logged_in` says whether a run gets credentials of its registry.
    """

    def __init__(
        self,
        clock: EmulatorClock,
        background: Background,
        storage: Storage,
        executor: Executor,
        is_logged_in: Callable[[Run], bool],
        speed: float = 1.0,
    ) -> None:
        self._clock = clock
        self._background = background
        self._storage = storage
        self._executor = executor
        self._is_logged_in = is_logged_in
        self._speed = speed
        self._workers: dict[str, asyncio.Task[Outcome]] = {}
        self._taken: set[str] = set()
        self._endings: dict[str, _Ending] = {}

    def submit(self, run: Run) -> None:
        """Queue a run; an agent takes it as soon as one is free."""
        run.registry.runs[run.id] = run
        if run.pool is None:
            self._take(run)
        else:
            self.dispatch(run.registry, run.pool)

    def pool_changed(self, registry: Registry, pool: AgentPool) -> None:
        """Tell that `pool` may have free agents, or fewer than it has runs."""
        if registry.spec.scale_in_interrupts:
            running = [run for run in registry.runs.values() if _is_on(run, pool.name) and run.status in AT_WORK]
            for run in running[pool.agents :]:
                self._background.start(self._stop_later(run, 0, _Ending("Error", INTERRUPTED)))
        self.dispatch(registry, pool.name)

    def dispatch(self, registry: Registry, pool_name: str) -> None:
        """Let the free agents of a pool take as many waiting runs."""
        pool = registry.pools.get(pool_name.lower())
        of_pool = [run for run in registry.runs.values() if _is_on(run, pool_name)]
        busy = sum(run.status in AT_WORK or run.resource_id in self._taken for run in of_pool)
        free = 0 if pool is None else pool.agents - busy
        waiting = [run for run in of_pool if run.status == "Queued" and run.resource_id not in self._taken]
        for run in waiting[: max(free, 0)]:
            self._take(run)

    def _has_agent(self, registry: Registry, pool_name: str) -> bool:
        """Whether a pool has an agent for one more run than those that are at work."""
        pool = registry.pools.get(pool_name.lower())
        at_work = sum(_is_on(run, pool_name) and run.status in AT_WORK for run in registry.runs.values())
        return pool is not None and at_work < pool.agents

    def cancel(self, run: Run) -> None:
        """Cancel a run: at once when it is queued, shortly after when it runs, not at all when it has ended."""
        if run.status == "Queued":
            self._taken.discard(run.resource_id)
            self._finish(run, "Canceled", None)
        elif not run.final and not run.cancel_requested:
            run.cancel_requested = True
            self._background.start(self._stop_later(run, CANCEL_SECONDS, _Ending("Canceled")))

    def _take(self, run: Run) -> None:
        self._taken.add(run.resource_id)
        self._background.start(self._start(run))

    async def _start(self, run: Run) -> None:
        """The run stays Queued for a moment, in which it can be canceled, and its agent can go: then it waits on."""
        await self._clock.sleep(QUEUED_SECONDS / self._speed)
        if run.final:
            return
        self._taken.discard(run.resource_id)
        if run.pool is not None and not self._has_agent(run.registry, run.pool):
            return
        run.status = "Started"
        run.started = run.updated = self._clock.now()
        await self._carry_out(run)

    async def _carry_out(self, run: Run) -> None:
        worker = asyncio.ensure_future(self._work(run))
        self._workers[run.resource_id] = worker
        expired = _Ending("Timeout", f"run timed out after {run.timeout:g} seconds")
        watchdog = asyncio.ensure_future(self._stop_later(run, run.timeout, expired))
        try:
            outcome = await worker
            run.output_images = [image.to_wire() for image in outcome.output_images] or None
            self._remember_base_images(run, outcome)
            self._finish(run, outcome.status, outcome.error_message)
        except asyncio.CancelledError:
            ending = self._endings.pop(run.resource_id, None)
            if ending is None:
                worker.cancel()
                await asyncio.wait([worker])
                raise
            self._finish(run, ending.status, ending.message)
        except Exception as error:
            log.exception("the executor failed in run %s", run.id)
            self._finish(run, "Error", f"internal error: {error}")
        finally:
            watchdog.cancel()
            del self._workers[run.resource_id]

    async def _stop_later(self, run: Run, seconds: float, ending: _Ending) -> None:
        await self._clock.sleep(seconds)
        worker = self._workers.get(run.resource_id)
        if worker is not None and not worker.done():
            self._endings.setdefault(run.resource_id, ending)
            worker.cancel()

    async def _work(self, run: Run) -> Outcome:
        await self._clock.sleep(STARTING_SECONDS / self._speed)
        run.status = "Running"
        started = run.updated = self._clock.now()
        self._storage.store.create_append_blob(run.log_blob)
        registry = run.registry
        job = Job(
            run_id=run.id,
            request=run.request,
            login_server=registry.login_server,
            started_at=started,
            source=self._storage.source(registry, run.request.get("sourceLocation")),
            task_name=run.task or "",
            speed=self._speed,
            is_logged_in=self._is_logged_in(run),
            identity=attached_identity(run),
            faults=registry.run_faults,
        )
        events = self._executor.execute(job)
        try:
            while True:
                for event in await self._next_events(events):
                    if event.seconds_before > 0:
                        await self._clock.sleep(event.seconds_before / self._speed)
                    if isinstance(event, Outcome):
                        return event
                    self._storage.store.append(run.log_blob, f"{event.text}{event.ending}".encode())
        finally:
            # A thread cannot be stopped, and the process would wait for it at its end.
            job.stop.set()

    async def _next_events(self, events: Iterator[Event]) -> list[Event]:
        with self._clock.working():
            batch = await asyncio.to_thread(_take, events)
        if not batch:
            raise RuntimeError("the executor ended without an outcome")
        return batch

    def _remember_base_images(self, run: Run, outcome: Outcome) -> None:
        task = run.registry.tasks.get(run.task.lower()) if run.task else None
        if task is not None and outcome.base_image_dependencies:
            task.base_image_dependencies = [image.to_wire() for image in outcome.base_image_dependencies]

    def _finish(self, run: Run, status: str, message: str | None) -> None:
        if self._storage.store.exists(run.log_blob):
            self._storage.store.set_metadata(run.log_blob, {"Complete": COMPLETE_VALUES[status]})
        run.status = status
        run.error_message = message
        run.finished = run.updated = self._clock.now()
        if run.pool is not None:
            self.dispatch(run.registry, run.pool)


def _is_on(run: Run, pool_name: str) -> bool:
    return run.pool is not None and run.pool.lower() == pool_name.lower()


def _take(events: Iterator[Event]) -> list[Event]:
    """The next events up to a pause, so that an executor which waits for something is heard line by line."""
    batch: list[Event] = []
    for event in events:
        batch.append(event)
        if not isinstance(event, LogLine) or event.seconds_before > 0 or event.is_live or len(batch) == EVENTS_AT_ONCE:
            break
    return batch
