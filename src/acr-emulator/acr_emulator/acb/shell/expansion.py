"""Expansion of words: parameters, commands, arithmetic, tildes; then splitting, names of files, and no more quotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

from .arithmetic import ShellArithmeticError, evaluate
from .errors import ShellLimitError
from .patterns import Pattern, compile_pattern
from .state import ShellState
from .streams import Budget
from .tree import Arithmetic, Literal, Parameter, Substitution, Word
from .tree import Sequence as Commands

__all__ = ["LONGEST_VALUE", "Expander", "ExpansionError"]

HOMES = {"~": "", "~root": "/root"}
"""Of users that are anywhere; that of the shell's own user is the variable's."""

LONGEST_VALUE = 1 << 20
MOST_FIELDS = 10_000
"""Characters that a word may become, and words that a command may have: the emulator's limits."""

Piece: TypeAlias = tuple[str, bool]
"""A text, and whether it is quoted."""


class ExpansionError(Exception):
    """An expansion that ends the shell; the text is the shell's."""


class Expander:
    """Expands words with a shell's variables, within a budget. `output_of` carries out commands."""

    def __init__(self, state: ShellState, budget: Budget, output_of: Callable[[Commands], str]) -> None:
        self._state = state
        self._budget = budget
        self._output_of = output_of

    def fields(self, words: Iterable[Word]) -> list[str]:
        """The arguments that words become, none or several of each."""
        texts = [text for word in words for field in self._split(word) for text in self._files(field)]
        if len(texts) > MOST_FIELDS:
            raise ShellLimitError(f"a command for the shell has more than {MOST_FIELDS} words")
        return texts

    def text(self, word: Word, is_assignment: bool = False) -> str:
        """The one text that a word becomes where it is not split: in assignments, redirections, here-documents."""
        return "".join(text for text, _ in self._joined(word, is_assignment))

    def matches(self, word: Word, text: str) -> bool:
        """Whether the pattern that a word is matches a whole text."""
        return self._matches(compile_pattern(self._joined(word)), text)

    def _matches(self, pattern: Pattern, text: str) -> bool:
        self._budget.look(len(text) * (1 if pattern.is_plain else len(pattern.items)) + 1)
        return pattern.matches(text)

    def _joined(self, word: Word, is_assignment: bool = False) -> list[Piece]:
        fields = _Fields("")
        self._expand(word, fields, is_assignment)
        pieces: list[Piece] = []
        for number, field in enumerate(fields.finish()):
            pieces += [(" ", True)] * (number > 0) + field
        return pieces

    def _split(self, word: Word) -> list[list[Piece]]:
        fields = _Fields(self._state.variables.get("IFS", " \t\n"))
        self._expand(word, fields)
        return fields.finish()

    def _expand(self, word: Word, fields: _Fields, is_assignment: bool = False) -> None:
        for index, part in enumerate(word):
            match part:
                case Literal(text=text, is_quoted=is_quoted):
                    if not is_quoted:
                        text = self._tilde(text, index == 0, index + 1 == len(word), is_assignment)
                    fields.add(text, is_quoted)
                case Parameter():
                    self._parameter(part, fields)
                case Substitution(body=body, is_quoted=is_quoted):
                    fields.add_value(self._output_of(body).rstrip("\n"), is_quoted)
                case Arithmetic(word=expression, is_quoted=is_quoted):
                    fields.add_value(str(self._number(expression)), is_quoted)
            if fields.length > LONGEST_VALUE:
                raise ShellLimitError(f"a word for the shell becomes longer than {LONGEST_VALUE} characters")
        self._budget.look(fields.length)

    def _tilde(self, text: str, is_first: bool, is_last: bool, is_assignment: bool) -> str:
        home = self._state.variables.get("HOME")
        if home is None or "~" not in text:
            return text
        pieces = text.split(":") if is_assignment else [text]
        for index, piece in enumerate(pieces):
            is_whole = index + 1 < len(pieces) or is_last
            starts = is_first or index > 0
            name, slash, rest = piece.partition("/")
            if starts and name in HOMES and (slash or is_whole):
                pieces[index] = (HOMES[name] or home) + slash + rest
        return ":".join(pieces)

    def _number(self, expression: Word) -> int:
        try:
            return evaluate(self.text(expression), self._state.variables)
        except ShellArithmeticError as error:
            raise ExpansionError(str(error)) from error

    def _parameter(self, part: Parameter, fields: _Fields) -> None:
        if part.operator == "bad":
            raise ExpansionError("Bad substitution")
        if part.name in ("@", "*") and part.operator in ("", "-", "=", "?") and self._state.arguments:
            self._add_arguments(part, fields)
            return
        value = self._value(part.name)
        is_quoted = part.is_quoted and not (part.name == "@" and value == "")
        if part.operator and part.operator in "-=?+":
            self._default(part, value, fields)
        elif value is None and "u" in self._state.options:
            raise ExpansionError(f"{part.name}: parameter not set")
        elif part.operator == "length":
            fields.add_value(str(len(value or "")), is_quoted)
        else:
            fields.add_value(self._trimmed(part, value or "") if part.operator else value or "", is_quoted)

    def _add_arguments(self, part: Parameter, fields: _Fields) -> None:
        if part.is_quoted and part.name == "*":
            fields.add(self._state.variables.get("IFS", " ")[:1].join(self._state.arguments), is_quoted=True)
            return
        for number, argument in enumerate(self._state.arguments):
            if number:
                fields.end_field()
            fields.add_value(argument, part.is_quoted)

    def _value(self, name: str) -> str | None:
        if name.isdecimal() and name != "0":
            index = int(name[:9]) - 1
            return self._state.arguments[index] if index < len(self._state.arguments) else None
        if name in ("@", "*"):
            return " ".join(self._state.arguments)
        if name[0].isalpha() or name[0] == "_":
            return str(self._state.line) if name == "LINENO" else self._state.variables.get(name)
        return self._special(name)

    def _special(self, name: str) -> str | None:
        """The values of the shell's own parameters; the process has the number 1, as in a container."""
        match name:
            case "0":
                return self._state.name
            case "#":
                return str(len(self._state.arguments))
            case "?":
                return str(self._state.status)
            case "$":
                return "1"
            case "-":
                return "".join(sorted(self._state.options))
        return None

    def _default(self, part: Parameter, value: str | None, fields: _Fields) -> None:
        is_set = bool(value) if part.treats_empty_as_unset else value is not None
        if part.operator == "+":
            if is_set:
                self._expand_default(part, fields)
            else:
                fields.add_value("", part.is_quoted)
        elif is_set:
            fields.add_value(value or "", part.is_quoted)
        elif part.operator == "-":
            self._expand_default(part, fields)
        elif part.operator == "?":
            unset = "parameter not set or null" if part.treats_empty_as_unset else "parameter not set"
            reason = self.text(part.word) if part.word else unset
            raise ExpansionError(f"{part.name}: {reason}")
        elif not (part.name[0].isalpha() or part.name[0] == "_"):
            raise ExpansionError(f"{part.name}: bad variable name")
        else:
            text = self.text(part.word)
            self._state.assign(part.name, text)
            fields.add_value(text, part.is_quoted)

    def _expand_default(self, part: Parameter, fields: _Fields) -> None:
        """The word of `${V-word}`: its own quotes keep text together, other text is split like a value."""
        if part.is_quoted:
            fields.add("", is_quoted=True)
        for piece in part.word:
            if isinstance(piece, Literal) and not piece.is_quoted:
                is_first, is_last = piece is part.word[0], piece is part.word[-1]
                fields.add_value(self._tilde(piece.text, is_first, is_last, is_assignment=False), part.is_quoted)
            else:
                self._expand((piece,), fields)

    def _trimmed(self, part: Parameter, value: str) -> str:
        pattern = compile_pattern(self._joined(part.word))
        lengths: Sequence[int] = range(len(value) + 1)
        if part.operator in ("##", "%%"):
            lengths = lengths[::-1]
        for length in lengths:
            if part.operator[0] == "#" and self._matches(pattern, value[:length]):
                return value[length:]
            if part.operator[0] == "%" and self._matches(pattern, value[len(value) - length :]):
                return value[: len(value) - length]
        return value

    def _files(self, field: list[Piece]) -> list[str]:
        text = "".join(piece for piece, _ in field)
        if "f" in self._state.options or not any(
            not is_quoted and set(piece) & set("*?[") for piece, is_quoted in field
        ):
            return [text]
        pattern = compile_pattern(field)
        if pattern.is_plain:
            return [text]
        depth = text.count("/")
        names = (
            name
            for name in self._state.files.names_in(self._state.directory)
            if name.count("/") == depth and _is_shown(name, text)
        )
        return sorted(name for name in names if self._matches(pattern, name)) or [text]


