"""What of the Dockerfile and the ignore files is sent, so that `COPY` sees on the agent what `docker build` shows here.

The two builders read different ignore files there. Docker's classic client reads `.dockerignore` alone (see `hiding`).
BuildKit reads `<Dockerfile>.dockerignore` beside the Dockerfile that it is told of, and `.dockerignore` without one
(frontend/dockerui in https://github.com/moby/buildkit); what these name it does not show, and it needs none of it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from ..files import LONGEST_TEXT, read_file
from .hiding import IGNORE_FILE, hiding, hiding_too, needs_another_name
from .ignore.dockerignore import DockerIgnore
from .link_targets import archived_target, leaves

__all__ = [
    "CLASSIC",
    "NO_TIME",
    "Builder",
    "DockerfileJudge",
    "FoundDockerfile",
    "IgnoreRules",
    "MemoryFile",
    "Sending",
    "adapted",
    "below",
    "plan_sending",
    "read_renamed",
    "renamed",
]

# Of files that have none: one that zip archives can hold, which begin with 1980, and the same each time.
NO_TIME = 946_684_800  # the first second of 2000

_RULES_OF_ITS_OWN = "the rules, and those that hide the Dockerfile and this file"


@dataclass(frozen=True)
class MemoryFile:
    """A file of the archive that is not in the tree, such as a Dockerfile from standard input.

    `why` it is there is told by a dry run. `mtime` is in seconds since the epoch.
    """

    name: str
    content: bytes
    why: str
    mtime: int = NO_TIME
    mode: int = 0o644


@dataclass(frozen=True)
class FoundDockerfile:
    """Where the Dockerfile is. `path` is None for standard input; without a `name` there is none.

    `extra` is what is sent for it that is not in the tree. `refused_link` is the name in the folder of a link to it
    that the service would refuse, "" if there is none.
    """

    path: Path | None
    name: str = ""
    extra: tuple[MemoryFile, ...] = ()
    refused_link: str = ""


@dataclass(frozen=True)
class IgnoreRules:
    """The ignore file in use: where it is, its name in the folder (None when it is elsewhere), and what it says."""

    path: Path | None = None
    name: str | None = None
    content: bytes = b""
    ignore: DockerIgnore = field(default_factory=lambda: DockerIgnore(()))

    @property
    def are_the_agents(self) -> bool:
        """Whether docker's classic client reads this file on the agent, too."""
        return self.name == IGNORE_FILE


class DockerfileJudge(Protocol):
    """Who looks at a Dockerfile before it is sent. What it raises comes through."""

    def adapt(self, content: bytes) -> bytes | None:
        """What is to be built in its place; None for itself."""

    def accepts(self, content: bytes) -> bool:
        """Whether it is built as it is."""

    def require_as_it_is(self, content: bytes) -> None:
        """Raise for a Dockerfile that is not, where nothing can be put in its place."""


@dataclass(frozen=True)
class Builder:
    """Who builds on the agent: docker's classic builder, or BuildKit. `can_name`: what a Dockerfile may be called."""

    is_buildkit: bool = False
    can_name: Callable[[str], bool] = lambda _: True


CLASSIC = Builder()


@dataclass(frozen=True)
class Sending:
    """The Dockerfile's name in the archive, and what is sent and what is not, whatever the rules say."""

    dockerfile_name: str
    always: frozenset[str]
    never: frozenset[str]
    extra: tuple[MemoryFile, ...]


def adapted(dockerfile: FoundDockerfile, root: Path, judge: DockerfileJudge) -> FoundDockerfile:
    """The Dockerfile as `judge` has it; another content goes under a name of its own, as one from outside.

    What has more bytes than are read of a text is not judged. Raises OSError, and what the judge raises.
    """
    if not dockerfile.name:
        return dockerfile
    own = dockerfile.extra[0] if dockerfile.extra else None
    path = root / dockerfile.name
    if own is None and path.stat().st_size > LONGEST_TEXT:
        return dockerfile
    content = judge.adapt(own.content if own else read_file(path))
    if content is None:
        return dockerfile
    extra = renamed(content, root, "the Dockerfile, adapted to the agent", own.mtime if own else _mtime(path))
    return replace(dockerfile, name=extra.name, extra=(extra,))


def read_renamed(path: Path, root: Path, why: str) -> MemoryFile:
    """A file from elsewhere under a name of its own, see `renamed`. Raises OSError."""
    return renamed(read_file(path), root, why, _mtime(path))


def renamed(content: bytes, root: Path, why: str, mtime: int) -> MemoryFile:
    """A Dockerfile from elsewhere, under a name that the context does not use; the same content, the same name.

    Nor is there an ignore file that BuildKit would read for that name.
    """
    import hashlib

    digest = hashlib.sha256(content).hexdigest()[:12]
    name = f".acrpool-{digest}.Dockerfile"
    attempt = 1
    while any(os.path.lexists(root / taken) for taken in (name, name + IGNORE_FILE)):
        attempt += 1
        name = f".acrpool-{digest}-{attempt}.Dockerfile"
    return MemoryFile(name, content, why, mtime)


def plan_sending(dockerfile: FoundDockerfile, rules: IgnoreRules, root: Path, builder: Builder) -> Sending:
    """What is sent for a Dockerfile and its rules. Raises OSError."""
    if builder.is_buildkit and dockerfile.name:
        return _for_buildkit(dockerfile, rules, root, builder)
    dockerfile = _hideable(dockerfile, root, rules)
    extra = dockerfile.extra + _ignore_file_of_the_agent(dockerfile, rules, root)
    always, never = _always_sent(dockerfile, rules), _never_sent(dockerfile, rules, extra)
    return Sending(dockerfile.name, frozenset(always), frozenset(never), extra)


