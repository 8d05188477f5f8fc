"""`az acr agentpool list`, `show` and `list-runs`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...aside import each_aside
from ...client.active_runs import ActiveRun, list_active_runs
from ...client.errors import AcrError
from ...client.pools import AgentPools
from ...client.registries import Registry, has_agent_pools, list_registries
from ..command import command
from ..console.errors import UsageError
from ..console.narrator import Narrator
from ..session import RegistryOptions, Session
from .options import PoolOptions

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool, AgentPoolQueueStatus

__all__ = ["ListOptions", "ListRunsOptions", "ShowOptions", "list_pools", "list_runs", "show_pool"]


@dataclass(frozen=True, kw_only=True)
class ListOptions:
    """The command line of `list`, which needs no registry."""

    registry_name: str | None = None
    resource_group_name: str | None = None


@command(ListOptions)
def list_pools(session: Session, options: ListOptions) -> list[AgentPool]:
    """The pools of a registry, or of all registries in the subscription or the resource group."""
    pools, group = AgentPools(session.arm), options.resource_group_name
    if options.registry_name:
        return pools.list(
            session.locate_registry(RegistryOptions(registry_name=options.registry_name, resource_group_name=group))
        )
    # Only Premium registries have pools; asking the others would only take time.
    registries = [
        registry
        for registry in list_registries(session.arm)
        if has_agent_pools(registry.sku) and (not group or registry.resource_group.lower() == group.lower())
    ]
    return _list_side_by_side(pools, registries, session.narrator)


def _list_side_by_side(pools: AgentPools, registries: list[Registry], narrator: Narrator) -> list[AgentPool]:
    """All that can be read; what cannot is told. If nothing can, that is an error."""

    def list_or_error(registry: Registry) -> list[AgentPool] | AcrError:
        try:
            return pools.list(registry)
        except AcrError as error:
            return error

    found: list[AgentPool] = []
    errors: list[AcrError] = []
    for registry, result in zip(registries, each_aside(list_or_error, registries), strict=True):
        if isinstance(result, AcrError):
            errors.append(result)
            narrator.say(f"The agent pools of registry '{registry.name}' are left out: {result.message}")
        else:
            found += result
    if errors and len(errors) == len(registries):
        raise errors[0]
    return found


@dataclass(frozen=True, kw_only=True)
class ShowOptions(PoolOptions):
    """The command line of `show`."""

    queue_count: bool = False


@command(ShowOptions)
def show_pool(session: Session, options: ShowOptions) -> AgentPool | AgentPoolQueueStatus:
    """A pool, or how many runs wait for it."""
    registry, pools = session.locate_registry(options), AgentPools(session.arm)
    if options.queue_count:
        return pools.queue_count(registry, options.agent_pool_name)
    return pools.get(registry, options.agent_pool_name)


@dataclass(frozen=True, kw_only=True)
class ListRunsOptions(PoolOptions):
    """The command line of `list-runs`."""

    top: int | None = None


@command(ListRunsOptions)
def list_runs(session: Session, options: ListRunsOptions) -> list[dict[str, Any]]:
    """The queued and active runs of a pool, the oldest first, at most `top` of them."""
    if options.top is not None and options.top < 1:
        raise UsageError(f"--top cannot be {options.top}.", "Give the number of runs to show, 1 or more.")
    registry = session.locate_registry(options)
    runs = list_active_runs(session.arm, registry, options.agent_pool_name)
    if not runs:
        # No runs of a pool that does not exist would read as if all was well.
        AgentPools(session.arm).get(registry, options.agent_pool_name)
    return [_describe(run) for run in runs[: options.top]]


def _describe(active: ActiveRun) -> dict[str, Any]:
    """The run as az shows it, and for how many whole seconds it has waited and run."""
    from azure.cli.core.util import todict

    run: dict[str, Any] = todict(active.run)
    return {**run, "waitedSeconds": _whole(active.waited), "runningSeconds": _whole(active.running)}


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)
