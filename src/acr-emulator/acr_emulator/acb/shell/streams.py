"""What commands read from and write to: texts in memory, and files that are texts in a mapping."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from .errors import ShellLimitError
from .guesses import Guesses

__all__ = ["Budget", "Capture", "Collected", "Files", "Input", "Output", "Stream", "Transcript"]


@dataclass
class Budget:
    """What a line may take: commands and turns of loops, characters written, and characters looked at."""

    steps: int = 20_000
    characters: int = 1 << 22
    work: int = 1 << 23

    def step(self) -> None:
        """Count a command or a turn. Raises ShellLimitError."""
        self.steps -= 1
        if self.steps < 0:
            raise ShellLimitError("a line for the shell takes more steps than the emulator grants it")

    def look(self, characters: int) -> None:
        """Count what is expanded or matched. Raises ShellLimitError."""
        self.work -= characters
        if self.work < 0:
            raise ShellLimitError("a line for the shell looks at more text than the emulator grants it")

    def write(self, text: str) -> None:
        """Count what is written. Raises ShellLimitError."""
        self.characters -= len(text)
        if self.characters < 0:
            raise ShellLimitError("a line for the shell writes more than the emulator grants it")


@dataclass
class Input:
    """A text that is read once."""

    text: str = ""
    position: int = 0

    def read_line(self) -> str:
        """The next line with its end, empty at the end of the text."""
        end = self.text.find("\n", self.position)
        start = self.position
        self.position = len(self.text) if end < 0 else end + 1
        return self.text[start : self.position]

    def read_all(self) -> str:
        """All that is left."""
        start, self.position = self.position, len(self.text)
        return self.text[start:]


class Output(Protocol):
    """What takes text."""

    def write(self, text: str) -> None:
        """Take text."""


Stream: TypeAlias = Input | Output


@dataclass
class Collected:
    """Keeps what is written, within a budget, for something that reads it: a file's texts, or those of a Capture."""

    budget: Budget
    parts: list[str] = field(default_factory=list)

    def write(self, text: str) -> None:
        """Take text."""
        self.budget.write(text)
        self.parts.append(text)


@dataclass
class Capture(Collected):
    """Keeps what is written for a substitution or the next command of a pipeline."""

    @property
    def text(self) -> str:
        return "".join(self.parts)


@dataclass
class Transcript:
    """One of the shell's own outputs, 1 or 2; both keep what is written in one list, in order."""

    budget: Budget
    descriptor: int
    written: list[tuple[int, str]]

    def write(self, text: str) -> None:
        """Take text."""
        self.budget.write(text)
        if text:
            self.written.append((self.descriptor, text))


@dataclass
class _Nowhere:
    def write(self, text: str) -> None:
        """Drop text."""


EVERYWHERE = frozenset({"/dev", "/root", "/tmp"})  # noqa: S108 - names of directories, nothing is written there


class Files:
    """Files by absolute path, of which one that ends in a slash is an empty folder; the shell starts in `directory`.

    With `guesses` every other file is taken to exist as well, empty: in an image that is not there. `missing` are paths
    where nothing is all the same.
    """

    def __init__(
        self,
        contents: Mapping[str, str],
        directory: str,
        guesses: Guesses | None = None,
        missing: Collection[str] = (),
    ) -> None:
        self.guesses = guesses
        self._missing = missing
        self.directory = directory
        self._parts = {path: [text] for path, text in contents.items()}

    def names_in(self, directory: str) -> Iterator[str]:
        """Names of files and directories, relative to a directory."""
        prefix = directory.rstrip("/") + "/"
        names: dict[str, None] = {}
        for path in self._parts:
            if path.startswith(prefix):
                parts = [part for part in path[len(prefix) :].split("/") if part]
                names.update((("/".join(parts[: count + 1])), None) for count in range(len(parts)))
        yield from names

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""
        return path in self._parts or (self.guesses is not None and path not in self._missing)

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there: where the shell starts, above that, or where a file is."""
        return (self.guesses is not None and path not in self._missing) or self.is_known_directory(path)

    def is_known_directory(self, path: str) -> bool:
        """Whether a directory is there for certain."""
        is_above = f"{self.directory}/".startswith(f"{path.rstrip('/')}/")
        return is_above or path in EVERYWHERE or any(known.startswith(f"{path.rstrip('/')}/") for known in self._parts)

    def is_guessed(self, path: str) -> bool:
        """Whether nobody knows what a path is."""
        is_known = path in self._parts or path in self._missing or self.is_known_directory(path)
        return self.guesses is not None and not is_known

    def size(self, path: str) -> int:
        """How long a file is, in characters."""
        return sum(map(len, self._parts.get(path, ())))

    def open_input(self, path: str) -> Input | None:
        """A file to read, or None."""
        if path == "/dev/null":
            return Input()
        if self.guesses is not None and path not in self._parts and path not in self._missing:
            self.guesses.is_uncertain = True
        return Input("".join(self._parts.get(path, ()))) if self.is_file(path) else None

    def open_output(self, path: str, appends: bool, budget: Budget) -> Output | None:
        """A file to write, or None if its directory is not there."""
        if path == "/dev/null":
            return _Nowhere()
        if not self.is_directory(posixpath.dirname(path)):
            return None
        if not appends or path not in self._parts:
            self._parts[path] = []
        return Collected(budget, self._parts[path])
