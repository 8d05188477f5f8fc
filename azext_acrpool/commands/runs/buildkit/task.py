"""The task that a build with BuildKit is sent as: its definition, and the values that it is filled with.

Why it is written as it is: the agent removes lines that begin with `#`, renders the text as a template of Go, reads it
as YAML, cuts the build line at blanks for its scanner, and gives it to `/bin/sh` unquoted; a step's environment too.
(Read in the agent's source.) Pure.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ....references import TEMPLATE
from .arguments import BuildArgument
from .images import TaskImage, named_for_task
from .secrets import BuildSecret
from .words import yaml_part, yaml_text

__all__ = ["AskedTask", "BuildTask", "SecretValue", "build_task"]

# Seconds, as the steps of a plain build have.
_BUILD_TIMEOUT: Final = 28800
_PUSH_TIMEOUT: Final = 3600
# Of what is known of a run, nothing is longer than its registry: 50 characters, and the service's domain.
_LONGEST_KNOWN: Final = "x" * 64


@dataclass(frozen=True, kw_only=True)
class AskedTask:
    """What a build is to be: `images` as they were typed, in the registry `login_server`.

    `platform` is what docker is told, "" for the agent's own. `context` is `.` for what was uploaded, a URL for what
    the agent fetches. `dockerfile` is a path in it, which must be plain; so must `target`, and not begin with `-`.
    """

    login_server: str
    images: tuple[str, ...] = ()
    pushes: bool = False
    caches: bool = False
    arguments: tuple[BuildArgument, ...] = ()
    secrets: tuple[BuildSecret, ...] = ()
    target: str = ""
    platform: str = ""
    dockerfile: str = "Dockerfile"
    context: str = "."

    @property
    def is_uploaded(self) -> bool:
        """Whether the context is what was uploaded."""
        return self.context == "."


@dataclass(frozen=True)
class SecretValue:
    """A value for the task's template that the service does not show."""

    name: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class BuildTask:
    """The definition of a task, and the values for its template.

    `line_length` is what the agent's shell reads of it in one line: bytes at most, but for what the agent adds.
    """

    text: str
    values: tuple[SecretValue, ...]
    line_length: int


def build_task(asked: AskedTask) -> BuildTask:
    """The task of a build: a build step, and one that pushes if that is asked for."""
    environment = _Environment()
    images = [named_for_task(name, asked.login_server, number) for number, name in enumerate(asked.images)]
    words = " ".join(_words(asked, environment))
    tags = " ".join(f"-t {image.name}" for image in images)
    rest = " ".join([*(f"{option} {value}" for option, value in _last_options(asked) if value), asked.context])
    # Where there are templates in the names of images, they may be any.
    line = " ".join(filter(None, [yaml_part(words), yaml_part(tags, TEMPLATE), yaml_part(rest)]))
    steps = [
        "- id: build",
        f'  build: "{line}"',
        "  env:",
        *(f"  - {entry}" for entry in environment.entries),
        *(["  cache: enabled"] if asked.caches else []),
        f"  timeout: {_BUILD_TIMEOUT}",
        *(_push_step(images) if asked.pushes else []),
    ]
    definitions = "".join(image.definition for image in images)
    text = "\n".join(["version: v1.0.0", f"steps:{definitions}", *steps, ""])
    return BuildTask(text, tuple(environment.values), environment.length + _length(words, tags, rest))


def _length(*texts: str) -> int:
    """Bytes of a line, at most, once the agent has filled in its templates."""
    return sum(len(TEMPLATE.sub(_LONGEST_KNOWN, text).encode()) + 1 for text in texts)


def _last_options(asked: AskedTask) -> Iterator[tuple[str, str]]:
    """Options with a value of their own; behind the last, the agent takes the next word for the context."""
    yield "--target", asked.target
    yield "--platform", asked.platform
    # A name that begins as options do would hide from the agent that the next word is the context.
    yield "-f", f"./{asked.dockerfile}" if asked.dockerfile.startswith("-") else asked.dockerfile


def _push_step(images: Sequence[TaskImage]) -> Iterator[str]:
    yield "- id: push"
    yield "  push:"
    yield from (f"  - {yaml_text(image.name, TEMPLATE)}" for image in images)
    yield '  when: ["build"]'
    yield f"  timeout: {_PUSH_TIMEOUT}"


def _words(asked: AskedTask, environment: _Environment) -> Iterator[str]:
    """Secrets and build arguments as options in the line, those in one word first."""
    for index, secret in enumerate(asked.secrets):
        variable = f"ACRPOOL_SECRET_{index}"
        environment.add_secret(variable, secret.value)
        yield f"--secret={shlex.quote(f'id={secret.id},env={variable}')}"
    for argument in asked.arguments:
        if argument.is_seen:
            continue
        # Quotes behind its beginning: the agent knows an option by that, and takes for the context what is none.
        name = f"--build-arg={shlex.quote(argument.name)}"
        if argument.is_in_line:
            yield f"{name}={shlex.quote(argument.value)}"
            continue
        yield name
        if argument.is_secret:
            environment.add_secret(argument.name, argument.value)
        else:
            environment.add(argument.name, argument.value)
    for argument in asked.arguments:
        if argument.is_seen:
            yield f"--build-arg {argument.name}={argument.value}"


class _Environment:
    """The environment of docker's client, as the agent's shell reads it."""

    def __init__(self) -> None:
        self.entries = [yaml_text("DOCKER_BUILDKIT=1")]
        self.values: list[SecretValue] = []
        self.length = 0

    def add(self, name: str, value: str) -> None:
        """A variable whose value may stand in the text."""
        entry = f"{name}={shlex.quote(value)}"
        self.entries.append(yaml_text(entry))
        self.length += _length(f"--env {entry}")

    def add_secret(self, name: str, value: str) -> None:
        """A variable whose value may not: the agent fills it in, quoted for the shell, in base64 for YAML."""
        if not value:
            # Whether a value that holds nothing comes to the template at all, is not known.
            self.add(name, value)
            return
        secret = SecretValue(f"hidden_{len(self.values)}", value)
        quoted = f"printf \"{name}='%s'\" (.Values.{secret.name} | replace \"'\" \"'\\\\''\")"
        self.entries.append(f"!!binary {{{{ {quoted} | b64enc }}}}")
        self.values.append(secret)
        filled_in = value.replace("'", "'\\''")
        self.length += len(f"--env {name}='{filled_in}' ".encode())
