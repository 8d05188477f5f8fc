"""Which Dockerfiles the build steps of a task file name, as far as that can be told before the service renders it.

Docker's client sends the Dockerfile that it is told of even where `.dockerignore` excludes it. A task's builds run on
the agent, with what was sent, so whoever sends must know what they name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import Any, Final

from .build_lines import UNKNOWN, BuildLine, read_build_line

__all__ = ["DIRECTIVE", "PIPELINE", "StepBuild", "StepDockerfiles", "plain_yaml", "step_dockerfiles"]

# Characters. PyYAML takes a second for some 200,000; a task file has a few thousand.
_LONGEST_LOOKED_INTO: Final = 200_000
PIPELINE: Final = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_VALUE: Final = re.compile(r"\.Values\.(\w+)")
# What makes no text: branches are all looked into.
DIRECTIVE: Final = re.compile(r"(?:if|else|end|range|with|define|block|template|break|continue)\b|/\*|\$\w+\s*:?=")
_BRANCH: Final = re.compile(rf"(?!/\*)(?:{DIRECTIVE.pattern})")
# The agent takes these lines out first, wherever they are.
_COMMENT: Final = re.compile(r"^#.*\n?", re.MULTILINE)
# The agent puts a task's own aliases in from this version on, compared as text.
_FIRST_WITH_ALIASES: Final = "v1.1.0"
_MERGE: Final = "tag:yaml.org,2002:merge"
# Entries of an environment that may be the switch.
_SWITCH: Final = re.compile(f"DOCKER_BUILDKIT(?:=|$)|[^=]*[{UNKNOWN}$]")
_BUILDKIT_ON: Final = "DOCKER_BUILDKIT=1"
_WORKSPACE: Final = "/workspace/"


@dataclass(frozen=True)
class StepBuild:
    """A build step. `name` is its ID, or its number among the steps; `line` what it gives to docker.

    `paths` are those below the source, slash-separated, of which docker takes the first that is there; none for what is
    not read from the source. `buildkit` is whether BuildKit builds, None if that is not known.
    """

    name: str
    line: BuildLine
    paths: tuple[str, ...] = ()
    buildkit: bool | None = False


@dataclass(frozen=True)
class StepDockerfiles:
    """What a task's build steps name. `paths` are as a step has them, of all steps that are known.

    `is_complete`: no step may name another. `is_certain`: each of the steps is carried out, as far as is known.
    """

    paths: tuple[str, ...] = ()
    is_complete: bool = True
    builds: tuple[StepBuild, ...] = field(default=(), compare=False)
    is_certain: bool = field(default=True, compare=False)


@dataclass(frozen=True)
class _Aliases:
    """The aliases that a task defines, and the sign that they are named with."""

    sign: str
    values: Mapping[str, str]

    def filled_in(self, text: str) -> str:
        """`text` with their values; all others are left."""
        name = re.compile(re.escape(self.sign) + "([A-Za-z0-9]+)")
        return name.sub(lambda alias: self.values.get(alias[1], alias[0]), text)


def step_dockerfiles(text: str, values: Mapping[str, str]) -> StepDockerfiles:
    """The Dockerfiles that a task's definition names; `values` are what `.Values` holds. Nothing of it need exist.

    What is no task (or none that can be read before it is rendered) names none, and may yet name some.
    """
    task = plain_yaml(_rendered(text, values))
    steps = task.get("steps") if isinstance(task, Mapping) else None
    if not isinstance(steps, list):
        return StepDockerfiles(is_complete=False)
    aliases = _aliases(task)
    builds = tuple(
        _build(step, task, aliases, number)
        for number, step in enumerate(steps, 1)
        if isinstance(step, Mapping) and _line(step.get("build"))
    )
    found = [path for build in builds for path in build.paths]
    known = [path for path in found if not _is_unknown(path)]
    return StepDockerfiles(
        tuple(dict.fromkeys(known)),
        is_complete=len(known) == len(found),
        builds=builds,
        is_certain=not _has_branches(text),
    )


def _rendered(text: str, values: Mapping[str, str]) -> str:
    def fill_in(template: re.Match[str]) -> str:
        value = _VALUE.fullmatch(template[1])
        if value:
            return values.get(value[1], "")
        return "" if DIRECTIVE.match(template[1]) else UNKNOWN

    return PIPELINE.sub(fill_in, _COMMENT.sub("", text))


def _has_branches(text: str) -> bool:
    """Whether templates decide what there is of a definition."""
    return any(_BRANCH.match(template[1]) for template in PIPELINE.finditer(_COMMENT.sub("", text)))


def _is_unknown(path: str) -> bool:
    return UNKNOWN in path or "$" in path


def plain_yaml(text: str) -> Any:
    """YAML's mappings, lists and texts, whatever the texts look like; None for what is no YAML, or too much of it.

    As the agent has it (yaml.v2 for Go): the first of several documents, and merge keys (`<<`) filled in.
    """
    import yaml

    if len(text) > _LONGEST_LOOKED_INTO:
        return None
    try:
        return _plain(next(yaml.compose_all(text, Loader=yaml.SafeLoader), None), {})
    except (yaml.YAMLError, RecursionError):
        return None


def _plain(node: Any, known: dict[Any, Any]) -> Any:
    """What a node of YAML holds; `known` are those seen before, as anchors are shared and may lead in circles."""
    import yaml

    if node in known:
        return known[node]
    known[node] = None
    if isinstance(node, yaml.ScalarNode):
        known[node] = str(node.value)
    elif isinstance(node, yaml.SequenceNode):
        known[node] = [_plain(item, known) for item in node.value]
    elif isinstance(node, yaml.MappingNode):
        known[node] = {name: value for key, item in node.value for name, value in _members(key, _plain(item, known))}
    return known[node]


def _members(key: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """What a key gives to its mapping: itself, or what it merges. The last of a name wins, of a list the first."""
    if key.tag == _MERGE:
        for merged in reversed(value) if isinstance(value, list) else (value,):
            yield from merged.items() if isinstance(merged, Mapping) else ()
    elif isinstance(key.value, str):
        yield key.value, value


def _aliases(task: Mapping[str, Any]) -> _Aliases:
    section = task.get("alias")
    if not isinstance(section, Mapping) or _text(task.get("version")) < _FIRST_WITH_ALIASES:
        return _Aliases("$", {})
    values = section.get("values")
    known = {name: _text(value) for name, value in values.items()} if isinstance(values, Mapping) else {}
    return _Aliases(_text(section.get("directive")) or "$", known)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _line(build: object) -> str:
    if isinstance(build, list):
        return " ".join(map(_text, build))
    return _text(build)


def _build(step: Mapping[str, Any], task: Mapping[str, Any], aliases: _Aliases, number: int) -> StepBuild:
    folder = aliases.filled_in(_text(step.get("workingDirectory")) or _text(task.get("workingDirectory")))
    line = read_build_line(aliases.filled_in(_line(step.get("build"))))
    return StepBuild(
        name=_text(step.get("id")) or str(number),
        line=line,
        paths=tuple(_paths(line, folder)),
        buildkit=_uses_buildkit(step, task),
    )


def _paths(line: BuildLine, folder: str) -> Iterator[str]:
    """What a step may take for its Dockerfile, below the source."""
    if line.dockerfile == "-" or (not line.dockerfile and line.is_remote):
        return
    # Docker takes the second where the first is missing.
    names = (
        [line.dockerfile] if line.dockerfile else [join(line.context, name) for name in ("Dockerfile", "dockerfile")]
    )
    for name in names:
        path = normpath(join(_WORKSPACE, folder, name))
        if path.startswith(_WORKSPACE):
            yield path.removeprefix(_WORKSPACE)


def _uses_buildkit(step: Mapping[str, Any], task: Mapping[str, Any]) -> bool | None:
    """Whether BuildKit builds a step, None if that is not known (acb, graph/step.go).

    A step's own environment wins over the task's, whose entries are split at commas.
    """
    cache, own = _text(step.get("cache")), _texts(step.get("env"))
    names = {entry.partition("=")[0] for entry in own}
    others = [part for entry in _texts(task.get("env")) for part in entry.split(",")]
    entries = [*own, *(entry for entry in others if entry.partition("=")[0] not in names)]
    switches = {entry for entry in entries if _SWITCH.match(entry)}
    if _is_unknown(cache) or any(map(_is_unknown, switches)):
        return None
    if cache.lower() == "enabled" or switches == {_BUILDKIT_ON}:
        return True
    # Docker's client and the agent see it differently.
    return None if _BUILDKIT_ON in switches else False


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
