"""What is seen of a command: what was there before and after, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["Ending", "Pool", "Run", "Seen", "State"]

ACTIVE = ("queued", "started", "running")


@dataclass(frozen=True)
class Pool:
    """An agent pool as the emulator has it."""

    count: int
    state: str
    tier: str = "S1"
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """A run as the emulator has it."""

    status: str
    pool: str | None = None
    archived: bool = False

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.status.lower() in ACTIVE


@dataclass(frozen=True)
class State:
    """What is there: pools and runs by name, and the bodies of tasks, with their secrets."""

    pools: Mapping[str, Pool]
    runs: Mapping[str, Run]
    tasks: Mapping[str, Mapping[str, Any]]

    def may_become(self, later: State) -> bool:
        """Whether time alone makes it such: a run that is active comes to its end, though not as Canceled."""
        by_time = {
            name: replace(run, status=later.runs[name].status)
            for name, run in self.runs.items()
            if run.is_active and name in later.runs and later.runs[name].status != "Canceled"
        }
        return replace(self, runs={**self.runs, **by_time}) == later


@dataclass(frozen=True)
class Seen:
    """What was there before a command, right after it, and once all that had begun has come to its end.

    `rivals` are the runs that somebody else queued meanwhile; `printed` is the command's result, None if it had none.
    """

    before: State
    after: State
    settled: State
    printed: Any = None
    rivals: frozenset[str] = frozenset()

    @property
    def own_runs(self) -> dict[str, Run]:
        """The runs that the command has queued, as they were when it ended."""
        old = {*self.before.runs, *self.rivals}
        return {name: run for name, run in self.after.runs.items() if name not in old}


@dataclass(frozen=True)
class Ending:
    """How a command ended. `seconds` are by its own clock, `memory` is what it took more at most, in bytes.

    `crash` is the traceback of what no command may raise, `late` why the command had to be ended.
    """

    exit_code: int
    stdout: str
    stderr: str
    printed: Any = None
    seconds: float = 0.0
    memory: int = 0
    crash: str = ""
    late: str = ""
