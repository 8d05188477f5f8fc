"""Why a run waits: what is known of its agent pool, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...client.operations.operation import OperationKind
from ...client.pools import USUAL_DURATIONS
from ...pool import Pool
from ...scaling.schedules import Bounds
from ...wording import format_duration, listed

__all__ = ["QueueFacts", "describe_queue", "explain_wait"]


@dataclass(frozen=True)
class QueueFacts:
    """An agent pool as far as a queued run cares, by the names of its registry and its own.

    `pool` is None when there is no such pool any more. `queued` is how many runs wait for it. `busy` are the IDs of the
    runs that have an agent, each with the seconds since then; `is_detailed` says whether they were looked for.
    `obstacles` is what the health checks say of a pool whose idle agents take no run. `bounds` are how many instances
    its autoscale policy lets it have now, None without a policy; `decision` is why it was left as it is when the policy
    was evaluated last, as a clause, "" if that is not known.
    """

    registry_name: str
    pool_name: str
    pool: Pool | None
    queued: int = 0
    busy: tuple[tuple[str, float | None], ...] = field(default_factory=tuple)
    is_detailed: bool = False
    obstacles: tuple[str, ...] = ()
    bounds: Bounds | None = None
    decision: str = ""

    @property
    def has_idle_agents(self) -> bool:
        """Whether the pool is ready and has more agents than are busy."""
        return self.pool is not None and self.pool.is_ready and len(self.busy) < self.pool.count


def describe_queue(facts: QueueFacts) -> str:
    """How many wait for how many agents.

    >>> pool = Pool("mypool", "myregistry", "S1", 2, state="Succeeded")
    >>> describe_queue(QueueFacts("myregistry", "mypool", pool, queued=3))
    '3 queued for 2 instances of agent pool mypool (Succeeded)'
    >>> describe_queue(QueueFacts("myregistry", "mypool", pool, queued=3, bounds=Bounds(0, 4)))
    '3 queued for 2 instances of agent pool mypool (Succeeded, autoscale 0 to 4)'
    """
    if facts.pool is None:
        return f"agent pool {facts.pool_name} is gone"
    waiting = f"{facts.queued} queued" if facts.queued else "queued"
    allowed = f", autoscale {facts.bounds.minimum} to {facts.bounds.maximum}" if facts.bounds else ""
    return f"{waiting} for {facts.pool.instances} of agent pool {facts.pool.name} ({facts.pool.state}{allowed})"


def explain_wait(facts: QueueFacts | None) -> str:
    """Why nobody has taken the run yet, and what to do about it; `facts` None for shared agents."""
    if facts is None:
        return (
            "No agent of the shared service has taken it yet. See whether the service is well: https://status.azure.com"
        )
    name = f"Agent pool '{facts.pool_name}'"
    if facts.pool is None:
        return f"{name} does not exist any more: cancel the run and use another pool."
    return f"{name} {_explain_state(facts, facts.pool) or _explain_agents(facts, facts.pool)}"


def _explain_state(facts: QueueFacts, pool: Pool) -> str:
    """Why the pool as it is takes no runs now, "" if that is not the reason."""
    if pool.is_being_deleted:
        return "is being deleted and takes no runs: use another pool."
    if pool.is_failed:
        return f"is in state {pool.state} and takes no runs. See why with: {pool.az_command('check-health')}"
    if pool.count == 0:
        return f"has no instances{_explain_emptiness(facts.bounds, pool)}"
    if pool.is_changing:
        return f"is in state {pool.state}: runs wait until that is done, which usually takes minutes."
    return ""


def _explain_emptiness(bounds: Bounds | None, pool: Pool) -> str:
    """What becomes of a pool without instances, as the end of a sentence."""
    if bounds is None:
        return f". Scale it up with: {pool.az_command('update', '--count', '1')}"
    see = f"See it with: {pool.az_command('autoscale show')}"
    if bounds.maximum == 0:
        return f", and its autoscale policy allows none at this hour. {see}"
    first = " once it has been scaled in" if pool.is_changing else ""
    usual = USUAL_DURATIONS[OperationKind.UPDATE]
    return f" yet: an evaluation of its autoscale policy may scale it out{first}, which {usual}. {see}"


def _explain_agents(facts: QueueFacts, pool: Pool) -> str:
    """Why none of the pool's agents takes the run."""
    if len(facts.busy) >= pool.count:
        return _explain_load(facts, pool)
    if pool.doubt:
        again = pool.az_command("update", "--count", str(pool.count))
        return f"is in state {pool.state}: {pool.doubt}. Repeat the change with: {again}"
    idle = f"has {pool.instances} and {len(facts.busy) or 'none'} busy, yet none has taken the run."
    return f"{idle} {_obstacles(facts)} {pool.az_command('check-health')}"


def _explain_load(facts: QueueFacts, pool: Pool) -> str:
    """That all agents are busy, and where more come from."""
    has = f"{pool.instances}, {'which is busy' if pool.count == 1 else 'all busy'}"
    more = f"More agents: {pool.az_command('update', '--count', str(pool.count + 1))}"
    if facts.bounds and pool.count < facts.bounds.maximum:
        why = facts.decision or "it gets them when waiting for these takes longer than growing"
        more = f"Its autoscale policy allows {facts.bounds.maximum}: {why}."
    elif facts.bounds:
        more = f"Its autoscale policy allows no more at this hour. See it with: {pool.az_command('autoscale show')}"
    return f"has {has}: {_runs(facts)}. {more}"


def _obstacles(facts: QueueFacts) -> str:
    if not facts.obstacles:
        return "Its network may be in the way. See with:"
    others = "The others and what" if len(facts.obstacles) > 1 else "What"
    return f"{facts.obstacles[0]} {others} mends it:"


def _runs(facts: QueueFacts) -> str:
    return listed(
        [run_id if seconds is None else f"{run_id} (for {format_duration(seconds)})" for run_id, seconds in facts.busy]
    )
