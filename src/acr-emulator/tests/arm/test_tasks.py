"""Tasks and task runs: the recorded exchanges, merging, and secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from acr_emulator.executor import ImageDependency, ImageReference, Outcome
from acr_emulator.world import RegistrySpec, World
from emulated_azure import REGISTRY, EmulatedAzure, ScriptedExecutor

TASK = f"{REGISTRY}/tasks/testTask"
CONTEXT = "https://github.com/Azure-Samples/acr-build-helloworld-node"
STEP = {
    "type": "Docker",
    "contextPath": CONTEXT,
    "imageNames": ["testtask:v1"],
    "isPushEnabled": True,
    "noCache": False,
    "dockerFilePath": "Dockerfile",
    "arguments": [],
}
BASE_IMAGE_TRIGGER = {
    "baseImageTriggerType": "Runtime",
    "updateTriggerPayloadType": "Default",
    "status": "Enabled",
    "name": "defaultBaseimageTriggerName",
}
PROPERTIES = {
    "status": "Enabled",
    "platform": {"os": "linux", "architecture": "amd64"},
    "agentConfiguration": {"cpu": 2},
    "timeout": 3600,
    "step": STEP,
    "trigger": {"baseImageTrigger": BASE_IMAGE_TRIGGER},
    "credentials": {},
    "isSystemTask": False,
}
CREDENTIAL = {
    "userName": {"type": "Opaque", "value": "someone"},
    "password": {"type": "Opaque", "value": "hunter2"},
}


@pytest.fixture
def azure() -> Iterator[EmulatedAzure]:
    with EmulatedAzure() as azure:
        azure.create_pool()
        azure.advance(300)
        yield azure


def create(azure: EmulatedAzure, **properties: Any) -> Any:
    wanted = {key: value for key, value in {**PROPERTIES, **properties}.items() if value is not None}
    return azure.put(TASK, {"location": "westus", "properties": wanted, "identity": {"type": "SystemAssigned"}})


def patch(azure: EmulatedAzure, **properties: Any) -> dict[str, Any]:
    reply = azure.patch(TASK, {"properties": properties})
    assert reply.status == 200, reply.body
    patched: dict[str, Any] = reply.body["properties"]
    return patched


def test_creation_as_recorded(azure: EmulatedAzure) -> None:
    created = create(azure)
    assert created.status == 200
    body = created.body
    assert body["identity"]["type"] == "SystemAssigned"
    assert body["identity"]["tenantId"] == "00000000-0000-0000-0000-00000000aaaa"
    assert len(body["identity"]["principalId"]) == 36
    expected = {key: value for key, value in PROPERTIES.items() if key != "credentials"}
    expected |= {"provisioningState": "Succeeded", "creationDate": "2025-06-01T12:05:00+00:00"}
    assert body["properties"] == expected
    assert (body["id"], body["name"], body["location"]) == (TASK, "testTask", "westus")
    assert azure.get(TASK).body == body
    assert azure.get(f"{REGISTRY}/tasks").body == {"value": [body]}
    assert azure.post(f"{TASK}/listDetails").body == body


def test_patch_as_recorded(azure: EmulatedAzure) -> None:
    create(azure)
    azure.advance(10)
    reply = azure.patch(
        TASK,
        {
            "properties": {
                "platform": {"os": "linux", "architecture": "arm"},
                "agentConfiguration": {},
                "step": {"type": "Docker", "contextPath": CONTEXT, "isPushEnabled": True},
                "trigger": {"baseImageTrigger": {"name": "defaultBaseimageTriggerName"}},
                "credentials": {},
            }
        },
    )
    properties = reply.body["properties"]
    assert properties["platform"] == {"os": "linux", "architecture": "arm"}
    assert (properties["agentConfiguration"], properties["step"]) == ({"cpu": 2}, STEP)
    assert properties["trigger"] == {"baseImageTrigger": BASE_IMAGE_TRIGGER}
    assert "credentials" not in properties
    assert reply.body["systemData"]["lastModifiedAt"] == "2025-06-01T12:05:10+00:00"
    assert reply.body["systemData"]["createdAt"] == "2025-06-01T12:05:00+00:00"


def test_credentials_are_removed_by_null_as_recorded(azure: EmulatedAzure) -> None:
    create(azure)
    patch(azure, credentials={"customRegistries": {"test.acr.com": CREDENTIAL, "other.io": CREDENTIAL}})
    left = patch(azure, credentials={"customRegistries": {"test.acr.com": None}})
    assert list(left["credentials"]["customRegistries"]) == ["other.io"]
    assert patch(azure, credentials={"customRegistries": {"other.io": None}})["credentials"] == {"customRegistries": {}}


def test_a_patch_without_the_pool_clears_it_as_reported(azure: EmulatedAzure) -> None:
    create(azure, agentPoolName="pool1", agentConfiguration=None)
    assert azure.get(TASK).body["properties"]["agentPoolName"] == "pool1"
    assert "agentPoolName" not in patch(azure, timeout=600)
    assert patch(azure, agentPoolName="pool1")["agentPoolName"] == "pool1"
    azure.patch(TASK, {"tags": {"a": "b"}})
    assert azure.get(TASK).body["properties"]["agentPoolName"] == "pool1"


def test_triggers_merge_by_name_and_arguments_are_replaced(azure: EmulatedAzure) -> None:
    timers = [{"name": "t1", "schedule": "0 1 * * *"}, {"name": "t2", "schedule": "0 2 * * *"}]
    create(azure, trigger={"timerTriggers": timers}, step={**STEP, "arguments": [{"name": "A", "value": "1"}]})
    changed = patch(
        azure,
        trigger={"timerTriggers": [{"name": "t2", "status": "Disabled"}, {"name": "t3", "schedule": "0 3 * * *"}]},
        step={"type": "Docker", "arguments": [{"name": "B", "value": "2"}]},
    )
    assert changed["trigger"]["timerTriggers"] == [
        {"name": "t1", "schedule": "0 1 * * *"},
        {"name": "t2", "schedule": "0 2 * * *", "status": "Disabled"},
        {"name": "t3", "schedule": "0 3 * * *"},
    ]
    assert changed["step"]["arguments"] == [{"name": "B", "value": "2"}]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"agentConfiguration": {"cpu": 4}}, "Invalid value for CPU core count. The supported values are (2)"),
        ({"agentPoolName": "pool1"}, "can't be set together with an agent pool"),
        ({"step": {"type": "Docker"}}, "'dockerFilePath'"),
        ({"step": {"type": "Nonsense"}}, "'type' of 'step'"),
        ({"step": None}, "'type' of 'step'"),
        ({"platform": None}, "'os' of 'platform'"),
        ({"trigger": {"timerTriggers": [{"name": "t", "schedule": "now"}]}}, "no cron expression"),
        ({"trigger": {"timerTriggers": [{"schedule": "0 1 * * *"}]}}, "'name'"),
        ({"trigger": {"timerTriggers": "daily"}}, "must be a list"),
    ],
)
def test_what_a_task_may_not_be(azure: EmulatedAzure, change: dict[str, Any], told: str) -> None:
    refused = create(azure, **change)
    assert refused.status == 400
    assert told in refused.body["error"]["message"]
    assert azure.get(TASK).status == 404


@pytest.mark.parametrize("name", ["App", "app:feature/x", ":v1", "my app", "app@sha256:0", "Team/app", "x.io/App"])
def test_what_an_image_may_not_be_called(azure: EmulatedAzure, name: str) -> None:
    told = f"Image name '{name}' is invalid. The acceptable patterns are 'repository' or 'repository:tag'."
    error = create(azure, step={**STEP, "imageNames": ["good:v1", name]}).body["error"]
    assert error["message"] == (
        f"Some of the properties of 'taskCreateParameters' are invalid. InnerErrors: DockerBuildStep:{told}"
    )
    build = {"type": "DockerBuildRequest", "platform": {"os": "linux"}, "dockerFilePath": "Dockerfile"}
    reply = azure.post(f"{REGISTRY}/scheduleRun", {**build, "imageNames": [name]})
    assert (reply.status, reply.body["error"]["message"]) == (
        400,
        f"Some of the properties of 'runRequest' are invalid. InnerErrors: DockerBuildRequest:{told}",
    )


@pytest.mark.parametrize("name", ["app", "team/app:{{.Run.ID}}", "{{.Run.Registry}}/app", "localhost:5000/app", "$ID"])
def test_what_an_image_may_be_called(azure: EmulatedAzure, name: str) -> None:
    assert create(azure, step={**STEP, "imageNames": [name]}).status == 200


def test_a_world_may_allow_a_cpu_beside_a_pool() -> None:
    with EmulatedAzure(World(registries=(RegistrySpec(allow_cpu_with_pool=True),))) as azure:
        assert create(azure, agentPoolName="pool1").status == 200


def test_secrets_are_shown_only_by_list_details(azure: EmulatedAzure) -> None:
    arguments = [{"name": "S", "value": "hunter2", "isSecret": True}, {"name": "P", "value": "plain"}]
    step = {**STEP, "contextAccessToken": "hunter2", "arguments": arguments}
    create(azure, step=step, credentials={"customRegistries": {"other.io": CREDENTIAL}})
    for reply in (azure.get(TASK), azure.get(f"{REGISTRY}/tasks"), azure.patch(TASK, {"tags": {}})):
        assert b"hunter2" not in reply.content
        assert b"plain" in reply.content
    details = azure.post(f"{TASK}/listDetails").body["properties"]
    assert details["step"]["contextAccessToken"] == "hunter2"
    assert details["step"]["arguments"] == arguments


def test_base_images_appear_after_the_first_run() -> None:
    image = ImageReference("registry.hub.docker.com", "library/node", "15-alpine", "sha256:6edd")
    executor = ScriptedExecutor([Outcome("Succeeded", None, (), (ImageDependency("Runtime", image),))])
    with EmulatedAzure(executor=executor) as azure:
        create(azure)
        assert "baseImageDependencies" not in azure.get(TASK).body["properties"]["step"]
        azure.post(f"{REGISTRY}/scheduleRun", {"type": "TaskRunRequest", "taskId": TASK})
        azure.advance(10)
        (dependency,) = azure.get(TASK).body["properties"]["step"]["baseImageDependencies"]
        assert dependency == {
            "type": "Runtime",
            "registry": "registry.hub.docker.com",
            "repository": "library/node",
            "tag": "15-alpine",
            "digest": "sha256:6edd",
        }
        assert patch(azure, timeout=600)["step"]["baseImageDependencies"] == [dependency]


def test_deletion(azure: EmulatedAzure) -> None:
    create(azure)
    deleted = azure.delete(TASK)
    assert (deleted.status, deleted.content) == (200, b"")
    assert azure.get(TASK).status == 404
    assert azure.delete(TASK).status == 204


def test_task_run_keeps_request_and_result(azure: EmulatedAzure) -> None:
    url = f"{REGISTRY}/taskRuns/myRun"
    request = {"type": "EncodedTaskRunRequest", "encodedTaskContent": "c3RlcHM6", "platform": {"os": "Linux"}}
    body = {"properties": {"runRequest": request, "forceUpdateTag": "1"}}
    created = azure.put(url, body)
    assert created.status == 201
    assert created.body["properties"]["provisioningState"] == "Creating"
    assert created.body["properties"]["runResult"]["properties"]["runId"] == "cf1"
    azure.advance(10)
    shown = azure.get(url).body["properties"]
    assert (shown["provisioningState"], shown["runResult"]["properties"]["status"]) == ("Succeeded", "Succeeded")
    assert shown["runRequest"] == request
    assert azure.put(url, body).body["properties"]["runResult"]["properties"]["runId"] == "cf1"
    body["properties"]["forceUpdateTag"] = "2"
    assert azure.put(url, body).body["properties"]["runResult"]["properties"]["runId"] == "cf2"
    assert [item["name"] for item in azure.get(f"{REGISTRY}/taskRuns").body["value"]] == ["myRun"]
    assert azure.post(f"{url}/listDetails").status == 200
    assert (azure.delete(url).status, azure.delete(url).status, azure.get(url).status) == (200, 204, 404)


def test_registries_on_which_tasks_are_not_permitted() -> None:
    with EmulatedAzure(World(registries=(RegistrySpec(tasks_allowed=False),))) as azure:
        for reply in (azure.schedule(), azure.post(f"{REGISTRY}/listBuildSourceUploadUrl"), create(azure)):
            assert (reply.status, reply.body["error"]["code"]) == (400, "TasksOperationsNotAllowed")
