"""What is refused or warned about before an operation that takes minutes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.health.findings import Finding, Severity
from azext_acrpool.health.preflight import (
    CreateFacts,
    check_count,
    check_create,
    check_pool_name,
    check_request,
    check_subnet_id,
    check_tier,
    check_update,
)
from azext_acrpool.pool import TIERS, Pool, find_tier

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
SUBNET = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n"
FINE = CreateFacts(
    wanted=Pool("mypool", "myregistry", "S1", 1),
    registry="myregistry",
    subscription_id=SUBSCRIPTION,
    sku="Premium",
    location="westus2",
    offered_regions={"westus2": "West US 2", "eastus": "East US"},
    pools=[],
)


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("abc", True),
        ("A-pool-of-20-letters", True),
        ("123", True),
        ("ab", False),
        ("a" * 21, False),
        ("has_underscore", False),
        ("dot.ted", False),
        ("", False),
        ("new\nline", False),
        ("abc\n", False),
        ("pööl", False),
    ],
)
def test_pool_names(name: str, fine: bool) -> None:
    assert codes(check_pool_name(name)) == ([] if fine else ["InvalidPoolName"])


@pytest.mark.parametrize("tier", ["S1", "s2", "S3", "i6"])
def test_tiers_in_any_case(tier: str) -> None:
    assert not check_tier(tier)


def test_unknown_tier_lists_the_known() -> None:
    (finding,) = check_tier("S9")
    assert "S1, S2, S3, I6" in finding.message
    assert "S2 4 vCPUs and 8 GiB" in finding.recommendation


def test_tier_sizes_are_the_documented() -> None:
    sizes = {name: (tier.vcpus, tier.memory_gib) for name, tier in TIERS.items()}
    assert sizes == {"S1": (2, 3), "S2": (4, 8), "S3": (8, 16), "I6": (64, 216)}


@pytest.mark.parametrize(("count", "fine"), [(0, True), (1, True), (1000, True), (-1, False)])
def test_counts(count: int, fine: bool) -> None:
    assert codes(check_count(count)) == ([] if fine else ["InvalidCount"])


@pytest.mark.parametrize(
    ("subnet_id", "fine"),
    [
        (None, True),
        (SUBNET, True),
        (SUBNET.upper(), True),
        (SUBNET + "/", True),
        (SUBNET.replace("Microsoft.Network", "Microsoft.ClassicNetwork"), True),
        ("mysubnet", False),
        (SUBNET.rpartition("/subnets")[0], False),
        (SUBNET + "/ipConfigurations/x", False),
        (SUBNET.replace("virtualNetworks", "loadBalancers"), False),
        (SUBNET.replace("/v/", "//"), False),
    ],
)
def test_subnet_ids(subnet_id: str | None, fine: bool) -> None:
    assert codes(check_subnet_id(subnet_id)) == ([] if fine else ["InvalidSubnetId"])


def test_all_that_is_wrong_with_a_request_is_told_at_once() -> None:
    found = check_request(Pool("x", "myregistry", "S9", -1, subnet_id="here"))
    assert codes(found) == ["InvalidPoolName", "InvalidTier", "InvalidCount", "InvalidSubnetId"]
    assert {finding.severity for finding in found} == {Severity.ERROR}


def test_nothing_speaks_against_a_fine_pool() -> None:
    assert check_create(FINE) == []


@pytest.mark.parametrize("sku", ["Basic", "Standard", "Classic"])
def test_registry_must_be_premium(sku: str) -> None:
    (finding,) = check_create(replace(FINE, sku=sku))
    assert (finding.code, finding.severity) == ("RegistryNotPremium", Severity.ERROR)
    assert "az acr update --name myregistry --sku Premium" in finding.recommendation


def test_region_of_the_provider_metadata_decides() -> None:
    (finding,) = check_create(replace(FINE, location="uksouth"))
    assert (finding.code, finding.severity) == ("RegionWithoutAgentPools", Severity.ERROR)
    assert "East US, West US 2" in finding.recommendation


@pytest.mark.parametrize("unknown", [None, {}])
def test_documented_regions_only_warn(unknown: dict[str, str] | None) -> None:
    assert check_create(replace(FINE, offered_regions=unknown)) == []
    (finding,) = check_create(replace(FINE, location="uksouth", offered_regions=unknown))
    assert (finding.code, finding.severity) == ("RegionWithoutAgentPools", Severity.WARNING)
    assert "USGov Virginia" in finding.recommendation


def test_subnet_of_another_subscription_is_a_warning() -> None:
    elsewhere = replace(FINE.wanted, subnet_id=SUBNET.replace(SUBSCRIPTION, "other"))
    (finding,) = check_create(replace(FINE, wanted=elsewhere))
    assert (finding.code, finding.severity) == ("SubnetInOtherSubscription", Severity.WARNING)
    assert check_create(replace(FINE, wanted=replace(FINE.wanted, subnet_id=SUBNET.upper()))) == []


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
    facts = replace(
        FINE,
        wanted=Pool("mypool", "myregistry", tier, count),
        pools=[Pool(name, "myregistry", tier, count) for name, tier, count in pools],
    )
    found = check_create(facts)
    assert codes(found) == (["VcpuQuotaExceeded"] if told else [])
    for finding in found:
        assert finding.severity is Severity.WARNING
        assert told is not None
        assert told in finding.message
        assert "https://aka.ms/acr/support/create-ticket" in finding.recommendation


@given(tier=st.sampled_from(["S1", "S2", "S3"]), used=st.integers(0, 20), count=st.integers(1, 30))
def test_count_that_is_said_to_fit_does_and_one_more_does_not(tier: str, used: int, count: int) -> None:
    def findings(wanted: int) -> list[Finding]:
        return check_create(
            replace(FINE, wanted=Pool("p00", "myregistry", tier, wanted), pools=[Pool("q00", "myregistry", "S1", used)])
        )

    known = find_tier(tier)
    assert known is not None
    fitting = max(0, 16 - 2 * used) // known.vcpus
    assert bool(findings(count)) == (count > fitting)
    if found := findings(fitting + 1):
        assert (f"--count {fitting} fits" if fitting else "Not even one") in found[0].message


def test_without_the_pools_the_quota_is_not_judged() -> None:
    assert check_create(replace(FINE, wanted=Pool("mypool", "myregistry", "I6", 9), pools=None)) == []


@pytest.mark.parametrize(
    ("state", "count", "found"),
    [
        ("Succeeded", 4, []),
        ("Canceled", 4, []),
        ("Failed", 4, ["PoolFailed"]),
        ("Failed", None, ["PoolFailed"]),
        ("Creating", 4, ["PoolBusy"]),
        ("Updating", None, ["PoolBusy"]),
        ("Deleting", 4, ["PoolBusy"]),
        ("Succeeded", 9, ["VcpuQuotaExceeded"]),
        ("Succeeded", None, []),
        ("Succeeded", 0, []),
    ],
)
def test_update(state: str, count: int | None, found: list[str]) -> None:
    pool = Pool("mypool", "myregistry", "S1", 2, state=state)
    assert codes(check_update(pool, count, [pool])) == found


def test_scaling_down_never_warns_of_the_quota() -> None:
    pool = Pool("mypool", "myregistry", "S3", 9, state="Succeeded")
    assert check_update(pool, 5, [pool]) == []
