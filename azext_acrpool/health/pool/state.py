"""Whether an existing agent pool lets itself be changed, or is already what is wanted."""

from __future__ import annotations

from ...pool import Pool
from ..findings import Finding, Severity

__all__ = ["WAIT_CONDITIONS", "check_existing", "check_state"]

# The options of `az acr agentpool wait` that wait for the end of each state.
WAIT_CONDITIONS = {"Creating": "--created", "Updating": "--updated", "Deleting": "--deleted"}


def check_existing(existing: Pool, wanted: Pool) -> list[Finding]:
    """Why creating `wanted` cannot end with it although there is a pool of its name; nothing if it can.

    A pool that is still being created or updated may become what is wanted; its count and tags already show it.
    """
    if (existing.is_going or not existing.is_changing) and (found := check_state(existing)):
        return found
    if found := _check_immutable(existing, wanted):
        return found
    if existing.count != wanted.count:
        return [
            Finding(
                "CountDiffers",
                Severity.ERROR,
                f"Agent pool '{existing.name}' exists already, with count {existing.count} instead of {wanted.count}.",
                f"Scale it with: {existing.command('update', '--count', str(wanted.count))}",
            )
        ]
    if wanted.tags is not None and dict(wanted.tags) != dict(existing.tags or {}):
        return [
            Finding(
                "TagsDiffer",
                Severity.ERROR,
                f"Agent pool '{existing.name}' exists already, with other tags.",
                f"Set them with: {existing.command('update')} --tags KEY=VALUE ..",
            )
        ]
    return []


def _check_immutable(existing: Pool, wanted: Pool) -> list[Finding]:
    def subnet(pool: Pool) -> str:
        return (pool.subnet_id or "").rstrip("/")

    compared = (
        ("tier", existing.tier, wanted.tier),
        ("os", existing.os, wanted.os),
        ("subnet", subnet(existing), subnet(wanted)),
    )
    differing = [
        f"{what} {has or '(none)'} instead of {wants or '(none)'}"
        for what, has, wants in compared
        if has.lower() != wants.lower()
    ]
    if not differing:
        return []
    return [
        Finding(
            "ImmutableDiffers",
            Severity.ERROR,
            f"Agent pool '{existing.name}' exists already, with {' and '.join(differing)}."
            " A pool's tier, os and subnet cannot be changed.",
            f"Create a pool of another name, or delete this one first: {existing.command('delete')}",
        )
    ]


def check_state(pool: Pool) -> list[Finding]:
    """Whether the pool's state lets it be changed."""
    if pool.is_failed:
        return [
            Finding(
                "PoolFailed",
                Severity.ERROR,
                f"Agent pool '{pool.name}' is in state Failed, and the service refuses to change such a pool.",
                f"Delete it with `{pool.command('delete')}` and create it again.",
            )
        ]
    if pool.state in WAIT_CONDITIONS:
        return [
            Finding(
                "PoolBusy",
                Severity.ERROR,
                f"Agent pool '{pool.name}' is in state {pool.state}; it cannot be changed until that is done.",
                f"Wait for that with: {pool.command('wait', WAIT_CONDITIONS[pool.state])}",
            )
        ]
    return []
