"""Options whose value is a number."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any, Final

from ..client.arm import GREATEST_INTEGER
from ..commands.command import errors_shown
from ..commands.console.values import require_number
from ..commands.opening import narrator_for
from ..wording import printable

__all__ = ["any_number", "validate_run_timeout", "whole_number", "within"]

# Python reads more texts as a number: `1_000`, digits of all scripts. Of thousands of digits it reads none.
_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,100}")
_LONGEST_SHOWN: Final = 40

# Seconds (service's specification of a run's timeout).
_SHORTEST_RUN: Final = 300
_LONGEST_RUN: Final = 28800


def whole_number(text: str) -> int:
    """What every option that is a number is read with: digits 0 to 9, and a sign.

    Blanks around it, as `wc` prints them on macOS, are left out. Raises ArgumentTypeError, whose text az's parser shows
    behind the name of the option.

    >>> whole_number("28800"), whole_number("-1"), whole_number("       2")
    (28800, -1, 2)
    """
    if _WHOLE_NUMBER.fullmatch(text.strip()) is None:
        raise argparse.ArgumentTypeError(
            f"'{printable(text[:_LONGEST_SHOWN])}' is not a whole number, written in digits from 0 to 9."
        )
    return int(text)


def within(parameter: str, option: str, *, least: int, most: int = GREATEST_INTEGER) -> Callable[[Any], None]:
    """A validator: the number of `parameter`, which the user knows as `option`, is from `least` to `most`."""

    @errors_shown()
    def validate(namespace: Any) -> None:
        require_number(option, getattr(namespace, parameter), least=least, most=most)

    return validate


def any_number(parameter: str, option: str) -> Callable[[Any], None]:
    """A validator: a number that the service can hold; what it may be is checked with what else the command knows."""
    return within(parameter, option, least=-GREATEST_INTEGER)


@errors_shown()
def validate_run_timeout(cmd: Any, namespace: Any) -> None:
    """A run takes up to eight hours. Less than the service's specification says is left to the service, and told."""
    seconds = namespace.timeout
    if seconds is None:
        return
    require_number("--timeout", seconds, least=1, most=_LONGEST_RUN, unit="seconds")
    if seconds < _SHORTEST_RUN:
        narrator_for(cmd.cli_ctx).warn(
            f"--timeout {seconds} is less than the {_SHORTEST_RUN} seconds that are the least for the service, "
            "which may refuse it."
        )
