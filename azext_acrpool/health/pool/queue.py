"""Does the pool take the runs that are queued for it?"""

from __future__ import annotations

from ...client.registries import REGISTRY_TYPE
from ...pool import Pool
from ...scaling.tags import allowed_at
from ...wording import az_command, counted, format_duration
from ..facts import Facts, RunFacts, SubnetFacts, Unreadable
from ..findings import Finding, Severity, not_checked
from ..fixes import CHANGE_POOLS, update_command
from ..network.subnet import free_addresses
from .quota import use_of_quota
from .state import STATE_FIRST

__all__ = ["check_overdue_runs", "check_queue", "check_queue_count"]

# How many seconds a run may stay Queued beside idle instances before something must be wrong (assumed).
_PATIENCE = 300.0
# The longest timeout, in seconds, that the service lets a run have (specification of tasks and runs).
_LONGEST_TIMEOUT = 28800


def check_queue(facts: Facts) -> Finding | None:
    """The runs that wait for an existing pool, against its instances."""
    pool, runs = facts.existing, facts.runs
    if pool is None:
        return None
    if isinstance(runs, Unreadable):
        return not_checked(code="RunsNotChecked", check="Queue", why=runs)
    waiting = [run for run in runs if run.is_queued]
    active = len(runs) - len(waiting)
    queued = max(len(waiting), facts.queue_count if isinstance(facts.queue_count, int) else 0)
    oldest = max(waiting, key=_age, default=None)
    evidence = f"{queued} queued, {active} active, {pool.instances}"
    if oldest:
        evidence += f"; {oldest.run_id} has waited {format_duration(_age(oldest))}"
        # An empty or failed pool has a finding of its own, and one that is being changed may take runs soon.
        if pool.is_ready and pool.count > active and _age(oldest) > _PATIENCE:
            return _not_taken(facts, pool, oldest, evidence)
    if queued > pool.count:
        return _too_many(facts, pool, queued, active, evidence)
    message = "No run waits without need."
    return Finding(code="QueueShort", severity=Severity.OK, check="Queue", message=message, evidence=evidence)


def _not_taken(facts: Facts, pool: Pool, oldest: RunFacts, evidence: str) -> Finding:
    """The commonest fault of a pool in a virtual network."""
    waited = format_duration(_age(oldest))
    renew = (update_command(pool, 0), update_command(pool, pool.count))
    cause = "Its machines do not fetch work although their network is Azure's."
    advice = "Give the pool new machines."
    if facts.in_vnet:
        cause = "Its machines do not fetch work: see what is said here about its network."
        advice = (
            f"Mend the network first. If runs still wait then, give the pool new machines: {'; then: '.join(renew)}"
        )
    return Finding(
        code="RunsNotTaken",
        severity=Severity.ERROR,
        check="Queue",
        message=f"Run {oldest.run_id} has waited {waited} although agent pool '{pool.name}' has idle instances."
        f" {cause}",
        evidence=evidence,
        recommendation=advice,
        fix=() if facts.in_vnet else renew,
        brief=f"Run {oldest.run_id} has waited {waited} beside idle instances",
        actions=CHANGE_POOLS,
    )


def _too_many(facts: Facts, pool: Pool, queued: int, active: int, evidence: str) -> Finding:
    advice, fix = _more_instances(facts, pool, queued + active) if pool.can_be_changed else (STATE_FIRST, ())
    return Finding(
        code="QueueLongerThanPool",
        severity=Severity.WARNING,
        check="Queue",
        message=f"Agent pool '{pool.name}' has {pool.instances} for {counted(queued, 'queued run')}.",
        evidence=evidence,
        recommendation=advice,
        fix=fix,
        actions=CHANGE_POOLS,
    )


def _more_instances(facts: Facts, pool: Pool, runs: int) -> tuple[str, tuple[str, ...]]:
    """What is recommended for so many runs, and the commands."""
    allowed = allowed_at(facts.now, pool)
    if allowed and pool.count < allowed.maximum:
        return "Its autoscale policy gives it more when it is evaluated.", (pool.az_command("autoscale run"),)
    if allowed:
        see = pool.az_command("autoscale show")
        return f"Wait, or raise the maximum of its autoscale policy, which it has reached. See it with: {see}", ()
    fix = _scale_for(facts, pool, runs)
    if fix:
        return "Scale the pool up, or wait.", fix
    limits = "the default quota and its subnet let it be: a larger vCPU quota or a larger subnet would let it grow"
    return f"Wait. The pool is as large as {limits}.", ()


def _scale_for(facts: Facts, pool: Pool, runs: int) -> tuple[str, ...]:
    """As many instances as there are runs, as far as the default quota and the subnet's free addresses go."""
    use = None if isinstance(facts.pools, Unreadable) else use_of_quota(pool, facts.pools)
    count = min(runs, use.fitting) if use else 0
    if isinstance(facts.subnet, SubnetFacts):
        count = min(count, pool.count + free_addresses(facts.subnet))
    return (update_command(pool, count),) if count > pool.count else ()


def _age(run: RunFacts) -> float:
    return run.waited or 0.0


def check_queue_count(facts: Facts) -> Finding | None:
    """The service's own count of the queue may be read, if the runs may."""
    if facts.existing is None or isinstance(facts.runs, Unreadable) or not isinstance(facts.queue_count, Unreadable):
        return None
    return not_checked(code="QueueNotChecked", check="Queue count", why=facts.queue_count)


def check_overdue_runs(facts: Facts) -> Finding | None:
    """Runs on an existing pool that should have ended long ago."""
    if facts.existing is None or isinstance(facts.runs, Unreadable):
        return None
    overdue = [run for run in facts.runs if (run.running or 0.0) > _timeout(run)]
    if not overdue:
        return None
    seen = (
        f"{run.run_id}: {format_duration(run.running or 0.0)} of {format_duration(_timeout(run))}" for run in overdue
    )
    return Finding(
        code="RunsPastTimeout",
        severity=Severity.WARNING,
        check="Run age",
        message=f"{counted(len(overdue), 'active run')} went on after the timeout and should have ended: that keeps"
        " instances busy.",
        evidence=", ".join(seen),
        recommendation="Cancel them.",
        fix=tuple(
            az_command("acr task cancel-run", "-r", facts.registry_id.name, "--run-id", run.run_id) for run in overdue
        ),
        actions=(f"{REGISTRY_TYPE}/runs/cancel/action",),
    )


def _timeout(run: RunFacts) -> int:
    return run.timeout or _LONGEST_TIMEOUT
