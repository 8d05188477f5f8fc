"""Following a queued run on behalf of a command: what is shown, how it ends, what Ctrl-C does."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...client.errors import AcrError
from ...clock import Clock
from ...runlog.exits import RunOutcome, outcome
from ...runlog.follow import FollowOptions as FollowLimits
from ...runlog.follow import QueueTimeoutError, RunSources, follow
from ...runlog.sources import RunLog, RunStatus
from ..console.log_printer import LogPrinter
from ..console.narrator import Narrator
from .ending import FollowedRun, fail_ended, fail_lost, fail_not_started, leave_interrupted
from .options import FollowOptions, LogTarget
from .output import RunOutput
from .pool import RunPool
from .queue_watch import QueueWatch, read_queue
from .waiting import explain_wait

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["Follower"]


class Follower:
    """Follows runs as the command's options say; ``pool`` is where they run, None for shared agents."""

    def __init__(self, options: FollowOptions, pool: RunPool | None, narrator: Narrator, clock: Clock) -> None:
        self._options = options
        self._pool = pool
        self._narrator = narrator
        self._clock = clock

    @contextmanager
    def leaving_on_interrupt(self, followed: FollowedRun) -> Iterator[None]:
        """While inside, an interruption cancels the run, or leaves it, and says so."""
        try:
            yield
        except KeyboardInterrupt:
            raise leave_interrupted(followed, self._options.interrupt_action, self._narrator, self._clock) from None

    def follow(self, followed: FollowedRun) -> "Run":
        """Follow the run to its end and return it if it succeeded; end the process with its exit code otherwise."""
        with self.leaving_on_interrupt(followed):
            final = self._follow(followed)
        if outcome(final) is not RunOutcome.SUCCEEDED:
            fail_ended(followed, final)
        return final

    def _follow(self, followed: FollowedRun) -> "Run":
        stream = sys.stderr if self._options.log_target is LogTarget.STDERR else sys.stdout
        output = RunOutput(self._narrator, LogPrinter(stream, raw=self._options.no_format), self._queue_watch())
        limits = FollowLimits(queue_timeout=self._options.queue_timeout)
        try:
            return follow(followed.run, self._sources(followed), output, self._clock, limits)
        except QueueTimeoutError as late:
            output.close()
            return fail_not_started(followed, late, self._why_queued(), self._narrator, self._clock)
        except AcrError as error:
            output.close()
            fail_lost(followed, error)
        finally:
            output.close()

    def _queue_watch(self) -> QueueWatch | None:
        pool = self._pool
        return QueueWatch(lambda detailed: read_queue(pool, detailed=detailed)) if pool else None

    def _why_queued(self) -> str:
        try:
            return explain_wait(read_queue(self._pool, detailed=True) if self._pool else None)
        except AcrError as error:
            return f"Why it waited could not be read: {error}"

    def _sources(self, followed: FollowedRun) -> RunSources:
        run_id, runs = followed.run_id, followed.runs
        status = RunStatus(lambda: runs.get(run_id))
        if self._options.log_target is LogTarget.NONE:
            return RunSources(status, None)
        from azure.cli.core.util import should_disable_connection_verify

        from ...client.blobs import BlobReader

        blobs = BlobReader(verify=not should_disable_connection_verify())
        return RunSources(status, RunLog(lambda: runs.log_link(run_id), blobs, self._clock))
