"""The world file: what it may say, and the errors that name file and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from acr_emulator.wire.faults import parse_rules
from acr_emulator.world import PoolSpec, RegistrySpec, SubnetSpec, World, WorldFileError, load_world, parse_world

SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
WHOLE = f"""
subscriptions:
  - {{id: 11111111-0000-0000-0000-000000000000, name: Mine, tenant: 22222222-0000-0000-0000-000000000000}}
resourceGroups: [another]
registries:
  - name: premium
    resourceGroup: mygroup
    location: eastus
    sku: Premium
    roleAssignmentMode: AbacRepositoryPermissions
    publicNetworkAccess: Disabled
    networkRuleSet: {{defaultAction: Deny}}
    tags: {{cost: 7}}
    vcpuQuota: {{standard: 32, isolated: 64}}
    tasksAllowed: false
    agentPools:
      - {{name: pool1, tier: S2, count: 3, provisioningState: Failed, subnetId: {SUBNET}}}
subnets:
  - {{id: {SUBNET}, egressBlocked: true, failsAfterSeconds: 60}}
resources:
  - {{id: /subscriptions/s/x, properties: {{a: 1}}}}
permissions:
  - {{actions: ["*"], notActions: [Microsoft.Network/*]}}
agentPoolRegions: [East US]
pageSize: 5
faults:
  - {{match: {{method: GET}}, fault: {{status: 500}}}}
"""


def test_everything_a_file_may_say(tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(WHOLE, encoding="utf-8")
    world = load_world(file)
    assert world.registries == (
        RegistrySpec(
            name="premium",
            resource_group="mygroup",
            subscription_id="11111111-0000-0000-0000-000000000000",
            location="eastus",
            role_assignment_mode="AbacRepositoryPermissions",
            public_network_access="Disabled",
            network_rule_set={"defaultAction": "Deny"},
            tags={"cost": "7"},
            pools=(PoolSpec("pool1", "S2", 3, "Failed", SUBNET),),
            standard_vcpu_quota=32,
            isolated_vcpu_quota=64,
            tasks_allowed=False,
        ),
    )
    assert world.subnets == (SubnetSpec(SUBNET, egress_blocked=True, fails_after=60.0),)
    assert world.permissions == ({"actions": ["*"], "notActions": ["Microsoft.Network/*"]},)
    assert world.resources[0].body == {"properties": {"a": 1}}
    assert (world.page_size, world.agent_pool_regions, world.resource_groups) == (5, ("East US",), ("another",))
    assert world.faults == tuple(parse_rules([{"match": {"method": "GET"}, "fault": {"status": 500}}]))


def test_an_empty_file_is_the_default_world(tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text("# nothing\n", encoding="utf-8")
    assert load_world(file) == World()


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "the document: expected keys and values"),
        ({"registry": []}, "registry: unknown key (known: agentPoolRegions, faults, "),
        ({"registries": {}}, "registries: expected a list"),
        ({"registries": []}, "registries: expected a list with at least one entry"),
        ({"registries": [{}]}, "registries[0].name: is missing"),
        (
            {"registries": [{"name": "a", "sku": "Gold"}]},
            "registries[0].sku: 'Gold' is not one of Basic, Standard, Premium",
        ),
        ({"registries": [{"name": "a", "SKU": "Basic"}]}, "registries[0].SKU: unknown key"),
        ({"registries": [{"name": "a", "vcpuQuota": 16}]}, "registries[0].vcpuQuota: expected keys and values"),
        ({"registries": [{"name": "a"}, {"name": "A"}]}, "the name 'a' is there twice"),
        ({"registries": [{"name": "a", "subscription": "x"}]}, "registries[0].subscription: 'x' is not listed above"),
        (
            {"registries": [{"name": "a", "agentPools": [{"name": "p", "count": "2"}]}]},
            "registries[0].agentPools[0].count: expected a whole number",
        ),
        (
            {"registries": [{"name": "a", "agentPools": [{"name": "p", "subnetId": "x"}]}], "subnets": [{"id": "y"}]},
            "registries[0].agentPools[0].subnetId: 'x' is not listed under 'subnets'",
        ),
        ({"subnets": [{"id": "x", "egressBlocked": "yes"}]}, "subnets[0].egressBlocked: expected true or false"),
        ({"subnets": [{"id": "x", "failsAfterSeconds": -1}]}, "subnets[0].failsAfterSeconds: expected seconds"),
        ({"pageSize": 0}, "pageSize: expected a whole number from 1 up"),
        ({"principals": [{"id": "me", "name": "Me"}]}, "principals[0].id: 'me' is not a GUID"),
        ({"faults": [{"fault": {}}]}, "faults[0].fault: give exactly one of"),
    ],
)
def test_slips_are_named_with_file_and_key(document: object, told: str) -> None:
    with pytest.raises(WorldFileError) as error:
        parse_world(document, "world.yaml")
    assert str(error.value).startswith("world.yaml: ")
    assert told in str(error.value)


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfe\x00"])
def test_files_that_are_no_yaml(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "world.yaml"
    file.write_bytes(content)
    with pytest.raises(WorldFileError, match="not valid YAML"):
        load_world(file)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(WorldFileError, match="No such file"):
        load_world(tmp_path / "none.yaml")
