"""Flags that stand before an instruction's arguments: `COPY --from=x a b`.

The classic builder of 20.10 knows fewer than BuildKit, and capitalizes what it says of them (moby/buildkit,
frontend/dockerfile/instructions/bflag.go; `Unknown flag: link` has been reported of the agents, too).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...golang.quoting import quote
from .mounts import MountError, check_origin

__all__ = ["CLASSIC_REFUSALS", "InstructionFlagError", "check_run_flags", "read_flags"]

CLASSIC: Mapping[str, frozenset[str]] = {
    "ADD": frozenset({"chmod", "chown"}),
    "COPY": frozenset({"chmod", "chown", "from"}),
    "FROM": frozenset({"platform"}),
    "HEALTHCHECK": frozenset({"interval", "retries", "start-period", "timeout"}),
    "RUN": frozenset({"mount"}),
}
BUILDKIT: Mapping[str, frozenset[str]] = {
    "ADD": frozenset({"checksum", "chmod", "chown", "exclude", "keep-git-dir", "link", "unpack"}),
    "COPY": frozenset({"chmod", "chown", "exclude", "from", "link", "parents"}),
    "FROM": frozenset({"platform"}),
    "HEALTHCHECK": frozenset({"interval", "retries", "start-interval", "start-period", "timeout"}),
    "RUN": frozenset({"device", "mount", "network", "security"}),
}
CLASSIC_REFUSALS = frozenset({"chmod", "mount"})
"""Flags that the classic builder knows, and refuses when it comes to them."""

NETWORKS = ("default", "none", "host")
SECURITIES = ("sandbox", "insecure")
SWITCHES = frozenset({"keep-git-dir", "link", "parents", "unpack"})
REPEATABLE = frozenset({"device", "exclude", "mount"})
IGNORED_BY = frozenset({"ARG", "STOPSIGNAL"})
"""Instructions whose flags nobody looks at."""


class InstructionFlagError(Exception):
    """A flag that is refused; the text is BuildKit's. `classic` is that of the classic builder."""

    @property
    def classic(self) -> str:
        """The text with a capital."""
        return str(self)[:1].upper() + str(self)[1:]


def read_flags(
    instruction: str, text: str, escape: str, *, by_buildkit: bool
) -> tuple[tuple[tuple[str, str], ...], str]:
    """The flags at the beginning of an instruction's text, as names and values, and the rest of the text.

    Raises InstructionFlagError.
    """
    words, rest = _split(text, escape)
    known = (BUILDKIT if by_buildkit else CLASSIC).get(instruction, frozenset())
    flags: dict[str, None] = {}
    found: list[tuple[str, str]] = []
    for word in words if instruction not in IGNORED_BY else ():
        name, equals, value = word[2:].partition("=")
        if name not in known:
            raise InstructionFlagError(f"unknown flag: {name}")
        if name in flags and name not in REPEATABLE:
            raise InstructionFlagError(f"duplicate flag specified: {name}")
        flags[name] = None
        if (not equals and name not in SWITCHES) or (equals and not value and name in SWITCHES):
            raise InstructionFlagError(f"missing a value on flag: {name}")
        if name in SWITCHES and value.lower() not in ("", "true", "false"):
            raise InstructionFlagError(f"expecting boolean value for flag {name}, not: {value}")
        found.append((name, value))
    return tuple(found), rest


def check_run_flags(flags: Iterable[tuple[str, str]]) -> None:
    """Refuse what BuildKit refuses of RUN's flags as soon as it has read them. Raises InstructionFlagError."""
    for name, value in flags:
        if name == "network" and value not in NETWORKS:
            raise InstructionFlagError(f"invalid network mode {quote(value)}")
        if name == "security" and value not in SECURITIES:
            raise InstructionFlagError(f"security {quote(value)} is not valid")
        if name == "mount":
            try:
                check_origin(value)
            except MountError as error:
                raise InstructionFlagError(str(error)) from error


def _split(text: str, escape: str) -> tuple[list[str], str]:
    """The words that begin with `--`, without quotes and escapes, up to one that is only that; and the rest."""
    words: list[str] = []
    position = 0
    while True:
        while text[position : position + 1].isspace():
            position += 1
        if not text.startswith("--", position):
            return words, text[position:]
        word, position = _word(text, position, escape)
        if word == "--":
            return words, text[position:].lstrip()
        words.append(word)


def _word(text: str, position: int, escape: str) -> tuple[str, int]:
    word = ""
    quote = ""
    while position < len(text):
        character = text[position]
        position += 1
        if character == escape and position < len(text):
            word += text[position]
            position += 1
        elif quote or character in "'\"":
            word += "" if character == quote or not quote else character
            quote = "" if character == quote else quote or character
        elif character.isspace():
            break
        else:
            word += character
    return word, position
