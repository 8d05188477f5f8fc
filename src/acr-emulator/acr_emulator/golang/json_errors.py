"""What Go's package `encoding/json` says of a text that is no JSON."""

from __future__ import annotations

from json import JSONDecodeError

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


def syntax_problem(error: JSONDecodeError) -> str:
    """Go's text for what Python's decoder found."""
    text, position, context = error.doc, error.pos, CONTEXTS.get(error.msg.removesuffix(": "))
    if error.msg == "Expecting ',' delimiter":
        context = "after object key:value pair" if _is_in_object(text[:position]) else "after array element"
    if error.msg == "Expecting value" and (literal := _begun_literal(text[position:])):
        length = len(_common_start(text[position:], literal))
        position += length
        context = f"in literal {literal} (expecting {_quoted(literal[length])})"
    if error.msg.startswith("Invalid \\escape"):
        position += 1
    if error.msg.startswith("Unterminated") or position >= len(text):
        return "unexpected end of JSON input"
    return f"invalid character {_quoted(text[position])} {context}"


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
    if character == "'":
        return r"'\''"
    if character == '"':
        return "'\"'"
    escapes = {"\n": r"\n", "\t": r"\t", "\r": r"\r", "\\": r"\\"}
    return f"'{escapes.get(character, character)}'"
