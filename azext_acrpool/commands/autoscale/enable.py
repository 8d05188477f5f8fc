"""`az acr agentpool autoscale enable`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...client.pools import AgentPools, read_pool
from ...client.registries import RegistryId
from ...health.pool.quota import fitting_count, use_of_quota
from ...health.preflight import check_update
from ...pool import Pool
from ...scaling.errors import PolicyError
from ...scaling.policy import POLICY_TAG, Policy
from ...scaling.schedules import Schedule
from ...wording import az_command, counted, printable
from ..agentpool.findings import act_on
from ..agentpool.options import PoolOptions
from ..command import command
from ..console.errors import UsageError
from ..console.narrator import Narrator
from ..session import Session
from .policies import Listed, change_policy, describe, list_pools

__all__ = ["EnableOptions", "enable_autoscale"]


@dataclass(frozen=True, kw_only=True)
class EnableOptions(PoolOptions):
    """The command line of `enable`. `schedule` are the texts of schedules, `vcpu_quota` None for the default one."""

    max_count: int
    min_count: int = 0
    idle_minutes: int = 15
    runs_per_instance: int = 1
    schedule: Sequence[str] | None = None
    vcpu_quota: int | None = None
    no_wait: bool = False

    @property
    def policy(self) -> Policy:
        """The policy that is asked for. Raises UsageError."""
        # Defaults come as numbers that az marks as such, and would print as marks.
        policy = Policy(
            max_count=self.max_count,
            min_count=int(self.min_count),
            idle_minutes=int(self.idle_minutes),
            runs_per_instance=int(self.runs_per_instance),
            schedules=tuple(map(_read_schedule, self.schedule or ())),
            vcpu_quota=self.vcpu_quota,
        )
        _require_sound(policy)
        return policy


@command(EnableOptions)
def enable_autoscale(session: Session, options: EnableOptions) -> dict[str, Any] | None:
    """Give a pool a policy, or find that it has this one."""
    asked = options.policy
    registry = session.locate_registry(options)
    listed = list_pools(session, registry, options.agent_pool_name)
    policy = replace(asked, unknown=_kept_fields(listed.pool, session.narrator))
    if policy.unknown:
        _require_sound(policy)
    _warn_of_quota(listed, policy, session.narrator)
    pool = _find_with(session, registry, listed.pool, policy)
    if pool is None:
        act_on([check_update(listed.pool, None, listed.pools)], session.narrator)
        pool = change_policy(session, registry, listed.pool, policy, no_wait=options.no_wait)
        session.narrator.say(_who_scales(listed.pool))
    return None if pool is None or options.no_wait else describe(pool, policy)


def _read_schedule(text: str) -> Schedule:
    try:
        return Schedule.parse(text)
    except PolicyError as error:
        raise UsageError(str(error)) from error


def _require_sound(policy: Policy) -> None:
    try:
        policy.require_sound()
    except PolicyError as error:
        raise UsageError(str(error)) from error


def _kept_fields(pool: Pool, narrator: Narrator) -> tuple[str, ...]:
    """What a newer version wrote into the policy that is there. One that cannot be read is replaced, and told."""
    try:
        policy = Policy.of(pool)
    except PolicyError as error:
        has = printable(pool.tag(POLICY_TAG) or "")
        narrator.warn(f"The autoscale policy that agent pool '{pool.name}' has is replaced: '{has}'. {error}")
        return ()
    return policy.unknown if policy else ()


def _find_with(session: Session, registry: RegistryId, listed: Pool, policy: Policy) -> Pool | None:
    """The pool, if it has this policy already: a list may lag behind a change that has begun."""
    if not _has(listed, policy):
        return None
    pool = read_pool(AgentPools(session.arm).get(registry, listed.name), registry.name)
    if not _has(pool, policy):
        return None
    session.narrator.say(f"Agent pool '{pool.name}' has this autoscale policy already.")
    return pool


def _has(pool: Pool, policy: Policy) -> bool:
    """Whether the pool has the policy, however it is spelled, and can follow it, be it after what is done to it now."""
    if pool.is_failed or pool.is_being_deleted:
        return False
    try:
        return Policy.of(pool) == policy
    except PolicyError:
        return False


def _who_scales(pool: Pool) -> str:
    run = az_command("acr agentpool autoscale run", "-r", pool.registry)
    deploy = az_command("acr agentpool autoscale deploy", "-r", pool.registry, "--extension-source", "URL")
    return (
        f"Runs that are sent with this extension scale agent pool '{pool.name}' out themselves; `{run}` scales it out"
        f" and in. To have the registry do that on a timer: {deploy}"
    )


def _warn_of_quota(listed: Listed, policy: Policy, narrator: Narrator) -> None:
    """Say how far the pool can be scaled out beside the others, if that is less than the policy allows."""
    most = policy.largest_count
    fitting = fitting_count(listed.pool, listed.pools, policy.vcpu_quota)
    use = use_of_quota(replace(listed.pool, count=most), listed.pools, policy.vcpu_quota)
    if use is None or fitting is None or fitting >= most:
        return
    others = f" with the {use.used} of other pools" if use.used else ""
    whose = "" if policy.vcpu_quota else "default "
    advice = "" if policy.vcpu_quota else " If Azure has raised the registry's quota, say to what with --vcpu-quota."
    narrator.warn(
        f"Agent pool '{listed.pool.name}' is scaled out to {counted(fitting, 'instance')} at most: {most} x"
        f" {use.tier.name}{others} are {use.used + use.wanted} vCPUs, and the {whose}quota of a registry's {use.kind}"
        f" agent pools is {use.quota}.{advice}"
    )
