"""Runs of a registry: queueing, reading, cancelling them, and where their logs and sources are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypedDict
from urllib.parse import quote

from ..clock import Clock, Deadline
from ..web import Failures, is_long, pause_after_failure
from ..wording import format_duration
from .arm import LOOK_OPTIONS, SECRET_OPTIONS, RequestOptions, as_json, with_query
from .errors import (
    AcrError,
    InvalidReplyError,
    NotFoundError,
    RequestAbandonedError,
    RunNotFoundError,
    RunUnconfirmedError,
    ThrottledError,
    TransientError,
)
from .lost_runs import RunSearch
from .patience import LOST_RUN_BUDGET, LOST_RUN_LOOKS, REQUEST_BUDGET, THROTTLED_BUDGET, ask_again
from .registries import missing_above, registry_not_found
from .replies import read_json, read_model
from .secrets import secrets_masked

if TYPE_CHECKING:
    from datetime import datetime

    from azure.mgmt.containerregistrytasks.models import Run, RunGetLogResult, RunRequest

    from .arm import ArmClient
    from .registries import RegistryId

__all__ = ["Runs", "UploadTarget", "as_run_model"]

_NEWEST_RUNS: Final = 30
# Seconds that the service has to queue a run, however impatient somebody is: a run whose reply is not awaited is lost.
_SHORTEST_ANSWER: Final = 15.0
_SECRET_LOOK: Final = replace(SECRET_OPTIONS, timeout=LOOK_OPTIONS.timeout)


def _look_within(seconds: float) -> RequestOptions:
    return replace(LOOK_OPTIONS, timeout=min(seconds, LOOK_OPTIONS.timeout))


class _UploadReply(TypedDict, total=False):
    relativePath: str
    uploadUrl: str


@dataclass(frozen=True)
class UploadTarget:
    """Where to upload a build context: a signed URL, and the name by which a run request refers to it."""

    relative_path: str
    upload_url: str

    def __repr__(self) -> str:
        """Without the URL, which is a secret."""
        return f"UploadTarget(relative_path={self.relative_path!r})"


@dataclass(frozen=True)
class _NewestRuns:
    """A list of runs, the service's time when it was made (None if unknown), and whether there are no others."""

    runs: tuple[Run, ...]
    service_time: datetime | None
    are_all: bool


