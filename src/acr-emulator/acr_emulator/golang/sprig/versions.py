"""sprig's functions on semantic versions, as the library semver 1.5 takes them."""

from __future__ import annotations

from typing import Any, ClassVar

from ..template import Function, function
from ..types import STRING, Struct, Type, int64
from .constraints import Version, parse_constraints, parse_version

__all__ = ["FUNCTIONS"]

POINTER = Type("*semver.Version", "ptr")


class _VersionPointer(Struct):
    """A version as templates have it: it prints as its text, and has methods."""

    methods: ClassVar[dict[str, Any]] = {
        "Major": (lambda pointer: int64(pointer.version.numbers[0]), ()),
        "Minor": (lambda pointer: int64(pointer.version.numbers[1]), ()),
        "Patch": (lambda pointer: int64(pointer.version.numbers[2]), ()),
        "Prerelease": (lambda pointer: pointer.version.prerelease, ()),
        "Metadata": (lambda pointer: pointer.version.metadata, ()),
        "Original": (lambda pointer: pointer.version.original, ()),
        "String": (lambda pointer: str(pointer.version), ()),
        "Compare": (lambda pointer, other: pointer.version.compare(other.version), (POINTER,)),
        "Equal": (lambda pointer, other: pointer.version.compare(other.version) == 0, (POINTER,)),
        "GreaterThan": (lambda pointer, other: pointer.version.compare(other.version) > 0, (POINTER,)),
        "LessThan": (lambda pointer, other: pointer.version.compare(other.version) < 0, (POINTER,)),
    }

    def __init__(self, version: Version) -> None:
        super().__init__(POINTER, {})
        self.version = version

    def go_string(self) -> str:
        """What its method `String` gives."""
        return str(self.version)


def _compare(constraint: str, version: str) -> bool:
    constraints = parse_constraints(constraint)
    parsed = parse_version(version)
    return any(all(one.admits(parsed) for one in alternative) for alternative in constraints)


FUNCTIONS: tuple[Function, ...] = (
    function("semver", lambda text: _VersionPointer(parse_version(text)), STRING),
    function("semverCompare", _compare, STRING, STRING),
)
