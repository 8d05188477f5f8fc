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
_WITHOUT_VALUE: Final = frozenset(
    (
        *("--check", "--compress", "--disable-content-trust", "--force-rm", "--load", "--no-cache", "--pull", "--push"),
        *("--quiet", "--rm", "--squash", "-D", "-q"),
    )
)
_WORKSPACE: Final = "/workspace/"
_REMOTE: Final = re.compile(r"https?://|git://|git@|github\.com/|oci://", re.IGNORECASE)


@dataclass(frozen=True)
class StepDockerfiles:
    """Paths below the source, slash-separated. `is_complete`: no step may name another."""

    paths: tuple[str, ...] = ()
    is_complete: bool = True


def step_dockerfiles(text: str, values: Mapping[str, str]) -> StepDockerfiles:
    """The Dockerfiles that a task's definition names; `values` are what `.Values` holds. Nothing of it need exist.

    What is no task (or none that can be read before it is rendered) names none, and may yet name some.
    """
    task = plain_yaml(_rendered(text, values))
    steps = task.get("steps") if isinstance(task, Mapping) else None
    if not isinstance(steps, list):
        return StepDockerfiles(is_complete=False)
    found = [path for step in steps if isinstance(step, Mapping) for path in _of_step(step, task)]
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
    """YAML's mappings, lists and texts, whatever the texts look like; None for what is no YAML, or too much of it."""
    import yaml

    if len(text) > _LONGEST_LOOKED_INTO:
        return None
    try:
        return yaml.BaseLoader(text).get_single_data()
    except (yaml.YAMLError, RecursionError):
        return None


def _of_step(step: Mapping[str, Any], task: Mapping[str, Any]) -> Iterator[str]:
    """What a step may take for its Dockerfile, below the source."""
    build = step.get("build")
    if not build or not isinstance(build, (str, list)):
        return
    line = build if isinstance(build, str) else " ".join(map(str, build))
    folder = str(step.get("workingDirectory") or task.get("workingDirectory") or "")
    dockerfile, context = _of_line(line)
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
        option, equals, value = word.partition("=")
        if word.startswith("-f") and len(word) > 2 and not word.startswith("--"):
            dockerfile = word[2:].removeprefix("=")
        elif not word.startswith("-") or word == "-":
            context = word
        elif option in ("-f", "--file"):
            dockerfile = value if equals else next(words, "")
        elif not equals and option not in _WITHOUT_VALUE and not _holds_value(word):
            next(words, "")
    return dockerfile, context


def _holds_value(word: str) -> bool:
    """Whether a short option has its value attached, as in -tNAME."""
    return not word.startswith("--") and len(word) > 2


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()
