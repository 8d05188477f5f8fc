"""What comes before a run can be queued: a source that the service can read, and a pool that takes runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ...aside import start_aside
from ...pool import Pool
from ...web import redact
from ..session import Session
from .context import LocalContext
from .queue import Submission
from .source import ArchiveSource, LocalSource, RemoteSource, Source, SourceKind, SourceMissingError

__all__ = ["Prepared", "prepare_run"]

_GONE: Final = (404, 410)


@dataclass(frozen=True)
class Prepared:
    """The source as a run request names it, and what was read of the agent pool that the run goes to.

    `location` is None for a run without a source; `dockerfile_path` is the Dockerfile's name in an uploaded context,
    empty otherwise. `pool` is None for shared agents, and for a pool that could not be read. `context` is what was
    uploaded, None for nothing.
    """

    location: str | None
    pool: Pool | None
    dockerfile_path: str = ""
    context: LocalContext | None = None


def prepare_run(
    submission: Submission,
    source: Source | None,
    prepare: Callable[[LocalSource | ArchiveSource], LocalContext],
) -> Prepared:
    """Check a remote source, or pack (with `prepare`) and upload a local one; None for a run that has no source.

    The pool is read while the source is looked at. Nothing is uploaded until the pool is known to be usable. Raises
    CommandError.
    """
    check = submission.pool_check
    reading = start_aside(check.pool.read) if check else None
    context = prepare(source) if isinstance(source, (LocalSource, ArchiveSource)) else None
    if isinstance(source, RemoteSource):
        _check_remote(source, submission.session)
    pool = check.require(reading.result) if check and reading else None
    if context is None:
        return Prepared(source.location if isinstance(source, RemoteSource) else None, pool)
    uploaded = context.upload(submission.runs)
    return Prepared(uploaded.source_location, pool, uploaded.dockerfile_path, context)


def _check_remote(source: RemoteSource, session: Session) -> None:
    """Refuse a tarball that is known not to be there. The service may reach what this machine cannot."""
    if source.kind is not SourceKind.TARBALL:
        return
    shown = redact(source.location)
    if source.doubt:
        session.narrator.say(f"'{shown}' {source.doubt}.")
    status = session.web.head_status(source.location)
    if status in _GONE:
        raise SourceMissingError(
            f"There is nothing at '{shown}' (HTTP status {status}).",
            "Check the URL. A git repository's URL must end in '.git' or '.git#REF'.",
        )
    if status is None or status >= 400:
        why = "no answer" if status is None else f"HTTP status {status}"
        session.narrator.say(
            f"Whether '{shown}' is there could not be checked from here ({why}); the service will try."
        )
