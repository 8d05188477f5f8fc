"""The text of a run's log: times, durations, sizes, and secrets that must not appear.

Forms are those of public ACR build logs and of Docker's classic builder.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta, timezone

from .model import Job, LogLine

__all__ = ["RunLog", "go_duration", "human_size"]


class RunLog:
    """Makes the lines of one run's log and keeps its time. `secrets` are replaced by `***` wherever they occur."""

    def __init__(self, job: Job, secrets: Iterable[str] = ()) -> None:
        self._job = job
        self._secrets = sorted({*secrets} - {""}, key=len, reverse=True)
        self.elapsed = 0.0
        self._silence = 0.0
        self._spent = 0.0
        self._is_live = False

    def hide(self, secret: str) -> None:
        """Replace another text from now on."""
        self._secrets = sorted({secret, *self._secrets} - {""}, key=len, reverse=True)

    def spend(self, seconds: float) -> None:
        """Say that time has passed already: as much of what is waited for from now on need not be waited for again."""
        self._spent += seconds
        self._is_live = True

    def wait(self, seconds: float) -> None:
        """Let time pass before the next line."""
        spent = min(seconds, self._spent)
        self._spent -= spent
        self._silence += seconds - spent
        self.elapsed += spent + (seconds - spent) / self._job.speed

    def plain(self, text: str = "") -> LogLine:
        """A line as a container prints it."""
        silence, self._silence = self._silence, 0.0
        is_live, self._is_live = self._is_live, False
        return LogLine(self._mask(text), silence, is_live=is_live)

    def stamped(self, text: str = "") -> LogLine:
        """A line of the agent's own, with date and time in front."""
        moment = self._job.started_at + timedelta(seconds=self.elapsed)
        return self.plain(f"{moment.astimezone(timezone.utc):%Y/%m/%d %H:%M:%S} {text}")

    def _mask(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def go_duration(seconds: float) -> str:
    """Whole seconds as Go prints a duration: `12s`, `1m5s`, `1h0m3s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def human_size(size: float) -> str:
    """Bytes as Docker prints them: decimal units, four significant digits, `3.072kB`."""
    units = ["B", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:.4g}{units[0]}"
