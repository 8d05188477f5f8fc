"""What a YAML scalar is: a word, a number, a time, or text."""

from __future__ import annotations

import math
import re
from datetime import datetime, timezone
from typing import Any

from ..errors import YamlError
from ..types import UINT64, Sized

__all__ = [
    "BINARY",
    "BOOLEAN",
    "FLOAT",
    "INTEGER",
    "MAPPING",
    "MERGE",
    "NULL",
    "SEQUENCE",
    "TEXT",
    "TIMESTAMP",
    "resolve",
    "short_tag",
]

TEXT, INTEGER, FLOAT, BOOLEAN, NULL = "!!str", "!!int", "!!float", "!!bool", "!!null"
TIMESTAMP, BINARY, MERGE, SEQUENCE, MAPPING = "!!timestamp", "!!binary", "!!merge", "!!seq", "!!map"
LONG_PREFIX = "tag:yaml.org,2002:"
RESOLVABLE = ("", TEXT, BOOLEAN, INTEGER, FLOAT, NULL, TIMESTAMP)
WORDS: dict[str, tuple[str, Any]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), (BOOLEAN, True)),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), (BOOLEAN, False)),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), (NULL, None)),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), (FLOAT, math.nan)),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), (FLOAT, math.inf)),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), (FLOAT, -math.inf)),
    "<<": (MERGE, "<<"),
}
NUMBER_START = re.compile(r"[-+0-9]")
DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
FRACTION = re.compile(r"\.[0-9]+([eE][-+]?[0-9]+)?")
INTEGERS = (
    (re.compile(r"([-+]?)0[xX]([0-9A-Fa-f]+)"), 16),
    (re.compile(r"([-+]?)0[bB]([01]+)"), 2),
    (re.compile(r"([-+]?)0[oO]?([0-7]+)"), 8),
    (re.compile(r"([-+]?)(0|[1-9][0-9]*)"), 10),
)
DATE = "([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
CLOCK = "([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?"
TIMES = tuple(
    re.compile(pattern) for pattern in (DATE, f"{DATE} {CLOCK}", rf"{DATE}[Tt]{CLOCK}(?:Z|[-+][0-9]{{2}}:[0-9]{{2}})")
)
SMALLEST, LARGEST = -(2**63), 2**64 - 1


def short_tag(tag: str) -> str:
    """`!!str` for `tag:yaml.org,2002:str`; other tags as they are."""
    return f"!!{tag.removeprefix(LONG_PREFIX)}" if tag.startswith(LONG_PREFIX) else tag


def resolve(tag: str, text: str) -> tuple[str, Any]:
    """The tag and the value of a scalar that has the short tag `tag` (may be empty).

    Of a timestamp and of other tags, the value is the text. Raises YamlError for a value that is not of its tag.
    """
    if tag not in RESOLVABLE:
        return tag, text
    if tag == TEXT:
        return TEXT, text
    found, value = _guess(tag, text)
    if tag in ("", found):
        return found, value
    if tag == FLOAT and found == INTEGER:
        return FLOAT, float(value)
    raise YamlError(f"yaml: cannot decode {found} `{text}` as a {tag}")


def _guess(tag: str, text: str) -> tuple[str, Any]:
    if text in WORDS:
        return WORDS[text]
    if FRACTION.fullmatch(text):
        return _decimal(text) or (TEXT, text)
    if NUMBER_START.match(text) is None:
        return TEXT, text
    if tag in ("", TIMESTAMP) and _is_time(text):
        return TIMESTAMP, text
    plain = text.replace("_", "")
    return _integer(plain) or _decimal(plain) or (TEXT, text)


def _integer(text: str) -> tuple[str, int] | None:
    """Go's ParseInt and ParseUint with base 0: 64 bits, octal with a leading zero."""
    for pattern, base in INTEGERS:
        if found := pattern.fullmatch(text):
            number = int(found[1] + found[2], base)
            is_unsigned = not found[1]
            if SMALLEST <= number < 2**63:
                return INTEGER, number
            return (INTEGER, Sized(number, UINT64)) if is_unsigned and 0 < number <= LARGEST else None
    return None


def _decimal(text: str) -> tuple[str, float] | None:
    if DECIMAL.fullmatch(text) is None:
        return None
    number = float(text)
    return None if math.isinf(number) else (FLOAT, number)


def _is_time(text: str) -> bool:
    found = next((found for pattern in TIMES if (found := pattern.fullmatch(text))), None)
    if found is None:
        return False
    year, month, day, hour, minute, second = (int(part) for part in (*found.groups(), 0, 0, 0)[:6])
    try:
        datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return False
    return True
