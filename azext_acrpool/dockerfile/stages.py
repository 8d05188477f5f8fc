"""The stages of a Dockerfile and the images that they are built on.

Sources: frontend/dockerfile/instructions and dockerfile2llb of BuildKit; builder/dockerfile of docker 20.10, whose own
builder gives no platform arguments. Both take a variable's operators here as BuildKit of today has them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..wording import printable
from .expansion import LONGEST_VALUE, ExpansionError, expand_word
from .model import AskedBuild, Dockerfile, Instruction, Stage
from .words import BLANKS, split_flags, split_words

__all__ = [
    "PLATFORM_ARGUMENTS",
    "SCRATCH",
    "StageIndex",
    "bodies_of",
    "executed_stages",
    "find_target",
    "global_arguments",
    "mounts_of",
    "name_of",
    "read_stages",
    "sources_of",
]

SCRATCH = "scratch"
"""No image: nobody asks for it."""

AGENT_PLATFORM = "linux/amd64"
"""Of the machines of every pool."""

PLATFORM_ARGUMENTS = frozenset(
    f"{side}{part}" for side in ("TARGET", "BUILD") for part in ("PLATFORM", "OS", "ARCH", "VARIANT")
)
"""Build arguments that BuildKit has values for."""

_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_NUMBER = re.compile(r"[0-9]{1,9}")
_LONGEST_SHOWN = 60
_SHAPE = "FROM takes an image, and after it nothing but AS and a name"


def read_stages(dockerfile: Dockerfile, build: AskedBuild) -> tuple[Stage, ...]:
    """Each FROM with the build's values in it. What docker refuses has a `fault`.

    Docker's own builder looks into the images and platforms of stages up to the target only; of later ones only the
    shape of FROM can be at fault.
    """
    reader = _Reader(global_arguments(dockerfile, build), dockerfile.escape, build.buildkit)
    froms = (instruction for instruction in dockerfile.instructions if instruction.keyword == "FROM")
    stages = [reader.written(number, instruction) for number, instruction in enumerate(froms)]
    target = None if build.buildkit else find_target(stages, build)
    last = len(stages) if build.buildkit else -1 if target is None else target.number
    return tuple(reader.expanded(stage, is_looked_into=stage.number <= last) for stage in stages)


def global_arguments(dockerfile: Dockerfile, build: AskedBuild) -> Mapping[str, str]:
    """The values that FROM can use, by name: of ARG lines before the first FROM, and with BuildKit of the platforms.

    Those whose values docker refuses, or that are too long for any image, are left out.
    """
    values = dict(_given_by_buildkit(build)) if build.buildkit else {}
    lost: set[str] = set()
    for instruction in dockerfile.instructions:
        if instruction.keyword == "FROM":
            break
        if instruction.keyword == "ARG":
            for word in split_words(instruction.rest, dockerfile.escape):
                _declare(word, values, lost, build, dockerfile.escape)
    return values


def _declare(word: str, values: dict[str, str], lost: set[str], build: AskedBuild, escape: str) -> None:
    name, equals, default = word.partition("=")
    if name in build.arguments:
        values[name] = build.arguments[name]
    elif not equals and not build.buildkit:
        # Without BuildKit a default that was there before is gone. BuildKits differ.
        lost.discard(name)
        values.pop(name, None)
    elif equals:
        value = _value_of(default, values, lost, escape)
        if value is None:
            lost.add(name)
            values.pop(name, None)
        else:
            lost.discard(name)
            values[name] = value


def _value_of(default: str, values: Mapping[str, str], lost: set[str], escape: str) -> str | None:
    try:
        value, unresolved = expand_word(default, values, escape)
    except ExpansionError:
        return None
    return None if len(value) > LONGEST_VALUE or lost.intersection(unresolved) else value


def _given_by_buildkit(build: AskedBuild) -> Iterator[tuple[str, str]]:
    """What BuildKit sets without an ARG. Build arguments of these names win."""
    values = {"TARGETSTAGE": build.target or "default"}
    for side, platform in (("TARGET", build.platform), ("BUILD", AGENT_PLATFORM)):
        system, _, machine = platform.partition("/")
        architecture, _, variant = machine.partition("/")
        values |= {f"{side}PLATFORM": platform, f"{side}OS": system}
        values |= {f"{side}ARCH": architecture, f"{side}VARIANT": variant}
    for name, value in values.items():
        yield name, build.arguments.get(name, value)


class _Reader:
    def __init__(self, values: Mapping[str, str], escape: str, buildkit: bool) -> None:
        self._values = values
        self._escape = escape
        self._buildkit = buildkit

    def written(self, number: int, instruction: Instruction) -> Stage:
        """A stage without the build's values."""
        flags, rest = split_flags(instruction.rest)
        words = [word for word in BLANKS.split(rest) if word]
        name = words[2].lower() if len(words) == 3 and words[1].lower() == "as" else ""
        return Stage(
            number=number,
            name=name if _STAGE_NAME.fullmatch(name) else "",
            written=words[0] if words else "",
            image="",
            instruction=instruction,
            platform=next((value for flag, value in flags if flag == "platform"), None),
            fault=_shape_fault(words, name) or _flag_fault(flags),
        )

    def expanded(self, stage: Stage, is_looked_into: bool) -> Stage:
        image, unresolved, fault = self._values_in(stage.written)
        platform, _, platform_fault = self._values_in(stage.platform or "")
        if not image:
            fault = fault or "its image is empty"
        if stage.platform and not platform and self._buildkit:
            fault = fault or platform_fault or "its platform is empty"
        return replace(
            stage,
            image=image,
            unresolved=unresolved,
            asked_platform=platform if stage.platform else None,
            fault=stage.fault or (fault or platform_fault if is_looked_into else ""),
        )

    def _values_in(self, word: str) -> tuple[str, tuple[str, ...], str]:
        """The word with its variables' values, those that have none, and why docker refuses it."""
        try:
            return (*expand_word(word, self._values, self._escape), "")
        except ExpansionError as error:
            return "", (), f"docker cannot take '{printable(word[:_LONGEST_SHOWN])}' apart: {error}"


