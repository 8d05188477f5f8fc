"""Worlds that cannot be: each is refused in one line that names the file, the key and what it should be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from acr_emulator.world import WorldFileError, load_world, parse_world

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v"
SUBNET = f"{VNET}/subnets/s"
NAME_FORM = "a registry's name (5 to 50 letters and digits)"
POOL_FORM = "an agent pool's name (3 to 20 letters, digits or hyphens)"
GROUP_FORM = "a resource group's name (1 to 90 letters, digits or any of _-.(), with no dot at its end)"
GUID_FORM = "a GUID such as 00000000-0000-0000-0000-000000000000"
SUBNET_FORM = (
    "a subnet's ID (/subscriptions/GUID/resourceGroups/GROUP/providers/Microsoft.Network/virtualNetworks/VNET/subnets/"
    "SUBNET)"
)
RESOURCE_FORM = "a resource's ID (/subscriptions/GUID/resourceGroups/GROUP/providers/NAMESPACE/TYPE/NAME)"


def refusal(document: Any) -> str:
    with pytest.raises(WorldFileError) as error:
        parse_world(document, "world.yaml")
    text = str(error.value)
    assert text.startswith("world.yaml: ")
    return text.removeprefix("world.yaml: ")


def with_registry(**members: Any) -> dict[str, Any]:
    return {"registries": [{"name": "myregistry", **members}]}


def with_pools(*pools: Any, **members: Any) -> dict[str, Any]:
    return with_registry(agentPools=list(pools), **members)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "the document: expected keys and values"),
        ("registries", "the document: expected keys and values"),
        ({1: "x"}, "the document: the key 1 is not a text; put it in quotes"),
        (
            {"registries": [{"name": "myregistry", "tags": {None: "x"}}]},
            "registries[0].tags: the key None is not a text; put it in quotes",
        ),
        (
            {"registry": []},
            (
                "registry: unknown key (known: agentPoolRegions, faults, pageSize, permissions, principals, "
                "registries, registryRegions, resourceGroups, resources, subnets, subscriptions)"
            ),
        ),
        ({"pageSize": "10\n\x1b[2J"}, "pageSize: expected a whole number from 1 up, not '10\\n\\x1b[2J'"),
        ({"resourceGroups": ["g" * 91]}, f"resourceGroups: '{'g' * 56}... is not {GROUP_FORM}"),
        ({"resources": [{"id": VNET, "properties": True}]}, "resources[0].properties: expected keys and values"),
        ({"resources": [{"id": VNET, "tags": ["a"]}]}, "resources[0].tags: expected keys and values"),
        ({"resources": [{"id": VNET, "location": 7}]}, "resources[0].location: expected text, not 7"),
        ({"pageSize": 0}, "pageSize: expected a whole number from 1 up, not 0"),
        ({"pageSize": True}, "pageSize: expected a whole number from 1 up, not True"),
        ({"resourceGroups": "g"}, "resourceGroups: expected a list of texts"),
        ({"resourceGroups": [1]}, "resourceGroups: expected a list of texts"),
        ({"resourceGroups": ["a", "A"]}, "resourceGroups: the name 'A' is there twice, and case does not count"),
        ({"resourceGroups": ["a/b"]}, f"resourceGroups: 'a/b' is not {GROUP_FORM}"),
        ({"resourceGroups": ["a."]}, f"resourceGroups: 'a.' is not {GROUP_FORM}"),
        ({"agentPoolRegions": "westus2"}, "agentPoolRegions: expected a list of texts"),
        (
            {"principals": [{"id": "me", "name": "Me"}]},
            f"principals[0].id: 'me' is not {GUID_FORM}",
        ),
        (
            {"principals": [{"id": "00000000-0000-0000-0000-000000000001", "name": "Me", "type": "Robot"}]},
            "principals[0].type: 'Robot' is not one of User, Group, ServicePrincipal",
        ),
        ({"faults": {}}, "faults: expected a list of rules"),
        (
            {"faults": [{"fault": {}}]},
            (
                "faults[0].fault: give exactly one of status, reset, delay, silence, drip, truncate, "
                "drop-reply, rewrite, one-more-page, inflate"
            ),
        ),
    ],
)
def test_documents(document: Any, told: str) -> None:
    assert refusal(document) == told


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"subscriptions": []}, "subscriptions: expected a list with at least one entry"),
        ({"subscriptions": {"id": "x"}}, "subscriptions: expected a list with at least one entry"),
        ({"subscriptions": [{"id": "mine"}]}, f"subscriptions[0].id: 'mine' is not {GUID_FORM}"),
        ({"subscriptions": [{"id": 7}]}, "subscriptions[0].id: expected text, not 7"),
        ({"subscriptions": [{"tenant": "contoso.com"}]}, f"subscriptions[0].tenant: 'contoso.com' is not {GUID_FORM}"),
        ({"subscriptions": [{}, {}]}, "subscriptions: the ID '00000000-0000-0000-0000-000000000000' is there twice"),
        ({"subscriptions": [{"tenantId": "x"}]}, "subscriptions[0].tenantId: unknown key (known: id, name, tenant)"),
    ],
)
def test_subscriptions(document: Any, told: str) -> None:
    assert refusal(document) == told


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"registries": {}}, "registries: expected a list"),
        ({"registries": ["myregistry"]}, "registries[0]: expected keys and values"),
        ({"registries": [{}]}, "registries[0].name: is missing"),
        (with_registry(name="a b/c"), f"registries[0].name: 'a b/c' is not {NAME_FORM}"),
        (with_registry(name="abcd"), f"registries[0].name: 'abcd' is not {NAME_FORM}"),
        (with_registry(name="a" * 51), f"registries[0].name: '{'a' * 51}' is not {NAME_FORM}"),
        (with_registry(name="my-registry"), f"registries[0].name: 'my-registry' is not {NAME_FORM}"),
        (with_registry(name="myregistry\n"), f"registries[0].name: 'myregistry\\n' is not {NAME_FORM}"),
        (with_registry(name=""), "registries[0].name: expected text, not ''"),
        (with_registry(name=12345), "registries[0].name: expected text, not 12345"),
        (
            {"registries": [{"name": "registry1"}, {"name": "Registry1"}]},
            "registries: the name 'Registry1' is there twice, and registry names are global",
        ),
        (with_registry(sku="Gold"), "registries[0].sku: 'Gold' is not one of Basic, Standard, Premium"),
        (with_registry(sku="premium"), "registries[0].sku: 'premium' is not one of Basic, Standard, Premium"),
        (
            with_registry(SKU="Basic"),
            (
                "registries[0].SKU: unknown key (known: agentPools, allowCpuWithPool, "
                "allowPoolInTaskRun, customerManagedKey, location, name, "
                "networkRuleBypassAllowedForTasks, networkRuleBypassOptions, networkRuleSet, "
                "publicNetworkAccess, resourceGroup, roleAssignmentMode, runFaults, scaleInInterrupts, sku, "
                "subscription, tags, tasksAllowed, vcpuQuota)"
            ),
        ),
        (with_registry(resourceGroup="my group"), f"registries[0].resourceGroup: 'my group' is not {GROUP_FORM}"),
        (with_registry(resourceGroup="g" * 91), f"registries[0].resourceGroup: '{'g' * 56}... is not {GROUP_FORM}"),
        (with_registry(subscription="x"), f"registries[0].subscription: 'x' is not {GUID_FORM}"),
        (
            with_registry(subscription="11111111-0000-0000-0000-000000000000"),
            "registries[0].subscription: '11111111-0000-0000-0000-000000000000' is not listed under 'subscriptions'",
        ),
        (
            with_registry(location="mars"),
            "registries[0].location: 'mars' is no region of Azure; a new one can be listed under 'registryRegions'",
        ),
        (with_registry(location=["westus2"]), "registries[0].location: expected text, not ['westus2']"),
        (
            with_registry(roleAssignmentMode="ABAC"),
            (
                "registries[0].roleAssignmentMode: 'ABAC' is not one of LegacyRegistryPermissions, "
                "AbacRepositoryPermissions"
            ),
        ),
        (with_registry(publicNetworkAccess=False), "registries[0].publicNetworkAccess: expected text, not False"),
        (
            with_registry(publicNetworkAccess="Disabled", sku="Basic"),
            "registries[0].publicNetworkAccess: needs the SKU Premium, not Basic",
        ),
        (with_registry(tasksAllowed="no"), "registries[0].tasksAllowed: expected true or false, not 'no'"),
        (
            with_registry(networkRuleBypassOptions="All"),
            "registries[0].networkRuleBypassOptions: 'All' is not one of AzureServices, None",
        ),
        (
            with_registry(runFaults=[{"fault": "lunch", "says": "x"}]),
            "registries[0].runFaults[0].fault: 'lunch' is not one of error, login, pull, push",
        ),
        (with_registry(runFaults=[{"says": "x"}]), "registries[0].runFaults[0].fault: is missing"),
        (with_registry(runFaults=[{"fault": "pull"}]), "registries[0].runFaults[0].says: is missing"),
        (with_registry(vcpuQuota=16), "registries[0].vcpuQuota: expected keys and values"),
        (
            with_registry(vcpuQuota={"standard": -1}),
            "registries[0].vcpuQuota.standard: expected a whole number from 0 up, not -1",
        ),
        (
            with_registry(vcpuQuota={"standard": 1.5}),
            "registries[0].vcpuQuota.standard: expected a whole number from 0 up, not 1.5",
        ),
        (
            with_registry(vcpuQuota={"isolated": 2**31}),
            "registries[0].vcpuQuota.isolated: expected a whole number from 0 up, not 2147483648",
        ),
        (
            with_registry(vcpuQuota={"standard": float("nan")}),
            "registries[0].vcpuQuota.standard: nan is not a number that JSON has",
        ),
    ],
)
def test_registries(document: Any, told: str) -> None:
    assert refusal(document) == told


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (with_registry(networkRuleSet=[]), "registries[0].networkRuleSet: expected keys and values"),
        (
            with_registry(networkRuleSet={"defaultAction": "deny"}),
            "registries[0].networkRuleSet.defaultAction: 'deny' is not one of Allow, Deny",
        ),
        (
            with_registry(networkRuleSet={"ipRules": [{"value": "10.0.0.300"}]}),
            (
                "registries[0].networkRuleSet.ipRules[0].value: '10.0.0.300' is not an IPv4 address or "
                "range such as 203.0.113.0/24"
            ),
        ),
        (
            with_registry(networkRuleSet={"ipRules": [{"value": "::1"}]}),
            (
                "registries[0].networkRuleSet.ipRules[0].value: '::1' is not an IPv4 address or range "
                "such as 203.0.113.0/24"
            ),
        ),
        (
            with_registry(networkRuleSet={"ipRules": [{"value": "203.0.113.1", "action": "Deny"}]}),
            "registries[0].networkRuleSet.ipRules[0].action: 'Deny' is not one of Allow",
        ),
        (
            with_registry(networkRuleSet={"ipRules": [{"value": f"203.0.113.{n}"} for n in range(201)]}),
            "registries[0].networkRuleSet.ipRules: at most 200 rules, not 201",
        ),
        (
            with_registry(networkRuleSet={"defaultAction": "Deny"}, sku="Basic"),
            "registries[0].networkRuleSet: needs the SKU Premium, not Basic",
        ),
        (with_registry(tags=["a"]), "registries[0].tags: expected keys and values"),
        (with_registry(tags={"a": {"b": "c"}}), "registries[0].tags.a: expected text, not {'b': 'c'}"),
        (with_registry(tags={"a": None}), "registries[0].tags.a: expected text, not None"),
        (with_registry(tags={"a": float("inf")}), "registries[0].tags.a: inf is not a number that JSON has"),
        (
            with_registry(tags={"a?": "b"}),
            "registries[0].tags: a tag's name has 1 to 512 characters, none of them one of <>%&\\?/",
        ),
        (with_registry(tags={"a": "b" * 257}), "registries[0].tags: a tag's value has at most 256 characters, not 257"),
        (with_registry(tags={f"t{n}": "x" for n in range(51)}), "registries[0].tags: at most 50 tags, not 51"),
    ],
)
def test_network_rules_and_tags(document: Any, told: str) -> None:
    assert refusal(document) == told


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (with_pools({}), "registries[0].agentPools[0].name: is missing"),
        (with_pools({"name": "p"}), f"registries[0].agentPools[0].name: 'p' is not {POOL_FORM}"),
        (with_pools({"name": "my_pool"}), f"registries[0].agentPools[0].name: 'my_pool' is not {POOL_FORM}"),
        (with_pools({"name": "p" * 21}), f"registries[0].agentPools[0].name: '{'p' * 21}' is not {POOL_FORM}"),
        (
            with_pools({"name": "pool"}, {"name": "POOL"}),
            "registries[0].agentPools: the name 'POOL' is there twice, and case does not count",
        ),
        (
            with_pools({"name": "pool", "tier": "S4"}),
            "registries[0].agentPools[0].tier: 'S4' is not one of S1, S2, S3, I6",
        ),
        (
            with_pools({"name": "pool", "count": "2"}),
            "registries[0].agentPools[0].count: expected a whole number from 0 up, not '2'",
        ),
        (
            with_pools({"name": "pool", "count": -1}),
            "registries[0].agentPools[0].count: expected a whole number from 0 up, not -1",
        ),
        (
            with_pools({"name": "pool", "provisioningState": "Deleting"}),
            "registries[0].agentPools[0].provisioningState: 'Deleting' is not one of Succeeded, Failed, Canceled",
        ),
        (
            with_pools({"name": "pool", "os": "Linux"}),
            "registries[0].agentPools[0].os: unknown key (known: count, name, provisioningState, subnetId, tags, tier)",
        ),
        (
            with_pools({"name": "pool", "subnetId": "mysubnet"}),
            f"registries[0].agentPools[0].subnetId: 'mysubnet' is not {SUBNET_FORM}",
        ),
        (
            {**with_pools({"name": "pool", "subnetId": SUBNET}), "subnets": [{"id": f"{VNET}/subnets/other"}]},
            f"registries[0].agentPools[0].subnetId: '{SUBNET}' is not listed under 'subnets'",
        ),
        (with_pools({"name": "pool"}, sku="Basic"), "registries[0].agentPools: needs the SKU Premium, not Basic"),
        (with_pools({"name": "pool"}, sku="Standard"), "registries[0].agentPools: needs the SKU Premium, not Standard"),
    ],
)
def test_pools(document: Any, told: str) -> None:
    assert refusal(document) == told


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"subnets": [{}]}, "subnets[0].id: is missing"),
        ({"subnets": [{"id": "x"}]}, f"subnets[0].id: 'x' is not {SUBNET_FORM}"),
        ({"subnets": [{"id": VNET}]}, f"subnets[0].id: '{VNET[:56]}... is not {SUBNET_FORM}"),
        (
            {"subnets": [{"id": SUBNET}, {"id": SUBNET.lower()}]},
            f"subnets: the ID '{SUBNET.lower()}' is there twice, and case does not count",
        ),
        (
            {"subnets": [{"id": SUBNET, "egressBlocked": "yes"}]},
            "subnets[0].egressBlocked: expected true or false, not 'yes'",
        ),
        (
            {"subnets": [{"id": SUBNET, "failsAfterSeconds": -1}]},
            "subnets[0].failsAfterSeconds: expected seconds from 0 to 31622400, not -1",
        ),
        (
            {"subnets": [{"id": SUBNET, "failsAfterSeconds": 1e18}]},
            "subnets[0].failsAfterSeconds: expected seconds from 0 to 31622400, not 1e+18",
        ),
        (
            {"subnets": [{"id": SUBNET, "failsAfterSeconds": float("nan")}]},
            "subnets[0].failsAfterSeconds: nan is not a number that JSON has",
        ),
        (
            {"subnets": [{"id": SUBNET, "properties": {"addressPrefix": "10.0.0.0"}}]},
            "subnets[0].properties.addressPrefix: '10.0.0.0' is not an address range such as 10.0.0.0/24",
        ),
        (
            {"subnets": [{"id": SUBNET, "properties": {"addressPrefixes": ["10.0.0.1/24"]}}]},
            "subnets[0].properties.addressPrefixes: '10.0.0.1/24' is not an address range such as 10.0.0.0/24",
        ),
        ({"resources": [{"location": "x"}]}, "resources[0].id: is missing"),
        (
            {"resources": [{"id": "/subscriptions/s/x"}]},
            f"resources[0].id: '/subscriptions/s/x' is not {RESOURCE_FORM}",
        ),
        (
            {"resources": [{"id": f"{GROUP}/providers/Microsoft.Network/virtualNetworks"}]},
            f"resources[0].id: '{GROUP[:56]}... is not {RESOURCE_FORM}",
        ),
        (
            {"resources": [{"id": VNET}, {"id": VNET}]},
            f"resources: the ID '{VNET}' is there twice, and case does not count",
        ),
        (
            {"resources": [{"id": f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/myregistry"}]},
            "resources[0].id: registries and what is in them stand under 'registries'",
        ),
        ({"permissions": [{"action": ["*"]}]}, "permissions[0].action: unknown key (known: actions, notActions)"),
        ({"permissions": [{"actions": "*"}]}, "permissions[0].actions: expected a list of texts"),
    ],
)
def test_networks_and_other_resources(document: Any, told: str) -> None:
    assert refusal(document) == told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: [", "line 1, column 5: not valid YAML: expected the node content, but found '<stream end>'"),
        (
            b"registries:\n\t- name: x\n",
            "line 2, column 1: not valid YAML: found character '\\t' that cannot start any token",
        ),
        (
            b"registries: []\npageSize: 5\nregistries: []\n",
            "line 3, column 1: not valid YAML: the key 'registries' is there twice",
        ),
        (
            b"registries:\n  - {name: registry1, sku: Basic, sku: Premium}\n",
            "line 2, column 35: not valid YAML: the key 'sku' is there twice",
        ),
        (b"a: 1\n---\nb: 2\n", "line 2, column 1: not valid YAML: but found another document"),
        (b"a: &x [*x]\n", "a" + "[0]" * 19 + "[0...: more than 50 levels deep"),
        (b"a: *nothing\n", "line 1, column 4: not valid YAML: found undefined alias 'nothing'"),
        (
            b"a: !!python/object/apply:os.getcwd []\n",
            (
                "line 1, column 4: not valid YAML: could not determine a constructor for the tag "
                "'tag:yaml.org,2002:python/object/apply:os.getcwd'"
            ),
        ),
        (b"a: !!int x\n", "not valid YAML: invalid literal for int() with base 10: 'x'"),
        (
            b"resourceGroups: [!!binary aGVsbG8=]\n",
            "resourceGroups[0]: expected text, a number, true, false, a list or keys and values",
        ),
        (b"pageSize: .nan\n", "pageSize: nan is not a number that JSON has"),
        (b"pageSize: .inf\n", "pageSize: inf is not a number that JSON has"),
        (b"# caf\xe9\npageSize: 5\n", "line 1: not UTF-8 (byte 0xe9). Save the file as UTF-8."),
        (b"\xff\xfea\x00", "line 1: not UTF-8 (byte 0xff). Save the file as UTF-8."),
        (b"a: \x00", "not valid YAML: unacceptable character #x0000: special characters are not allowed"),
        (b"[" * 3000, "not valid YAML: nested too deeply"),
        (b"#" * (4 * 1024 * 1024 + 1), "is larger than 4 MiB"),
    ],
    ids=range(17),
)
def test_files(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "world.yaml"
    file.write_bytes(content)
    with pytest.raises(WorldFileError) as error:
        load_world(file)
    assert str(error.value) == f"{file}: {told}"


def test_lists_that_grow_by_aliases(tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    file.write_text("\n".join(levels), encoding="utf-8")
    with pytest.raises(WorldFileError) as error:
        load_world(file)
    assert str(error.value) == f"{file}: more than 100000 values; what an alias stands for counts each time"


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(WorldFileError) as error:
        load_world(tmp_path / "none.yaml")
    assert str(error.value) == f"{tmp_path / 'none.yaml'}: No such file or directory"


@pytest.mark.skipif(os.name == "nt", reason="Windows calls it a matter of permission")
def test_folders(tmp_path: Path) -> None:
    with pytest.raises(WorldFileError) as error:
        load_world(tmp_path)
    assert str(error.value) == f"{tmp_path}: Is a directory"


def test_merges_that_multiply(tmp_path: Path) -> None:
    levels = [f"k{n}: &m{n + 1} {{<<: [{', '.join([f'*m{n}'] * 9)}]}}" for n in range(20)]
    file = tmp_path / "world.yaml"
    file.write_text("\n".join(["a: &m0 {x: 1}", *levels]), encoding="utf-8")
    with pytest.raises(WorldFileError) as error:
        load_world(file)
    told = "line 6, column 5: not valid YAML: more than 10000 keys in one mapping, with those merged by '<<'"
    assert str(error.value) == f"{file}: {told}"
