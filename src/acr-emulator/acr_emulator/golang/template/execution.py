"""Carries out a parsed template, as text/template does with `missingkey=zero`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from ..errors import LimitExceededError, TemplateExecutionError
from ..formatting import sprint
from ..ordering import sorted_keys
from ..quoting import quote
from ..text import byte_length
from ..types import Sized
from .evaluation import Evaluator
from .functions import Function
from .limits import DEEPEST_CALLS, Budget
from .nodes import Action, Branch, Jump, ListNode, Node, TemplateCall, Text, Tree
from .values import INVALID, Value, element, is_true

__all__ = ["execute"]

TOO_DEEP = "exceeded maximum template depth (100000)"
"""Go's text for endless recursion; Python's stack is full much earlier."""


def execute(name: str, text: str, trees: Mapping[str, Tree], functions: Mapping[str, Function], data: Any) -> str:
    """What the template `name` of `trees`, parsed from `text`, gives for `data`.

    Raises TemplateExecutionError.
    """
    context = _Context(name, text, trees, functions)
    run = _Run(context, name, Value(data), 0)
    try:
        run.walk(Value(data), trees[name].root)
    except RecursionError:
        run.fail(TOO_DEEP)
    return "".join(context.output)


class _Jumped(Exception):  # noqa: N818 - not an error: `{{break}}` or `{{continue}}` on its way to its loop
    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def _like(number: int, value: int) -> int:
    """A value of the same type as a number."""
    return Sized(value, number.type) if isinstance(number, Sized) else value


class _Context:
    """What all templates of one execution share."""

    def __init__(self, name: str, text: str, trees: Mapping[str, Tree], functions: Mapping[str, Function]) -> None:
        self.name = name
        self.text = text
        self.trees = trees
        self.functions = functions
        self.budget = Budget()
        self.output: list[str] = []

    def location(self, node: Node) -> str:
        """The node's place: template, line, and column in bytes from 0."""
        before = self.text[: node.position]
        return f"{self.name}:{before.count(chr(10)) + 1}:{byte_length(before[before.rfind(chr(10)) + 1 :])}"


class _Run(Evaluator):
    """One template's execution, with its variables."""

    def __init__(self, context: _Context, name: str, data: Value, depth: int) -> None:
        super().__init__(context.functions, context.budget, data)
        self._context = context
        self._name = name
        self._depth = depth

    def fail(self, problem: str) -> NoReturn:
        """Refuse at the current node. Raises TemplateExecutionError."""
        location = self._context.location(self.node)
        raise TemplateExecutionError(f"template: {location}: executing {quote(self._name)} at <{self.node}>: {problem}")

    def walk(self, dot: Value, node: Node) -> None:
        """Carry out a node."""
        self.node = node
        try:
            self._context.budget.step()
        except LimitExceededError as error:
            self.fail(str(error))
        if isinstance(node, ListNode):
            for part in node.nodes:
                self.walk(dot, part)
        elif isinstance(node, Text):
            self._print(node.text)
        elif isinstance(node, Action):
            value = self.pipeline(dot, node.pipe)
            if not node.pipe.variables:
                self.node = node
                self._print("<no value>" if value.data is None else sprint([value.data]))
        elif isinstance(node, Branch):
            self._range(dot, node) if node.word == "range" else self._if_or_with(dot, node)
        elif isinstance(node, TemplateCall):
            self._call_template(dot, node)
        elif isinstance(node, Jump):
            raise _Jumped(node.word)

    def _print(self, text: str) -> None:
        self._context.output.append(text)
        try:
            self._context.budget.spend(text)
        except LimitExceededError as error:
            self.fail(str(error))

    def _if_or_with(self, dot: Value, node: Branch) -> None:
        mark = len(self.variables)
        value = self.pipeline(dot, node.pipe)
        if is_true(value.data):
            self.walk(value if node.word == "with" else dot, node.body)
        elif node.otherwise is not None:
            self.walk(dot, node.otherwise)
        del self.variables[mark:]

    def _range(self, dot: Value, node: Branch) -> None:
        outer = len(self.variables)
        value = self.pipeline(dot, node.pipe)
        mark = len(self.variables)
        is_run = False
        try:
            for index, item in self._items(node, value):
                is_run = True
                self._set_loop_variables(node, index, item)
                self._iterate(item, node.body)
                del self.variables[mark:]
        except _Jumped:
            pass
        if not is_run and node.otherwise is not None:
            self.walk(dot, node.otherwise)
        del self.variables[outer:]

    def _iterate(self, item: Value, body: ListNode) -> None:
        try:
            self.walk(item, body)
        except _Jumped as jump:
            if jump.word == "break":
                raise

    def _items(self, node: Branch, value: Value) -> Iterator[tuple[Value, Value]]:
        """What a loop goes through: indices or keys, and elements."""
        data = value.data
        if isinstance(data, list):
            yield from ((Value(index), element(data, item)) for index, item in enumerate(data))
        elif isinstance(data, dict):
            yield from ((Value(key), element(data, data[key])) for key in sorted_keys(data))
        elif isinstance(data, int) and not isinstance(data, bool):
            if len(node.pipe.variables) > 1:
                self.fail(f"can't use {data} to iterate over more than one variable")
            yield from ((INVALID, Value(_like(data, number))) for number in range(data))
        elif data is not None:
            self.fail(f"range can't iterate over {sprint([data])}")

    def _set_loop_variables(self, node: Branch, index: Value, item: Value) -> None:
        names = [variable.names[0] for variable in node.pipe.variables]
        values = [index, item] if len(names) > 1 else [item]
        if node.pipe.is_assignment:
            for name, value in zip(names, values, strict=False):
                self.assign(name, value)
        elif names:
            self.variables[-len(names) :] = list(zip(names, values, strict=True))

    def _call_template(self, dot: Value, node: TemplateCall) -> None:
        tree = self._context.trees.get(node.name)
        if tree is None:
            self.fail(f"template {quote(node.name)} not defined")
        if self._depth >= DEEPEST_CALLS:
            self.fail(TOO_DEEP)
        value = INVALID if node.pipe is None else self.pipeline(dot, node.pipe)
        _Run(self._context, node.name, value, self._depth + 1).walk(value, tree.root)
