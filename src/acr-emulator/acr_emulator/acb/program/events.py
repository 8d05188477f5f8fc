"""What happens in a run: lines of its log, and time that passes."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ..docker import Printed

__all__ = ["Event", "Events", "Line", "Pause", "Timeline", "logged"]


@dataclass(frozen=True)
class Line:
    """A line of the log. acb's own have date and time in front (`is_stamped`), which are not part of `text`."""

    text: str
    is_stamped: bool = True


@dataclass(frozen=True)
class Pause:
    """Seconds in which nothing is logged."""

    seconds: float


Event: TypeAlias = Line | Pause
Events: TypeAlias = Generator[Event, None, None]


def logged(text: str) -> Iterator[Line]:
    """What acb logs, line by line: only the first one has date and time in front."""
    for index, line in enumerate(text.split("\n")):
        yield Line(line, is_stamped=index == 0)


class Timeline:
    """The seconds since the run began, as one step sees them."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def pause(self, seconds: float) -> Events:
        """Let time pass."""
        if seconds > 0:
            self.now += seconds
            yield Pause(seconds)

    def show(self, line: Printed) -> Events:
        """A line that a command prints."""
        yield from self.pause(line.seconds_before)
        yield Line(line.text, is_stamped=False)
