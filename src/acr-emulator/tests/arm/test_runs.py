"""Runs: what scheduleRun takes, how a run goes through its states, and what becomes of its log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from acr_emulator.executor import Event, ImageReference, Job, LogLine, Outcome
from acr_emulator.options import EmulatorOptions
from acr_emulator.world import PoolSpec, RegistrySpec, World
from asgi_exchange import Reply
from emulated_azure import BASE_URL, REGISTRY, EmulatedAzure, ScriptedExecutor

TEN_SECONDS: list[Event] = [LogLine("one"), LogLine("two", 4), LogLine("three", 5.7), Outcome("Succeeded")]
IMAGE = ImageReference("myregistry.azurecr.io", "app", "v1", "sha256:89ec")
TASK = f"{REGISTRY}/tasks/mytask"


@pytest.fixture
def azure() -> Iterator[EmulatedAzure]:
    pools = (PoolSpec("pool1", count=2), PoolSpec("empty", count=0), PoolSpec("broken", state="Failed"))
    with EmulatedAzure(World(registries=(RegistrySpec(pools=pools),)), executor=ScriptedExecutor(TEN_SECONDS)) as azure:
        yield azure


def create_task(azure: EmulatedAzure, **properties: Any) -> None:
    step = {"type": "Docker", "dockerFilePath": "Dockerfile", "contextPath": "https://example.com/x.git"}
    body = {"location": "westus", "properties": {"platform": {"os": "Linux"}, "step": step, **properties}}
    assert azure.put(TASK, body).status == 200


def statuses(azure: EmulatedAzure) -> dict[str, str]:
    return {run["name"]: run["properties"]["status"] for run in azure.get(f"{REGISTRY}/runs").body["value"]}


def log_of(azure: EmulatedAzure, run_id: str) -> Reply:
    link = azure.post(f"{REGISTRY}/runs/{run_id}/listLogSasUrl").body["logLink"]
    assert link.startswith(f"{BASE_URL}/acrblobs/container-")
    assert f"/logs/{run_id}/rawtext.log?" in link
    return azure.get(link)


def test_a_run_from_queue_to_end_as_recorded(azure: EmulatedAzure) -> None:
    azure.executor.events = [Outcome("Succeeded", None, (IMAGE,))]
    create_task(azure)
    queued = azure.post(
        f"{REGISTRY}/scheduleRun", {"type": "TaskRunRequest", "taskId": TASK, "isArchiveEnabled": False}
    )
    body = {
        "type": "Microsoft.ContainerRegistry/registries/runs",
        "properties": {
            "runId": "cf1",
            "status": "Queued",
            "lastUpdatedTime": "2025-06-01T12:00:00+00:00",
            "provisioningState": "Succeeded",
            "isArchiveEnabled": False,
        },
        "id": f"{REGISTRY}/runs/cf1",
        "name": "cf1",
        "systemData": {
            "lastModifiedBy": "user@example.com",
            "lastModifiedByType": "User",
            "lastModifiedAt": "2025-06-01T12:00:00+00:00",
        },
    }
    assert (queued.status, queued.body) == (200, body)
    assert not {"location", "azure-asyncoperation", "retry-after"} & set(queued.headers)
    azure.advance(10)
    assert azure.run("cf1") == {
        "runId": "cf1",
        "status": "Succeeded",
        "lastUpdatedTime": "2025-06-01T12:00:00+00:00",
        "runType": "QuickRun",
        "createTime": "2025-06-01T12:00:00+00:00",
        "startTime": "2025-06-01T12:00:00.3+00:00",
        "finishTime": "2025-06-01T12:00:00.4+00:00",
        "outputImages": [IMAGE.to_wire()],
        "task": "mytask",
        "platform": {"os": "Linux"},
        "agentConfiguration": {"cpu": 2},
        "provisioningState": "Succeeded",
        "isArchiveEnabled": False,
    }


def test_log_appears_with_the_agent_grows_line_by_line_and_is_completed(azure: EmulatedAzure) -> None:
    azure.schedule()
    absent = log_of(azure, "cf1")
    assert (absent.status, absent.headers["x-ms-error-code"]) == (404, "BlobNotFound")
    azure.advance(1)
    assert azure.run("cf1")["status"] == "Running"
    growing = log_of(azure, "cf1")
    assert growing.content == b"one\r\n"
    assert "x-ms-meta-complete" not in growing.headers
    azure.advance(4)
    assert log_of(azure, "cf1").content == b"one\r\ntwo\r\n"
    azure.advance(6)
    done = log_of(azure, "cf1")
    assert done.content == b"one\r\ntwo\r\nthree\r\n"
    assert done.headers["x-ms-blob-type"] == "AppendBlob"
    assert done.headers["x-ms-meta-complete"] == "successful"


def test_agent_speed_divides_the_pauses() -> None:
    options = EmulatorOptions(agent_speed=10)
    with EmulatedAzure(options=options, executor=ScriptedExecutor(TEN_SECONDS)) as azure:
        azure.schedule()
        azure.advance(0.99)
        assert azure.run("cf1")["status"] == "Running"
        azure.advance(0.02)
        assert azure.run("cf1")["status"] == "Succeeded"


def test_a_failed_run_keeps_its_provisioning_state(azure: EmulatedAzure) -> None:
    azure.executor.events = [Outcome("Failed", "failed during run, err: exit status 1")]
    azure.schedule()
    azure.advance(10)
    run = azure.run("cf1")
    assert (run["status"], run["provisioningState"]) == ("Failed", "Succeeded")
    assert run["runErrorMessage"] == "failed during run, err: exit status 1"
    assert log_of(azure, "cf1").headers["x-ms-meta-complete"] == "failed"


def test_a_defect_in_the_executor_is_an_error_of_the_run() -> None:
    class Broken(ScriptedExecutor):
        def execute(self, job: Job) -> Iterator[Event]:
            raise RuntimeError("out of order")

    with EmulatedAzure(executor=Broken()) as azure:
        azure.schedule()
        azure.advance(10)
        run = azure.run("cf1")
        assert (run["status"], run["runErrorMessage"]) == ("Error", "internal error: out of order")
        assert log_of(azure, "cf1").headers["x-ms-meta-complete"] == "internalerror"


def test_runs_on_a_pool_wait_for_its_agents_first_come_first_served(azure: EmulatedAzure) -> None:
    for _ in range(3):
        azure.schedule(agentPoolName="pool1")
    azure.advance(1)
    assert statuses(azure) == {"cf1": "Running", "cf2": "Running", "cf3": "Queued"}
    assert (azure.run("cf3")["agentPoolName"], "startTime" in azure.run("cf3")) == ("pool1", False)
    azure.advance(9.5)
    assert statuses(azure) == {"cf1": "Succeeded", "cf2": "Succeeded", "cf3": "Running"}


def test_an_empty_pool_takes_nothing_until_it_is_scaled_up(azure: EmulatedAzure) -> None:
    azure.schedule(agentPoolName="empty")
    azure.advance(100_000)
    assert statuses(azure) == {"cf1": "Queued"}
    azure.patch(f"{REGISTRY}/agentPools/empty", {"properties": {"count": 1}})
    azure.advance(299)
    assert statuses(azure) == {"cf1": "Queued"}
    azure.advance(2)
    assert statuses(azure) == {"cf1": "Running"}


def test_a_pool_that_is_scaled_down_finishes_what_runs(azure: EmulatedAzure) -> None:
    for _ in range(3):
        azure.schedule(agentPoolName="pool1")
    azure.advance(1)
    azure.patch(f"{REGISTRY}/agentPools/pool1", {"properties": {"count": 0}})
    azure.advance(600)
    assert statuses(azure) == {"cf1": "Succeeded", "cf2": "Succeeded", "cf3": "Queued"}


@pytest.mark.parametrize("pool", ["broken", "empty"])
def test_a_pool_without_agents_does_not_hold_up_others(azure: EmulatedAzure, pool: str) -> None:
    azure.schedule(agentPoolName=pool)
    azure.schedule(agentPoolName="pool1")
    azure.schedule()
    azure.advance(20)
    assert statuses(azure) == {"cf1": "Queued", "cf2": "Succeeded", "cf3": "Succeeded"}


def test_scheduling_is_not_idempotent(azure: EmulatedAzure) -> None:
    assert [azure.schedule().body["name"] for _ in range(2)] == ["cf1", "cf2"]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({}, 400, "'type'"),
        ({"type": "Nonsense"}, 400, "'type'"),
        ({"type": "DockerBuildRequest", "platform": {"os": "Linux"}}, 400, "'dockerFilePath'"),
        ({"type": "DockerBuildRequest", "dockerFilePath": "Dockerfile"}, 400, "'os'"),
        ({"type": "FileTaskRunRequest"}, 400, "'taskFilePath'"),
        ({"type": "EncodedTaskRunRequest"}, 400, "'encodedTaskContent'"),
        ({"type": "TaskRunRequest"}, 400, "'taskId'"),
        ({"type": "TaskRunRequest", "taskId": "mytask"}, 400, "not the ID of a task"),
        ({"type": "TaskRunRequest", "taskId": TASK}, 404, "tasks/mytask' under resource group"),
    ],
)
def test_requests_that_are_refused(azure: EmulatedAzure, body: dict[str, Any], status: int, told: str) -> None:
    reply = azure.post(f"{REGISTRY}/scheduleRun", body)
    assert reply.status == status
    assert told in reply.body["error"]["message"]
    assert statuses(azure) == {}


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"agentPoolName": "nopool"}, 404, "AgentPoolNotFound"),
        ({"agentPoolName": "pool1", "agentConfiguration": {"cpu": 2}}, 400, "InvalidInputValue"),
        ({"agentConfiguration": {"cpu": 8}}, 400, "InvalidInputValue"),
        ({"timeout": -1}, 400, "InvalidRequestContent"),
        ({"timeout": 30000}, 400, "InvalidRequestContent"),
        ({"arguments": [{"value": "x"}]}, 400, "InvalidRequestContent"),
    ],
)
def test_builds_that_are_refused(azure: EmulatedAzure, members: dict[str, Any], status: int, code: str) -> None:
    reply = azure.schedule(**members)
    assert (reply.status, reply.body["error"]["code"]) == (status, code)
    assert statuses(azure) == {}


def test_a_task_run_is_the_step_with_its_overrides(azure: EmulatedAzure) -> None:
    arguments = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    step = {
        "type": "Docker",
        "dockerFilePath": "Dockerfile",
        "contextPath": "https://example.com/x.git",
        "arguments": arguments,
    }
    create_task(azure, step=step, agentPoolName="pool1", timeout=77)
    overrides = {"arguments": [{"name": "B", "value": "3"}], "file": "Other", "contextPath": "source/x.tar.gz"}
    request = {"type": "TaskRunRequest", "taskId": TASK.upper(), "overrideTaskStepProperties": overrides}
    azure.post(f"{REGISTRY}/scheduleRun", request)
    azure.advance(1)
    (job,) = azure.executor.jobs
    assert job.request["type"] == "DockerBuildRequest"
    assert (job.request["dockerFilePath"], job.request["sourceLocation"]) == ("Other", "source/x.tar.gz")
    assert job.request["arguments"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "3"}]
    assert (job.task_name, azure.run("cf1")["agentPoolName"]) == ("mytask", "pool1")


@pytest.mark.parametrize(
    ("credentials", "shown"),
    [
        ({}, None),
        ({"sourceRegistry": {"loginMode": "Default"}}, "Default"),
        ({"sourceRegistry": {"loginMode": "None"}}, "None"),
        ({"sourceRegistry": {"identity": "[system]"}}, None),
    ],
    ids=["nothing", "default", "none", "identity"],
)
def test_a_run_shows_how_it_logs_in_where_that_is_said(
    azure: EmulatedAzure, credentials: dict[str, Any], shown: str | None
) -> None:
    create_task(azure, credentials=credentials)
    azure.post(f"{REGISTRY}/scheduleRun", {"type": "TaskRunRequest", "taskId": TASK})
    azure.schedule(credentials=credentials)
    assert [azure.run(name).get("sourceRegistryAuth") for name in ("cf1", "cf2")] == [shown, shown]


RUN_ON_EMPTY = {"type": "TaskRunRequest", "taskId": TASK, "agentPoolName": "empty"}


@pytest.mark.parametrize("own", [{}, {"agentPoolName": "empty"}])
def test_a_task_run_that_names_a_pool_is_refused_as_reported(azure: EmulatedAzure, own: dict[str, Any]) -> None:
    create_task(azure, **own)
    reply = azure.post(f"{REGISTRY}/scheduleRun", RUN_ON_EMPTY)
    assert (reply.status, reply.body["error"]["message"]) == (
        400,
        "You cannot set the agent pool name in the task run request. Please set the name on the task",
    )
    assert statuses(azure) == {}


def test_a_world_may_let_a_task_run_name_another_pool() -> None:
    spec = RegistrySpec(pools=(PoolSpec("empty", count=0),), allow_pool_in_task_run=True)
    with EmulatedAzure(World(registries=(spec,)), executor=ScriptedExecutor(TEN_SECONDS)) as azure:
        create_task(azure)
        azure.post(f"{REGISTRY}/scheduleRun", RUN_ON_EMPTY)
        assert azure.run("cf1")["agentPoolName"] == "empty"


def test_a_disabled_task_does_not_run(azure: EmulatedAzure) -> None:
    create_task(azure, status="Disabled")
    assert azure.post(f"{REGISTRY}/scheduleRun", {"type": "TaskRunRequest", "taskId": TASK}).status == 400


def test_canceling_a_queued_run_is_immediate(azure: EmulatedAzure) -> None:
    azure.schedule(agentPoolName="empty")
    canceled = azure.post(f"{REGISTRY}/runs/cf1/cancel")
    assert (canceled.status, canceled.content) == (200, b"")
    assert azure.run("cf1")["status"] == "Canceled"
    assert azure.post(f"{REGISTRY}/agentPools/empty/listQueueStatus").body == {"count": 0}


def test_canceling_a_running_run_takes_a_moment_and_frees_its_agent(azure: EmulatedAzure) -> None:
    for _ in range(3):
        azure.schedule(agentPoolName="pool1")
    azure.advance(1)
    for _ in range(2):
        azure.post(f"{REGISTRY}/runs/cf1/cancel")
    assert azure.run("cf1")["status"] == "Running"
    azure.advance(1)
    assert statuses(azure) == {"cf1": "Canceled", "cf2": "Running", "cf3": "Running"}
    assert log_of(azure, "cf1").headers["x-ms-meta-complete"] == "canceled"
    azure.advance(60)
    azure.post(f"{REGISTRY}/runs/cf2/cancel")
    azure.advance(60)
    assert azure.run("cf2")["status"] == "Succeeded"


def test_a_run_is_queued_for_a_moment(azure: EmulatedAzure) -> None:
    azure.schedule()
    azure.advance(0.25)
    run = azure.run("cf1")
    assert (run["status"], "startTime" in run) == ("Queued", False)
    azure.advance(0.1)
    assert azure.run("cf1")["startTime"] == "2025-06-01T12:00:00.3+00:00"


def test_a_run_that_is_canceled_in_that_moment_never_starts(azure: EmulatedAzure) -> None:
    azure.schedule()
    azure.post(f"{REGISTRY}/runs/cf1/cancel")
    azure.advance(60)
    run = azure.run("cf1")
    assert (run["status"], "startTime" in run) == ("Canceled", False)
    assert not azure.executor.jobs


def test_a_run_that_takes_longer_than_its_timeout(azure: EmulatedAzure) -> None:
    azure.schedule(timeout=5)
    azure.advance(20)
    run = azure.run("cf1")
    assert (run["status"], run["finishTime"]) == ("Timeout", "2025-06-01T12:00:05.3+00:00")
    log = log_of(azure, "cf1")
    assert (log.content, log.headers["x-ms-meta-complete"]) == (b"one\r\ntwo\r\n", "timedout")


def test_list_is_newest_first_and_filtered(azure: EmulatedAzure) -> None:
    azure.executor.events = [Outcome("Succeeded", None, (IMAGE,))]
    create_task(azure)
    azure.schedule()
    azure.post(f"{REGISTRY}/scheduleRun", {"type": "TaskRunRequest", "taskId": TASK})
    azure.advance(60)
    azure.schedule(agentPoolName="empty")

    def found(text: str) -> list[str]:
        reply = azure.get(f"{REGISTRY}/runs?api-version=2019-06-01-preview&$filter={quote(text)}")
        return [run["name"] for run in reply.body["value"]]

    assert found("") == ["cf3", "cf2", "cf1"]
    assert found("TaskName eq 'mytask'") == ["cf2"]
    assert found("Status eq 'Succeeded' and contains(OutputImageManifests, 'app@sha256:89ec')") == ["cf2", "cf1"]
    assert found("contains(OutputImageManifests, 'other@')") == []
    assert found("RunId eq 'CF1'") == ["cf1"]
    assert found("CreateTime ge 2025-06-01T12:00:30Z") == ["cf3"]
    assert found("CreateTime le 2025-06-01T12:00:30Z and TaskName eq ''") == ["cf1"]
    # The published specification: all logical operators except not, has and all.
    assert found("Status eq 'Queued' or Status eq 'Started' or Status eq 'Running'") == ["cf3"]
    assert found("RunId eq 'cf1' or RunId eq 'cf2' and Status eq 'Queued'") == ["cf1"]
    assert found("(RunId eq 'cf1' or RunId eq 'cf3') and Status eq 'Queued'") == ["cf3"]
    assert found("Status eq 'Queued' and( RunId eq 'cf3' ) or(RunId eq 'cf2')") == ["cf3", "cf2"]


@pytest.mark.parametrize(
    ("query", "pages"),
    [
        ("", [["cf5", "cf4"], ["cf3", "cf2"], ["cf1"]]),
        ("&$top=1", [["cf5"]]),
        ("&$top=3", [["cf5", "cf4"], ["cf3"]]),
        ("&$top=9&$filter=RunId%20ne%20'cf4'", [["cf5", "cf3"], ["cf2", "cf1"]]),
    ],
)
def test_top_limits_the_list_over_all_its_pages(query: str, pages: list[list[str]]) -> None:
    with EmulatedAzure(World(page_size=2)) as azure:
        for _ in range(5):
            azure.schedule()
        url: str | None = f"{REGISTRY}/runs?api-version=2019-06-01-preview{query}"
        seen = []
        while url:
            body = azure.get(url).body
            seen.append([run["name"] for run in body["value"]])
            url = body.get("nextLink")
        assert seen == pages


def test_archiving_a_run_gives_it_a_creator_as_recorded(azure: EmulatedAzure) -> None:
    azure.schedule()
    azure.advance(60)
    reply = azure.patch(f"{REGISTRY}/runs/cf1", {"isArchiveEnabled": True})
    assert reply.body["properties"]["isArchiveEnabled"] is True
    assert reply.body["properties"]["lastUpdatedTime"] == "2025-06-01T12:01:00+00:00"
    assert reply.body["systemData"]["createdAt"] == "2025-06-01T12:01:00+00:00"


def test_what_is_uploaded_is_what_the_agent_gets(azure: EmulatedAzure) -> None:
    target = azure.post(f"{REGISTRY}/listBuildSourceUploadUrl").body
    assert target["relativePath"].startswith("source/202506011200/")
    assert target["relativePath"].endswith(".tar.gz")
    headers = {"authorization": "", "x-ms-blob-type": "BlockBlob"}
    assert azure.request("PUT", target["uploadUrl"], headers=headers, data=b"archive").status == 201
    azure.schedule(sourceLocation=target["relativePath"])
    azure.schedule(sourceLocation="source/nothing.tar.gz")
    azure.advance(1)
    uploaded, nothing = (job.source for job in azure.executor.jobs)
    assert callable(uploaded)
    with uploaded() as file:
        assert file.read() == b"archive"
    assert nothing is None


def test_the_log_of_a_registry_with_its_own_key_is_an_artifact() -> None:
    world = World(registries=(RegistrySpec(customer_managed_key=True),))
    with EmulatedAzure(world, executor=ScriptedExecutor(TEN_SECONDS)) as azure:
        azure.schedule()
        azure.advance(30)
        links = azure.post(f"{REGISTRY}/runs/cf1/listLogSasUrl").body
        assert list(links) == ["logArtifactLink"]
        assert azure.get(links["logArtifactLink"]).content == b"one\r\ntwo\r\nthree\r\n"


def test_a_signed_url_holds_as_long_as_it_says() -> None:
    with EmulatedAzure(options=EmulatorOptions(sas_seconds=60), executor=ScriptedExecutor(TEN_SECONDS)) as azure:
        azure.schedule()
        link = azure.post(f"{REGISTRY}/runs/cf1/listLogSasUrl").body["logLink"]
        azure.advance(59)
        assert azure.get(link).status == 200
        azure.advance(1)
        assert azure.get(link).status == 403


def test_lines_may_end_in_lf_only() -> None:
    lines: list[Event] = [LogLine("one", ending="\n"), LogLine("two"), Outcome("Succeeded")]
    with EmulatedAzure(executor=ScriptedExecutor(lines)) as azure:
        azure.schedule()
        azure.advance(10)
        assert log_of(azure, "cf1").content == b"one\ntwo\r\n"


@pytest.mark.parametrize(
    ("mode", "source_registry", "is_logged_in"),
    [
        ("LegacyRegistryPermissions", None, True),
        ("LegacyRegistryPermissions", {"loginMode": "None"}, False),
        ("AbacRepositoryPermissions", None, False),
        ("AbacRepositoryPermissions", {"loginMode": "Default"}, False),
        ("AbacRepositoryPermissions", {"identity": "[caller]"}, True),
        ("AbacRepositoryPermissions", {"identity": None}, False),
    ],
)
def test_what_logs_a_run_in_to_its_registry(
    mode: str, source_registry: dict[str, str] | None, is_logged_in: bool
) -> None:
    executor = ScriptedExecutor()
    world = World(registries=(RegistrySpec(role_assignment_mode=mode),))
    with EmulatedAzure(world, executor=executor) as azure:
        body = {"type": "EncodedTaskRunRequest", "encodedTaskContent": "c3RlcHM6", "platform": {"os": "linux"}}
        credentials = {"credentials": {"sourceRegistry": source_registry}} if source_registry else {}
        azure.post(f"{REGISTRY}/scheduleRun", {**body, **credentials})
        azure.advance(5)
    assert [job.is_logged_in for job in executor.jobs] == [is_logged_in]
