"""`.dockerignore`: what docker's client leaves out of the context that it sends.

https://docs.docker.com/build/concepts/context/#dockerignore-files, with the rules of moby/patternmatcher: the last
pattern that matches a path, or a folder above it, decides. A path is not looked at below a folder that is left out,
unless a later exception begins with that folder.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from ..errors import BuildFailedError
from .gomatch import BadPatternError, Glob

__all__ = ["IgnoreRules", "parse_ignore_file"]

LONGEST_LINE = 64 * 2**10
"""Bytes that Go's scanner refuses a line from."""

MOST_RULES = 2000
"""Patterns of one file: the emulator's own limit."""

_Verdict: TypeAlias = tuple[bool, int]
"""Whether a path is left out, and which rules matched it or a folder above it: a bit for each."""


@dataclass(frozen=True)
class _Rule:
    path: str
    is_exception: bool
    pattern: Glob


class IgnoreRules:
    """The rules of one file; asked about paths in any order, it remembers what it said of folders."""

    def __init__(self, rules: Iterable[_Rule]) -> None:
        self._rules = tuple(rules)
        self._folders: dict[str, _Verdict] = {"": (False, 0)}

    def includes(self, path: str) -> bool:
        """Whether the client sends `path`, which is below the context's root and separated by `/`."""
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            entry = "/".join(parts[:end])
            if entry not in self._folders:
                self._folders[entry] = self._judge(entry, "/".join(parts[: end - 1]))
        return not self._folders[path][0]

    def _judge(self, entry: str, folder: str) -> _Verdict:
        is_left_out, matched = self._folders[folder]
        if is_left_out and not any(
            rule.is_exception and f"{rule.path}/".startswith(f"{folder}/") for rule in self._rules
        ):
            return is_left_out, matched
        return self._verdict(entry, matched)

    def _verdict(self, path: str, inherited: int) -> _Verdict:
        is_left_out = False
        matched = 0
        for index, rule in enumerate(self._rules):
            bit = 1 << index
            # A rule that would change nothing is not asked, and does not count as matched further down either.
            if inherited & bit or (rule.is_exception == is_left_out and rule.pattern.matches(path)):
                is_left_out = not rule.is_exception
                matched |= bit
        return is_left_out, matched


def parse_ignore_file(content: bytes) -> IgnoreRules:
    """The rules of a `.dockerignore` file. Raises BuildFailedError for what docker's client refuses."""
    rules: list[_Rule] = []
    for number, line in enumerate(content.split(b"\n")):
        if len(line) >= LONGEST_LINE:
            raise BuildFailedError("error checking context: error reading .dockerignore: bufio.Scanner: token too long")
        text = line.decode("utf-8", "surrogateescape")
        pattern = (text.removeprefix("\ufeff") if number == 0 else text).strip()
        if pattern and not text.startswith("#"):
            rules.append(_rule(pattern))
        if len(rules) > MOST_RULES:
            raise BuildFailedError(f"the emulator reads at most {MOST_RULES} patterns of a .dockerignore")
    return IgnoreRules(rules)


def _rule(text: str) -> _Rule:
    is_exception = text.startswith("!")
    path = text[1:].strip() if is_exception else text
    if not path:
        raise BuildFailedError('error checking context: illegal exclusion pattern: "!"')
    clean = posixpath.normpath(path)
    clean = clean.lstrip("/") or clean
    try:
        # `folder/**` matches what is in the folder, not the folder itself.
        pattern = Glob(f"{clean}/*" if clean.endswith("/**") else clean, double_stars=True)
    except BadPatternError as error:
        raise BuildFailedError("error checking context: syntax error in pattern") from error
    return _Rule(clean, is_exception, pattern)
