"""Regions from the provider metadata."""

from __future__ import annotations

from scripted_arm import scripted_arm
from scripted_transport import Reply

from azext_acrpool.client.providers import normalize_region, read_regions

METADATA = {
    "resourceTypes": [
        {"resourceType": "registries", "locations": ["UK South"]},
        {"resourceType": "registries/AgentPools", "locations": ["West US 2", "East US"]},
    ]
}


def test_regions_of_a_resource_type() -> None:
    arm, _ = scripted_arm(Reply(200, METADATA))
    regions = read_regions(arm, "Microsoft.ContainerRegistry", "registries/agentPools")
    assert regions == {"westus2": "West US 2", "eastus": "East US"}


def test_unknown_resource_type_has_none() -> None:
    arm, _ = scripted_arm(Reply(200, METADATA))
    assert read_regions(arm, "Microsoft.ContainerRegistry", "registries/nothing") == {}


def test_names_are_their_own_normal_form() -> None:
    assert normalize_region("westus2") == normalize_region(" West  US 2") == "westus2"
