"""The emulator's contract: it answers recorded requests as Azure answered them.

What is known to differ is listed below, each with the reason; an entry that no longer differs fails the test, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from acr_emulator.world import PoolSpec, RegistrySpec, SubscriptionSpec, World
from comparison import Difference, body_differences, header_differences, missing_members
from emulated_azure import EmulatedAzure
from recordings import WIRE, Exchange, load, replay

GROUP = "clitest.rg000001"
EXAMPLES = WIRE / "spec-examples"
EXAMPLE_SUBSCRIPTION = "4385cf00-2d3a-425a-832f-f4285b1c9dce"


def powershell_world() -> World:
    """One registry in each of two subscriptions, as they were when the recordings began."""
    recorded, queue = "0e745469-49f8-48c9-873b-24ca87143db1", "9e223dbe-3399-4e19-88eb-0975f02ac87f"
    beauxq = RegistrySpec("beauxq", "ContainerTest", recorded, "eastus", pools=(PoolSpec("cfskxh"),))
    rfkqmj = RegistrySpec("rfkqmj", "ContainerTest", queue, "eastus", pools=(PoolSpec("rfkqmj"),))
    return World((SubscriptionSpec(recorded), SubscriptionSpec(queue)), (beauxq, rfkqmj))


@dataclass(frozen=True)
class Recording:
    """A digest, the world it was recorded in, and whether its recorder kept Retry-After."""

    file: str
    world: World
    keeps_retry_after: bool = False


RECORDINGS = (
    Recording("test_acr_agentpool.8bf0109d.json", World(registries=(), resource_groups=(GROUP,))),
    Recording(
        "test_acr_task.040d1995.json", World(registries=(RegistrySpec("clireg000002", GROUP, location="westus"),))
    ),
    Recording("powershell-agentpool.json", powershell_world(), keeps_retry_after=True),
)


@dataclass(frozen=True)
class KnownDifference:
    """A difference that stays: in which digest, a pattern for where, and why."""

    file: str
    where: str
    reason: str


KNOWN_DIFFERENCES = (
    KnownDifference(
        "test_acr_agentpool.8bf0109d.json",
        r"body\.properties\.(networkRuleBypassAllowedForTasks|roleAssignmentMode)",
        "members of later api-versions: the emulator answers every version alike",
    ),
    KnownDifference(
        "test_acr_task.040d1995.json",
        r"body\.properties\.step\.baseImageDependencies\[0\]\.(repository|tag)",
        "the emulator fetches no remote context, so it cannot know the base image in its Dockerfile",
    ),
)


@pytest.fixture(scope="module")
def exchanges() -> dict[str, list[Exchange]]:
    return {r.file: replay(load(r.file), r.world, r.keeps_retry_after) for r in RECORDINGS}


def is_known(file: str, difference: Difference) -> bool:
    return any(known.file == file and re.fullmatch(known.where, difference.where) for known in KNOWN_DIFFERENCES)


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.file)
def test_recorded_requests_are_answered_as_azure_answered_them(
    recording: Recording, exchanges: dict[str, list[Exchange]], capsys: pytest.CaptureFixture[str]
) -> None:
    played = exchanges[recording.file]
    unknown = [
        f"#{exchange.number}.{exchange.poll} {exchange.label}: {difference.where} {difference.what}"
        for exchange in played
        for difference in exchange.differences
        if not is_known(recording.file, difference)
    ]
    matched = sum(not exchange.differences for exchange in played)
    with capsys.disabled():
        print(f"\n{recording.file}: matched {matched} of {len(played)}")
    assert not unknown, "\n".join(unknown)
    assert {exchange.number for exchange in played} == set(range(len(load(recording.file))))


@pytest.mark.parametrize("known", KNOWN_DIFFERENCES, ids=lambda known: known.where)
def test_what_is_listed_as_different_still_differs(
    known: KnownDifference, exchanges: dict[str, list[Exchange]]
) -> None:
    differences = [difference for exchange in exchanges[known.file] for difference in exchange.differences]
    assert any(re.fullmatch(known.where, difference.where) for difference in differences), known.reason


REGISTRY = (
    f"/subscriptions/{EXAMPLE_SUBSCRIPTION}/resourceGroups/myResourceGroup/providers/"
    "Microsoft.ContainerRegistry/registries/myRegistry"
)


@dataclass(frozen=True)
class Example:
    """A published example: its request, the parameter that is the body, and whether the pool is there already."""

    file: str
    method: str
    path: str
    body: str = ""
    pool_exists: bool = True


EXAMPLE_REQUESTS = (
    Example("AgentPoolsCreate", "PUT", "/agentPools/myAgentPool", "agentPool", pool_exists=False),
    Example("AgentPoolsUpdate", "PATCH", "/agentPools/myAgentPool", "updateParameters"),
    Example("AgentPoolsList", "GET", "/agentPools"),
    Example("AgentPoolsGetQueueStatus", "POST", "/agentPools/myAgentPool/listQueueStatus"),
    Example("AgentPoolsDelete", "DELETE", "/agentPools/myAgentPool"),
    Example("RegistriesGetBuildSourceUploadUrl", "POST", "/listBuildSourceUploadUrl"),
    Example("RegistriesScheduleRun", "POST", "/scheduleRun", "runRequest"),
    Example("RunsGetLogSasUrl", "POST", "/runs/cf1/listLogSasUrl"),
    Example("TaskRunsCreate", "PUT", "/taskRuns/myRun", "taskRun"),
)


@pytest.mark.parametrize("example", EXAMPLE_REQUESTS, ids=lambda example: example.file)
def test_published_examples_are_answered_with_their_members(example: Example) -> None:
    document = json.loads((EXAMPLES / f"{example.file}.json").read_text(encoding="utf-8"))
    parameters = document["parameters"]
    pools = (PoolSpec("myAgentPool"),) if example.pool_exists else ()
    spec = RegistrySpec("myRegistry", "myResourceGroup", EXAMPLE_SUBSCRIPTION, "westus2", pools=pools)
    # The example's region, WESTUS, is not one that agent pools are offered in.
    world = World(
        (SubscriptionSpec(EXAMPLE_SUBSCRIPTION),),
        (spec,),
        agent_pool_regions=("West US",),
        registry_regions=("West US",),
    )
    with EmulatedAzure(world) as azure:
        if example.file == "RunsGetLogSasUrl":
            run = json.loads((EXAMPLES / "RegistriesScheduleRun.json").read_text(encoding="utf-8"))
            azure.post(f"{REGISTRY}/scheduleRun", run["parameters"]["runRequest"])
        query = f"api-version={parameters['api-version']}"
        body = parameters[example.body] if example.body else None
        reply = azure.request(example.method, f"{REGISTRY}{example.path}?{query}", body)
    assert str(reply.status) in document["responses"], reply.content
    expected = document["responses"][str(reply.status)]
    differences = list(missing_members(expected["body"], reply.body)) if "body" in expected else []
    headers = {name.lower(): value for name, value in expected.get("headers", {}).items()}
    differences += header_differences(headers, reply.headers, keeps_retry_after=False)
    assert not differences


def test_every_published_example_is_tried() -> None:
    assert {path.stem for path in EXAMPLES.iterdir()} == {example.file for example in EXAMPLE_REQUESTS}


def changed(value: dict[str, Any], path: str, new: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(value))
    *parents, last = path.split(".")
    inner = copy
    for parent in parents:
        inner = inner[parent]
    if new is None:
        del inner[last]
    else:
        inner[last] = new
    return copy


POOL = {
    "name": "p",
    "properties": {"count": 1, "provisioningState": "Creating"},
    "systemData": {"createdAt": "2025-09-09T08:15:35.237981+00:00"},
}


@pytest.mark.parametrize(
    ("path", "new", "where"),
    [
        ("name", None, "body.name"),
        ("properties.count", "1", "body.properties.count"),
        ("properties.count", True, "body.properties.count"),
        ("properties.count", 2, "body.properties.count"),
        ("properties.provisioningState", "creating", "body.properties.provisioningState"),
        ("properties.extra", "x", "body.properties.extra"),
        ("systemData.createdAt", "yesterday", "body.systemData.createdAt"),
        ("systemData.createdAt", 5, "body.systemData.createdAt"),
    ],
)
def test_the_comparison_sees_what_is_wrong(path: str, new: Any, where: str) -> None:
    assert [difference.where for difference in body_differences(POOL, changed(POOL, path, new))] == [where]


def test_the_comparison_lets_times_and_guids_differ() -> None:
    later = changed(POOL, "systemData.createdAt", "2026-01-01T00:00:00Z")
    assert not list(body_differences(POOL, later))
    guids = ("00000000-1111-2222-3333-444444444444", "99999999-1111-2222-3333-444444444444")
    links = [{"location": f"https://host/{guid}/status?t=1"} for guid in guids]
    assert not list(header_differences(links[0], links[1], keeps_retry_after=True))


@pytest.mark.parametrize(
    ("recorded", "given", "where"),
    [
        ({"location": "https://a/x?t=1"}, {}, "header.location"),
        ({"location": "https://a/x?t=1"}, {"location": "https://b/y?t=1"}, "header.location"),
        ({"location": "https://a/x?t=1"}, {"location": "https://b/x"}, "header.location"),
        ({"retry-after": "10"}, {"retry-after": "15"}, "header.retry-after"),
        ({}, {"retry-after": "15"}, "header.retry-after"),
    ],
)
def test_the_comparison_sees_wrong_headers(recorded: Mapping[str, str], given: Mapping[str, str], where: str) -> None:
    assert [d.where for d in header_differences(recorded, given, keeps_retry_after=True)] == [where]
