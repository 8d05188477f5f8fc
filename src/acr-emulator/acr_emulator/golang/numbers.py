"""Package strconv's numbers: reading them, and writing floating-point ones."""

from __future__ import annotations

import math
import re
from decimal import Decimal

__all__ = ["format_float", "parse_float", "parse_int", "parse_uint"]

PREFIXES = {"0x": 16, "0o": 8, "0b": 2}
DIGITS = {2: "01", 8: "0-7", 10: "0-9", 16: "0-9a-fA-F"}
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
HEXADECIMAL = re.compile(r"[+-]?0[xX]([0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+")
UNDERSCORES = re.compile(r"[+-]?(?:0[xX]_?)?\.?[0-9a-fA-F]+(?:_?[0-9a-fA-F]+|\.[0-9a-fA-F]+|[eEpP][+-]?[0-9]+)*")
SPECIAL = {"inf": math.inf, "infinity": math.inf, "nan": math.nan}

SHORTEST_EXPONENT = 6
"""From which power of ten on %g in its shortest form writes an exponent."""


def parse_uint(text: str, base: int, bits: int = 64) -> int | None:
    """strconv.ParseUint; None for what is no number or is too large. Base 0 goes by the prefix."""
    value = _whole(text, base)
    return value if value is not None and value < 1 << bits else None


def parse_int(text: str, base: int, bits: int = 64) -> int | None:
    """strconv.ParseInt; None for what is no number or is too large. Base 0 goes by the prefix."""
    sign = -1 if text[:1] == "-" else 1
    value = _whole(text[1:] if text[:1] in ("+", "-") else text, base)
    if value is None or not -(1 << (bits - 1)) <= sign * value < 1 << (bits - 1):
        return None
    return sign * value


def _whole(text: str, base: int) -> int | None:
    if base == 0:
        prefix = text[:2].lower()
        if prefix in PREFIXES:
            base, text = PREFIXES[prefix], text[2:]
            text = text.removeprefix("_")
        elif text[:1] == "0" and len(text) > 1:
            base, text = 8, text[1:].removeprefix("_")
        else:
            base = 10
        if "__" in text or text[:1] == "_" or text[-1:] == "_":
            return None
        text = text.replace("_", "")
    if not re.fullmatch(f"[{DIGITS[base]}]+", text) or len(text) > 100:
        return None
    return int(text, base)


def parse_float(text: str) -> float | None:
    """strconv.ParseFloat; None for what is no number or is too large. `_` may stand between digits."""
    if "_" in text:
        if not UNDERSCORES.fullmatch(text):
            return None
        text = text.replace("_", "")
    bare = text.lstrip("+-").lower()
    if bare in SPECIAL and len(text) - len(bare) <= (bare != "nan"):
        return -SPECIAL[bare] if text[0] == "-" else SPECIAL[bare]
    if DECIMAL.fullmatch(text):
        value = float(text)
    elif HEXADECIMAL.fullmatch(text):
        try:
            value = float.fromhex(text)
        except OverflowError:
            return None
    else:
        return None
    return None if math.isinf(value) else value


def format_float(value: float, form: str, precision: int = -1) -> str:
    """strconv.FormatFloat in the form e, E, f, F, g or G; precision -1 is the fewest digits that give the value."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if precision >= 0:
        return _general(value, form, precision) if form in "gG" else f"{value:.{precision}{form}}"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    point = len(digits) + int(exponent) if any(digits) else 1
    text = "".join(map(str, digits))
    if form in "fF" or (form in "gG" and -4 <= point - 1 < SHORTEST_EXPONENT):
        body = _plain(text, point)
    else:
        mark = "E" if form in "EG" else "e"
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        body = f"{text[0]}{fraction}{mark}{'-' if point < 1 else '+'}{abs(point - 1):02d}"
    return ("-" if sign else "") + body


def _plain(digits: str, point: int) -> str:
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def _general(value: float, form: str, precision: int) -> str:
    return f"{value:.{precision or 1}{form}}"
