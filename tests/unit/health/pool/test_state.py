"""Whether an existing pool is what somebody asks to create."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azext_acrpool.health.pool.state import check_existing
from azext_acrpool.pool import Pool

SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n"
EXISTING = Pool("mypool", "myregistry", "S2", 2, state="Succeeded", subnet_id=SUBNET, tags={"a": "b"})
WANTED = replace(EXISTING, state="", tags=None)


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
    assert check_existing(replace(EXISTING, state=state), wanted) == []


@pytest.mark.parametrize(
    ("wanted", "code", "told"),
    [
        (replace(WANTED, count=3), "CountDiffers", "az acr agentpool update -r myregistry -n mypool --count 3"),
        (replace(WANTED, tags={}), "TagsDiffer", "--tags"),
        (replace(WANTED, tier="S3"), "ImmutableDiffers", "tier S2 instead of S3"),
        (replace(WANTED, os="Windows"), "ImmutableDiffers", "os Linux instead of Windows"),
        (replace(WANTED, subnet_id=None), "ImmutableDiffers", f"subnet {SUBNET} instead of (none)"),
        (replace(WANTED, tier="S1", count=9), "ImmutableDiffers", "az acr agentpool delete -r myregistry -n mypool"),
    ],
)
def test_not_as_asked(wanted: Pool, code: str, told: str) -> None:
    (finding,) = check_existing(EXISTING, wanted)
    assert finding.code == code
    assert told in f"{finding.message} {finding.recommendation}"


@pytest.mark.parametrize(("state", "code"), [("Failed", "PoolFailed"), ("Deleting", "PoolBusy")])
def test_state_that_never_becomes_it(state: str, code: str) -> None:
    (finding,) = check_existing(replace(EXISTING, state=state), WANTED)
    assert finding.code == code
