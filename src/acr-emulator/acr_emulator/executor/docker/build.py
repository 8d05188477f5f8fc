"""`docker build` without building: every step that can be checked is, and the log reads as Docker's.

The agents' builder is Docker's classic one: it builds every stage up to the target, in order, and refuses what needs
BuildKit. With BuildKit (`DOCKER_BUILDKIT=1` in a task step, or `cache: enabled`) only the stages that the target needs
are built and its flags are known; its log is written in the classic form here, though BuildKit's own looks otherwise.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from ...acb.docker import Printed
from ...acb.references import ReferenceFormatError
from ...acb.shell import ShellLimitError
from ...golang.quoting import quote
from ..archive import ContextArchive
from ..errors import BuildFailedError
from ..log import human_size
from ..run_faults import RunFaults
from .arguments import AGENT_PLATFORM, BuildArguments
from .copying import CopyCheck
from .dockerfile import Dockerfile, Instruction, Stage
from .heredocs import files_of
from .names import assumed_digest, parse_name
from .run_step import RunOptions, RunStep
from .stage_state import UNIX_SHELL, WINDOWS_SHELL, StageState, chain
from .stages import StagePlan, plan_stages
from .words import json_words, name_values

__all__ = ["BuildOptions", "BuiltImage", "DockerBuild"]

REQUIRES_BUILDKIT = (
    "the {} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with "
    "BuildKit enabled"
)
BLANK_PLATFORM = (
    'failed to parse platform : "" is an invalid component of "": platform specifier component must match '
    '"^[A-Za-z0-9_-]+$": invalid argument'
)
MAKES_LAYER = ("ADD", "COPY", "RUN", "WORKDIR")
PLATFORM = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+){0,2}")
CACHED = " ---> CACHED"
MAX_DEPTH = 125
"""Layers that docker puts on top of each other; those of base images are unknown here."""

INSTRUCTION_SECONDS = 0.2
PULL_SECONDS = 1.0


@dataclass(frozen=True)
class BuildOptions:
    """What `docker build` was told. `origin` is where a context comes from that nobody has fetched.

    `cached` are IDs of layers that caches hold: these need not be built. `faults` are what goes wrong with pulls.
    """

    arguments: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    tags: tuple[str, ...] = ()
    platform: str = AGENT_PLATFORM
    buildkit: bool = False
    origin: str = ""
    run: RunOptions = field(default_factory=RunOptions)
    cached: Collection[str] = frozenset()
    faults: RunFaults = field(default_factory=RunFaults)


@dataclass(frozen=True)
class BuiltImage:
    """An image's ID and manifest digest, which depend on nothing but what went into it.

    `pulled` are the images that had to be fetched, by name, with their digests; `bases` are the names of those that
    any stage starts from. `layers` are the IDs of the image's
    own layers, `other_layers` those of the stages that it does not start from.
    """

    id: str
    digest: str
    pulled: Mapping[str, str]
    layers: frozenset[str] = frozenset()
    other_layers: frozenset[str] = frozenset()
    bases: frozenset[str] = frozenset()


class DockerBuild:
    """One build of one Dockerfile against one context."""

    def __init__(self, dockerfile: Dockerfile, context: ContextArchive, options: BuildOptions) -> None:
        self._dockerfile = dockerfile
        self._context = context
        self._options = options
        self._pulled: dict[str, str] = {}
        self._states: dict[int, StageState] = {}
        self._layers: dict[int, set[str]] = {}
        given, platform = options.arguments, options.platform
        self._arguments = BuildArguments(dockerfile, given, platform, options.buildkit)
        self._expand = self._arguments.expand

    def run(self) -> Generator[Printed, None, BuiltImage]:
        """Yield the build's log and return the image. Raises BuildFailedError where Docker would fail."""
        plan = plan_stages(self._dockerfile, self._options.target, self._base_name, self._options.buildkit)
        yield Printed(f"Sending build context to Docker daemon  {human_size(self._context.size)}", INSTRUCTION_SECONDS)
        total = len(self._dockerfile.arguments)
        total += sum(1 + len(self._dockerfile.stages[index].instructions) for index in plan.order)
        step = 0
        for argument in self._dockerfile.arguments:
            step += 1
            yield Printed(f"Step {step}/{total} : {argument.text}", INSTRUCTION_SECONDS)
        for index in plan.order:
            stage = self._dockerfile.stages[index]
            state = self._first_state(plan, index)
            self._layers[index] = set(self._layers.get(plan.parents.get(index, index), ()))
            step += 1
            yield Printed(f"Step {step}/{total} : {stage.origin.text}", INSTRUCTION_SECONDS)
            yield from self._start_stage(plan, index, state)
            for instruction in stage.instructions:
                step += 1
                yield Printed(f"Step {step}/{total} : {instruction.text}", INSTRUCTION_SECONDS)
                yield from self._instruction(plan, index, instruction, state)
                yield Printed(f" ---> {state.layer[:12]}")
            self._states[index] = state
        return (yield from self._finish(plan.target))

    def _first_state(self, plan: StagePlan, index: int) -> StageState:
        """What a stage begins with. Raises BuildFailedError for a name that another stage has."""
        name = plan.stages[index].name
        if name is not None and plan.names.named(name, index) is not None and not self._options.buildkit:
            raise BuildFailedError(f"{name} stage name already used")
        if index in plan.parents:
            return self._states[plan.parents[index]].child(keeps_arguments=self._options.buildkit)
        return StageState(shell=WINDOWS_SHELL if self._options.platform.startswith("windows") else UNIX_SHELL)

    def _finish(self, target: int) -> Generator[Printed, None, BuiltImage]:
        layer = self._states[target].layer
        if unused := self._arguments.unused():
            yield Printed(f"[Warning] One or more build-args [{' '.join(unused)}] were not consumed")
        yield Printed(f"Successfully built {layer[:12]}")
        for tag in self._options.tags:
            yield Printed(f"Successfully tagged {tag}")
        origin = f"remote {self._options.origin} " if self._options.origin else ""
        own = frozenset(self._layers[target])
        others = frozenset().union(*self._layers.values()) - own
        digest = assumed_digest(f"{origin}manifest {layer}")
        return BuiltImage(layer, digest, self._pulled, own, others, frozenset(self._bases()))

    def _base_name(self, stage: Stage) -> str:
        return self._expand(stage.base, self._arguments.everywhere)

    def _bases(self) -> Iterator[str]:
        for stage in self._dockerfile.stages:
            with suppress(BuildFailedError, ReferenceFormatError):
                yield str(parse_name(self._base_name(stage)))

    def _pull(self, name: str) -> Generator[Printed, None, str]:
        """Fetch an image unless the build has it already; returns its digest. Raises BuildFailedError."""
        try:
            image = parse_name(name)
        except ReferenceFormatError as error:
            raise BuildFailedError(str(error)) from error
        digest = self._pulled.get(str(image))
        if digest is None:
            self._reach(name, str(image))
            digest = self._pulled[str(image)] = image.digest or assumed_digest(f"base image {image}")
            yield Printed(f"{image.digest or image.tag}: Pulling from {image.familiar_repository}", PULL_SECONDS)
            yield Printed(f"Digest: {digest}")
            yield Printed(f"Status: Downloaded newer image for {image.familiar}")
        return digest

    def _reach(self, name: str, image: str) -> None:
        """Raise BuildFailedError if the image's registry cannot be reached."""
        said = self._options.faults.next("pull")
        if said and self._options.buildkit:
            resolving = f"failed to solve: {name}: failed to resolve source metadata for {image}"
            raise BuildFailedError(f"{resolving}: failed to do request: {said}")
        if said:
            raise BuildFailedError(said)

    def _start_stage(self, plan: StagePlan, index: int, state: StageState) -> Generator[Printed, None, None]:
        stage = self._dockerfile.stages[index]
        name = self._base_name(stage)
        if not name:
            raise BuildFailedError(f"base name ({stage.base}) should not be blank")
        platform = self._platform(stage.origin.flag("platform"))
        if index in plan.parents:
            yield Printed(f" ---> {state.layer[:12]}")
            return
        if name == "scratch":
            state.layer = state.key = chain("", "scratch", [])
            yield Printed(" ---> ")
            return
        digest = yield from self._pull(name)
        state.layer = state.key = chain("", digest, [platform] if platform != AGENT_PLATFORM else [])
        yield Printed(f" ---> {state.layer[:12]}")

    def _platform(self, given: str | None) -> str:
        """The platform that a stage is for. Raises BuildFailedError."""
        if given is None:
            return self._options.platform
        platform = self._expand(given, self._arguments.everywhere)
        if not self._options.buildkit and not platform:
            raise BuildFailedError(BLANK_PLATFORM)
        if self._options.buildkit and not platform:
            raise BuildFailedError(f"failed to solve: empty platform value from expression {given}")
        if self._options.buildkit and PLATFORM.fullmatch(platform) is None:
            raise BuildFailedError(f"failed to solve: failed to parse platform {given}")
        return platform

    def _instruction(
        self, plan: StagePlan, index: int, instruction: Instruction, state: StageState
    ) -> Generator[Printed, None, None]:
        if instruction.needs_buildkit is not None and not self._options.buildkit:
            raise BuildFailedError(REQUIRES_BUILDKIT.format(f"--{instruction.needs_buildkit}"))
        used: list[object] = []
        run: RunStep | None = None
        match instruction.name:
            case "ARG":
                used += self._arguments.declare(instruction, state)
            case "ENV":
                pairs = name_values(instruction.value, self._dockerfile.escape)
                changed = {name: self._expand(value, state.scope) for name, value in pairs}
                state.environment.update(changed)
                used.append(sorted(changed.items()))
            case "WORKDIR":
                state.workdir = posixpath.join(state.workdir, self._expand(instruction.value, state.scope))
                used.append(state.workdir)
            case "COPY" | "ADD":
                used += yield from self._copy(plan, index, instruction, state)
            case "RUN":
                run = RunStep(instruction, state, lambda word: self._expand(word, state.scope), self._options.run)
                used += [[*state.shell], sorted(state.scope.items())]
                used += run.sources(self._context, self._mounted(plan, index))
            case "SHELL":
                state.shell = _shell(instruction)
        used += [document.body for document in instruction.heredocs]
        before, state.layer = state.layer, chain(state.layer, instruction.text, used)
        if instruction.name in MAKES_LAYER:
            state.key = chain(state.key, instruction.text, used)
            yield from self._make_layer(index, state, run, before)

    def _mounted(self, plan: StagePlan, index: int) -> Callable[[str], str]:
        """What tells a stage or an image by which a mount is filled."""

        def key(origin: str) -> str:
            stage = plan.find(origin, index)
            return origin if stage is None else self._states[stage].key

        return key

    def _make_layer(
        self, index: int, state: StageState, run: RunStep | None, before: str
    ) -> Generator[Printed, None, None]:
        """Put a layer on the stage, from a cache if one has it."""
        state.depth += 1
        if state.depth > MAX_DEPTH:
            raise BuildFailedError("max depth exceeded")
        if state.key in self._options.cached:
            yield Printed(CACHED)
            if run is not None:
                run.skip()
        elif run is not None:
            yield from self._run_command(run, before)
        self._layers[index].add(state.key)

    def _copy(
        self, plan: StagePlan, index: int, instruction: Instruction, state: StageState
    ) -> Generator[Printed, None, list[object]]:
        """Find what is copied; returns what counts for the image."""
        check = CopyCheck(self._context, plan, index, self._options.buildkit)
        used = check.sources(instruction, lambda word: self._expand(word, state.scope))
        used.append([self._expand(word, state.scope) for word in instruction.words()])
        if self._options.origin:
            used.append(self._options.origin)
        if check.image is not None:
            used.append((yield from self._pull(check.image)))
        if check.stage is not None:
            used.append(self._states[check.stage].key)
        escape = self._dockerfile.escape
        *sources, target = instruction.words()
        for name, text in files_of(sources, instruction.heredocs, lambda text: self._expand(text, state.scope), escape):
            state.put(self._expand(target, state.scope), name, text)
        return used

    def _run_command(self, run: RunStep, before: str) -> Generator[Printed, None, None]:
        container = chain(before, "container", [run.line])[:12]
        yield Printed(f" ---> Running in {container}")
        run.check_mounts(self._context)
        try:
            result = run.run()
        except ShellLimitError as error:
            raise BuildFailedError(str(error)) from error
        yield from result.output
        if result.exit_code:
            # The delay of a silent command is spent by the line that says how it ended.
            raise self._failed(run.shown, result.exit_code)
        yield Printed(f"Removing intermediate container {container}", result.seconds_after)

    def _failed(self, command: str, exit_code: int) -> BuildFailedError:
        if not self._options.buildkit:
            return BuildFailedError(f"The command '{command}' returned a non-zero code: {exit_code}", exit_code)
        return BuildFailedError(
            f"failed to solve: process {quote(command)} did not complete successfully: exit code: {exit_code}"
        )


def _shell(instruction: Instruction) -> list[str]:
    words = json_words(instruction.value)
    if not words:
        raise BuildFailedError("SHELL requires the arguments to be in JSON form")
    return words
