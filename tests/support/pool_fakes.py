"""An agent pool and the runs on it as the service has them, on a clock that jumps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from run_fakes import make_run

from azext_acrpool.client.errors import AcrError, ConflictError
from azext_acrpool.client.pools import AgentPoolChanges
from azext_acrpool.commands.runs.pool import RunPool
from azext_acrpool.testing import JumpingClock

SCALING_SECONDS = 300.0


@dataclass
class FakePool:
    """Scaling takes minutes, and what arrives meanwhile is refused. Stands for AgentPools, and for Runs.

    ``before_change`` and ``after_change`` are called around each accepted change, for what others do just then.
    """

    clock: JumpingClock
    count: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    active: dict[str, str] = field(default_factory=dict)
    changes: list[AgentPoolChanges] = field(default_factory=list)
    busy_until: float = 0.0
    failed: bool = False
    error: AcrError | None = None
    before_change: Callable[[], None] = lambda: None
    after_change: Callable[[], None] = lambda: None
    arm: Any = None

    @property
    def target(self) -> RunPool:
        registry: Any = SimpleNamespace(name="myregistry")
        pools: Any = self
        return RunPool(pools, registry, "mypool")

    @property
    def state(self) -> str:
        if self.clock.time < self.busy_until:
            return "Updating"
        return "Failed" if self.failed else "Succeeded"

    def get(self, *names: Any) -> Any:
        if len(names) == 1:
            return make_run(self.active.get(names[0], "Succeeded"), names[0])
        if self.error:
            raise self.error
        return SimpleNamespace(count=self.count, provisioning_state=self.state, tags=dict(self.tags))

    def update(self, _registry: Any, _name: str, changes: AgentPoolChanges) -> Any:
        if self.error:
            raise self.error
        if self.state == "Updating":
            raise ConflictError("The pool is being updated.", status=409)
        self.before_change()
        self.changes.append(changes)
        self.count = self.count if changes.count is None else changes.count
        self.tags = self.tags if changes.tags is None else dict(changes.tags)
        self.busy_until = self.clock.time + SCALING_SECONDS
        self.after_change()
        return self

    def follow(self, *_: Any) -> Any:
        return self

    def wait(self, clock: JumpingClock, **_: Any) -> None:
        while self.state == "Updating":
            clock.sleep(10.0)

    def list_active(self, *_: Any) -> list[Any]:
        return [SimpleNamespace(run_id=run_id) for run_id in self.active]

    @property
    def counts(self) -> list[int | None]:
        """What the pool was scaled to, in order."""
        return [changes.count for changes in self.changes]
