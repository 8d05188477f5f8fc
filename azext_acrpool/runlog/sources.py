"""Where a follower gets its facts: the status of a run, and its log.

The protocols are what `follow` needs; tests script them. `RunStatus` and `RunLog` are the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import parse_qs, urlsplit

from ..client.errors import AcrError, ForbiddenError, NotFoundError
from ..clock import Clock
from ..wording import format_duration

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

    from ..client.blobs import BlobPart

__all__ = [
    "LogChunk",
    "LogLink",
    "LogSource",
    "RunLog",
    "RunStatus",
    "SignedBlobs",
    "SourceUnavailableError",
    "StatusSource",
]

RANGE_BYTES: Final = 4 * 1024 * 1024
_RENEW_BEFORE_EXPIRY: Final = timedelta(seconds=60)
_RENEW_AT_MOST_EVERY: Final = timedelta(seconds=20)
# Seconds. However much there is to read, the run's status has its turn.
_LONGEST_CATCHING_UP: Final = 10.0
# Seconds after the run's end. On a line on which the rest of a log takes longer nobody would wait for it.
_LONGEST_REST: Final = 900.0


class SourceUnavailableError(Exception):
    """The source cannot be read right now. `retry_after` (seconds) is what it asked for, if it did."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True)
class LogChunk:
    """One read of a log: new bytes, whether more can be read right now, and whether the log is marked complete.

    `exists`: there is a log, be it empty.
    """

    data: bytes = b""
    more: bool = False
    complete: bool = False
    exists: bool = True


_NO_LOG: Final = LogChunk(exists=False)


class StatusSource(Protocol):
    """Gives the run as the service knows it."""

    def look(self, within: float, /) -> Run:
        """The run now, answered for within so many seconds. Raises SourceUnavailableError when to be asked again."""


class LogSource(Protocol):
    """Gives the log, each byte once."""

    def read(self, *, run_ended: bool) -> LogChunk:
        """What is new. A log that does not exist yet is empty. Raises SourceUnavailableError when to be asked again."""


class LogLink(Protocol):
    """The two signed URLs a run's log may have (the SDK's RunGetLogResult): a blob, or an artifact."""

    log_link: str | None
    log_artifact_link: str | None


class SignedBlobs(Protocol):
    """Reads through signed URLs (client.blobs.BlobReader)."""

    def properties(self, url: str) -> BlobPart:
        """Size and completion mark."""

    def read(self, url: str, offset: int, length: int) -> BlobPart:
        """Bytes from an offset on."""

    def stream(self, url: str) -> Iterator[bytes]:
        """The whole blob."""


class RunStatus:
    """Asks ARM for the run, with a limit in seconds for one answer.

    No refusal says anything of a run that was queued: ARM may not know it for a moment, a token may have to be renewed,
    a role assignment to be spread. Whoever follows it asks again.
    """

    def __init__(self, get_run: Callable[[float], Run]) -> None:
        self._get_run = get_run

    def look(self, within: float) -> Run:
        try:
            return self._get_run(within)
        except AcrError as error:
            raise _unavailable(error) from error


