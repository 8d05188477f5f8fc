"""How often a task evaluates autoscale policies, and what that costs. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ...wording import printable
from ..console.errors import UsageError

__all__ = ["PRICE_PER_VCPU_SECOND", "RUN_SECONDS", "RUN_VCPUS", "Interval"]

# The only number of vCPUs that shared agents have (reported: InvalidInputValue for any other).
RUN_VCPUS: Final = 2
# What one evaluation takes altogether (assumed): the image, the login, the extension, a handful of requests.
RUN_SECONDS: Final = 60
# US dollars (Azure's page "Container Registry pricing": tasks).
PRICE_PER_VCPU_SECOND: Final = 0.0001

# In minutes.
_DAY: Final = 1440
_INTERVAL: Final = re.compile(r"([0-9]{1,4}) *(m|min|h)", re.ASCII | re.IGNORECASE)
_MINUTES: Final = tuple(minutes for minutes in range(5, 60) if 60 % minutes == 0)
_HOURS: Final = tuple(60 * hours for hours in range(1, 25) if 24 % hours == 0)
_ALLOWED: Final = (*_MINUTES, *_HOURS)
# In seconds.
_LONGEST_STEP: Final = 900


@dataclass(frozen=True)
class Interval:
    """From one evaluation to the next, in minutes: whole parts of an hour, or of a day.

    >>> str(Interval.parse("90m"))
    Traceback (most recent call last):
    azext_acrpool.commands.console.errors.UsageError: --every 90m does not go evenly into a day. Nearest are 1h and 2h.
    >>> [(str(interval), interval.cron) for interval in map(Interval.parse, ("10m", "60m", "12h", "24h"))]
    [('10m', '*/10 * * * *'), ('1h', '0 * * * *'), ('12h', '0 */12 * * *'), ('24h', '0 0 * * *')]
    """

    minutes: int

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Read `10m` or `2h`. Raises UsageError, which names the nearest that go."""
        found = _INTERVAL.fullmatch(text.strip())
        if not found:
            raise UsageError(
                f"--every '{printable(text)}' is no interval.",
                "Give minutes or hours, as 10m or 2h, from 5m to 24h.",
            )
        minutes = int(found[1]) * (60 if found[2].lower() == "h" else 1)
        if minutes in _ALLOWED:
            return cls(minutes)
        if not _ALLOWED[0] <= minutes <= _ALLOWED[-1]:
            raise UsageError(f"--every {text.strip()} is not from 5m to 24h.")
        whole = "an hour" if minutes < 60 else "a day"
        below = cls(max(allowed for allowed in _ALLOWED if allowed < minutes))
        above = cls(min(allowed for allowed in _ALLOWED if allowed > minutes))
        raise UsageError(f"--every {text.strip()} does not go evenly into {whole}. Nearest are {below} and {above}.")

    @classmethod
    def of(cls, schedule: str) -> Interval | None:
        """The interval of a cron expression that `cron` has made, None for any other."""
        return next((each for each in map(cls, _ALLOWED) if each.cron == schedule), None)

    @property
    def cron(self) -> str:
        """The cron expression, in UTC."""
        if self.minutes < 60:
            return f"*/{self.minutes} * * * *"
        if self.minutes == 60:
            return "0 * * * *"
        return "0 0 * * *" if self.minutes == _DAY else f"0 */{self.minutes // 60} * * *"

    @property
    def runs_a_month(self) -> int:
        """How often it comes in thirty days."""
        return 30 * _DAY // self.minutes

    @property
    def dollars_a_month(self) -> float:
        """What these runs cost (US dollars), as far as the assumptions above hold."""
        return self.runs_a_month * RUN_SECONDS * RUN_VCPUS * PRICE_PER_VCPU_SECOND

    @property
    def step_timeout(self) -> int:
        """Seconds after which one evaluation is broken off, before the next begins."""
        return min(_LONGEST_STEP, self.minutes * 60 * 4 // 5)

    def __str__(self) -> str:
        return f"{self.minutes}m" if self.minutes < 60 else f"{self.minutes // 60}h"
