"""The client for runs, against the real SDK on a scripted transport."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from functools import partial
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.mgmt.containerregistrytasks.models import (
    Argument,
    DockerBuildRequest,
    PlatformProperties,
    Run,
    TaskRunRequest,
)
from scripted_arm import ARM, FixedCredential, arm_error, arm_over
from scripted_transport import Answer, Reply, ScriptedTransport
from whole_messages import raises

from azext_acrpool.client.arm import ArmClient
from azext_acrpool.client.errors import (
    AcrError,
    ConnectionLostError,
    RegistryNotFoundError,
    RequestAbandonedError,
    RunNotFoundError,
    RunUnconfirmedError,
    ServiceFailureError,
    ThrottledError,
)
from azext_acrpool.client.registries import RegistryId
from azext_acrpool.client.runs import Runs
from azext_acrpool.testing import EPOCH, JumpingClock

REGISTRY = RegistryId("sub", "group", "myregistry")
UPLOAD = {"relativePath": "source/x.tar.gz", "uploadUrl": "https://acct.example/x.tar.gz?sv=1&sig=topsecret"}


TASK_RUN = TaskRunRequest(task_id="/subscriptions/s/../registries/r/tasks/nightly")
MARK = b64encode(b"acrpool-0123").decode()


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


Connect = Callable[..., tuple[Runs, ScriptedTransport]]


def connect_to(clock: JumpingClock, *replies: Answer, **options: Any) -> tuple[Runs, ScriptedTransport]:
    transport = ScriptedTransport(replies)
    return Runs(arm_over(transport, clock), REGISTRY, clock, **options), transport


@pytest.fixture
def connect(clock: JumpingClock) -> Connect:
    return partial(connect_to, clock)


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
    assert runs.schedule(docker_request()).run_id == "cf1"
    (request,) = transport.requests
    assert request.method == "POST"
    assert "/resourceGroups/group/" in request.url
    assert "/registries/myregistry/scheduleRun?" in request.url
    assert json.loads(request.content)["agentPoolName"] == "mypool"


# Each may have been carried out.
LOST = [
    Reply(500, {"error": {"code": "InternalServerError", "message": "?"}}),
    Reply(503, "busy"),
    Reply(504, ""),
    Reply(408, ""),
    Reply(404, "<html>"),
    Reply(307, "", {"Location": "https://management.example/elsewhere"}),
    Reply(200, "<html>"),
    Reply(200, '{"properties": {"ru'),
    Reply(200, {"properties": {}}),
    Reply(200, {"properties": {"runId": 7}}),
    Reply(200, {"properties": []}),
    Reply(200, []),
    Reply(200),
    ServiceResponseError("Connection aborted"),
]
lost_replies = pytest.mark.parametrize("lost", LOST, ids=lambda lost: str(getattr(lost, "status", "reset")))


def posts(transport: ScriptedTransport) -> int:
    """How often a run was asked for."""
    return [request.method for request in transport.requests].count("POST")


@lost_replies
def test_after_a_lost_reply_a_run_that_fits_is_named_and_never_taken_for_ours(
    connect: Connect, clock: JumpingClock, lost: Any
) -> None:
    older = run_json("cf1", age=60, agentPoolName="mypool", runType="QuickBuild")
    other_pool = run_json("cf2", agentPoolName="otherpool", runType="QuickBuild")
    triggered = run_json("cf3", agentPoolName="mypool", runType="AutoBuild", task="nightly")
    fits = run_json("cf4", agentPoolName="mypool", runType="QuickBuild")
    runs, transport = connect(lost, *[listing(clock, fits, triggered, other_pool, older)] * 4)
    with pytest.raises(RunUnconfirmedError) as caught:
        runs.schedule(docker_request(), on_queued=fail_if_called)
    assert caught.value.candidates == ("cf4",)
    assert [request.method for request in transport.requests] == ["POST", "GET", "GET", "GET", "GET"]


def fail_if_called(run: Run) -> None:
    raise AssertionError(f"run {run.run_id} was taken for ours")


@lost_replies
def test_after_a_lost_reply_the_run_that_bears_the_mark_is_ours(
    connect: Connect, clock: JumpingClock, lost: Any
) -> None:
    other = run_json("cf5", task="nightly", runType="QuickRun", updateTriggerToken="c29tZWJvZHkgZWxzZQ==")
    ours = run_json("cf4", task="nightly", runType="QuickRun", updateTriggerToken=MARK)
    runs, transport = connect(lost, listing(clock, other), listing(clock, other, ours))
    queued = list[str | None]()
    run = runs.schedule(TASK_RUN, mark=MARK, on_queued=lambda run: queued.append(run.run_id))
    assert (run.run_id, queued, posts(transport)) == ("cf4", ["cf4"], 1)


@lost_replies
def test_after_a_lost_reply_and_no_run_in_the_list_the_request_is_sent_again(
    connect: Connect, clock: JumpingClock, lost: Any
) -> None:
    runs, transport = connect(lost, *[listing(clock)] * 4, Reply(200, run_json("cf9")))
    assert runs.schedule(docker_request()).run_id == "cf9"
    assert posts(transport) == 2
    # As long as it may take for a run to show in the list.
    assert clock.time >= 15


def lost_twice(clock: JumpingClock, late: dict[str, Any]) -> list[Answer]:
    """Both replies are lost; the run of the first shows only after the second was sent."""
    reset = ServiceResponseError("reset")
    return [reset, *[listing(clock)] * 4, reset, *[listing(clock, late)] * 4]


def test_a_run_of_the_first_request_that_shows_after_the_second_is_not_overlooked(
    connect: Connect, clock: JumpingClock
) -> None:
    runs, transport = connect(*lost_twice(clock, run_json("cf1", agentPoolName="mypool")))
    with pytest.raises(RunUnconfirmedError) as caught:
        runs.schedule(docker_request())
    assert (caught.value.candidates, posts(transport)) == (("cf1",), 2)


def test_a_marked_run_of_the_first_request_that_shows_after_the_second_is_ours(
    connect: Connect, clock: JumpingClock
) -> None:
    # A clock of the service's that is wrong proves nothing against the mark.
    late = run_json("cf1", age=3600, task="nightly", runType="QuickRun", updateTriggerToken=MARK)
    runs, _ = connect(*lost_twice(clock, late))
    assert runs.schedule(TASK_RUN, mark=MARK).run_id == "cf1"


def test_a_list_without_a_run_is_believed_only_when_it_was_read_last(connect: Connect, clock: JumpingClock) -> None:
    runs, transport = connect(
        ServiceResponseError("reset"),
        Reply(503),
        listing(clock),
        Reply(503),
        listing(clock),
        Reply(200, run_json("cf9")),
    )
    assert runs.schedule(docker_request()).run_id == "cf9"
    assert posts(transport) == 2


def test_a_run_that_shows_late_in_the_list_is_found(connect: Connect, clock: JumpingClock) -> None:
    late = run_json("cf9", task="nightly", runType="QuickRun", updateTriggerToken=MARK)
    runs, _ = connect(
        ServiceResponseError("reset"), listing(clock), Reply(503, ""), Reply(200, "<html>"), listing(clock, late)
    )
    assert runs.schedule(TASK_RUN, mark=MARK).run_id == "cf9"
    assert clock.time <= 16


SEEN_LATER = "The reply to the request that queues the run was lost"


@pytest.mark.parametrize(
    ("looks", "candidates", "message"),
    [
        (
            [("cf1",)] * 4,
            ("cf1",),
            f"{SEEN_LATER}. It may have queued cf1, which may as well be somebody else's: nothing tells. (reset)",
        ),
        (
            [("cf2", "cf1")] * 4,
            ("cf2", "cf1"),
            f"{SEEN_LATER}. It may have queued cf2, cf1, which may as well be somebody else's: nothing tells. (reset)",
        ),
        (
            [None] * 4,
            (),
            f"{SEEN_LATER}, and the list of runs does not tell of it: it may have queued one. (reset)",
        ),
        (
            [(), (), (), None],
            (),
            f"{SEEN_LATER}, and the list of runs does not tell of it: it may have queued one. (reset)",
        ),
        (
            [None, ("cf1",), None, None],
            ("cf1",),
            f"{SEEN_LATER}. It may have queued cf1, which may as well be somebody else's: nothing tells. (reset)",
        ),
    ],
    ids=["one", "two", "no list", "no list at last", "one in the only list"],
)
def test_what_nothing_proves_is_said_to_be_unknown_and_not_sent_again(
    connect: Connect,
    clock: JumpingClock,
    looks: list[tuple[str, ...] | None],
    candidates: tuple[str, ...],
    message: str,
) -> None:
    replies = [
        Reply(503) if look is None else listing(clock, *(run_json(each, agentPoolName="mypool") for each in look))
        for look in looks
    ]
    runs, transport = connect(ServiceResponseError("reset"), *replies)
    with raises(RunUnconfirmedError, message) as caught:
        runs.schedule(docker_request())
    assert caught.value.candidates == candidates
    assert posts(transport) == 1


UNREADABLE_LISTS: list[Any] = [
    arm_error(403, "AuthorizationFailed"),
    Reply(200, "<html>"),
    Reply(200, {"value": "x"}),
    Reply(200, {"value": [[]]}),
    Reply(200, {"value": [{"properties": {"createTime": "yesterday"}}]}),
    ServiceResponseError("reset"),
]


@pytest.mark.parametrize("unreadable", UNREADABLE_LISTS)
def test_a_list_that_cannot_be_read_is_no_answer(connect: Connect, unreadable: Any) -> None:
    runs, transport = connect(Reply(500, ""), *[unreadable] * 4)
    with raises(
        RunUnconfirmedError,
        f"{SEEN_LATER}, and the list of runs does not tell of it: it may have queued one. "
        "(The service answered with HTTP status 500 and gave no reason.)",
    ):
        runs.schedule(docker_request())
    assert posts(transport) == 1


def test_losses_without_a_run_end_some_time(connect: Connect, clock: JumpingClock) -> None:
    runs, transport = connect(*[ServiceResponseError("reset"), *[listing(clock)] * 4] * 9)
    with raises(ConnectionLostError, "reset"):
        runs.schedule(docker_request())
    assert 1 < posts(transport) <= 4
    assert clock.time <= 90


@pytest.mark.parametrize(
    "reply",
    [
        arm_error(400, "TasksOperationsNotAllowed"),
        arm_error(401, "InvalidAuthenticationToken"),
        arm_error(403, "AuthorizationFailed"),
        arm_error(404, "ResourceNotFound"),
        arm_error(409, "Conflict"),
    ],
    ids=lambda reply: str(reply.status),
)
def test_a_refusal_is_an_error_and_no_run_is_looked_for(connect: Connect, reply: Reply) -> None:
    runs, transport = connect(reply)
    with pytest.raises(AcrError) as caught:
        runs.schedule(docker_request())
    assert caught.value.status == reply.status
    assert len(transport.requests) == 1


NEVER_QUEUED = [arm_error(429, "TooManyRequests"), Reply(429, "<html>"), ServiceRequestError("connection refused")]


@pytest.mark.parametrize("refusal", NEVER_QUEUED, ids=["429", "429 of a proxy", "never sent"])
def test_what_queued_nothing_for_sure_is_sent_again_and_no_run_is_looked_for(
    connect: Connect, clock: JumpingClock, refusal: Any
) -> None:
    runs, transport = connect(refusal, refusal, Reply(200, run_json("cf1")))
    assert runs.schedule(docker_request()).run_id == "cf1"
    assert [request.method for request in transport.requests] == ["POST"] * 3
    assert clock.sleeps == [1.0, 2.0]


def test_a_service_that_has_too_much_to_do_is_asked_for_as_long_as_there_is_patience(
    connect: Connect, clock: JumpingClock
) -> None:
    runs, transport = connect(*[arm_error(429, "TooManyRequests", Retry_After="20")] * 99)
    with pytest.raises(ThrottledError):
        runs.schedule(docker_request(), patience=100)
    assert clock.time == pytest.approx(100, abs=0.1)
    assert posts(transport) == 6


@pytest.mark.parametrize(("patience", "sleeps"), [(5, [5]), (60, [60]), (90, [60, 30])])
def test_no_pause_that_the_service_asks_for_takes_longer_than_there_is_patience(
    connect: Connect, clock: JumpingClock, patience: float, sleeps: list[float]
) -> None:
    runs, transport = connect(*[arm_error(429, "TooManyRequests", Retry_After="3600")] * 9)
    with pytest.raises(ThrottledError):
        runs.schedule(docker_request(), patience=patience)
    assert clock.sleeps == pytest.approx(sleeps, abs=0.1)
    assert posts(transport) == len(sleeps) + 1


def test_a_long_wait_to_send_again_is_bounded_and_told(clock: JumpingClock) -> None:
    told = list[str]()
    refusal = arm_error(429, "TooManyRequests", "Slow down.", Retry_After="86400")
    runs, _ = connect_to(clock, refusal, Reply(200, run_json("cf1")), tell=told.append)
    runs.schedule(docker_request())
    assert clock.sleeps == [60.0]
    assert told == ["The service takes no run now; it is asked again in 1 min 0 s: Slow down."]


class SlowTransport(ScriptedTransport):
    """Answers the first request when nobody waits any more."""

    def send(self, request: Any, **options: Any) -> Any:
        if len(self.requests) == 0:
            self.requests.append(request)
            raise RequestAbandonedError("No answer within 1 min 0 s.")
        return super().send(request, **options)


def test_a_request_that_was_given_up_is_never_sent_again_since_it_may_be_on_its_way(clock: JumpingClock) -> None:
    runs = Runs(arm_over(transport := SlowTransport([listing(clock)] * 4), clock), REGISTRY, clock)
    with raises(
        RunUnconfirmedError,
        f"{SEEN_LATER}: it may still be on its way, and queue one. (No answer within 1 min 0 s.)",
    ):
        runs.schedule(docker_request())
    assert posts(transport) == 1


MARKED: dict[str, Any] = {"runType": "QuickRun", "updateTriggerToken": MARK}


@pytest.mark.parametrize(
    ("first", "events"),
    [
        (arm_error(429, "TooManyRequests"), ["begin", "begin", "cf1", "end"]),
        # What was sent is not undone by looking for it, which an interruption may end.
        (ServiceResponseError("reset"), ["begin", "begin", "end", "looked", "begin", "cf1", "end"]),
    ],
    ids=["refused", "lost"],
)
def test_each_sending_and_what_is_done_with_its_run_are_undisturbed(
    connect: Connect, clock: JumpingClock, first: Any, events: list[str]
) -> None:
    seen = list[str]()

    @contextmanager
    def undisturbed() -> Iterator[None]:
        seen.append("begin")
        yield
        seen.append("end")

    def answer(request: Any) -> Reply:
        if request.method == "GET":
            seen.append("looked")
            return listing(clock, run_json("cf1", **MARKED))(request)
        return Reply(200, run_json("cf1"))

    runs, _ = connect(first, answer)
    runs.schedule(TASK_RUN, mark=MARK, undisturbed=undisturbed, on_queued=lambda run: seen.append(str(run.run_id)))
    assert seen == events


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
    told = list[str]()
    runs, _ = connect_to(clock, refusal, Reply(200, UPLOAD), tell=told.append)
    assert runs.upload_target().upload_url == UPLOAD["uploadUrl"]
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
        FixedCredential(),
        "sub",
        base_url=ARM,
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


def test_an_interruption_that_was_put_off_comes_before_a_lost_run_is_looked_for(connect: Connect) -> None:
    runs, transport = connect(ServiceResponseError("reset"))
    begun = list[str]()

    @contextmanager
    def undisturbed() -> Iterator[None]:
        begun.append("begin")
        if len(begun) > 1:
            raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        runs.schedule(docker_request(), undisturbed=undisturbed)
    assert [request.method for request in transport.requests] == ["POST"]


def test_a_list_that_does_not_go_back_far_enough_proves_nothing(connect: Connect, clock: JumpingClock) -> None:
    # So many runs of another pool since then that the lost one may be on the next page.
    others = [run_json(f"cf{number}", agentPoolName="otherpool") for number in range(30)]
    runs, transport = connect(ServiceResponseError("reset"), *[listing(clock, *others)] * 4)
    with pytest.raises(RunUnconfirmedError):
        runs.schedule(docker_request())
    assert [request.method for request in transport.requests] == ["POST", *["GET"] * 4]


def test_a_list_that_goes_back_to_before_the_request_does_prove_it(connect: Connect, clock: JumpingClock) -> None:
    others = [run_json(f"cf{number}", agentPoolName="otherpool") for number in range(29)]
    older = run_json("cf0", age=600)
    runs, transport = connect(
        ServiceResponseError("reset"), *[listing(clock, *others, older)] * 4, Reply(200, run_json("cf99"))
    )
    assert runs.schedule(docker_request()).run_id == "cf99"
    assert [request.method for request in transport.requests] == ["POST", *["GET"] * 4, "POST"]


@pytest.mark.parametrize("ask", [lambda runs: runs.get("cf9"), lambda runs: runs.cancel("cf9")], ids=["get", "cancel"])
def test_a_run_that_is_not_there_is_named(connect: Connect, ask: Callable[[Runs], Any]) -> None:
    missing = "The Resource 'Microsoft.ContainerRegistry/registries/myregistry/runs/cf9' under resource group 'group'"
    runs, _ = connect(arm_error(404, "ResourceNotFound", f"{missing} was not found."))
    with raises(RunNotFoundError, "Could not find a run with the ID 'cf9' in registry 'myregistry'."):
        ask(runs)


@pytest.mark.parametrize("ask", [lambda runs: runs.get("cf9"), lambda runs: runs.cancel("cf9")], ids=["get", "cancel"])
def test_a_registry_that_is_not_there_is_named_rather_than_the_run(
    connect: Connect, ask: Callable[[Runs], Any]
) -> None:
    runs, _ = connect(arm_error(404, "ResourceGroupNotFound", "Resource group 'group' could not be found."))
    with pytest.raises(RegistryNotFoundError) as caught:
        ask(runs)
    assert caught.value.missing == "group"
