"""Errors compared by their whole message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

__all__ = ["raises"]

E = TypeVar("E", bound=BaseException)


@contextmanager
def raises(kind: type[E], message: str) -> Iterator[pytest.ExceptionInfo[E]]:
    """What is done inside has to raise an error of this kind with this very message."""
    with pytest.raises(kind) as raised:
        yield raised
    assert str(raised.value) == message
