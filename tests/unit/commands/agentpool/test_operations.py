"""Changes of agent pools, which take minutes: what is shown, how they end, what Ctrl-C says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pool_azure import PoolAzure
from scripted_arm import arm_error, interrupt, pool_body
from scripted_transport import Reply

from azext_acrpool.commands.agentpool.create import create_pool
from azext_acrpool.commands.agentpool.delete import delete_pool
from azext_acrpool.commands.agentpool.update import update_pool
from azext_acrpool.testing import Finished

CREATING = "Agent pool 'mypool': Creating (usually takes 5 to 13 minutes)"
WAIT = "az acr agentpool wait -r myregistry -n mypool"
CHANGES: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (create_pool, {"skip_checks": True}, "create"),
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
