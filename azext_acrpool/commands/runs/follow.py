"""The last steps of every command that queues a run: queue it, follow it to its end, give back what was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ...client.errors import AcrError
from ...clock import Deadline
from ...pool import Pool
from ...runlog.exits import RunOutcome, outcome
from ...runlog.follow import FollowLimits, QueueTimeoutError, RunSources, follow
from ...runlog.sources import RunLog, RunStatus
from ..console.errors import InterruptedCommandError
from ..console.log_printer import LogPrinter
from .capacity import ensured_capacity
from .ending import FollowedRun, ended, give_up_queued, leave_interrupted, lost
from .options import LogTarget
from .output import RunOutput
from .queue import Submission
from .queue_watch import QueueWatch, read_queue
from .waiting import explain_wait

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run, RunRequest

__all__ = ["Follower", "queue_and_follow"]

# Seconds for finding out why a run waited: it is cancelled only then, and somebody has set a limit.
_REASON_LIMIT: Final = 5.0


def queue_and_follow(
    submission: Submission,
    request: RunRequest,
    pool: Pool | None,
    *,
    mark: str = "",
) -> Run | None:
    """Queue a run and follow it to its end. Raises CommandError if it does not succeed.

    Returns the queued run with `no_wait`, the finished one unless its log is on stdout, nothing otherwise; what is
    raised once there is a run has it as its result then, too. `pool` is what was read of its pool last; `mark` is what
    proves that a run is of this request, "" if nothing does.
    """
    follower, result = Follower(submission), None
    try:
        with ensured_capacity(submission) as capacity, follower.leaving_on_interrupt():
            pool = capacity.pool if capacity else pool
            followed = submission.queue(request, pool, mark=mark, on_queued=follower.take)
            if capacity is not None:
                capacity.confirm()
            if not submission.options.no_wait:
                follower.follow(followed)
            result = followed.result
    except InterruptedCommandError as interruption:
        # While the pool was scaled back, of which the run knows nothing.
        interruption.result = interruption.result or result
        raise
    return result


class Follower:
    """Follows the run of a submission."""

    def __init__(self, submission: Submission) -> None:
        self._queued: FollowedRun | None = None
        self._session = submission.session
        self._options = submission.options
        self._pool = submission.pool

    def take(self, followed: FollowedRun) -> None:
        """The run is queued."""
        self._queued = followed

    @contextmanager
    def leaving_on_interrupt(self) -> Iterator[None]:
        """While inside, an interruption cancels the run, or leaves it, and says so. Before there is one, it goes on."""
        try:
            yield
        except InterruptedCommandError:
            raise
        except KeyboardInterrupt:
            if self._queued is None:
                raise
            raise leave_interrupted(self._queued, self._session, self._options.interrupt_action) from None

    def follow(self, followed: FollowedRun) -> None:
        """Follow the run to its end. Raises CommandError unless it succeeded."""
        final = self._follow(followed)
        if outcome(final) is not RunOutcome.SUCCEEDED:
            raise ended(followed, final)

    def _follow(self, followed: FollowedRun) -> Run:
        streams = self._session.streams
        stream = streams.stderr if self._options.log_target is LogTarget.STDERR else streams.stdout
        printer = LogPrinter(stream, raw=self._options.no_format)
        output = RunOutput(self._session.narrator, printer, self._queue_watch())
        # The limit began with the first request to queue the run, which may have had to be sent again.
        limits = FollowLimits(queue_timeout=self._options.queue_timeout, asked_at=followed.asked_at)
        try:
            return follow(followed.run, self._sources(followed), output, self._session.clock, limits)
        except QueueTimeoutError as late:
            output.close()
            return give_up_queued(followed, late, self._why_queued(), self._session)
        except AcrError as error:
            output.close()
            raise lost(followed, error) from error
        finally:
            output.close()

    def _queue_watch(self) -> QueueWatch | None:
        pool, session = self._pool, self._session
        if pool is None:
            return None
        return QueueWatch(lambda detailed: read_queue(pool, session.clock, detailed=detailed), session.start_aside)

    def _why_queued(self) -> str:
        if self._pool is None:
            return explain_wait(None)
        clock = self._session.clock
        try:
            return explain_wait(read_queue(self._pool.until(Deadline(clock, _REASON_LIMIT)), clock, detailed=True))
        except AcrError as error:
            return f"Why it waited could not be read: {error}"

    def _sources(self, followed: FollowedRun) -> RunSources:
        status = RunStatus(followed.look)
        if self._options.log_target is LogTarget.NONE:
            return RunSources(status, None)
        blobs = self._session.web.read_blobs()
        return RunSources(status, RunLog(lambda: followed.runs.log_link(followed.run_id), blobs, self._session.clock))
