"""Options on a command line, as docker's client reads them (github.com/spf13/pflag)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["CommandLine", "FlagError", "Flags", "parse_bool"]

TRUE_WORDS = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE_WORDS = frozenset({"0", "f", "F", "FALSE", "false", "False"})


class FlagError(ValueError):
    """A line that pflag refuses; the text is its own."""


@dataclass(frozen=True)
class Flags:
    """The options that a command knows: long names, and the long name of each letter.

    `interspersed`: options may also follow arguments.
    """

    with_value: frozenset[str]
    switches: frozenset[str]
    letters: Mapping[str, str]
    interspersed: bool = True

    def parse(self, words: Sequence[str]) -> CommandLine:
        """Take a command's words apart. Raises FlagError."""
        line = CommandLine()
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word == "--":
                line.arguments += rest
                break
            if not word.startswith("-") or word == "-":
                line.arguments.append(word)
                if not self.interspersed:
                    line.arguments += rest
                    break
            elif word.startswith("--"):
                self._long(line, word[2:], rest)
            else:
                self._letters(line, word[1:], rest)
        return line

    def _long(self, line: CommandLine, text: str, rest: list[str]) -> None:
        name, equals, value = text.partition("=")
        if name not in self.with_value | self.switches:
            if name in ("", "-") or text.startswith(("-", "=")):
                raise FlagError(f"bad flag syntax: --{text}")
            raise FlagError("pflag: help requested" if name == "help" else f"unknown flag: --{name}")
        if not equals:
            if name in self.switches:
                value = "true"
            elif rest:
                value = rest.pop(0)
            else:
                raise FlagError(f"flag needs an argument: --{name}")
        self._add(line, name, value)

    def _letters(self, line: CommandLine, letters: str, rest: list[str]) -> None:
        for index, letter in enumerate(letters):
            name = self.letters.get(letter)
            if name is None:
                raise FlagError(f"unknown shorthand flag: {letter!r} in -{letters}")
            following = letters[index + 1 :]
            if following.startswith("="):
                return self._add(line, name, following[1:])
            if name not in self.switches:
                if not following and not rest:
                    raise FlagError(f"flag needs an argument: {letter!r} in -{letters}")
                return self._add(line, name, following or rest.pop(0))
            self._add(line, name, "true")
        return None

    def _add(self, line: CommandLine, name: str, value: str) -> None:
        if name in self.switches and parse_bool(value) is None:
            raise FlagError(
                f'invalid argument "{value}" for "--{name}" flag: strconv.ParseBool: parsing "{value}": invalid syntax'
            )
        line.options.setdefault(name, []).append(value)


@dataclass
class CommandLine:
    """What a line says: the values of each option in order, and the arguments."""

    options: dict[str, list[str]] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """All values of an option."""
        return self.options.get(name, [])

    def last(self, name: str, default: str = "") -> str:
        """The value of an option that counts."""
        return (self.values(name) or [default])[-1]

    def is_on(self, name: str) -> bool:
        """Whether a switch is on."""
        return bool(parse_bool(self.last(name, "false")))


def parse_bool(text: str) -> bool | None:
    """What Go's `strconv.ParseBool` makes of a text; None if it is an error."""
    return True if text in TRUE_WORDS else False if text in FALSE_WORDS else None
