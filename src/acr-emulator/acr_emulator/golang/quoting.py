"""Package strconv's quoting: strings and characters as Go writes and reads them."""

from __future__ import annotations

import re

from .errors import GoError
from .text import from_bytes, is_print, to_bytes

__all__ = ["quote", "quote_character", "unquote", "unquote_character"]

NAMED = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\"}
ESCAPED = {written[1]: character for character, written in NAMED.items()}
DIGITS = {"x": 2, "u": 4, "U": 8}
SYNTAX = "invalid syntax"
PLAIN = re.compile(r'[^"\\\n]+')
LONGEST_ESCAPE = 10


def quote(text: str, ascii_only: bool = False) -> str:
    """strconv.Quote, or QuoteToASCII."""
    return '"' + "".join(_written(character, '"', ascii_only) for character in text) + '"'


def quote_character(code: int, ascii_only: bool = False) -> str:
    """strconv.QuoteRune, or QuoteRuneToASCII; a code that is no character becomes U+FFFD."""
    is_valid = 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return "'" + _written(chr(code) if is_valid else "\ufffd", "'", ascii_only) + "'"


def _written(character: str, mark: str, ascii_only: bool) -> str:
    code = ord(character)
    if character == mark:
        return "\\" + mark
    if character in NAMED:
        return NAMED[character]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if is_print(character) and (code < 0x80 or not ascii_only):
        return character
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def unquote(literal: str) -> str:
    """strconv.Unquote: the string that a Go string literal with its quotes stands for.

    Raises GoError(`invalid syntax`).
    """
    if literal.startswith("`"):
        return literal[1:-1].replace("\r", "")
    inner = literal[1:-1]
    pieces = []
    position = 0
    while position < len(inner):
        if plain := PLAIN.match(inner, position):
            pieces.append(to_bytes(plain[0]))
            position = plain.end()
            continue
        if inner[position] != "\\":
            raise GoError(SYNTAX)
        code, is_byte, length = _escape(inner[position : position + LONGEST_ESCAPE], '"')
        pieces.append(bytes([code]) if is_byte else chr(code).encode())
        position += length
    return from_bytes(b"".join(pieces))


def unquote_character(literal: str) -> tuple[int, str]:
    """strconv.UnquoteChar after the opening quote of a character: its code, and what follows.

    Raises GoError(`invalid syntax`).
    """
    if not literal or literal[0] == "'":
        raise GoError(SYNTAX)
    if literal[0] != "\\":
        return ord(literal[0]), literal[1:]
    code, _, length = _escape(literal, "'")
    return code, literal[length:]


def _escape(text: str, mark: str) -> tuple[int, bool, int]:
    """The code of the escape sequence at the start, whether it means a byte, and the sequence's length."""
    kind = text[1:2]
    if kind in ESCAPED:
        return ord(ESCAPED[kind]), False, 2
    if kind == mark:
        return ord(mark), False, 2
    if octal := re.match(r"\\([0-7]{3})", text):
        code = int(octal[1], 8)
        if code > 255:
            raise GoError(SYNTAX)
        return code, True, 4
    length = DIGITS.get(kind, 0)
    digits = text[2 : 2 + length]
    if not length or not re.fullmatch(f"[0-9A-Fa-f]{{{length}}}", digits):
        raise GoError(SYNTAX)
    code = int(digits, 16)
    if kind != "x" and (code > 0x10FFFF or 0xD800 <= code <= 0xDFFF):
        raise GoError(SYNTAX)
    return code, kind == "x", 2 + length
