"""`docker build` without building: every step that can be checked is, and the log reads as Docker's.

The agents' builder is Docker's classic one: it builds every stage up to the target, in order, and refuses what needs
BuildKit. With BuildKit (`DOCKER_BUILDKIT=1` in a task step, or `cache: enabled`) only the stages that the target needs
are built and its flags are known; its log is written in the classic form here, though BuildKit's own looks otherwise.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections import ChainMap
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...acb.docker import Printed
from ...acb.references import ReferenceFormatError
from ...acb.shell import ShellLimitError
from ..archive import ContextArchive
from ..errors import BuildFailedError
from ..log import human_size
from .commands import carry_out
from .copying import CopyCheck
from .dockerfile import HEREDOC, Dockerfile, Instruction, Stage
from .names import assumed_digest, parse_name
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
UNIX_SHELL = ("/bin/sh", "-c")
WINDOWS_SHELL = ("cmd", "/S", "/C")
MAKES_LAYER = ("ADD", "COPY", "RUN", "WORKDIR")
MAX_DEPTH = 125
"""Layers that docker puts on top of each other; those of base images are unknown here."""

INSTRUCTION_SECONDS = 0.2
PULL_SECONDS = 1.0


@dataclass(frozen=True)
class BuildOptions:
    """What `docker build` was told. `origin` is where a context comes from that nobody has fetched."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    tags: tuple[str, ...] = ()
    platform: str = "linux/amd64"
    buildkit: bool = False
    origin: str = ""


@dataclass(frozen=True)
class BuiltImage:
    """An image's ID and manifest digest, which depend on nothing but what went into it.

    `pulled` are the images that had to be fetched, by name, with their digests.
    """

    id: str
    digest: str
    pulled: Mapping[str, str]


@dataclass
class _StageState:
    layer: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    depth: int = 0
    shell: Sequence[str] = UNIX_SHELL

    def child(self) -> _StageState:
        """What a stage built on this one starts with: its settings, but no arguments."""
        return replace(self, variables={}, environment=dict(self.environment))

    @property
    def scope(self) -> Mapping[str, str]:
        return ChainMap(self.environment, self.variables)


