"""Runs of a registry: queueing, reading, cancelling them, and where their logs and sources are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from ..clock import Clock
from ..web import pause_after_failure
from .arm import LOOK_OPTIONS, SECRET_OPTIONS, as_json, with_query
from .errors import (
    AcrError,
    ConnectionLostError,
    InvalidReplyError,
    RunUnconfirmedError,
    ThrottledError,
    TransientError,
)
from .operations.patience import LOST_RUN_LOOKS, REQUEST_BUDGET, ask_again
from .secrets import secrets_masked

if TYPE_CHECKING:
    from datetime import datetime

    from azure.mgmt.containerregistrytasks.models import Run, RunGetLogResult, RunRequest

    from .arm import ArmClient
    from .registries import RegistryId

__all__ = ["Runs", "ScheduledRun", "UploadTarget", "read_run"]

_NEWEST_RUNS: Final = 30
# The service's clock is read from a Date header, which has whole seconds.
_CLOCK_SLACK: Final = 2.0


@dataclass(frozen=True)
class UploadTarget:
    """Where to upload a build context: a signed URL, and the name by which a run request refers to it."""

    relative_path: str
    upload_url: str

    def __repr__(self) -> str:
        """Without the URL, which is a secret."""
        return f"UploadTarget(relative_path={self.relative_path!r})"


@dataclass(frozen=True)
class ScheduledRun:
    """A queued run. `found_again` says that the reply was lost and the run was taken from the list of runs."""

    run: Run
    found_again: bool = False


class Runs:
    """The runs of one registry. All methods raise AcrErrors; results are the SDK's models.

    `tell` hears of waits that take long, in the thread that waits.
    """

    def __init__(
        self, arm: ArmClient, registry: RegistryId, clock: Clock, *, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._arm = arm
        self._registry = registry.path
        self._clock = clock
        self._tell = tell

    def schedule(self, request: RunRequest) -> ScheduledRun:
        """Queue a run. The request is sent once and never again, since each sending may queue a run.

        When the reply is lost, the run is looked for among the registry's newest runs for 15 seconds; it is taken
        if exactly one of them was created since the sending and fits the request. Raises RunUnconfirmedError
        otherwise.
        """
        sent = self._clock.monotonic()
        body = as_json(request)
        with secrets_masked(body):
            return self._schedule_once(request, body, sent)

    def _schedule_once(self, request: RunRequest, body: dict[str, Any], sent: float) -> ScheduledRun:
        try:
            run = read_run(self._post("scheduleRun", body))
            if run.run_id:
                return ScheduledRun(run)
            lost: AcrError = InvalidReplyError("The reply holds no run ID.")
        except TransientError as error:
            if isinstance(error, ThrottledError) or _never_sent(error):
                raise
            lost = error
        return ScheduledRun(self._find_lost_run(request, sent, lost), found_again=True)

    def get(self, run_id: str) -> Run:
        """The run as it is now. Asked once, with a short timeout: followers ask again by themselves."""
        return read_run(self._arm.send("GET", with_query(self._path(run_id)), options=LOOK_OPTIONS).body)

    def cancel(self, run_id: str) -> None:
        """Ask the service to cancel the run. The run is over only when its status says so."""
        self._arm.send("POST", with_query(f"{self._path(run_id)}/cancel"), options=LOOK_OPTIONS)

    def log_link(self, run_id: str) -> RunGetLogResult:
        """Signed URLs of the run's log. Asked once: followers ask again by themselves."""
        from azure.mgmt.containerregistrytasks.models import RunGetLogResult

        return RunGetLogResult(self._post(f"runs/{quote(run_id, safe='')}/listLogSasUrl"))

    def upload_target(self) -> UploadTarget:
        """A new place to upload a build context to. Transient errors are waited out for some seconds."""
        return ask_again(self._new_upload_target, REQUEST_BUDGET, self._clock, tell=self._tell)

    def _post(self, action: str, body: Any = None) -> dict[str, Any]:
        url = with_query(f"{self._registry}/{action}")
        reply = self._arm.send("POST", url, body=body, options=SECRET_OPTIONS).body
        if not isinstance(reply, dict):
            raise InvalidReplyError(f"The reply to {action.rpartition('/')[2]} is not a JSON object.")
        return reply

    def _path(self, run_id: str) -> str:
        return f"{self._registry}/runs/{quote(run_id, safe='')}"

    def _new_upload_target(self) -> UploadTarget:
        reply = self._post("listBuildSourceUploadUrl")
        url, relative_path = reply.get("uploadUrl"), reply.get("relativePath")
        if not url or not relative_path:
            raise InvalidReplyError("The service gave no URL to upload the build context to.")
        return UploadTarget(str(relative_path), str(url))

    def _find_lost_run(self, request: RunRequest, sent: float, lost: AcrError) -> Run:
        looked = False
        for look in range(1, 1 + LOST_RUN_LOOKS):
            self._clock.sleep(pause_after_failure(look))
            try:
                runs, service_time = self._newest_runs()
            except TransientError:
                continue
            looked = True
            since_sent = self._clock.monotonic() - sent
            found = [run for run in runs if _may_be(run, request, service_time, since_sent + _CLOCK_SLACK)]
            if len(found) == 1:
                return found[0]
            if found:
                raise RunUnconfirmedError(
                    "The reply to the request that queues the run was lost, and more than one run was queued since: "
                    f"{', '.join(str(run.run_id) for run in found)}. ({lost})"
                ) from lost
        seen = "no such run is listed" if looked else "the list of runs could not be read"
        raise RunUnconfirmedError(
            f"The reply to the request that queues the run was lost, and {seen}. "
            f"It was not sent again, since that could queue a second run. ({lost})"
        ) from lost

    def _newest_runs(self) -> tuple[tuple[Run, ...], datetime | None]:
        """The newest runs and the service's time."""
        reply = self._arm.send(
            "GET", with_query(f"{self._registry}/runs", {"$top": str(_NEWEST_RUNS)}), options=LOOK_OPTIONS
        )
        items = reply.body.get("value") if isinstance(reply.body, dict) else None
        return tuple(map(read_run, items or ())), reply.sent


