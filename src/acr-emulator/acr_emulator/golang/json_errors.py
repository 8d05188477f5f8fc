"""What Go's package `encoding/json` says of a text that is no JSON."""

from __future__ import annotations

import re
from json import JSONDecodeError

from .quoting import quote
from .text import to_bytes

__all__ = ["syntax_problem"]

LITERALS = ("true", "false", "null")
CONTEXTS = {
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting ':' delimiter": "after object key",
    "Extra data": "after top-level value",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
    "Invalid \\uXXXX escape": "in \\u hexadecimal character escape",
}


NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
UNICODE = re.compile(r"\\u[0-9a-fA-F]{0,3}")
EXPONENT = re.compile("[eE][+-]?")


def syntax_problem(error: JSONDecodeError) -> str:
    """Go's text for what Python's decoder found (up to Go 1.26).

    At the end of a text Go tries a blank: what cannot hold one is refused for it.
    """
    text, position, context = error.doc, error.pos, CONTEXTS.get(error.msg.removesuffix(": "))
    if error.msg == "Expecting ',' delimiter":
        context = "after object key:value pair" if _is_in_object(text[:position]) else "after array element"
    if error.msg == "Expecting value" and (literal := _begun_literal(text[position:])):
        length = len(_common_start(text[position:], literal))
        position += length
        context = f"in literal {literal} (expecting {_quoted(literal[length])})"
    elif number := _begun_number(text, position, is_value=error.msg == "Expecting value"):
        length, context = number
        position += length
    if error.msg.startswith("Invalid \\escape"):
        position += 1
    if unicode := UNICODE.match(text, position - 1):
        position = unicode.end()
    is_within = str(context).startswith(("in literal", "in numeric", "in exponent", "after decimal"))
    if error.msg.startswith("Unterminated") or (position >= len(text) and not is_within):
        return "unexpected end of JSON input"
    return f"invalid character {_quoted(text[position : position + 1] or ' ')} {context}"


def _begun_number(text: str, position: int, is_value: bool) -> tuple[int, str] | None:
    """What follows at a place as a part of a number that is not complete: its length, and the context behind it."""
    if is_value:
        return (1, "in numeric literal") if text.startswith("-", position) else None
    before = NUMBER.search(text[:position])
    if before is None or before[2]:
        return None
    if text.startswith(".", position) and not before[1]:
        return 1, "after decimal point in numeric literal"
    exponent = EXPONENT.match(text, position)
    return (len(exponent[0]), "in exponent of numeric literal") if exponent else None


def _begun_literal(text: str) -> str:
    return next((literal for literal in LITERALS if text[:1] == literal[0]), "")


def _common_start(text: str, literal: str) -> str:
    length = 0
    while length < len(literal) - 1 and text[length : length + 1] == literal[length]:
        length += 1
    return literal[:length]


def _is_in_object(text: str) -> bool:
    """Whether the innermost bracket that is open at the end of a text is an object's."""
    open_brackets: list[str] = []
    is_string = is_escaped = False
    for character in text:
        if is_string:
            is_string = is_escaped or character != '"'
            is_escaped = character == "\\" and not is_escaped
        elif character == '"':
            is_string = True
        elif character in "{[":
            open_brackets.append(character)
        elif character in "}]":
            open_brackets.pop()
    return open_brackets[-1:] == ["{"]


def _quoted(character: str) -> str:
    """A character as Go quotes it: of one that is not ASCII the first byte."""
    if character == "'":
        return r"'\''"
    if character == '"':
        return "'\"'"
    return f"'{quote(chr(to_bytes(character)[0]))[1:-1]}'"
