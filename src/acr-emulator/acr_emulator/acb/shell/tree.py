"""What a line is parsed into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = [
    "AndOr",
    "Arithmetic",
    "Case",
    "Command",
    "For",
    "Function",
    "HereDocument",
    "If",
    "Item",
    "Literal",
    "Loop",
    "Parameter",
    "Part",
    "Pipeline",
    "Redirect",
    "Redirected",
    "Sequence",
    "Simple",
    "Subshell",
    "Substitution",
    "Word",
]


@dataclass(frozen=True)
class Literal:
    """Text as it stands; quoted text is neither split nor a pattern."""

    text: str
    is_quoted: bool = False


@dataclass(frozen=True)
class Parameter:
    """`$name` or `${name..}`.

    `operator` is one of ``-=?+`` (with `treats_empty_as_unset` after a colon), ``% %% # ##``, `length`, `bad` for what
    the shell refuses when it comes to it, or empty.
    """

    name: str
    operator: str = ""
    word: Word = ()
    treats_empty_as_unset: bool = False
    is_quoted: bool = False


@dataclass(frozen=True)
class Substitution:
    """A command whose output is put in place."""

    body: Sequence
    is_quoted: bool


@dataclass(frozen=True)
class Arithmetic:
    """`$((..))`."""

    word: Word
    is_quoted: bool


Part: TypeAlias = Literal | Parameter | Substitution | Arithmetic
Word: TypeAlias = tuple[Part, ...]


@dataclass
class HereDocument:
    """The lines after `<<`, which are read once the line that names it has ended."""

    delimiter: str
    strips_tabs: bool
    is_quoted: bool
    body: Word = ()


@dataclass(frozen=True)
class Redirect:
    """`operator` is one of ``< > >> >| <> <& >& <<``."""

    descriptor: int
    operator: str
    target: Word | HereDocument


@dataclass(frozen=True)
class Simple:
    """Assignments and words of a command, with the number of the line where it begins."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    line: int


@dataclass(frozen=True)
class Pipeline:
    """Commands joined by `|`; a single one stands for itself unless it is negated."""

    commands: tuple[Command, ...]
    is_negated: bool


@dataclass(frozen=True)
class AndOr:
    """Commands joined by `&&` and `||`."""

    first: Command
    rest: tuple[tuple[str, Command], ...]


@dataclass(frozen=True)
class Item:
    """A command of a sequence, and whether `&` ends it."""

    command: Command
    is_background: bool


@dataclass(frozen=True)
class Sequence:
    """Commands one after another; also what braces hold."""

    items: tuple[Item, ...] = field(default=())


@dataclass(frozen=True)
class Subshell:
    """`( .. )`."""

    body: Sequence


@dataclass(frozen=True)
class If:
    """`if`, with what `elif` and `else` hold in `otherwise`."""

    condition: Sequence
    then: Sequence
    otherwise: Command | None


@dataclass(frozen=True)
class Loop:
    """`while` or `until`."""

    condition: Sequence
    body: Sequence
    is_until: bool


@dataclass(frozen=True)
class For:
    """`for name in words`; None is the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence
    line: int


@dataclass(frozen=True)
class Case:
    """`case`, with patterns and what follows for each arm."""

    word: Word
    arms: tuple[tuple[tuple[Word, ...], Sequence], ...]
    line: int


@dataclass(frozen=True)
class Function:
    """`name() command`."""

    name: str
    body: Command


@dataclass(frozen=True)
class Redirected:
    """A compound command with redirections after it."""

    command: Command
    redirects: tuple[Redirect, ...]


Command: TypeAlias = Simple | Pipeline | AndOr | Sequence | Subshell | If | Loop | For | Case | Function | Redirected
