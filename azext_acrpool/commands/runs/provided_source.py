"""Seeing to it that the service can read the source of a build or run."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from azure.cli.core import azclierror

from ...client.remote_files import head_status
from ...client.runs import Runs
from ..console.errors import ExitCode, fail, fail_usage
from ..console.narrator import Narrator
from .context import LocalContext
from .pool import PoolCheck, PoolForRun
from .source import LocalSource, RemoteSource, SourceError, SourceKind, parse_source

__all__ = ["ProvidedSource", "provide_source", "read_source"]

_GONE: Final = (404, 410)


@dataclass(frozen=True)
class ProvidedSource:
    """A source as a run request names it, and the pool that the run goes to.

    ``location`` is None for a run without a source; ``dockerfile_path`` is the Dockerfile's name in an uploaded
    context, empty otherwise.
    """

    location: str | None
    pool: PoolForRun | None
    dockerfile_path: str = ""


def read_source(location: str) -> LocalSource | RemoteSource:
    """What the user named as source; ends the process if it cannot be one."""
    try:
        return parse_source(location)
    except SourceError as error:
        if error.is_missing:
            fail(azclierror.ResourceNotFoundError(str(error), error.hint), ExitCode.NOT_FOUND)
        fail_usage(str(error), error.hint)


def provide_source(
    source: LocalSource | RemoteSource | None,
    prepare: Callable[[Path], LocalContext],
    check: PoolCheck,
    runs: Runs,
) -> ProvidedSource:
    """Check a remote source, or pack (with ``prepare``) and upload a local one; None for a run that has no source.

    The pool is read while the source is looked at. Nothing is uploaded until the pool is known to be usable.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pool-check") as executor:
        found = executor.submit(check.find)
        context = prepare(source.folder) if isinstance(source, LocalSource) else None
        if isinstance(source, RemoteSource):
            _check_remote(source, check.narrator)
        pool = check.require(found)
    if context is None:
        return ProvidedSource(source.location if isinstance(source, RemoteSource) else None, pool)
    uploaded = context.upload(runs)
    return ProvidedSource(uploaded.source_location, pool, uploaded.dockerfile_path)


def _check_remote(source: RemoteSource, narrator: Narrator) -> None:
    """Refuse a tarball that is known not to be there. The service may reach what this machine cannot."""
    if source.kind is not SourceKind.TARBALL:
        return
    status = head_status(source.location)
    shown = source.location.partition("?")[0]
    if status in _GONE:
        _fail_missing_tarball(shown, status)
    if status is None or status >= 400:
        why = "no answer" if status is None else f"HTTP status {status}"
        narrator.say(f"Whether '{shown}' is there could not be checked from here ({why}); the service will try.")


def _fail_missing_tarball(shown: str, status: int | None) -> NoReturn:
    fail(
        azclierror.ResourceNotFoundError(
            f"There is nothing at '{shown}' (HTTP status {status}).",
            "Check the URL. A git repository's URL must end in '.git' or '.git#REF'.",
        ),
        ExitCode.NOT_FOUND,
    )
