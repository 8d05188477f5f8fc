"""How package fmt writes one value under one verb."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from .bounds import join_bounded
from .numbers import format_float
from .ordering import sorted_keys
from .quoting import quote, quote_character
from .text import from_bytes, to_bytes
from .times import duration_text, time_text
from .types import UINT8, GoMap, GoSlice, Sized, Struct, type_of

__all__ = ["Flags", "type_name", "write"]

STRING_VERBS = frozenset("vsqxX")
INTEGER_VERBS = frozenset("vdboOxXcqU")
FLOAT_VERBS = frozenset("veEfFgGbxX")
EXPONENT = re.compile("([eE])")
FLAG_NAMES = {"#": "sharp", "0": "zero", "+": "plus", "-": "minus", " ": "space"}

LARGEST_CODE = (1 << 64) - 1
SHARP_DIGITS = 6
"""How many digits `%#g` writes at least where no precision is given."""


@dataclass
class Flags:
    """What stands between `%` and the verb; `names_fields` is what `+` means for `%v`."""

    sharp: bool = False
    zero: bool = False
    plus: bool = False
    minus: bool = False
    space: bool = False
    names_fields: bool = False
    width: int | None = None
    precision: int | None = None

    def set(self, character: str) -> None:
        """Turn on the flag of that character."""
        setattr(self, FLAG_NAMES[character], True)

    def pad(self, text: str, allows_zero: bool = True) -> str:
        """The text at the width asked for."""
        missing = (self.width or 0) - len(text)
        if missing <= 0:
            return text
        if self.minus:
            return text + " " * missing
        if self.zero and allows_zero:
            sign = text[0] if text[0:1] in ("+", "-", " ") else ""
            return sign + "0" * missing + text[len(sign) :]
        return " " * missing + text


def type_name(value: Any) -> str:
    """What `%T` gives."""
    return "<nil>" if value is None else type_of(value).name


def write(value: Any, verb: str, flags: Flags) -> str:
    """A value under a verb; `%!verb(type=value)` where they do not go together."""
    if verb == "T":
        return flags.pad("<nil>") if value is None else _string(type_name(value), "s", flags)
    if value is None:
        return flags.pad("<nil>") if verb == "v" else "%!" + verb + "(<nil>)"
    if verb == "w" and not _is_bytes(value):
        return f"%!w({type_name(value)}={write(value, 'v', flags)})"
    if verb == "v" and flags.sharp:
        return _go_syntax(value, replace(flags, sharp=False))
    if verb == "v" and flags.plus:
        flags = replace(flags, plus=False, names_fields=True)
    return _written(value, verb, flags)


def _written(value: Any, verb: str, flags: Flags) -> str:
    """A value, or a part of one, where `#` and `+` mean no other form of `%v`; a nil in it is always `<nil>`."""
    if value is None:
        return "<nil>"
    text = own_text(value) if verb in STRING_VERBS else None
    if text is not None:
        return _string(text, verb, flags)
    for python, writer in WRITERS:
        if isinstance(value, python):
            return writer(value, verb, flags)
    return _bad_verb(value, verb, flags)


def own_text(value: Any) -> str | None:
    """What a value's own method `String` or `Error` gives; None for types without."""
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, timedelta):
        return duration_text(value)
    string = getattr(value, "go_string", None)
    return str(string()) if string is not None else None


def _bad_verb(value: Any, verb: str, flags: Flags) -> str:
    """What tells of a wrong verb; the value has the width and all else that was asked for."""
    return f"%!{verb}({type_name(value)}={_written(value, 'v', flags)})"


def _boolean(value: bool, verb: str, flags: Flags) -> str:
    return flags.pad(str(value).lower()) if verb in "tv" else _bad_verb(value, verb, flags)


def _integer(value: int, verb: str, flags: Flags) -> str:
    if verb not in INTEGER_VERBS:
        return _bad_verb(value, verb, flags)
    if verb == "c":
        return flags.pad(chr(value) if 0 <= value <= 0x10FFFF and not 0xD800 <= value <= 0xDFFF else "\ufffd")
    if verb == "q":
        return flags.pad(quote_character(value, flags.plus))
    if verb == "U":
        return flags.pad(
            f"U+{value & LARGEST_CODE:04X}" + (f" {quote_character(value)}" if flags.sharp else ""), allows_zero=False
        )
    if value == 0 and flags.precision == 0:
        return " " * (flags.width or 0)
    digits = _digits(abs(value), verb, flags)
    sign = "-" if value < 0 else "+" if flags.plus else " " if flags.space else ""
    return flags.pad(sign + digits, allows_zero=flags.precision is None)


def _digits(value: int, verb: str, flags: Flags) -> str:
    base = {"v": "d", "O": "o"}.get(verb, verb)
    digits = format(value, base)
    if flags.precision is not None:
        digits = digits.zfill(flags.precision)
    if verb == "O":
        return "0o" + digits
    if not flags.sharp or verb in "dv":
        return digits
    return {"b": "0b", "o": "" if digits.startswith("0") else "0", "x": "0x", "X": "0X"}[verb] + digits


