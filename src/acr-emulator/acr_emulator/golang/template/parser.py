"""Parses a template's text into trees, as text/template does, with its refusals."""

from __future__ import annotations

from collections.abc import Container

from ..quoting import quote
from .nodes import Action, Branch, Else, End, Jump, ListNode, Node, TemplateCall, Text, Tree
from .pipelines import PipelineParser
from .tokens import Kind, Token

__all__ = ["parse"]


def parse(name: str, text: str, functions: Container[str]) -> dict[str, Tree]:
    """The templates that a text defines by name: its own, and those of `define` and `block`.

    Raises TemplateParseError.
    """
    parser = _Parser(name, text, functions)
    parser.parse()
    return parser.trees


class _Parser(PipelineParser):
    def __init__(self, name: str, text: str, functions: Container[str]) -> None:
        super().__init__(name, text, functions)
        self.trees: dict[str, Tree] = {}
        self._ranges = 0

    def parse(self) -> None:
        """Read the whole text."""
        root = ListNode(self.peek().position)
        while self.peek().kind is not Kind.EOF:
            if self._is_definition():
                self._definition()
                continue
            node = self._text_or_action()
            if isinstance(node, End | Else):
                self.fail(f"unexpected {node}")
            root.nodes.append(node)
        self._add(Tree(self.name, root))

    def _add(self, tree: Tree) -> None:
        known = self.trees.get(tree.name)
        if known is None or known.is_empty:
            self.trees[tree.name] = tree
        elif not tree.is_empty:
            self.fail(f"template: multiple definition of template {quote(tree.name)}")

    def _is_definition(self) -> bool:
        """Whether a definition comes; then its first two words are taken."""
        if self.peek().kind is not Kind.LEFT_DELIMITER:
            return False
        delimiter = self.take()
        word = self.next_word()
        if word.kind is Kind.DEFINE:
            return True
        self.back(delimiter, word)
        return False

    def _definition(self) -> None:
        context = "define clause"
        name = self.unquoted(self.expect(context, Kind.STRING, Kind.RAW_STRING))
        self.expect(context, Kind.RIGHT_DELIMITER)
        self._body_of(name, context)

    def _body_of(self, name: str, context: str) -> None:
        """The body of a definition, which knows no variables of the text around it."""
        outer = self.variables, self._ranges, self.action_line
        self.variables, self._ranges, self.action_line = ["$"], 0, 0
        before = self.newest
        root, end = self._list()
        if not isinstance(end, End):
            self.newest = before if context == "block clause" else self.newest
            self.fail(f"unexpected {end} in {context}")
        self.variables, self._ranges, self.action_line = outer
        self._add(Tree(name, root))

    def _list(self) -> tuple[ListNode, Node]:
        """Nodes up to `{{end}}` or `{{else}}`, and which of them it was."""
        body = ListNode(self.peek_word().position)
        self.deeper()
        while True:
            if self.peek_word().kind is Kind.EOF:
                self.fail("unexpected EOF")
            node = self._text_or_action()
            if isinstance(node, End | Else):
                self.deeper(-1)
                return body, node
            body.nodes.append(node)

    def _text_or_action(self) -> Node:
        token = self.next_word()
        if token.kind is Kind.TEXT:
            return Text(token.position, token.value)
        if token.kind is not Kind.LEFT_DELIMITER:
            self.unexpected(token, "input")
        self.action_line = token.line
        node = self._action()
        self.action_line = 0
        return node

    def _action(self) -> Node:
        token = self.next_word()
        if token.kind in (Kind.IF, Kind.RANGE, Kind.WITH):
            return self._branch(token.value)
        if token.kind in (Kind.BREAK, Kind.CONTINUE):
            return self._jump(token)
        if token.kind in (Kind.BLOCK, Kind.TEMPLATE):
            return self._block() if token.kind is Kind.BLOCK else self._template()
        if token.kind is Kind.ELSE:
            return self._else()
        if token.kind is Kind.END:
            return End(self.expect("end", Kind.RIGHT_DELIMITER).position)
        self.back(token)
        return Action(self.peek().position, self.pipeline("command", Kind.RIGHT_DELIMITER))

    def _jump(self, word: Token) -> Node:
        token = self.next_word()
        if token.kind is not Kind.RIGHT_DELIMITER:
            self.unexpected(token, f"{{{{{word.value}}}}}")
        if self._ranges == 0:
            self.fail(f"{{{{{word.value}}}}} outside {{{{range}}}}")
        return Jump(word.position, word.value)

    def _else(self) -> Node:
        token = self.peek_word()
        if token.kind not in (Kind.IF, Kind.WITH):
            token = self.expect("else", Kind.RIGHT_DELIMITER)
        return Else(token.position)

    def _branch(self, word: str) -> Branch:
        count = len(self.variables)
        pipe = self.pipeline(word, Kind.RIGHT_DELIMITER)
        self._ranges += word == "range"
        body, end = self._list()
        self._ranges -= word == "range"
        otherwise = None if isinstance(end, End) else self._otherwise(word, end)
        del self.variables[count:]
        return Branch(pipe.position, word, pipe, body, otherwise)

    def _otherwise(self, word: str, opening: Node) -> ListNode:
        """What follows `{{else}}`; `{{else if}}` and `{{else with}}` share the `{{end}}`."""
        if word != "range" and self.peek().value == word and self.peek().kind in (Kind.IF, Kind.WITH):
            self.take()
            self.deeper()
            body = ListNode(opening.position, [self._branch(word)])
            self.deeper(-1)
            return body
        body, end = self._list()
        if not isinstance(end, End):
            self.fail(f"expected end; found {end}")
        return body

    def _block(self) -> Node:
        context = "block clause"
        token = self.next_word()
        name = self._template_name(token, context)
        pipe = self.pipeline(context, Kind.RIGHT_DELIMITER)
        self._body_of(name, context)
        return TemplateCall(token.position, name, pipe)

    def _template(self) -> Node:
        context = "template clause"
        token = self.next_word()
        name = self._template_name(token, context)
        following = self.next_word()
        if following.kind is Kind.RIGHT_DELIMITER:
            return TemplateCall(token.position, name, None)
        self.back(following)
        return TemplateCall(token.position, name, self.pipeline(context, Kind.RIGHT_DELIMITER))

    def _template_name(self, token: Token, context: str) -> str:
        if token.kind not in (Kind.STRING, Kind.RAW_STRING):
            self.unexpected(token, context)
        return self.unquoted(token)
