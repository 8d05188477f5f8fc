"""The world file: what it may say, and the errors that name file and key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from acr_emulator.executor.run_faults import RunFault
from acr_emulator.wire.faults import parse_rules
from acr_emulator.world import PoolSpec, RegistrySpec, SubnetSpec, World, load_world, parse_world

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
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
    networkRuleSet: {{defaultAction: Deny, ipRules: [{{value: 203.0.113.0/24}}]}}
    tags: {{cost: 7}}
    vcpuQuota: {{standard: 32, isolated: 64}}
    tasksAllowed: false
    scaleInInterrupts: true
    runFaults:
      - {{fault: error, says: internal error, skip: 1, times: 2}}
      - {{fault: pull, says: EOF, times: null}}
    agentPools:
      - {{name: pool1, tier: S2, count: 3, provisioningState: Failed, subnetId: {SUBNET}}}
subnets:
  - {{id: {SUBNET}, egressBlocked: true, failsAfterSeconds: 60}}
resources:
  - {{id: {SUBNET}/other/x, properties: {{a: 1, since: 2025-01-02}}}}
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
            network_rule_set={
                "defaultAction": "Deny",
                "ipRules": [{"action": "Allow", "value": "203.0.113.0/24"}],
            },
            tags={"cost": "7"},
            pools=(PoolSpec("pool1", "S2", 3, "Failed", SUBNET),),
            standard_vcpu_quota=32,
            isolated_vcpu_quota=64,
            tasks_allowed=False,
            scale_in_interrupts=True,
            run_faults=(RunFault("error", "internal error", skip=1, times=2), RunFault("pull", "EOF", times=None)),
        ),
    )
    assert world.subnets == (SubnetSpec(SUBNET, egress_blocked=True, fails_after=60.0),)
    assert world.permissions == ({"actions": ["*"], "notActions": ["Microsoft.Network/*"]},)
    assert world.resources[0].body == {"properties": {"a": 1, "since": "2025-01-02"}}
    assert (world.page_size, world.agent_pool_regions, world.resource_groups) == (5, ("East US",), ("another",))
    assert world.faults == tuple(parse_rules([{"match": {"method": "GET"}, "fault": {"status": 500}}]))


def test_an_empty_file_is_the_default_world(tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text("# nothing\n", encoding="utf-8")
    assert load_world(file) == World()


def test_there_need_not_be_a_registry() -> None:
    assert parse_world({"registries": []}).registries == ()


@pytest.mark.parametrize("location", ["eastus2euap", "West US", "chinanorth3", "usgovvirginia", "mars"])
def test_a_registry_in_any_region_of_azure_or_of_the_file(location: str) -> None:
    world = parse_world({"registries": [{"name": "myregistry", "location": location}], "registryRegions": ["Mars"]})
    assert world.registries[0].location == location


@pytest.mark.parametrize("number", range(2))
def test_the_worlds_of_the_guide(number: int, tmp_path: Path) -> None:
    guide = Path(__file__).resolve().parents[4] / "docs" / "emulator.md"
    blocks = re.findall(r"```yaml\n(.*?)```", guide.read_text("utf-8"), re.DOTALL)
    file = tmp_path / "world.yaml"
    file.write_text(blocks[number], encoding="utf-8")
    world = load_world(file)
    assert world.subnets or world.resources
