"""`az acr agentpool update`, `delete`, `list` and `show`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from azure.cli.core import azclierror
from knack.prompting import NoTTYException, prompt_y_n

from ...client.arm import ArmClient
from ...client.errors import AcrError, ConflictError, PoolNotFoundError
from ...client.operations.operation import Operation, OperationKind
from ...client.pool_users import PoolUsers, find_pool_users
from ...client.pools import AgentPoolChanges, AgentPools, read_pool
from ...client.registries import Registry, RegistryId, list_registries, locate_registry
from ...health.pool.wanted import check_count, check_update
from ..console.errors import fail_usage, reports_errors
from ..console.narrator import Narrator, narrator_for
from ..runs.request import takes_options
from ..session import arm_client
from .facts import act_on, read_pools
from .operations import asking, follow, tell_begun

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import AgentPool, AgentPoolQueueStatus


@dataclass(frozen=True)
class UpdateOptions:
    """The command line of `update`."""

    agent_pool_name: str
    registry_name: str
    resource_group_name: str | None = None
    count: int | None = None
    tags: Mapping[str, str] | None = None
    skip_checks: bool = False
    no_wait: bool = False


@reports_errors
@takes_options(UpdateOptions)
def update_pool(cmd: Any, options: UpdateOptions) -> AgentPool | None:
    """Scale or tag a pool."""
    name, count = options.agent_pool_name, options.count
    if count is None and options.tags is None:
        fail_usage("There is nothing to change.", "Give --count, --tags or both.")
    if not options.skip_checks and count is not None:
        act_on(check_count(count))
    arm = arm_client(cmd.cli_ctx)
    registry = locate_registry(arm, options.registry_name, options.resource_group_name)
    if not options.skip_checks:
        _check_update(arm, registry, name, count)
    operation = _begin_update(AgentPools(arm), registry, name, AgentPoolChanges(count, options.tags))
    narrator = narrator_for(cmd.cli_ctx)
    if options.no_wait:
        tell_begun(OperationKind.UPDATE, narrator, registry, name)
        return None
    return follow(operation, narrator, registry, name)


def _check_update(arm: ArmClient, registry: RegistryId, name: str, count: int | None) -> None:
    pools = read_pools(arm, registry)
    if pools is None:
        return
    described = [read_pool(pool, registry.name) for pool in pools]
    for pool in described:
        if pool.name.lower() == name.lower():
            act_on(check_update(pool, count, described))
            return
    raise PoolNotFoundError(name, registry.name)


def _begin_update(
    pools: AgentPools, registry: RegistryId, name: str, changes: AgentPoolChanges
) -> Operation[AgentPool]:
    try:
        with asking(OperationKind.UPDATE, registry, name):
            return pools.update(registry, name, changes)
    except ConflictError:
        # azure-core may have sent our request again after a lost reply.
        existing = pools.find(registry, name)
        facts = read_pool(existing, registry.name) if existing else None
        if not facts or facts.state != "Updating" or changes.count not in (None, facts.count) or changes.tags:
            raise
        return pools.follow(OperationKind.UPDATE, registry, name)


@dataclass(frozen=True)
class DeleteOptions:
    """The command line of `delete`."""

    agent_pool_name: str
    registry_name: str
    no_wait: bool = False
    yes: bool = False
    resource_group_name: str | None = None


@reports_errors
@takes_options(DeleteOptions)
def delete_pool(cmd: Any, options: DeleteOptions) -> str | None:
    """Delete a pool; it is gone when this returns, unless `no_wait`."""
    arm = arm_client(cmd.cli_ctx)
    registry = locate_registry(arm, options.registry_name, options.resource_group_name)
    name, narrator = options.agent_pool_name, narrator_for(cmd.cli_ctx)
    if not options.yes:
        _tell_users(arm, registry, name, narrator)
        _confirm(f"Delete agent pool '{name}' of registry '{registry.name}'?")
    with asking(OperationKind.DELETE, registry, name):
        operation = AgentPools(arm).delete(registry, name)
    if operation is None:
        narrator.say(f"Registry '{registry.name}' has no agent pool '{name}': nothing to delete.")
        return None
    if options.no_wait:
        tell_begun(OperationKind.DELETE, narrator, registry, name)
        return None
    follow(operation, narrator, registry, name)
    # az's own command prints this as its result.
    return f"Agent '{name}' was successfully deleted"


def _tell_users(arm: ArmClient, registry: RegistryId, pool: str, narrator: Narrator) -> None:
    try:
        users = find_pool_users(arm, registry, pool)
    except AcrError as error:
        narrator.say(f"Could not find out who uses agent pool '{pool}': {error.message}")
        return
    for line in _describe_users(users, pool):
        narrator.say(line)


def _describe_users(users: PoolUsers, pool: str) -> Iterator[str]:
    if users.tasks:
        yield f"Tasks that run on agent pool '{pool}' and will not any more: {', '.join(users.tasks)}"
    if users.active_runs:
        yield f"Runs that are queued or running on agent pool '{pool}' now: {', '.join(users.active_runs)}"


def _confirm(question: str) -> None:
    try:
        confirmed = prompt_y_n(question)
    except NoTTYException:
        raise azclierror.NoTTYError("There is no terminal to ask on.", "Use --yes to delete without asking.") from None
    if not confirmed:
        raise azclierror.UnclassifiedUserFault("Nothing was deleted.")


@reports_errors
def list_pools(cmd: Any, registry_name: str | None = None, resource_group_name: str | None = None) -> list[AgentPool]:
    """The pools of a registry, or of all registries in the subscription or the resource group."""
    arm = arm_client(cmd.cli_ctx)
    if registry_name:
        return AgentPools(arm).list(locate_registry(arm, registry_name, resource_group_name))
    # Only Premium registries have pools; asking the others would only take time.
    registries = [
        registry
        for registry in list_registries(arm)
        if registry.sku.lower() in ("premium", "")
        and (not resource_group_name or registry.resource_group.lower() == resource_group_name.lower())
    ]
    return _list_side_by_side(AgentPools(arm), registries, narrator_for(cmd.cli_ctx))


def _list_side_by_side(pools: AgentPools, registries: list[Registry], narrator: Narrator) -> list[AgentPool]:
    """All that can be read; what cannot is told. If nothing can, that is an error."""

    def list_or_error(registry: Registry) -> list[AgentPool] | AcrError:
        try:
            return pools.list(registry)
        except AcrError as error:
            return error

    found: list[AgentPool] = []
    errors: list[AcrError] = []
    with ThreadPoolExecutor(max_workers=8) as executor:
        for registry, result in zip(registries, executor.map(list_or_error, registries), strict=True):
            if isinstance(result, AcrError):
                errors.append(result)
                narrator.say(f"The agent pools of registry '{registry.name}' are left out: {result.message}")
            else:
                found += result
    if errors and len(errors) == len(registries):
        raise errors[0]
    return found


@reports_errors
def show_pool(
    cmd: Any,
    agent_pool_name: str,
    registry_name: str,
    resource_group_name: str | None = None,
    queue_count: bool = False,
) -> AgentPool | AgentPoolQueueStatus:
    """A pool, or how many runs wait for it."""
    arm = arm_client(cmd.cli_ctx)
    registry = locate_registry(arm, registry_name, resource_group_name)
    pools = AgentPools(arm)
    if queue_count:
        return pools.queue_count(registry, agent_pool_name)
    return pools.get(registry, agent_pool_name)
