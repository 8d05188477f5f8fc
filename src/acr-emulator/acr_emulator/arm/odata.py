"""The part of OData's `$filter` that ARM clients send here: comparisons, `and`, `or` and parentheses.

Published specification of runs: "All logical operators except 'Not', 'Has', 'All' are allowed". As everywhere in OData,
`and` binds tighter than `or`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from .errors import ArmError

__all__ = ["parse_filter", "select"]

Item = TypeVar("Item")

CONDITION = re.compile(
    r"""\s*(?: contains\(\s*(?P<inside>\w+)\s*,\s*(?P<part>'(?:[^']|'')*')\s*\)
           | (?P<field>\w+)\s+(?P<operator>eq|ne|gt|ge|lt|le)\s+(?P<value>'(?:[^']|'')*'|[^\s'()]+) )\s*""",
    re.VERBOSE | re.IGNORECASE,
)
AND = re.compile(r"and(?=[\s(])", re.IGNORECASE)
OR = re.compile(r"or(?=[\s(])", re.IGNORECASE)
OPEN = re.compile(r"\s*\(")
CLOSE = re.compile(r"\s*\)\s*")
DEEPEST = 50
"""Parentheses within parentheses: the emulator's own limit."""

COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda actual, wanted: actual.lower() == wanted.lower(),
    "ne": lambda actual, wanted: actual.lower() != wanted.lower(),
    "contains": lambda actual, wanted: wanted.lower() in actual.lower(),
    "gt": lambda actual, wanted: _ordered(actual) > _ordered(wanted),
    "ge": lambda actual, wanted: _ordered(actual) >= _ordered(wanted),
    "lt": lambda actual, wanted: _ordered(actual) < _ordered(wanted),
    "le": lambda actual, wanted: _ordered(actual) <= _ordered(wanted),
}


@dataclass(frozen=True)
class Condition:
    """`field operator value`, e.g. TaskName eq t; `contains(field, value)` has the operator contains."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True)
class Junction:
    """Parts of which all must hold (`and`), or one of them (`or`). Without parts, `and` always holds."""

    joint: str
    parts: tuple[Junction | Condition, ...]


class _Reader:
    """Reads a filter from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._depth = 0

    def whole(self) -> Junction | Condition:
        """What the text asks. Raises ArmError."""
        found = self._any()
        if self._position < len(self._text):
            raise _invalid(self._text)
        return found

    def _any(self) -> Junction | Condition:
        parts = [self._all()]
        while self._take(OR):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Junction("or", tuple(parts))

    def _all(self) -> Junction | Condition:
        parts = [self._term()]
        while self._take(AND):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else Junction("and", tuple(parts))

    def _term(self) -> Junction | Condition:
        if condition := self._take(CONDITION):
            return _condition(condition)
        self._depth += 1
        if self._depth > DEEPEST or not self._take(OPEN):
            raise _invalid(self._text)
        inside = self._any()
        if not self._take(CLOSE):
            raise _invalid(self._text)
        self._depth -= 1
        return inside

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._position)
        if match is not None:
            self._position = match.end()
        return match


def _condition(match: re.Match[str]) -> Condition:
    inside = match["inside"]
    operator = "contains" if inside else match["operator"].lower()
    return Condition(inside or match["field"], operator, _unquote(match["part"] or match["value"]))


def _parse(text: str) -> Junction | Condition:
    return _Reader(text).whole() if text.strip() else Junction("and", ())


def parse_filter(text: str) -> list[Condition]:
    """The conditions of a filter that joins them by `and` alone. Raises ArmError (400; text assumed)."""
    found = _parse(text)
    parts = (found,) if isinstance(found, Condition) else found.parts
    conditions = [part for part in parts if isinstance(part, Condition)]
    if len(conditions) < len(parts) or (isinstance(found, Junction) and found.joint == "or"):
        raise _invalid(text)
    return conditions


def select(items: Iterable[Item], text: str, fields: Mapping[str, Callable[[Item], str]]) -> list[Item]:
    """The items that satisfy the filter; `fields` reads a filter's field from an item, names in any case.

    Raises ArmError for a filter that cannot be read or names another field.
    """
    readers = {name.lower(): reader for name, reader in fields.items()}
    wanted = _parse(text)
    if any(condition.field.lower() not in readers for condition in _conditions(wanted)):
        raise _invalid(text)
    if isinstance(wanted, Junction) and not wanted.parts:
        # Quickly: each page of a list is taken from all of its items.
        return list(items)

    def holds(part: Junction | Condition, item: Item) -> bool:
        if isinstance(part, Condition):
            return COMPARISONS[part.operator](readers[part.field.lower()](item), part.value)
        return (all if part.joint == "and" else any)(holds(one, item) for one in part.parts)

    return [item for item in items if holds(wanted, item)]


def _conditions(part: Junction | Condition) -> Iterator[Condition]:
    if isinstance(part, Condition):
        yield part
    else:
        for one in part.parts:
            yield from _conditions(one)


def _invalid(text: str) -> ArmError:
    return ArmError(400, "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified in the query string.")


def _unquote(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def _ordered(text: str) -> tuple[float, str]:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp(), ""
    except ValueError:
        return 0.0, text
