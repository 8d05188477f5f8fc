"""What a change means for how a pool is scaled: by its autoscale policy and by `--ensure-capacity`, in its tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from ...client.pools import AgentPoolChanges
from ...health.fixes import tag_arguments
from ...pool import Pool
from ...scaling.capacity_record import RECORD_TAG
from ...scaling.errors import PolicyError
from ...scaling.policy import POLICY_TAG, Policy
from ...scaling.tags import has_policy, lost_by
from ..console.narrator import Narrator

__all__ = ["remark_on_scaling"]

_LOST: Final = {
    POLICY_TAG: "its autoscale policy, so that nothing scales it any more",
    RECORD_TAG: "the record of --ensure-capacity, so that nothing scales it back",
}


def remark_on_scaling(pool: Pool, changes: AgentPoolChanges, narrator: Narrator) -> None:
    """Say what the changes, which are about to be asked for, undo, and what may undo them."""
    for warning in _warn_of_tags(pool, changes.tags):
        narrator.warn(warning)
    changed = pool if changes.tags is None else replace(pool, tags=changes.tags)
    if changes.count not in (None, pool.count) and has_policy(changed):
        narrator.say(
            f"Agent pool '{pool.name}' has an autoscale policy, which may change the number of instances again. See it"
            f" with: {pool.az_command('autoscale show')}"
        )


def _warn_of_tags(pool: Pool, tags: Mapping[str, str] | None) -> Iterator[str]:
    lost = lost_by(pool, tags)
    if lost and tags is not None:
        own = {name: value for name, value in (pool.tags or {}).items() if name.lower() in lost}
        what = ", and ".join(_LOST[name] for name in lost)
        keep = pool.az_command("update", *tag_arguments({**tags, **own}))
        yield f"--tags replaces all tags of agent pool '{pool.name}'. That takes away {what}. To keep it: {keep}"
    try:
        Policy.of(replace(pool, tags=tags))
    except PolicyError as error:
        yield f"The autoscale policy in --tags cannot be read: {error}"
