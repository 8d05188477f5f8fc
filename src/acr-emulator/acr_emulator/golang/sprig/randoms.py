"""sprig's functions that give something by chance."""

from __future__ import annotations

import secrets
import string
from uuid import uuid4

from ..template import Function, check_size, function
from ..types import INT

__all__ = ["FUNCTIONS"]

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def _random(alphabet: str, count: int) -> str:
    """So many characters; none for a negative count, of which sprig drops the error."""
    check_size(count)
    return "".join(secrets.choice(alphabet) for _ in range(count))


FUNCTIONS: tuple[Function, ...] = (
    function("randAlphaNum", lambda count: _random(string.ascii_letters + string.digits, count), INT),
    function("randAlpha", lambda count: _random(string.ascii_letters, count), INT),
    function("randAscii", lambda count: _random(PRINTABLE, count), INT),
    function("randNumeric", lambda count: _random(string.digits, count), INT),
    function("uuidv4", lambda: str(uuid4())),
)
