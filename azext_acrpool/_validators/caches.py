"""Where a build with BuildKit keeps its cache."""

from __future__ import annotations

import argparse
from typing import Final

from ..wording import printable

__all__ = ["CACHES", "cache_place"]

CACHES: Final = ("registry", "off")
_LONGEST_SHOWN: Final = 40


def cache_place(text: str) -> str:
    """What --cache is read with, in any case. Raises ArgumentTypeError, whose text az's parser shows behind its name.

    >>> cache_place("Registry")
    'registry'
    """
    place = text.lower()
    if place not in CACHES:
        raise argparse.ArgumentTypeError(
            f"'{printable(text[:_LONGEST_SHOWN])}' is neither 'registry' nor 'off'. If it is the source location, put"
            " it before --cache, or write: --cache registry"
        )
    return place
