"""The tags of a pool that say how it is scaled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ..pool import Pool
from .capacity_record import RECORD_TAG
from .errors import PolicyError
from .policy import POLICY_TAG, Policy
from .schedules import Bounds

__all__ = ["allowed_at", "has_policy", "lost_by"]


def has_policy(pool: Pool) -> bool:
    """Whether a pool has an autoscale policy, be it one that can be read or not."""
    return pool.tag(POLICY_TAG) is not None


def allowed_at(now: datetime, pool: Pool) -> Bounds | None:
    """How many instances its autoscale policy lets it have at `now`, None without one that can be read."""
    try:
        policy = Policy.of(pool)
    except PolicyError:
        return None
    return policy.bounds_at(now) if policy else None


def lost_by(pool: Pool, tags: Mapping[str, str] | None) -> list[str]:
    """Those of the pool's own that it has no more once its tags are replaced by `tags`, None for no change.

    >>> lost_by(Pool("mypool", "myregistry", "S1", 0, tags={"acrpool-autoscale": "v1; max=4; min=0"}), {"team": "a"})
    ['acrpool-autoscale']
    """
    if tags is None:
        return []
    after = replace(pool, tags=tags)
    return [name for name in (POLICY_TAG, RECORD_TAG) if pool.tag(name) is not None and after.tag(name) is None]
