"""What is refused or warned about before an operation that takes minutes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azext_acrpool.health.findings import Finding, Severity
from azext_acrpool.health.preflight import (
    USAGE_CODES,
    check_count,
    check_existing,
    check_pool_name,
    check_request,
    check_tier,
    check_update,
)
from azext_acrpool.pool import TIERS, Pool
from azext_acrpool.wording import printable

SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n"
EXISTING = Pool("mypool", "myregistry", "S2", 2, state="Succeeded", subnet_id=SUBNET, tags={"a": "b"})
WANTED = replace(EXISTING, state="", tags=None)


@pytest.mark.parametrize("name", ["abc", "A-pool-of-20-letters", "123"])
def test_good_pool_names(name: str) -> None:
    assert check_pool_name(name) is None


@pytest.mark.parametrize("name", ["ab", "a" * 21, "has_underscore", "dot.ted", "", "new\nline", "abc\n", "pööl"])
def test_bad_pool_names(name: str) -> None:
    assert check_pool_name(name) == Finding(
        code="InvalidPoolName",
        severity=Severity.ERROR,
        check="Pool name",
        message=f"'{printable(name)}' cannot be the name of an agent pool: it must be 3 to 20 letters, digits and"
        " hyphens.",
        evidence=name,
        recommendation="Choose another --name.",
    )


@pytest.mark.parametrize("tier", ["S1", "s2", "S3", "i6"])
def test_tiers_in_any_case(tier: str) -> None:
    assert check_tier(tier) is None


def test_unknown_tier_lists_the_known() -> None:
    assert check_tier("S9") == Finding(
        code="InvalidTier",
        severity=Severity.ERROR,
        check="Tier",
        message="There is no tier 'S9'. There are S1, S2, S3, I6.",
        evidence="S9",
        recommendation="For each instance, choose --tier by its size: S1 2 vCPUs and 3 GiB, S2 4 vCPUs and 8 GiB,"
        " S3 8 vCPUs and 16 GiB, I6 64 vCPUs and 216 GiB.",
    )


def test_tier_sizes_are_the_documented() -> None:
    sizes = {name: (tier.vcpus, tier.memory_gib) for name, tier in TIERS.items()}
    assert sizes == {"S1": (2, 3), "S2": (4, 8), "S3": (8, 16), "I6": (64, 216)}


@pytest.mark.parametrize("count", [0, 1, 1000, 2**31 - 1])
def test_good_counts(count: int) -> None:
    assert check_count(count) is None


@pytest.mark.parametrize("count", [-1, 2**31, -(10**30)])
def test_counts_that_no_pool_can_have(count: int) -> None:
    assert check_count(count) == Finding(
        code="InvalidCount",
        severity=Severity.ERROR,
        check="Count",
        message=f"An agent pool cannot have a count of {count}.",
        evidence=str(count),
        recommendation="Use --count 0 for none, or a positive number.",
    )


def test_all_that_is_wrong_with_a_request_is_told_at_once() -> None:
    found = check_request(Pool("x", "myregistry", "S9", -1, subnet_id="here"))
    assert [finding.code for finding in found] == ["InvalidPoolName", "InvalidTier", "InvalidCount", "InvalidSubnetId"]
    assert {finding.severity for finding in found} == {Severity.ERROR}
    assert {finding.code for finding in found} == USAGE_CODES


def test_nothing_is_wrong_with_a_good_request() -> None:
    assert check_request(WANTED) == []


@pytest.mark.parametrize(
    ("state", "count", "code"),
    [
        ("Succeeded", 4, None),
        ("Canceled", 4, None),
        ("Failed", 4, "PoolFailed"),
        ("Failed", None, "PoolFailed"),
        ("failed", 4, "PoolFailed"),
        ("Creating", 4, "PoolBusy"),
        ("Updating", None, "PoolBusy"),
        ("Deleting", 4, "PoolBusy"),
        ("Succeeded", 9, "VcpuQuotaExceeded"),
        ("Succeeded", None, None),
        ("Succeeded", 0, None),
    ],
)
def test_update(state: str, count: int | None, code: str | None) -> None:
    pool = Pool("mypool", "myregistry", "S1", 2, state=state)
    found = check_update(pool, count, [pool])
    assert (found.code if found else None) == code


def test_an_update_of_a_busy_pool_is_refused_and_told_how_to_wait() -> None:
    assert check_update(replace(EXISTING, state="Creating"), 4, []) == Finding(
        code="PoolBusy",
        severity=Severity.ERROR,
        check="Pool state",
        message="Agent pool 'mypool' is in state Creating; it cannot be changed until that is done.",
        evidence="mypool: Creating",
        recommendation="Wait for that with: az acr agentpool wait -r myregistry -n mypool --created",
    )


def test_an_update_of_a_failed_pool_is_refused_and_told_how_to_get_rid_of_it() -> None:
    assert check_update(replace(EXISTING, state="Failed"), 4, []) == Finding(
        code="PoolFailed",
        severity=Severity.ERROR,
        check="Pool state",
        message="Agent pool 'mypool' is in state Failed, and the service refuses to change such a pool.",
        evidence="mypool: Failed",
        recommendation="Delete it with `az acr agentpool delete -r myregistry -n mypool` and create it again.",
    )


def test_scaling_down_never_warns_of_the_quota() -> None:
    pool = Pool("mypool", "myregistry", "S3", 9, state="Succeeded")
    assert check_update(pool, 5, [pool]) is None


@pytest.mark.parametrize(
    "wanted",
    [
        WANTED,
        replace(WANTED, name="MYPOOL", tier="s2", os="linux"),
        replace(WANTED, subnet_id=SUBNET.upper() + "/"),
        replace(WANTED, tags={"a": "b"}),
    ],
)
@pytest.mark.parametrize("state", ["Succeeded", "Creating", "Updating"])
def test_as_asked(wanted: Pool, state: str) -> None:
    assert check_existing(replace(EXISTING, state=state), wanted) is None


DELETE = "az acr agentpool delete -r myregistry -n mypool"
CREATE = "az acr agentpool create -r myregistry -n mypool"
ANOTHER = "Create a pool of another name, or delete this one and create it again:"
SCALED = (
    "Create a pool of another name, scale this one as it is (`az acr agentpool update -r myregistry -n mypool --count"
    " 3`), or delete this one and create it again:"
)
UNCHANGEABLE = "A pool's tier, os and subnet cannot be changed."


@pytest.mark.parametrize(
    ("wanted", "defaults", "differing", "advice", "again"),
    [
        (
            replace(WANTED, tier="S3", count=3),
            (),
            "tier S2 instead of S3.",
            SCALED,
            f"{CREATE} --tier S3 --count 3 --subnet-id {SUBNET} --tags a=b",
        ),
        (
            replace(WANTED, os="Windows", tags={"c": "d"}),
            ("tier",),
            "os Linux instead of Windows.",
            ANOTHER,
            f"{CREATE} --tier S2 --count 2 --os Windows --subnet-id {SUBNET} --tags c=d",
        ),
        (
            replace(WANTED, tier="S1", subnet_id=None, tags={}),
            ("tier", "os"),
            f"tier S2 instead of S1 (the default) and subnet {SUBNET} instead of (none).",
            ANOTHER,
            f"{CREATE} --tier S1 --count 2",
        ),
    ],
)
def test_what_a_pool_keeps_for_its_life(
    wanted: Pool, defaults: tuple[str, ...], differing: str, advice: str, again: str
) -> None:
    assert check_existing(EXISTING, wanted, defaults) == Finding(
        code="ImmutableDiffers",
        severity=Severity.ERROR,
        check="Existing pool",
        message=f"Agent pool 'mypool' exists already, with {differing} {UNCHANGEABLE}",
        evidence="mypool: S2, Linux",
        recommendation=advice,
        fix=(DELETE, again),
    )


@pytest.mark.parametrize("wanted", [replace(WANTED, count=3), replace(WANTED, tags={})])
@pytest.mark.parametrize("state", ["Succeeded", "Canceled"])
def test_count_and_tags_can_be_changed(wanted: Pool, state: str) -> None:
    assert check_existing(replace(EXISTING, state=state), wanted) is None


@pytest.mark.parametrize(("state", "code"), [("Failed", "PoolFailed"), ("Deleting", "PoolBusy")])
def test_state_that_never_becomes_it(state: str, code: str) -> None:
    finding = check_existing(replace(EXISTING, state=state), WANTED)
    assert finding is not None
    assert (finding.code, finding.severity) == (code, Severity.ERROR)
