"""Policies as they stand in a tag."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scaling_strategies import NOON, policies, schedules

from azext_acrpool.pool import Pool
from azext_acrpool.scaling.errors import PolicyError
from azext_acrpool.scaling.policy import MAX_TAG_LENGTH, Policy
from azext_acrpool.scaling.schedules import Bounds, Schedule

TAG = "acrpool-autoscale"
NEWER = "was written by a newer acrpool: update the extension with az extension update --name acrpool"
OFFICE = "Mon-Fri 07:30-18:00 Europe/Berlin min=1"
NIGHT = "daily 20:00-06:00 UTC max=1"


def scheduled(*texts: str) -> tuple[Schedule, ...]:
    return tuple(map(Schedule.parse, texts))


@pytest.mark.parametrize(
    ("policy", "tag"),
    [
        (Policy(4), "v1; max=4; min=0"),
        (Policy(4, 1, 20, 3, vcpu_quota=32), "v1; max=4; min=1; idle=20m; per=3; quota=32"),
        (
            Policy(4, schedules=scheduled(OFFICE, NIGHT), unknown=("tier=S2", "spot")),
            f"v1; max=4; min=0; at={OFFICE}; at={NIGHT}; tier=S2; spot",
        ),
    ],
)
def test_tags(policy: Policy, tag: str) -> None:
    assert str(policy) == tag
    assert Policy.parse(tag) == policy


@given(policies(schedules()), st.lists(st.sampled_from(("tier=S2", "spot", "z = 1, 2", "é=")), max_size=3))
def test_what_is_written_is_read(policy: Policy, unknown: list[str]) -> None:
    text = "; ".join([str(policy), *unknown])
    read = Policy.parse(text)
    assert read.unknown == tuple(unknown)
    assert str(read) == text
    assert read.schedules == policy.schedules


@pytest.mark.parametrize("text", ["V1;MAX=4 ; idle = 20M;;", "v1; shape=round; idle=20m; max=4", "v1;max=4;idle=020m"])
def test_a_tag_that_was_edited_by_hand_is_read(text: str) -> None:
    policy = Policy.parse(text)
    assert (policy.max_count, policy.min_count, policy.idle_minutes) == (4, 0, 20)


@pytest.mark.parametrize(
    ("tag", "problem"),
    [
        ("v2; max=4", f"The policy in the tag {TAG} is of version v2: it {NEWER}."),
        ("", f"The tag {TAG} holds no policy that can be read: it begins with '', not v1."),
        ("on\n", f"The tag {TAG} holds no policy that can be read: it begins with 'on', not v1."),
        ("v1", f"The policy in the tag {TAG} does not say max=N, the most instances."),
        ("v1; max=4; max=5", f"The policy in the tag {TAG} says max= twice."),
        (
            "v1; max=0",
            f"max=0 in the tag {TAG} is not understood: it can be 1 to 9999. If nobody edited the tag, it {NEWER}.",
        ),
        (
            "v1; max=4; idle=\x1b[0m",
            (
                f"idle=\\x1b[0m in the tag {TAG} is not understood: it can be 1m to 1440m."
                f" If nobody edited the tag, it {NEWER}."
            ),
        ),
        (
            "v1; max=4; per=0",
            f"per=0 in the tag {TAG} is not understood: it can be 1 to 9999. If nobody edited the tag, it {NEWER}.",
        ),
        (
            "v1; max=4; at=Mon 7:00-8:00 UTC",
            (
                f"at=Mon 7:00-8:00 UTC in the tag {TAG} is not understood. The schedule 'Mon 7:00-8:00 UTC' cannot be"
                " read: it says neither min=N nor max=N. A"
                " schedule looks like: Mon-Fri 07:30-18:00 Europe/Berlin min=1."
                f" If nobody edited the tag, it {NEWER}."
            ),
        ),
    ],
)
def test_what_cannot_be_read(tag: str, problem: str) -> None:
    with pytest.raises(PolicyError) as failed:
        Policy.parse(tag)
    assert str(failed.value) == problem


def test_names_of_tags_have_no_case() -> None:
    assert Policy.of(Pool("mypool", "myregistry", "S1", 0, tags={"ACRpool-Autoscale": "v1; max=2"})) == Policy(2)
    assert Policy.of(Pool("mypool", "myregistry", "S1", 0, tags={"team": "v1; max=2"})) is None
    assert Policy.of(Pool("mypool", "myregistry", "S1", 0)) is None


def test_of_two_tags_that_differ_none_is_the_policy() -> None:
    tags = {TAG: "v1; max=2", TAG.upper(): "v1; max=2"}
    assert Policy.of(Pool("mypool", "myregistry", "S1", 0, tags=tags)) == Policy(2)
    tags[TAG.upper()] = "v1; max=3"
    with pytest.raises(PolicyError) as failed:
        Policy.of(Pool("mypool", "myregistry", "S1", 0, tags=tags))
    assert str(failed.value) == f"There are 2 tags {TAG}, spelled in different cases, that differ."


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        (Policy(0), "max=0 is out of range: it can be 1 to 9999."),
        (Policy(4, -1), "min=-1 is out of range: it can be 0 to 9999."),
        (Policy(4, idle_minutes=1441), "idle=1441 is out of range: it can be 1 to 1440."),
        (Policy(4, runs_per_instance=0), "per=0 is out of range: it can be 1 to 9999."),
        (Policy(4, vcpu_quota=0), "quota=0 is out of range: it can be 1 to 999999."),
        (Policy(2, 3), "The minimum 3 is above the maximum 2: lower it, or raise the maximum."),
        (
            Policy(4, schedules=scheduled("Sat 10:00-12:00 UTC min=5")),
            "The minimum 5 is above the maximum 4 while this holds: 'Sat 10:00-12:00 UTC min=5'.",
        ),
        # They meet in the weeks in which one clock is put forward and the other one not yet.
        (
            Policy(
                4, schedules=scheduled("Mon 12:00-13:00 Europe/London min=2", "Mon 07:00-08:00 America/Chicago max=1")
            ),
            (
                "The minimum 2 is above the maximum 1 while this holds: 'Mon 12:00-13:00 Europe/London min=2',"
                " 'Mon 07:00-08:00 America/Chicago max=1'."
            ),
        ),
        (
            Policy(4, schedules=(Schedule(frozenset({0}), 0, 60, "europe/berlin", 1),)),
            "There is no time zone 'europe/berlin': it has to be an IANA name, spelled exactly.",
        ),
        (
            Policy(4, schedules=scheduled(*[OFFICE] * 6)),
            (
                "The policy is 24 characters too long: a tag of the pool holds it, which takes 256. Use fewer"
                " schedules: one can name several days (Mon-Fri, or Mon,Wed)."
            ),
        ),
    ],
)
def test_what_no_pool_should_be_given(policy: Policy, problem: str) -> None:
    with pytest.raises(PolicyError) as failed:
        policy.require_sound()
    assert str(failed.value) == problem


@pytest.mark.parametrize(
    "policy",
    [
        Policy(1, 1, 1440),
        Policy(4, schedules=scheduled(OFFICE, NIGHT), vcpu_quota=32),
        # The later one makes room for the earlier one.
        Policy(4, schedules=scheduled("Sat 10:00-12:00 UTC min=5", "Sat 09:00-13:00 UTC max=6")),
        Policy(4, unknown=("x" * (MAX_TAG_LENGTH - len("v1; max=4; min=0; ")),)),
    ],
)
def test_what_is_sound(policy: Policy) -> None:
    policy.require_sound()


@pytest.mark.parametrize(
    ("texts", "bounds"),
    [
        ([], Bounds(1, 4)),
        (["daily 12:00-13:00 UTC min=2"], Bounds(2, 4)),
        (["daily 12:01-13:00 UTC min=2"], Bounds(1, 4)),
        (["daily 12:00-13:00 UTC min=2", "daily 11:00-13:00 UTC min=0 max=3"], Bounds(0, 3)),
        (["daily 11:00-13:00 UTC min=0 max=3", "daily 12:00-13:00 UTC min=2"], Bounds(2, 3)),
        # The maximum wins.
        (["daily 12:00-13:00 UTC max=0"], Bounds(0, 0)),
    ],
)
def test_the_later_schedule_says(texts: list[str], bounds: Bounds) -> None:
    assert Policy(4, 1, schedules=scheduled(*texts)).bounds_at(NOON) == bounds


def test_next_change_is_that_of_any_schedule() -> None:
    assert Policy(4).next_change(NOON) is None
    assert Policy(4, schedules=scheduled(OFFICE, NIGHT)).next_change(NOON) == datetime(
        2026, 1, 15, 17, tzinfo=timezone.utc
    )
