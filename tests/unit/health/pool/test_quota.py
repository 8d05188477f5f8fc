"""Pools against the vCPU quota of their registry."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.client.registries import RegistryId
from azext_acrpool.health.facts import Facts, Unreadable
from azext_acrpool.health.findings import Finding, Severity
from azext_acrpool.health.pool.quota import check_quota, fitting_count
from azext_acrpool.pool import Pool, find_tier


def check(pool: Pool, *others: tuple[str, str, int]) -> Finding | None:
    return check_quota(
        Facts(
            now=datetime(2026, 1, 15, tzinfo=timezone.utc),
            registry_id=RegistryId("s", "mygroup", "myregistry"),
            registry=Unreadable(),
            pool=pool,
            pools=tuple(Pool(name, "myregistry", tier, count, state="Succeeded") for name, tier, count in others),
        )
    )


@pytest.mark.parametrize(
    ("tier", "count", "pools", "told"),
    [
        ("S1", 8, [], None),
        ("S1", 9, [], "At most --count 8 fits"),
        ("S2", 2, [("one", "S3", 1)], None),
        ("S2", 3, [("one", "S3", 1)], "makes 20 vCPUs"),
        ("S2", 3, [("one", "S3", 1)], "At most --count 2 fits"),
        ("S3", 1, [("one", "S1", 8)], "Not even one"),
        ("S1", 8, [("big", "I6", 1)], None),
        ("I6", 1, [], "isolated agent pools is 0"),
        ("I6", 0, [], None),
        ("S1", 8, [("mypool", "S1", 8)], None),
        ("S1", 8, [("odd", "S7", 8)], None),
    ],
)
def test_quota(tier: str, count: int, pools: list[tuple[str, str, int]], told: str | None) -> None:
    found = check(Pool("mypool", "myregistry", tier, count), *pools)
    assert found is not None
    assert (found.code, found.severity) == (
        ("VcpuQuotaExceeded", Severity.WARNING) if told else ("VcpuQuota", Severity.OK)
    )
    assert (told or "fit into the registry's default vCPU quota") in found.message


def test_all_that_is_said_about_too_many_vcpus() -> None:
    assert check(Pool("mypool", "myregistry", "S2", 3), ("one", "S3", 1)) == Finding(
        code="VcpuQuotaExceeded",
        severity=Severity.WARNING,
        check="vCPU quota",
        message="3 x S2 are 12 vCPUs; with the 8 of other pools that makes 20 vCPUs, and the default quota of a"
        " registry's standard agent pools is 16. At most --count 2 fits.",
        evidence="8 + 12 of 16 standard vCPUs; --count 2 of S2 fits",
        recommendation="If the registry's quota was not raised, ask for more at"
        " https://aka.ms/acr/support/create-ticket",
    )


@given(tier=st.sampled_from(["S1", "S2", "S3"]), used=st.integers(0, 20), count=st.integers(1, 30))
def test_count_that_is_said_to_fit_does_and_one_more_does_not(tier: str, used: int, count: int) -> None:
    def exceeded(wanted: int) -> str:
        found = check(Pool("p00", "myregistry", tier, wanted), ("q00", "S1", used))
        return found.message if found and found.code == "VcpuQuotaExceeded" else ""

    known = find_tier(tier)
    assert known is not None
    fitting = max(0, 16 - 2 * used) // known.vcpus
    assert bool(exceeded(count)) == (count > fitting)
    assert (f"--count {fitting} fits" if fitting else "Not even one") in exceeded(fitting + 1)


def test_a_tier_that_is_not_known_is_not_judged() -> None:
    assert check(Pool("mypool", "myregistry", "S7", 9)) is None


@pytest.mark.parametrize(
    ("tier", "count", "quota", "others", "fits"),
    [
        ("S1", 1, None, [], 8),
        ("S2", 0, None, [("one", "S3", 1)], 2),
        ("S2", 0, None, [("one", "S3", 2)], 0),
        ("s2", 1, 32, [("one", "S3", 1)], 6),
        # It is among the others, as it was.
        ("S1", 2, None, [("MyPool", "S1", 8)], 8),
        # The pools there are show that the quota was raised, nobody knows to what.
        ("S3", 3, None, [], None),
        ("S1", 0, None, [("one", "S3", 3)], None),
        ("S3", 5, 32, [], None),
        ("I6", 0, None, [], None),
        ("I6", 0, 128, [], 2),
        ("S7", 1, None, [], None),
    ],
)
def test_instances_that_fit(
    tier: str, count: int, quota: int | None, others: list[tuple[str, str, int]], fits: int | None
) -> None:
    pools = [Pool(name, "myregistry", other, number) for name, other, number in others]
    assert fitting_count(Pool("mypool", "myregistry", tier, count), pools, quota) == fits
