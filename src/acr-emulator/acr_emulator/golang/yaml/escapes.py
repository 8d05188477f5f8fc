r"""What may follow a backslash between double quotes, in YAML 1.1 as go-yaml has it: `\'` too, but no `\/`."""

from __future__ import annotations

__all__ = ["ESCAPES", "ESCAPE_LENGTHS"]

ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
ESCAPE_LENGTHS = {"x": 2, "u": 4, "U": 8}
"""How many hexadecimal digits follow a letter."""
