"""The steps that every run is made of: build, push and cmd.

The lines around a step's own output are those of public ACR logs. Durations are assumed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field

from ..acb.errors import AcbError
from ..acb.references import scanned_image
from .archive import ContextArchive
from .build import BuildOptions, BuiltImage, DockerBuild
from .dockerfile import parse
from .errors import BuildFailedError, DockerfileError, RunFailedError
from .log import RunLog
from .model import ImageDependency, ImageReference, LogLine
from .references import assumed_digest, full_name
from .shell import script_of, simulate

__all__ = ["BuildStep", "StepFailedError", "StepRunner", "StepSettings"]

LAYERS_PER_PUSH = 2
PUSH_ATTEMPTS = 3
MANIFEST_SIZE = 1366
REFUSED = "unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information."
SCAN_SECONDS = 1.0
PUSH_SECONDS = 2.0
REMOTE_DOCKERFILE = "FROM alpine:latest\nCOPY . /src\n"
"""What the emulator assumes to be in a remote context, since it fetches nothing."""


class StepFailedError(RunFailedError):
    """A step failed after it had printed its own lines; the text is the step's error."""


@dataclass(frozen=True)
class StepSettings:
    """A step's name, time limit and start delay in seconds, directory and network, as its first lines show them."""

    id: str
    timeout: int
    working_directory: str = ""
    network: str = ""
    start_delay: int = 0


@dataclass(frozen=True)
class BuildStep:
    """A build: `context` is None for a remote one. `images` are what gets tagged, `names` the same as it is written.

    `dockerfiles` are the paths to look for the Dockerfile at, the best first; `directory` is the part of the
    source that is the build's context.
    """

    dockerfiles: tuple[str, ...]
    options: BuildOptions
    images: tuple[ImageReference, ...]
    names: tuple[str, ...]
    context: ContextArchive | None
    directory: str = ""
    remote_location: str = ""


@dataclass(frozen=True)
class _Finished:
    settings: StepSettings
    seconds: float
    built: tuple[BuiltImage, tuple[ImageReference, ...]] | None


