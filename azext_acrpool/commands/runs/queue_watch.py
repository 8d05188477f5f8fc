"""Looking at an agent pool while a run waits for it, beside following the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ...client.errors import AcrError, PoolNotFoundError
from ...clock import Clock
from ...health.checks import why_waiting
from ...health.reading.facts import HealthSubject, fetch_facts
from ...scaling.tags import allowed_at
from .pool import RunPool
from .waiting import QueueFacts

__all__ = ["QueueWatch", "QueueWatchPace", "read_queue"]


def read_queue(target: RunPool, clock: Clock, *, detailed: bool) -> QueueFacts:
    """Ask for the pool and its queue, and if `detailed` for the runs that have its agents. Raises AcrErrors."""
    try:
        pool = target.read()
        queued = target.queued()
    except PoolNotFoundError:
        return QueueFacts(target.registry.name, target.name, None, is_detailed=True)
    active = target.active_runs() if detailed else []
    busy = tuple((run.run_id, run.running) for run in active if not run.is_queued)
    bounds = allowed_at(clock.now(), pool)
    facts = QueueFacts(target.registry.name, target.name, pool, queued, busy, detailed, bounds=bounds)
    if detailed and facts.has_idle_agents and pool.subnet_id:
        return replace(facts, obstacles=_find_obstacles(target, clock))
    return facts


def _find_obstacles(target: RunPool, clock: Clock) -> tuple[str, ...]:
    """What the checks of check-health say about agents that are idle in a network of the user's."""
    subject = HealthSubject(target.registry, pool_name=target.name)
    return tuple(finding.message for finding in why_waiting(fetch_facts(target.arm, subject, clock)))


@dataclass(frozen=True)
class QueueWatchPace:
    """Seconds of waiting after which the pool is looked at, and between looks; `detailed_from`: with its runs."""

    first: float = 2.0
    every: float = 10.0
    detailed_from: float = 27.0
    detailed_every: float = 20.0


class QueueWatch:
    """Keeps the latest facts about a pool.

    Looking is started `aside`, so that a slow reply delays nothing.
    """

    def __init__(
        self,
        read: Callable[[bool], QueueFacts],
        aside: Callable[[Callable[[], None]], object],
        pace: QueueWatchPace | None = None,
    ) -> None:
        self._read = read
        self._aside = aside
        self._pace = pace or QueueWatchPace()
        self._facts: QueueFacts | None = None
        self._due = self._pace.first
        self._is_looking = False

    def look(self, waited: float) -> QueueFacts | None:
        """The latest facts, after `waited` seconds of waiting; None if there are none yet."""
        detailed = waited >= self._pace.detailed_from
        overdue = detailed and (self._facts is None or not self._facts.is_detailed)
        if not self._is_looking and (waited >= self._due or overdue):
            self._due = waited + (self._pace.detailed_every if detailed else self._pace.every)
            self._is_looking = True
            self._aside(lambda: self._look(detailed))
        return self._facts

    def _look(self, detailed: bool) -> None:
        try:
            self._facts = self._read(detailed)
        except AcrError:
            # What cannot be read now may be at the next look; the run itself is followed by other means.
            return
        finally:
            self._is_looking = False
