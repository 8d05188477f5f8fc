"""The functions of sprig 2.22 (`TxtFuncMap`) for Go's templates, by families.

Not carried out: `getHostByName` for what is no address. `env` and `expandenv` see an empty environment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from ..template import Function
from . import (
    certificates,
    dates,
    defaults,
    dicts,
    encoding,
    lists,
    numeric,
    passwords,
    randoms,
    regex,
    system,
    texts,
    urls,
    versions,
)

__all__ = ["functions"]

FAMILIES = (
    certificates,
    defaults,
    dicts,
    encoding,
    lists,
    numeric,
    passwords,
    randoms,
    regex,
    system,
    texts,
    urls,
    versions,
)


def functions(now: Callable[[], datetime]) -> Mapping[str, Function]:
    """All of sprig's functions by name; `now` gives the aware time that its dates go by."""
    timeless = [function for family in FAMILIES for function in family.FUNCTIONS]
    return {function.name: function for function in (*timeless, *dates.functions(now))}
