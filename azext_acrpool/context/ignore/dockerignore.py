"""The rules of a `.dockerignore` file, with Docker's meaning to the letter. No I/O.

Reading, line by line:

- a line of 64 KiB or more is an error, as Docker does not read it;
- a byte order mark before the first line is dropped; a line that starts with `#` is a comment; blank lines are skipped;
- white space at both ends is trimmed, also after a leading `!`;
- the path is cleaned as Go's `filepath.Clean` does (`a//b/./c/../` is `a/b`) and loses its leading slash;
- a lone `!` is an error, as are the patterns that Docker cannot compile.

Matching: see `DockerIgnore.excludes`. A pattern that matches a folder holds for all that is in it; the last rule that
matches wins. Docker itself decides about a path while it walks down to it, and so does this module
(`MatchesUsingParentResults` in https://github.com/moby/patternmatcher).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby

from ..errors import DockerIgnoreError
from .linear import ASSERTIONS, STAR, LinearMatcher
from .pattern import MatchType, Pattern, PatternError, clean, trim_space

__all__ = ["DockerIgnore", "FolderMatches", "Rule", "Verdict", "read_patterns"]

# Bytes of one line: more than Docker reads (Go's bufio.MaxScanTokenSize).
_TOO_LONG_LINE = 64 * 2**10

# Which groups of rules matched a folder, or one above it: what its entries inherit.
FolderMatches = tuple[bool, ...]


@dataclass(frozen=True)
class Rule:
    """One line that is neither blank nor a comment.

    `line` is its number, from 1, or 0 for a rule that no line stands for; `text` the line, trimmed. `exception`: the
    line starts with `!`, so that what it matches is sent.
    """

    line: int
    text: str
    pattern: Pattern
    exception: bool


@dataclass(frozen=True)
class Verdict:
    """Whether a path is left out of the context, and the rule that decided (None: no rule matches)."""

    excluded: bool
    rule: Rule | None


def read_patterns(lines: Iterable[str], *, backslash_separates: bool = os.name == "nt") -> list[tuple[int, str, str]]:
    """The patterns of an ignore file, as moby's `ignorefile.ReadAll` returns them.

    `lines` may have line ends. Returns of each pattern the line's number, the trimmed line and the normalised pattern,
    with its `!`.
    """
    patterns = []
    for number, raw in enumerate(lines, start=1):
        line = raw.removeprefix("\ufeff") if number == 1 else raw
        text = trim_space(line)
        if line.startswith("#") or not text:
            continue
        exception = text.startswith("!")
        path = trim_space(text[1:]) if exception else text
        if backslash_separates:
            path = path.replace("\\", "/")
        if path:
            path = clean(path)
            if len(path) > 1:
                path = path.removeprefix("/")
        patterns.append((number, text, "!" + path if exception else path))
    return patterns


def _require_readable(lines: Iterable[str], file: str) -> None:
    """Raise DockerIgnoreError for a line that is too long for Docker, whatever it holds: all but its newline counts."""
    for number, line in enumerate(lines, start=1):
        if len(line.removesuffix("\n").encode("utf-8", "surrogateescape")) >= _TOO_LONG_LINE:
            raise DockerIgnoreError(file, number, f"{trim_space(line[:40])}..", "the line has 64 KiB or more")


class DockerIgnore:
    """A compiled set of rules, which are given in the order of the file."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules: tuple[Rule, ...] = tuple(rules)
        self._wildcards = _Wildcards(rule.pattern for rule in self.rules)
        self._groups = [
            _Group(exception, list(group), self._wildcards)
            for exception, group in groupby(self.rules, key=lambda rule: rule.exception)
        ]
        self.no_matches: FolderMatches = (False,) * len(self._groups)

    @classmethod
    def from_lines(
        cls, lines: Iterable[str], file: str = ".dockerignore", *, backslash_separates: bool = os.name == "nt"
    ) -> DockerIgnore:
        """Compile the lines of an ignore file.

        `lines` may have line ends, and hold undecodable bytes as lone surrogates (`os.fsdecode`). `file` is named in
        errors. `backslash_separates`: a backslash separates folders, as Docker has it on Windows, and escapes nothing.
        Raises DockerIgnoreError when a pattern is malformed. (Docker notices some of these only when it first compares
        the pattern with a file.)
        """
        rules = []
        lines = tuple(lines)
        _require_readable(lines, file)
        for line, text, pattern in read_patterns(lines, backslash_separates=backslash_separates):
            # moby's patternmatcher.New trims and cleans once more, with the "!" in place: "!/" becomes "!".
            cleaned = clean(trim_space(pattern))
            exception = cleaned.startswith("!")
            if cleaned == "!":
                raise DockerIgnoreError(file, line, text, "no pattern follows the '!'")
            try:
                compiled = Pattern(cleaned[1:] if exception else cleaned, not backslash_separates)
            except PatternError as error:
                raise DockerIgnoreError(file, line, text, str(error)) from None
            rules.append(Rule(line, text, compiled, exception))
        return cls(rules)

    def excludes(self, path: str) -> bool:
        """Whether Docker leaves `path`, slash-separated and below the context root, out of the build context.

        The folders above it count: a path in an excluded folder is excluded unless a later exception matches it or a
        folder between.

        >>> DockerIgnore.from_lines(["docs", "!docs/*.md"]).excludes("docs/guide.md")
        False
        """
        matches = self.no_matches
        excluded = False
        for prefix in _prefixes(path):
            excluded, matches = self.evaluate(prefix, matches)
        return excluded

    def evaluate(self, path: str, folder_matches: FolderMatches) -> tuple[bool, FolderMatches]:
        """Decide about one entry of a folder whose own matches are known (`no_matches` for the context root).

        Returns whether it is excluded, and the matches that its own entries inherit.
        """
        excluded = False
        matches = []
        for group, inherited in zip(self._groups, folder_matches, strict=True):
            # A group that could not change the verdict is not asked, and then does not count as matched further down
            # either: Docker skips it in the same way.
            matched = inherited or (group.exception == excluded and bool(group.matches(path)))
            if matched:
                excluded = not group.exception
            matches.append(matched)
        return excluded, tuple(matches)

    def file_filter(self, folder_matches: FolderMatches) -> Callable[[str], object]:
        """A function that tells which paths are excluded, among the files of a folder with these matches."""
        if len(self._groups) == 1 and not folder_matches[0] and not self._groups[0].exception:
            return self._groups[0].matches
        return lambda path: self.evaluate(path, folder_matches)[0]

    def may_include_below(self, folder: str, matches: FolderMatches) -> bool:
        """Whether an exception may bring back something in `folder`, which is excluded and has these `matches`.

        False is certain, True is not: wildcards are judged only by the folders that come before them.
        """
        deciding = max(
            (index for index, group in enumerate(self._groups) if matches[index] and not group.exception), default=-1
        )
        parts = folder.split("/")
        return any(group.exception and group.reaches_below(parts) for group in self._groups[deciding + 1 :])

    def explain(self, path: str) -> Verdict:
        """As `excludes`, with the rule that decided. Slower: it asks rule by rule."""
        matched = [False] * len(self.rules)
        verdict = Verdict(excluded=False, rule=None)
        for prefix in _prefixes(path):
            verdict = Verdict(excluded=False, rule=None)
            for index, rule in enumerate(self.rules):
                if not matched[index]:
                    matched[index] = rule.exception == verdict.excluded and bool(self._rule_matchers[index](prefix))
                if matched[index]:
                    verdict = Verdict(not rule.exception, rule)
        return verdict

    @cached_property
    def _rule_matchers(self) -> list[Callable[[str], object]]:
        return [_any_of(_matchers([rule.pattern], self._wildcards)) for rule in self.rules]


