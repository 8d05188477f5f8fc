"""Task runs: what of a request is kept, and when it runs again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from emulated_azure import REGISTRY, EmulatedAzure

TASK_RUN = f"{REGISTRY}/taskRuns/testTaskRun"
REQUEST = {
    "type": "DockerBuildRequest",
    "imageNames": ["testtaskrun:v1"],
    "sourceLocation": "https://github.com/Azure-Samples/acr-build-helloworld-node.git",
    "dockerFilePath": "Dockerfile",
    "values": [],
    "isPushEnabled": True,
    "platform": {"os": "linux", "architecture": "amd64"},
    "credentials": {},
    "isArchiveEnabled": False,
}


@pytest.fixture
def azure() -> Iterator[EmulatedAzure]:
    with EmulatedAzure() as azure:
        yield azure


def put(azure: EmulatedAzure, **properties: Any) -> dict[str, Any]:
    body = {"location": "westus2", "properties": {"runRequest": REQUEST, **properties}}
    shown: dict[str, Any] = azure.put(TASK_RUN, body).body
    return shown


def test_a_task_run_as_recorded(azure: EmulatedAzure) -> None:
    put(azure)
    azure.advance(60)
    shown = azure.get(TASK_RUN).body
    assert shown["properties"]["runRequest"] == {
        "type": "DockerBuildRequest",
        "imageNames": ["testtaskrun:v1"],
        "isPushEnabled": True,
        "noCache": False,
        "dockerFilePath": "Dockerfile",
        "platform": {"os": "linux", "architecture": "amd64"},
        "sourceLocation": "https://github.com/Azure-Samples/acr-build-helloworld-node.git",
    }
    result = shown["properties"]["runResult"]
    assert set(result) == {"type", "properties", "id", "name"}
    assert result["properties"]["isArchiveEnabled"] is False
    assert shown["location"] == "westus2"
    assert shown["systemData"]["createdAt"] == "2025-06-01T12:00:00+00:00"


def test_an_archive_that_was_asked_for_is_shown(azure: EmulatedAzure) -> None:
    shown = put(azure, runRequest={**REQUEST, "isArchiveEnabled": True})["properties"]
    assert shown["runRequest"]["isArchiveEnabled"] is True
    assert shown["runResult"]["properties"]["isArchiveEnabled"] is True


@pytest.mark.parametrize(
    ("change", "runs"),
    [
        ({"tags": {"a": "b"}}, 1),
        ({"properties": {"forceUpdateTag": None}}, 1),
        ({"properties": {"runRequest": {"noCache": False}}}, 2),
        ({"properties": {"runRequest": {"dockerFilePath": "Dockerfile"}}}, 1),
        ({"properties": {"forceUpdateTag": "2"}}, 2),
        ({"identity": {"type": "SystemAssigned"}}, 1),
    ],
)
def test_a_patch_merges_and_runs_again_for_another_request(
    azure: EmulatedAzure, change: dict[str, Any], runs: int
) -> None:
    put(azure)
    azure.advance(60)
    patched = azure.patch(TASK_RUN, change)
    assert patched.status == 200
    assert patched.body["properties"]["runResult"]["name"] == f"cf{runs}"
    assert patched.body["properties"]["runRequest"]["imageNames"] == ["testtaskrun:v1"]
    assert patched.body.get("tags") == change.get("tags")
    assert ("identity" in patched.body) == ("identity" in change)


def test_a_patch_can_ask_for_another_type(azure: EmulatedAzure) -> None:
    put(azure)
    other = {"type": "FileTaskRunRequest", "taskFilePath": "acb.yaml", "platform": {"os": "linux"}}
    patched = azure.patch(TASK_RUN, {"properties": {"runRequest": other}})
    assert patched.body["properties"]["runRequest"] == other


@pytest.mark.parametrize("name", ["run", "r" * 51, "my_run"])
def test_names(azure: EmulatedAzure, name: str) -> None:
    refused = azure.put(f"{REGISTRY}/taskRuns/{name}", {"properties": {"runRequest": REQUEST}})
    assert (refused.status, refused.body["error"]["code"]) == (400, "InvalidInputValue")


def test_there_is_nothing_to_patch(azure: EmulatedAzure) -> None:
    assert azure.patch(TASK_RUN, {"tags": {}}).status == 404
