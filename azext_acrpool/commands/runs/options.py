"""The options that every command which queues a run has in common: how the run is followed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..console.errors import UsageError
from ..console.values import require_number

__all__ = ["FollowOptions", "LogTarget", "OnInterrupt"]


class LogTarget(str, Enum):
    """Where the log of the run goes."""

    STDOUT = "stdout"
    STDERR = "stderr"
    NONE = "none"


class OnInterrupt(str, Enum):
    """What a request to stop does to the run."""

    CANCEL = "cancel"
    DETACH = "detach"


@dataclass(frozen=True, kw_only=True)
class FollowOptions:
    """How a queued run is followed; the options of `build`, `run` and `task run` inherit these.

    `queue_timeout` is in seconds, `ensure_capacity` in instances of the agent pool.
    """

    no_wait: bool = False
    no_logs: bool = False
    no_format: bool = False
    logs: str | None = None
    queue_timeout: int | None = None
    on_interrupt: str | None = None
    ensure_capacity: int | None = None
    keep_capacity: bool = False

    @property
    def log_target(self) -> LogTarget:
        """Where the log goes: stdout, as in az's own, unless told otherwise."""
        if self.no_logs:
            return LogTarget.NONE
        return LogTarget(self.logs or LogTarget.STDOUT)

    @property
    def returns_run(self) -> bool:
        """Whether the run object is the command's result, because stdout is free for it."""
        return self.no_wait or self.log_target is not LogTarget.STDOUT

    @property
    def interrupt_action(self) -> OnInterrupt:
        """Cancel by default, on a terminal and in CI alike: a run that nobody waits for only costs."""
        return OnInterrupt(self.on_interrupt or OnInterrupt.CANCEL)

    def require_values(self) -> None:
        """Raise UsageError if one of these options has a value that it cannot have, wherever the run is sent to."""
        require_number("--queue-timeout", self.queue_timeout, least=1, unit="seconds")
        require_number("--ensure-capacity", self.ensure_capacity, least=1, unit="instances")

    def require_sound(self, agent_pool: str | None) -> None:
        """Raise UsageError if these options contradict each other; `agent_pool` is where the run is sent to."""
        self.require_values()
        if self.no_logs and self.logs not in (None, LogTarget.NONE):
            raise UsageError("--no-logs and --logs contradict each other; leave one out.")
        if self.queue_timeout is not None and self.no_wait:
            raise UsageError(
                "--queue-timeout cannot be used with --no-wait, which leaves the run as soon as it is queued."
            )
        self._require_sound_capacity(agent_pool)

    def _require_sound_capacity(self, agent_pool: str | None) -> None:
        if self.ensure_capacity is None:
            if self.keep_capacity:
                raise UsageError("--keep-capacity needs --ensure-capacity.")
            return
        if not agent_pool:
            raise UsageError("--ensure-capacity needs --agent-pool: agents that all registries share cannot be scaled.")
        if self.no_wait and not self.keep_capacity:
            raise UsageError(
                "--ensure-capacity with --no-wait needs --keep-capacity: nobody would be there to scale the pool back."
            )
