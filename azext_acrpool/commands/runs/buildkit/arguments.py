"""Build arguments in a task: each comes to docker as it was typed, but not all by the same way.

A plain one stands in the build line as the agent's scanner reads it. Any other is named there, and its value is in the
environment of docker's client, which is where docker looks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ....wording import printable
from ...console.errors import UsageError
from .words import RUN_TEMPLATE, is_plain_when_filled_in

__all__ = ["BuildArgument", "asked_arguments", "require_sendable"]

# What a shell lets through to the programs that it starts.
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Variables that docker's client, Go or a shell obeys or sets; where proxies are set, the client would use them too.
_SETTING: Final = re.compile(
    r"PATH|HOME|PWD|OLDPWD|SHLVL|_|IFS|ENV|HOSTNAME|PPID|PS[124]|OPTIND|TERM|TMPDIR|SSL_CERT_(?:FILE|DIR)"
    r"|GODEBUG|GOGC|GOMAXPROCS|GOMEMLIMIT|GOTRACEBACK|SOURCE_DATE_EPOCH|TRACE(?:PARENT|STATE)"
    r"|(?:DOCKER|BUILDX|BUILDKIT|LD|OTEL|GRPC|EXPERIMENTAL|ACRPOOL)_.*"
)
_PROXY: Final = re.compile(r"(?:HTTPS?|FTP|ALL|NO)_PROXY", re.IGNORECASE)
_BLANK: Final = re.compile(r"\s")


@dataclass(frozen=True)
class BuildArgument:
    """A build argument. The value of one that is secret is nowhere but in what the service keeps secret."""

    name: str
    value: str = field(repr=False)
    is_secret: bool = False

    @property
    def is_seen(self) -> bool:
        """Whether the agent's scanner is told of it, so that FROM may name it."""
        return not self.is_secret and self._is_variable and is_plain_when_filled_in(self.value)

    @property
    def is_in_line(self) -> bool:
        """Whether the value stands in the build line."""
        if self.is_secret:
            return False
        fits = not _BLANK.search(RUN_TEMPLATE.sub("x", self.value))
        return self.is_seen or self._is_for_line_only or (fits and _PROXY.fullmatch(self.name) is not None)

    @property
    def _is_variable(self) -> bool:
        return _VARIABLE.fullmatch(self.name) is not None

    @property
    def _is_for_line_only(self) -> bool:
        return not self._is_variable or _SETTING.fullmatch(self.name) is not None

    def require_sendable(self) -> None:
        """Raise UsageError if there is no way for it."""
        if not self._is_for_line_only:
            return
        why = _why_not_by_environment(self.name, is_variable=self._is_variable)
        if self.is_secret:
            raise UsageError(
                f"Build argument {printable(self.name)} cannot be secret with BuildKit: {why}.",
                "Give the argument another name in the Dockerfile, or give the value as a build secret (--secret).",
            )
        if _BLANK.search(RUN_TEMPLATE.sub("x", self.value)):
            raise UsageError(
                f"The value of build argument {printable(self.name)} cannot have blanks with BuildKit: {why}.",
                "Give the argument another name in the Dockerfile.",
            )


def _why_not_by_environment(name: str, *, is_variable: bool) -> str:
    if is_variable:
        return f"{printable(name)} is a setting of docker's client itself, through whose environment it would go"
    return "its name is none of an environment variable, by which it would go"


def asked_arguments(arguments: Iterable[Mapping[str, Any]]) -> tuple[BuildArgument, ...]:
    """What a request's Argument objects say; of several with one name, docker takes the last."""
    read = [BuildArgument(each["name"], each["value"], bool(each["isSecret"])) for each in arguments]
    return tuple({argument.name: argument for argument in read}.values())


def require_sendable(arguments: Iterable[BuildArgument]) -> None:
    """Raise UsageError for a build argument that cannot reach docker as it was typed."""
    for argument in arguments:
        argument.require_sendable()
