"""Is the pool there, is it ready, and has it instances? What its state keeps it from."""

from __future__ import annotations

from dataclasses import replace

from ...pool import Pool
from ...scaling.tags import allowed_at
from ...wording import az_command, counted
from ..facts import Facts, Missing, SubnetFacts, Unreadable
from ..findings import Finding, Severity, not_checked
from ..fixes import CHANGE_POOLS, DELETE_POOLS, create_command, update_command
from ..network.subnet import free_addresses

__all__ = [
    "STATE_FIRST",
    "check_pool",
    "check_pool_size",
    "check_pool_state",
    "made_again",
    "once_mended",
    "pool_busy",
    "pool_canceled",
    "pool_failed",
]

# For what would be mended by a change of a pool that the service refuses to change now.
STATE_FIRST = "See first what is said here about the pool's state."


def check_pool(facts: Facts) -> Finding | None:
    """It is there and may be read, or it is only wanted."""
    pool = facts.pool
    if isinstance(pool, Unreadable):
        return not_checked(code="PoolNotChecked", check="Pool", why=pool)
    if not isinstance(pool, Missing):
        return None
    name, registry = pool.resource_id.rsplit("/", 1)[-1], facts.registry_id.name
    return Finding(
        code="PoolNotFound",
        severity=Severity.ERROR,
        check="Pool",
        message=f"There is no agent pool '{name}' in registry '{registry}'. A run that names it cannot be queued.",
        evidence=pool.resource_id,
        recommendation=f"Name another: {az_command('acr agentpool list', '-r', registry)} shows them. Or create it,"
        " with the --tier, --count and --subnet-id that you want.",
        fix=(create_command(Pool(name, registry, "S1", 1)),),
        actions=CHANGE_POOLS,
        by_choice=True,
    )


def check_pool_state(facts: Facts) -> Finding | None:
    """An existing pool is ready: nothing is being done to it, and what was done last has worked."""
    pool = facts.existing
    if pool is None:
        return None
    if pool.is_failed:
        return _renew(facts, pool)
    if pool.is_changing:
        wait = pool.az_command("wait", _wait_option(pool))
        return pool_busy(pool, Severity.WARNING, (wait,))
    if pool.was_canceled:
        return pool_canceled(pool, Severity.WARNING, (update_command(pool, max(pool.count, 1)),))
    return Finding(
        code="PoolReady",
        severity=Severity.OK,
        check="Pool state",
        message="The pool is ready.",
        evidence=_describe(pool),
    )


def made_again(pool: Pool) -> Pool:
    """The pool as it is wanted once it is deleted: what it was, with an instance at least."""
    return replace(pool, state="", count=max(pool.count, 1))


def once_mended(facts: Facts) -> Pool | None:
    """An existing pool that has not what it asks for, once it has that and an instance at least; None: it has."""
    pool = facts.existing
    if pool is None or not (pool.is_failed or pool.was_canceled or (pool.count == 0 and pool.can_be_changed)):
        return None
    return replace(pool, count=max(pool.count, 1))


def _renew(facts: Facts, pool: Pool) -> Finding:
    """Delete and create; where the subnet has no room before the old machines are gone, that takes somebody's eyes."""
    again = made_again(pool)
    failed = pool_failed(pool, (pool.az_command("delete", "--yes"), create_command(again)))
    if not isinstance(facts.subnet, SubnetFacts) or free_addresses(facts.subnet) >= again.count:
        return failed
    room = counted(again.count, "free address", "free addresses")
    wait = (
        f"Delete it, wait until subnet '{facts.subnet.id.name}' has {room} (a deleted pool frees its own some minutes"
        " after it is gone), and create it again."
    )
    return replace(failed, recommendation=wait, by_choice=True)


def check_pool_size(facts: Facts) -> Finding | None:
    """An existing pool has instances, or gets some when they are needed."""
    pool = facts.existing
    if pool is None:
        return None
    check, evidence = "Pool size", f"{pool.name}: {pool.count} x {pool.tier}"
    if pool.count > 0:
        message = "The pool has instances."
        return Finding(code="PoolHasInstances", severity=Severity.OK, check=check, message=message, evidence=evidence)
    allowed = allowed_at(facts.now, pool)
    if allowed and allowed.maximum:
        message = (
            "The pool has no instance. By its autoscale policy it scales out from 0 when a run comes through acrpool,"
            " or at the next evaluation."
        )
        return Finding(code="PoolScalesOut", severity=Severity.OK, check=check, message=message, evidence=evidence)
    policy = ", and its autoscale policy allows none at this hour" if allowed else ""
    return Finding(
        code="PoolEmpty",
        severity=Severity.ERROR,
        check=check,
        message=f"Agent pool '{pool.name}' has no instance{policy}: runs stay Queued until it has one.",
        evidence=evidence,
        recommendation="Scale it up." if pool.can_be_changed else STATE_FIRST,
        fix=(update_command(pool, 1),) if pool.can_be_changed else (),
        actions=CHANGE_POOLS,
    )


def pool_failed(pool: Pool, fix: tuple[str, ...] = ()) -> Finding:
    """The pool is in the state that it never leaves."""
    return Finding(
        code="PoolFailed",
        severity=Severity.ERROR,
        check="Pool state",
        message=f"Agent pool '{pool.name}' is in state Failed, and the service refuses to change such a pool.",
        evidence=_describe(pool),
        recommendation=f"Delete it with `{pool.az_command('delete')}` and create it again.",
        fix=fix,
        brief=f"Agent pool '{pool.name}' is in state Failed",
        actions=(*DELETE_POOLS, *CHANGE_POOLS),
    )


def pool_busy(pool: Pool, severity: Severity, fix: tuple[str, ...] = ()) -> Finding:
    """Something is being done to the pool. How bad that is depends on what somebody wants of it."""
    return Finding(
        code="PoolBusy",
        severity=severity,
        check="Pool state",
        message=f"Agent pool '{pool.name}' is in state {pool.state}; it cannot be changed until that is done.",
        evidence=_describe(pool),
        recommendation=f"Wait for that with: {pool.az_command('wait', _wait_option(pool))}",
        fix=fix,
    )


def pool_canceled(pool: Pool, severity: Severity, fix: tuple[str, ...] = ()) -> Finding:
    """The last change of the pool was broken off. How bad that is depends on what somebody wants of it."""
    return Finding(
        code="PoolCanceled",
        severity=severity,
        check="Pool state",
        message=f"Agent pool '{pool.name}' is in state {pool.state}: {pool.doubt}.",
        evidence=_describe(pool),
        recommendation="Repeat the change.",
        fix=fix,
        actions=CHANGE_POOLS,
    )


def _describe(pool: Pool) -> str:
    return f"{pool.name}: {pool.state}"


def _wait_option(pool: Pool) -> str:
    """The option of `az acr agentpool wait` that waits for the end of what is being done to the pool."""
    state = pool.state.lower()
    if state == "creating":
        return "--created"
    return "--deleted" if state == "deleting" else "--updated"
