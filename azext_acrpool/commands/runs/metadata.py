"""The file that says what became of a run (--metadata-file), with docker buildx's keys for what those tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from azure.cli.core import azclierror

from ...client.registries import Registry
from ...client.run_status import status_name
from ...output_files import require_writable, take_away, write_whole
from ...web import redact
from ...wording import printable
from ..console.errors import CommandError, ExitCode, UsageError, as_command_error, interrupted_at_end
from .ending import FollowedRun
from .options import FollowOptions
from .queue import Submission

__all__ = ["claim_metadata_file", "metadata_written"]

# Of a JSON object, as buildx writes one, too.
_BEGINNING: Final = b"{"
_TIMES: Final = ("createTime", "startTime", "finishTime")


def claim_metadata_file(options: FollowOptions, *, dry_run: bool = False) -> None:
    """Make sure that the file can be written once the run has ended, and take away that of an earlier run.

    So nobody takes what is in that for this run's; `dry_run` queues none, and leaves it. Raises UsageError, also for a
    file that is none of an earlier run, such as the Dockerfile, which would be lost.
    """
    path = options.metadata_file
    if path is None:
        return
    try:
        require_writable(path)
        if not dry_run:
            take_away(path, beginning=_BEGINNING)
    except OSError as error:
        raise UsageError(f"--metadata-file {printable(path)} cannot be written: {_reason(path, error)}.") from error


def _reason(path: str, error: OSError) -> str:
    folder = Path(path).parent
    if isinstance(error, FileNotFoundError) and not folder.exists():
        return f"There is no folder '{printable(str(folder))}'"
    return error.strerror or str(error)


@contextmanager
def metadata_written(submission: Submission, find_run: Callable[[], FollowedRun | None]) -> Iterator[None]:
    """Write the file when the block ends, however it does, if the user wants it and there is a run by then.

    `find_run` gives the run that was queued last. What ends the block goes on. Raises CommandError if nothing did, and
    the file could not be written: whoever reads it must not take the command for done.
    """
    path = submission.options.metadata_file
    if path is None:
        yield
        return
    try:
        yield
    except BaseException as ending:
        _write_at_end(path, submission, find_run(), ending)
        raise
    _write_at_end(path, submission, find_run(), None)


def _write_at_end(
    path: str, submission: Submission, followed: FollowedRun | None, ending: BaseException | None
) -> None:
    """Write the file, if there was a run. An interruption waits until it is written; a second one does not.

    What prevents it is raised if nothing else ends the command, or else told.
    """
    if followed is None:
        return
    narrator, is_written = submission.session.narrator, False
    failure = f"The metadata of run {followed.run_id} could not be written to '{printable(path)}'"
    try:
        with submission.session.interrupts.until_told():
            write_whole(path, _as_json(_metadata(submission, followed, ending)))
            is_written = True
    except OSError as error:
        failure = f"{failure}: {_reason(path, error)}."
        if ending is None:
            see = f"See the run with: {followed.az_command('show-run')}"
            raise CommandError(azclierror.FileOperationError(failure, see), result=followed.result) from error
        narrator.alert(failure)
    except KeyboardInterrupt:
        if not is_written:
            narrator.alert(f"{failure}: interrupted.")
        if not isinstance(ending, KeyboardInterrupt):
            interruption = interrupted_at_end()
            interruption.result = followed.result
            raise interruption from ending


def _as_json(metadata: Mapping[str, Any]) -> bytes:
    return json.dumps(metadata, indent=2).encode("ascii") + b"\n"


def _metadata(submission: Submission, last: FollowedRun, ending: BaseException | None) -> dict[str, Any]:
    """What the file says. Every member is there, and null where it is not known."""
    narrator, registry, pool = submission.session.narrator, submission.registry, submission.pool
    server = registry.login_server if isinstance(registry, Registry) else ""
    properties = last.run.as_dict().get("properties") or {}
    images = [_image(image, server) for image in properties.get("outputImages") or ()]
    error = properties.get("runErrorMessage")
    return {
        **_as_buildx(images),
        "runId": last.run_id,
        "status": status_name(last.run) or None,
        "registry": server or None,
        "agentPool": properties.get("agentPoolName") or (pool.name if pool else None),
        **{name: properties.get(name) for name in _TIMES},
        "runErrorMessage": redact(narrator.without_secrets(error)) if error else None,
        "images": images,
        "warnings": list(narrator.warnings),
        "retriedRuns": list(last.earlier),
        "exitCode": int(_exit_code(ending)),
    }


def _image(image: Mapping[str, Any], server: str) -> dict[str, str | None]:
    """An image that the run pushed; `server` is the registry's, for one of which the service does not say it."""
    registry, repository, tag = image.get("registry") or server, image.get("repository"), image.get("tag")
    name = "/".join(filter(None, (registry, repository))) + (f":{tag}" if tag else "") if repository else None
    return {
        "name": name,
        "registry": registry or None,
        "repository": repository,
        "tag": tag,
        "digest": image.get("digest"),
    }


def _as_buildx(images: Sequence[Mapping[str, str | None]]) -> dict[str, str | None]:
    """Digest and names under the keys that `docker buildx build --metadata-file` has them, which are about one image.

    Of images with several digests, or one that is not known, nobody could say which is meant.
    """
    digests = {image["digest"] for image in images}
    digest = digests.pop() if len(digests) == 1 else None
    names = dict.fromkeys(image["name"] for image in images if image["name"])
    return {"containerimage.digest": digest, "image.name": ",".join(filter(None, names)) if digest and names else None}


def _exit_code(ending: BaseException | None) -> ExitCode:
    if ending is None:
        return ExitCode.DONE
    error = as_command_error(ending)
    return error.exit_code if error else ExitCode.FAILED
