"""Semantic versions and constraints on them (`>=1.2, <2 || ~3`), by the rules of the library semver 1.5."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import GoError
from ..numbers import parse_int

__all__ = ["Constraint", "Version", "parse_constraints", "parse_version"]

LABELS = r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
VERSION = re.compile(rf"v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?{LABELS}")
PART = r"[0-9|xX*]+"
WILD = rf"v?({PART})(\.{PART})?(\.{PART})?{LABELS}"
CONSTRAINT = re.compile(rf"[\t\n\f\r ]*(=||!=|>|<|>=|=>|<=|=<|~|~>|\^)[\t\n\f\r ]*({WILD})[\t\n\f\r ]*")
UNGROUPED = re.sub(r"\((?!\?)", "(?:", WILD)
RANGE = re.compile(rf"[\t\n\f\r ]*({UNGROUPED})[\t\n\f\r ]+-[\t\n\f\r ]+({UNGROUPED})[\t\n\f\r ]*")

ORDERS = {
    "": (0,),
    "=": (0,),
    "!=": (-1, 1),
    ">": (1,),
    "<": (-1,),
    ">=": (0, 1),
    "=>": (0, 1),
    "<=": (-1, 0),
    "=<": (-1, 0),
}
"""How a version may compare with that of a constraint."""


@dataclass(frozen=True)
class Version:
    """A version: its three numbers, its labels, and as it was written."""

    numbers: tuple[int, int, int]
    prerelease: str
    metadata: str
    original: str

    def __str__(self) -> str:
        prerelease = f"-{self.prerelease}" if self.prerelease else ""
        metadata = f"+{self.metadata}" if self.metadata else ""
        return ".".join(map(str, self.numbers)) + prerelease + metadata

    @property
    def is_zero(self) -> bool:
        """Whether it is 0.0.0 without a pre-release."""
        return self.numbers == (0, 0, 0) and not self.prerelease

    def compare(self, other: Version) -> int:
        """-1, 0 or 1; a pre-release comes before its release."""
        if self.numbers != other.numbers:
            return 1 if self.numbers > other.numbers else -1
        if not self.prerelease or not other.prerelease:
            return (not self.prerelease) - (not other.prerelease)
        ranks = [_prerelease_rank(version.prerelease) for version in (self, other)]
        return (ranks[0] > ranks[1]) - (ranks[0] < ranks[1])


def _prerelease_rank(label: str) -> list[tuple[int, int, str]]:
    """Numbers come before words."""
    parts = label.split(".")
    numbers = [parse_int(part, 10) for part in parts]
    return [(1, 0, part) if number is None else (0, number, "") for part, number in zip(parts, numbers, strict=True)]


def parse_version(text: str) -> Version:
    """A version; minor and patch may be left out. Raises GoError: `Invalid Semantic Version`."""
    match = VERSION.fullmatch(text)
    if match is None:
        raise GoError("Invalid Semantic Version")
    numbers = [_number(match[group]) for group in (1, 2, 3)]
    return Version((numbers[0], numbers[1], numbers[2]), match[4] or "", match[5] or "", text)


def _number(text: str | None) -> int:
    digits = (text or "0").removeprefix(".")
    number = parse_int(digits, 10)
    if number is None:
        raise GoError(f'Error parsing version segment: strconv.ParseInt: parsing "{digits}": value out of range')
    return number


@dataclass(frozen=True)
class Constraint:
    """An operator with a version; which of its numbers were left open (`1.x`)."""

    operator: str
    version: Version
    is_open: bool
    is_minor_open: bool
    is_patch_open: bool

    def admits(self, version: Version) -> bool:
        """Whether a version meets it; pre-releases only if it names one itself."""
        if self.operator in (">", ">=", "=>") and self.version.is_zero and not version.is_zero:
            return True
        is_unequal = self.operator == "!="
        ignores_prerelease = is_unequal and not self.is_open
        if not ignores_prerelease and version.prerelease and not self.version.prerelease:
            return False
        order = version.compare(self.version)
        if self.operator == "^":
            return order >= 0 and version.numbers[0] == self.version.numbers[0]
        if self.operator in ("~", "~>"):
            return self._is_near(version, order)
        return self._admits_open(version, order) if self.is_open else order in ORDERS[self.operator]

    def _admits_open(self, version: Version, order: int) -> bool:
        """The same for a constraint with numbers left open."""
        if self.operator == "!=":
            return self._differs(version)
        if self.operator in ("<", "<=", "=<"):
            return self._is_below(version)
        return order in ORDERS[self.operator] if self.operator in (">", ">=", "=>") else self._is_near(version, order)

    def _differs(self, version: Version) -> bool:
        if version.numbers[0] != self.version.numbers[0]:
            return True
        return version.numbers[1] != self.version.numbers[1] and not self.is_minor_open

    def _is_below(self, version: Version) -> bool:
        if version.numbers[0] > self.version.numbers[0]:
            return False
        return version.numbers[1] <= self.version.numbers[1] or self.is_minor_open

    def _is_near(self, version: Version, order: int) -> bool:
        if order < 0:
            return False
        if self.version.numbers == (0, 0, 0) and not self.is_minor_open and not self.is_patch_open:
            return True
        is_same_minor = version.numbers[1] == self.version.numbers[1] or self.is_minor_open
        return version.numbers[0] == self.version.numbers[0] and is_same_minor


def parse_constraints(text: str) -> list[list[Constraint]]:
    """Alternatives of constraints that hold together. Raises GoError: `improper constraint: x`."""
    rewritten = RANGE.sub(lambda match: f">= {match[1]}, <= {match[2]}", text)
    return [[_constraint(part) for part in alternative.split(",")] for alternative in rewritten.split("||")]


def _constraint(text: str) -> Constraint:
    match = CONSTRAINT.fullmatch(text)
    if match is None:
        raise GoError(f"improper constraint: {text}")
    major, minor, patch = match[3], match[4] or "", match[5] or ""
    label = f"-{match[6]}" if match[6] else ""
    written = match[2]
    is_minor_open = is_patch_open = False
    is_open = True
    if _is_wild(major):
        written = "0.0.0"
    elif _is_wild(minor) or not minor:
        is_minor_open = True
        written = f"{major}.0.0{label}"
    elif _is_wild(patch):
        is_patch_open = True
        written = f"{major}{minor}.0{label}"
    else:
        is_open = False
    try:
        version = parse_version(written)
    except GoError:
        raise GoError("constraint Parser Error") from None
    return Constraint(match[1], version, is_open, is_minor_open, is_patch_open)


def _is_wild(part: str) -> bool:
    return part.removeprefix(".") in ("x", "X", "*")
