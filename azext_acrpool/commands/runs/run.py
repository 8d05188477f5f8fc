"""`az acr run`: run a multi-step task once, from a folder, a remote source or a single command, and follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ...files import is_file
from ...wording import printable
from ..command import command
from ..console.errors import UsageError
from ..session import RegistryOptions, Session
from .context import LocalContext
from .definition import DEFAULT_TASK_FILE, STANDARD_INPUT, encoded_definition, is_null_context
from .follow import queue_and_follow
from .options import FollowOptions
from .preparation import prepare_run
from .queue import Submission
from .request import SourceRegistryAuth, parse_platform
from .source import SourceMissingError, parse_source

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import EncodedTaskRunRequest, FileTaskRunRequest, Run, SetValue

    RunRequest = EncodedTaskRunRequest | FileTaskRunRequest

__all__ = ["RunOptions", "file_below", "is_below", "run", "run_request"]


@dataclass(frozen=True, kw_only=True)
class RunOptions(RegistryOptions, FollowOptions):
    """The options of `az acr run`, under the names that az's own gives them.

    `set_value` and `set_secret` come as the request's SetValue objects, `timeout` in seconds.
    """

    source_location: str
    agent_pool_name: str | None = None
    file: str | None = None
    values: str | None = None
    set_value: list[Mapping[str, Any]] | None = None
    set_secret: list[Mapping[str, Any]] | None = None
    cmd_value: str | None = None
    timeout: int | None = None
    platform: str | None = None
    auth_mode: str | None = None
    log_template: str | None = None
    source_acr_auth_id: str | None = None

    @property
    def has_source(self) -> bool:
        """Whether there are files to run with."""
        return bool(self.source_location) and not is_null_context(self.source_location)

    @property
    def is_sent_along(self) -> bool:
        """Whether the request holds the task's definition, rather than the name of a file in the source."""
        return not self.has_source or self.file == STANDARD_INPUT

    @property
    def source_registry_auth(self) -> SourceRegistryAuth:
        """How the run logs in to its registry."""
        return SourceRegistryAuth(self.auth_mode, self.source_acr_auth_id)


@command(RunOptions)
def run(session: Session, options: RunOptions) -> Run | None:
    """Queue a run and follow it: the log goes to stdout, the exit code is the run's.

    Returns the queued run with `no_wait`, the finished one unless the log is on stdout, nothing otherwise.
    """
    options.require_sound(options.agent_pool_name)
    source = parse_source(options.source_location) if options.has_source else None
    request = run_request(options, session.streams.stdin)
    registry = session.find_managed_registry(options, "runs")
    request.credentials = options.source_registry_auth.credentials(uses_abac=registry.uses_abac)
    warning = options.source_registry_auth.warning(uses_abac=registry.uses_abac)
    if warning:
        session.narrator.say(warning)
    submission = Submission.begin(session, registry, options.agent_pool_name, options)
    prepared = prepare_run(submission, source, partial(_prepare_context, options, session))
    request.source_location = prepared.location
    return queue_and_follow(submission, request, prepared.pool)


def run_request(options: RunOptions, stdin: BinaryIO | None) -> RunRequest:
    """The request for a run but for its source and credentials. Raises UsageError."""
    from azure.mgmt.containerregistrytasks.models import EncodedTaskRunRequest, FileTaskRunRequest

    if options.cmd_value and options.file:
        raise UsageError("--cmd and --file cannot both say what to run; leave one out.")
    if options.cmd_value and options.has_source:
        raise UsageError("--cmd runs without a source: give /dev/null as the source location.")
    common: dict[str, Any] = {
        "values_property": _set_values(options),
        "timeout": options.timeout,
        "platform": parse_platform(options.platform),
        "agent_pool_name": options.agent_pool_name or None,
        "log_template": options.log_template,
    }
    if options.is_sent_along:
        content = encoded_definition(options.cmd_value, options.file, options.timeout, stdin)
        return EncodedTaskRunRequest(encoded_task_content=content, **common)
    return FileTaskRunRequest(
        task_file_path=options.file or DEFAULT_TASK_FILE, values_file_path=options.values, **common
    )


def _set_values(options: RunOptions) -> list[SetValue]:
    from azure.mgmt.containerregistrytasks.models import SetValue

    return [SetValue(value) for value in (*(options.set_value or ()), *(options.set_secret or ()))]


def _prepare_context(options: RunOptions, session: Session, folder: Path) -> LocalContext:
    """The folder with the files that the request names, which must be there and are sent whatever is ignored."""
    if options.is_sent_along:
        return LocalContext.prepare_without_dockerfile(folder, session, ())
    named = [name for name in (options.file or DEFAULT_TASK_FILE, options.values) if name]
    always_sent = tuple(file_below(folder, name) for name in named)
    return LocalContext.prepare_without_dockerfile(folder, session, always_sent)


def file_below(folder: Path, name: str) -> str:
    """A file's path below the folder, with slashes. Raises SourceMissingError if it is not there, UsageError."""
    if not is_below(folder, name):
        raise SourceMissingError(
            f"There is no file '{printable(name)}' in the source location '{printable(str(folder))}'.",
            "Name a file by its path below the source location.",
        )
    return _relative(name).as_posix()


def is_below(folder: Path, name: str) -> bool:
    """Whether there is a file of this path below the folder. Raises UsageError when that cannot be known."""
    path = _relative(name)
    try:
        return not path.is_absolute() and ".." not in path.parts and is_file(folder / path)
    except OSError as error:
        raise UsageError(
            f"'{printable(name)}' in the source location '{printable(str(folder))}' cannot be used: {error.strerror}."
        ) from error


def _relative(name: str) -> Path:
    return Path(name.replace("\\", "/"))
