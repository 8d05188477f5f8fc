"""A run whose life is a timetable on a clock that jumps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from azure.mgmt.containerregistrytasks.models import Run, RunGetLogResult

from azext_acrpool.client.arm import LOOK_OPTIONS
from azext_acrpool.client.blobs import BlobPart
from azext_acrpool.client.errors import AcrError, ForbiddenError, NotFoundError, RequestAbandonedError
from azext_acrpool.client.run_status import status_name
from azext_acrpool.testing import JumpingClock


def make_run(status: str = "Queued", run_id: str = "cf1", **properties: Any) -> Run:
    return Run({"properties": {"runId": run_id, "status": status, **properties}})


@dataclass
class Timetable:
    """What the service would answer at each time: (seconds, value), in order."""

    entries: Sequence[tuple[float, Any]]

    def at(self, time: float) -> Any:
        value = None
        for since, entry in self.entries:
            if since <= time:
                value = entry
        return value


@dataclass
class ServedRun:
    """A run and its log as the service has them at the clock's time.

    `log` are (seconds, bytes) appended; `complete_at` is when the log is marked complete; `faults` are
    (from, to, error) for the storage, `arm_faults` for ARM; from `silent_since` to `recovers_at`, ARM answers no look
    at the status; `shown` is what else it shows of the run. URLs are `log?n=1&se=..`, counted up.
    """

    clock: JumpingClock
    statuses: Sequence[tuple[float, str]] = ((0.0, "Queued"),)
    log: Sequence[tuple[float, bytes]] = ()
    complete_at: float | None = None
    error_message: str | None = None
    shown: dict[str, Any] = field(default_factory=dict)
    faults: Sequence[tuple[float, float, AcrError]] = ()
    arm_faults: Sequence[tuple[float, float, AcrError]] = ()
    silent_since: float = math.inf
    recovers_at: float = math.inf
    link_lifetime: float | None = None
    url_lifetime: float | None = None
    as_artifact: bool = False
    latency: float = 0.0
    longest_read: int = 1 << 62
    run_id: str = "cf1"
    requests: list[tuple[float, str]] = field(default_factory=list)
    links: int = 0
    link_times: dict[str, float] = field(default_factory=dict)

    def get(self, within: float = math.inf) -> Run:
        if self.silent_since <= self.clock.time < self.recovers_at:
            self.requests.append((self.clock.time, "status"))
            self.clock.time += min(within, LOOK_OPTIONS.timeout)
            raise RequestAbandonedError("No answer.")
        self._request("status", self.arm_faults)
        status = Timetable(self.statuses).at(self.clock.time)
        return make_run(status, self.run_id, runErrorMessage=self.error_message, **self.shown)

    def log_link(self) -> Any:
        self._request("link", self.arm_faults)
        self.links += 1
        url = f"https://acct.example/log?n={self.links}&sig=secret"
        if self.link_lifetime is not None:
            expiry = self.clock.now() + timedelta(seconds=self.link_lifetime)
            url += f"&se={expiry.strftime('%Y-%m-%dT%H:%M:%SZ').replace(':', '%3A')}"
        self.link_times[url] = self.clock.time
        name = "logArtifactLink" if self.as_artifact else "logLink"
        return RunGetLogResult({name: url})

    def properties(self, url: str) -> BlobPart:
        self._blob_request("HEAD", url)
        content = self._content()
        return BlobPart(size=len(content), complete=self._complete())

    def read(self, url: str, offset: int, length: int) -> BlobPart:
        self._blob_request("GET", url)
        content = self._content()
        if offset >= len(content):
            return BlobPart(size=len(content))
        part = content[offset : offset + min(length, self.longest_read)]
        return BlobPart(part, len(content), self._complete())

    def stream(self, url: str) -> Any:
        self._blob_request("GET", url)
        return iter([self._content()])

    def _content(self) -> bytes:
        written = [data for since, data in self.log if since <= self.clock.time]
        if not written:
            raise NotFoundError("The blob does not exist.", status=404)
        return b"".join(written)

    def _complete(self) -> bool:
        return self.complete_at is not None and self.clock.time >= self.complete_at

    def _blob_request(self, method: str, url: str) -> None:
        self._request(method, self.faults)
        if self.url_lifetime is not None and self.clock.time - self.link_times[url] >= self.url_lifetime:
            raise ForbiddenError("Signature expired.", status=403)

    def _request(self, kind: str, faults: Sequence[tuple[float, float, AcrError]]) -> None:
        self.requests.append((self.clock.time, kind))
        self.clock.time += self.latency
        for since, until, error in faults:
            if since <= self.clock.time < until:
                raise error


@dataclass
class Recorder:
    """An output that notes what was shown, and when."""

    clock: JumpingClock
    texts: list[tuple[float, str]] = field(default_factory=list)
    seen: list[tuple[float, str, float]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    has_no_log: bool = False

    def log(self, text: str) -> None:
        self.texts.append((self.clock.time, text))

    def progress(self, run: Run, waited: float) -> None:
        self.seen.append((self.clock.time, status_name(run), waited))

    def notice(self, message: str) -> None:
        self.notices.append(message)

    def log_missing(self) -> None:
        self.has_no_log = True

    def log_unreadable(self, reason: str) -> None:
        self.notices.append(f"The rest of the log could not be read: {reason}")

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.texts)