def _prefixes(path: str) -> list[str]:
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


class _Wildcards:
    """The patterns that no plain comparison of texts does for, all in one: a path is read once for all groups."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        kept = list(dict.fromkeys(pattern for pattern in patterns if pattern.match_type is MatchType.REGEXP))
        self._matcher = LinearMatcher(*(pattern.tokens for pattern in kept))
        self._ends = dict(zip(kept, self._matcher.ends, strict=True))
        self._last = ("", self._matcher.reached(""))

    def matcher(self, patterns: Iterable[Pattern]) -> Callable[[str], object]:
        """Tells whether any of these matches a path."""
        ends = 0
        for pattern in patterns:
            ends |= 1 << self._ends[pattern]
        return partial(self._reaches, ends)

    def _reaches(self, ends: int, path: str) -> int:
        last, reached = self._last
        if last != path:
            reached = self._matcher.reached(path)
            self._last = (path, reached)
        return reached & ends


class _Group:
    """Neighbouring rules of one kind (excluding, or exceptions): among these, order does not matter."""

    def __init__(self, exception: bool, rules: Sequence[Rule], wildcards: _Wildcards) -> None:
        self.exception = exception
        self._reaches = [_reach(rule.pattern.text) for rule in rules] if exception else []
        self.matches = _any_of(_matchers([rule.pattern for rule in rules], wildcards))

    def reaches_below(self, folder: Sequence[str]) -> bool:
        return any(reach.below(folder) for reach in self._reaches)


def _matchers(patterns: Iterable[Pattern], wildcards: _Wildcards) -> list[Callable[[str], object]]:
    """Functions of a path, as few as possible; the patterns match it if one of these returns something true."""
    exact: set[str] = set()
    prefixes: list[str] = []
    suffixes: list[str] = []
    others: list[Pattern] = []
    for pattern in patterns:
        if pattern.match_type is MatchType.EXACT:
            exact.add(pattern.text)
        elif pattern.match_type is MatchType.PREFIX:
            prefixes.append(pattern.text[:-2])
        elif pattern.match_type is MatchType.SUFFIX:
            suffixes.append(pattern.text[2:])
            if pattern.text.startswith("**/"):
                exact.add(pattern.text[3:])
        else:
            others.append(pattern)
    matchers: list[Callable[[str], object]] = []
    if exact:
        matchers.append(exact.__contains__)
    if prefixes:
        matchers.append(partial(_starts_with, tuple(prefixes)))
    if suffixes:
        matchers.append(partial(_ends_with, tuple(suffixes)))
    if others:
        matchers.append(wildcards.matcher(others))
    return matchers


def _any_of(matchers: list[Callable[[str], object]]) -> Callable[[str], object]:
    if len(matchers) == 1:
        return matchers[0]
    return lambda path: any(matcher(path) for matcher in matchers)


def _starts_with(prefixes: tuple[str, ...], path: str) -> bool:
    return path.startswith(prefixes)


def _ends_with(suffixes: tuple[str, ...], path: str) -> bool:
    return path.endswith(suffixes)


@dataclass(frozen=True)
class _Reach:
    """How deep a pattern goes: one matcher for each leading part that stays within its folder level."""

    parts: tuple[Callable[[str], object], ...]
    unbounded: bool

    def below(self, folder: Sequence[str]) -> bool:
        if any(not part(name) for part, name in zip(self.parts, folder, strict=False)):
            return False
        return self.unbounded or len(self.parts) > len(folder)


_IN_A_NAME = {"*": STAR, "?": "[^/]"}


def _reach(pattern: str) -> _Reach:
    parts: list[Callable[[str], object]] = []
    for part in pattern.split("/"):
        # "**" crosses folders, and so may classes and escapes ("[^a]" matches a slash).
        if "**" in part or "[" in part or "\\" in part:
            return _Reach(tuple(parts), unbounded=True)
        parts.append(_name_matcher(part))
    return _Reach(tuple(parts), unbounded=False)


def _name_matcher(part: str) -> Callable[[str], object]:
    """Compares the name of a folder with a part of a pattern that has no other wildcards than `*` and `?`."""
    if not _IN_A_NAME.keys() & set(part):
        return part.__eq__
    return LinearMatcher([*(_IN_A_NAME.get(char) or re.escape(char) for char in part), ASSERTIONS["z"]])
