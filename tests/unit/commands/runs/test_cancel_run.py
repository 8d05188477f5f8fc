"""`az acr task cancel-run`: which runs are seen cancelled, and what is said of those that are not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from scripted_arm import REGISTRY, RoutedTransport, arm_error, arm_over, interrupt, registry_body
from scripted_transport import Answer, Reply

from azext_acrpool.commands.runs.cancel_run import cancel
from azext_acrpool.testing import FakeSession, Finished, JumpingClock

LIST = "List the newest runs with: az acr task list-runs -r myregistry -g mygroup -o table"
ABSENT = arm_error(404, "ResourceNotFound", "The run was not found.")
TOO_MANY = "Too many requests at once. Try again in a minute."
ROLE = (
    "Agent pools, builds and tasks need the role 'Container Registry Tasks Contributor' on the registry. See who has"
    " which with: az role assignment list --include-inherited --scope REGISTRY_ID -o table"
)


def shown(run_id: str, status: str) -> Reply:
    return Reply(200, {"properties": {"runId": run_id, "status": status}})


@dataclass
class Registry:
    """`myregistry`, with the runs that a test adds."""

    clock: JumpingClock = field(default_factory=JumpingClock)
    routes: dict[str, Any] = field(default_factory=dict)
    only_show_errors: bool = False

    def has_run(self, run_id: str, *statuses: str, cancelling: Answer | list[Answer] | None = None) -> None:
        """A run that has these statuses, one after the other, each time that it is looked at."""
        self.routes[f"POST /runs/{run_id}/cancel"] = cancelling or Reply(200)
        self.routes[f"GET /runs/{run_id}"] = [shown(run_id, status) for status in statuses]

    def cancel(self, *run_ids: str) -> Finished:
        self.transport = RoutedTransport(
            {
                "GET /registries/myregistry": Reply(200, registry_body()),
                "POST /cancel": ABSENT,
                "GET ": ABSENT,
                **self.routes,
            }
        )
        session = FakeSession(arm_over(self.transport, self.clock), self.clock, only_show_errors=self.only_show_errors)
        return session.run(
            cancel,
            registry_name=REGISTRY.name,
            resource_group_name=REGISTRY.resource_group,
            run_id=list(run_ids),
        )

    @property
    def asked_to_cancel(self) -> list[str]:
        return [path.split("/")[2] for path in self.transport.asked("POST")]


@pytest.fixture
def registry() -> Registry:
    return Registry()


def command(verb: str, *run_ids: str) -> str:
    return f"az acr task {verb} -r myregistry -g mygroup --run-id {' '.join(run_ids)}"


def test_a_run_is_seen_cancelled(registry: Registry) -> None:
    registry.has_run("cf1", "Running", "Running", "Canceled")
    finished = registry.cancel("cf1")
    assert (finished.exit_code, finished.told) == (0, ["Run cf1 was cancelled."])
    assert (finished.result, finished.stdout) == (None, "")
    assert registry.asked_to_cancel == ["cf1"]


def test_several_runs_are_cancelled_side_by_side_each_once(registry: Registry) -> None:
    for run_id in ("cf1", "cf2", "cf3"):
        registry.has_run(run_id, "Running", "Canceled")
    finished = registry.cancel("cf1", "cf2", "CF1", "cf3", "cf2")
    assert finished.exit_code == 0
    assert sorted(finished.told) == [
        "Run cf1 was cancelled.",
        "Run cf2 was cancelled.",
        "Run cf3 was cancelled.",
    ]
    assert sorted(run_id.lower() for run_id in registry.asked_to_cancel) == ["cf1", "cf2", "cf3"]
    assert registry.clock.time < 2


def test_a_run_that_was_cancelled_before_is_cancelled(registry: Registry) -> None:
    registry.has_run("cf1", "Canceled", cancelling=arm_error(409, "Conflict"))
    finished = registry.cancel("cf1")
    assert (finished.exit_code, finished.told) == (0, ["Run cf1 was cancelled."])


@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Error", "Timeout"])
def test_a_run_that_had_ended_otherwise_was_not_cancelled(registry: Registry, status: str) -> None:
    registry.has_run("cf1", status)
    registry.has_run("cf2", "Canceled")
    finished = registry.cancel("cf1", "cf2")
    assert (finished.exit_code, finished.told) == (
        1,
        [
            "Run cf2 was cancelled.",
            f"Run cf1 had already ended as {status}.",
            f"See it with: {command('show-run', 'cf1')}",
        ],
    )


@pytest.mark.parametrize("run_ids", [["cf7"], ["cf7", "cf8"]], ids=["one", "several"])
def test_runs_that_are_not_there(registry: Registry, run_ids: list[str]) -> None:
    finished = registry.cancel(*run_ids)
    absent = [f"Could not find a run with the ID '{run_id}' in registry 'myregistry'." for run_id in run_ids]
    assert (finished.exit_code, finished.told) == (3, [*absent, LIST])
    assert registry.clock.time < 1


def test_a_run_that_is_not_there_beside_one_that_is_cancelled(registry: Registry) -> None:
    registry.has_run("cf1", "Canceled")
    finished = registry.cancel("cf7", "cf1")
    assert (finished.exit_code, finished.told) == (
        3,
        [
            "Run cf1 was cancelled.",
            "Could not find a run with the ID 'cf7' in registry 'myregistry'.",
            LIST,
        ],
    )


def test_a_run_that_is_not_there_beside_one_that_may_go_on(registry: Registry) -> None:
    registry.has_run("cf1", "Running")
    registry.has_run("cf2", "Running", cancelling=arm_error(403, "AuthorizationFailed", "You may not."))
    registry.has_run("cf3", "Succeeded")
    finished = registry.cancel("cf1", "cf2", "cf3", "cf7")
    assert finished.exit_code == 1
    assert finished.told == [
        "Run cf2 may not have been cancelled: You may not.",
        "Run cf3 had already ended as Succeeded.",
        "Could not find a run with the ID 'cf7' in registry 'myregistry'.",
        "Run cf1 was asked to cancel, but was not seen to end: it may go on.",
        ROLE,
        LIST,
        f"See it with: {command('show-run', 'cf3')}",
        f"Try again with: {command('cancel-run', 'cf2', 'cf1')}",
    ]


def test_a_service_that_has_too_much_to_do_is_asked_again(registry: Registry) -> None:
    registry.has_run("cf1", "Running", "Running", "Canceled", cancelling=[arm_error(429, "TooMany"), Reply(200)])
    finished = registry.cancel("cf1")
    assert (finished.exit_code, finished.told) == (0, ["Run cf1 was cancelled."])
    assert registry.asked_to_cancel == ["cf1", "cf1"]


def test_a_quiet_command_tells_only_what_was_not_cancelled(registry: Registry) -> None:
    registry.only_show_errors = True
    registry.has_run("cf1", "Canceled")
    registry.has_run("cf2", "Running")
    finished = registry.cancel("cf1", "cf2")
    assert (finished.exit_code, finished.told) == (
        1,
        [
            "Run cf2 was asked to cancel, but was not seen to end: it may go on.",
            f"See it with: {command('show-run', 'cf2')}",
            f"Try again with: {command('cancel-run', 'cf2')}",
        ],
    )


def test_ctrl_c_tells_which_were_seen(registry: Registry) -> None:
    registry.has_run("cf1", "Running")
    registry.has_run("cf2", "Canceled")
    registry.has_run("cf3", "Failed")
    registry.has_run("cf4", "Running", "Canceled")
    registry.has_run("cf5", "Running")
    registry.clock.at(3, interrupt)
    finished = registry.cancel("cf1", "cf2", "cf3", "cf4", "cf5")
    assert (finished.exit_code, finished.told) == (
        130,
        [
            "Run cf2 was cancelled.",
            "Run cf4 was cancelled.",
            "Interrupted. Seen cancelled: cf2, cf4. Run cf3 had already ended as Failed. Not seen to end: cf1, cf5.",
            f"Cancel what goes on, and see it end, with: {command('cancel-run', 'cf1', 'cf5')}",
        ],
    )


def test_ctrl_c_before_anything_was_seen(registry: Registry) -> None:
    registry.has_run("cf1", "Running")
    registry.clock.at(3, interrupt)
    finished = registry.cancel("cf1")
    assert (finished.exit_code, finished.told) == (
        130,
        [
            "Interrupted. Not seen to end: cf1.",
            f"Cancel what goes on, and see it end, with: {command('cancel-run', 'cf1')}",
        ],
    )
