"""When to look at a long operation again."""

from __future__ import annotations

__all__ = ["delay_until_next_look", "pause_after_failure"]

FIRST_MINUTE = 60.0
# Seconds. What is missing to 3 and 10 is for the requests themselves.
LONGEST_DELAY_AT_FIRST = 1.9
LONGEST_DELAY = 9.25
LONGEST_DELAY_ASKED = 10.0


def delay_until_next_look(elapsed: float, asked: float | None = None) -> float:
    """Seconds from the beginning of one look, `elapsed` seconds into an operation, to the beginning of the next.

    1 s at first, growing within the first minute and after it: so the end is noticed at most 3 s late in the first
    minute, when someone is watching, and at most 10 s late in an operation of many minutes.

    `asked` is a Retry-After on a reply that was fine. ARM sends 10 there by default, for any operation; it is followed
    as far as the limits above allow. (Asked with a refusal, 429 or 503, it binds: see `pause_after_failure`.)
    """
    if elapsed < FIRST_MINUTE:
        return min(max(elapsed / 4 if asked is None else asked, 1.0), LONGEST_DELAY_AT_FIRST)
    if asked is None:
        return min(elapsed / 20, LONGEST_DELAY)
    return min(max(asked, 1.0), LONGEST_DELAY_ASKED)


def pause_after_failure(failures: int, asked: float | None = None) -> float:
    """Seconds to wait after `failures` failed looks in a row; what the service asked for with its refusal binds."""
    return max(float(min(2 ** (failures - 1), 10)), asked or 0.0)