def read_run(body: Any) -> Run:
    from azure.mgmt.containerregistrytasks.models import Run

    if not isinstance(body, dict):
        raise InvalidReplyError("The reply to a request for a run is not a JSON object.")
    return Run(body)


def _may_be(run: Run, request: RunRequest, service_time: datetime | None, seconds: float) -> bool:
    """Whether a run can be the one that the request queued in the last `seconds`.

    A run names neither its source nor its request, so this is all that can be compared; what the service left out
    excludes nothing, except the time.
    """
    if run.create_time is None or service_time is None:
        return False
    if (service_time - run.create_time).total_seconds() > seconds:
        return False
    return not any(
        (
            _differs(run.agent_pool_name, request.agent_pool_name) and not _runs_task(request),
            _differs(run.task, _task_name(request)),
            run.run_type is not None and not run.run_type.lower().startswith("quick"),
        )
    )


def _differs(actual: str | None, expected: str | None) -> bool:
    return actual is not None and actual.lower() != (expected or "").lower()


def _runs_task(request: RunRequest) -> bool:
    # A task brings its own agent pool, which the request need not name.
    return request.type == "TaskRunRequest" and request.agent_pool_name is None


def _task_name(request: RunRequest) -> str | None:
    task_id = getattr(request, "task_id", None)
    return task_id.rpartition("/")[2] if isinstance(task_id, str) else None


def _never_sent(error: AcrError) -> bool:
    from azure.core.exceptions import ServiceRequestError

    return isinstance(error, ConnectionLostError) and isinstance(error.__cause__, ServiceRequestError)
