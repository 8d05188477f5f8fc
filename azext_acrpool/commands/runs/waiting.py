"""Why a run waits: what is known of its agent pool, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...pool import Pool
from ...wording import format_duration, listed

__all__ = ["QueueFacts", "describe_queue", "explain_wait"]


@dataclass(frozen=True)
class QueueFacts:
    """An agent pool as far as a queued run cares, by the names of its registry and its own.

    `pool` is None when there is no such pool any more. `queued` is how many runs wait for it. `busy` are the IDs of the
    runs that have an agent, each with the seconds since then; `is_detailed` says whether they were looked for.
    `obstacles` is what the health checks say of a pool whose idle agents take no run.
    """

    registry_name: str
    pool_name: str
    pool: Pool | None
    queued: int = 0
    busy: tuple[tuple[str, float | None], ...] = field(default_factory=tuple)
    is_detailed: bool = False
    obstacles: tuple[str, ...] = ()

    @property
    def has_idle_agents(self) -> bool:
        """Whether the pool is ready and has more agents than are busy."""
        return self.pool is not None and self.pool.is_ready and len(self.busy) < self.pool.count


def describe_queue(facts: QueueFacts) -> str:
    """How many wait for how many agents.

    >>> pool = Pool("mypool", "myregistry", "S1", 2, state="Succeeded")
    >>> describe_queue(QueueFacts("myregistry", "mypool", pool, queued=3))
    '3 queued for 2 instances of agent pool mypool (Succeeded)'
    """
    if facts.pool is None:
        return f"agent pool {facts.pool_name} is gone"
    waiting = f"{facts.queued} queued" if facts.queued else "queued"
    return f"{waiting} for {facts.pool.instances} of agent pool {facts.pool.name} ({facts.pool.state})"


def explain_wait(facts: QueueFacts | None) -> str:
    """Why nobody has taken the run yet, and what to do about it; `facts` None for shared agents."""
    if facts is None:
        return (
            "No agent of the shared service has taken it yet. See whether the service is well: https://status.azure.com"
        )
    name = f"Agent pool '{facts.pool_name}'"
    if facts.pool is None:
        return f"{name} does not exist any more: cancel the run and use another pool."
    return f"{name} {_explain_state(facts.pool) or _explain_agents(facts, facts.pool)}"


def _explain_state(pool: Pool) -> str:
    """Why the pool as it is takes no runs now, "" if that is not the reason."""
    if pool.is_being_deleted:
        return "is being deleted and takes no runs: use another pool."
    if pool.is_failed:
        return f"is in state {pool.state} and takes no runs. See why with: {pool.az_command('check-health')}"
    if pool.count == 0:
        return f"has no instances. Scale it up with: {pool.az_command('update', '--count', '1')}"
    if pool.is_changing:
        return f"is in state {pool.state}: runs wait until that is done, which usually takes minutes."
    return ""


def _explain_agents(facts: QueueFacts, pool: Pool) -> str:
    """Why none of the pool's agents takes the run."""
    if len(facts.busy) >= pool.count:
        more = pool.az_command("update", "--count", str(pool.count + 1))
        all_busy = "which is busy" if pool.count == 1 else "all busy"
        return f"has {pool.instances}, {all_busy}: {_runs(facts)}. More agents: {more}"
    if pool.doubt:
        again = pool.az_command("update", "--count", str(pool.count))
        return f"is in state {pool.state}: {pool.doubt}. Repeat the change with: {again}"
    idle = f"has {pool.instances} and {len(facts.busy) or 'none'} busy, yet none has taken the run."
    return f"{idle} {_obstacles(facts)} {pool.az_command('check-health')}"


def _obstacles(facts: QueueFacts) -> str:
    if not facts.obstacles:
        return "Its network may be in the way. See with:"
    others = "The others and what" if len(facts.obstacles) > 1 else "What"
    return f"{facts.obstacles[0]} {others} mends it:"


def _runs(facts: QueueFacts) -> str:
    return listed(
        [run_id if seconds is None else f"{run_id} (for {format_duration(seconds)})" for run_id, seconds in facts.busy]
    )
