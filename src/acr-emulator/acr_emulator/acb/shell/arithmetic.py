"""What stands in `$((..))`: C's operators on signed numbers of 64 bits, without `++` and `--`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping

__all__ = ["ShellArithmeticError", "evaluate"]

TOKEN = re.compile(
    r"\s*(?:(?P<number>0[xX][0-9a-fA-F]+|0[0-7]*(?![0-9])|[1-9][0-9]*|0)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<operator><<=|>>=|&&|\|\||<<|>>|[-+*/%&|^<>=!]=|[-+*/%&|^<>=!~?:()]))"
)
LEVELS: tuple[tuple[str, ...], ...] = (
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", "<=", ">", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
)
"""Operators of two numbers, from those that bind least; `&&`, `||`, `?:` and assignments come before."""

ASSIGNMENTS = ("=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|=")
DEEPEST = 50


class ShellArithmeticError(Exception):
    """An expression that the shell refuses; the text is the shell's."""


def evaluate(text: str, variables: MutableMapping[str, str]) -> int:
    """The value of an expression, assignments in it carried out. Raises ShellArithmeticError."""
    try:
        return _Evaluator(text, variables).run()
    except _RefusalError as error:
        raise ShellArithmeticError(f'arithmetic expression: {error}: "{text}"') from error


class _RefusalError(Exception):
    pass


class _Evaluator:
    def __init__(self, text: str, variables: MutableMapping[str, str]) -> None:
        self._text = text
        self._variables = variables
        self._position = 0
        self._depth = 0
        self._is_idle = 0
        self._advance()

    def run(self) -> int:
        value = self._assignment()
        if self._kind is not None:
            raise _RefusalError("expecting EOF")
        return value

    def _advance(self) -> None:
        match = TOKEN.match(self._text, self._position)
        if match is None:
            self._kind = None if not self._text[self._position :].strip() else "bad"
            self._value = ""
            return
        self._kind = match.lastgroup
        self._value = match[str(match.lastgroup)]
        self._position = match.end()

    def _take(self, *operators: str) -> str:
        if self._kind == "operator" and self._value in operators:
            operator = self._value
            self._advance()
            return operator
        return ""

    def _assignment(self) -> int:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _RefusalError("too deep")
        if self._kind == "name":
            before = (self._position, self._kind, self._value)
            name = self._value
            self._advance()
            if operator := self._take(*ASSIGNMENTS):
                right = self._assignment()
                value = right if operator == "=" else self._apply(operator[:-1], self._number_of(name), right)
                if not self._is_idle:
                    self._variables[name] = str(value)
                self._depth -= 1
                return value
            self._position, self._kind, self._value = before
        value = self._conditional()
        self._depth -= 1
        return value

    def _conditional(self) -> int:
        condition = self._or()
        if not self._take("?"):
            return condition
        then = self._idle_if(not condition, self._assignment)
        if not self._take(":"):
            raise _RefusalError("expecting ':'")
        otherwise = self._idle_if(bool(condition), self._conditional)
        return then if condition else otherwise

    def _or(self) -> int:
        value = self._and()
        while self._take("||"):
            right = self._idle_if(bool(value), self._and)
            value = int(bool(value) or bool(right))
        return value

    def _and(self) -> int:
        value = self._binary(0)
        while self._take("&&"):
            right = self._idle_if(not value, lambda: self._binary(0))
            value = int(bool(value) and bool(right))
        return value

    def _idle_if(self, is_idle: bool, read: Callable[[], int]) -> int:
        self._is_idle += is_idle
        value = read()
        self._is_idle -= is_idle
        return value

    def _binary(self, level: int) -> int:
        if level == len(LEVELS):
            return self._unary()
        value = self._binary(level + 1)
        while operator := self._take(*LEVELS[level]):
            value = self._apply(operator, value, self._binary(level + 1))
        return value

    def _unary(self) -> int:
        signs: list[str] = []
        while sign := self._take("-", "+", "!", "~"):
            signs.append(sign)
        value = self._primary()
        for sign in reversed(signs):
            value = _wrapped({"-": -value, "+": value, "!": int(not value), "~": ~value}[sign])
        return value

    def _primary(self) -> int:
        if self._take("("):
            value = self._assignment()
            if not self._take(")"):
                raise _RefusalError("expecting ')'")
            return value
        kind, text = self._kind, self._value
        if kind not in ("number", "name"):
            raise _RefusalError("expecting primary")
        self._advance()
        return self._number_of(text) if kind == "name" else _number(text)

    def _number_of(self, name: str) -> int:
        text = self._variables.get(name, "").strip() or "0"
        sign = -1 if text.startswith("-") else 1
        match = TOKEN.fullmatch(text.removeprefix("-").removeprefix("+"))
        if match is None or match["number"] is None:
            raise ShellArithmeticError(f"Illegal number: {self._variables.get(name)}")
        return sign * _number(match["number"])

    def _apply(self, operator: str, left: int, right: int) -> int:
        if operator in "/%" and right == 0:
            if self._is_idle:
                return 0
            raise _RefusalError("division by zero")
        return _wrapped(OPERATIONS[operator](left, right))


def _quotient(left: int, right: int) -> int:
    value = abs(left) // abs(right)
    return value if (left < 0) == (right < 0) else -value


OPERATIONS: Mapping[str, Callable[[int, int], int]] = {
    "|": lambda left, right: left | right,
    "^": lambda left, right: left ^ right,
    "&": lambda left, right: left & right,
    "==": lambda left, right: int(left == right),
    "!=": lambda left, right: int(left != right),
    "<": lambda left, right: int(left < right),
    "<=": lambda left, right: int(left <= right),
    ">": lambda left, right: int(left > right),
    ">=": lambda left, right: int(left >= right),
    "<<": lambda left, right: left << (right & 63),
    ">>": lambda left, right: left >> (right & 63),
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _quotient,
    "%": lambda left, right: left - right * _quotient(left, right),
}


def _number(text: str) -> int:
    """A number in C's notation; one that is too large is the largest, as strtoimax has it."""
    base = 16 if text[:2] in ("0x", "0X") else 8 if text.startswith("0") else 10
    return min(int(text, base), 2**63 - 1)


def _wrapped(value: int) -> int:
    return (value + 2**63) % 2**64 - 2**63
