"""Waiting until an agent pool is as wanted, whoever makes it so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..clock import NO_DEADLINE, Clock, Deadline
from .active_runs import list_active_runs
from .arm import LOOK_OPTIONS, ArmClient
from .errors import OperationFailedError, PoolNotFoundError
from .operations.state import SETTLING_TIME
from .patience import Progress, Watch, delay_until_next_look
from .pools import AgentPools, read_pool
from .registries import RegistryId

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool

__all__ = ["PoolConditions", "PoolWait", "WaitLimits"]

# Seconds that a pool may be absent until nobody is believed to create it. ARM shows a pool within seconds of the
# request for it; the rest is for whoever makes that request beside the wait, in another job.
_LONGEST_ABSENCE: Final = 60.0


@dataclass(frozen=True)
class PoolConditions:
    """What is waited for; the first that holds is enough.

    `created` and `updated`: the pool's state is Succeeded. `deleted`: there is no such pool. `exists`: there is one,
    in any state. `idle`: no run waits for it and none runs on it. `custom`: whatever it says of the pool.
    """

    created: bool = False
    updated: bool = False
    deleted: bool = False
    exists: bool = False
    idle: bool = False
    custom: Callable[[AgentPool], bool] | None = None

    def __str__(self) -> str:
        """For messages: `created or idle`."""
        wanted = []
        if self.created:
            wanted.append("created")
        if self.updated:
            wanted.append("updated")
        if self.deleted:
            wanted.append("deleted")
        if self.exists:
            wanted.append("there")
        if self.idle:
            wanted.append("idle")
        if self.custom is not None:
            wanted.append("as asked for")
        return " or ".join(wanted)


@dataclass(frozen=True)
class WaitLimits:
    """`interval` is in seconds, None: often at first, then less so. `deadline` bounds the requests, too."""

    interval: float | None = None
    deadline: Deadline = NO_DEADLINE


@dataclass(frozen=True)
class _Sight:
    """What one look at the pool showed."""

    state: str
    met: bool
    is_there: bool = True


class PoolWait:
    """A wait for conditions on a pool, which need not exist yet."""

    def __init__(self, arm: ArmClient, registry: RegistryId, name: str, conditions: PoolConditions) -> None:
        self._arm = arm
        self._pools = AgentPools(arm)
        self._registry = registry
        self._name = name
        self._conditions = conditions
        self._was_deleting = False
        self._absent_since: float | None = None

    def wait(
        self,
        limits: WaitLimits,
        clock: Clock,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        """Return when a condition holds; `on_progress` is called at least once a second.

        Raises OperationFailedError when the pool is Failed or Canceled, so that no condition will ever hold without
        more being done; PoolNotFoundError when there is no pool for a minute, unless that is waited for;
        OperationTimeoutError; OperationLostError; and what reading the pool and its runs raises.
        """
        watch = Watch(
            clock,
            f"agent pool '{self._name}'",
            str(self._conditions),
            on_progress=on_progress,
            deadline=limits.deadline,
        )
        while True:
            looked_at = watch.elapsed
            sight = watch.insist(lambda: self._look(watch))
            watch.report(sight.state)
            if sight.met:
                return
            self._require_presence(sight, watch.elapsed)
            watch.pause_since(looked_at, limits.interval or delay_until_next_look(looked_at))

    def _look(self, watch: Watch) -> _Sight:
        wanted = self._conditions
        found = self._find()
        if found is None:
            return _Sight("gone" if wanted.deleted else "not there yet", met=wanted.deleted, is_there=False)
        pool = read_pool(found, self._registry.name)
        state = pool.state
        self._was_deleting = self._was_deleting or pool.is_being_deleted
        if wanted.exists or (pool.is_ready and (wanted.created or wanted.updated)):
            return _Sight(state, met=True)
        if wanted.custom and wanted.custom(found):
            return _Sight(state, met=True)
        work = self._describe_work() if wanted.idle else ""
        if wanted.idle and not work:
            return _Sight(f"{state}, idle", met=True)
        if (pool.is_failed or pool.was_canceled) and not self._may_be_deleted_yet(watch.elapsed):
            raise OperationFailedError(
                f"Agent pool '{self._name}' is in state {state}. It will not become {wanted}.", code=state
            )
        return _Sight(f"{state}, {work}" if work else state, met=False)

    def _find(self) -> AgentPool | None:
        """The pool, None if there is none.

        Where that ends the wait, one reply is not enough, unless the pool was seen being deleted.
        """
        found = self._pools.find(self._registry, self._name, retry=False)
        is_end = found is None and self._conditions.deleted and not self._was_deleting
        return self._pools.find(self._registry, self._name, retry=False) if is_end else found

    def _require_presence(self, sight: _Sight, elapsed: float) -> None:
        """Raises PoolNotFoundError once the pool has been absent for too long."""
        if sight.is_there:
            self._absent_since = None
            return
        if self._absent_since is None:
            self._absent_since = elapsed
        absent = elapsed - self._absent_since
        if absent >= _LONGEST_ABSENCE:
            raise PoolNotFoundError(self._name, self._registry.name, waited=absent)

    def _may_be_deleted_yet(self, elapsed: float) -> bool:
        """A Failed pool can be deleted, and may not show at once that it is being deleted."""
        return self._conditions.deleted and not self._was_deleting and elapsed < SETTLING_TIME

    def _describe_work(self) -> str:
        """The runs that wait for the pool and those on it, such as `2 queued, 1 running`; "" if there are none."""
        # The queue is asked for first: a run that leaves it meanwhile is among the runs.
        queued = self._pools.queue_count(self._registry, self._name, retry=False).count or 0
        active = list_active_runs(self._arm, self._registry, self._name, options=LOOK_OPTIONS)
        waiting = sum(run.is_queued for run in active)
        work = []
        if queued or waiting:
            work.append(f"{max(queued, waiting)} queued")
        if len(active) > waiting:
            work.append(f"{len(active) - waiting} running")
        return ", ".join(work)
