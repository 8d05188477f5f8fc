"""Values while a template runs, as package reflect has them: also those that are in a variable of an interface type."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..types import ANY, Type, type_of

__all__ = ["INVALID", "VALUE", "Value", "element", "is_true", "reflected_string"]

VALUE = Type("reflect.Value", "struct")
"""The type of parameters that take any value as it is."""


class Value(NamedTuple):
    """A value; `is_boxed` if it is held as interface {}: then None is a nil of that type, and not no value at all."""

    data: Any
    is_boxed: bool = False

    @property
    def is_valid(self) -> bool:
        """Whether it is a value at all."""
        return self.is_boxed or self.data is not None

    @property
    def is_nil_interface(self) -> bool:
        """Whether it is a nil of type interface {}."""
        return self.is_boxed and self.data is None

    @property
    def type(self) -> Type:
        """Its static type. Raises GoPanicError for no value."""
        return ANY if self.is_boxed else type_of(self.data)

    def unboxed(self) -> Value:
        """What an interface holds; no value for a nil."""
        return Value(self.data)


INVALID = Value(None)
"""reflect.Value{}: no value at all."""


def element(container: Any, data: Any) -> Value:
    """An element of a slice or map, boxed if the elements are of type interface {}."""
    kind = type_of(container).element
    return Value(data, kind is not None and kind.kind == "interface")


def is_true(data: Any) -> bool:
    """The truth that `if` and `with` see: not empty, not zero, not nil. All structures are true."""
    return bool(data) if isinstance(data, bool | int | float | complex | str | list | dict) else data is not None


def reflected_string(value: Value) -> str:
    """reflect.Value.String: strings as they are, others by their type's name."""
    if not value.is_valid:
        return "<invalid Value>"
    return value.data if isinstance(value.data, str) and not value.is_boxed else f"<{value.type.name} Value>"
