"""The last steps of every command that queues a run: queue it, follow it to its end, give back what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from ...client.errors import AcrError
from ...client.replies import in_utc
from ...client.run_status import status_name
from ...clock import Deadline
from ...pool import Pool
from ...runlog.exits import RunOutcome, is_over, outcome
from ...runlog.follow import FollowLimits, QueueTimeoutError, RunSources, follow
from ...runlog.sources import RunLog, RunStatus
from ..console.errors import CommandError, InterruptedCommandError
from ..console.log_printer import LogPrinter
from ..session import Session
from .capacity import Capacity, ensured_capacity
from .ending import FollowedRun, ended, give_up_queued, leave_interrupted, lost
from .metadata import metadata_written
from .options import LogOptions, LogTarget, OnInterrupt
from .output import LogShown, RunOutput, UnreadLogError
from .pool import RunPool
from .queue import RunOrder, Submission
from .queue_watch import QueueWatch, read_queue
from .retry import Retries, result_kept
from .scaling_out import ScalingOut
from .waiting import QueueFacts, explain_wait

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

    from .annotations.annotator import Annotator

__all__ = ["Followable", "Follower", "queue_and_follow"]

# Seconds for finding out why a run waited: it is cancelled only then, and somebody has set a limit.
_REASON_LIMIT: Final = 5.0
_LOG_SETTLES_WITHIN: Final = timedelta(minutes=1)


def queue_and_follow(submission: Submission, order: Callable[[], RunOrder], pool: Pool | None) -> Run | None:
    """Queue a run and follow it to its end. Raises CommandError if it does not succeed.

    Returns the queued run with `no_wait`, the finished one unless its log is on stdout, nothing otherwise; what is
    raised once there is a run has it as its result then, too. With `retry_infra` that is about the last one that was
    queued. `order` makes the request, for each run a new one; `pool` is what was read of its pool last.
    """
    annotator = _annotator(submission)
    scaling = ScalingOut(submission.session, submission.pool, pool) if submission.pool else None
    follower, result = Follower(submission, annotator, scaling), None
    try:
        with (
            metadata_written(submission, lambda: follower.queued),
            ensured_capacity(submission) as capacity,
            scaling.settled() if scaling else nullcontext() as _,
            follower.leaving_on_interrupt(),
            _annotating(annotator),
        ):
            result = _queue_until_done(submission, order, pool, capacity, follower).result
    except InterruptedCommandError as interruption:
        # While the pool was scaled back, of which the run knows nothing.
        interruption.result = interruption.result or result
        raise
    return result


def _annotator(submission: Submission) -> Annotator | None:
    if not submission.options.is_annotated:
        return None
    # Few commands annotate anything, and what does takes a while to import.
    from .annotations.annotator import Annotator

    return Annotator(submission.session, submission.options, submission.dockerfiles)


def _annotating(annotator: Annotator | None) -> AbstractContextManager[None]:
    return annotator.telling() if annotator else nullcontext()


def _queue_until_done(
    submission: Submission,
    order: Callable[[], RunOrder],
    pool: Pool | None,
    capacity: Capacity | None,
    follower: Follower,
) -> FollowedRun:
    """Queue a run, and follow it unless nobody shall wait; another in its place as `retry_infra` says."""
    retries = Retries(submission.session, submission.options.retry_infra or 0)
    while True:
        # After a run, what was read of the pool before it may hold no more.
        known = None if retries.earlier else capacity.pool if capacity else pool
        with result_kept(follower.queued):
            followed = submission.queue(order(), known, earlier=retries.earlier, on_queued=follower.take)
        if capacity is not None:
            capacity.confirm()
        if submission.options.no_wait:
            follower.leave(followed)
            return followed
        try:
            follower.follow(followed)
        except CommandError:
            if not retries.wait_for_another(followed):
                raise
        else:
            return followed


class Followable(Protocol):
    """Where a run is followed, and how: a `Submission`, or what is known of a run that is there already.

    `pool` is the agent pool that the run was sent to, None for shared agents.
    """

    @property
    def session(self) -> Session:
        """The command's world."""

    @property
    def options(self) -> LogOptions:
        """How the run is followed."""

    @property
    def pool(self) -> RunPool | None:
        """The run's agent pool."""


