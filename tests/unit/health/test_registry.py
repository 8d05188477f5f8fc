"""Registries that can have agent pools, and those that cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from azext_acrpool.client.registries import RegistryId
from azext_acrpool.health.facts import Facts, RegistryFacts, ResourceId, Unreadable
from azext_acrpool.health.findings import Finding, Severity
from azext_acrpool.health.registry import check_region, check_registry_tier

WHERE = ResourceId("s", "mygroup", "myregistry")
REGISTRY = RegistryFacts(WHERE, "westus2")
FACTS = Facts(
    now=datetime(2026, 1, 15, tzinfo=timezone.utc),
    registry_id=RegistryId("s", "mygroup", "myregistry"),
    registry=REGISTRY,
    pool=Unreadable(),
    offered_regions={"westus2": "West US 2", "eastus": "East US"},
)
FAR = replace(FACTS, registry=replace(REGISTRY, location="uksouth"))


@pytest.mark.parametrize("sku", ["Basic", "Standard", "Classic"])
def test_registry_must_be_premium(sku: str) -> None:
    assert check_registry_tier(replace(FACTS, registry=replace(REGISTRY, sku=sku))) == Finding(
        code="RegistryNotPremium",
        severity=Severity.ERROR,
        check="Registry tier",
        message=f"Agent pools need a Premium registry; 'myregistry' is {sku}.",
        evidence=f"myregistry: {sku}",
        recommendation="Upgrade it.",
        fix=("az acr update -n myregistry -g mygroup --sku Premium",),
    )


@pytest.mark.parametrize("sku", ["Premium", "premium", ""])
def test_premium_registry(sku: str) -> None:
    found = check_registry_tier(replace(FACTS, registry=replace(REGISTRY, sku=sku)))
    assert found is not None
    assert found.code == "RegistryPremium"


def test_region_of_the_provider_metadata_decides() -> None:
    assert check_region(FAR) == Finding(
        code="RegionWithoutAgentPools",
        severity=Severity.ERROR,
        check="Region",
        message="The registry's region uksouth does not offer agent pools.",
        evidence="myregistry: uksouth, by provider metadata",
        recommendation="Use a registry in one of: East US, West US 2. A registry cannot be moved; images can be copied"
        " with az acr import.",
    )


@pytest.mark.parametrize("unknown", [Unreadable(), {}])
def test_documented_regions_only_warn(unknown: Unreadable | dict[str, str]) -> None:
    near = check_region(replace(FACTS, offered_regions=unknown))
    far = check_region(replace(FAR, offered_regions=unknown))

    assert near is not None
    assert far is not None
    assert (near.code, near.message) == ("RegionOffersAgentPools", "West US 2 offers agent pools.")
    assert near.evidence == "myregistry: westus2, by documentation; the provider metadata could not be read"
    assert (far.code, far.severity) == ("RegionWithoutAgentPools", Severity.WARNING)
    assert far.message == (
        "The registry's region uksouth does not offer agent pools as far as is documented (which regions do could not"
        " be read)."
    )
    assert "USGov Virginia" in far.recommendation
