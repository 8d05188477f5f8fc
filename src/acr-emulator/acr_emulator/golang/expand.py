"""Go's `os.Expand`: variables in a text, without any of the shell's other expansions."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["expand"]

VARIABLE = re.compile(r"\$(?:\{(?P<braced>[^}]*)\}|(?P<open>\{)|(?P<special>[*#$@!?0-9-])|(?P<name>[A-Za-z0-9_]+))")
"""`${..}` holds any text; `${` without an end and `${}` are dropped; a `$` before anything else stays."""


def expand(text: str, value_of: Callable[[str], str]) -> str:
    """`text` with each `$name` and `${name}` replaced by what `value_of` gives for the name.

    >>> expand("$A-${A:-x}${", {"A": "1", "A:-x": "2"}.__getitem__)
    '1-2'
    """

    def replaced(match: re.Match[str]) -> str:
        name = match["braced"] or match["special"] or match["name"]
        return value_of(name) if name else ""

    return VARIABLE.sub(replaced, text)
