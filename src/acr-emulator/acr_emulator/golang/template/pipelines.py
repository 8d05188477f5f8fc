"""Parses the pipelines of a template: commands, their operands, and the variables that they declare."""

from __future__ import annotations

from collections.abc import Container

from ..errors import GoError
from ..quoting import quote, unquote
from .literals import parse_number
from .nodes import Bool, Chain, Command, Dot, Field, Identifier, Nil, Node, Number, Pipe, String, Variable
from .reader import TokenReader
from .tokens import Kind, Token

__all__ = ["PipelineParser"]

OPERANDS = frozenset(
    {
        Kind.BOOL,
        Kind.CHARACTER_CONSTANT,
        Kind.COMPLEX,
        Kind.DOT,
        Kind.FIELD,
        Kind.IDENTIFIER,
        Kind.NUMBER,
        Kind.NIL,
        Kind.RAW_STRING,
        Kind.STRING,
        Kind.VARIABLE,
        Kind.LEFT_PARENTHESIS,
    }
)


class PipelineParser(TokenReader):
    """Pipelines; `variables` are those that are known where the parser is."""

    def __init__(self, name: str, text: str, functions: Container[str]) -> None:
        super().__init__(name, text)
        self.variables = ["$"]
        self._functions = functions

    def unquoted(self, token: Token) -> str:
        """The string that a literal stands for."""
        try:
            return unquote(token.value)
        except GoError as error:
            self.fail(str(error))

    def pipeline(self, context: str, end: Kind) -> Pipe:
        """The pipeline up to the token that ends it, which is taken."""
        position = self.peek_word().position
        variables, is_assignment = self._declarations(context)
        pipe = Pipe(position, variables, [], is_assignment)
        while True:
            token = self.next_word()
            if token.kind is end:
                self._check(pipe, context)
                return pipe
            if token.kind not in OPERANDS:
                self.unexpected(token, context)
            self.back(token)
            pipe.commands.append(self._command())

    def _declarations(self, context: str) -> tuple[list[Variable], bool]:
        """The variables before `:=` or `=`, and whether it is `=`."""
        variables: list[Variable] = []
        while self.peek_word().kind is Kind.VARIABLE:
            variable = self.take()
            adjacent = self.peek()
            sign = self.next_word()
            if sign.kind not in (Kind.ASSIGN, Kind.DECLARE) and sign.value != ",":
                self.back(variable, *([adjacent] if adjacent.kind is Kind.SPACE else []), sign)
                break
            variables.append(Variable(variable.position, variable.value.split(".")))
            self.variables.append(variable.value)
            if sign.value != ",":
                return variables, sign.kind is Kind.ASSIGN
            if context != "range" or len(variables) > 1:
                self.fail(f"too many declarations in {context}")
            if self.peek_word().kind not in (Kind.VARIABLE, Kind.RIGHT_DELIMITER, Kind.RIGHT_PARENTHESIS):
                self.fail("range can only initialize variables")
        return variables, False

    def _check(self, pipe: Pipe, context: str) -> None:
        if not pipe.commands:
            self.fail(f"missing value for {context}")
        for stage, command in enumerate(pipe.commands[1:], 2):
            if isinstance(command.arguments[0], Bool | Dot | Nil | Number | String):
                self.fail(f"non executable command in pipeline stage {stage}")

    def _command(self) -> Command:
        command = Command(self.peek_word().position)
        while True:
            self.peek_word()
            operand = self._operand()
            if operand is not None:
                command.arguments.append(operand)
            token = self.take()
            if token.kind is Kind.SPACE:
                continue
            if token.kind in (Kind.RIGHT_DELIMITER, Kind.RIGHT_PARENTHESIS):
                self.back(token)
            elif token.kind is not Kind.PIPE:
                self.unexpected(token, "operand")
            break
        if not command.arguments:
            self.fail("empty command")
        return command

    def _operand(self) -> Node | None:
        node = self._term()
        if node is None or self.peek().kind is not Kind.FIELD:
            return node
        position = self.peek().position
        names = []
        while self.peek().kind is Kind.FIELD:
            names.append(self.take().value[1:])
        if isinstance(node, Field | Variable):
            return type(node)(position, [*node.names, *names])
        if isinstance(node, Bool | String | Number | Nil | Dot):
            self.fail(f"unexpected . after term {quote(str(node))}")
        return Chain(position, node, names)

    def _term(self) -> Node | None:
        token = self.next_word()
        if token.kind is Kind.IDENTIFIER:
            if token.value not in self._functions:
                self.fail(f"function {quote(token.value)} not defined")
            return Identifier(token.position, token.value)
        if token.kind is Kind.VARIABLE:
            if token.value not in self.variables:
                self.fail(f"undefined variable {quote(token.value)}")
            return Variable(token.position, [token.value])
        if token.kind is Kind.FIELD:
            return Field(token.position, [token.value[1:]])
        if token.kind is Kind.LEFT_PARENTHESIS:
            self.deeper()
            pipe = self.pipeline("parenthesized pipeline", Kind.RIGHT_PARENTHESIS)
            self.deeper(-1)
            return pipe
        literal = self._literal(token)
        if literal is None:
            self.back(token)
        return literal

    def _literal(self, token: Token) -> Node | None:
        if token.kind is Kind.DOT:
            return Dot(token.position)
        if token.kind is Kind.NIL:
            return Nil(token.position)
        if token.kind is Kind.BOOL:
            return Bool(token.position, token.value == "true")
        if token.kind in (Kind.STRING, Kind.RAW_STRING):
            return String(token.position, token.value, self.unquoted(token))
        if token.kind not in (Kind.CHARACTER_CONSTANT, Kind.COMPLEX, Kind.NUMBER):
            return None
        try:
            return parse_number(token)
        except GoError as error:
            self.fail(str(error))
