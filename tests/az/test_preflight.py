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


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators("--pool-seconds", "0.02", "--retry-after", "1", world=WORLD)


@pytest.mark.parametrize(
    ("registry", "told"),
    [("basicreg", "az acr update --name basicreg --sku Premium"), ("farreg", "West US 2")],
)
def test_registries_that_cannot_have_pools(az: Az, emulator: Emulator, registry: str, told: str) -> None:
    refused = az("acr", "agentpool", "create", "--registry", registry, "--name", "mypool")
    assert refused.code in (1, 2)
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not emulator.requests("PUT", f"/{registry}/agentpools/mypool")


def test_quota_overrun_is_a_warning_as_support_can_raise_it(az: Az, emulator: Emulator) -> None:
    tried = az("acr", "agentpool", "create", "--registry", "fullreg", "--name", "onemore", "--tier", "S1")
    assert "16" in tried.stderr
    assert "vCPU" in tried.stderr
    # It was tried all the same: the service has the last word, and here it says no.
    assert emulator.requests("PUT", "/fullreg/agentpools/onemore")
    assert tried.code == 1


def test_checks_can_be_skipped(az: Az, emulator: Emulator) -> None:
    refused = az("acr", "agentpool", "create", "--registry", "farreg", "--name", "anyway", "--skip-checks").failed(1)
    assert emulator.requests("PUT", "/farreg/agentpools/anyway")
    assert "uksouth" in refused.stderr


def test_scaling_a_failed_pool_is_refused(az: Az, emulator: Emulator) -> None:
    refused = az("acr", "agentpool", "update", "--registry", "fullreg", "--name", "brokenpool", "--count", "2")
    assert refused.code in (1, 2)
    assert "Failed" in refused.stderr
    assert "az acr agentpool delete" in refused.stderr
    assert not emulator.requests("PATCH")


def test_scaling_beyond_the_quota_names_the_largest_count(az: Az) -> None:
    tried = az("acr", "agentpool", "update", "--registry", "fullreg", "--name", "bigpool", "--count", "3")
    assert "vCPU" in tried.stderr


def test_pool_that_is_not_there(az: Az) -> None:
    missing = az("acr", "agentpool", "update", "--registry", "fullreg", "--name", "nopool", "--count", "1").failed(3)
    assert "bigpool" in missing.stderr or "az acr agentpool list" in missing.stderr


def test_context_is_not_sent_to_a_registry_that_is_not_there(az: Az, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    az("acr", "build", "--registry", "nosuchreg", ".").failed(3)
