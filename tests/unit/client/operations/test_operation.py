"""Following a long operation to its end, whatever the service and the network do meanwhile."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.core.rest import HttpRequest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scripted_arm import ARM, POOL_PATH, REGISTRY, arm_error, arm_over, pool_body, scripted_arm
from scripted_transport import Reply, ScriptedTransport
from whole_messages import raises

from azext_acrpool.client import errors
from azext_acrpool.client.operations.operation import Operation, Progress
from azext_acrpool.client.pools import AgentPoolChanges, AgentPools, AgentPoolSpec
from azext_acrpool.testing import JumpingClock

SPEC = AgentPoolSpec("westus2", 1, "S1", "Linux")
STATUS_URL = f"{ARM}{POOL_PATH}/operationStatuses/1?api-version=2025-03-01-preview&t=1&c=MII_-a&s=x%3D&h=y"
RESULT_URL = f"{ARM}{REGISTRY.path}/agentPoolsOperationResults/1/status?api-version=1&t="
CREATING = Reply(201, pool_body(state="Creating"), {"Azure-AsyncOperation": STATUS_URL, "Retry-After": "10"})
GOING_ON, DONE = Reply(200, {"status": "Creating"}), Reply(200, {"status": "Succeeded"})
POOL, GONE = Reply(200, pool_body()), arm_error(404, "ResourceNotFound")


def accepted_delete(number: int = 1) -> Reply:
    return Reply(202, "null", {"Location": f"{RESULT_URL}{number}", "Retry-After": "10"})


Replies = Reply | Exception


def create(*replies: Replies) -> tuple[Operation[Any], ScriptedTransport]:
    arm, transport = scripted_arm(*replies)
    return AgentPools(arm).create(REGISTRY, "mypool", SPEC), transport


def delete(*replies: Replies) -> tuple[Operation[None], ScriptedTransport]:
    arm, transport = scripted_arm(*replies)
    operation = AgentPools(arm).delete(REGISTRY, "mypool")
    assert operation is not None
    return operation, transport


def urls(transport: ScriptedTransport) -> list[str]:
    return [request.url for request in transport.requests]


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


def test_create_looks_at_the_signed_url_then_gets_the_pool(clock: JumpingClock) -> None:
    operation, transport = create(CREATING, GOING_ON, GOING_ON, DONE, POOL)
    pool = operation.wait(clock)
    assert pool == pool_body()
    assert urls(transport)[1:4] == [STATUS_URL] * 3
    assert [request.method for request in transport.requests] == ["PUT", "GET", "GET", "GET", "GET"]


def test_not_waiting_asks_nothing_more() -> None:
    _, transport = create(CREATING)
    assert len(transport.requests) == 1


def test_retry_after_of_the_first_reply_does_not_make_the_end_late(clock: JumpingClock) -> None:
    operation, _ = create(CREATING, DONE, POOL)
    operation.wait(clock)
    assert clock.time == pytest.approx(1.9, abs=0.01)


def test_without_retry_after_the_first_look_comes_after_a_second(clock: JumpingClock) -> None:
    operation, _ = create(Reply(201, pool_body(state="Creating"), {"Azure-AsyncOperation": STATUS_URL}), DONE, POOL)
    operation.wait(clock)
    assert clock.time == pytest.approx(1, abs=0.01)


def test_progress_is_told_every_second(clock: JumpingClock) -> None:
    seen: list[Progress] = []
    operation, _ = create(CREATING, GOING_ON, DONE, POOL)
    operation.wait(clock, on_progress=seen.append)
    assert [progress.state for progress in seen] == ["Creating"] * (len(seen) - 1) + ["Succeeded"]
    times = [progress.elapsed for progress in seen]
    assert max(later - earlier for earlier, later in pairwise(times)) <= 1.01


@pytest.mark.parametrize(
    "first",
    [Reply(200, pool_body()), Reply(201, pool_body())],
    ids=["done at once", "201 without a header"],
)
def test_first_reply_may_be_the_end(clock: JumpingClock, first: Reply) -> None:
    operation, transport = create(first, POOL)
    assert operation.wait(clock) == pool_body()
    assert clock.time == pytest.approx(0, abs=0.01)
    assert len(transport.requests) == 2


def test_without_headers_the_pool_itself_is_looked_at(clock: JumpingClock) -> None:
    operation, transport = create(
        Reply(201, pool_body(state="Creating")), Reply(200, pool_body(state="Creating")), POOL, POOL
    )
    assert operation.wait(clock) == pool_body()
    assert {url.split("?")[0] for url in urls(transport)} == {ARM + POOL_PATH}


def test_create_may_be_followed_by_location(clock: JumpingClock) -> None:
    first = Reply(202, "", {"Location": f"{RESULT_URL}1"})
    operation, transport = create(first, accepted_delete(2), Reply(200, pool_body()), POOL)
    assert operation.wait(clock) == pool_body()
    assert urls(transport)[1:3] == [f"{RESULT_URL}1", f"{RESULT_URL}2"]


@pytest.mark.parametrize("status", [401, 403, 404, 410, 400])
def test_status_url_that_expires_is_not_the_end(clock: JumpingClock, status: int) -> None:
    operation, _ = create(CREATING, arm_error(status, "Expired"), Reply(200, pool_body(state="Creating")), POOL, POOL)
    assert operation.wait(clock) == pool_body()


def test_what_the_fallback_may_not_read_either_is_lost_in_the_end(clock: JumpingClock) -> None:
    operation, _ = create(CREATING, arm_error(403, "A"), *[arm_error(403, "AuthorizationFailed", "You may not.")] * 9)
    with raises(
        errors.OperationLostError,
        "Whether the create of agent pool 'mypool' is done could not be found out for 25 s; it may go on at the"
        " service. The last error was: You may not.",
    ) as lost:
        operation.wait(clock)
    assert (lost.value.code, lost.value.status) == ("AuthorizationFailed", 403)


@pytest.mark.parametrize(
    "hiccup",
    [
        arm_error(429, "TooManyRequests", Retry_After="5"),
        arm_error(503, "ServerBusy"),
        arm_error(500, "InternalServerError"),
        Reply(502, "<html>", {"Content-Type": "text/html"}),
        Reply(404, "<html>", {"Content-Type": "text/html"}),
        ServiceRequestError("connection refused"),
        ServiceResponseError("connection reset"),
    ],
)
def test_hiccups_are_waited_out(clock: JumpingClock, hiccup: Replies) -> None:
    operation, _ = create(CREATING, hiccup, GOING_ON, hiccup, hiccup, DONE, hiccup, POOL)
    assert operation.wait(clock) == pool_body()


UNREADABLE = [
    Reply(200, "<html>", {"Content-Type": "text/html"}),
    Reply(200, {}),
    Reply(200, []),
    Reply(200, {"status": 7}),
    Reply(200, '{"sta'),
    Reply(200),
    Reply(302, "", {"Location": f"{ARM}/elsewhere"}),
]


@pytest.mark.parametrize("unreadable", UNREADABLE)
def test_a_status_that_cannot_be_read_makes_it_look_at_the_pool(clock: JumpingClock, unreadable: Reply) -> None:
    seen: list[Progress] = []
    going_on = Reply(200, pool_body(state="Creating"))
    operation, transport = create(CREATING, unreadable, going_on, unreadable, going_on, POOL, POOL)
    assert operation.wait(clock, on_progress=seen.append) == pool_body()
    assert urls(transport).count(STATUS_URL) == 1
    assert any(progress.trouble for progress in seen)


@pytest.mark.parametrize("header", ["Azure-AsyncOperation", "Location"])
@pytest.mark.parametrize(
    "url",
    ["https://evil.example/x?sig=1", "http://management.example/x", "https://[::1", "nonsense", "//evil.example/x"],
)
def test_a_status_url_that_is_none_of_arms_is_told_and_not_asked(clock: JumpingClock, header: str, url: str) -> None:
    seen: list[Progress] = []
    operation, transport = create(Reply(201, pool_body(state="Creating"), {header: url}), POOL, POOL)
    assert operation.wait(clock, on_progress=seen.append) == pool_body()
    assert {asked.split("?")[0] for asked in urls(transport)} == {ARM + POOL_PATH}
    assert [progress.trouble.partition(",")[2] for progress in seen if progress.trouble] == [
        " which is not that of Azure Resource Manager; nothing was sent there."
    ]


def test_a_status_url_that_leads_away_later_is_not_followed(clock: JumpingClock) -> None:
    away = Reply(200, {"status": "Creating"}, {"Azure-AsyncOperation": "https://evil.example/x"})
    operation, transport = create(CREATING, away, POOL, POOL)
    assert operation.wait(clock) == pool_body()
    assert [url for url in urls(transport) if "evil" in url] == []


@pytest.mark.parametrize(
    "refusal",
    [arm_error(status, "No") for status in (400, 401, 403, 404, 409)],
    ids=lambda refusal: str(refusal.status),
)
def test_one_refusal_of_the_result_is_none(clock: JumpingClock, refusal: Reply) -> None:
    operation, _ = create(CREATING, DONE, refusal, refusal, POOL)
    assert operation.wait(clock) == pool_body()


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (arm_error(403, "AuthorizationFailed", "You may not."), 20),
        (arm_error(401, "ExpiredAuthenticationToken", "You may not."), 20),
        (arm_error(503, "ServerBusy", "You may not."), 300),
        (Reply(404, "<html>"), 300),
        (Reply(200, "<html>"), 300),
        (ServiceResponseError("reset"), 300),
    ],
)
def test_a_result_that_cannot_be_read_does_not_make_the_operation_less_done(
    clock: JumpingClock, refusal: Replies, seconds: float
) -> None:
    operation, _ = create(CREATING, DONE, *[refusal] * 99)
    with pytest.raises(errors.OperationLostError) as lost:
        operation.wait(clock)
    assert lost.value.message.startswith(
        "The create of agent pool 'mypool' is done, but what it is now could not be read. The last error was: "
    )
    assert seconds <= clock.time <= seconds + 20


@pytest.mark.parametrize("state", ["Creating", "updating", "Deleting"])
def test_a_pool_that_shows_that_it_is_not_done_is_followed_on(clock: JumpingClock, state: str) -> None:
    going_on = Reply(200, pool_body(state=state))
    operation, transport = create(CREATING, DONE, going_on, going_on, going_on, POOL, POOL)
    assert operation.wait(clock) == pool_body()
    assert urls(transport).count(STATUS_URL) == 1


def test_an_operation_that_never_ends_is_not_waited_for_for_ever(clock: JumpingClock) -> None:
    operation, _ = create(CREATING, *[GOING_ON] * 1000)
    with raises(
        errors.OperationTimeoutError,
        "The create of agent pool 'mypool' is still not done after 1 h 0 min (state: Creating).",
    ):
        operation.wait(clock)
    assert clock.time == pytest.approx(3600, abs=15)


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry_After": "45"},
        {"Retry_After": "Sun, 01 Mar 2026 12:00:45 GMT", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"},
    ],
    ids=["seconds", "date"],
)
def test_retry_after_of_a_refusal_binds(clock: JumpingClock, headers: dict[str, str]) -> None:
    operation, _ = create(CREATING, arm_error(429, "TooManyRequests", **headers), DONE, POOL)
    operation.wait(clock)
    assert clock.time == pytest.approx(1.9 + 45, abs=0.01)


def test_failures_that_last_end_the_wait_but_say_that_the_operation_goes_on(clock: JumpingClock) -> None:
    operation, _ = create(CREATING, *[ServiceRequestError("refused /x?sig=SECRET")] * 100)
    lost = (
        "Whether the create of agent pool 'mypool' is done could not be found out for 5 min 5 s; it may go on at the"
        " service. The last error was: refused /x"
    )
    with raises(errors.OperationLostError, lost):
        operation.wait(clock)
    assert clock.time == pytest.approx(1.9 + 305, abs=0.01)


def test_being_told_to_stay_away_for_an_hour_is_followed_for_a_minute(clock: JumpingClock) -> None:
    operation, _ = create(CREATING, arm_error(429, "TooManyRequests", Retry_After="3600"), DONE, POOL)
    operation.wait(clock)
    assert clock.time == pytest.approx(1.9 + 60, abs=0.01)


def test_hiccups_are_told(clock: JumpingClock) -> None:
    seen: list[Progress] = []
    operation, _ = create(CREATING, arm_error(503, "ServerBusy", "Try later."), DONE, POOL)
    operation.wait(clock, on_progress=seen.append)
    assert {(progress.state, progress.trouble) for progress in seen} == {
        ("Creating", ""),
        ("Creating", "Try later."),
        ("Succeeded", ""),
    }


class TimedService(ScriptedTransport):
    """A create that ends at `end`; each request takes `latency`, both in seconds."""

    def __init__(self, clock: JumpingClock, end: float, latency: float) -> None:
        super().__init__(())
        self._clock, self._end, self._latency = clock, end, latency

    def send(self, request: HttpRequest, **options: Any) -> Any:
        self._clock.time += self._latency / 2
        self.requests.append(request)
        going_on = self._clock.time < self._end
        replies = {"PUT": CREATING, "operationStatuses": GOING_ON if going_on else DONE}
        reply = next((reply for part, reply in replies.items() if part in f"{request.method} {request.url}"), POOL)
        self._clock.time += self._latency / 2
        return reply.as_response(request)


@settings(max_examples=25)
@given(end=st.floats(0, 900), latency=st.floats(0, 0.35))
@example(end=0.0, latency=0.35)
def test_end_is_noticed_at_most_3_s_late_in_the_first_minute_and_10_s_later_on(end: float, latency: float) -> None:
    clock = JumpingClock()
    operation = AgentPools(arm_over(TimedService(clock, end, latency))).create(REGISTRY, "mypool", SPEC)
    operation.wait(clock)
    assert clock.time - end <= (3.0 if end < 60 else 10.0) + 0.01


def test_slow_looks_are_followed_by_a_rest(clock: JumpingClock) -> None:
    service = TimedService(clock, end=100, latency=8)
    AgentPools(arm_over(service)).create(REGISTRY, "mypool", SPEC).wait(clock)
    assert len(service.requests) <= 2 + 100 / 9 + 1


@pytest.mark.parametrize(
    ("state", "ended"),
    [("Failed", "Failed"), ("Canceled", "Canceled"), ("Cancelled", "Canceled"), ("failed", "Failed")],
)
def test_failed_end(clock: JumpingClock, state: str, ended: str) -> None:
    reply = Reply(
        200,
        {"status": state, "error": {"code": "ScaleSetFailed", "message": "The status for Agent Pool p is Error."}},
        {"x-ms-correlation-request-id": "corr"},
    )
    operation, _ = create(CREATING, reply)
    with raises(
        errors.OperationFailedError,
        f"The create of agent pool 'mypool' ended as {ended}. The status for Agent Pool p is Error.",
    ) as raised:
        operation.wait(clock)
    assert (raised.value.code, raised.value.correlation_id) == ("ScaleSetFailed", "corr")


def test_failed_end_is_known_by_the_id_of_the_request_that_began_it(clock: JumpingClock) -> None:
    first = Reply(201, pool_body(state="Creating"), {**CREATING.headers, "x-ms-correlation-request-id": "first"})
    operation, _ = create(first, Reply(200, {"status": "Failed"}, {"x-ms-correlation-request-id": "look"}))
    with pytest.raises(errors.OperationFailedError) as raised:
        operation.wait(clock)
    assert raised.value.correlation_id == "first"


def test_failed_end_without_a_reason_keeps_the_first_replys_correlation_id(clock: JumpingClock) -> None:
    first = Reply(201, pool_body(state="Creating"), {"x-ms-correlation-request-id": "first"})
    operation, _ = create(first, Reply(200, pool_body(state="Failed")))
    with raises(
        errors.OperationFailedError, "The create of agent pool 'mypool' ended as Failed. The service gave no reason."
    ) as raised:
        operation.wait(clock)
    assert raised.value.correlation_id == "first"


def test_pool_that_failed_although_the_operation_succeeded(clock: JumpingClock) -> None:
    operation, _ = create(CREATING, DONE, Reply(200, pool_body(state="Failed")))
    with raises(errors.OperationFailedError, "The agent pool 'mypool' is there, but its state is Failed."):
        operation.wait(clock)


def test_pool_that_somebody_deletes_meanwhile(clock: JumpingClock) -> None:
    operation, _ = create(Reply(201, pool_body(state="Creating")), *[GONE] * 40)
    with raises(errors.OperationFailedError, "The agent pool 'mypool' is gone: somebody deleted it meanwhile."):
        operation.wait(clock)
    assert 20 <= clock.time <= 30


@pytest.mark.parametrize("absences", [1, 5])
def test_pool_that_does_not_show_at_once_is_waited_for(clock: JumpingClock, absences: int) -> None:
    operation, _ = create(Reply(201, pool_body(state="Creating")), *[GONE] * absences, POOL, POOL)
    assert operation.wait(clock) == pool_body()


def test_update(clock: JumpingClock) -> None:
    first = Reply(201, pool_body(state="Updating", count=2), {"Azure-AsyncOperation": STATUS_URL})
    arm, transport = scripted_arm(first, Reply(200, {"status": "Updating"}), DONE, Reply(200, pool_body(count=2)))
    pool = AgentPools(arm).update(REGISTRY, "mypool", AgentPoolChanges(count=2)).wait(clock)
    assert pool.count == 2
    assert transport.requests[0].method == "PATCH"


def test_delete_follows_each_fresh_location_and_ends_when_the_pool_is_gone(clock: JumpingClock) -> None:
    operation, transport = delete(
        Reply(202, pool_body(state="Deleting"), {"Location": f"{RESULT_URL}1"}),
        accepted_delete(2),
        accepted_delete(3),
        Reply(204),
        Reply(200, pool_body(state="Deleting")),
        GONE,
    )
    seen: list[Progress] = []
    operation.wait(clock, on_progress=seen.append)
    assert seen[0].state == "Deleting"
    assert [url for url in urls(transport) if url.startswith(RESULT_URL)] == [f"{RESULT_URL}{n}" for n in (1, 2, 3)]
    assert urls(transport)[-1].startswith(ARM + POOL_PATH)


def test_delete_whose_status_url_is_gone_with_the_pool(clock: JumpingClock) -> None:
    operation, _ = delete(accepted_delete(), GONE, GONE)
    operation.wait(clock)


@pytest.mark.parametrize("status", [401, 403])
def test_delete_whose_status_url_expires(clock: JumpingClock, status: int) -> None:
    operation, _ = delete(
        accepted_delete(), arm_error(status, "Expired"), Reply(200, pool_body(state="Deleting")), GONE
    )
    operation.wait(clock)


def test_delete_without_any_url(clock: JumpingClock) -> None:
    operation, _ = delete(Reply(202), Reply(200, pool_body(state="Deleting")), GONE)
    operation.wait(clock)


@pytest.mark.parametrize(
    ("state", "ended"),
    [("Failed", "Failed"), ("failed", "Failed"), ("CANCELED", "Canceled"), ("Cancelled", "Canceled")],
)
def test_delete_that_fails(clock: JumpingClock, state: str, ended: str) -> None:
    operation, _ = delete(Reply(202), Reply(200, pool_body(state=state)))
    with raises(
        errors.OperationFailedError, f"The agent pool 'mypool' is still there; its state is {ended}, not Deleting."
    ):
        operation.wait(clock)


@pytest.mark.parametrize("state", ["Succeeded", "succeeded"])
def test_delete_that_has_no_effect_is_not_waited_for_for_ever(clock: JumpingClock, state: str) -> None:
    operation, _ = delete(accepted_delete(), Reply(204), *[Reply(200, pool_body(state=state))] * 40)
    with raises(
        errors.OperationFailedError, "The agent pool 'mypool' is still there; its state is Succeeded, not Deleting."
    ):
        operation.wait(clock)
    assert 60 < clock.time < 80


NOT_ARMS = [Reply(404, "<html>"), Reply(404), Reply(404, {"message": "no"}), Reply(200, "<html>")]


@pytest.mark.parametrize("impostor", NOT_ARMS)
def test_only_arm_itself_says_that_the_pool_is_gone(clock: JumpingClock, impostor: Reply) -> None:
    operation, transport = delete(Reply(202), impostor, impostor, Reply(200, pool_body(state="Deleting")), GONE)
    operation.wait(clock)
    assert len(transport.requests) == 5


def test_the_end_of_a_delete_is_seen_at_the_pool_whatever_the_status_says(clock: JumpingClock) -> None:
    operation, transport = delete(
        Reply(202, "", {"Azure-AsyncOperation": STATUS_URL}), DONE, *[Reply(200, pool_body(state="Deleting"))] * 3, GONE
    )
    operation.wait(clock)
    assert len(transport.requests) == 6


@pytest.mark.parametrize("reply", [Reply(204), GONE])
def test_delete_of_what_is_gone(reply: Reply) -> None:
    arm, transport = scripted_arm(reply, GONE)
    assert AgentPools(arm).delete(REGISTRY, "mypool") is None
    assert [request.method for request in transport.requests] == ["DELETE", "GET"]


@pytest.mark.parametrize("reply", [Reply(204), GONE])
def test_delete_of_what_is_there_after_all_is_asked_for_again(reply: Reply) -> None:
    arm, transport = scripted_arm(reply, POOL, accepted_delete())
    assert AgentPools(arm).delete(REGISTRY, "mypool") is not None
    assert [request.method for request in transport.requests] == ["DELETE", "GET", "DELETE"]


@pytest.mark.parametrize("reply", [Reply(204), GONE])
def test_delete_of_what_is_said_to_be_gone_and_shown_is_an_error(reply: Reply) -> None:
    arm, _ = scripted_arm(reply, POOL, reply, POOL)
    with raises(
        errors.ConflictError, "The service says that there is no agent pool 'mypool' to delete, and yet shows it."
    ):
        AgentPools(arm).delete(REGISTRY, "mypool")


@pytest.mark.parametrize("code", ["ResourceGroupNotFound", "ParentResourceNotFound"])
def test_delete_below_what_does_not_exist_is_an_error(code: str) -> None:
    arm, _ = scripted_arm(arm_error(404, code))
    with pytest.raises(errors.RegistryNotFoundError):
        AgentPools(arm).delete(REGISTRY, "mypool")


def test_following_what_somebody_else_began(clock: JumpingClock) -> None:
    from azext_acrpool.client.operations.operation import OperationKind

    arm, transport = scripted_arm(Reply(200, pool_body(state="Creating")), POOL, POOL)
    operation = AgentPools(arm).follow(OperationKind.CREATE, REGISTRY, "mypool")
    assert operation.wait(clock) == pool_body()
    assert {request.method for request in transport.requests} == {"GET"}
