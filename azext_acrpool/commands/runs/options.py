"""The options that every command which queues a run has in common: how the run is followed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..console.errors import UsageError
from ..console.values import require_number

__all__ = ["AnnotationStyle", "FollowOptions", "LogOptions", "LogTarget", "OnInterrupt"]


class LogTarget(str, Enum):
    """Where the log of the run goes."""

    STDOUT = "stdout"
    STDERR = "stderr"
    NONE = "none"


class AnnotationStyle(str, Enum):
    """The CI service whose reader of logs folds steps and shows annotations."""

    GITHUB = "github"
    AZURE = "azure"
    NONE = "none"


class OnInterrupt(str, Enum):
    """What a request to stop does to the run."""

    CANCEL = "cancel"
    DETACH = "detach"


@dataclass(frozen=True, kw_only=True)
class LogOptions:
    """How a run is followed that may be anybody's: the options of `task logs` and `taskrun logs`.

    Who only looks at a run leaves it alone: it may wait as long as it takes, and an interruption does nothing to it.
    """

    no_format: bool = False
    logs: str | None = None

    @property
    def log_target(self) -> LogTarget:
        """Where the log goes: stdout, as in az's own, unless told otherwise."""
        return LogTarget(self.logs or LogTarget.STDOUT)

    @property
    def returns_run(self) -> bool:
        """Whether the run object is the command's result, because stdout is free for it."""
        return self.log_target is not LogTarget.STDOUT

    @property
    def start_limit(self) -> float | None:
        """Seconds that the run may wait for an agent; None for ever."""
        return None

    @property
    def interrupt_action(self) -> OnInterrupt:
        """What a request to stop does to the run."""
        return OnInterrupt.DETACH

    @property
    def ends_unread(self) -> bool:
        """Whether a log that is not taken any more, as its reader is gone, is all there was to follow the run for."""
        return False


@dataclass(frozen=True, kw_only=True)
class FollowOptions(LogOptions):
    """How a queued run is followed; the options of `build`, `run` and `task run` inherit these.

    `queue_timeout` is in seconds, `ensure_capacity` in instances of the agent pool, `retry_infra` in runs queued again.
    """

    no_wait: bool = False
    no_logs: bool = False
    queue_timeout: int | None = None
    on_interrupt: str | None = None
    ensure_capacity: int | None = None
    keep_capacity: bool = False
    retry_infra: int | None = None
    metadata_file: str | None = None
    annotate: str | None = None

    @property
    def log_target(self) -> LogTarget:
        """Where the log goes: nowhere with --no-logs, or else as told."""
        return LogTarget.NONE if self.no_logs else super().log_target

    @property
    def returns_run(self) -> bool:
        """Whether the run object is the command's result, because stdout is free for it."""
        return self.no_wait or super().returns_run

    @property
    def start_limit(self) -> float | None:
        """Seconds that the run may wait for an agent; None for ever."""
        return self.queue_timeout

    @property
    def interrupt_action(self) -> OnInterrupt:
        """Cancel by default, on a terminal and in CI alike: a run that nobody waits for only costs."""
        return OnInterrupt(self.on_interrupt or OnInterrupt.CANCEL)

    @property
    def annotation_style(self) -> AnnotationStyle:
        """For which CI service's reader the log is annotated: for none, unless asked for."""
        return AnnotationStyle(self.annotate or AnnotationStyle.NONE)

    @property
    def is_annotated(self) -> bool:
        """Whether there is such a reader."""
        return self.annotation_style is not AnnotationStyle.NONE

    def require_values(self) -> None:
        """Raise UsageError if one of these options has a value that it cannot have, wherever the run is sent to."""
        require_number("--queue-timeout", self.queue_timeout, least=1, unit="seconds")
        require_number("--ensure-capacity", self.ensure_capacity, least=1, unit="instances")
        require_number("--retry-infra", self.retry_infra, least=0, unit="runs")
        if self.metadata_file == "":
            raise UsageError("--metadata-file is empty: name a file, or leave it out.")

    def require_sound(self, agent_pool: str | None) -> None:
        """Raise UsageError if these options contradict each other; `agent_pool` is where the run is sent to."""
        self.require_values()
        if self.no_logs and self.logs not in (None, LogTarget.NONE):
            raise UsageError("--no-logs and --logs contradict each other; leave one out.")
        if self.queue_timeout is not None and self.no_wait:
            raise UsageError(
                "--queue-timeout cannot be used with --no-wait, which leaves the run as soon as it is queued."
            )
        if self.retry_infra and self.no_wait:
            raise UsageError(
                "--retry-infra cannot be used with --no-wait: nobody would be there to see how the run ends."
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