class DockerBuild:
    """One build of one Dockerfile against one context."""

    def __init__(self, dockerfile: Dockerfile, context: ContextArchive, options: BuildOptions) -> None:
        self._dockerfile = dockerfile
        self._context = context
        self._options = options
        self._used_arguments: set[str] = set()
        self._pulled: dict[str, str] = {}
        self._globals = self._global_arguments()

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
        states: dict[int, _StageState] = {}
        for index in plan.order:
            stage = self._dockerfile.stages[index]
            state = states[plan.parents[index]].child() if index in plan.parents else self._first_state()
            step += 1
            yield Printed(f"Step {step}/{total} : {stage.origin.text}", INSTRUCTION_SECONDS)
            yield from self._start_stage(plan, index, state)
            for instruction in stage.instructions:
                step += 1
                yield Printed(f"Step {step}/{total} : {instruction.text}", INSTRUCTION_SECONDS)
                yield from self._instruction(plan, index, instruction, state)
                yield Printed(f" ---> {state.layer[:12]}")
            states[index] = state
        return (yield from self._finish(states[plan.target].layer))

    def _first_state(self) -> _StageState:
        return _StageState(shell=WINDOWS_SHELL if self._options.platform.startswith("windows") else UNIX_SHELL)

    def _finish(self, layer: str) -> Generator[Printed, None, BuiltImage]:
        unused = sorted(set(self._options.arguments) - self._used_arguments - PREDEFINED_ARGUMENTS)
        if unused:
            yield Printed(f"[Warning] One or more build-args [{' '.join(unused)}] were not consumed")
        yield Printed(f"Successfully built {layer[:12]}")
        for tag in self._options.tags:
            yield Printed(f"Successfully tagged {tag}")
        origin = f"remote {self._options.origin} " if self._options.origin else ""
        return BuiltImage(layer, assumed_digest(f"{origin}manifest {layer}"), self._pulled)

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

    def _pull(self, name: str) -> Generator[Printed, None, str]:
        """Fetch an image unless the build has it already; returns its digest. Raises BuildFailedError."""
        try:
            image = parse_name(name)
        except ReferenceFormatError as error:
            raise BuildFailedError(str(error)) from error
        digest = self._pulled.get(str(image))
        if digest is None:
            digest = self._pulled[str(image)] = image.digest or assumed_digest(f"base image {image}")
            yield Printed(f"{image.digest or image.tag}: Pulling from {image.familiar_repository}", PULL_SECONDS)
            yield Printed(f"Digest: {digest}")
            yield Printed(f"Status: Downloaded newer image for {image.familiar}")
        return digest

    def _start_stage(self, plan: StagePlan, index: int, state: _StageState) -> Generator[Printed, None, None]:
        stage = self._dockerfile.stages[index]
        name = self._base_name(stage)
        if not name:
            raise BuildFailedError(f"base name ({stage.base}) should not be blank")
        platform = stage.origin.flag("platform")
        if platform is not None and not self._expand(platform, self._globals):
            raise BuildFailedError(BLANK_PLATFORM)
        if index in plan.parents:
            yield Printed(f" ---> {state.layer[:12]}")
            return
        if name == "scratch":
            state.layer = _chain("", "scratch", [])
            yield Printed(" ---> ")
            return
        digest = yield from self._pull(name)
        state.layer = _chain("", digest, [])
        yield Printed(f" ---> {state.layer[:12]}")

    def _instruction(
        self, plan: StagePlan, index: int, instruction: Instruction, state: _StageState
    ) -> Generator[Printed, None, None]:
        self._require_buildkit(instruction)
        used: list[object] = []
        match instruction.name:
            case "ARG":
                used += self._declare(instruction, state)
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
                yield from self._run_command(instruction, state)
                used.append(sorted(state.scope.items()))
            case "SHELL":
                state.shell = _shell(instruction)
        if instruction.name in MAKES_LAYER:
            state.depth += 1
            if state.depth > MAX_DEPTH:
                raise BuildFailedError("max depth exceeded")
        state.layer = _chain(state.layer, instruction.text, [*used, *instruction.heredocs])

    def _declare(self, instruction: Instruction, state: _StageState) -> list[object]:
        """Set a stage's arguments; returns what counts for the image."""
        used: list[object] = []
        for name, default in self._declared(instruction, state.scope):
            inherited = self._globals.get(name) if default is None else default
            value = self._options.arguments.get(name, inherited)
            if value is not None:
                state.variables[name] = value
                used.append([name, value])
        return used

    def _copy(
        self, plan: StagePlan, index: int, instruction: Instruction, state: _StageState
    ) -> Generator[Printed, None, list[object]]:
        """Find what is copied; returns what counts for the image."""
        check = CopyCheck(self._context, plan, index, self._options.buildkit)
        used = check.sources(instruction, lambda word: self._expand(word, state.scope))
        if check.image is not None:
            used.append((yield from self._pull(check.image)))
        return used

    def _require_buildkit(self, instruction: Instruction) -> None:
        if self._options.buildkit:
            return
        if instruction.needs_buildkit is not None:
            raise BuildFailedError(REQUIRES_BUILDKIT.format(f"--{instruction.needs_buildkit}"))
        if instruction.heredocs:
            # Assumed: nobody has shown what the agents' version of the classic builder says to a heredoc.
            raise BuildFailedError(REQUIRES_BUILDKIT.format("heredoc"))

    def _run_command(self, instruction: Instruction, state: _StageState) -> Generator[Printed, None, None]:
        container = _chain(state.layer, "container", [instruction.text])[:12]
        yield Printed(f" ---> Running in {container}")
        command = instruction.rest or instruction.value
        words = json_words(command)
        try:
            result = carry_out(words or _script(instruction, command, state.shell), state.scope, {})
        except ShellLimitError as error:
            raise BuildFailedError(str(error)) from error
        yield from result.output
        if result.exit_code:
            shown = " ".join([*state.shell, command] if words is None else words)
            # The delay of a silent command is spent by the line that says how it ended.
            raise BuildFailedError(
                f"The command '{shown}' returned a non-zero code: {result.exit_code}", result.exit_code
            )
        yield Printed(f"Removing intermediate container {container}", result.seconds_after)


def _script(instruction: Instruction, command: str, shell: Sequence[str]) -> list[str]:
    """The program that carries a line out: a lone here-document is a script, any other is a part of the line."""
    if not instruction.heredocs:
        return [*shell, command]
    if HEREDOC.fullmatch(command.strip()) is None:
        documents = "".join(f"\n{text}{name}" for name, text in instruction.heredocs)
        return [*shell, f"{command}{documents}\n"]
    text = instruction.heredocs[0][1]
    first_line, _, _ = text.partition("\n")
    return [*first_line[2:].split(), "-c", text] if first_line.startswith("#!") else [*shell, text]


def _shell(instruction: Instruction) -> list[str]:
    words = json_words(instruction.value)
    if not words:
        raise BuildFailedError("SHELL requires the arguments to be in JSON form")
    return words


def _chain(parent: str, text: str, used: list[object]) -> str:
    """The ID of a layer: a hash of all that went into it and into those below it."""
    return hashlib.sha256(json.dumps([parent, text, used], sort_keys=True).encode()).hexdigest()
