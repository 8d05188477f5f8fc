"""The default executor: checks what a run would need, without building or running anything.

It opens the uploaded source, parses Dockerfile or task file, verifies that every COPY and ADD source is there, and
computes image digests from what goes into the images: the same sources give the same digests.
"""

from __future__ import annotations

import base64
import binascii
import posixpath
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ..acb.references import with_registry
from .archive import DOWNLOAD_FAILED, ContextArchive
from .build import BuildOptions
from .buildcommand import is_remote, parse_build_command
from .errors import ContextError, RunFailedError, TaskFileError
from .log import RunLog, go_duration
from .model import Event, Job, LogLine, Outcome
from .references import full_name, qualify
from .steps import BuildStep, StepFailedError, StepRunner, StepSettings
from .taskfile import Step, TaskFile, parse_task, parse_values
from .templates import home_volume, render, run_fields

__all__ = ["CheckExecutor"]

RUN_FAILED = "failed during run, err: exit status 1"
BUILD_TIMEOUT = 28800
PUSH_TIMEOUT = 3600
PUSH_WITHOUT_CREDENTIALS = "when specifying push, at least one credential is required"
"""Reported, of a registry with permissions by repository and of one whose task has the login mode None."""
SETUP_SECONDS = 1.0
DEFAULT_NETWORK = "acb_default_network"
BUILD_TYPES = ("DockerBuildRequest", "Docker")
FILE_TASK_TYPES = ("FileTaskRunRequest", "FileTask")
ENCODED_TASK_TYPES = ("EncodedTaskRunRequest", "EncodedTask")


class CheckExecutor:
    """Carries out DockerBuild, FileTask and EncodedTask requests as far as that goes without a builder."""

    def execute(self, job: Job) -> Iterator[Event]:
        """What an Executor does."""
        log = RunLog(job, _secrets(job.request))
        runner = StepRunner(log, may_push=job.login_server in _logins(job))
        try:
            yield from _CheckedRun(job, log, runner).lines()
        except ContextError as error:
            yield log.plain(str(error))
            yield from _close(job, log, DOWNLOAD_FAILED)
            yield Outcome("Failed", DOWNLOAD_FAILED)
        except RunFailedError as error:
            yield log.plain(str(error))
            yield from _close(job, log, RUN_FAILED)
            yield Outcome("Failed", RUN_FAILED)
        else:
            yield from runner.summary()
            yield from _close(job, log)
            yield Outcome("Succeeded", None, tuple(runner.pushed.values()), runner.dependencies())


def _close(job: Job, log: RunLog, error: str | None = None) -> Iterator[LogLine]:
    duration = go_duration(log.elapsed)
    yield log.plain()
    if error is None:
        yield log.plain(f"Run ID: {job.run_id} was successful after {duration}")
    else:
        yield log.plain(f"Run ID: {job.run_id} failed after {duration}. Error: {error}")


