"""Which Dockerfiles the build steps of a task file name, as far as that can be told before the service renders it.

Docker's client sends the Dockerfile that it is told of even where `.dockerignore` excludes it. A task's builds run on
the agent, with what was sent, so whoever sends must know what they name.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import join, normpath
from typing import Any, Final

__all__ = ["StepDockerfiles", "plain_yaml", "step_dockerfiles"]

# Characters. PyYAML takes a second for some 200,000; a task file has a few thousand.
_LONGEST_LOOKED_INTO: Final = 200_000
_TEMPLATE: Final = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_VALUE: Final = re.compile(r"\.Values\.(\w+)")
# What makes no text: branches are all looked into.
_DIRECTIVE: Final = re.compile(r"(?:if|else|end|range|with|define|block|template|break|continue)\b|/\*|\$\w+\s*:?=")
# Stands for what only the service can fill in. In no path that anybody types.
_UNKNOWN: Final = "\uf8ff"
# The agent takes these lines out first, wherever they are.
_COMMENT: Final = re.compile(r"^#.*\n?", re.MULTILINE)
# One letter each, which may stand together behind one "-".
_SHORT_WITHOUT_VALUE: Final = "Dq"
_WITHOUT_VALUE: Final = frozenset(
    (
        *("--check", "--compress", "--disable-content-trust", "--force-rm", "--load", "--no-cache", "--pull", "--push"),
        *("--quiet", "--rm", "--squash", *(f"-{letter}" for letter in _SHORT_WITHOUT_VALUE)),
    )
)
# The agent puts a task's own aliases in from this version on, compared as text.
_FIRST_WITH_ALIASES: Final = "v1.1.0"
_MERGE: Final = "tag:yaml.org,2002:merge"
_WORKSPACE: Final = "/workspace/"
_REMOTE: Final = re.compile(r"https?://|git://|git@|github\.com/|oci://", re.IGNORECASE)


@dataclass(frozen=True)
class StepDockerfiles:
    """Paths below the source, slash-separated. `is_complete`: no step may name another."""

    paths: tuple[str, ...] = ()
    is_complete: bool = True


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
    found = [path for step in steps if isinstance(step, Mapping) for path in _of_step(step, task, aliases)]
    known = [path for path in found if _UNKNOWN not in path and "$" not in path]
    return StepDockerfiles(tuple(dict.fromkeys(known)), is_complete=len(known) == len(found))


def _rendered(text: str, values: Mapping[str, str]) -> str:
    def fill_in(template: re.Match[str]) -> str:
        value = _VALUE.fullmatch(template[1])
        if value:
            return values.get(value[1], "")
        return "" if _DIRECTIVE.match(template[1]) else _UNKNOWN

    return _TEMPLATE.sub(fill_in, _COMMENT.sub("", text))


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


def _of_step(step: Mapping[str, Any], task: Mapping[str, Any], aliases: _Aliases) -> Iterator[str]:
    """What a step may take for its Dockerfile, below the source."""
    line = _line(step.get("build"))
    if not line:
        return
    folder = aliases.filled_in(_text(step.get("workingDirectory")) or _text(task.get("workingDirectory")))
    dockerfile, context = _of_line(aliases.filled_in(line))
    if dockerfile == "-" or (not dockerfile and _REMOTE.match(context)):
        return
    # Docker takes the second where the first is missing.
    names = [dockerfile] if dockerfile else [join(context, name) for name in ("Dockerfile", "dockerfile")]
    for name in names:
        path = normpath(join(_WORKSPACE, folder, name))
        if path.startswith(_WORKSPACE):
            yield path.removeprefix(_WORKSPACE)


def _of_line(line: str) -> tuple[str, str]:
    """The Dockerfile ("" for none) and the context that a line of arguments for `docker build` names."""
    words = iter(_words(line))
    dockerfile, context = "", "."
    for word in words:
        option, equals, value = _option(word)
        if word == "--":
            context = next(words, context)
        elif not option:
            context = word
        elif option not in _WITHOUT_VALUE:
            given = value if equals else next(words, "")
            dockerfile = given if option in ("-f", "--file") else dockerfile
    return dockerfile, context


def _option(word: str) -> tuple[str, bool, str]:
    """The option that a word is, as docker reads it: its name ("" if it is none), whether it has a value, and that.

    Of short ones in one word, only the last can have a value, which may follow without a `=`.
    """
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return name, bool(equals), value
    if not word.startswith("-") or word == "-":
        return "", False, ""
    letters = word[1:].lstrip(_SHORT_WITHOUT_VALUE)
    if not letters or letters.startswith("="):
        return f"-{_SHORT_WITHOUT_VALUE[0]}", False, ""
    return f"-{letters[0]}", len(letters) > 1, letters[1:].removeprefix("=")


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()