def _is_shown(name: str, pattern: str) -> bool:
    return all(
        not part.startswith(".") or wanted.startswith(".")
        for part, wanted in zip(name.split("/"), pattern.split("/"), strict=True)
    )


class _Fields:
    """Collects the pieces of a word's fields; values that are not quoted are split at `separators`."""

    def __init__(self, separators: str) -> None:
        self.length = 0
        self._separators = separators
        self._delimiter = _delimiter(separators)
        self._done: list[list[Piece]] = []
        self._field: list[Piece] | None = None

    def add(self, text: str, is_quoted: bool) -> None:
        """Text that is not split."""
        if text or is_quoted:
            if self._field is None:
                self._field = []
            self._field.append((text, is_quoted))
            self.length += len(text)

    def add_value(self, text: str, is_quoted: bool) -> None:
        """A value, split unless it is quoted."""
        if is_quoted or not self._separators:
            self.add(text, is_quoted)
            return
        position = 0
        for match in self._delimiter.finditer(text):
            self.add(text[position : match.start()], is_quoted=False)
            self.end_field(even_empty=bool(match["separator"]))
            position = match.end()
        self.add(text[position:], is_quoted=False)

    def end_field(self, even_empty: bool = False) -> None:
        """End the field that is being collected."""
        if self._field is not None or even_empty:
            self._done.append(self._field or [])
        self._field = None

    def finish(self) -> list[list[Piece]]:
        """All fields."""
        self.end_field()
        return self._done


@lru_cache(maxsize=16)
def _delimiter(separators: str) -> re.Pattern[str]:
    """What ends a field: blanks of IFS, with one other separator among them or not."""
    blanks, others = (
        "".join(character for character in separators if (character in " \t\n") == is_blank)
        for is_blank in (True, False)
    )
    blank = f"[{re.escape(blanks)}]" if blanks else "(?!)"
    other = f"[{re.escape(others)}]" if others else "(?!)"
    return re.compile(f"{blank}*(?P<separator>{other}){blank}*|{blank}+")
