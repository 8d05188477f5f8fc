"""Documents read strictly, so that a slip is named with its key instead of being ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

__all__ = ["Section"]

Item = TypeVar("Item")


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
            raise self.error(key, f"expected text, not {value!r}")
        return value

    def optional_text(self, key: str) -> str | None:
        return None if self.get(key) is None else self.text(key)

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise self.error(key, f"'{value}' is not one of {', '.join(allowed)}")
        return value

    def number(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.error(key, f"expected a whole number from {least} up, not {value!r}")
        return value

    def seconds(self, key: str) -> float:
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise self.error(key, f"expected seconds from 0 up, not {value!r}")
        return float(value)

    def optional_seconds(self, key: str) -> float | None:
        return None if self.get(key) is None else self.seconds(key)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"expected true or false, not {value!r}")
        return value

    def mapping(self, key: str, default: Mapping[str, Any]) -> Mapping[str, Any]:
        value = self.get(key, default)
        if not isinstance(value, Mapping):
            raise self.error(key, "expected keys and values")
        return value

    def text_mapping(self, key: str) -> Mapping[str, str]:
        return {str(name): str(value) for name, value in self.mapping(key, {}).items()}

    def texts(self, key: str, default: Iterable[str]) -> tuple[str, ...]:
        value = self.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, "expected a list of texts")
        return tuple(value)

    def section(self, key: str) -> Section:
        """The mapping under `key`; absent is empty."""
        return self._enter(key, self.get(key, {}))

    def items(self, key: str, read: Callable[[Section], Item], default: list[Item]) -> list[Item]:
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, list) or (not value and default):
            raise self.error(key, "expected a list" + (" with at least one entry" if default else ""))
        return [read(self._enter(f"{key}[{index}]", item)) for index, item in enumerate(value)]

    def _enter(self, key: str, value: Any) -> Section:
        inner = Section(value, self.at(key), self._make_error)
        self._inner.append(inner)
        return inner

    def take_rest(self) -> dict[str, Any]:
        """Everything that was not asked for; the keys of this section are free."""
        rest = {key: value for key, value in self._value.items() if key not in self._asked}
        self._asked.update(rest)
        return rest

    def refuse_unknown(self) -> None:
        """Refuse keys that nobody has asked for, here and in the sections that were read from here."""
        for key in self._value:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.error(str(key), f"unknown key (known: {known})")
        for inner in self._inner:
            inner.refuse_unknown()
