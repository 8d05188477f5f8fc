"""`az acr run`: run a multi-step task once, from a folder, a remote source or a single command, and follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from ...wording import printable
from ..command import command
from ..console.errors import UsageError
from ..session import RegistryOptions, Session
from .built_steps import built_in_steps
from .context import LocalContext
from .definition import DEFAULT_TASK_FILE, STANDARD_INPUT, encoded, is_dockerfile, is_null_context
from .follow import queue_and_follow
from .metadata import claim_metadata_file
from .options import FollowOptions
from .preparation import prepare_run
from .queue import RunOrder, Submission
from .request import SourceRegistryAuth, abac_warning, docker_platform, parse_platform
from .run_files import RunFiles, files_here, files_sent_along, files_there, task_context
from .source import ArchiveSource, LocalSource, Source, parse_source

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import EncodedTaskRunRequest, FileTaskRunRequest, Run

    RunRequest = EncodedTaskRunRequest | FileTaskRunRequest

__all__ = ["RunOptions", "run", "run_request"]


@dataclass(frozen=True, kw_only=True)
class RunOptions(RegistryOptions, FollowOptions):
    """The options of `az acr run`, under the names that az's own gives them.

    `set_value` and `set_secret` come as the request's SetValue objects, `timeout` in seconds.
    """

    source_location: str | None = None
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
    def set_values(self) -> list[Mapping[str, Any]]:
        """All values for the templates in the task's definition."""
        return [*(self.set_value or ()), *(self.set_secret or ())]

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
    _require_definition(options)
    if options.cmd_value == "":
        session.narrator.say(f"--cmd is empty: the task file '{options.file or DEFAULT_TASK_FILE}' is run.")
    parse_platform(options.platform)
    claim_metadata_file(options)
    source = parse_source(options.source_location or "") if options.has_source else None
    files = _find_files(options, source, session.streams.stdin)
    request = run_request(options, files)
    registry = session.find_managed_registry(options, "runs")
    auth = options.source_registry_auth
    request.credentials = auth.credentials(uses_abac=registry.uses_abac)
    warning = auth.warning(uses_abac=registry.uses_abac)
    if warning:
        session.narrator.say(warning)
    if registry.uses_abac and auth.identity is None and auth.grants_nothing(uses_abac=True):
        session.narrator.say(abac_warning(registry.name, "a run"))
    submission = Submission.begin(session, registry, options.agent_pool_name, options)
    prepared = prepare_run(submission, source, partial(_prepare_context, options, files, session))
    request.source_location = prepared.location
    if options.is_annotated:
        submission = replace(submission, dockerfiles=built_in_steps(prepared.context))
    return queue_and_follow(submission, lambda: RunOrder(request), prepared.pool)


def _require_definition(options: RunOptions) -> None:
    """Raise UsageError unless the options say what to run, once."""
    if options.cmd_value and options.file:
        raise UsageError("--cmd and --file cannot both say what to run; leave one out.")
    if options.cmd_value and options.has_source:
        raise UsageError("--cmd runs without a source: leave the source location out, or give /dev/null.")
    if options.file and not options.has_source and is_dockerfile(options.file):
        raise UsageError(
            f"--file {printable(options.file)} cannot be run: it is a Dockerfile, and a task file is needed.",
            "Build a Dockerfile with `az acr build`.",
        )
    if not options.cmd_value and options.source_location is None:
        raise UsageError(
            "The source location is missing: the folder or URL that holds the task file.",
            "Give '.' for the current folder, or /dev/null for a task file (--file) that needs no source.",
        )


def _find_files(options: RunOptions, source: Source | None, stdin: BinaryIO | None) -> RunFiles:
    if isinstance(source, ArchiveSource) and source.path is None and options.file == STANDARD_INPUT:
        raise UsageError("Standard input cannot be both the source ('-') and the task file (--file -).")
    if source is None or options.file == STANDARD_INPUT:
        return files_sent_along(options.cmd_value, options.file, options.values, options.timeout, stdin)
    if isinstance(source, LocalSource):
        return files_here(source.folder, options.file, options.values)
    return files_there(options.file, options.values)


def run_request(options: RunOptions, files: RunFiles) -> RunRequest:
    """The request for a run but for its source and credentials. Raises UsageError."""
    from azure.mgmt.containerregistrytasks.models import EncodedTaskRunRequest, FileTaskRunRequest, SetValue

    common: dict[str, Any] = {
        "values_property": [SetValue(value) for value in options.set_values],
        "timeout": options.timeout,
        "platform": parse_platform(options.platform),
        "agent_pool_name": options.agent_pool_name or None,
        "log_template": options.log_template,
    }
    if files.is_sent_along:
        values = encoded(files.values_text) if files.values_text else None
        return EncodedTaskRunRequest(
            encoded_task_content=encoded(files.task_text), encoded_values_content=values, **common
        )
    return FileTaskRunRequest(task_file_path=files.task, values_file_path=files.values or None, **common)


def _prepare_context(
    options: RunOptions, files: RunFiles, session: Session, source: LocalSource | ArchiveSource
) -> LocalContext:
    if isinstance(source, LocalSource):
        platform = docker_platform(parse_platform(options.platform))
        return task_context(source.folder, files, options.set_values, session, platform)
    return LocalContext.prepare_archive(source, None, session, required=files.in_source)
