"""Policies, pools and what is known of their runs, for hypothesis to draw."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from azext_acrpool.pool import Pool
from azext_acrpool.scaling.activity import Activity
from azext_acrpool.scaling.capacity_record import RECORD_TAG, CapacityRecord
from azext_acrpool.scaling.policy import Policy
from azext_acrpool.scaling.schedules import Schedule

__all__ = ["NOON", "activities", "moments", "policies", "pools", "schedules", "usual_schedules"]

NOON = datetime(2026, 1, 15, 12, tzinfo=timezone.utc)
# With clocks that are put forward by an hour, by half an hour, in a southern summer, and never.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Australia/Sydney", "Asia/Kolkata", "UTC")
# When some of them are.
CLOCK_CHANGES = tuple(
    datetime(2026, month, day, 1, tzinfo=timezone.utc)
    for month, day in ((3, 8), (3, 29), (4, 4), (10, 3), (10, 25), (11, 1))
)

moments = st.builds(
    lambda base, seconds: base + timedelta(seconds=seconds),
    st.sampled_from((NOON, *CLOCK_CHANGES)),
    st.integers(-3 * 86_400, 3 * 86_400),
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    minimum, maximum = draw(
        st.one_of(
            st.tuples(st.integers(0, 6), st.none()),
            st.tuples(st.none(), st.integers(0, 6)),
            st.tuples(st.integers(0, 3), st.integers(3, 6)),
        )
    )
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    begin, end = draw(st.integers(0, 1439)), draw(st.integers(0, 1440))
    return Schedule(days, begin, end, draw(st.sampled_from(ZONES)), minimum, maximum)


# A few, since what they come to is kept: about noon, over it, over midnight, in one night of the week.
usual_schedules = st.sampled_from(
    [
        Schedule.parse(text)
        for text in (
            "Mon-Fri 07:30-18:00 Europe/Berlin min=2",
            "daily 12:05-12:10 UTC max=1",
            "daily 18:00-06:00 America/New_York min=1 max=3",
            "Sat 22:00-04:00 Australia/Lord_Howe max=0",
        )
    ]
)


def policies(some_schedules: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Policy]:
    """Policies with up to two of these schedules."""
    return st.builds(
        Policy,
        max_count=st.integers(1, 6),
        min_count=st.integers(0, 6),
        idle_minutes=st.integers(1, 60),
        runs_per_instance=st.integers(1, 3),
        schedules=st.lists(some_schedules, max_size=2).map(tuple),
        vcpu_quota=st.none() | st.integers(1, 64),
    )


_before = st.none() | st.integers(-60, 7200).map(lambda seconds: NOON - timedelta(seconds=seconds))
_durations = st.integers(0, 2400).map(float)


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    record = draw(st.none() | st.builds(CapacityRecord, st.integers(0, 3), st.integers(0, 6)))
    return Pool(
        "mypool",
        "myregistry",
        "S1",
        draw(st.integers(0, 7)),
        draw(st.sampled_from(("Succeeded",) * 4 + ("Canceled",) * 2 + ("Updating", "Creating", "Deleting", "Failed"))),
        tags={RECORD_TAG: str(record)} if record else None,
        modified=draw(_before),
    )


activities = st.builds(
    Activity,
    seen=st.just(NOON),
    queued=st.integers(0, 8),
    running=st.lists(st.none() | _durations, max_size=5).map(tuple),
    last_busy=_before,
    known_since=_before,
    durations=st.lists(_durations, max_size=8).map(tuple),
    growth=st.none() | st.integers(60, 900).map(float),
) | st.builds(Activity, seen=st.just(NOON), last_busy=_before, known_since=_before)
