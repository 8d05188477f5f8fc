"""Changes of agent pools, which take minutes: what is shown, how they end, what Ctrl-C says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from pool_azure import MISSING, PoolAzure
from scripted_arm import POOL_PATH, arm_error, interrupt, pool_body
from scripted_transport import Reply

from azext_acrpool.commands.agentpool.create import create_pool
from azext_acrpool.commands.agentpool.delete import delete_pool
from azext_acrpool.commands.agentpool.update import update_pool
from azext_acrpool.testing import Finished

CREATING = "Agent pool 'mypool': Creating (usually takes 5 to 13 minutes)"
WAIT = "az acr agentpool wait -r myregistry -n mypool"
CHANGES: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (create_pool, {}, "create"),
    (update_pool, {"skip_checks": True, "count": 2}, "update"),
    (delete_pool, {"yes": True}, "delete"),
]


@pytest.mark.parametrize(("command", "options", "kind"), CHANGES)
def test_not_waiting_says_how_to_wait(command: Callable[..., Any], options: dict[str, Any], kind: str) -> None:
    told = f"The {kind} of agent pool 'mypool' has begun. Wait for its end with: {WAIT} --{kind}d\n"
    assert PoolAzure().run(command, **options, no_wait=True) == Finished(None, 0, "", told)


def test_failed_create_exits_1_with_the_services_words() -> None:
    failed = Reply(
        200,
        {"status": "Failed", "error": {"code": "ScaleFailed", "message": "No capacity."}},
        {"x-ms-correlation-request-id": "corr-1"},
    )
    finished = PoolAzure({"GET /operationStatuses/1": failed}).run(create_pool)
    assert finished.exit_code == 1
    assert finished.told == [
        CREATING,
        "(ScaleFailed) The create of agent pool 'mypool' ended as Failed. No capacity.",
        "See what may be in its way with: az acr agentpool check-health -r myregistry -n mypool",
        (
            "A Failed pool cannot be changed: delete it with `az acr agentpool delete -r myregistry -n mypool` and"
            " create it again."
        ),
        "See Azure's record of the operation with: az monitor activity-log list --correlation-id corr-1",
        "Correlation ID, for a support request: corr-1",
    ]


def test_failed_delete_can_be_tried_again() -> None:
    azure = PoolAzure({"GET /agentPools/mypool": Reply(200, pool_body(state="Failed"))})
    finished = azure.run(delete_pool, yes=True)
    assert finished.exit_code == 1
    assert finished.told == [
        "Agent pool 'mypool': Deleting (usually takes 1 to 3 minutes)",
        "The agent pool 'mypool' is still there; its state is Failed, not Deleting.",
        "Try again with: az acr agentpool delete -r myregistry -n mypool",
    ]


def test_create_whose_end_cannot_be_read_says_how_to_wait_for_it() -> None:
    finished = PoolAzure({"GET /operationStatuses/1": arm_error(503, "ServerBusy", "Busy.")}).run(create_pool)
    assert finished.exit_code == 1
    assert finished.told == [
        CREATING,
        "Agent pool 'mypool': no answer after 2 s, trying again: Busy.",
        (
            "(ServerBusy) Whether the create of agent pool 'mypool' is done could not be found out for 5 min 5 s; it"
            " may go on at the service. The last error was: Busy."
        ),
        f"Wait for its end with: {WAIT} --created",
    ]


def test_ctrl_c_says_that_the_create_goes_on() -> None:
    azure = PoolAzure()
    azure.session.clock.at(1.5, interrupt)
    finished = azure.run(create_pool)
    assert finished.exit_code == 130
    assert finished.told == [
        CREATING,
        "Interrupted. The create of agent pool 'mypool' goes on.",
        f"Wait for its end with: {WAIT} --created",
    ]


@pytest.mark.parametrize(("command", "options", "kind"), CHANGES)
def test_ctrl_c_while_it_is_asked_for_says_that_it_may_have_begun(
    command: Callable[..., Any], options: dict[str, Any], kind: str
) -> None:
    asking = dict.fromkeys((f"{method} /agentPools/mypool" for method in ("PUT", "PATCH", "DELETE")), interrupt)
    finished = PoolAzure(asking).run(command, **options)
    assert finished.exit_code == 130
    assert finished.told == [
        "Interrupted. The service may have been asked already.",
        f"If it was, wait for the {kind}'s end with: {WAIT} --{kind}d",
    ]


def test_only_show_errors_keeps_quiet() -> None:
    azure = PoolAzure()
    azure.session.only_show_errors = True
    assert azure.run(create_pool) == Finished(pool_body(), 0, "", "")


METHODS = {"create": "PUT", "update": "PATCH", "delete": "DELETE"}
UNDER_WAY = {"create": "Creating", "update": "Updating", "delete": "Deleting"}
AS_ASKED = {"create": pool_body(), "update": pool_body(count=2), "delete": None}
NO_REASON = "The service answered with HTTP status {} and gave no reason."
# What may come of a request though it was carried out, and how that is told.
LOSSES: list[tuple[Reply | Exception, str]] = [
    (ServiceResponseError("reset"), "reset"),
    (arm_error(503, "ServerBusy", "Busy."), "Busy."),
    (Reply(504, ""), NO_REASON.format(504)),
    (Reply(404, "<html>"), "The service answered with HTTP status 404, but not as ARM does."),
    (Reply(200, "<html>"), "The reply to a request for {} is not JSON."),
    (Reply(201, '{"name": "mypo'), "The reply to a request for {} is not JSON."),
    (Reply(201, "[" * 101 + "]" * 101), "The reply to a request for {} is nested deeper than any of the service's."),
    (
        Reply(307, "", {"Location": "https://evil.example"}),
        (
            "The reply to a request for {} leads to the host 'evil.example' (HTTP status 307). It is not followed: ARM"
            " answers by itself."
        ),
    ),
]
changes = pytest.mark.parametrize(("command", "options", "kind"), CHANGES)
losses = pytest.mark.parametrize(("loss", "reason"), LOSSES, ids=[reason[:40] for _, reason in LOSSES])


def found(body: dict[str, Any] | None) -> Reply:
    return MISSING if body is None else Reply(200, body)


def losing(kind: str, loss: Reply | Exception, *looks: Reply) -> PoolAzure:
    """Where no reply to the change comes through, and looks at the pool show this."""
    return PoolAzure({f"{METHODS[kind]} /agentPools/mypool": loss, "GET /agentPools/mypool": looks})


@changes
@losses
def test_a_change_whose_reply_is_lost_is_followed_if_it_shows_that_it_began(
    command: Callable[..., Any], options: dict[str, Any], kind: str, loss: Reply | Exception, reason: str
) -> None:
    begun = found(pool_body(state=UNDER_WAY[kind], count=2 if kind == "update" else 1))
    finished = losing(kind, loss, begun, begun, found(AS_ASKED[kind])).run(command, **options)
    assert finished.exit_code == 0
    assert finished.told[0].startswith(f"Agent pool 'mypool': {UNDER_WAY[kind]} (usually takes ")


@changes
@losses
def test_a_change_whose_reply_is_lost_is_done_if_it_shows_that_it_is(
    command: Callable[..., Any], options: dict[str, Any], kind: str, loss: Reply | Exception, reason: str
) -> None:
    finished = losing(kind, loss, found(AS_ASKED[kind])).run(command, **options)
    assert finished.exit_code == 0
    assert finished.result == (AS_ASKED[kind] or "Agent 'mypool' was successfully deleted")


# What is there as if the request had not come.
UNTOUCHED = {"create": None, "update": pool_body(), "delete": pool_body()}


@changes
@losses
def test_a_change_of_which_nothing_shows_may_have_begun(
    command: Callable[..., Any], options: dict[str, Any], kind: str, loss: Reply | Exception, reason: str
) -> None:
    finished = losing(kind, loss, found(UNTOUCHED[kind])).run(command, **options)
    assert (finished.result, finished.exit_code, finished.stdout) == (None, 1, "")
    said, advice = finished.told
    assert said.removeprefix("(ServerBusy) ") == (
        f"The {kind} of agent pool 'mypool' may have begun: the service was asked, but did not say"
        f" ({reason.format(POOL_PATH)}), and nothing shows of it."
    )
    assert advice == "See whether it has with: az acr agentpool show -r myregistry -n mypool"


UNREADABLE = [
    (arm_error(403, "AuthorizationFailed", "You may not."), "You may not."),
    (arm_error(503, "ServerBusy", "Busy."), "Busy."),
    (Reply(404, "<html>"), "The service answered with HTTP status 404, but not as ARM does."),
    (ServiceResponseError("cut"), "cut"),
]


@changes
@pytest.mark.parametrize(("look", "why"), UNREADABLE)
def test_a_change_of_which_nothing_can_be_seen_may_have_begun(
    command: Callable[..., Any], options: dict[str, Any], kind: str, look: Reply | Exception, why: str
) -> None:
    azure = PoolAzure(
        {f"{METHODS[kind]} /agentPools/mypool": ServiceResponseError("reset"), "GET /agentPools/mypool": look}
    )
    finished = azure.run(command, **options)
    assert finished.exit_code == 1
    assert finished.told == [
        (
            f"The {kind} of agent pool 'mypool' may have begun: the service was asked, but did not say (reset), and"
            f" what is there now could not be read: {why}"
        ),
        "See whether it has with: az acr agentpool show -r myregistry -n mypool",
    ]


@changes
def test_a_change_that_is_refused_has_not_begun(
    command: Callable[..., Any], options: dict[str, Any], kind: str
) -> None:
    finished = losing(kind, arm_error(403, "AuthorizationFailed", "You may not."), MISSING).run(command, **options)
    assert finished.exit_code == 1
    assert finished.told[0] == "(AuthorizationFailed) You may not."


@changes
@pytest.mark.parametrize("hiccup", [loss for loss, _ in LOSSES])
def test_one_lost_reply_is_asked_for_again(
    command: Callable[..., Any], options: dict[str, Any], kind: str, hiccup: Reply | Exception
) -> None:
    begun = Reply(202, pool_body(state=UNDER_WAY[kind]))
    route = f"{METHODS[kind]} /agentPools/mypool"
    azure = PoolAzure({route: [hiccup, begun], "GET /agentPools/mypool": found(AS_ASKED[kind])})
    assert azure.run(command, **options).exit_code == 0
    assert len(azure.transport.asked(METHODS[kind])) == 2


@changes
@pytest.mark.parametrize("refusal", [arm_error(403, "No"), arm_error(400, "No"), arm_error(409, "No")])
def test_a_refusal_says_nothing_of_the_change_before_it_whose_reply_was_lost(
    command: Callable[..., Any], options: dict[str, Any], kind: str, refusal: Reply
) -> None:
    route = f"{METHODS[kind]} /agentPools/mypool"
    for look, code in ((AS_ASKED[kind], 0), (UNTOUCHED[kind], 1)):
        azure = PoolAzure({route: [ServiceResponseError("reset"), refusal], "GET /agentPools/mypool": found(look)})
        finished = azure.run(command, **options)
        assert finished.exit_code == code
        assert (f"The {kind} of agent pool 'mypool' may have begun: " in finished.stderr) is (code == 1)


STATUS_HICCUPS = [*(loss for loss, _ in LOSSES), arm_error(403, "No"), arm_error(404, "No"), Reply(200, {"status": 5})]


@pytest.mark.parametrize(("command", "options", "kind"), CHANGES[:2])
@pytest.mark.parametrize("hiccup", STATUS_HICCUPS)
def test_an_odd_reply_while_it_is_followed_ends_nothing(
    command: Callable[..., Any], options: dict[str, Any], kind: str, hiccup: Reply | Exception
) -> None:
    azure = PoolAzure(
        {
            "GET /operationStatuses/1": [
                Reply(200, {"status": UNDER_WAY[kind]}),
                hiccup,
                Reply(200, {"status": "Succeeded"}),
            ],
            "GET /agentPools/mypool": [hiccup, found(pool_body(state=UNDER_WAY[kind])), hiccup, found(AS_ASKED[kind])],
        }
    )
    finished = azure.run(command, **options)
    assert (finished.result, finished.exit_code) == (AS_ASKED[kind], 0)


@pytest.mark.parametrize(("command", "options", "kind"), CHANGES[:2])
def test_what_is_done_is_said_to_be_though_the_pool_cannot_be_read(
    command: Callable[..., Any], options: dict[str, Any], kind: str
) -> None:
    azure = PoolAzure({"GET /agentPools/mypool": arm_error(403, "AuthorizationFailed", "You may not.")})
    finished = azure.run(command, **options)
    assert finished.exit_code == 1
    assert finished.told[-2:] == [
        (
            f"(AuthorizationFailed) The {kind} of agent pool 'mypool' is done, but what it is now could not be read."
            " The last error was: You may not."
        ),
        f"Wait for its end with: {WAIT} --{kind}d",
    ]
