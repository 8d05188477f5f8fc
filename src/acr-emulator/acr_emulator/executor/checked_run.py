"""One run in the check executor: from the request to what acb is started with."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Generator

from ..acb.aliases import uses_aliases
from ..acb.contexts import is_local, shown
from ..acb.errors import AcbError
from ..acb.exec import ALIAS_NOTICE, load_task
from ..acb.program.events import Event, Line, Pause
from ..acb.program.program import Program
from ..acb.program.scanning import DockerfileScanner
from ..acb.quick_build import plan_build
from ..acb.references import ScannedImage
from ..acb.rendering import Renderer, without_remarks
from ..acb.run_line import WORKSPACE
from ..acb.scan import ImageDependencies
from ..acb.task import Secret, Task, TaskOptions, order_of
from ..acb.variables import render_data
from .archive import ContextArchive
from .docker.agent import CheckedDocker
from .docker.caches import RegistryCaches
from .docker.container import ProgramOf, checked_only
from .errors import ContextError, FileTooLargeError, RunFailedError, StoppedError
from .model import ImageReference, Job
from .requests import credentials, decoded, home_volume, pairs, quick_build, render_options
from .unpacking import DOWNLOAD_FAILED
from .workspace import Workspace

__all__ = ["CheckedRun"]

BUILD_TYPES = ("DockerBuildRequest", "Docker")
FILE_TASK_TYPES = ("FileTaskRunRequest", "FileTask")
ENCODED_TASK_TYPES = ("EncodedTaskRunRequest", "EncodedTask")
DOWNLOAD_SECONDS = 1.0
DEFAULT_TASK_FILE = "acb.yaml"

Events = Generator[Event, None, None]


class CheckedRun:
    """A run that is checked. `hide` is told texts that the log must not show; `caches` are those of all runs.

    `program_of` gives what is really run.
    """

    def __init__(
        self,
        job: Job,
        hide: Callable[[str], None],
        caches: RegistryCaches,
        program_of: ProgramOf = checked_only,
    ) -> None:
        self._job = job
        self._request = job.request
        self._hide = hide
        self._location = str(job.request.get("sourceLocation") or job.request.get("contextPath") or "")
        self._written_files: dict[str, str] = {}
        self._caches = caches
        self._program_of = program_of
        self._open(Workspace(None))
        self._notices: list[str] = []

    @property
    def pushed_images(self) -> tuple[ImageReference, ...]:
        """What was pushed so far."""
        return tuple(self._docker.images.pushed.values())

    def events(self) -> Generator[Event, None, list[ImageDependencies]]:
        """Carry the run out; returns what its builds depend on. Raises RunFailedError and AcbError."""
        kind = self._request.get("type")
        if kind in BUILD_TYPES:
            task = yield from self._quick_build()
        elif kind in FILE_TASK_TYPES + ENCODED_TASK_TYPES:
            task = yield from self._task(kind in FILE_TASK_TYPES)
        else:
            raise RunFailedError(f"unknown type of run request: {kind}")
        program = Program(
            task=task,
            order=order_of(task.steps),
            docker=self._docker,
            scanner=DockerfileScanner(self._read, self._fetch),
            remote_digest=self._remote_digest,
            home_volume=home_volume(self._job),
            credentials=credentials(self._job),
            speed=self._job.speed,
            files=self._written_files,
        )
        return (yield from program.run())

    def _quick_build(self) -> Generator[Event, None, Task]:
        context = "."
        if self._job.source is not None:
            yield from self._download()
        elif is_local(self._location):
            raise ContextError(DOWNLOAD_FAILED)
        else:
            context = self._location
        build = quick_build(self._job, context)
        build.check()
        yield Line(f"Using {home_volume(self._job)} as the home volume")
        return plan_build(build, self._renderer("").build).task

    def _task(self, from_file: bool) -> Generator[Event, None, Task]:
        is_remote = not is_local(self._location)
        if self._job.source is not None:
            yield from self._download()
        elif is_remote:
            what = "a task file that succeeds is" if from_file else "Dockerfiles that build are"
            yield Line(f"The emulator does not fetch {shown(self._location)}: {what} assumed to be there")
            self._open(Workspace(None, shown(self._location)))
            if from_file:
                return Task()
        elif from_file or self._location:
            yield from self._download()
        options = TaskOptions(registry=self._job.login_server, task_name=self._job.task_name)
        name = str(self._request.get("taskFilePath") or DEFAULT_TASK_FILE)
        text = self._text(name, "") if from_file else decoded(self._request.get("encodedTaskContent"), "task")
        text = without_remarks(text)
        if uses_aliases(text):
            yield Line(ALIAS_NOTICE)
        task = load_task(name, text, options, self._renderer(self._values(from_file)).task, self._alias_source).task
        yield from map(Line, [*self._notices, *task.notices])
        return task

    def _download(self) -> Events:
        """Unpack what was uploaded."""
        if self._job.source is None:
            raise ContextError(DOWNLOAD_FAILED)
        yield Line("Downloading source code...")
        self._open(Workspace(ContextArchive(self._job.source, self._checkpoint)))
        yield Pause(DOWNLOAD_SECONDS)
        yield Line("Finished downloading source code")

    def _open(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._docker = CheckedDocker(
            workspace, self._checkpoint, self._written_files, self._caches, self._job.faults, self._program_of
        )

    def _checkpoint(self) -> None:
        if self._job.stop.is_set():
            raise StoppedError

    def _values(self, from_file: bool) -> str:
        """The text of the values file."""
        if not from_file:
            return decoded(self._request.get("encodedValuesContent"), "values")
        path = str(self._request.get("valuesFilePath") or "")
        return self._text(path, "error while loading exec steps: ") if path else ""

    def _renderer(self, values: str) -> Renderer:
        data = render_data(render_options(self._job), values, pairs(self._request.get("values")))
        return Renderer(data, self._job.started_at, self._secret_value)

    def _text(self, path: str, problem: str) -> str:
        absolute = posixpath.normpath(posixpath.join(WORKSPACE, path))
        content = self._workspace.read(absolute)
        if content is None:
            raise AcbError(f"{problem}stat {absolute}: no such file or directory")
        return content.decode("utf-8", "replace")

    def _alias_source(self, path: str) -> str | None:
        content = self._workspace.read(posixpath.join(WORKSPACE, path))
        return None if content is None else content.decode("utf-8", "replace")

    def _secret_value(self, secret: Secret) -> str:
        """A value for what a task wants from a key vault; the emulator has none."""
        value = f"value-of-{secret.id}"
        self._hide(value)
        self._notices.append(f"The emulator has no key vaults: the value of the secret {secret.id} is made up")
        return value

    def _read(self, path: str) -> bytes | None:
        try:
            return self._workspace.read(path)
        except FileTooLargeError as error:
            raise AcbError(str(error)) from error

    def _fetch(self, folder: str, context: str) -> tuple[str, ...]:
        location = shown(context)
        self._workspace.fetch(folder, location)
        return (f"The emulator does not fetch {location}: a Dockerfile that builds is assumed to be there",)

    def _remote_digest(self, image: ScannedImage) -> str:
        digest = self._docker.images.remote_digest(image.reference)
        if digest is None:
            # That acb fails is read in its source (builder/digest_remote.go), what the registry says is assumed.
            name = f"{image.registry}/{image.repository}:{image.tag}"
            raise AcbError(f"Failed to Resolve the reference '{image.reference}': {name}: not found")
        return digest
