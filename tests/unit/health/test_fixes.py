"""The commands that mend what the checks find."""

from __future__ import annotations

import pytest

from azext_acrpool.health.fixes import create_command
from azext_acrpool.pool import Pool

SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/x"
CREATE = "az acr agentpool create -r myregistry -n mypool"


@pytest.mark.parametrize(
    ("pool", "command"),
    [
        (Pool("mypool", "myregistry", "S2", 3), f"{CREATE} --tier S2 --count 3"),
        (Pool("mypool", "myregistry", "S2", 3, os="linux", tags={}), f"{CREATE} --tier S2 --count 3"),
        (
            Pool("mypool", "myregistry", "S2", 3, os="Windows", subnet_id=SUBNET, tags={"team": "build", "why": "a b"}),
            f'{CREATE} --tier S2 --count 3 --os Windows --subnet-id {SUBNET} --tags team=build "why=a b"',
        ),
    ],
    ids=["plain", "as it is by itself", "everything"],
)
def test_a_create_carries_all_that_is_wanted(pool: Pool, command: str) -> None:
    assert create_command(pool) == command


def test_another_count_takes_the_place_of_the_pools() -> None:
    assert create_command(Pool("mypool", "myregistry", "I6", 3), count=1) == f"{CREATE} --tier I6 --count 1"
