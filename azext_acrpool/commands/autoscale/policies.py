"""The autoscale policy of a pool as the commands read, write and show it: a tag among others of the pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from azure.cli.core import azclierror

from ...client.pools import AgentPoolChanges, AgentPools, pick_pool, read_pool
from ...client.registries import RegistryId
from ...pool import Pool
from ...scaling.policy import POLICY_TAG, Policy
from ...wording import printable
from ..agentpool.changes import change_pool
from ..console.errors import CommandError
from ..session import Session

__all__ = ["Listed", "change_policy", "describe", "list_pools"]

# Azure's documentation of tags, for one resource.
_MOST_TAGS: Final = 50


@dataclass(frozen=True)
class Listed:
    """The pool that a command is about, and all pools of its registry, it among them."""

    pool: Pool
    pools: tuple[Pool, ...]


def list_pools(session: Session, registry: RegistryId, name: str) -> Listed:
    """The pool `name`, in any case, beside the others. Raises PoolNotFoundError, AcrErrors."""
    pools = tuple(read_pool(model, registry.name) for model in AgentPools(session.arm).list(registry))
    return Listed(pick_pool(pools, registry, name), pools)


def _tags_with(pool: Pool, policy: Policy | None) -> dict[str, str]:
    """All tags that the pool has and shall have, with this policy in place of the one that it has; None for none.

    Raises CommandError.
    """
    tags = pool.tags_besides(POLICY_TAG)
    if policy is None:
        return tags
    if len(tags) >= _MOST_TAGS:
        raise CommandError(
            azclierror.ValidationError(
                f"Agent pool '{pool.name}' has {len(tags)} tags, the most there can be: no policy fits in.",
                [f"Set those that it needs with: {pool.az_command('update', '--tags', 'NAME=VALUE')}"],
            )
        )
    return {**tags, POLICY_TAG: str(policy)}


def change_policy(
    session: Session, registry: RegistryId, pool: Pool, policy: Policy | None, *, no_wait: bool
) -> Pool | None:
    """The pool with this policy or with none, once it is changed; None if nobody waits.

    Raises CommandError if it has another one by then, AcrErrors.
    """
    tags = _tags_with(pool, policy)
    model = change_pool(session, registry, pool.name, AgentPoolChanges(tags=tags), no_wait=no_wait)
    if model is None:
        return None
    changed = read_pool(model, registry.name)
    has = changed.tag(POLICY_TAG)
    if has != tags.get(POLICY_TAG):
        found = "has no autoscale policy" if has is None else f"has the autoscale policy '{printable(has)}'"
        raise CommandError(
            azclierror.AzureResponseError(
                f"The update of agent pool '{pool.name}' is done, but the pool {found}: its tags were changed again.",
                [f"See what it has with: {pool.az_command('autoscale show')}"],
            )
        )
    if changed.tags != tags and (changed.tags or tags):
        session.narrator.warn(
            f"Other tags of agent pool '{pool.name}' were changed by somebody else meanwhile. See them with: "
            f"{pool.az_command('show', '--query', 'tags')}"
        )
    return changed


def describe(pool: Pool, policy: Policy | None) -> dict[str, Any]:
    """What the commands print of a pool and its policy."""
    return {
        "registryName": str(pool.registry),
        "agentPoolName": pool.name,
        "provisioningState": pool.state,
        "count": pool.count,
        "enabled": policy is not None,
        "policy": None if policy is None else _describe_policy(policy),
    }


def _describe_policy(policy: Policy) -> dict[str, Any]:
    return {
        "minCount": policy.min_count,
        "maxCount": policy.max_count,
        "idleMinutes": policy.idle_minutes,
        "runsPerInstance": policy.runs_per_instance,
        "schedules": [str(schedule) for schedule in policy.schedules],
        "vcpuQuota": policy.vcpu_quota,
        "unknownFields": list(policy.unknown),
        "tag": str(policy),
    }