class Follower:
    """Follows a run, and says why it waits; `annotator` annotates its log, `scaling` lets its pool grow while it waits.

    `log_shown` is what became of the log, once it was watched to its end, and `refusal` why what it is written to does
    not take it, if it does not.
    """

    def __init__(
        self, about: Followable, annotator: Annotator | None = None, scaling: ScalingOut | None = None
    ) -> None:
        self.log_shown = LogShown.ALL
        self.refusal: OSError | None = None
        self.queued: FollowedRun | None = None
        self._session = about.session
        self._options = about.options
        self._pool = about.pool
        self._annotator = annotator
        self._scaling = scaling

    def take(self, followed: FollowedRun) -> None:
        """This is the run."""
        self.queued = followed

    def leave(self, followed: FollowedRun) -> None:
        """Nobody follows the run: what is done while one waits is done once."""
        if self._scaling is not None:
            self._scaling.leave(followed)

    @contextmanager
    def leaving_on_interrupt(self) -> Iterator[None]:
        """While inside, an interruption cancels the run, or leaves it, and says so. Before there is one, it goes on."""
        try:
            yield
        except InterruptedCommandError:
            raise
        except KeyboardInterrupt:
            if self.queued is None:
                raise
            action = self._options.interrupt_action
            ending = leave_interrupted(self.queued, self._session, action)
            if action is OnInterrupt.DETACH and not is_over(self.queued.run):
                self.leave(self.queued)
            raise ending from None

    def follow(self, followed: FollowedRun) -> None:
        """Follow the run to its end. Raises CommandError unless it succeeded."""
        final = self.watch(followed)
        if outcome(final) is not RunOutcome.SUCCEEDED:
            raise ended(followed, final)

    def watch(self, followed: FollowedRun) -> Run:
        """Follow the run to its end, and return it, however it ended; as it was seen last if nobody reads its log.

        Raises CommandError if it is lost from sight, or was not started in time.
        """
        streams = self._session.streams
        stream = streams.stderr if self._options.log_target is LogTarget.STDERR else streams.stdout
        plain = LogPrinter(stream, raw=self._options.no_format)
        printer = self._annotator.around(plain, followed) if self._annotator else plain
        status = status_name(followed.run).lower()

        def require_taken() -> None:
            if plain.refusal is not None and self._options.ends_unread:
                raise UnreadLogError

        narrator, watch = self._session.narrator, self._queue_watch()
        while_queued = self._scaling.while_queued(followed) if self._scaling else _do_nothing
        output = RunOutput(
            narrator, printer, watch, status=status, while_queued=while_queued, require_taken=require_taken
        )
        try:
            return follow(followed.run, self._sources(followed), output, self._session.clock, self._limits(followed))
        except UnreadLogError:
            return followed.run
        except QueueTimeoutError as late:
            output.close()
            return give_up_queued(followed, late, self._why_queued(), self._session)
        except AcrError as error:
            output.close()
            raise lost(followed, error) from error
        finally:
            output.close()
            self.log_shown, self.refusal = output.log_shown, plain.refusal

    def _limits(self, followed: FollowedRun) -> FollowLimits:
        # The limit began with the first request to queue the run, which may have had to be sent again.
        limits = FollowLimits(
            queue_timeout=self._options.start_limit,
            asked_at=followed.asked_at,
            waiting_since=followed.waiting_since,
        )
        finished = in_utc(followed.run.finish_time)
        is_settled = finished is not None and self._session.clock.now() - finished > _LOG_SETTLES_WITHIN
        # The log of a run that was over long ago has all that it will ever have.
        return replace(limits, longest_delay=0.0) if is_settled else limits

    def _queue_watch(self) -> QueueWatch | None:
        pool = self._pool
        if pool is None:
            return None
        return QueueWatch(lambda detailed: self._read_queue(pool, detailed=detailed), self._session.start_aside)

    def _read_queue(self, pool: RunPool, *, detailed: bool) -> QueueFacts:
        facts = read_queue(pool, self._session.clock, detailed=detailed)
        return replace(facts, decision=self._scaling.decision) if self._scaling else facts

    def _why_queued(self) -> str:
        if self._pool is None:
            return explain_wait(None)
        hurried = self._pool.until(Deadline(self._session.clock, _REASON_LIMIT))
        try:
            return explain_wait(self._read_queue(hurried, detailed=True))
        except AcrError as error:
            return f"Why it waited could not be read: {error}"

    def _sources(self, followed: FollowedRun) -> RunSources:
        status = RunStatus(followed.look)
        if self._options.log_target is LogTarget.NONE:
            return RunSources(status, None)
        blobs = self._session.web.read_blobs()
        return RunSources(status, RunLog(lambda: followed.runs.log_link(followed.run_id), blobs, self._session.clock))


def _do_nothing() -> None:
    """What is done while a run waits for an agent that no policy gives."""
