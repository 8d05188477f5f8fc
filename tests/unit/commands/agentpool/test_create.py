"""`az acr agentpool create`: what is asked of the service, what is said, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pool_azure import MISSING, NETWORK, PROVIDER, VNET, PoolAzure, listing
from scripted_arm import POOL_PATH, arm_error, pool_body, registry_body
from scripted_transport import Reply

from azext_acrpool.commands.agentpool.create import create_pool
from azext_acrpool.testing import Finished

CREATED = "Agent pool 'mypool': Creating (usually takes 5 to 13 minutes)\nAgent pool 'mypool': Succeeded after 2 s\n"
BEGUN = (
    "The create of agent pool 'mypool' has begun."
    " Wait for its end with: az acr agentpool wait -r myregistry -n mypool --created"
)
SUBNET_ID = f"{VNET}/subnets/mysubnet"


def test_create() -> None:
    azure = PoolAzure()
    finished = azure.run(create_pool, tier="s2", count=2, tags={"a": "b"})
    assert finished == Finished(pool_body(), 0, "", CREATED)
    assert azure.sent("PUT") == {
        "location": "westus2",
        "properties": {"count": 2, "tier": "S2", "os": "Linux"},
        "tags": {"a": "b"},
    }


def test_create_adds_one_round_of_requests_to_az_own() -> None:
    azure = PoolAzure()
    azure.run(create_pool, no_wait=True)
    assert azure.transport.asked("GET")[0] == "myregistry"
    assert sorted(azure.transport.asked("GET")[1:]) == [PROVIDER, "myregistry/agentPools"]


def test_create_without_checks_asks_only_whether_the_pool_is_there_besides_az_own() -> None:
    azure = PoolAzure({"GET /agentPools/mypool": MISSING})
    assert azure.run(create_pool, skip_checks=True, no_wait=True) == Finished(None, 0, "", f"{BEGUN}\n")
    assert (azure.transport.asked("GET"), azure.transport.asked("PUT")) == (
        ["myregistry", "myregistry/agentPools/mypool"],
        ["myregistry/agentPools/mypool"],
    )


def no_subnet_id(typed: str) -> list[str]:
    return [
        (
            f"'{typed}' is not the resource ID of a subnet, which looks like"
            " /subscriptions/../resourceGroups/../providers/Microsoft.Network/virtualNetworks/../subnets/.."
        ),
        'To list those that there are: az network vnet list --query "[].subnets[].id" -o tsv',
    ]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"agent_pool_name": "a_b"},
            [
                "'a_b' cannot be the name of an agent pool: it must be 3 to 20 letters, digits and hyphens.",
                "Choose another --name.",
            ],
        ),
        (
            {"tier": "S9"},
            [
                "There is no tier 'S9'. There are S1, S2, S3, I6.",
                (
                    "For each instance, choose --tier by its size: S1 2 vCPUs and 3 GiB, S2 4 vCPUs and 8 GiB, S3 8"
                    " vCPUs and 16 GiB, I6 64 vCPUs and 216 GiB."
                ),
            ],
        ),
        (
            {"count": -1},
            ["An agent pool cannot have a count of -1.", "Use --count 0 for none, or a positive number."],
        ),
        ({"subnet_id": "mysubnet"}, no_subnet_id("mysubnet")),
    ],
)
def test_create_refuses_bad_values_before_it_asks_anything(options: dict[str, Any], told: list[str]) -> None:
    azure = PoolAzure()
    finished = azure.run(create_pool, **options)
    assert (finished.exit_code, finished.told) == (2, told)
    assert not azure.transport.requests


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"GET /registries/myregistry": Reply(200, registry_body(sku="Basic"))},
            [
                "Agent pools need a Premium registry; 'myregistry' is Basic.",
                "Upgrade it.",
                "az acr update -n myregistry -g mygroup --sku Premium",
            ],
        ),
        (
            {"GET /registries/myregistry": Reply(200, registry_body(location="uksouth"))},
            [
                "The registry's region uksouth does not offer agent pools.",
                (
                    "Use a registry in one of: West US 2. A registry cannot be moved; images can be copied with az acr"
                    " import."
                ),
            ],
        ),
        (
            {"GET /agentPools": listing(pool_body(state="Failed"))},
            [
                "Agent pool 'mypool' is in state Failed, and the service refuses to change such a pool.",
                "Delete it with `az acr agentpool delete -r myregistry -n mypool` and create it again.",
            ],
        ),
        (
            {"GET /agentPools": listing(pool_body(state="Deleting"))},
            [
                "Agent pool 'mypool' is in state Deleting; it cannot be changed until that is done.",
                "Wait for that with: az acr agentpool wait -r myregistry -n mypool --deleted",
            ],
        ),
        (
            {"GET /agentPools": listing(pool_body(state="Updating", count=3))},
            [
                "Agent pool 'mypool' is in state Updating; it cannot be changed until that is done.",
                "Wait for that with: az acr agentpool wait -r myregistry -n mypool --updated",
            ],
        ),
        (
            {"GET /agentPools": listing(pool_body(tier="S3"))},
            [
                (
                    "Agent pool 'mypool' exists already, with tier S3 instead of S1 (the default)."
                    " A pool's tier, os and subnet cannot be changed."
                ),
                "Create a pool of another name, or delete this one and create it again:",
                "az acr agentpool delete -r myregistry -n mypool",
                "az acr agentpool create -r myregistry -n mypool --tier S1 --count 1",
            ],
        ),
    ],
)
def test_create_refuses_what_cannot_work(changes: dict[str, Any], told: list[str]) -> None:
    azure = PoolAzure(changes)
    finished = azure.run(create_pool)
    assert (finished.exit_code, finished.told) == (1, told)
    assert not azure.transport.asked("PUT")


def test_create_of_what_is_there_already() -> None:
    azure = PoolAzure({"GET /agentPools": listing(pool_body("MYPOOL"))})
    finished = azure.run(create_pool)
    assert finished == Finished(pool_body("MYPOOL"), 0, "", "Agent pool 'MYPOOL' exists already, as asked.\n")
    assert not azure.transport.asked("PUT")


def test_create_of_what_is_being_created_waits_for_it() -> None:
    azure = PoolAzure(
        {
            "GET /agentPools": listing(pool_body(state="Creating")),
            "GET /agentPools/mypool": [Reply(200, pool_body(state="Creating")), Reply(200, pool_body())],
        }
    )
    finished = azure.run(create_pool)
    assert finished == Finished(pool_body(), 0, "", f"Agent pool 'mypool' is creating already.\n{CREATED}")
    assert not azure.transport.asked("PUT")


SCALED = "Agent pool 'mypool': Updating (usually takes about 6 minutes)\nAgent pool 'mypool': Succeeded after 2 s\n"
SCALING = (
    "The update of agent pool 'mypool' has begun."
    " Wait for its end with: az acr agentpool wait -r myregistry -n mypool --updated\n"
)


def existing(**properties: Any) -> dict[str, Any]:
    """The routes of a registry with one pool, which becomes what its change says."""
    there = pool_body(**properties)
    states = [Reply(200, {"status": state}) for state in ("Updating", "Succeeded")]

    def changed(request: Any) -> Reply:
        count = properties.get("count", 1) if changes is None else changes
        return Reply(200, pool_body(count=count))

    changes: int | None = None

    def patch(request: Any) -> Reply:
        nonlocal changes
        changes = json.loads(request.content)["properties"]["count"]
        status = {"Azure-AsyncOperation": f"https://management.example{POOL_PATH}/operationStatuses/1?s=x"}
        return Reply(201, pool_body(state="Updating"), status)

    return {
        "GET /agentPools": listing(there),
        "GET /agentPools/mypool": lambda request: Reply(200, there) if changes is None else changed(request),
        "PATCH /agentPools/mypool": patch,
        "GET /operationStatuses/1": states,
    }


@pytest.mark.parametrize("skip_checks", [False, True])
@pytest.mark.parametrize(
    ("there", "options", "sent", "told"),
    [
        (
            {"count": 3, "tags": {"a": "b"}},
            {"count": 5},
            {"properties": {"count": 5}},
            "with 3 instances: it is scaled to 5 instances.",
        ),
        (
            {"count": 3},
            {},
            {"properties": {"count": 1}},
            "with 3 instances: it is scaled to 1 instance (--count was not given, and is 1 by default).",
        ),
        (
            {"tags": {"a": "b"}},
            {"tags": {"c": "d"}},
            {"properties": {"count": 1}, "tags": {"c": "d"}},
            "with other tags: it gets the tags asked for.",
        ),
        (
            {"count": 3, "tags": {"a": "b"}},
            {"count": 0, "tags": {}},
            {"properties": {"count": 0}, "tags": {}},
            "with 3 instances and other tags: it is scaled to 0 instances and gets the tags asked for.",
        ),
        (
            {"count": 2, "state": "Canceled"},
            {"count": 2},
            {"properties": {"count": 2}},
            "but its last change was broken off, so that it may have fewer than 2 instances: it is asked for again.",
        ),
    ],
    ids=["up", "to the default", "tags", "both", "cancelled"],
)
def test_create_of_a_pool_that_is_there_changes_it(
    there: dict[str, Any], options: dict[str, Any], sent: dict[str, Any], told: str, skip_checks: bool
) -> None:
    azure = PoolAzure(existing(**there))
    finished = azure.run(create_pool, **options, skip_checks=skip_checks)
    assert finished.stderr == f"Agent pool 'mypool' exists already, {told}\n{SCALED}"
    assert (finished.exit_code, finished.result) == (0, pool_body(count=sent["properties"]["count"]))
    assert azure.sent("PATCH") == sent
    assert not azure.transport.asked("PUT")


def test_create_of_a_pool_that_is_there_need_not_wait_for_the_change() -> None:
    azure = PoolAzure(existing(count=2))
    told = "Agent pool 'mypool' exists already, with 2 instances: it is scaled to 4 instances.\n"
    assert azure.run(create_pool, count=4, no_wait=True) == Finished(None, 0, "", told + SCALING)


def test_create_of_a_pool_that_is_there_warns_beyond_the_quota() -> None:
    azure = PoolAzure(existing(count=2))
    finished = azure.run(create_pool, count=9, no_wait=True)
    assert finished.exit_code == 0
    assert finished.told[0].startswith("WARNING: 9 x S1 are 18 vCPUs")
    assert finished.told[1].endswith("with 2 instances: it is scaled to 9 instances.")


def test_create_whose_change_is_refused_has_failed() -> None:
    azure = PoolAzure({**existing(count=2), "PATCH /agentPools/mypool": arm_error(409, "RegistryStatusConflict")})
    finished = azure.run(create_pool, count=4)
    assert (finished.exit_code, finished.result) == (1, None)
    assert finished.told[1:] == [
        "(RegistryStatusConflict) No.",
        "See what state the agent pool is in with: az acr agentpool show -r myregistry -n mypool",
    ]


def test_create_whose_change_was_carried_out_although_its_reply_was_lost() -> None:
    azure = PoolAzure(
        {
            **existing(count=2),
            "PATCH /agentPools/mypool": Reply(200, "<html>"),
            "GET /agentPools/mypool": Reply(200, pool_body(count=4)),
        }
    )
    finished = azure.run(create_pool, count=4)
    assert (finished.exit_code, finished.result) == (0, pool_body(count=4))


def test_create_without_checks_refuses_what_a_change_could_not_say() -> None:
    azure = PoolAzure(existing(tier="S2"))
    finished = azure.run(create_pool, tier="S3", skip_checks=True)
    assert (finished.exit_code, finished.told[0]) == (
        1,
        (
            "Agent pool 'mypool' exists already, with tier S2 instead of S3. A pool's tier, os and subnet cannot"
            " be changed."
        ),
    )
    assert not azure.transport.asked("PATCH") + azure.transport.asked("PUT")


def test_create_that_somebody_else_began_first_is_joined() -> None:
    azure = PoolAzure(
        {
            "PUT /agentPools/mypool": arm_error(409, "RegistryStatusConflict"),
            "GET /agentPools/mypool": [Reply(200, pool_body(state="Creating")), Reply(200, pool_body())],
        }
    )
    assert azure.run(create_pool) == Finished(
        pool_body(), 0, "", "Agent pool 'mypool': Succeeded (usually takes 5 to 13 minutes)\n"
    )


@pytest.mark.parametrize("there", [MISSING, Reply(200, pool_body(tier="S3"))])
def test_create_that_conflicts_with_something_else_fails(there: Reply) -> None:
    azure = PoolAzure(
        {"PUT /agentPools/mypool": arm_error(409, "Busy", "The registry is busy."), "GET /agentPools/mypool": there}
    )
    finished = azure.run(create_pool)
    assert finished.exit_code == 1
    assert finished.told == [
        "(Busy) The registry is busy.",
        "See what state the agent pool is in with: az acr agentpool show -r myregistry -n mypool",
    ]


def test_checks_whose_facts_may_not_be_read_are_left_out() -> None:
    refused = arm_error(403, "AuthorizationFailed")
    azure = PoolAzure({"GET /providers/Microsoft.ContainerRegistry": refused, "GET /agentPools": refused})
    finished = azure.run(create_pool)
    assert (finished.result, finished.exit_code) == (pool_body(), 0)
    assert finished.told[:2] == [
        "WARNING: Which regions offer agent pools could not be read (No): the documented ones count.",
        "WARNING: vCPU quota: Not checked: No.",
    ]
    assert finished.told[2:] == CREATED.splitlines()


@pytest.mark.parametrize(
    ("options", "subnet_id"),
    [
        ({"subnet": "mysubnet", "vnet_name": "myvnet"}, SUBNET_ID),
        (
            {"subnet": "mysubnet", "vnet_name": "myvnet", "vnet_resource_group": "hub"},
            SUBNET_ID.replace("mygroup", "hub"),
        ),
        ({"subnet": "mysubnet", "vnet_name": f"{VNET}/"}, SUBNET_ID),
        ({"subnet": "/subscriptions/s/resourceGroups/g/x"}, "/subscriptions/s/resourceGroups/g/x"),
    ],
)
def test_create_in_a_subnet(options: dict[str, Any], subnet_id: str) -> None:
    azure = PoolAzure({"GET /agentPools/mypool": MISSING})
    azure.run(create_pool, **options, skip_checks=True, no_wait=True)
    assert azure.sent("PUT")["properties"]["virtualNetworkSubnetResourceId"] == subnet_id


def subnet_with(*rules: dict[str, Any], prefix: str = "10.0.0.0/24") -> dict[str, Any]:
    """The routes of a subnet whose security group has these rules."""
    group = {
        "id": f"{NETWORK}/networkSecurityGroups/mynsg",
        "properties": {"securityRules": list(rules), "defaultSecurityRules": []},
    }
    subnet = {"id": SUBNET_ID, "properties": {"addressPrefix": prefix, "networkSecurityGroup": group}}
    vnet = {"id": VNET, "location": "westus2", "properties": {}}
    return {"GET /subnets/mysubnet": Reply(200, subnet), "GET /virtualNetworks/myvnet": Reply(200, vnet)}


def outbound(access: str) -> dict[str, Any]:
    names = ("sourceAddressPrefix", "sourcePortRange", "destinationAddressPrefix", "destinationPortRange", "protocol")
    properties = {**dict.fromkeys(names, "*"), "access": access, "priority": 100, "direction": "Outbound"}
    return {"name": f"{access}All", "properties": properties}


def test_create_in_a_subnet_asks_about_it_in_the_same_round() -> None:
    azure = PoolAzure(subnet_with(outbound("Allow")))
    azure.run(create_pool, subnet_id=SUBNET_ID, no_wait=True)
    assert sorted(azure.transport.asked("GET")[1:]) == [PROVIDER, VNET, SUBNET_ID, "myregistry/agentPools"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            subnet_with(outbound("Deny")),
            [
                (
                    "Network security group 'mynsg' blocks TCP 443 to Storage. Without it the pool says Succeeded while"
                    " its runs stay Queued for ever, and turns Failed later."
                ),
                (
                    "az network nsg rule create -g mygroup --nsg-name mynsg -n AllowAcrPoolStorage"
                    " --priority 101 --direction Outbound --access Allow --protocol Tcp --source-address-prefixes"
                    " VirtualNetwork --destination-address-prefixes Storage --destination-port-ranges 443"
                ),
            ],
        ),
        (
            subnet_with(outbound("Allow"), prefix="10.0.0.0/30"),
            ["A pool of 1 instance needs 1 address; subnet 'mysubnet' has 0 free addresses."],
        ),
        (
            {**subnet_with(), "GET /subnets/mysubnet": MISSING},
            ["There is no subnet 'mysubnet' in virtual network 'myvnet'."],
        ),
    ],
)
def test_create_in_a_subnet_where_no_pool_can_work_is_refused(changes: dict[str, Any], told: list[str]) -> None:
    azure = PoolAzure(changes)
    finished = azure.run(create_pool, subnet_id=SUBNET_ID)
    assert finished.exit_code == 1
    assert [line for line in told if line not in finished.told] == []
    assert not azure.transport.asked("PUT")


def test_create_in_a_subnet_that_may_not_be_read_goes_on_and_says_so() -> None:
    refused = arm_error(403, "AuthorizationFailed")
    azure = PoolAzure({**subnet_with(), "GET /subnets/mysubnet": refused, "GET /virtualNetworks/myvnet": refused})
    finished = azure.run(create_pool, subnet_id=SUBNET_ID, no_wait=True)
    assert finished.exit_code == 0
    assert finished.told == [
        "WARNING: Virtual network: Not checked: needs Microsoft.Network/virtualNetworks/read.",
        "WARNING: Subnet: Not checked: needs Microsoft.Network/virtualNetworks/subnets/read.",
        BEGUN,
    ]


def test_subnet_by_a_malformed_id_is_refused() -> None:
    azure = PoolAzure()
    finished = azure.run(create_pool, subnet="/subscriptions/s/x")
    assert (finished.exit_code, finished.told) == (2, no_subnet_id("/subscriptions/s/x"))
    assert not azure.transport.asked("PUT")


def test_create_of_a_pool_that_is_there_says_that_its_autoscale_policy_is_taken_away() -> None:
    azure = PoolAzure(existing(count=2, tags={"acrpool-autoscale": "v1; max=4; min=0"}))
    finished = azure.run(create_pool, count=4, tags={"a": "b"}, no_wait=True)
    assert finished.told[1:-1] == [
        (
            "WARNING: --tags replaces all tags of agent pool 'mypool'. That takes away its autoscale policy, so that"
            " nothing scales it any more. To keep it: az acr agentpool update -r myregistry -n mypool --tags a=b"
            ' "acrpool-autoscale=v1; max=4; min=0"'
        )
    ]
