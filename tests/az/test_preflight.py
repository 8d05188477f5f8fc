"""create and update say what would go wrong before the operation that takes minutes, and what to type instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from az_harness import Az, Emulator

WORLD = {
    "registries": [
        {"name": "basicreg", "resourceGroup": "mygroup", "location": "westus2", "sku": "Standard"},
        {"name": "farreg", "resourceGroup": "mygroup", "location": "uksouth", "sku": "Premium"},
        {
            "name": "fullreg",
            "resourceGroup": "mygroup",
            "location": "westus2",
            "sku": "Premium",
            "agentPools": [
                {"name": "bigpool", "tier": "S3", "count": 2},
                {"name": "brokenpool", "tier": "S1", "count": 1, "provisioningState": "Failed"},
            ],
        },
    ]
}
REGIONS = (
    "Canada Central, Central US, East Asia, East US, East US 2, East US 2 EUAP, North Europe, South Central US,"
    " Switzerland North, USGov Arizona, USGov Texas, USGov Virginia, West Europe, West US 2"
)
RAISED = "If the registry's quota was not raised, ask for more at https://aka.ms/acr/support/create-ticket"


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


@pytest.mark.parametrize(
    ("registry", "problem", "remedy"),
    [
        (
            "basicreg",
            "Agent pools need a Premium registry; 'basicreg' is Standard.",
            "az acr update -n basicreg -g mygroup --sku Premium",
        ),
        (
            "farreg",
            "The registry's region uksouth does not offer agent pools.",
            (
                f"Use a registry in one of: {REGIONS}. A registry cannot be moved; images can be copied with az acr"
                " import."
            ),
        ),
    ],
    ids=["basicreg", "farreg"],
)
def test_registries_that_cannot_have_pools(
    az: Az, emulator: Emulator, registry: str, problem: str, remedy: str
) -> None:
    refused = az("acr", "agentpool", "create", "--registry", registry, "--name", "mypool").failed(1)
    assert f"ERROR: {problem}" in refused.told
    assert remedy in refused.told
    assert not emulator.requests("PUT", f"/{registry}/agentpools/mypool")


def test_quota_overrun_is_a_warning_as_support_can_raise_it(az: Az, emulator: Emulator) -> None:
    tried = az("acr", "agentpool", "create", "--registry", "fullreg", "--name", "onemore", "--tier", "S1")
    assert (
        "WARNING: 1 x S1 are 2 vCPUs; with the 18 of other pools that makes 20 vCPUs, and the default quota of a"
        f" registry's standard agent pools is 16. Not even one instance fits. {RAISED}"
    ) in tried.told
    # It was tried all the same: the service has the last word, and here it says no.
    assert emulator.requests("PUT", "/fullreg/agentpools/onemore")
    assert tried.code == 1


def test_checks_can_be_skipped(az: Az, emulator: Emulator) -> None:
    refused = az("acr", "agentpool", "create", "--registry", "farreg", "--name", "anyway", "--skip-checks").failed(1)
    assert emulator.requests("PUT", "/farreg/agentpools/anyway")
    (error,) = (line for line in refused.told if line.startswith("ERROR: "))
    assert error.startswith(
        "ERROR: (LocationNotAvailableForResourceType) The provided location 'uksouth' is not available for resource"
        " type 'Microsoft.ContainerRegistry/registries/agentPools'."
    )


def test_scaling_a_failed_pool_is_refused(az: Az, emulator: Emulator) -> None:
    scale = ("acr", "agentpool", "update", "--registry", "fullreg", "--name", "brokenpool", "--count", "2")
    refused = az(*scale).failed(1)
    assert (
        "ERROR: Agent pool 'brokenpool' is in state Failed, and the service refuses to change such a pool."
    ) in refused.told
    assert "Delete it with `az acr agentpool delete -r fullreg -n brokenpool` and create it again." in refused.told
    assert not emulator.requests("PATCH")


def test_scaling_beyond_the_quota_names_the_largest_count_and_is_tried(az: Az, emulator: Emulator) -> None:
    tried = az("acr", "agentpool", "update", "--registry", "fullreg", "--name", "bigpool", "--count", "3")
    assert (
        "WARNING: 3 x S3 are 24 vCPUs; with the 2 of other pools that makes 26 vCPUs, and the default quota of a"
        f" registry's standard agent pools is 16. At most --count 1 fits. {RAISED}"
    ) in tried.told
    assert emulator.requests("PATCH", "/fullreg/agentpools/bigpool")
    assert tried.code == 1


def test_pool_that_is_not_there(az: Az) -> None:
    missing = az("acr", "agentpool", "update", "--registry", "fullreg", "--name", "nopool", "--count", "1").failed(3)
    assert "ERROR: Could not find an agent pool named 'nopool' in registry 'fullreg'." in missing.told
    assert "List the registry's agent pools with: az acr agentpool list -r fullreg -o table" in missing.told


def test_context_is_not_sent_to_a_registry_that_is_not_there(az: Az, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    refused = az("acr", "build", "--registry", "nosuchreg", ".").failed(3)
    assert (
        "ERROR: Could not find a registry named 'nosuchreg' in subscription '00000000-0000-0000-0000-000000000000'."
    ) in refused.told
    assert "List the registries of this subscription with: az acr list -o table" in refused.told
    assert not [entry for entry in emulator.journal() if "/nosuchreg" in entry["path"] or "acrblobs" in entry["path"]]
