"""`docker build` without building: every step that can be checked is, and the log reads as Docker's.

The agents' builder is Docker's classic one: it builds every stage up to the target, in order, and refuses what needs
BuildKit. With BuildKit (`DOCKER_BUILDKIT=1` in a task step, or `cache: enabled`) only the stages that the target needs
are built and its flags are known; its log is written in the classic form here, though BuildKit's own looks otherwise.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field

from .archive import ContextArchive
from .copying import CopyCheck
from .dockerfile import Dockerfile, Instruction, Stage
from .errors import BuildFailedError
from .log import RunLog, human_size
from .model import ImageReference, LogLine
from .references import assumed_digest, base_image, short_name
from .shell import simulate
from .stages import StagePlan, plan_stages
from .words import SubstitutionError, expand, json_words, name_values, split_words

__all__ = ["BuildOptions", "BuiltImage", "DockerBuild"]

PREDEFINED_ARGUMENTS = frozenset(
    name
    for plain in ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
    for name in (plain, plain.lower())
)
REQUIRES_BUILDKIT = (
    "the {} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with "
    "BuildKit enabled"
)
BLANK_PLATFORM = (
    'failed to parse platform : "" is an invalid component of "": platform specifier component must match '
    '"^[A-Za-z0-9_-]+$": invalid argument'
)
INSTRUCTION_SECONDS = 0.2
PULL_SECONDS = 1.0


@dataclass(frozen=True)
class BuildOptions:
    """What `docker build` was told. `tags` are full names of the images to make."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    tags: tuple[str, ...] = ()
    platform: str = "linux/amd64"
    buildkit: bool = False


@dataclass(frozen=True)
class BuiltImage:
    """An image's ID and manifest digest, which depend on nothing but what went into it, and the bases it came from."""

    id: str
    digest: str
    runtime: ImageReference | None
    build_time: tuple[ImageReference, ...]


@dataclass
class _StageState:
    layer: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"

    def child(self) -> _StageState:
        """What a stage built on this one starts with: environment and working directory, but no arguments."""
        return _StageState(self.layer, {}, dict(self.environment), self.workdir)

    @property
    def scope(self) -> dict[str, str]:
        return {**self.variables, **self.environment}


