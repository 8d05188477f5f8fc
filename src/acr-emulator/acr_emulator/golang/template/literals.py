"""Numbers in templates: a literal is of every type that can hold its value."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from ..errors import GoError
from ..numbers import parse_float, parse_int, parse_uint
from ..quoting import quote, unquote_character
from .nodes import Number
from .tokens import Kind, Token

__all__ = ["parse_number"]

COMPLEX = re.compile(r"(.*?[^eEpP+-])([+-].*)i")
MOST = 1 << 64


def parse_number(token: Token) -> Number:
    """The number that a token stands for. Raises GoError with Go's text for what is no number, or too large a one."""
    text = token.value
    number = Number(token.position, text)
    if token.kind is Kind.CHARACTER_CONSTANT:
        code, rest = unquote_character(text[1:])
        if rest != "'":
            raise GoError(f"malformed character constant: {text}")
        return replace(number, integer=code, unsigned=code, floating=float(code))
    if token.kind is Kind.COMPLEX:
        return _complex(number, *_parts(text))
    if text.endswith("i") and (imaginary := parse_float(text[:-1])) is not None:
        return _complex(number, 0.0, imaginary)
    return _real(number, text)


def _parts(text: str) -> tuple[float, float]:
    match = COMPLEX.fullmatch(text)
    values = [parse_float(part) for part in match.groups()] if match else [None]
    if None in values:
        raise GoError("syntax error scanning complex number")
    return values[0] or 0.0, values[1] or 0.0


def _complex(number: Number, real: float, imaginary: float) -> Number:
    number = replace(number, complex=complex(real, imaginary))
    return _with_whole(number, real) if imaginary == 0 else number


def _real(number: Number, text: str) -> Number:
    integer, unsigned = parse_int(text, 0), parse_uint(text, 0)
    if integer == 0:
        unsigned = 0
    value = unsigned if integer is None else integer
    if value is not None:
        return replace(number, integer=integer, unsigned=unsigned, floating=float(value))
    floating = parse_float(text)
    if floating is None:
        raise GoError(f"illegal number syntax: {quote(text)}")
    if not any(character in ".eEpP" for character in text):
        raise GoError(f"integer overflow: {quote(text)}")
    return _with_whole(number, floating)


def _with_whole(number: Number, value: float) -> Number:
    """The number with its value as a float, and as whole numbers where it is one and fits."""
    if not math.isfinite(value) or value != int(value):
        return replace(number, floating=value)
    whole = int(value)
    return replace(
        number,
        floating=value,
        integer=whole if -MOST // 2 <= whole < MOST // 2 else None,
        unsigned=whole if 0 <= whole < MOST else None,
    )
