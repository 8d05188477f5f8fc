"""Evaluates the pipelines of a template: commands, fields, calls and their arguments, by Go's typing rules."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from ..errors import GoError
from ..types import ANY, STRING, Struct, Type, type_of
from .functions import Function
from .limits import Budget, check_size
from .methods import method_of
from .nodes import (
    Bool,
    Chain,
    Command,
    Dot,
    Field,
    Identifier,
    Nil,
    Node,
    Number,
    Pipe,
    String,
    Text,
    Variable,
)
from .values import INVALID, VALUE, Value, element, is_true, reflected_string

__all__ = ["Evaluator"]


class Evaluator(ABC):
    """Pipelines and what they are made of; `node` is where an error is placed."""

    def __init__(self, functions: Mapping[str, Function], budget: Budget, data: Value) -> None:
        self.node: Node = Text(0, "")
        self.variables: list[tuple[str, Value]] = [("$", data)]
        self._functions = functions
        self._budget = budget

    @abstractmethod
    def fail(self, problem: str) -> NoReturn:
        """Refuse at the current node."""

    def assign(self, name: str, value: Value) -> None:
        """Give the nearest variable of that name another value."""
        self.variables[self._number_of(name)] = (name, value)

    def _variable(self, name: str) -> Value:
        return self.variables[self._number_of(name)][1]

    def _number_of(self, name: str) -> int:
        """The place of the nearest variable of that name; what declares it may have been left out by `and` or `or`."""
        places = [number for number, (known, _) in enumerate(self.variables) if known == name]
        if not places:
            self.fail(f"undefined variable: {name}")
        return places[-1]

    def pipeline(self, dot: Value, pipe: Pipe) -> Value:
        """The value of a pipeline; the variables that it declares stay."""
        self.node = pipe
        value = self._command(dot, pipe.commands[0], None).unboxed()
        for command in pipe.commands[1:]:
            value = self._command(dot, command, value).unboxed()
        for variable in pipe.variables:
            if pipe.is_assignment:
                self.assign(variable.names[0], value)
            else:
                self.variables.append((variable.names[0], value))
        return value

    def _command(self, dot: Value, command: Command, final: Value | None) -> Value:
        """A command's value; `final` is that of the command before it in the pipeline, its last argument."""
        first, arguments = command.arguments[0], command.arguments[1:]
        if isinstance(first, Field):
            self.node = first
            return self._fields(dot, first, first.names, arguments, final)
        if isinstance(first, Chain):
            return self._chain(dot, first, arguments, final)
        if isinstance(first, Identifier):
            return self._function(dot, first, command, arguments, final)
        if isinstance(first, Variable):
            return self._variable_fields(first, arguments, final)
        return self._plain_command(dot, first, bool(arguments) or final is not None)

    def _plain_command(self, dot: Value, first: Node, has_arguments: bool) -> Value:
        """A command that takes no arguments."""
        if not isinstance(first, Pipe):
            self.node = first
        if has_arguments:
            self.fail(f"can't give argument to non-function {first}")
        if isinstance(first, Nil):
            self.fail("nil is not a command")
        if isinstance(first, Pipe):
            return self.pipeline(dot, first)
        return dot if isinstance(first, Dot) else self._constant(first)

    def _constant(self, node: Node) -> Value:
        """A literal's value where no type is asked for."""
        if isinstance(node, Bool):
            return Value(node.is_true)
        if isinstance(node, String):
            return Value(node.text)
        number = node if isinstance(node, Number) else Number(node.position, "")
        self.node = node
        return self._untyped(number)

    def _untyped(self, node: Number) -> Value:
        if node.complex is not None:
            return Value(node.complex)
        is_hexadecimal = node.text[:2].lower() == "0x" and not any(mark in node.text for mark in "pP")
        is_written_with_point = any(mark in node.text for mark in ".eEpP") and node.text[0] != "'"
        if node.floating is not None and is_written_with_point and not is_hexadecimal:
            return Value(node.floating)
        if node.integer is None:
            self.fail(f"{node.text} overflows int")
        return Value(node.integer)

    # Fields

    def _chain(self, dot: Value, chain: Chain, arguments: Sequence[Node], final: Value | None) -> Value:
        self.node = chain
        if isinstance(chain.node, Nil):
            self.fail(f"indirection through explicit nil in {chain}")
        receiver = self._argument(dot, None, chain.node)
        return self._fields(receiver, chain, chain.names, arguments, final)

    def _variable_fields(self, variable: Variable, arguments: Sequence[Node], final: Value | None) -> Value:
        self.node = variable
        value = self._variable(variable.names[0])
        if len(variable.names) > 1:
            return self._fields(value, variable, variable.names[1:], arguments, final)
        if arguments or final is not None:
            self.fail(f"can't give argument to non-function {variable}")
        return value

    def _fields(
        self, receiver: Value, node: Node, names: Sequence[str], arguments: Sequence[Node], final: Value | None
    ) -> Value:
        for name in names[:-1]:
            receiver = self._field(name, node, [], None, receiver)
        return self._field(names[-1], node, arguments, final, receiver)

    def _field(self, name: str, node: Node, arguments: Sequence[Node], final: Value | None, receiver: Value) -> Value:
        if not receiver.is_valid:
            return INVALID
        static = receiver.type
        if receiver.is_nil_interface:
            self.fail(f"nil pointer evaluating {static.name}.{name}")
        data = receiver.data
        if (method := method_of(data, name)) is not None:
            return self._call(INVALID, method, node, arguments, final)
        has_arguments = bool(arguments) or final is not None
        if isinstance(data, Struct) and name in data.fields:
            if has_arguments:
                self.fail(f"{name} has arguments but cannot be invoked as function")
            return Value(data.fields[name])
        if not isinstance(data, dict):
            self.fail(f"can't evaluate field {name} in type {static.name}")
        return self._map_field(data, name, has_arguments, static)

    def _map_field(self, data: dict[Any, Any], name: str, has_arguments: bool, static: Type) -> Value:
        kind = type_of(data)
        if kind.key is None or not kind.key.accepts(STRING):
            self.fail(f"can't evaluate field {name} in type {static.name}")
        if has_arguments:
            self.fail(f"{name} is not a method but has arguments")
        return element(data, data[name]) if name in data else zero_element(kind)

    # Calls

    def _function(
        self, dot: Value, name: Identifier, node: Node, arguments: Sequence[Node], final: Value | None
    ) -> Value:
        self.node = name
        return self._call(dot, self._functions[name.name], node, arguments, final)

    def _call(
        self, dot: Value, function: Function, node: Node, arguments: Sequence[Node], final: Value | None
    ) -> Value:
        count = len(arguments) + (final is not None)
        fixed = len(function.parameters)
        if function.rest is not None and count < fixed:
            self.fail(f"wrong number of args for {function.name}: want at least {fixed} got {len(arguments)}")
        if function.rest is None and count != fixed:
            self.fail(f"wrong number of args for {function.name}: want {fixed} got {count}")
        if function.name in ("and", "or"):
            return self._short_circuit(dot, function.name == "or", arguments, final)
        values = [self._argument(dot, function.parameter(number), node) for number, node in enumerate(arguments)]
        if final is not None:
            values.append(self._validated(final, function.parameter(count - 1)))
        if function.name == "call":
            callee = str(arguments[0]) if arguments else reflected_string(values[0])
            values.insert(0, Value(callee))
        return self._result(function, node, values)

    def _result(self, function: Function, node: Node, values: Sequence[Value]) -> Value:
        takes_values = VALUE in (*function.parameters, function.rest)
        try:
            check_size(sum(len(value.data) for value in values if isinstance(value.data, str)))
            result = function.call(*values) if takes_values else function.call(*(value.data for value in values))
            self._budget.spend(result)
        except GoError as error:
            self.node = node
            self.fail(f"error calling {function.name}: {error}")
        return result if isinstance(result, Value) else Value(result, function.returns_any)

    def _short_circuit(self, dot: Value, wanted: bool, arguments: Sequence[Node], final: Value | None) -> Value:
        value = INVALID
        for argument in arguments:
            value = self._argument(dot, VALUE, argument)
            if is_true(value.data) == wanted:
                return value
        return value if final is None else final

    # Arguments

    def _argument(self, dot: Value, wanted: Type | None, node: Node) -> Value:
        """An argument's value as the type that its parameter is of; None: whatever it is."""
        self.node = node
        if isinstance(node, Nil):
            if wanted is not None and not wanted.can_be_nil and wanted != VALUE:
                self.fail(f"cannot assign nil to {wanted.name}")
            return self._nil_of(wanted)
        if isinstance(node, Bool | Number | String):
            return self._literal(wanted or ANY, node)
        return self._validated(self._operand(dot, node), wanted)

    def _operand(self, dot: Value, node: Node) -> Value:
        if isinstance(node, Dot):
            return dot
        if isinstance(node, Field):
            return self._fields(dot, node, node.names, [], None)
        if isinstance(node, Variable):
            return self._variable_fields(node, [], None)
        if isinstance(node, Pipe):
            return self.pipeline(dot, node)
        if isinstance(node, Identifier):
            return self._function(dot, node, node, [], None)
        return self._chain(dot, node, [], None) if isinstance(node, Chain) else INVALID

    def _literal(self, wanted: Type, node: Node) -> Value:
        self.node = node
        kind = wanted.kind
        if kind == "interface" or wanted == VALUE:
            return self._constant(node)
        found: Any = None
        expected = kind
        if kind == "bool":
            found = node.is_true if isinstance(node, Bool) else None
        elif kind == "string":
            found = node.text if isinstance(node, String) else None
        elif not kind.startswith(("int", "uint", "float", "complex")):
            self.fail(f"can't handle {node} for arg of type {wanted.name}")
        else:
            expected, found = _number_as(kind, node)
        if found is None:
            self.fail(f"expected {expected}; found {node}")
        return Value(found)

    def _nil_of(self, wanted: Type | None) -> Value:
        return INVALID if wanted is None or wanted == VALUE else Value(None, wanted.kind == "interface")

    def _validated(self, value: Value, wanted: Type | None) -> Value:
        if not value.is_valid:
            if wanted is None or wanted == VALUE or wanted.can_be_nil:
                return self._nil_of(wanted)
            self.fail(f"invalid value; expected {wanted.name}")
        if wanted is None or wanted == VALUE or wanted.accepts(value.type):
            return value
        if value.data is not None:
            value = value.unboxed()
        if not wanted.accepts(value.type):
            self.fail(f"wrong type for value; expected {wanted.name}; got {value.type.name}")
        return value


def _number_as(kind: str, node: Node) -> tuple[str, Any]:
    """What a parameter of a numeric kind expects, and the literal's value as that; None if it has none."""
    number = node if isinstance(node, Number) else Number(node.position, "")
    if kind.startswith("uint"):
        return "unsigned integer", number.unsigned
    if kind.startswith("int"):
        return "integer", number.integer
    return ("float", number.floating) if kind.startswith("float") else ("complex", number.complex)


def zero_element(kind: Type) -> Value:
    """The zero of a map's elements, which a missing key gives."""
    if kind.element == STRING:
        return Value("")
    if kind.element is not None and kind.element.kind == "int":
        return Value(0)
    return Value(None, is_boxed=True)
