"""What is asked of a build with BuildKit, and what cannot be asked of it: told before anything is sent."""

from __future__ import annotations

import re
from typing import Final

from ...references import TEMPLATE
from ...wording import format_bytes, is_plain, listed, printable
from ..console.errors import UsageError
from ..console.narrator import Narrator
from .build_lines import UNKNOWN
from .build_options import BuildOptions
from .buildkit.arguments import asked_arguments, require_sendable
from .buildkit.task import AskedTask, build_task
from .buildkit.words import MOST_LINE_BYTES, is_plain_when_filled_in
from .definition import STANDARD_INPUT
from .request import docker_platform, parse_platform
from .source import LocalSource, RemoteSource, Source

__all__ = ["asked_task", "remark_on"]

_BLANK: Final = re.compile(r"\s")
# What is the same in every build of a registry.
_STABLE: Final = re.compile(r"\{\{ *\.Run\.(?:Registry|RegistryName|OS|Architecture) *\}\}")


def asked_task(options: BuildOptions, source: Source) -> AskedTask:
    """The task of a build, as far as it is known before its registry is. Raises UsageError for what cannot be."""
    platform = parse_platform(options.platform)
    if platform["os"] == "windows":
        raise UsageError("BuildKit does not build for Windows.", "Leave out --buildkit, --cache and --secret.")
    if options.caches and not options.image_names:
        raise UsageError(
            "--cache needs --image: the cache is kept in the repository of the first image.", "Give --image."
        )
    _require_plain_names(options, source)
    asked = AskedTask(
        login_server="",
        images=tuple(options.image_names or ()),
        pushes=options.pushes,
        caches=options.caches,
        arguments=asked_arguments([*(options.arg or ()), *(options.secret_arg or ())]),
        secrets=tuple(options.secret or ()),
        target=options.target or "",
        # Without an architecture, it is the agent's own.
        platform=docker_platform(platform) if "/" in (options.platform or "") else "",
        context=source.location if isinstance(source, RemoteSource) else ".",
    )
    require_sendable(asked.arguments)
    _require_room(asked)
    return asked


def _require_plain_names(options: BuildOptions, source: Source) -> None:
    """Raise UsageError for names that the agent would not read as they are written."""
    target, dockerfile = options.target or "", options.docker_file_path
    if not is_plain_when_filled_in(target) or target.startswith("-"):
        raise UsageError(f"--target '{printable(target)}' cannot be the name of a build stage.")
    if isinstance(source, LocalSource):
        return
    if isinstance(source, RemoteSource) and dockerfile == STANDARD_INPUT:
        raise UsageError("--file - cannot be used with a remote source: the agent has none of your standard input.")
    if not is_plain(dockerfile):
        raise UsageError(
            f"--file '{printable(dockerfile)}' cannot be told to BuildKit: it holds a blank, or what a shell reads"
            " otherwise.",
            "Give the Dockerfile another name, or build from a folder, of which it is sent under another one.",
        )
    if isinstance(source, RemoteSource) and _BLANK.search(source.location):
        raise UsageError("The source location holds a blank.", "Write it as its URL has it, as %20.")


def _require_room(asked: AskedTask) -> None:
    length = build_task(asked).line_length
    if length > MOST_LINE_BYTES:
        raise UsageError(
            f"Build arguments and secrets take {format_bytes(length)} together; an agent takes at most"
            f" {format_bytes(MOST_LINE_BYTES)} of them.",
            "Put what is large into the build context, or let the build fetch it.",
        )


def remark_on(options: BuildOptions, narrator: Narrator) -> None:
    """Say what may not be meant."""
    quoted = [printable(argument["name"]) for argument in options.arg or () if _is_quoted(argument["value"])]
    if quoted:
        what = "argument" if len(quoted) == 1 else "arguments"
        narrator.say(
            f"Build {what} {listed(quoted)}: with BuildKit, the quotes are a part of the value, as no shell takes them"
            " off."
        )
    if options.caches and UNKNOWN in _repository((options.image_names or [""])[0]):
        narrator.say("--cache: the repository of the first --image changes from build to build, and so does the cache.")
    if options.caches and options.no_push:
        narrator.say("--no-push keeps the image from the registry, but not the cache of --cache.")


def _is_quoted(value: str) -> bool:
    return len(value) > 1 and value[0] == value[-1] and value[0] in "'\""


def _repository(name: str) -> str:
    """An image's name without its tag, and with a mark in place of each template that may change."""
    marked = TEMPLATE.sub(UNKNOWN, _STABLE.sub("x", name))
    folder, slash, last = marked.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}"
