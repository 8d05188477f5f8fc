"""An agent pool whose changes take their time, on a clock that jumps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scripted_arm import arm_error, pool_body
from scripted_transport import Reply

from azext_acrpool.testing import JumpingClock

SCALING_SECONDS = 300.0


@dataclass
class ServedPool:
    """An agent pool as the service has it at the clock's time.

    A change takes minutes, in which another one is refused, and leaves the pool `settled` as Succeeded. `changes` are
    the counts and tags that were accepted, None for what a change did not name. `before_change` and `after_change` are
    called around each change, for what others do just then.
    """

    clock: JumpingClock
    name: str
    count: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    settled: str = "Succeeded"
    busy_until: float = 0.0
    changes: list[tuple[int | None, dict[str, str] | None]] = field(default_factory=list)
    before_change: Callable[[], None] = lambda: None
    after_change: Callable[[], None] = lambda: None

    @property
    def state(self) -> str:
        """The provisioning state."""
        return "Updating" if self.clock.time < self.busy_until else self.settled

    @property
    def counts(self) -> list[int | None]:
        """What the pool was scaled to, in order."""
        return [count for count, _ in self.changes]

    @property
    def body(self) -> dict[str, Any]:
        """The pool as ARM shows it: without tags, if there are none."""
        return pool_body(self.name, self.state, count=self.count, tags=dict(self.tags) or None)

    def patch(self, body: Mapping[str, Any]) -> Reply:
        """ARM's reply to a change."""
        self.before_change()
        if self.state == "Updating":
            return arm_error(409, "Conflict", "The pool is being updated.")
        count, tags = body.get("properties", {}).get("count"), body.get("tags")
        self.changes.append((count, tags))
        self.count = self.count if count is None else count
        self.tags = self.tags if tags is None else tags
        self.settled, self.busy_until = "Succeeded", self.clock.time + SCALING_SECONDS
        self.after_change()
        return Reply(201, self.body)
