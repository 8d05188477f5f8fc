"""Why a run waits: what is known of its agent pool, in words. Pure."""

from dataclasses import dataclass, field

from ...wording import counted, format_duration

__all__ = ["QueueFacts", "describe_queue", "explain_wait"]


@dataclass(frozen=True)
class QueueFacts:
    """An agent pool as far as a queued run cares.

    ``state`` is the provisioning state, empty when the pool is gone. ``queued`` is how many runs wait for it. ``busy``
    are the IDs of the runs that have an agent, each with the seconds since then; ``is_detailed`` says whether they
    were looked for. ``obstacles`` is what the health checks say of a pool whose idle agents take no run.
    """

    registry: str
    pool: str
    state: str = ""
    count: int = 0
    queued: int = 0
    busy: tuple[tuple[str, float | None], ...] = field(default_factory=tuple)
    is_detailed: bool = False
    obstacles: tuple[str, ...] = ()


def describe_queue(facts: QueueFacts) -> str:
    """How many wait for how many agents.

    >>> describe_queue(QueueFacts("myregistry", "mypool", "Succeeded", count=2, queued=3))
    '3 queued for 2 instances of agent pool mypool (Succeeded)'
    """
    if not facts.state:
        return f"agent pool {facts.pool} is gone"
    waiting = f"{facts.queued} queued" if facts.queued else "queued"
    return f"{waiting} for {counted(facts.count, 'instance')} of agent pool {facts.pool} ({facts.state})"


def explain_wait(facts: QueueFacts | None) -> str:
    """Why nobody has taken the run yet, and what to do about it; ``facts`` None for shared agents."""
    if facts is None:
        return (
            "No agent of the shared service has taken it yet. See whether the service is well: https://status.azure.com"
        )
    where = f"-r {facts.registry} -n {facts.pool}"
    name = f"Agent pool '{facts.pool}'"
    state = facts.state.lower()
    reasons = {
        f"{name} does not exist any more: cancel the run and use another pool.": not state,
        f"{name} is being deleted and takes no runs: use another pool.": state == "deleting",
        f"{name} is in state {facts.state} and takes no runs. See why with: az acr agentpool check-health {where}": (
            state in ("failed", "canceled")
        ),
        f"{name} has no instances. Scale it up with: az acr agentpool update {where} --count 1": facts.count == 0,
        f"{name} is in state {facts.state}: runs wait until that is done, which usually takes minutes.": (
            state in ("creating", "updating")
        ),
        f"{_all_busy(facts)} More agents: az acr agentpool update {where} --count {facts.count + 1}": (
            len(facts.busy) >= facts.count
        ),
        f"{name} has {counted(facts.count, 'instance')} and {len(facts.busy) or 'none'} busy, yet none has taken the"
        f" run. {_obstacles(facts)} az acr agentpool check-health {where}": True,
    }
    return next(reason for reason, applies in reasons.items() if applies)


def _obstacles(facts: QueueFacts) -> str:
    if not facts.obstacles:
        return "Its network may be in the way. See with:"
    others = "The others and what" if len(facts.obstacles) > 1 else "What"
    return f"{facts.obstacles[0]} {others} mends it:"


def _all_busy(facts: QueueFacts) -> str:
    runs = ", ".join(
        run_id if seconds is None else f"{run_id} (for {format_duration(seconds)})" for run_id, seconds in facts.busy
    )
    return f"All {counted(facts.count, 'instance')} of agent pool '{facts.pool}' are busy with {runs}."
