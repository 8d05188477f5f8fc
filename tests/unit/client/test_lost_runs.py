"""Which run a request queued whose reply was lost: what proves it, what rules a run out, and what proves nothing."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
import requests
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.mgmt.containerregistrytasks.models import (
    DockerBuildRequest,
    EncodedTaskRunRequest,
    PlatformProperties,
    Run,
    RunRequest,
    TaskRunRequest,
)
from hypothesis import given
from hypothesis import strategies as st
from run_fakes import make_run

from azext_acrpool.client.errors import (
    AcrError,
    ConnectionLostError,
    InvalidReplyError,
    RequestAbandonedError,
    ServiceFailureError,
    ThrottledError,
    translated_errors,
)
from azext_acrpool.client.lost_runs import RunSearch
from azext_acrpool.testing import EPOCH

PLAIN = b"acrpool-0123"
MARK, OTHER_MARK = b64encode(PLAIN).decode(), b64encode(b"acrpool-4567").decode()
LINUX = PlatformProperties(os="linux")
TASK_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r/tasks/Nightly"
TASK_RUN = TaskRunRequest(task_id=TASK_ID)


def build_request(*images: str, pool: str | None = "mypool", push: bool = True) -> DockerBuildRequest:
    return DockerBuildRequest(
        agent_pool_name=pool,
        docker_file_path="Dockerfile",
        platform=LINUX,
        image_names=list(images),
        is_push_enabled=push,
    )


BUILD = build_request("hello:v1")
COMMAND = EncodedTaskRunRequest(encoded_task_content="", platform=LINUX)


def is_candidate(request: RunRequest, run: Run, *, mark: str = "") -> bool:
    search = RunSearch(request, mark, sent=100.0)
    return search.candidates([run], EPOCH, now=110.0) == [run]


def pushed(*repositories: str) -> dict[str, Any]:
    return {"outputImages": [{"repository": repository, "tag": "v1"} for repository in repositories]}


@pytest.mark.parametrize(
    ("request_", "shown"),
    [
        (BUILD, {}),
        (BUILD, {"agentPoolName": "MyPool", "runType": "QuickBuild", "platform": {"os": "Linux"}}),
        (BUILD, {"runType": "quickbuild", **pushed("hello", "other")}),
        (BUILD, {"outputImages": []}),
        (BUILD, pushed("Hello")),
        (build_request("r.azurecr.io/team/hello:{{.Run.ID}}"), pushed("team/hello")),
        (build_request("localhost/hello:v1@sha256:1"), pushed("hello")),
        (build_request("localhost:5000/team/hello:v1"), pushed("team/hello")),
        (build_request("hello"), {"outputImages": [{"repository": "hello", "tag": "latest"}]}),
        (build_request("{{.Run.Registry}}/x:1", "hello:v1"), pushed("hello")),
        (build_request("hello:v1", push=False), pushed("other")),
        (build_request(pool=None), {"agentPoolName": None}),
        (COMMAND, {"runType": "QuickRun"}),
        (TASK_RUN, {"task": "nightly", "agentPoolName": "the-tasks-own", "runType": "QuickRun"}),
        (TaskRunRequest(task_id=TASK_ID, agent_pool_name="mypool"), {"agentPoolName": "mypool"}),
    ],
)
def test_a_run_that_nothing_tells_from_ours_may_be_ours(request_: RunRequest, shown: dict[str, Any]) -> None:
    assert is_candidate(request_, make_run(**shown))


@pytest.mark.parametrize(
    ("request_", "shown"),
    [
        (BUILD, {"agentPoolName": "otherpool"}),
        (build_request(pool=None), {"agentPoolName": "mypool"}),
        (BUILD, {"task": "nightly"}),
        (BUILD, {"runType": "AutoBuild"}),
        (BUILD, {"runType": "AutoRun"}),
        (BUILD, {"platform": {"os": "windows"}}),
        (BUILD, pushed("other")),
        (BUILD, {"outputImages": [{"repository": "hello", "tag": "v2"}]}),
        (build_request("hello"), pushed("hello")),
        (build_request("hello:v1", "second:v1"), pushed("hello")),
        (COMMAND, {"agentPoolName": "mypool"}),
        (TASK_RUN, {"task": "weekly"}),
        (TaskRunRequest(task_id=TASK_ID, agent_pool_name="mypool"), {"task": "nightly", "agentPoolName": "otherpool"}),
    ],
)
def test_a_run_that_shows_something_else_is_not_ours(request_: RunRequest, shown: dict[str, Any]) -> None:
    assert not is_candidate(request_, make_run(**shown))


@pytest.mark.parametrize(
    ("age", "may_be"), [(0.0, True), (11.9, True), (-3600.0, True), (12.1, False), (3600.0, False)]
)
def test_a_run_that_was_there_before_the_request_is_not_ours(age: float, may_be: bool) -> None:
    """Ten seconds have passed since the request was sent, and a Date header has whole seconds."""
    created = EPOCH - timedelta(seconds=age)
    assert is_candidate(BUILD, make_run(createTime=created.isoformat())) is may_be


@pytest.mark.parametrize(("created", "may_be"), [("2026-03-01T11:59:50", True), ("2026-03-01T11:59:40", False)])
def test_a_time_without_a_zone_is_in_utc(created: str, may_be: bool) -> None:
    assert is_candidate(BUILD, make_run(createTime=created)) is may_be


@pytest.mark.parametrize("created", [None, EPOCH.isoformat()])
def test_without_the_services_time_no_run_is_too_old(created: str | None) -> None:
    run = make_run(createTime=created)
    assert RunSearch(BUILD, "", 0.0).candidates([run], None, now=1.0) == [run]


def test_a_run_that_is_known_to_be_of_an_earlier_request_is_no_candidate() -> None:
    search = RunSearch(BUILD, "", 0.0, others=frozenset({"cf1"}))
    other = make_run(run_id="cf2")
    assert search.candidates([make_run(run_id="cf1"), other], None, now=1.0) == [other]


@pytest.mark.parametrize(
    ("token", "proven", "may_be"),
    [
        (MARK, True, True),
        (PLAIN.decode(), True, True),
        (OTHER_MARK, False, False),
        ("somebody else's", False, False),
        (MARK.lower(), False, False),
        (None, False, True),
    ],
)
def test_a_mark_proves_a_run_ours_or_another_one_not(token: str | None, proven: bool, may_be: bool) -> None:
    run = make_run(task="nightly", updateTriggerToken=token)
    assert RunSearch(TASK_RUN, MARK, 0.0).proven([make_run(), run]) == (run if proven else None)
    assert is_candidate(TASK_RUN, run, mark=MARK) is may_be


TOKENS = st.none() | st.text(max_size=20)


@given(token=TOKENS, create_time=st.none() | st.just(EPOCH.isoformat()), pool=st.sampled_from([None, "mypool"]))
def test_without_a_mark_nothing_is_ever_proven(token: str | None, create_time: str | None, pool: str | None) -> None:
    run = make_run(updateTriggerToken=token, createTime=create_time, agentPoolName=pool)
    assert RunSearch(BUILD, "", 0.0).proven([run]) is None


def translated(error: Exception) -> AcrError:
    """What the client makes of an error of azure-core's."""
    try:
        with translated_errors():
            raise error
    except AcrError as ours:
        return ours


TLS = requests.exceptions.SSLError("decryption failed or bad record mac")


@pytest.mark.parametrize(
    ("error", "nothing_queued"),
    [
        (ThrottledError("slow down", status=429), True),
        (translated(ServiceRequestError("refused", error=requests.ConnectionError("refused"))), True),
        (translated(ServiceRequestError("refused")), True),
        # It may be the reply that could not be read.
        (translated(ServiceRequestError("broken", error=TLS)), False),
        (translated(ServiceResponseError("reset")), False),
        (translated(requests.exceptions.ChunkedEncodingError("cut")), False),
        (ConnectionLostError("no token"), False),
        (RequestAbandonedError("No answer within 1 min 0 s."), False),
        (ServiceFailureError("busy", status=503), False),
        (InvalidReplyError("not JSON"), False),
    ],
)
def test_only_a_refusal_for_being_too_much_and_what_never_left_queued_nothing(
    error: AcrError, nothing_queued: bool
) -> None:
    assert error.leaves_doubt is not nothing_queued
