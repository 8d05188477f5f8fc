"""sprig's functions on numbers. Whole numbers are int64 and wrap round."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

from ..errors import GoPanicError
from ..formatting import sprint
from ..numbers import parse_int
from ..template import Function, check_elements, function
from ..types import ANY, FLOAT64, INT, INTS, STRING, GoSlice, int64
from .convert import to_float, to_int, to_int64

__all__ = ["FUNCTIONS"]


def _add(*values: Any) -> int:
    return int64(sum(map(to_int64, values)))


def _subtract(one: Any, other: Any) -> int:
    return int64(to_int64(one) - to_int64(other))


def _divide(one: Any, other: Any) -> int:
    dividend, divisor = to_int64(one), _divisor(other)
    quotient = abs(dividend) // abs(divisor)
    return int64(quotient if (dividend < 0) == (divisor < 0) else -quotient)


def _modulo(one: Any, other: Any) -> int:
    dividend = to_int64(one)
    rest = abs(dividend) % abs(_divisor(other))
    return int64(-rest if dividend < 0 else rest)


def _divisor(value: Any) -> int:
    divisor = to_int64(value)
    if divisor == 0:
        raise GoPanicError("runtime error: integer divide by zero")
    return divisor


def _multiply(first: Any, *others: Any) -> int:
    return reduce(lambda product, value: int64(product * to_int64(value)), others, to_int64(first))


def _largest(*values: Any) -> int:
    return max(map(to_int64, values))


def _smallest(*values: Any) -> int:
    return min(map(to_int64, values))


def _whole(value: float, downwards: bool) -> float:
    if not math.isfinite(value):
        return value
    return math.copysign(math.floor(value) if downwards else math.ceil(value), value)


def _round(value: Any, places: int, *threshold: float) -> float:
    power = _power_of_ten(places)
    digits = power * to_float(value)
    fraction = math.fmod(digits, 1.0) if math.isfinite(digits) else math.nan
    rounded = _whole(digits, downwards=not fraction >= (threshold[0] if threshold else 0.5))
    if power == 0.0:
        return math.nan if rounded == 0.0 else math.copysign(math.inf, rounded)
    return rounded / power if math.isfinite(power) else (0.0 if math.isfinite(rounded) else math.nan)


def _power_of_ten(places: int) -> float:
    try:
        return math.pow(10, places)
    except OverflowError:
        return math.inf


def _until(count: int) -> GoSlice:
    return _until_step(0, count, -1 if count < 0 else 1)


def _until_step(start: int, stop: int, step: int) -> GoSlice:
    is_backwards = stop < start
    if (is_backwards and step >= 0) or (not is_backwards and step <= 0):
        return GoSlice([], INTS)
    check_elements(abs(stop - start) // abs(step))
    return GoSlice(range(start, stop, step), INTS)


def _from_octal(value: Any) -> int:
    return int64(parse_int(sprint([value]), 8) or 0)


FUNCTIONS: tuple[Function, ...] = (
    function("atoi", lambda text: parse_int(text, 10) or 0, STRING),
    function("int64", to_int64, ANY),
    function("int", to_int, ANY),
    function("float64", to_float, ANY),
    function("toDecimal", _from_octal, ANY),
    function("until", _until, INT),
    function("untilStep", _until_step, INT, INT, INT),
    function("add1", lambda value: _add(value, 1), ANY),
    function("add", _add, rest=ANY),
    function("sub", _subtract, ANY, ANY),
    function("div", _divide, ANY, ANY),
    function("mod", _modulo, ANY, ANY),
    function("mul", _multiply, ANY, rest=ANY),
    function("biggest", _largest, ANY, rest=ANY),
    function("max", _largest, ANY, rest=ANY),
    function("min", _smallest, ANY, rest=ANY),
    function("ceil", lambda value: _whole(to_float(value), downwards=False), ANY),
    function("floor", lambda value: _whole(to_float(value), downwards=True), ANY),
    function("round", _round, ANY, INT, rest=FLOAT64),
)
