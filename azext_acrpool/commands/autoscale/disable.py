"""`az acr agentpool autoscale disable`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...client.pools import AgentPools, read_pool
from ...health.preflight import check_update
from ...pool import Pool
from ...scaling.tags import has_policy
from ..agentpool.findings import act_on
from ..agentpool.options import PoolOptions
from ..command import command
from ..console.narrator import Narrator
from ..session import Session
from .policies import change_policy, describe

__all__ = ["DisableOptions", "disable_autoscale"]


@dataclass(frozen=True, kw_only=True)
class DisableOptions(PoolOptions):
    """The command line of `disable`."""

    no_wait: bool = False


@command(DisableOptions)
def disable_autoscale(session: Session, options: DisableOptions) -> dict[str, Any] | None:
    """Take the policy of a pool away, whatever it says, or find that there is none."""
    registry = session.locate_registry(options)
    pool = read_pool(AgentPools(session.arm).get(registry, options.agent_pool_name), registry.name)
    if not has_policy(pool):
        session.narrator.say(f"Agent pool '{pool.name}' has no autoscale policy.")
        return describe(pool, None)
    act_on([check_update(pool, None, [pool])], session.narrator)
    changed = change_policy(session, registry, pool, None, no_wait=options.no_wait)
    _tell_what_stays(changed or pool, session.narrator)
    return None if changed is None else describe(changed, None)


def _tell_what_stays(pool: Pool, narrator: Narrator) -> None:
    """Nobody scales the pool in any more, and its instances are paid for."""
    if pool.count:
        narrator.alert(
            f"Agent pool '{pool.name}' keeps its {pool.instances}, to be paid for until it is scaled in with: "
            f"{pool.az_command('update', '--count', '0')}",
            mark="WARNING",
        )
