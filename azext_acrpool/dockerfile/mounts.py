"""What a build with BuildKit does not have of what its RUN lines mount: build secrets, and SSH agents."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..wording import printable
from .instructions import written_line
from .model import AskedBuild, Dockerfile, Objection
from .stages import bodies_of, executed_stages, mounts_of, read_stages

__all__ = ["LackingMount", "lacking_mounts", "secrets_that_lack"]

_YES = ("1", "t", "T", "TRUE", "true", "True")


def secrets_that_lack(dockerfile: Dockerfile, build: AskedBuild) -> tuple[Objection, ...]:
    """With BuildKit: each RUN that is carried out and requires a build secret that is not given, or an SSH agent."""
    return tuple(
        Objection(mount.line, written_line(dockerfile, mount.line), mount.reason, mount.remedy)
        for mount in lacking_mounts(dockerfile, build)
        if mount.is_required
    )


@dataclass(frozen=True)
class LackingMount:
    """A mount of what a build does not have."""

    line: int
    is_required: bool
    reason: str
    remedy: str


def lacking_mounts(dockerfile: Dockerfile, build: AskedBuild) -> Iterator[LackingMount]:
    """The mounts of secrets that are not given, and of SSH agents, in stages that are carried out with BuildKit."""
    if not build.buildkit:
        return
    executed = executed_stages(dockerfile, read_stages(dockerfile, build), build)
    for number, body in enumerate(bodies_of(dockerfile)):
        for instruction in body if number in executed else ():
            for options in mounts_of(instruction):
                yield from _lacking_mount(instruction.line, options, build.secrets)


def _lacking_mount(line: int, options: Mapping[str, str], given: frozenset[str] | None) -> Iterator[LackingMount]:
    kind, is_required = options.get("type", "").lower(), options.get("required", "") in _YES
    if kind == "ssh":
        reason = "there is no SSH agent for a build on an agent"
        yield LackingMount(line, is_required, reason, "Give the key as a build secret: --secret id=NAME,src=FILE.")
    secret = _secret_id(options) if kind == "secret" and given is not None else ""
    # Variables in it are those of the stage.
    if secret and "$" not in secret and secret not in (given or ()):
        remedy = f"Give it: --secret id={printable(secret)},src=FILE."
        yield LackingMount(line, is_required, f"build secret '{printable(secret)}' is not given", remedy)


def _secret_id(options: Mapping[str, str]) -> str:
    """Source: dispatchSecret in frontend/dockerfile/dockerfile2llb of BuildKit."""
    target = next((options[name] for name in ("target", "dst", "destination") if options.get(name)), "")
    named = (options.get(name, "") for name in ("source", "src", "id"))
    return next(filter(None, named), posixpath.basename(target))
