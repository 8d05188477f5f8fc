"""Whether an existing agent pool lets itself be changed, or is already what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..findings import Finding, Severity

__all__ = ["WAIT_CONDITIONS", "PoolFacts", "check_existing", "check_state"]

# The options of `az acr agentpool wait` that wait for the end of each state.
WAIT_CONDITIONS = {"Creating": "--created", "Updating": "--updated", "Deleting": "--deleted"}


@dataclass(frozen=True)
class PoolFacts:
    """An agent pool, existing or wanted, as far as checks need to know it.

    `state` is its provisioningState, "" for a wanted one. `tags` None: none were asked for.
    """

    name: str
    tier: str
    count: int
    state: str = ""
    os: str = "Linux"
    subnet_id: str | None = None
    tags: Mapping[str, str] | None = None


def check_existing(registry: str, existing: PoolFacts, wanted: PoolFacts) -> list[Finding]:
    """Why creating `wanted` cannot end with it although there is a pool of its name; nothing if it can.

    A pool that is still being created or updated may become what is wanted; its count and tags already show it.
    """
    if existing.state not in ("Creating", "Updating") and (found := check_state(registry, existing)):
        return found
    if found := _check_immutable(registry, existing, wanted):
        return found
    command = f"az acr agentpool update -r {registry} -n {existing.name}"
    if existing.count != wanted.count:
        return [
            Finding(
                "CountDiffers",
                Severity.ERROR,
                f"Agent pool '{existing.name}' exists already, with count {existing.count} instead of {wanted.count}.",
                f"Scale it with: {command} --count {wanted.count}",
            )
        ]
    if wanted.tags is not None and dict(wanted.tags) != dict(existing.tags or {}):
        return [
            Finding(
                "TagsDiffer",
                Severity.ERROR,
                f"Agent pool '{existing.name}' exists already, with other tags.",
                f"Set them with: {command} --tags KEY=VALUE ..",
            )
        ]
    return []


def _check_immutable(registry: str, existing: PoolFacts, wanted: PoolFacts) -> list[Finding]:
    def subnet(pool: PoolFacts) -> str:
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
            "Create a pool of another name, or delete this one first:"
            f" az acr agentpool delete -r {registry} -n {existing.name}",
        )
    ]


def check_state(registry: str, pool: PoolFacts) -> list[Finding]:
    """Whether the pool's state lets it be changed."""
    if pool.state == "Failed":
        return [
            Finding(
                "PoolFailed",
                Severity.ERROR,
                f"Agent pool '{pool.name}' is in state Failed, and the service refuses to change such a pool.",
                f"Delete it with `az acr agentpool delete -r {registry} -n {pool.name}` and create it again.",
            )
        ]
    if pool.state in WAIT_CONDITIONS:
        return [
            Finding(
                "PoolBusy",
                Severity.ERROR,
                f"Agent pool '{pool.name}' is in state {pool.state}; it cannot be changed until that is done.",
                f"Wait for that with: az acr agentpool wait -r {registry} -n {pool.name} {WAIT_CONDITIONS[pool.state]}",
            )
        ]
    return []