@dataclass
class StepRunner:
    """Carries out steps and remembers what they made. `may_push`: the registry takes what is pushed to it."""

    log: RunLog
    may_push: bool = True
    pushed: dict[str, ImageReference] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)
    _finished: list[_Finished] = field(default_factory=list)

    def build(self, settings: StepSettings, step: BuildStep) -> Generator[LogLine, None, None]:
        """Check a build and tag its images. Raises StepFailedError."""
        started = yield from self._begin(settings)
        yield self.log.stamped("Scanning for dependencies...")
        if step.context is None:
            yield self.log.stamped(
                f"The emulator does not fetch {step.remote_location}: a Dockerfile that builds is assumed to be there"
            )
        text = _dockerfile_text(step)
        if text is None:
            path = posixpath.normpath(step.dockerfiles[0])
            yield self.log.stamped(
                f"Output from dependency scanning: Error opening dockerfile {path}, error: open {path}: "
                "no such file or directory"
            )
            raise StepFailedError("failed to scan dependencies: exit status 1")
        for name in step.names:
            try:
                scanned_image(name)
            except AcbError as error:
                yield self.log.stamped(f"Output from dependency scanning: {error}")
                raise StepFailedError("failed to scan dependencies: exit status 1") from error
        yield self.log.stamped("Successfully scanned dependencies", SCAN_SECONDS)
        yield self.log.stamped(f"Launching container with name: {settings.id}")
        try:
            built = yield from DockerBuild(parse(text), _build_context(step), step.options).run(self.log)
        except (BuildFailedError, DockerfileError) as error:
            yield self.log.plain(str(error))
            yield from self._container_failed(settings)
            code = error.exit_code if isinstance(error, BuildFailedError) else 1
            raise StepFailedError(f"exit status {code}") from error
        yield self.log.stamped(f"Successfully executed container: {settings.id}")
        if step.remote_location:
            origin = assumed_digest(f"remote {step.remote_location} {built.digest}")
            built = BuiltImage(built.id, origin, built.runtime, built.build_time)
        for image in step.images:
            self._digests[full_name(image)] = built.digest
        self._end(settings, started, (built, step.images))

    def push(self, settings: StepSettings, images: tuple[ImageReference, ...]) -> Generator[LogLine, None, None]:
        """Push images that a build step has tagged. Raises StepFailedError for any other, and for one that is refused.

        What the log says of a push that is refused is assumed.
        """
        started = yield from self._begin(settings)
        for image in images:
            name = full_name(image)
            repository = f"{image.registry}/{image.repository}"
            digest = self._digests.get(name)
            refusal = "" if self.may_push else REFUSED
            if digest is None:
                refusal = f"An image does not exist locally with the tag: {repository}"
            for attempt in range(1, PUSH_ATTEMPTS + 1 if refusal else 2):
                yield self.log.stamped(f"Pushing image: {name}, attempt {attempt}")
                yield self.log.plain(f"The push refers to repository [{repository}]", 0.5 if refusal else 0.0)
                if refusal:
                    yield self.log.plain(refusal)
            if digest is None or refusal:
                raise StepFailedError("failed to push images successfully")
            yield from self._push_layers(digest)
            yield self.log.plain(f"{image.tag}: digest: {digest} size: {MANIFEST_SIZE}")
            yield self.log.stamped(f"Successfully pushed image: {name}")
            self.pushed[name] = ImageReference(image.registry, image.repository, image.tag, digest)
        self._end(settings, started)

    def _push_layers(self, digest: str) -> Generator[LogLine, None, None]:
        layers = [assumed_digest(f"layer {number} of {digest}")[7:19] for number in range(LAYERS_PER_PUSH)]
        for state, after in (("Preparing", 0.0), ("Pushed", PUSH_SECONDS / LAYERS_PER_PUSH)):
            for layer in layers:
                yield self.log.plain(f"{layer}: {state}", after)

    def command(
        self, settings: StepSettings, arguments: str, variables: Mapping[str, str]
    ) -> Generator[LogLine, None, None]:
        """Run a container: its image's name, then what it is given. Raises StepFailedError."""
        started = yield from self._begin(settings)
        yield self.log.stamped(f"Launching container with name: {settings.id}")
        _image, _, rest = arguments.strip().partition(" ")
        result = simulate(script_of(rest.strip()), variables)
        delay = result.seconds
        for line in result.output:
            yield self.log.plain(line, delay)
            delay = 0.0
        if result.exit_code:
            yield from self._container_failed(settings, delay)
            raise StepFailedError(f"exit status {result.exit_code}")
        yield self.log.stamped(f"Successfully executed container: {settings.id}", delay)
        self._end(settings, started)

    def dependencies(self) -> tuple[ImageDependency, ...]:
        """The base images of all builds, each once."""
        found: dict[ImageDependency, None] = {}
        for step in self._finished:
            if step.built is not None:
                image = step.built[0]
                if image.runtime is not None:
                    found[ImageDependency("Runtime", image.runtime)] = None
                for base in image.build_time:
                    found[ImageDependency("Buildtime", base)] = None
        return tuple(found)

    def summary(self) -> Generator[LogLine, None, None]:
        """The lines at the end of a run that succeeded: each step's time, then what the builds depend on."""
        for step in self._finished:
            identifier = step.settings.id
            yield self.log.stamped(
                f"Step ID: {identifier} marked as successful (elapsed time in seconds: {step.seconds:.6f})"
            )
            if step.built is not None:
                yield self.log.stamped(f"Populating digests for step ID: {identifier}...")
                yield self.log.stamped(f"Successfully populated digests for step ID: {identifier}")
        builds = [step.built for step in self._finished if step.built is not None]
        if builds:
            yield self.log.stamped("The following dependencies were found:")
            yield self.log.stamped()
        for built, images in builds:
            for image in images:
                yield from self._reference("- image:", self.pushed.get(full_name(image), image))
                yield from self._bases(built)
            if not images:
                yield self.log.plain("- image: null")
                yield from self._bases(built)

    def _bases(self, built: BuiltImage) -> Generator[LogLine, None, None]:
        if built.runtime is not None:
            yield from self._reference("  runtime-dependency:", built.runtime)
        if built.build_time:
            yield self.log.plain("  buildtime-dependency:")
        for base in built.build_time:
            yield from self._rows(base, "  - ", "    ")
        yield self.log.plain("  git: {}")

    def _reference(self, title: str, image: ImageReference) -> Generator[LogLine, None, None]:
        yield self.log.plain(title)
        yield from self._rows(image, "    ", "    ")

    def _rows(self, image: ImageReference, first: str, others: str) -> Generator[LogLine, None, None]:
        for number, (name, value) in enumerate(image.to_wire().items()):
            yield self.log.plain(f"{others if number else first}{name}: {value}")

    def _begin(self, settings: StepSettings) -> Generator[LogLine, None, float]:
        if settings.start_delay:
            yield self.log.stamped(f"Waiting {settings.start_delay} seconds before executing step ID: {settings.id}")
        yield self.log.stamped(
            f"Executing step ID: {settings.id}. Timeout(sec): {settings.timeout}, "
            f"Working directory: '{settings.working_directory}', Network: '{settings.network}'",
            settings.start_delay,
        )
        return self.log.elapsed

    def _end(
        self,
        settings: StepSettings,
        started: float,
        built: tuple[BuiltImage, tuple[ImageReference, ...]] | None = None,
    ) -> None:
        self._finished.append(_Finished(settings, self.log.elapsed - started, built))

    def _container_failed(self, settings: StepSettings, after: float = 0.0) -> Generator[LogLine, None, None]:
        yield self.log.stamped(f"Container failed during run: {settings.id}. No retries remaining.", after)


def _dockerfile_text(step: BuildStep) -> str | None:
    if step.context is None:
        return REMOTE_DOCKERFILE
    texts = (step.context.read_text(path) for path in step.dockerfiles)
    return next((text for text in texts if text is not None), None)


def _build_context(step: BuildStep) -> ContextArchive:
    if step.context is None:
        return ContextArchive.empty()
    context = step.context.below_directory(step.directory)
    if context is None:
        raise BuildFailedError(f'unable to prepare context: path "{step.directory}" not found')
    return context
