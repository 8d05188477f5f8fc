"""`az acr task cancel-run`: runs that go on, and runs that do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator, finish, interrupt

REGISTRY = ("--registry", "myregistry")
CANCEL = ("acr", "task", "cancel-run", *REGISTRY, "--run-id")
LIST = "List the newest runs with: az acr task list-runs -r myregistry -o table"


@pytest.fixture(autouse=True)
def nothing_goes_wrong(emulator: Emulator) -> None:
    emulator.control("DELETE", "faults")
    emulator.control("DELETE", "journal")


def queue(az: Az, line: str) -> str:
    """Queue a build, and return its run's ID."""
    (az.folder / "Dockerfile").write_text(f"FROM scratch\nRUN {line}\n", "utf-8")
    return str(az("acr", "build", *REGISTRY, "--no-wait", ".").succeeded().json["runId"])


def status(emulator: Emulator, run_id: str) -> Any:
    (registry,) = emulator.control("GET", "state")["registries"]
    return {run["id"]: run["status"] for run in registry["runs"]}[run_id]


def test_runs_are_cancelled_when_the_command_ends(az: Az, emulator: Emulator) -> None:
    first, second = queue(az, "sleep 3000"), queue(az, "sleep 3000")
    done = az(*CANCEL, first, second, first).succeeded()
    assert (status(emulator, first), status(emulator, second)) == ("Canceled", "Canceled")
    assert done.stdout == ""
    assert sorted(done.told[-2:]) == sorted([f"Run {first} was cancelled.", f"Run {second} was cancelled."])
    assert len(emulator.requests("POST", "/cancel")) == 2
    again = az(*CANCEL, first).succeeded()
    assert again.told[-1] == f"Run {first} was cancelled."


def test_a_run_that_has_ended_and_one_that_never_was(az: Az) -> None:
    ended, running = queue(az, "echo hello"), queue(az, "sleep 3000")
    az("acr", "task", "logs", *REGISTRY, "--run-id", ended).succeeded()
    failed = az(*CANCEL, "cf999", ended, running).failed(1)
    assert f"Run {running} was cancelled." in failed.told
    assert sorted(line for line in failed.told[-5:] if not line.startswith("Correlation ID")) == sorted(
        [
            "ERROR: Could not find a run with the ID 'cf999' in registry 'myregistry'.",
            f"Run {ended} had already ended as Succeeded.",
            LIST,
            f"See it with: az acr task show-run -r myregistry --run-id {ended}",
        ]
    )
    absent = az(*CANCEL, "cf999").failed(3)
    assert absent.told[-3:-1] == ["ERROR: Could not find a run with the ID 'cf999' in registry 'myregistry'.", LIST]


def test_what_az_can_do_with_the_arguments_of_one_run(az: Az, plain_az: Az, emulator: Emulator) -> None:
    for cancel in (plain_az, az):
        run_id = queue(az, "sleep 3000")
        done = cancel("acr", "task", "cancel-run", "-r", "myregistry", "--run-id", run_id, "-o", "table").succeeded()
        assert done.stdout == ""
        assert emulator.requests("POST", f"/runs/{run_id}/cancel")


def test_an_interruption_tells_what_was_seen(az: Az, emulator: Emulator) -> None:
    quick, slow = queue(az, "sleep 3000"), queue(az, "sleep 3000")
    az(*CANCEL, quick).succeeded()
    # The service takes the request, and nothing comes of it.
    reply = {"status": 200, "body": ""}
    emulator.control(
        "PUT",
        "faults",
        [{"match": {"method": "POST", "path": f"/runs/{slow}/cancel"}, "times": None, "fault": reply}],
    )
    emulator.control("DELETE", "journal")
    process = az.start(*CANCEL, quick, slow)
    emulator.wait_for_requests(3, "GET", f"/runs/{slow}")
    interrupt(process)
    interrupted = finish(process).failed(130)
    assert interrupted.told[-3:] == [
        f"Run {quick} was cancelled.",
        f"ERROR: Interrupted. Seen cancelled: {quick}. Not seen to end: {slow}.",
        f"Cancel what goes on, and see it end, with: az acr task cancel-run -r myregistry --run-id {slow}",
    ]


def test_the_id_of_something_else_is_refused_before_anything_is_asked(
    az: Az, emulator: Emulator, tmp_path: Path
) -> None:
    refused = az(*CANCEL, "cf1", f"{REGISTRY[1]}/cf2").failed(2)
    assert refused.told[-2] == "ERROR: 'myregistry/cf2' cannot be the ID of a run, which looks like cf1."
    assert emulator.journal() == []
