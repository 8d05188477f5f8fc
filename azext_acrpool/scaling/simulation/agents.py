"""A pool of agents that exists only in a replay: who has which run, who waits, and what is paid."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from .model import Change, ServiceModel, SimulatedRun

__all__ = ["SimulatedPool"]


class SimulatedPool:
    """Each agent has one run at a time; the run that has waited longest is taken first.

    `count` is what was asked for last, `agents` how many take runs now. `running` are the runs that have an agent, with
    the times of their starts, the oldest first; `began` and `ended` are those that an agent took and that came to their
    end, in this order. `modified` is when the last change was asked for. `begin` is called with each run that an agent
    takes: its number, when it will end, and the number of the attempt.
    """

    def __init__(
        self,
        runs: Sequence[SimulatedRun],
        service: ServiceModel,
        count: int,
        begin: Callable[[int, float, int], None],
    ) -> None:
        self.now = 0.0
        self.count = self.agents = count
        self.modified = 0.0
        self.is_changing = False
        self.waiting: deque[int] = deque()
        self.running: dict[int, float] = {}
        self.began: list[int] = []
        self.ended: list[int] = []
        self.runs = runs
        self.starts: list[float | None] = [None] * len(runs)
        self.ends: list[float | None] = [None] * len(runs)
        self.attempts = [0] * len(runs)
        self.arrived = 0
        self.changes: list[Change] = []
        self.interrupted = 0
        self._service = service
        self._begin = begin
        self._paid = 0.0
        self._paid_until = 0.0
        self._paid_for = count

    @property
    def active(self) -> int:
        """How many runs have not ended."""
        return len(self.waiting) + len(self.running)

    def queue(self, run: int) -> None:
        """A run is queued now."""
        self.arrived = max(self.arrived, run + 1)
        self.waiting.append(run)
        self._take_runs()

    def end(self, run: int) -> None:
        """A run has come to its end."""
        del self.running[run]
        self.ends[run] = self.now
        self.ended.append(run)
        self._take_runs()

    def change(self, count: int) -> float:
        """Let it have `count` instances from when the change is done; returns when. It must not be changing."""
        change = Change(self.now, self.count, count)
        self.changes.append(change)
        self._pay(max(count, self.count))
        self.is_changing, self.modified, self.count = True, self.now, count
        self._give_up(self.agents - count)
        return self.now + self._service.seconds_for(change.before, count, self.now)

    def finish_change(self) -> None:
        """The change is done."""
        self._pay(self.count)
        self.is_changing, self.agents = False, self.count
        self._take_runs()

    def paid_until_now(self) -> float:
        """Seconds of instances that are to be paid."""
        self._pay(self._paid_for)
        return self._paid

    def _give_up(self, going: int) -> None:
        """Agents go at once: those without a run first, then those with the youngest runs, which are queued again."""
        if going <= 0:
            return
        self.agents -= going
        for run in list(self.running)[self.agents :]:
            del self.running[run]
            self.interrupted += 1
            self.attempts[run] += 1
            self.starts[run] = None
            self.waiting.append(run)

    def _take_runs(self) -> None:
        while self.waiting and len(self.running) < self.agents:
            run = self.waiting.popleft()
            self.starts[run] = self.running[run] = self.now
            self.began.append(run)
            self._begin(run, self.now + self.runs[run].duration, self.attempts[run])

    def _pay(self, instances: int) -> None:
        self._paid += self._paid_for * (self.now - self._paid_until)
        self._paid_until, self._paid_for = self.now, instances
