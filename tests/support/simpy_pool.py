"""A pool of agents in simpy, another model of what `azext_acrpool.scaling.simulation` replays: its oracle.

Agents are processes that take runs from a store. It knows of no shortcuts: each evaluator ticks every interval, and
what a policy comes to is decided on records of all runs.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import simpy

from azext_acrpool.pool import Pool
from azext_acrpool.scaling.activity import activity_of
from azext_acrpool.scaling.policy import Policy
from azext_acrpool.scaling.rules import Action, decide
from azext_acrpool.scaling.run_record import RunRecord
from azext_acrpool.scaling.simulation import Evaluator, ServiceModel, SimulatedRun

__all__ = ["SimpyPool"]

Steps = Generator[simpy.Event, Any, None]


@dataclass
class _Told:
    """What the service tells of a run."""

    created: float
    started: float | None = None
    finished: float | None = None


@dataclass
class SimpyPool:
    """`told` are the runs, by number, `changes` what was asked for: when, from how many instances and to how many.

    `hired` is since when each instance is paid for that has not gone, `given_back` the seconds for which those were.
    """

    policy: Policy
    service: ServiceModel
    origin: datetime
    count: int = 0
    modified: float = 0.0
    is_changing: bool = False
    told: dict[int, _Told] = field(default_factory=dict)
    changes: list[tuple[float, int, int]] = field(default_factory=list)
    hired: list[float] = field(default_factory=list)
    given_back: list[float] = field(default_factory=list)

    def play(self, runs: Sequence[SimulatedRun], evaluators: Sequence[Evaluator], until: float) -> None:
        """Let these runs come, and these evaluators tick."""
        self._env = simpy.Environment()
        self._queue = simpy.Store(self._env)
        self._idle: list[simpy.Process] = []
        self._env.process(self._arrivals(runs))
        for evaluator in evaluators:
            self._env.process(self._ticks(evaluator))
        self._env.run(until=until)

    def waits(self, until: float) -> list[float]:
        """For how long each run waited, or has waited at the end."""
        return [(until if run.started is None else run.started) - run.created for run in self.told.values()]

    def instance_seconds(self, until: float) -> float:
        """What is paid: each instance from when it was asked for until it was gone."""
        return sum(self.given_back) + sum(until - since for since in self.hired)

    def _arrivals(self, runs: Sequence[SimulatedRun]) -> Steps:
        for number, run in enumerate(runs):
            # Not the sum of the steps: two models that add in other orders do not have the same times.
            yield self._at(run.created)
            self.told[number] = _Told(self._env.now)
            self._queue.put((number, run.duration))

    def _at(self, time: float) -> simpy.Event:
        event = self._env.event()
        self._env.schedule(_happened(event), delay=max(0.0, time - self._env.now))
        return event

    def _agent(self) -> Steps:
        while True:
            wanted = self._queue.get()
            me = self._env.active_process
            assert me is not None
            self._idle.append(me)
            try:
                number, duration = yield wanted
            except simpy.Interrupt:
                wanted.cancel()
                return
            self._idle.remove(me)
            self.told[number].started = self._env.now
            yield self._env.timeout(duration)
            self.told[number].finished = self._env.now

    def _ticks(self, evaluator: Evaluator) -> Steps:
        number = 0
        while True:
            yield self._at(evaluator.time_of(number))
            if not evaluator.is_lost(number):
                self._evaluate()
            number += 1

    def _evaluate(self) -> None:
        state = "Updating" if self.is_changing else "Succeeded"
        modified = self.origin + timedelta(seconds=self.modified)
        pool = Pool("pool", "registry", "S2", self.count, state=state, modified=modified)
        seen = self.origin + timedelta(seconds=self._env.now)
        decision = decide(pool, self.policy, activity_of(pool, self.records(), seen))
        if decision.action is not Action.NONE and not self.is_changing:
            self._env.process(self._change(decision.count))

    def _change(self, count: int) -> Steps:
        before, self.count, self.modified, self.is_changing = self.count, count, self._env.now, True
        self.changes.append((self._env.now, before, count))
        for _ in range(before - count):
            self._idle.pop().interrupt()
        self.hired += [self._env.now] * (count - before)
        yield self._env.timeout(self.service.seconds_for(before, count, self._env.now))
        self.given_back += [self._env.now - self.hired.pop() for _ in range(before - count)]
        for _ in range(count - before):
            self._env.process(self._agent())
        self.is_changing = False

    def records(self) -> list[RunRecord]:
        """All runs so far, as the service lists them."""
        return [self._record(str(number), run) for number, run in self.told.items()]

    def _record(self, run_id: str, run: _Told) -> RunRecord:
        status = "Queued" if run.started is None else "Running" if run.finished is None else "Succeeded"
        times = (
            None if time is None else self.origin + timedelta(seconds=time)
            for time in (run.created, run.started, run.finished)
        )
        return RunRecord(run_id, "pool", status, run.started is None, run.finished is None, "", *times)


def _happened(event: simpy.Event) -> simpy.Event:
    event._ok, event._value = True, None
    return event