def _for_buildkit(dockerfile: FoundDockerfile, rules: IgnoreRules, root: Path, builder: Builder) -> Sending:
    """As `plan_sending`. The folder's other ignore files are files like any then."""
    stays = not dockerfile.extra and builder.can_name(dockerfile.name) and _are_read_for(dockerfile.name, rules, root)
    if stays:
        always = {dockerfile.name, *([rules.name] if rules.name else [])}
        return Sending(dockerfile.name, frozenset(always), frozenset(), ())
    copy = dockerfile.extra[0] if dockerfile.extra else _copied(dockerfile.name, root)
    own_name = copy.name + IGNORE_FILE
    own_rules = hiding_too(hiding_too(rules.content, own_name), copy.name)
    extra = [copy, MemoryFile(own_name, own_rules, _RULES_OF_ITS_OWN)]
    if rules.are_the_agents and rules.path is not None and _is_lost_on_the_way(rules.path, root, rules.ignore):
        extra.append(_instead_of_a_link(rules.path, rules.content))
    never = {*(file.name for file in extra), *filter(None, [dockerfile.refused_link])}
    return Sending(copy.name, frozenset(), frozenset(never), tuple(extra))


def _copied(name: str, root: Path) -> MemoryFile:
    return read_renamed(root / name, root, "the Dockerfile, under a name that goes with its rules")


def _are_read_for(dockerfile: str, rules: IgnoreRules, root: Path) -> bool:
    """Whether BuildKit finds the rules in use, and no others, for a Dockerfile of that name."""
    own = dockerfile + IGNORE_FILE
    if rules.name not in (own, IGNORE_FILE) and rules.path is not None:
        return False
    if rules.path is not None and _is_lost_on_the_way(rules.path, root, rules.ignore):
        return False
    return rules.name == own or not os.path.lexists(root / own)


def _always_sent(dockerfile: FoundDockerfile, rules: IgnoreRules) -> Iterator[str]:
    if dockerfile.name and not dockerfile.extra:
        yield dockerfile.name
    if rules.name is not None and (rules.are_the_agents or not rules.ignore.excludes(rules.name)):
        yield rules.name


def _never_sent(dockerfile: FoundDockerfile, rules: IgnoreRules, extra: tuple[MemoryFile, ...]) -> Iterator[str]:
    """What another file is sent for, and an ignore file that is not in use.

    Read on the agent, that would filter the context by other rules. az's own leaves it out too.
    """
    yield from (file.name for file in extra)
    if dockerfile.refused_link:
        yield dockerfile.refused_link
    if rules.path is not None and not rules.are_the_agents:
        yield IGNORE_FILE


def _hideable(dockerfile: FoundDockerfile, root: Path, rules: IgnoreRules) -> FoundDockerfile:
    """The Dockerfile under another name, as one from outside, if it is ignored and its own name would not do."""
    name, ignore = dockerfile.name, rules.ignore
    if not name or dockerfile.extra or not needs_another_name(name, ignore, agent_reads_the_rules=rules.are_the_agents):
        return dockerfile
    extra = read_renamed(root / name, root, "the Dockerfile, which is ignored")
    return FoundDockerfile(dockerfile.path, extra.name, (extra,))


def _ignore_file_of_the_agent(dockerfile: FoundDockerfile, rules: IgnoreRules, root: Path) -> tuple[MemoryFile, ...]:
    """The `.dockerignore` that is sent in place of the folder's own, if that will not do, or if one is needed.

    A Dockerfile that was added is hidden in any case, as docker's client has it.
    """
    if rules.are_the_agents and rules.path is not None:
        if dockerfile.extra:
            content = hiding_too(rules.content, dockerfile.name)
            return (_in_place_of(rules.path, content, "the rules, and one for the Dockerfile"),)
        if _is_lost_on_the_way(rules.path, root, rules.ignore):
            return (_instead_of_a_link(rules.path, rules.content),)
    elif dockerfile.extra or (dockerfile.name and rules.ignore.excludes(dockerfile.name)):
        return (MemoryFile(IGNORE_FILE, hiding(dockerfile.name), "hides the Dockerfile and itself"),)
    return ()


def _instead_of_a_link(ignore_file: Path, content: bytes) -> MemoryFile:
    return _in_place_of(ignore_file, content, "the rules, instead of a link to them")


def _in_place_of(ignore_file: Path, content: bytes, why: str) -> MemoryFile:
    status = ignore_file.stat()
    return MemoryFile(IGNORE_FILE, content, why, int(status.st_mtime), stat.S_IMODE(status.st_mode))


def _is_lost_on_the_way(ignore_file: Path, root: Path, ignore: DockerIgnore) -> bool:
    """Whether an ignore file of the folder is a link that leads nowhere on the agent."""
    if not ignore_file.is_symlink():
        return False
    target = archived_target(str(ignore_file.readlink()))
    own, name = below(root, ignore_file), below(root, Path(os.path.realpath(ignore_file)))
    return target.startswith("/") or leaves(own or IGNORE_FILE, target) or name is None or ignore.excludes(name)


def _mtime(path: Path) -> int:
    return int(path.stat().st_mtime)


def below(root: Path, path: Path) -> str | None:
    """`path` relative to `root` with slashes, None when it is elsewhere. Links in its folders are followed."""
    real = Path(os.path.realpath(path.parent)) / path.name
    return real.relative_to(root).as_posix() if real.is_relative_to(root) else None