class _CheckedRun:
    def __init__(self, job: Job, log: RunLog, runner: StepRunner) -> None:
        self._job = job
        self._request = job.request
        self._log = log
        self._runner = runner
        self._location = str(job.request.get("sourceLocation") or job.request.get("contextPath") or "")

    def lines(self) -> Generator[LogLine, None, None]:
        kind = self._request.get("type")
        if kind in BUILD_TYPES:
            yield from self._docker_build()
        elif kind in FILE_TASK_TYPES + ENCODED_TASK_TYPES:
            yield from self._task(kind in FILE_TASK_TYPES)
        else:
            raise RunFailedError(f"unknown type of run request: {kind}")

    def _docker_build(self) -> Generator[LogLine, None, None]:
        context = yield from self._download()
        if self._pushes and not _logins(self._job):
            raise RunFailedError(PUSH_WITHOUT_CREDENTIALS)
        yield self._log.stamped(f"Using {home_volume(self._job)} as the home volume")
        yield from self._set_up()
        fields = run_fields(self._job)
        names = [render(str(name), fields) for name in self._request.get("imageNames") or ()]
        images = tuple(qualify(name, self._job.login_server) for name in names)
        platform = self._request.get("platform") or {}
        step = BuildStep(
            dockerfiles=(str(self._request.get("dockerFilePath") or "Dockerfile"),),
            options=BuildOptions(
                arguments=_pairs(self._request.get("arguments")),
                target=str(self._request.get("target") or ""),
                tags=tuple(full_name(image) for image in images),
                platform=f"{platform.get('os', 'linux')}/{platform.get('architecture', 'amd64')}".lower(),
            ),
            images=images,
            names=tuple(with_registry(name, self._job.login_server) for name in names),
            context=context,
            remote_location=_shown(self._location) if context is None else "",
        )
        settings = StepSettings("build", BUILD_TIMEOUT)
        yield from self._guarded(settings, self._runner.build(settings, step))
        if self._pushes:
            settings = StepSettings("push", PUSH_TIMEOUT)
            yield from self._guarded(settings, self._runner.push(settings, images))

    @property
    def _pushes(self) -> bool:
        return bool(self._request.get("isPushEnabled", True) and self._request.get("imageNames"))

    def _download(self) -> Generator[LogLine, None, ContextArchive | None]:
        """The uploaded source, or None for a remote one."""
        if self._job.source is None:
            if is_remote(self._location):
                return None
            raise ContextError(DOWNLOAD_FAILED)
        yield self._log.stamped("Downloading source code...")
        context = ContextArchive(self._job.source)
        yield self._log.stamped("Finished downloading source code", SETUP_SECONDS)
        return context

    def _set_up(self) -> Generator[LogLine, None, None]:
        yield self._log.stamped("Setting up Docker configuration...")
        yield self._log.stamped("Successfully set up Docker configuration", SETUP_SECONDS)
        for registry in _logins(self._job):
            yield self._log.stamped(f"Logging in to registry: {registry}")
            yield self._log.stamped(f"Successfully logged into {registry}", SETUP_SECONDS / 2)

    def _task(self, from_file: bool) -> Generator[LogLine, None, None]:
        context: ContextArchive | None = None
        if self._job.source is not None or ((from_file or self._location) and not is_remote(self._location)):
            context = yield from self._download()
        if from_file and context is None:
            yield self._log.stamped(
                f"The emulator does not fetch {_shown(self._location)}: a task file that succeeds is assumed there"
            )
            yield from self._set_up()
            return
        task = self._task_file(context if from_file else None)
        if task.has_aliases:
            yield self._log.stamped(
                "Alias support enabled for version >= 1.1.0, please see https://aka.ms/acr/tasks/task-aliases for "
                "more information."
            )
        yield self._log.stamped(f"Creating Docker network: {DEFAULT_NETWORK}, driver: 'bridge'")
        yield self._log.stamped(f"Successfully set up Docker network: {DEFAULT_NETWORK}")
        yield from self._set_up()
        for step in task.steps:
            yield from self._task_step(step, context)

    def _task_file(self, context: ContextArchive | None) -> TaskFile:
        fields: dict[str, Any] = {**run_fields(self._job), "Secrets": {}}
        if context is None:
            text = _decoded(self._request.get("encodedTaskContent"), "task")
            values_text = _decoded(self._request.get("encodedValuesContent"), "values")
        else:
            text = _file(context, str(self._request.get("taskFilePath") or "acb.yaml"))
            values_path = self._request.get("valuesFilePath")
            values_text = _file(context, str(values_path)) if values_path else ""
        values = {**parse_values(values_text, fields), **_pairs(self._request.get("values"))}
        return parse_task(text, {**fields, "Values": values})

    def _task_step(self, step: Step, context: ContextArchive | None) -> Generator[LogLine, None, None]:
        settings = StepSettings(step.id, step.timeout, step.working_directory, DEFAULT_NETWORK, step.start_delay)
        if step.kind == "push":
            images = tuple(qualify(name, self._job.login_server) for name in step.images)
            lines = self._runner.push(settings, images)
        elif step.kind == "build":
            lines = self._runner.build(settings, self._build_step(step, context))
        else:
            lines = self._runner.command(settings, step.argument, step.environment)
        yield from self._guarded(settings, lines, step.ignore_errors)

    def _build_step(self, step: Step, context: ContextArchive | None) -> BuildStep:
        command = parse_build_command(step.argument)
        remote = is_remote(command.context)
        if context is None and not remote and not is_remote(self._location):
            # Without a source the volume that steps share is empty.
            context = ContextArchive.empty()
        images = tuple(qualify(name, self._job.login_server) for name in command.tags)
        directory = posixpath.join(step.working_directory, command.context)
        # Docker takes a path after -f from its working directory, and looks for Dockerfile in the context otherwise.
        in_context = posixpath.join(directory, command.dockerfile or "Dockerfile")
        in_working_directory = posixpath.join(step.working_directory, command.dockerfile)
        return BuildStep(
            dockerfiles=(in_working_directory, in_context) if command.dockerfile else (in_context,),
            options=BuildOptions(
                arguments=command.arguments,
                target=command.target,
                tags=tuple(full_name(image) for image in images),
                platform=command.platform,
                buildkit=step.cache or step.environment.get("DOCKER_BUILDKIT") == "1",
            ),
            images=images,
            names=tuple(command.tags),
            context=None if remote else context,
            directory=directory,
            remote_location=_shown(command.context if remote else self._location) if remote or not context else "",
        )

    def _guarded(
        self, settings: StepSettings, lines: Iterator[LogLine], ignore_errors: bool = False
    ) -> Generator[LogLine, None, None]:
        try:
            yield from lines
        except StepFailedError as error:
            if not ignore_errors:
                raise RunFailedError(f"failed to run step ID: {settings.id}: {error}") from error
            yield self._log.stamped(
                f"Step ID: {settings.id} encountered an error: {error}, but is set to ignore errors. Continuing..."
            )


def _logins(job: Job) -> list[str]:
    """The registries that the agent has credentials of."""
    others = (job.request.get("credentials") or {}).get("customRegistries") or {}
    return list(dict.fromkeys([*([job.login_server] if job.is_logged_in else ()), *others]))


def _pairs(rows: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    return {str(row.get("name", "")): str(row.get("value", "")) for row in rows or ()}


def _secrets(request: Mapping[str, Any]) -> list[str]:
    """Every value in a request that its log must not show."""
    rows = [*(request.get("arguments") or ()), *(request.get("values") or ())]
    secrets = [str(row.get("value", "")) for row in rows if row.get("isSecret")]
    credentials = request.get("credentials") or {}
    for registry in (credentials.get("customRegistries") or {}).values():
        password = (registry or {}).get("password") or {}
        if password.get("type") != "Vaultsecret":
            secrets.append(str(password.get("value") or ""))
    return [*secrets, str(request.get("contextAccessToken") or "")]


def _shown(location: str) -> str:
    """A context's URL without what may be secret in it: user, token and query."""
    parts = urlsplit(location)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", parts.fragment))


def _decoded(content: object, what: str) -> str:
    try:
        return base64.b64decode(str(content or ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise TaskFileError(f"failed to decode the {what} content: {error}") from error


def _file(context: ContextArchive, path: str) -> str:
    text = context.read_text(path)
    if text is None:
        raise TaskFileError(f"failed to read {path}: open {path}: no such file or directory")
    return text
