"""Options whose value is any text, as far as a request can hold it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..commands.command import errors_shown
from ..commands.console.values import require_line, require_text

__all__ = ["each_one_line", "one_line", "sendable"]


def sendable(parameter: str, option: str) -> Callable[[Any], None]:
    """A validator: the text of `parameter`, which the user knows as `option`, can be sent; it may have many lines."""
    return _required(parameter, option, require_text)


def one_line(parameter: str, option: str) -> Callable[[Any], None]:
    """A validator: the text of `parameter`, which the user knows as `option`, is one line that can be sent."""
    return _required(parameter, option, require_line)


def each_one_line(parameter: str, option: str) -> Callable[[Any], None]:
    """A validator: each text of the list `parameter`, whose option may be repeated, is one line that can be sent."""

    @errors_shown()
    def validate(namespace: Any) -> None:
        for text in getattr(namespace, parameter) or ():
            require_line(option, text)

    return validate


def _required(parameter: str, option: str, require: Callable[[str, str], None]) -> Callable[[Any], None]:
    @errors_shown()
    def validate(namespace: Any) -> None:
        text = getattr(namespace, parameter)
        if text is not None:
            require(option, text)

    return validate