def find_target(stages: Sequence[Stage], build: AskedBuild) -> Stage | None:
    """The stage where a build ends; None if there is no such stage.

    Of several with one name it is the first one without BuildKit, the last one with it. Neither knows numbers of
    stages; here they are meant.
    """
    if not build.target:
        return stages[-1] if stages else None
    named = (stage for stage in stages if stage.name and stage.name == build.target.lower())
    first = None if build.buildkit else next(named, None)
    return first or StageIndex(stages).find(build.target)


def _shape_fault(words: Sequence[str], name: str) -> str:
    if len(words) != 1 and not name:
        return _SHAPE if words else "FROM names no image"
    if name and not _STAGE_NAME.fullmatch(name):
        return "a stage's name begins with a letter and holds letters, digits, '_', '.' and '-' only"
    return ""


def _flag_fault(flags: Sequence[tuple[str, str | None]]) -> str:
    names = [name for name, _ in flags]
    if set(names) - {"platform"}:
        return "--platform is the only option that FROM has"
    if len(names) > 1:
        return "--platform is there twice"
    return "--platform has no '=' and value" if flags and flags[0][1] is None else ""


class StageIndex:
    """Finds stages as docker does."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = stages
        self._numbers: dict[str, list[int]] = {}
        for stage in stages:
            if stage.name:
                self._numbers.setdefault(stage.name, []).append(stage.number)

    def find(self, name: str, before: int | None = None, takes_numbers: bool = True) -> Stage | None:
        """The stage of this name, in any case, or of this number, before a stage's number; None if there is none.

        Of several with one name it is the last one. FROM takes no numbers.
        """
        limit = len(self._stages) if before is None else before
        numbers = self._numbers.get(name.lower(), [])
        position = bisect_left(numbers, limit)
        if position:
            return self._stages[numbers[position - 1]]
        is_number = takes_numbers and _NUMBER.fullmatch(name) is not None and int(name) < limit
        return self._stages[int(name)] if is_number else None


def name_of(stage: Stage) -> str:
    """A stage's name as its FROM spells it; "" without one."""
    return BLANKS.split(split_flags(stage.instruction.rest)[1])[2] if stage.name else ""


def bodies_of(dockerfile: Dockerfile) -> tuple[tuple[Instruction, ...], ...]:
    """The instructions of each stage, without its FROM."""
    bodies: list[list[Instruction]] = []
    for instruction in dockerfile.instructions:
        if instruction.keyword == "FROM":
            bodies.append([])
        elif bodies:
            bodies[-1].append(instruction)
    return tuple(map(tuple, bodies))


def executed_stages(dockerfile: Dockerfile, stages: Sequence[Stage], build: AskedBuild) -> frozenset[int]:
    """The numbers of the stages that are carried out: docker's own builder takes all up to the target.

    BuildKit only those that the target needs. With a target that there is not, none: that build fails for it.
    """
    target = find_target(stages, build)
    if target is None:
        return frozenset()
    return _needed(dockerfile, stages, target) if build.buildkit else frozenset(range(target.number + 1))


def _needed(dockerfile: Dockerfile, stages: Sequence[Stage], target: Stage) -> frozenset[int]:
    """The numbers of the stages that BuildKit builds for a target: those that it is built on and copies from."""
    index = StageIndex(stages)
    bodies = bodies_of(dockerfile)
    needed: set[int] = set()
    open_ends = [target.number]
    while open_ends:
        number = open_ends.pop()
        if number in needed:
            continue
        needed.add(number)
        found = [index.find(stages[number].image, number, takes_numbers=False)]
        found += [index.find(name, number) for instruction in bodies[number] for name in sources_of(instruction)]
        open_ends += [stage.number for stage in found if stage is not None]
    return frozenset(needed)


def sources_of(instruction: Instruction) -> Iterator[str]:
    """The stages or images that an instruction takes files from (`COPY --from`, `RUN --mount=from=..`), as written."""
    if instruction.keyword in ("COPY", "ADD"):
        yield from (value for name, value in split_flags(instruction.rest)[0] if name == "from" and value)
    yield from (options["from"] for options in mounts_of(instruction) if options.get("from"))


def mounts_of(instruction: Instruction) -> Iterator[Mapping[str, str]]:
    """The options of each `--mount` of RUN, by name in small letters; "true" for one without a value."""
    if instruction.keyword == "RUN":
        yield from (_options(value) for name, value in split_flags(instruction.rest)[0] if name == "mount" and value)


def _options(text: str) -> Mapping[str, str]:
    options: dict[str, str] = {}
    for option in re.findall(r'(?:[^,"]|"[^"]*"?)+', text):
        name, equals, value = option.replace('"', "").partition("=")
        options[name.lower()] = value if equals else "true"
    return options
