"""Functions that templates call: their parameters' types, and what carries them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..types import ANY, Type

__all__ = ["Function", "function"]


@dataclass(frozen=True)
class Function:
    """A function by name.

    `call` gets one argument for each of `parameters`, then those of the variadic type `rest`. Arguments are plain
    data, or a `Value` where the parameter's type is `VALUE`; so is the result. `returns_any` says that the result's
    type is interface {}.
    """

    name: str
    call: Callable[..., Any]
    parameters: Sequence[Type] = ()
    rest: Type | None = None
    returns_any: bool = False

    def parameter(self, number: int) -> Type:
        """The type of an argument, counted from 0."""
        if number < len(self.parameters):
            return self.parameters[number]
        return self.rest or ANY


def function(
    name: str, call: Callable[..., Any], *parameters: Type, rest: Type | None = None, returns_any: bool = False
) -> Function:
    """A function, written with its parameters' types in order."""
    return Function(name, call, parameters, rest, returns_any)