class RunLog:
    """Reads a run's log through signed URLs, which it renews before they expire and when they are refused.

    The log blob (`logLink`) is read as it grows. A log kept as an artifact (`logArtifactLink`) is one download at
    the end of the run. Which one it is shows when `get_link` answers; until then the log is empty. A log without end
    is read for a quarter of an hour after the end of the run.
    """

    def __init__(self, get_link: Callable[[], LogLink], blobs: SignedBlobs, clock: Clock) -> None:
        self._get_link = get_link
        self._blobs = blobs
        self._clock = clock
        self._url = ""
        self._is_artifact = False
        self._renew_at: datetime | None = None
        self._refused_at: datetime | None = None
        self._offset = 0
        self._artifact: Iterator[bytes] | None = None
        self._artifact_position = 0
        self._behind_since: float | None = None
        self._ended_at: float | None = None

    def read(self, *, run_ended: bool) -> LogChunk:
        if run_ended:
            self._require_an_end()
        try:
            self._renew_if_due()
            if not self._url:
                return _NO_LOG
            if self._is_artifact:
                return self._read_artifact() if run_ended else LogChunk()
            return self._read_blob()
        except NotFoundError:
            return _NO_LOG
        except ForbiddenError as error:
            self._renew_after_refusal()
            raise _unavailable(error) from error
        except AcrError as error:
            raise _unavailable(error) from error

    def _require_an_end(self) -> None:
        now = self._clock.monotonic()
        if self._ended_at is None:
            self._ended_at = now
        if now - self._ended_at > _LONGEST_REST:
            raise SourceUnavailableError(f"It still went on {format_duration(_LONGEST_REST)} after the end of the run.")

    def _read_blob(self) -> LogChunk:
        # The last byte that is there already is read again: only a range that is not empty is answered with the size
        # and the end mark, so that one request tells everything.
        again = min(self._offset, 1)
        part = self._blobs.read(self._url, self._offset - again, RANGE_BYTES + again)
        if not part.data:
            return LogChunk(complete=self._blobs.properties(self._url).complete)
        new = part.data[again:]
        self._offset += len(new)
        behind = part.size is not None and self._offset < part.size
        return LogChunk(new, more=self._reads_on(behind and bool(new)), complete=part.complete and not behind)

    def _reads_on(self, is_behind: bool) -> bool:
        now = self._clock.monotonic()
        if not is_behind or (self._behind_since is not None and now - self._behind_since > _LONGEST_CATCHING_UP):
            self._behind_since = None
            return False
        if self._behind_since is None:
            self._behind_since = now
        return True

    def _read_artifact(self) -> LogChunk:
        # A download that breaks off starts again at the next read; what was given before is not given twice.
        if self._artifact is None:
            self._artifact, self._artifact_position = self._blobs.stream(self._url), 0
        try:
            piece = next(self._artifact, b"")
        except AcrError:
            self._artifact = None
            raise
        new = piece[max(0, self._offset - self._artifact_position) :]
        self._artifact_position += len(piece)
        self._offset += len(new)
        return LogChunk(new, more=bool(piece), complete=not piece)

    def _renew_if_due(self) -> None:
        if self._url and (self._renew_at is None or self._clock.now() < self._renew_at):
            return
        try:
            link = self._get_link()
        except AcrError:
            if not self._url:
                raise
            # The URL at hand is still good for a while.
            self._renew_at = self._clock.now() + _RENEW_AT_MOST_EVERY
            return
        self._is_artifact = bool(link.log_artifact_link)
        self._url = link.log_artifact_link or link.log_link or ""
        self._renew_at = _renewal_time(self._url, self._clock.now())

    def _renew_after_refusal(self) -> None:
        # A storage firewall refuses every URL: a new one each time would only load ARM.
        now = self._clock.now()
        if self._refused_at is None or now - self._refused_at >= _RENEW_AT_MOST_EVERY:
            self._refused_at = self._renew_at = now


def _renewal_time(url: str, now: datetime) -> datetime | None:
    """When a signed URL should be replaced: a minute before its `se` time, or half-way for a short-lived one.

    None when it does not say, or when it seems to have expired already: then this machine's clock is wrong, and the
    service's refusal is the sign to renew.
    """
    try:
        expiry = datetime.fromisoformat(parse_qs(urlsplit(url).query)["se"][0].replace("Z", "+00:00"))
        # Near the ends of the calendar, a moment may not exist in another time zone.
        expiry = (expiry if expiry.tzinfo else expiry.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (LookupError, ValueError, OverflowError):
        return None
    if expiry <= now:
        return None
    return max(expiry - _RENEW_BEFORE_EXPIRY, now + (expiry - now) / 2)


def _unavailable(error: AcrError) -> SourceUnavailableError:
    return SourceUnavailableError(str(error), error.retry_after)