def _float(value: float, verb: str, flags: Flags) -> str:
    if verb not in FLOAT_VERBS or verb in "bxX":
        return _bad_verb(value, verb, flags)
    form = "g" if verb == "v" else verb
    precision = flags.precision
    if precision is None:
        precision = -1 if form in "gG" else 6
    text = format_float(value, form, precision)
    if flags.sharp and math.isfinite(value):
        text = _with_point(text, SHARP_DIGITS if precision < 0 else precision * (form in "gG"))
    if not text.startswith(("-", "+")) and (flags.plus or flags.space):
        text = ("+" if flags.plus else " ") + text
    return flags.pad(text, allows_zero=not text.endswith(("Inf", "NaN")))


def _with_point(text: str, digits: int) -> str:
    """A number with its decimal point, and zeros up to that many digits that count."""
    number, mark, exponent = EXPONENT.split(text) if EXPONENT.search(text) else (text, "", "")
    bare = number.lstrip("-").replace(".", "")
    count = 1 if bare == "0" else len(bare.lstrip("0"))
    point = "" if "." in number else "."
    return number + point + "0" * (digits - count) + mark + exponent


def _complex(value: complex, verb: str, flags: Flags) -> str:
    if verb not in FLOAT_VERBS:
        return _bad_verb(value, verb, flags)
    imaginary = _float(value.imag, verb, replace(flags, plus=True))
    return f"({_float(value.real, verb, flags)}{imaginary}i)"


def _string(value: str, verb: str, flags: Flags) -> str:
    if verb not in STRING_VERBS:
        return _bad_verb(value, verb, flags)
    if verb in "xX":
        return flags.pad(_hexadecimal(to_bytes(value), verb, flags))
    cut = value if flags.precision is None else value[: flags.precision]
    if verb == "q":
        is_raw = flags.sharp and "`" not in cut and cut.isprintable()
        cut = f"`{cut}`" if is_raw else quote(cut, flags.plus)
    return flags.pad(cut)


def _hexadecimal(data: bytes, verb: str, flags: Flags) -> str:
    cut = data if flags.precision is None else data[: flags.precision]
    text = cut.hex(" ") if flags.space else cut.hex()
    if flags.sharp and cut:
        text = "0x" + text.replace(" ", " 0x")
    return text.upper() if verb == "X" else text


def _is_bytes(value: Any) -> bool:
    return isinstance(value, GoSlice) and value.type.name == "[]uint8"


def _slice(value: list[Any], verb: str, flags: Flags) -> str:
    is_bytes = _is_bytes(value)
    if is_bytes and verb in "sqxX":
        return _string(from_bytes(bytes(value)), verb, flags)
    items = (Sized(item, UINT8) for item in value) if is_bytes else value
    return "[" + join_bounded(" ", (_written(item, verb, flags) for item in items)) + "]"


def _map(value: Mapping[Any, Any], verb: str, flags: Flags) -> str:
    pairs = (f"{_written(key, verb, flags)}:{_written(value[key], verb, flags)}" for key in sorted_keys(value))
    return f"map[{join_bounded(' ', pairs)}]"


def _struct(value: Struct, verb: str, flags: Flags) -> str:
    names = value.fields.items()
    pieces = (f"{name}:" * flags.names_fields + _written(field, verb, flags) for name, field in names)
    return "&" * (value.type.kind == "ptr") + "{" + " ".join(pieces) + "}"


def _go_syntax(value: Any, flags: Flags) -> str:
    """`%#v`."""
    if isinstance(value, str):
        return _string(value, "q", flags)
    if isinstance(value, GoSlice | GoMap) and value.is_nil:
        return f"{type_name(value)}(nil)"
    if isinstance(value, list):
        items = (Sized(item, UINT8) for item in value) if _is_bytes(value) else value
        return f"{type_name(value)}{{{join_bounded(', ', (_element_syntax(item, flags) for item in items))}}}"
    if isinstance(value, dict):
        pairs = (f"{_element_syntax(key, flags)}:{_element_syntax(value[key], flags)}" for key in sorted_keys(value))
        return f"{type_name(value)}{{{join_bounded(', ', pairs)}}}"
    if type_name(value).startswith("uint"):
        return _integer(value, "x", replace(flags, sharp=True))
    return _written(value, "v", flags)


def _element_syntax(value: Any, flags: Flags) -> str:
    return "interface {}(nil)" if value is None else _go_syntax(value, flags)


WRITERS: tuple[tuple[type, Callable[[Any, str, Flags], str]], ...] = (
    (bool, _boolean),
    (int, _integer),
    (float, _float),
    (complex, _complex),
    (str, _string),
    (list, _slice),
    (dict, _map),
    (Struct, _struct),
)
"""Who writes values of which type; bool stands before int, which it is in Python."""
