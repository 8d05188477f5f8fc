"""The tree of a parsed template; `str(node)` is how Go's error texts show a node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..quoting import quote

__all__ = [
    "Action",
    "Bool",
    "Branch",
    "Chain",
    "Command",
    "Dot",
    "Else",
    "End",
    "Field",
    "Identifier",
    "Jump",
    "ListNode",
    "Nil",
    "Node",
    "Number",
    "Pipe",
    "String",
    "TemplateCall",
    "Text",
    "Tree",
    "Variable",
]


@dataclass(frozen=True)
class Node:
    """Part of a template; `position` counts characters of the whole text."""

    position: int


@dataclass(frozen=True)
class Text(Node):
    """What is printed as it is."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class ListNode(Node):
    """Nodes one after the other."""

    nodes: list[Node] = field(default_factory=list)

    def __str__(self) -> str:
        return "".join(map(str, self.nodes))


@dataclass(frozen=True)
class Identifier(Node):
    """A function's name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Variable(Node):
    """`$x`, with the fields that follow it."""

    names: Sequence[str]

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True)
class Dot(Node):
    """`.`"""

    def __str__(self) -> str:
        return "."


@dataclass(frozen=True)
class Nil(Node):
    """`nil`"""

    def __str__(self) -> str:
        return "nil"


@dataclass(frozen=True)
class Field(Node):
    """`.A.B`"""

    names: Sequence[str]

    def __str__(self) -> str:
        return "".join(f".{name}" for name in self.names)


@dataclass(frozen=True)
class Bool(Node):
    """`true` or `false`"""

    is_true: bool

    def __str__(self) -> str:
        return str(self.is_true).lower()


@dataclass(frozen=True)
class Number(Node):
    """A number as written, and its value as each of Go's types that can hold it."""

    text: str
    integer: int | None = None
    unsigned: int | None = None
    floating: float | None = None
    complex: complex | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class String(Node):
    """A string as written, and what it stands for."""

    quoted: str
    text: str

    def __str__(self) -> str:
        return self.quoted


@dataclass(frozen=True)
class Command(Node):
    """A function or value with its arguments."""

    arguments: list[Node] = field(default_factory=list)

    def __str__(self) -> str:
        return " ".join(map(_in_parentheses, self.arguments))


@dataclass(frozen=True)
class Pipe(Node):
    """Commands joined by `|`, and the variables that they give a value to."""

    variables: list[Variable] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    is_assignment: bool = False

    def __str__(self) -> str:
        names = ", ".join(map(str, self.variables))
        sign = " = " if self.is_assignment else " := "
        return (names + sign if names else "") + " | ".join(map(str, self.commands))


@dataclass(frozen=True)
class Chain(Node):
    """`(..).A.B`"""

    node: Node
    names: Sequence[str]

    def __str__(self) -> str:
        return _in_parentheses(self.node) + "".join(f".{name}" for name in self.names)


@dataclass(frozen=True)
class Action(Node):
    """`{{pipe}}`"""

    pipe: Pipe

    def __str__(self) -> str:
        return f"{{{{{self.pipe}}}}}"


@dataclass(frozen=True)
class Branch(Node):
    """`{{if}}`, `{{range}}` or `{{with}}`, by `word`."""

    word: str
    pipe: Pipe
    body: ListNode
    otherwise: ListNode | None = None

    def __str__(self) -> str:
        otherwise = "" if self.otherwise is None else f"{{{{else}}}}{self.otherwise}"
        return f"{{{{{self.word} {self.pipe}}}}}{self.body}{otherwise}{{{{end}}}}"


@dataclass(frozen=True)
class Jump(Node):
    """`{{break}}` or `{{continue}}`, by `word`."""

    word: str

    def __str__(self) -> str:
        return f"{{{{{self.word}}}}}"


@dataclass(frozen=True)
class TemplateCall(Node):
    """`{{template "name" pipe}}`"""

    name: str
    pipe: Pipe | None

    def __str__(self) -> str:
        return f"{{{{template {quote(self.name)}{'' if self.pipe is None else f' {self.pipe}'}}}}}"


@dataclass(frozen=True)
class End(Node):
    """`{{end}}`; only while parsing."""

    def __str__(self) -> str:
        return "{{end}}"


@dataclass(frozen=True)
class Else(Node):
    """`{{else}}`; only while parsing."""

    def __str__(self) -> str:
        return "{{else}}"


@dataclass(frozen=True)
class Tree:
    """A template of the set that a text defines."""

    name: str
    root: ListNode

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing but blanks."""
        return all(isinstance(node, Text) and not node.text.strip() for node in self.root.nodes)


def _in_parentheses(node: Node) -> str:
    return f"({node})" if isinstance(node, Pipe) else str(node)
