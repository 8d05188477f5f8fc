"""The shapes of request bodies: which members there are, and of what kind.

What is unknown is dropped, as Azure does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from .errors import invalid_content

__all__ = ["ListOf", "MapOf", "Shape", "Value", "shaped"]


class Value(Enum):
    """A member without members: what it must be, as a refusal says it."""

    TEXT = "a string"
    FLAG = "true or false"
    NUMBER = "a whole number"
    ANY = "anything"


@dataclass(frozen=True)
class ListOf:
    """A list of elements of one shape."""

    element: Shape


@dataclass(frozen=True)
class MapOf:
    """An object whose names are the client's: tags, registries, identities. A null in it removes an entry."""

    element: Shape


Shape: TypeAlias = Value | ListOf | MapOf | Mapping[str, "Shape"]


def shaped(value: Any, shape: Shape, where: str) -> Any:
    """`value` with the members that `shape` knows. Raises ArmError (400) for a member of another kind.

    `where` names the value in the refusal. A null stays: in a PATCH it says that something is to be removed.
    """
    if value is None or shape is Value.ANY:
        return value
    if isinstance(shape, Value):
        return _plain(value, shape, where)
    if isinstance(shape, ListOf):
        if not isinstance(value, list):
            raise invalid_content(f"'{where}' must be a list.")
        return [shaped(item, shape.element, f"{where}[{index}]") for index, item in enumerate(value)]
    if not isinstance(value, Mapping):
        raise invalid_content(f"'{where}' must be an object.")
    if isinstance(shape, MapOf):
        return {name: shaped(item, shape.element, f"{where}.{name}") for name, item in value.items()}
    names = {name.lower(): name for name in shape}
    known = {names[name.lower()]: item for name, item in value.items() if name.lower() in names}
    return {name: shaped(item, shape[name], f"{where}.{name}") for name, item in known.items()}


def _plain(value: Any, shape: Value, where: str) -> Any:
    fits = {
        Value.TEXT: isinstance(value, str),
        Value.FLAG: isinstance(value, bool),
        Value.NUMBER: isinstance(value, int) and not isinstance(value, bool),
    }
    if not fits[shape]:
        raise invalid_content(f"'{where}' must be {shape.value}.")
    return value