class Runs:
    """The runs of one registry. All methods raise AcrErrors; results are the SDK's models.

    `tell` hears of waits that take long, in the thread that waits.
    """

    def __init__(
        self, arm: ArmClient, registry: RegistryId, clock: Clock, *, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._arm = arm
        self._registry = registry
        self._clock = clock
        self._tell = tell

    def schedule(
        self,
        request: RunRequest,
        *,
        mark: str = "",
        pushes: tuple[str, ...] = (),
        others: Collection[str] = (),
        patience: float = THROTTLED_BUDGET,
        undisturbed: Callable[[], AbstractContextManager[None]] = nullcontext,
        on_queued: Callable[[Run], None] = lambda _: None,
    ) -> Run:
        """Queue a run, exactly one. Each sending may queue a run, and the service has no way to tell one from another.

        So the request is sent again only when it is known that nothing was queued: the service refused it because it
        had too much to do (asked again for `patience` seconds), it never left, or its reply was lost and no run that
        could be it is in the list. A run from that list is taken for ours only if it bears our `mark`, which the
        request says in its updateTriggerToken; what has pushed other images than it `pushes` is another's, and so are
        the runs with the IDs `others`. Raises RunUnconfirmedError where that is not known.

        Each sending happens inside `undisturbed()`, and so does the call of `on_queued` with the run.
        """
        body = as_json(request)
        limit, throttled, lost = Deadline(self._clock, patience), Failures(patience), Failures(LOST_RUN_BUDGET)
        lost_since: float | None = None
        while True:
            sent = self._clock.monotonic()
            try:
                with undisturbed(), secrets_masked(body):
                    run = self._schedule_once(body, max(patience, _SHORTEST_ANSWER))
                    on_queued(run)
                return run
            except TransientError as error:
                if error.leaves_doubt:
                    # An interruption that was put off comes here, before the search, which takes its time.
                    with undisturbed():
                        # The run of an earlier sending may show only now.
                        lost_since = sent if lost_since is None else lost_since
                    search = RunSearch(request, mark, lost_since, pushes, frozenset(others))
                    found = self._find_lost_run(search, error)
                    if found is not None:
                        with undisturbed():
                            on_queued(found)
                        return found
                failures = throttled if isinstance(error, ThrottledError) else lost
                pause = failures.pause(self._clock.monotonic(), error.retry_after)
                if pause is not None and failures is throttled:
                    # Whoever waits has a time limit, whatever the service asks for.
                    pause = min(pause, limit.left)
                if not pause:
                    raise
                self._wait_to_send_again(pause, error)

    def _schedule_once(self, body: Mapping[str, Any], timeout: float) -> Run:
        options = replace(SECRET_OPTIONS, timeout=min(timeout, SECRET_OPTIONS.timeout))
        run = as_run_model(self._post("scheduleRun", body, options=options))
        if not run.run_id:
            raise InvalidReplyError("The reply to the request that queues the run holds no run ID.")
        return run

    def _wait_to_send_again(self, pause: float, error: AcrError) -> None:
        if is_long(pause):
            self._tell(f"The service takes no run now; it is asked again in {format_duration(pause)}: {error.message}")
        self._clock.sleep(pause)

    def get(self, run_id: str, *, timeout: float = LOOK_OPTIONS.timeout) -> Run:
        """The run as it is now. Asked once, for at most `timeout` seconds: followers ask again by themselves.

        Raises RunNotFoundError.
        """
        return self._ask(run_id, "GET", _look_within(timeout))

    def find(self, run_id: str) -> Run:
        """The run as it is now. Transient errors are waited out for some seconds. Raises RunNotFoundError."""
        return self._insist(lambda: self.get(run_id))

    def archive(self, run_id: str, *, archived: bool) -> Run:
        """Keep the run for good, or do not, which may be asked for again: transient errors are waited out.

        Returns the run as the service says that it is then. Raises RunNotFoundError.
        """
        return self._insist(lambda: self._ask(run_id, "PATCH", LOOK_OPTIONS, {"isArchiveEnabled": archived}))

    def _insist(self, ask: Callable[[], Run]) -> Run:
        return ask_again(ask, REQUEST_BUDGET, self._clock, tell=self._tell)

    def _ask(self, run_id: str, method: str, options: RequestOptions, body: Any = None) -> Run:
        with self._absence_named(run_id):
            reply = self._arm.send(method, with_query(self._path(run_id)), body=body, options=options)
        run = as_run_model(reply.body)
        found = str(run.run_id or run.name)
        if found.lower() != run_id.lower():
            raise InvalidReplyError(f"The reply to a request for run {run_id} is about another: {found}.")
        return run

    def cancel(self, run_id: str, *, timeout: float = LOOK_OPTIONS.timeout) -> None:
        """Ask the service to cancel the run, for at most `timeout` seconds.

        The run is over only when its status says so. Raises RunNotFoundError.
        """
        with self._absence_named(run_id):
            self._arm.send("POST", with_query(f"{self._path(run_id)}/cancel"), options=_look_within(timeout))

    def log_link(self, run_id: str) -> RunGetLogResult:
        """Signed URLs of the run's log. Asked once: followers ask again by themselves."""
        from azure.mgmt.containerregistrytasks.models import RunGetLogResult

        reply = self._post(f"runs/{quote(run_id, safe='')}/listLogSasUrl", options=_SECRET_LOOK)
        return read_model(RunGetLogResult, reply, "the URL of a log")

    def upload_target(self) -> UploadTarget:
        """A new place to upload a build context to. Transient errors are waited out for some seconds."""
        return ask_again(self._new_upload_target, REQUEST_BUDGET, self._clock, tell=self._tell)

    def _post(self, action: str, body: Any = None, *, options: RequestOptions = SECRET_OPTIONS) -> Any:
        url = with_query(f"{self._registry.path}/{action}")
        return self._arm.send("POST", url, body=body, options=options).body

    @contextmanager
    def _absence_named(self, run_id: str) -> Iterator[None]:
        """Say of a 404 inside what it is that is not there: the run, or the registry."""
        try:
            yield
        except NotFoundError as error:
            if missing_above(error):
                raise registry_not_found(error, self._registry) from error
            raise RunNotFoundError(run_id, self._registry.name, correlation_id=error.correlation_id) from error

    def _path(self, run_id: str) -> str:
        return f"{self._registry.path}/runs/{quote(run_id, safe='')}"

    def _new_upload_target(self) -> UploadTarget:
        reply = read_json(_UploadReply, self._post("listBuildSourceUploadUrl"), "a place to upload to")
        url, relative_path = reply.get("uploadUrl"), reply.get("relativePath")
        if not url or not relative_path:
            raise InvalidReplyError("The service gave no URL to upload the build context to.")
        return UploadTarget(relative_path, url)

    def _find_lost_run(self, search: RunSearch, lost: TransientError) -> Run | None:
        """The run whose reply was lost, None if there is none. Raises RunUnconfirmedError if that cannot be told."""
        was_read = False
        candidates: list[Run] = []
        for look in range(1, 1 + LOST_RUN_LOOKS):
            self._clock.sleep(pause_after_failure(look))
            try:
                newest = self._newest_runs()
            except AcrError:
                # The lost run may show only now.
                was_read = False
                continue
            now = self._clock.monotonic()
            was_read = newest.are_all or search.is_covered_by(newest.runs, newest.service_time, now)
            candidates = search.candidates(newest.runs, newest.service_time, now)
            proven = search.proven(newest.runs)
            if proven is not None:
                return proven
        if was_read and not candidates and not isinstance(lost, RequestAbandonedError):
            return None
        raise RunUnconfirmedError(
            _describe_doubt(candidates, lost, was_read=was_read), [str(run.run_id) for run in candidates]
        ) from lost

    def _newest_runs(self) -> _NewestRuns:
        url = with_query(f"{self._registry.path}/runs", {"$top": str(_NEWEST_RUNS)})
        page = next(self._arm.list_pages(url, options=LOOK_OPTIONS))
        runs = tuple(map(as_run_model, page.body["value"]))
        return _NewestRuns(runs, page.sent, are_all=len(runs) < _NEWEST_RUNS and not page.body.get("nextLink"))


def as_run_model(body: Any) -> Run:
    """The SDK's model of a run, whose members have the types that it says. Raises InvalidReplyError."""
    from azure.mgmt.containerregistrytasks.models import Run

    return read_model(Run, body, "a run")


def _describe_doubt(candidates: Sequence[Run], lost: AcrError, *, was_read: bool) -> str:
    doubt = "The reply to the request that queues the run was lost"
    if candidates:
        ids = ", ".join(str(run.run_id) for run in candidates)
        return f"{doubt}. It may have queued {ids}, which may as well be somebody else's: nothing tells. ({lost})"
    if not was_read:
        return f"{doubt}, and the list of runs does not tell of it: it may have queued one. ({lost})"
    return f"{doubt}: it may still be on its way, and queue one. ({lost})"
