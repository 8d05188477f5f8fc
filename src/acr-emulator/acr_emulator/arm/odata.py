"""The part of OData's `$filter` that ARM clients send here: comparisons joined by `and`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from .errors import ArmError

__all__ = ["parse_filter", "select"]

Item = TypeVar("Item")

CONDITION = re.compile(
    r"""\s*(?: contains\(\s*(?P<inside>\w+)\s*,\s*(?P<part>'(?:[^']|'')*')\s*\)
           | (?P<field>\w+)\s+(?P<operator>eq|ne|gt|ge|lt|le)\s+(?P<value>'(?:[^']|'')*'|[^\s']+) )\s*""",
    re.VERBOSE | re.IGNORECASE,
)
AND = re.compile(r"and\s", re.IGNORECASE)
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


def parse_filter(text: str) -> list[Condition]:
    """The conditions of a filter, all of which must hold. Raises ArmError (400; text assumed)."""
    conditions: list[Condition] = []
    position = 0
    while position < len(text.rstrip()):
        if conditions:
            joint = AND.match(text, position)
            if joint is None:
                raise _invalid(text)
            position = joint.end()
        match = CONDITION.match(text, position)
        if match is None:
            raise _invalid(text)
        inside = match["inside"]
        operator = "contains" if inside else match["operator"].lower()
        conditions.append(Condition(inside or match["field"], operator, _unquote(match["part"] or match["value"])))
        position = match.end()
    return conditions


def select(items: Iterable[Item], text: str, fields: Mapping[str, Callable[[Item], str]]) -> list[Item]:
    """The items that satisfy the filter; `fields` reads a filter's field from an item, names in any case.

    Raises ArmError for a filter that cannot be read or names another field.
    """
    readers = {name.lower(): reader for name, reader in fields.items()}
    conditions = parse_filter(text)
    for condition in conditions:
        if condition.field.lower() not in readers:
            raise _invalid(text)
    if not conditions:
        # Quickly: each page of a list is taken from all of its items.
        return list(items)
    return [
        item
        for item in items
        if all(COMPARISONS[c.operator](readers[c.field.lower()](item), c.value) for c in conditions)
    ]


def _invalid(text: str) -> ArmError:
    return ArmError(400, "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified in the query string.")


def _unquote(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def _ordered(text: str) -> tuple[float, str]:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp(), ""
    except ValueError:
        return 0.0, text
