"""The client for runs, against the real SDK on a scripted transport."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.mgmt.containerregistrytasks.models import Argument, DockerBuildRequest, PlatformProperties, TaskRunRequest
from scripted_transport import Reply, ScriptedTransport

from azext_acrpool.client.arm import ArmClient
from azext_acrpool.client.errors import (
    BadRequestError,
    ConnectionLostError,
    NotFoundError,
    RunUnconfirmedError,
    ServiceFailureError,
    ThrottledError,
)
from azext_acrpool.client.registries import RegistryId
from azext_acrpool.client.runs import Runs
from azext_acrpool.testing import EPOCH, JumpingClock

REGISTRY = RegistryId("sub", "group", "myregistry")
UPLOAD = {"relativePath": "source/x.tar.gz", "uploadUrl": "https://acct.example/x.tar.gz?sv=1&sig=topsecret"}


class Credential:
    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("token", 4_000_000_000)


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


Connect = Callable[..., tuple[Runs, ScriptedTransport]]


@pytest.fixture
def connect(clock: JumpingClock) -> Connect:
    def connected(*replies: Reply | Exception | Callable[[Any], Reply]) -> tuple[Runs, ScriptedTransport]:
        transport = ScriptedTransport(replies)
        arm = ArmClient.from_credential(Credential(), "sub", base_url="https://arm.example", transport=transport)
        return Runs(arm, REGISTRY, clock), transport

    return connected


def docker_request(pool: str | None = "mypool") -> DockerBuildRequest:
    return DockerBuildRequest(
        agent_pool_name=pool, docker_file_path="Dockerfile", platform=PlatformProperties(os="linux"), arguments=[]
    )


def run_json(run_id: str, age: float = 0.0, now: float = 0.0, **properties: Any) -> dict[str, Any]:
    from datetime import timedelta

    created = EPOCH + timedelta(seconds=now - age)
    body = {"runId": run_id, "status": "Queued", "createTime": created.isoformat(), **properties}
    return {"name": run_id, "properties": body}


def listing(clock: JumpingClock, *runs: dict[str, Any]) -> Callable[[Any], Reply]:
    def reply(_: Any) -> Reply:
        return Reply(200, {"value": list(runs)}, {"Date": format_datetime(clock.now(), usegmt=True)})

    return reply


def test_schedule_sends_the_request_once_and_returns_the_run(connect: Connect) -> None:
    runs, transport = connect(Reply(200, run_json("cf1")))
    scheduled = runs.schedule(docker_request())
    assert scheduled.run.run_id == "cf1"
    assert not scheduled.found_again
    (request,) = transport.requests
    assert request.method == "POST"
    assert "/resourceGroups/group/" in request.url
    assert "/registries/myregistry/scheduleRun?" in request.url
    assert json.loads(request.content)["agentPoolName"] == "mypool"


LOST = [
    Reply(500, {"error": {"code": "InternalServerError", "message": "?"}}),
    Reply(503, "busy"),
    Reply(504, ""),
    Reply(408, ""),
    Reply(200, "<html>"),
    Reply(200, {"properties": {}}),
    ServiceResponseError("Connection aborted"),
]


@pytest.mark.parametrize("lost", LOST, ids=lambda lost: str(getattr(lost, "status", "reset")))
def test_after_a_lost_reply_the_run_is_found_and_never_queued_twice(
    connect: Connect, clock: JumpingClock, lost: Any
) -> None:
    older = run_json("cf1", age=60, agentPoolName="mypool", runType="QuickBuild")
    other_pool = run_json("cf2", agentPoolName="otherpool", runType="QuickBuild")
    triggered = run_json("cf3", agentPoolName="mypool", runType="AutoBuild", task="nightly")
    ours = run_json("cf4", agentPoolName="mypool", runType="QuickBuild")
    runs, transport = connect(lost, listing(clock, ours, triggered, other_pool, older))
    scheduled = runs.schedule(docker_request())
    assert scheduled.run.run_id == "cf4"
    assert scheduled.found_again
    assert [request.method for request in transport.requests] == ["POST", "GET"]


def test_a_run_that_shows_late_in_the_list_is_found(connect: Connect, clock: JumpingClock) -> None:
    runs, _ = connect(
        ServiceResponseError("reset"),
        listing(clock),
        Reply(503, ""),
        listing(clock, run_json("cf9", agentPoolName="mypool")),
    )
    assert runs.schedule(docker_request()).run.run_id == "cf9"
    assert clock.time <= 15


def test_without_a_trace_of_the_run_it_is_not_queued_again(connect: Connect, clock: JumpingClock) -> None:
    runs, transport = connect(ServiceResponseError("reset"), *[listing(clock)] * 4)
    with pytest.raises(RunUnconfirmedError) as caught:
        runs.schedule(docker_request())
    assert caught.value.message == (
        "The reply to the request that queues the run was lost, and no such run is listed. "
        "It was not sent again, since that could queue a second run. (reset)"
    )
    assert [request.method for request in transport.requests].count("POST") == 1


def test_two_runs_that_fit_are_not_guessed_between(connect: Connect, clock: JumpingClock) -> None:
    both = [run_json("cf1", agentPoolName="mypool"), run_json("cf2", agentPoolName="mypool")]
    runs, _ = connect(Reply(500, ""), listing(clock, *both))
    with pytest.raises(RunUnconfirmedError) as caught:
        runs.schedule(docker_request())
    assert caught.value.message == (
        "The reply to the request that queues the run was lost, and more than one run was queued since: cf1, cf2. "
        "(The service answered with HTTP status 500 and gave no reason.)"
    )


def test_a_list_that_cannot_be_read_is_no_answer(connect: Connect) -> None:
    runs, _ = connect(Reply(500, ""), *[Reply(503, "")] * 4)
    with pytest.raises(RunUnconfirmedError) as caught:
        runs.schedule(docker_request())
    assert caught.value.message == (
        "The reply to the request that queues the run was lost, and the list of runs could not be read. "
        "It was not sent again, since that could queue a second run. "
        "(The service answered with HTTP status 500 and gave no reason.)"
    )


def test_the_run_of_a_task_is_known_by_its_task(connect: Connect, clock: JumpingClock) -> None:
    request = TaskRunRequest(task_id="/subscriptions/s/../registries/r/tasks/nightly")
    ours = run_json("cf2", task="nightly", runType="QuickRun", agentPoolName="tasks-own-pool")
    runs, _ = connect(Reply(500, ""), listing(clock, run_json("cf1", task="other", runType="QuickRun"), ours))
    assert runs.schedule(request).run.run_id == "cf2"


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(400, {"error": {"code": "TasksOperationsNotAllowed", "message": "no"}}), BadRequestError),
        (Reply(404, ""), NotFoundError),
        (Reply(429, ""), ThrottledError),
        (ServiceRequestError("connection refused"), ConnectionLostError),
    ],
    ids=["400", "404", "429", "never-sent"],
)
def test_a_refusal_is_an_error_and_no_run_is_looked_for(connect: Connect, reply: Any, error: type[Exception]) -> None:
    runs, transport = connect(reply)
    with pytest.raises(error):
        runs.schedule(docker_request())
    assert len(transport.requests) == 1


def test_status_is_asked_once_so_that_the_follower_can_wait_by_itself(connect: Connect, clock: JumpingClock) -> None:
    runs, transport = connect(Reply(503, "", {"Retry-After": "7"}))
    with pytest.raises(ServiceFailureError) as caught:
        runs.get("cf1")
    assert caught.value.retry_after == 7
    assert len(transport.requests) == 1


def test_an_upload_target_is_asked_for_until_there_is_one(connect: Connect, clock: JumpingClock) -> None:
    runs, _ = connect(Reply(503, ""), Reply(429, "", {"Retry-After": "5"}), Reply(200, UPLOAD))
    target = runs.upload_target()
    assert target.upload_url == UPLOAD["uploadUrl"]
    assert clock.sleeps == [1.0, 5.0]
    assert repr(target) == "UploadTarget(relative_path='source/x.tar.gz')"


def test_being_asked_to_wait_for_an_hour_for_an_upload_target_is_bounded_and_told(clock: JumpingClock) -> None:
    refusal = Reply(429, {"error": {"code": "Slow", "message": "Slow down."}}, {"Retry-After": "3600"})
    transport, told = ScriptedTransport([refusal, Reply(200, UPLOAD)]), list[str]()
    arm = ArmClient.from_credential(Credential(), "sub", base_url="https://arm.example", transport=transport)
    assert Runs(arm, REGISTRY, clock, tell=told.append).upload_target().upload_url == UPLOAD["uploadUrl"]
    assert clock.sleeps == [60.0]
    assert told == ["The service does not answer now; it is asked again in 1 min 0 s: Slow down."]


def test_an_upload_target_that_never_comes_is_an_error(connect: Connect) -> None:
    runs, _ = connect(*[Reply(500, "")] * 4)
    with pytest.raises(ServiceFailureError):
        runs.upload_target()


def test_debug_logs_of_az_show_neither_secret_arguments_nor_signed_urls(
    caplog: pytest.LogCaptureFixture, clock: JumpingClock
) -> None:
    from azure.cli.core.sdk.policies import SafeNetworkTraceLoggingPolicy

    from azext_acrpool.web import hide_secret_urls

    hide_secret_urls()
    transport = ScriptedTransport([Reply(503, ""), Reply(200, UPLOAD), Reply(200, run_json("cf1"))])
    arm = ArmClient.from_credential(
        Credential(),
        "sub",
        base_url="https://arm.example",
        transport=transport,
        logging_policy=SafeNetworkTraceLoggingPolicy(),
    )
    request = docker_request()
    request.arguments = [Argument(name="TOKEN", value="correct-horse", is_secret=True)]
    logger = logging.getLogger("cli.azure.cli.core.sdk.policies")
    logger.addHandler(caplog.handler)
    try:
        with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger.name):
            runs = Runs(arm, REGISTRY, clock)
            runs.upload_target()
            runs.schedule(request)
            logger.debug("Response content: %s", json.dumps(UPLOAD))
    finally:
        logger.removeHandler(caplog.handler)
    assert "Response content" in caplog.text
    assert "correct-horse" not in caplog.text
    assert "topsecret" not in caplog.text
