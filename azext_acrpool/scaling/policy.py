"""A pool's autoscale policy, as it stands in a tag of the pool itself: who may read the pool can evaluate it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from ..pool import Pool
from ..wording import az_command, counted, printable
from .errors import PolicyError
from .schedules import Bounds, Schedule

__all__ = ["MAX_COUNT", "MAX_IDLE_MINUTES", "MAX_TAG_LENGTH", "MAX_VCPU_QUOTA", "POLICY_TAG", "Policy"]

POLICY_TAG: Final = "acrpool-autoscale"
# Characters in the value of a tag (Azure's documentation of tags).
MAX_TAG_LENGTH: Final = 256
MAX_IDLE_MINUTES: Final = 24 * 60
MAX_COUNT: Final = 9999
MAX_VCPU_QUOTA: Final = 999_999

_VERSION: Final = "v1"
_SOME_VERSION: Final = re.compile(r"v\d+", re.ASCII | re.IGNORECASE)
# The fields of the tag that hold a number: their members, the least and the most that they may be, and their unit.
_NUMBERS: Final = {
    "max": ("max_count", 1, MAX_COUNT, ""),
    "min": ("min_count", 0, MAX_COUNT, ""),
    "idle": ("idle_minutes", 1, MAX_IDLE_MINUTES, "m"),
    "per": ("runs_per_instance", 1, MAX_COUNT, ""),
    "quota": ("vcpu_quota", 1, MAX_VCPU_QUOTA, ""),
}
_ALWAYS_WRITTEN: Final = frozenset({"max", "min"})
_SCHEDULE_FIELD: Final = "at"
# A year in which every clock that is put forward and back is: hours of different zones meet otherwise in each part.
_YEAR: Final = datetime(2024, 1, 1, tzinfo=timezone.utc), datetime(2025, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Policy:
    """How many instances a pool may have, and when it is scaled in.

    `idle_minutes` is for how long nothing was queued or ran before that; `runs_per_instance` how many queued and
    running runs one instance is wanted for. `vcpu_quota` is the registry's, where it was raised, None for the default.
    `unknown` are fields of the tag that a newer version wrote: they are kept.
    """

    max_count: int
    min_count: int = 0
    idle_minutes: int = 15
    runs_per_instance: int = 1
    schedules: tuple[Schedule, ...] = ()
    vcpu_quota: int | None = None
    unknown: tuple[str, ...] = ()

    @classmethod
    def of(cls, pool: Pool) -> Policy | None:
        """The policy in the pool's tag, None if it has none. Raises PolicyError."""
        found = {value for name, value in (pool.tags or {}).items() if name.lower() == POLICY_TAG}
        if len(found) > 1:
            raise PolicyError(f"There are {len(found)} tags {POLICY_TAG}, spelled in different cases, that differ.")
        return cls.parse(found.pop()) if found else None

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Read the value of a tag: `v1; max=4; min=0; idle=15m; ..`. Raises PolicyError.

        What is between two semicolons is a field; known ones must be understood, and come once but for schedules.

        >>> str(Policy.parse("v1;max=4;idle=20m; at=daily 7:00-9:00 UTC min=1; colour=blue"))
        'v1; max=4; min=0; idle=20m; at=daily 07:00-09:00 UTC min=1; colour=blue'
        """
        version, *fields = (field.strip() for field in text.split(";"))
        if version.lower() != _VERSION:
            raise PolicyError(_of_another_version(version))
        members: dict[str, Any] = {}
        schedules: list[Schedule] = []
        unknown: list[str] = []
        for field in filter(None, fields):
            name, _, value = (part.strip() for part in field.partition("="))
            if name.lower() == _SCHEDULE_FIELD:
                schedules.append(_read_schedule(value))
            elif name.lower() in _NUMBERS:
                _read_number(name.lower(), value, members)
            else:
                unknown.append(field)
        if "max_count" not in members:
            raise PolicyError(f"The policy in the tag {POLICY_TAG} does not say max=N, the most instances.")
        return cls(**members, schedules=tuple(schedules), unknown=tuple(unknown))

    def __str__(self) -> str:
        """The value of the tag; what is as by default is left out, but for `max` and `min`."""
        numbers = [
            f"{name}={value}{unit}"
            for name, (member, _, _, unit) in _NUMBERS.items()
            if (value := getattr(self, member)) != getattr(Policy, member, None) or name in _ALWAYS_WRITTEN
        ]
        schedules = [f"{_SCHEDULE_FIELD}={schedule}" for schedule in self.schedules]
        return "; ".join([_VERSION, *numbers, *schedules, *self.unknown])

    def require_sound(self) -> None:
        """Raise PolicyError for what no pool should be given: numbers out of range, bounds that contradict each other
        at some time of the year, time zones that are not spelled as IANA does, more than a tag holds.
        """
        for name, (member, least, most, _) in _NUMBERS.items():
            value = getattr(self, member)
            if value is not None and not least <= value <= most:
                raise PolicyError(f"{name}={value} is out of range: it can be {least} to {most}.")
        for schedule in self.schedules:
            if not schedule.has_proper_zone:
                raise PolicyError(
                    f"There is no time zone '{schedule.zone}': it has to be an IANA name, spelled exactly."
                )
        self._require_agreeing_bounds()
        too_long = len(str(self)) - MAX_TAG_LENGTH
        if too_long > 0:
            raise PolicyError(
                f"The policy is {counted(too_long, 'character')} too long: a tag of the pool holds it, which takes"
                f" {MAX_TAG_LENGTH}. Use fewer schedules: one can name several days (Mon-Fri, or Mon,Wed)."
            )

    def _require_agreeing_bounds(self) -> None:
        if self.min_count > self.max_count:
            raise PolicyError(
                f"The minimum {self.min_count} is above the maximum {self.max_count}: lower it, or raise the maximum."
            )
        now: datetime | None = _YEAR[0]
        while now and now < _YEAR[1]:
            minimum, maximum = self._asked_at(now)
            if minimum > maximum:
                at = ", ".join(f"'{schedule}'" for schedule in self.schedules if schedule.holds_at(now))
                raise PolicyError(f"The minimum {minimum} is above the maximum {maximum} while this holds: {at}.")
            now = self.next_change(now)

    def bounds_at(self, now: datetime) -> Bounds:
        """The least and the most instances at `now`; of schedules that hold at once, the later one says.

        Where the least would be above the most, it is the most.
        """
        minimum, maximum = self._asked_at(now)
        return Bounds(min(minimum, maximum), maximum)

    def _asked_at(self, now: datetime) -> tuple[int, int]:
        minimum, maximum = self.min_count, self.max_count
        for schedule in self.schedules:
            if schedule.holds_at(now):
                minimum = minimum if schedule.minimum is None else schedule.minimum
                maximum = maximum if schedule.maximum is None else schedule.maximum
        return minimum, maximum

    def next_change(self, after: datetime) -> datetime | None:
        """When the bounds may next be others, None for never."""
        changes = (schedule.next_change(after) for schedule in self.schedules)
        return min((change for change in changes if change), default=None)

    @property
    def largest_count(self) -> int:
        """The most instances that it allows at any hour."""
        return max([self.max_count, *(schedule.maximum or 0 for schedule in self.schedules)])

    @property
    def idle_time(self) -> timedelta:
        """For how long nothing was queued or ran before the pool is scaled in."""
        return timedelta(minutes=self.idle_minutes)


def _of_another_version(version: str) -> str:
    if _SOME_VERSION.fullmatch(version):
        return f"The policy in the tag {POLICY_TAG} is of version {version}: it {_written_by_newer()}."
    return f"The tag {POLICY_TAG} holds no policy that can be read: it begins with '{printable(version[:40])}', not v1."


def _written_by_newer() -> str:
    update = az_command("extension update", "--name", "acrpool")
    return f"was written by a newer acrpool: update the extension with {update}"


def _read_schedule(text: str) -> Schedule:
    try:
        return Schedule.parse(text)
    except PolicyError as error:
        raise PolicyError(
            f"at={printable(text[:80])} in the tag {POLICY_TAG} is not understood. {error}."
            f" If nobody edited the tag, it {_written_by_newer()}."
        ) from error


def _read_number(name: str, text: str, members: dict[str, Any]) -> None:
    """Take one field of the tag into the members of a policy."""
    member, least, most, unit = _NUMBERS[name]
    if member in members:
        raise PolicyError(f"The policy in the tag {POLICY_TAG} says {name}= twice.")
    match = re.fullmatch(rf"(\d{{1,6}}){unit}", text, re.ASCII | re.IGNORECASE)
    if not match or not least <= int(match[1]) <= most:
        raise PolicyError(
            f"{name}={printable(text[:40])} in the tag {POLICY_TAG} is not understood: it can be"
            f" {least}{unit} to {most}{unit}. If nobody edited the tag, it {_written_by_newer()}."
        )
    members[member] = int(match[1])
