"""`az acr task show-run` and `update-run`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from run_azure import LOST, Azure
from scripted_arm import arm_error, interrupt
from scripted_transport import Reply

from azext_acrpool.commands.runs.stored_run import show_run, update_run
from azext_acrpool.testing import Finished

MISSING = [
    "Could not find a run with the ID 'cf7' in registry 'myregistry'.",
    "List the newest runs with: az acr task list-runs -r myregistry -o table",
]


def body(*, archived: bool) -> Reply:
    return Reply(200, {"properties": {"runId": "cf7", "status": "Failed", "isArchiveEnabled": archived}})


def azure(before: Reply, change: Reply | Exception | None = None) -> Azure:
    found = Azure()
    found.replies["GET /runs/cf7"] = before
    if change is not None:
        found.replies["PATCH /runs/cf7"] = change
    return found


def update(found: Azure, **options: Any) -> Finished:
    return found.call(update_run, run_id="cf7", **options)


def test_a_run_is_shown_however_it_ended() -> None:
    finished = azure(body(archived=False)).call(show_run, run_id="cf7")
    assert (finished.result.run_id, finished.result.status, finished.exit_code) == ("cf7", "Failed", 0)


@pytest.mark.parametrize("command", [show_run, update_run])
def test_a_run_that_is_not_there(command: Callable[..., Any]) -> None:
    finished = azure(arm_error(404, "ResourceNotFound")).call(command, run_id="cf7")
    assert (finished.told, finished.exit_code) == (MISSING, 3)


@pytest.mark.parametrize("archived", [True, False])
def test_a_run_is_archived_or_not_as_asked(archived: bool) -> None:
    found = azure(body(archived=not archived), body(archived=archived))
    finished = update(found, no_archive=not archived)
    assert (finished.result.is_archive_enabled, finished.told) == (archived, [])
    assert found.sent("PATCH") == [{"isArchiveEnabled": archived}]


@pytest.mark.parametrize("options", [{}, {"no_archive": False}], ids=["nothing asked", "as it is"])
def test_a_run_that_is_as_asked_is_left_alone(options: dict[str, bool]) -> None:
    found = azure(body(archived=True))
    assert update(found, **options).result.is_archive_enabled
    assert found.sent("PATCH") == []


def test_a_change_that_does_not_hold_is_no_success() -> None:
    finished = update(azure(body(archived=False), body(archived=False)), no_archive=False)
    assert (finished.result, finished.exit_code, finished.told) == (
        None,
        1,
        [
            "Run cf7 is not archived, although the service accepted the change.",
            "See what it is with: az acr task show-run -r myregistry --run-id cf7",
        ],
    )


def test_a_change_whose_reply_is_lost_is_looked_up() -> None:
    found = azure(body(archived=False), LOST)
    found.clock.at(1, lambda: found.replies.update({"GET /runs/cf7": body(archived=True)}))
    finished = update(found, no_archive=False)
    assert (finished.result.is_archive_enabled, finished.exit_code) == (True, 0)


def test_a_change_whose_reply_is_lost_and_that_does_not_show_is_an_error() -> None:
    finished = update(azure(body(archived=False), LOST), no_archive=False)
    assert (finished.result, finished.exit_code) == (None, 1)


def test_a_change_that_cannot_be_looked_at_may_have_been_made() -> None:
    found = azure(body(archived=False), LOST)
    denied = arm_error(403, "AuthorizationFailed", "You may not.")
    found.clock.at(1, lambda: found.replies.update({"GET /runs/cf7": denied}))
    finished = update(found, no_archive=False)
    assert (finished.result, finished.exit_code, finished.told) == (
        None,
        1,
        [
            (
                "(AuthorizationFailed) Run cf7 may have been changed, but could not be looked at afterwards: You may"
                " not."
            ),
            "See what it is with: az acr task show-run -r myregistry --run-id cf7",
        ],
    )


def test_an_interrupted_change_may_have_been_made() -> None:
    found = azure(body(archived=False), LOST)
    found.clock.at(1, interrupt)
    finished = update(found, no_archive=False)
    assert (finished.exit_code, finished.told) == (
        130,
        [
            "Interrupted. Run cf7 may have been changed.",
            "See what it is with: az acr task show-run -r myregistry --run-id cf7",
        ],
    )


def test_a_change_that_is_refused_is_an_error_at_once() -> None:
    found = azure(body(archived=False), arm_error(403, "AuthorizationFailed", "You may not."))
    finished = update(found, no_archive=False)
    assert (finished.told[0], finished.exit_code) == ("(AuthorizationFailed) You may not.", 1)
    assert len(found.sent("PATCH")) == 1
