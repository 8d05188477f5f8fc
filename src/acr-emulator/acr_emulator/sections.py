"""Documents read strictly, so that a slip is named with its key instead of being ignored."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = ["LONGEST_SECONDS", "Form", "Section", "check_plain", "shown"]

Item = TypeVar("Item")

LONGEST_SECONDS = 366 * 86400
"""A year: nothing that the emulator is told to wait for lasts longer."""

DEEPEST = 50
MOST_VALUES = 100_000
SHOWN_CHARACTERS = 60
SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Form:
    """What a text has to look like as a whole, and how that is told to whoever wrote another."""

    pattern: re.Pattern[str]
    told: str


class Section:
    """A mapping in a document; remembers which keys were asked for, so that the others can be refused.

    `path` is where it stands, "" for the whole document. Null counts as absent. What is not as asked for raises what
    `make_error` makes of a message that names the key.
    """

    def __init__(self, value: Any, path: str, make_error: Callable[[str], Exception]) -> None:
        self._path = path
        self._make_error = make_error
        if not isinstance(value, Mapping):
            raise self.error("", "expected keys and values")
        self._value = value
        self._asked: set[str] = set()
        self._inner: list[Section] = []

    def at(self, key: str) -> str:
        """The path of `key`; of this section itself when `key` is empty."""
        return ".".join(filter(None, [self._path, key])) or "the document"

    def error(self, key: str, message: str) -> Exception:
        return self._make_error(f"{self.at(key)}: {message}")

    def __contains__(self, key: str) -> bool:
        """Whether the key is there, whatever its value; this does not ask for it."""
        return key in self._value

    def is_null(self, key: str) -> bool:
        """Whether the key is there with null for its value, for the few keys where that is not the same as absent."""
        self._asked.add(key)
        return key in self and self._value[key] is None

    def get(self, key: str, default: Any = None) -> Any:
        self._asked.add(key)
        value = self._value.get(key)
        return default if value is None else value

    def text(self, key: str, default: str | None = None) -> str:
        value = self.get(key, default)
        if value is None:
            raise self.error(key, "is missing")
        if not isinstance(value, str) or not value:
            raise self.error(key, f"expected text, not {shown(value)}")
        return value

    def formed(self, key: str, form: Form, default: str | None = None) -> str:
        """A text of that form."""
        value = self.text(key, default)
        if not form.pattern.fullmatch(value):
            raise self.error(key, f"{shown(value)} is not {form.told}")
        return value

    def optional_text(self, key: str) -> str | None:
        return None if self.get(key) is None else self.text(key)

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise self.error(key, f"{shown(value)} is not one of {', '.join(allowed)}")
        return value

    def number(self, key: str, default: int | None = None, *, least: int = 0, most: int = 2**31 - 1) -> int:
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            limits = f"from {least} up" if most == 2**31 - 1 else f"from {least} to {most}"
            raise self.error(key, f"expected a whole number {limits}, not {shown(value)}")
        return value

    def seconds(self, key: str, *, most: float = LONGEST_SECONDS) -> float:
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
            raise self.error(key, f"expected seconds from 0 to {most}, not {shown(value)}")
        return float(value)

    def optional_seconds(self, key: str) -> float | None:
        return None if self.get(key) is None else self.seconds(key)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"expected true or false, not {shown(value)}")
        return value

    def mapping(self, key: str, default: Mapping[str, Any]) -> Mapping[str, Any]:
        value = self.get(key, default)
        if not isinstance(value, Mapping):
            raise self.error(key, "expected keys and values")
        return value

    def text_mapping(self, key: str) -> Mapping[str, str]:
        """Texts by name; numbers and flags are taken as texts."""
        values = self.mapping(key, {})
        for name, value in values.items():
            if not isinstance(value, (str, int, float)):
                raise self.error(f"{key}.{name}", f"expected text, not {shown(value)}")
        return {str(name): str(value) for name, value in values.items()}

    def texts(self, key: str, default: Iterable[str]) -> tuple[str, ...]:
        value = self.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, "expected a list of texts")
        return tuple(value)

    def section(self, key: str) -> Section:
        """The mapping under `key`; absent is empty."""
        return self._enter(key, self.get(key, {}))

    def items(self, key: str, read: Callable[[Section], Item], default: list[Item], *, least: int = 0) -> list[Item]:
        """What `read` makes of each entry of a list; `least` of them (0 or 1) have to be there."""
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, list) or len(value) < least:
            raise self.error(key, "expected a list" + (" with at least one entry" if least else ""))
        return [read(self._enter(f"{key}[{index}]", item)) for index, item in enumerate(value)]

    def _enter(self, key: str, value: Any) -> Section:
        inner = Section(value, self.at(key), self._make_error)
        self._inner.append(inner)
        return inner

    def everything(self) -> dict[str, Any]:
        """All of this section, whose keys are free."""
        self._asked.update(self._value)
        return dict(self._value)

    def refuse_unknown(self) -> None:
        """Refuse keys that nobody has asked for, here and in the sections that were read from here."""
        for key in self._value:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.error(str(key), f"unknown key (known: {known})")
        for inner in self._inner:
            inner.refuse_unknown()


def check_plain(document: Any, make_error: Callable[[str], Exception]) -> None:
    """Refuse what JSON cannot say (dates, NaN, keys that are no texts), and what is too deep or too much to be meant.

    Raises what `make_error` makes of a message that names the place.
    """
    left = [(document, "", 0)]
    for count, (value, path, depth) in enumerate(_popped(left)):
        place = path or "the document"
        if depth > DEEPEST:
            raise make_error(f"{place[:SHOWN_CHARACTERS]}...: more than {DEEPEST} levels deep")
        if count > MOST_VALUES:
            raise make_error(f"more than {MOST_VALUES} values; what an alias stands for counts each time")
        if isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(key, str) or SURROGATE.search(key):
                    raise make_error(f"{place}: the key {shown(key)} is not a text; put it in quotes")
                left.append((item, f"{path}.{key}".lstrip("."), depth + 1))
        elif isinstance(value, list):
            left += [(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
        elif problem := _not_plain(value):
            raise make_error(f"{place}: {problem}")


def _not_plain(value: Any) -> str | None:
    """What JSON has against a value that holds no others."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is not a number that JSON has"
    if isinstance(value, str) and SURROGATE.search(value):
        return "half of a character, which no text has"
    if value is not None and not isinstance(value, (str, int, float)):
        return "expected text, a number, true, false, a list or keys and values"
    return None


def _popped(stack: list[Item]) -> Iterable[Item]:
    while stack:
        yield stack.pop()


def shown(value: Any) -> str:
    """The value as an error tells it: texts in quotes, what is long cut short, half a character as its number."""
    text = f"'{value}'" if isinstance(value, str) else repr(value)
    text = SURROGATE.sub(lambda half: f"\\u{ord(half[0]):x}", text)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."
