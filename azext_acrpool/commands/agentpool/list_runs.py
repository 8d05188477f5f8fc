"""`az acr agentpool list-runs`."""

from __future__ import annotations

from typing import Any

from ...client.active_runs import ActiveRun, list_active_runs
from ...client.pools import AgentPools
from ...client.registries import locate_registry
from ..console.errors import fail_usage, reports_errors
from ..session import arm_client


@reports_errors
def list_runs(
    cmd: Any,
    agent_pool_name: str,
    registry_name: str,
    resource_group_name: str | None = None,
    top: int | None = None,
) -> list[dict[str, Any]]:
    """The queued and active runs of a pool, the oldest first, at most `top` of them."""
    if top is not None and top < 1:
        fail_usage(f"--top cannot be {top}.", "Give the number of runs to show, 1 or more.")
    arm = arm_client(cmd.cli_ctx)
    registry = locate_registry(arm, registry_name, resource_group_name)
    runs = list_active_runs(arm, registry, agent_pool_name)
    if not runs:
        # No runs of a pool that does not exist would read as if all was well.
        AgentPools(arm).get(registry, agent_pool_name)
    return [_describe(run) for run in runs[:top]]


def _describe(active: ActiveRun) -> dict[str, Any]:
    """The run as az shows it, and for how many whole seconds it has waited and run."""
    from azure.cli.core.util import todict

    run: dict[str, Any] = todict(active.run)
    return {**run, "waitedSeconds": _whole(active.waited), "runningSeconds": _whole(active.running)}


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)
