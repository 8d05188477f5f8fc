"""The commands of a report are one plan: each once, in an order in which they can be run, none that cannot be run."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from health_worlds import HealthWorld, load_worlds, merge_patch, read_facts

from azext_acrpool.health.checks import check_health
from azext_acrpool.health.findings import Finding, Severity

WORLDS = load_worlds(Path(__file__).with_name("worlds"))
NAMED = {world.name: world for world in WORLDS}


def find(world: HealthWorld) -> list[Finding]:
    return check_health(read_facts(world.documents))


def plan_of(world: HealthWorld) -> list[str]:
    return [command for finding in find(world) for command in finding.fix]


def options_of(command: str) -> dict[str, str]:
    """The first value of each option."""
    words = shlex.split(command)
    return {word: value for word, value in pairwise(words) if word.startswith("-")}


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_no_command_is_there_twice_and_none_takes_what_another_has_taken(world: HealthWorld) -> None:
    plan = plan_of(world)
    rules = [options_of(command) for command in plan if command.startswith("az network nsg rule ")]
    routes = [options_of(command) for command in plan if command.startswith("az network route-table route ")]

    assert len(set(plan)) == len(plan)
    for taken in (
        [rule["--priority"] for rule in rules],
        [rule["-n"] for rule in rules],
        [route["-n"] for route in routes],
        [route["--address-prefix"] for route in routes],
    ):
        assert max(Counter(taken).values(), default=1) == 1


# What is written in capitals and stands for nothing else.
SPELLED_SO = {"DNS", "TCP", "NSG", "NAT", "ARM", "API", "FROM"}


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_no_command_has_a_gap_to_be_filled_in(world: HealthWorld) -> None:
    for finding in find(world):
        for text in (*finding.fix, finding.recommendation):
            assert not re.search(r"<\w|\.\.\.", text), text
            assert set(re.findall(r"\b[A-Z][A-Z_]{2,}\b", text)) <= SPELLED_SO, text
            assert "your-" not in text, text
            assert "example" not in text.replace("dev@example.com", "").replace("for example", ""), text


def test_what_is_needed_by_several_is_let_through_once_and_the_rule_in_the_way_moves_once() -> None:
    plan = plan_of(NAMED["combinations: what the pool needs and what its base images need, behind one rule"])

    assert [(options_of(command)["-n"], options_of(command)["--priority"]) for command in plan] == [
        ("DenyInternet", "109"),
        ("AllowAcrPoolAzureKeyVault", "102"),
        ("AllowAcrPoolStorage", "103"),
        ("AllowAcrPoolEventHub", "104"),
        ("AllowAcrPoolAzureActiveDirectory", "105"),
        ("AllowAcrPoolAzureContainerRegistry", "106"),
        ("AllowAcrPoolPullInternet", "107"),
        ("AllowAcrPoolAzureMonitor", "108"),
    ]


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("a subnet that is not there yet, before a closed registry", []),
        ("a subnet that is full, before a closed registry", []),
        ("no such pool where none can be", []),
        ("an empty pool that somebody else must scale", []),
        ("a network that is not there", []),
        ("a subnet with room for the pool alone, before a closed registry", []),
        ("a failed pool in a network of another region", []),
        ("a failed pool behind rules that leave no room before them", []),
        ("a failed pool whose machines take the room of new ones", []),
        (
            "an empty pool of a registry that is being changed",
            [
                (
                    "az resource wait --ids /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/mygroup"
                    "/providers/Microsoft.ContainerRegistry/registries/myregistry --api-version 2025-11-01 --updated"
                ),
                "az acr agentpool update -r myregistry -n mypool --count 1",
            ],
        ),
        (
            "an empty pool that its owner may not scale yet",
            [
                (
                    "az role assignment create --assignee dev@example.com"
                    ' --role "Container Registry Tasks Contributor" --scope'
                    " /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/mygroup"
                    "/providers/Microsoft.ContainerRegistry/registries/myregistry"
                ),
                "az acr agentpool update -r myregistry -n mypool --count 1",
            ],
        ),
    ],
)
def test_nothing_is_proposed_before_what_it_needs_is_there(name: str, plan: list[str]) -> None:
    assert plan_of(NAMED[f"combinations: {name}"]) == plan


@pytest.mark.parametrize(
    "name",
    [
        "an empty pool beside a full quota",
        "a failed pool that goes over the quota",
        "a canceled pool beside a full quota",
    ],
)
def test_nothing_is_proposed_that_does_not_fit_into_the_quota(name: str) -> None:
    assert plan_of(NAMED[f"quota: {name}"]) == []


def test_nothing_that_an_error_needs_is_left_to_a_warning() -> None:
    """So a script may run the commands of the errors alone."""
    for world in WORLDS:
        found = find(world)
        errors = [command for finding in found if finding.severity is Severity.ERROR for command in finding.fix]
        assert plan_of(world)[: len(errors)] == errors


@pytest.mark.parametrize(
    ("name", "code", "advice"),
    [
        (
            "routes: to a firewall",
            "RouteToAppliance",
            (
                "straight to Azure, by a route for each service tag: az network route-table route create -g network"
                " --route-table-name myroutes -n AcrPoolAzureKeyVault"
            ),
        ),
        (
            "routes: to the gateway",
            "RouteToGateway",
            (
                "straight to Azure, by a route for each service tag: az network route-table route create -g network"
                " --route-table-name myroutes -n AcrPoolAzureKeyVault"
            ),
        ),
        (
            "pool: does not exist",
            "PoolNotFound",
            (
                "Name another: az acr agentpool list -r myregistry shows them. Or create it, with the --tier, --count"
                " and --subnet-id that you want: az acr agentpool create -r myregistry -n mypol --tier S1 --count 1"
            ),
        ),
    ],
)
def test_what_somebody_has_to_decide_is_told_and_is_in_no_script(name: str, code: str, advice: str) -> None:
    (found,) = (finding for finding in find(NAMED[name]) if finding.code == code)
    assert found.fix == ()
    assert advice in found.recommendation


@pytest.mark.parametrize("name", ["from this registry, dropped by a route", "from this registry, kept away by a rule"])
def test_no_image_is_copied_from_a_registry_into_itself(name: str) -> None:
    (found,) = (finding for finding in find(NAMED[f"base-images: {name}"]) if finding.code == "BaseImagesBlocked")
    assert "acr import" not in f"{found.recommendation} {found.fix}"


SCALE_UP = "az acr agentpool update -r myregistry -n mypool --count 1"


def changed(name: str, **changes: object) -> HealthWorld:
    return HealthWorld(name, merge_patch(NAMED[name].documents, changes))


def test_other_pools_over_the_default_quota_show_that_it_was_raised() -> None:
    big = {"name": "other", "properties": {"count": 3, "tier": "S3", "provisioningState": "Succeeded"}}
    world = changed("public", pool={"properties": {"count": 0}}, pools=[big])
    assert plan_of(world) == [SCALE_UP]


def test_the_address_that_an_empty_pool_needs_is_not_given_to_an_endpoint() -> None:
    subnet = {"properties": {"addressPrefix": "10.0.1.0/29", "ipConfigurations": [{"id": "a"}, {"id": "b"}]}}
    closed = {"properties": {"publicNetworkAccess": "Disabled"}}
    world = changed("open", registry=closed, pool={"properties": {"count": 0}}, subnet=subnet)
    assert plan_of(world) == [SCALE_UP]
