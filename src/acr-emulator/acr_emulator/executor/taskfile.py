"""Task files: YAML with steps, as `az acr run` and `az acr task` send them.

https://learn.microsoft.com/azure/container-registry/container-registry-tasks-reference-yaml
Texts of errors are those of the task runner (Azure/acr-builder, MIT).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from .errors import TaskFileError
from .templates import render, with_run_aliases

__all__ = ["Step", "TaskFile", "parse_task", "parse_values"]

DEFAULT_STEP_TIMEOUT = 600
VERSIONS = ("1.0-preview-1", "v1.0.0", "v1.1.0")
ALIAS_VERSION = "v1.1.0"
IMMEDIATELY = "-"
VERSION_LINE = re.compile(r"^version:\s*[\"']?([^\"'#\s]+)", re.MULTILINE)
UNREADABLE = "failed to unmarshal task before running: failed to deserialize task and validate: "


@dataclass(frozen=True)
class Step:
    """One step. `argument` is what follows `cmd:` or `build:`; `images` what follows `push:`. Seconds."""

    id: str
    kind: Literal["cmd", "build", "push"]
    argument: str = ""
    images: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    timeout: int = DEFAULT_STEP_TIMEOUT
    start_delay: int = 0
    working_directory: str = ""
    ignore_errors: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    cache: bool = False


@dataclass(frozen=True)
class TaskFile:
    """A task whose steps are in an order that respects every `when`."""

    steps: tuple[Step, ...]
    has_aliases: bool


def parse_values(text: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a values file. Raises TaskFileError."""
    values = _load(render(text, fields), "failed to override values: ")
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise TaskFileError("failed to override values: the values file is not a mapping")
    return values


def parse_task(text: str, fields: Mapping[str, Any]) -> TaskFile:
    """Render and parse a task file. Raises TaskFileError."""
    found = VERSION_LINE.search(text)
    version = found[1].lower() if found else "v1.0.0"
    has_aliases = version == ALIAS_VERSION
    rendered = render(with_run_aliases(text) if has_aliases else text, fields)
    document = _load(rendered, UNREADABLE)
    if not isinstance(document, dict):
        raise TaskFileError(f"{UNREADABLE}the task is not a mapping")
    if version not in VERSIONS:
        raise TaskFileError(f'invalid version specified: "{version}", the current version is "{ALIAS_VERSION}"')
    rows = document.get("steps") or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TaskFileError(f"{UNREADABLE}steps must be a list of mappings")
    aliases = _aliases(document) if has_aliases else {}
    steps = [_step(index, row, document, aliases) for index, row in enumerate(rows)]
    return TaskFile(_ordered(steps), has_aliases)


def _load(text: str, context: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TaskFileError(f"{context}yaml: line {line}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise TaskFileError(f"{context}yaml: {error}") from error


def _aliases(document: Mapping[str, Any]) -> dict[str, str]:
    section = document.get("alias")
    values = section.get("values") if isinstance(section, dict) else None
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else {}


def _step(index: int, row: Mapping[str, Any], task: Mapping[str, Any], aliases: Mapping[str, str]) -> Step:
    identifier = str(row.get("id") or f"acb_step_{index}")
    kinds: list[Literal["cmd", "build", "push"]] = [kind for kind in ("cmd", "build", "push") if row.get(kind)]
    when = tuple(_strings(row.get("when")))
    problem = None
    if any(character.isspace() for character in identifier):
        problem = "step ID cannot contain spaces"
    elif not kinds:
        problem = "step is missing a cmd, build, or push property"
    elif len(kinds) > 1:
        problem = "step must only contain a single build, cmd, or push property"
    elif IMMEDIATELY in when and len(when) > 1:
        problem = "step cannot contain other IDs in when if the immediate execution token is specified"
    elif identifier in when:
        problem = f"Step ID: {identifier} is self-referenced"
    if problem is not None:
        raise TaskFileError(f"{UNREADABLE}{problem}")
    kind = kinds[0]
    return Step(
        id=identifier,
        kind=kind,
        argument="" if kind == "push" else _with_aliases(str(row[kind]), aliases),
        images=tuple(_with_aliases(name, aliases) for name in _strings(row[kind])) if kind == "push" else (),
        when=when,
        timeout=_number(row.get("timeout")) or _number(task.get("stepTimeout")) or DEFAULT_STEP_TIMEOUT,
        start_delay=_number(row.get("startDelay")),
        working_directory=str(row.get("workingDirectory") or task.get("workingDirectory") or ""),
        ignore_errors=bool(row.get("ignoreErrors")),
        environment={**_environment(task.get("env")), **_environment(row.get("env"))},
        cache=str(row.get("cache", "")).lower() == "enabled",
    )


def _with_aliases(text: str, aliases: Mapping[str, str]) -> str:
    for name in sorted(aliases, key=len, reverse=True):
        text = text.replace(f"${name}", aliases[name])
    return text


def _strings(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _number(value: Any) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or value < 0:
        raise TaskFileError(f"{UNREADABLE}cannot unmarshal {value!r} into a number of seconds")
    return value


def _environment(value: Any) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in _strings(value):
        name, equals, content = text.partition("=")
        if not equals:
            raise TaskFileError(f"{UNREADABLE}cannot parse step environment variable {text} correctly")
        pairs[name] = content
    return pairs


def _ordered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Steps in an order that their `when` allows: without one, a step follows the step listed before it."""
    waiting: dict[str, set[str]] = {}
    previous: str | None = None
    for step in steps:
        if step.id in waiting:
            raise TaskFileError(f"{UNREADABLE}{step.id} already exists as a vertex")
        if step.when:
            waiting[step.id] = set(step.when) - {IMMEDIATELY}
        else:
            waiting[step.id] = {previous} if previous is not None else set()
        previous = step.id
    for identifier, dependencies in waiting.items():
        for unknown in sorted(dependencies - waiting.keys()):
            raise TaskFileError(f"{UNREADABLE}{unknown} does not exist as a vertex [from: {unknown}, to: {identifier}]")
    ordered: list[Step] = []
    while len(ordered) < len(steps):
        done = {step.id for step in ordered}
        ready = next((step for step in steps if step.id not in done and waiting[step.id] <= done), None)
        if ready is None:
            raise TaskFileError(f"{UNREADABLE}the steps wait for each other in a circle")
        ordered.append(ready)
    return tuple(ordered)
