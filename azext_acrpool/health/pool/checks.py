"""Does the pool take the runs that are queued for it?"""

from __future__ import annotations

from dataclasses import replace

from ...pool import Pool, find_tier
from ...wording import az_command, format_duration
from ..facts import Facts, Missing, RunFacts, Unreadable
from ..findings import Finding, Severity
from ..fixes import create_command, of_registry, update_command
from .quota import other_pools, use_of_quota
from .state import WAIT_CONDITIONS, check_state

__all__ = ["check_pool", "check_runs"]

# How many seconds a run may stay Queued beside idle instances before something must be wrong (assumed).
PATIENCE = 300.0
# The longest timeout that the service lets a run have (specification of tasks and runs).
LONGEST_TIMEOUT = 28800


def check_pool(facts: Facts) -> list[Finding]:
    """Existence, state and size of an existing pool."""
    pool = facts.pool
    if isinstance(pool, Unreadable):
        return [Finding("PoolNotChecked", Severity.NOT_CHECKED, f"Not checked: {pool}.", check="Pool")]
    if isinstance(pool, Missing):
        return [_not_found(facts, pool)]
    if not pool.state:
        return []
    return [_check_state(facts, pool), _check_count(facts, pool)]


def check_runs(facts: Facts) -> list[Finding]:
    """The queue against the instances, and runs that should have ended long ago."""
    pool, runs = facts.pool, facts.runs
    if not isinstance(pool, Pool) or not pool.state:
        return []
    if isinstance(runs, Unreadable):
        return [Finding("RunsNotChecked", Severity.NOT_CHECKED, f"Not checked: {runs}.", check="Queue")]
    found = [_check_queue(facts, pool, runs)]
    if isinstance(facts.queue_count, Unreadable):
        message = f"Not checked: {facts.queue_count}."
        found.append(Finding("QueueNotChecked", Severity.NOT_CHECKED, message, check="Queue count"))
    return [*found, *_check_overdue(facts, runs)]


def _not_found(facts: Facts, pool: Missing) -> Finding:
    name = pool.resource_id.rsplit("/", 1)[-1]
    return Finding(
        "PoolNotFound",
        Severity.ERROR,
        f"There is no agent pool '{name}' in registry '{facts.registry_id.name}'. A run that names it can't be queued.",
        "Create it, or name another: az acr agentpool list shows them.",
        "Pool",
        pool.resource_id,
        (create_command(facts, Pool(name, facts.registry_id.name, "S1", 1)),),
    )


def _named(facts: Facts, pool: Pool) -> tuple[str, ...]:
    return (*of_registry(facts), "--name", pool.name)


def _check_state(facts: Facts, pool: Pool) -> Finding:
    check, evidence = "Pool state", f"{pool.name}: {pool.state}"
    for finding in check_state(pool):
        if finding.code == "PoolFailed":
            commands = (
                az_command("acr agentpool delete", *_named(facts, pool), "--yes"),
                create_command(facts, pool, count=max(pool.count, 1)),
            )
            return replace(finding, check=check, evidence=evidence, fix=commands)
        wait = az_command("acr agentpool wait", *_named(facts, pool), WAIT_CONDITIONS[pool.state])
        return replace(finding, severity=Severity.WARNING, check=check, evidence=evidence, fix=(wait,))
    if pool.state == "Canceled":
        return Finding(
            "PoolCanceled",
            Severity.WARNING,
            f"The last operation on agent pool '{pool.name}' was canceled; what it has may not be what it says.",
            "Repeat the operation.",
            check,
            evidence,
            (update_command(facts, pool, max(pool.count, 1)),),
        )
    return Finding("PoolReady", Severity.OK, "The pool is ready.", check=check, evidence=evidence)


def _check_count(facts: Facts, pool: Pool) -> Finding:
    check, evidence = "Pool size", f"{pool.name}: {pool.count} x {pool.tier}"
    if pool.count > 0:
        return Finding("PoolHasInstances", Severity.OK, "The pool has instances.", check=check, evidence=evidence)
    return Finding(
        "PoolEmpty",
        Severity.ERROR,
        f"Agent pool '{pool.name}' has no instance: runs stay Queued until it has one.",
        "Scale it up.",
        check,
        evidence,
        (update_command(facts, pool, 1),),
    )


def _check_queue(facts: Facts, pool: Pool, runs: tuple[RunFacts, ...]) -> Finding:
    waiting = [run for run in runs if run.status == "Queued"]
    active = len(runs) - len(waiting)
    counted = facts.queue_count if isinstance(facts.queue_count, int) else 0
    queued = max(len(waiting), counted)
    oldest = max(waiting, key=_age, default=None)
    evidence = f"{queued} queued, {active} active, {pool.count} instances"
    if oldest:
        evidence += f"; {oldest.run_id} has waited {format_duration(_age(oldest))}"
    check = "Queue"
    if oldest and pool.state == "Succeeded" and pool.count > active and _age(oldest) > PATIENCE:
        return _stuck(facts, pool, oldest, evidence)
    if queued > pool.count:
        fix = _scale_for(facts, pool, queued + active)
        advice = "Scale the pool up, or wait." if fix else "Wait, or ask for a larger vCPU quota to scale the pool up."
        message = f"{queued} runs wait for {pool.count} instances of agent pool '{pool.name}'."
        return Finding("QueueLongerThanPool", Severity.WARNING, message, advice, check, evidence, fix)
    return Finding("QueueShort", Severity.OK, "No run waits without need.", check=check, evidence=evidence)


def _stuck(facts: Facts, pool: Pool, oldest: RunFacts, evidence: str) -> Finding:
    """The commonest fault of a pool in a virtual network; an empty or failed pool has a finding of its own."""
    cause = (
        "Its machines don't fetch work: see what is said here about its network."
        if facts.in_vnet
        else "Its machines don't fetch work although their network is Azure's."
    )
    return Finding(
        "RunsNotTaken",
        Severity.ERROR,
        f"Run {oldest.run_id} has waited {format_duration(_age(oldest))} although agent pool '{pool.name}' has"
        f" idle instances. {cause}",
        "Mend the network first. If runs still wait then, give the pool new machines.",
        "Queue",
        evidence,
        (update_command(facts, pool, 0), update_command(facts, pool, pool.count)),
    )


def _scale_for(facts: Facts, pool: Pool, runs: int) -> tuple[str, ...]:
    """As many instances as there are runs, as far as the default quota goes."""
    tier = find_tier(pool.tier)
    if tier is None or isinstance(facts.pools, Unreadable):
        return ()
    count = min(runs, use_of_quota(tier, pool.count, other_pools(pool.name, facts.pools)).fitting)
    return (update_command(facts, pool, count),) if count > pool.count else ()


def _check_overdue(facts: Facts, runs: tuple[RunFacts, ...]) -> list[Finding]:
    overdue = {run: time for run in runs if (time := run.running or 0.0) > (run.timeout or LONGEST_TIMEOUT)}
    if not overdue:
        return []
    seen = ", ".join(
        f"{run.run_id}: {format_duration(time)} of {run.timeout or LONGEST_TIMEOUT} s" for run, time in overdue.items()
    )
    return [
        Finding(
            "RunsPastTimeout",
            Severity.WARNING,
            f"{len(overdue)} active runs are older than their timeout: they keep instances busy and should have ended.",
            "Cancel them.",
            "Run age",
            seen,
            tuple(az_command("acr task cancel-run", *of_registry(facts), "--run-id", run.run_id) for run in overdue),
        )
    ]


def _age(run: RunFacts) -> float:
    return run.waited or 0.0