class DockerBuild:
    """One build of one Dockerfile against one context."""

    def __init__(self, dockerfile: Dockerfile, context: ContextArchive, options: BuildOptions) -> None:
        self._dockerfile = dockerfile
        self._context = context
        self._options = options
        self._used_arguments: set[str] = set()
        self._globals = self._global_arguments()

    def dependencies(self) -> tuple[ImageReference | None, tuple[ImageReference, ...]]:
        """The base image of the final stage (None for scratch) and those of the other stages, each with a digest."""
        plan = self._plan()
        images = {index: self._external_base(plan, index) for index in plan.order}
        runtime = images[plan.origin(plan.target)]
        others = {image: None for index in plan.order if (image := images[index]) is not None and image != runtime}
        return runtime, tuple(others)

    def run(self, log: RunLog) -> Generator[LogLine, None, BuiltImage]:
        """Yield the build's log and return the image. Raises BuildFailedError where Docker would fail."""
        plan = self._plan()
        yield log.plain(
            f"Sending build context to Docker daemon  {human_size(self._context.size)}", INSTRUCTION_SECONDS
        )
        total = len(self._dockerfile.arguments)
        total += sum(1 + len(self._dockerfile.stages[index].instructions) for index in plan.order)
        step = 0
        for argument in self._dockerfile.arguments:
            step += 1
            yield log.plain(f"Step {step}/{total} : {argument.text}", INSTRUCTION_SECONDS)
        states: dict[int, _StageState] = {}
        for index in plan.order:
            stage = self._dockerfile.stages[index]
            state = states[plan.parents[index]].child() if index in plan.parents else _StageState()
            step += 1
            yield log.plain(f"Step {step}/{total} : {stage.origin.text}", INSTRUCTION_SECONDS)
            yield from self._start_stage(log, plan, index, state)
            for instruction in stage.instructions:
                step += 1
                yield log.plain(f"Step {step}/{total} : {instruction.text}", INSTRUCTION_SECONDS)
                yield from self._instruction(log, plan, index, instruction, state)
                yield log.plain(f" ---> {state.layer[:12]}")
            states[index] = state
        return (yield from self._finish(log, states[plan.target].layer))

    def _finish(self, log: RunLog, layer: str) -> Generator[LogLine, None, BuiltImage]:
        unused = sorted(set(self._options.arguments) - self._used_arguments - PREDEFINED_ARGUMENTS)
        if unused:
            yield log.plain(f"[Warning] One or more build-args [{' '.join(unused)}] were not consumed")
        yield log.plain(f"Successfully built {layer[:12]}")
        for tag in self._options.tags:
            yield log.plain(f"Successfully tagged {tag}")
        runtime, build_time = self.dependencies()
        return BuiltImage(layer, assumed_digest(f"manifest {layer}"), runtime, build_time)

    def _plan(self) -> StagePlan:
        return plan_stages(self._dockerfile, self._options.target, self._base_name, self._options.buildkit)

    def _global_arguments(self) -> dict[str, str]:
        values: dict[str, str] = {}
        if self._options.buildkit:
            os, _, architecture = self._options.platform.partition("/")
            for prefix in ("TARGET", "BUILD"):
                values[f"{prefix}PLATFORM"] = self._options.platform
                values[f"{prefix}OS"] = os
                values[f"{prefix}ARCH"] = architecture.partition("/")[0]
        for instruction in self._dockerfile.arguments:
            for name, default in self._declared(instruction, values):
                values[name] = self._options.arguments.get(name, default or "")
        return values

    def _declared(self, instruction: Instruction, scope: Mapping[str, str]) -> list[tuple[str, str | None]]:
        declared: list[tuple[str, str | None]] = []
        for word in split_words(instruction.value, self._dockerfile.escape):
            name, equals, default = word.partition("=")
            self._used_arguments.add(name)
            declared.append((name, self._expand(default, scope) if equals else None))
        return declared

    def _expand(self, word: str, scope: Mapping[str, str]) -> str:
        try:
            return expand(word, scope, self._dockerfile.escape)
        except SubstitutionError as error:
            raise BuildFailedError(f'failed to process "{word}": {error}') from error

    def _base_name(self, stage: Stage) -> str:
        return self._expand(stage.base, self._globals)

    def _external_base(self, plan: StagePlan, index: int) -> ImageReference | None:
        name = self._base_name(self._dockerfile.stages[index])
        if index in plan.parents or name == "scratch":
            return None
        image = base_image(name)
        digest = image.digest or assumed_digest(f"base image {image.registry}/{image.repository}:{image.tag}")
        return ImageReference(image.registry, image.repository, image.tag, digest)

    def _start_stage(
        self, log: RunLog, plan: StagePlan, index: int, state: _StageState
    ) -> Generator[LogLine, None, None]:
        stage = self._dockerfile.stages[index]
        name = self._base_name(stage)
        if not name:
            raise BuildFailedError(f"base name ({stage.base}) should not be blank")
        platform = stage.origin.flag("platform")
        if platform is not None and not self._expand(platform, self._globals):
            raise BuildFailedError(BLANK_PLATFORM)
        if index in plan.parents:
            yield log.plain(f" ---> {state.layer[:12]}")
            return
        if name == "scratch":
            state.layer = _chain("", "scratch", [])
            yield log.plain(" ---> ")
            return
        image = self._external_base(plan, index)
        digest = image.digest if image is not None and image.digest else ""
        state.layer = _chain("", digest, [])
        tag, repository = short_name(name)
        yield log.plain(f"{tag}: Pulling from {repository}", PULL_SECONDS)
        yield log.plain(f"Digest: {digest}")
        yield log.plain(f"Status: Downloaded newer image for {repository.removeprefix('library/')}:{tag}")
        yield log.plain(f" ---> {state.layer[:12]}")

    def _instruction(
        self, log: RunLog, plan: StagePlan, index: int, instruction: Instruction, state: _StageState
    ) -> Generator[LogLine, None, None]:
        self._require_buildkit(instruction)
        used: list[object] = []
        match instruction.name:
            case "ARG":
                for name, default in self._declared(instruction, state.scope):
                    inherited = self._globals.get(name) if default is None else default
                    value = self._options.arguments.get(name, inherited)
                    if value is not None:
                        state.variables[name] = value
                        used.append([name, value])
            case "ENV":
                scope = state.scope
                for name, value in name_values(instruction.value, self._dockerfile.escape):
                    state.environment[name] = self._expand(value, scope)
                used.append(sorted(state.environment.items()))
            case "WORKDIR":
                state.workdir = posixpath.join(state.workdir, self._expand(instruction.value, state.scope))
                used.append(state.workdir)
            case "COPY" | "ADD":
                check = CopyCheck(self._context, plan, index, self._options.buildkit)
                used += check.sources(instruction, lambda word: self._expand(word, state.scope))
            case "RUN":
                yield from self._run_command(log, instruction, state)
                used.append(sorted(state.scope.items()))
        state.layer = _chain(state.layer, instruction.text, [*used, *instruction.heredocs])

    def _require_buildkit(self, instruction: Instruction) -> None:
        if self._options.buildkit:
            return
        if instruction.needs_buildkit is not None:
            raise BuildFailedError(REQUIRES_BUILDKIT.format(f"--{instruction.needs_buildkit}"))
        if instruction.heredocs:
            # Assumed: nobody has shown what the agents' version of the classic builder says to a heredoc.
            raise BuildFailedError(REQUIRES_BUILDKIT.format("heredoc"))

    def _run_command(self, log: RunLog, instruction: Instruction, state: _StageState) -> Generator[LogLine, None, None]:
        container = _chain(state.layer, "container", [instruction.text])[:12]
        yield log.plain(f" ---> Running in {container}")
        words = json_words(instruction.rest or instruction.value)
        command = instruction.rest or instruction.value
        result = simulate(command if words is None else " ".join(words), state.scope)
        if instruction.heredocs:
            result = simulate(instruction.heredocs[0][1].strip(), state.scope)
        delay = result.seconds
        for line in result.output:
            yield log.plain(line, delay)
            delay = 0.0
        if result.exit_code:
            shown = f"/bin/sh -c {command}" if words is None else " ".join(words)
            # The delay of a silent command is spent by the line that says how it ended.
            raise BuildFailedError(
                f"The command '{shown}' returned a non-zero code: {result.exit_code}", result.exit_code
            )
        yield log.plain(f"Removing intermediate container {container}", delay)


def _chain(parent: str, text: str, used: list[object]) -> str:
    """The ID of a layer: a hash of all that went into it and into those below it."""
    return hashlib.sha256(json.dumps([parent, text, used], sort_keys=True).encode()).hexdigest()
