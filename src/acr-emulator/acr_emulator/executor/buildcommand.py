"""The arguments of `docker build` in a task's `build:` step."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

from .errors import TaskFileError

__all__ = ["BuildCommand", "is_remote", "parse_build_command"]

TAKES_VALUE = frozenset(
    {
        "-f",
        "--file",
        "-t",
        "--tag",
        "--build-arg",
        "--target",
        "--platform",
        "--label",
        "--network",
        "--isolation",
        "-m",
        "--memory",
        "--cache-from",
        "--cache-to",
        "--secret",
        "--ssh",
        "--progress",
        "--add-host",
        "--shm-size",
        "--ulimit",
        "-o",
        "--output",
    }
)


@dataclass
class BuildCommand:
    """What a build step asks for; `dockerfile` is empty when it names none."""

    dockerfile: str = ""
    tags: list[str] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)
    target: str = ""
    platform: str = "linux/amd64"
    context: str = ""


def parse_build_command(text: str) -> BuildCommand:
    """Take a `build:` line apart. Raises TaskFileError."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise TaskFileError(f"cannot parse the build command: {error}") from error
    command = BuildCommand()
    contexts: list[str] = []
    while words:
        word = words.pop(0)
        if not word.startswith("-") or word == "-":
            contexts.append(word)
            continue
        option, equals, value = word.partition("=")
        if option in TAKES_VALUE:
            if not equals:
                if not words:
                    raise TaskFileError(f"flag needs an argument: {option}")
                value = words.pop(0)
            _apply(command, option, value)
    if len(contexts) != 1:
        raise TaskFileError('"docker build" requires exactly 1 argument.')
    command.context = contexts[0]
    return command


def _apply(command: BuildCommand, option: str, value: str) -> None:
    match option:
        case "-f" | "--file":
            command.dockerfile = value
        case "-t" | "--tag":
            command.tags.append(value)
        case "--build-arg":
            name, _, content = value.partition("=")
            command.arguments[name] = content
        case "--target":
            command.target = value
        case "--platform":
            command.platform = value


def is_remote(location: str) -> bool:
    """Whether a context is fetched from elsewhere: a URL, a Git repository or an OCI artifact."""
    lowered = location.lower()
    return "://" in lowered or lowered.startswith(("git@", "github.com/", "gitlab.com/")) or ".git#" in lowered
