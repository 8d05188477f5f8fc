"""Logs of runs that are there already, as users and pipelines see them: exit codes, interruptions, faults."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator, finish, interrupt
from az_processes import AZ, Forks, Process

# What all tests are about takes long to be prepared, which one worker does for all.
pytestmark = pytest.mark.xdist_group("logs of runs")

REGISTRY = ("--registry", "myregistry")
WORLD = {
    "registries": [
        {"name": "myregistry", "agentPools": [{"name": "single", "count": 1}, {"name": "emptypool", "count": 0}]},
        {"name": "cmkregistry", "sku": "Premium", "customerManagedKey": True},
    ]
}
LOG = r"/logs/[^/]+/rawtext\.log"
LINES = [f"line {number} of a log" for number in range(40)]
GOOD, BAD = "cf1", "cf2"


def dockerfile(folder: Path, *lines: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Dockerfile").write_text("\n".join(["FROM scratch", *lines]) + "\n", "utf-8")
    return str(folder)


@pytest.fixture(scope="module")
def emulator(
    emulators: Callable[..., Emulator], extensions: Path, forks: Forks, tmp_path_factory: pytest.TempPathFactory
) -> Emulator:
    """One that has run GOOD, which has pushed `app:v1` and written LINES, then BAD."""
    emulator = emulators("--pool-seconds", "1", "--retry-after", "1", "--agent-speed", "4", world=WORLD)
    az = emulator.az(tmp_path_factory.mktemp("preparation"), extensions, forks(extensions))
    good = dockerfile(az.folder / "good", *(f"RUN echo {line}" for line in LINES))
    az("acr", "build", *REGISTRY, "--image", "app:v1", good).succeeded()
    az("acr", "build", *REGISTRY, dockerfile(az.folder / "bad", "RUN exit 3")).failed(1)
    return emulator


@pytest.fixture(autouse=True)
def no_faults(emulator: Emulator) -> None:
    emulator.control("DELETE", "faults")
    emulator.control("DELETE", "journal")


def status_of(emulator: Emulator, run_id: str) -> str:
    runs = emulator.control("GET", "state")["registries"][0]["runs"]
    (found,) = (run["status"] for run in runs if run["id"] == run_id)
    return str(found)


def queue(az: Az, *options: str, lines: tuple[str, ...] = ("RUN sleep 3000",)) -> str:
    """The ID of a run that goes on until it is cancelled, if it comes to an agent."""
    context = dockerfile(az.folder / "endless", *lines)
    return str(az("acr", "build", *REGISTRY, *options, "--no-wait", context).succeeded().json["runId"])


def show(az: Az, run_id: str, *options: str) -> tuple[str, ...]:
    return ("acr", "task", "logs", *REGISTRY, "--run-id", run_id, *options)


def start_and_wait_for(az: Az, run_id: str, text: str, *options: str) -> Process:
    process = az.start(*show(az, run_id, *options))
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return process
    raise AssertionError(finish(process).stderr)


def test_the_log_is_azs_own_and_that_of_the_build(az: Az, plain_az: Az) -> None:
    ours, theirs = az(*show(az, GOOD)).succeeded(), plain_az(*show(az, GOOD)).succeeded()
    assert ours.printed == theirs.stdout.replace("\r", "").splitlines()
    assert [line for line in ours.printed if line in LINES] == LINES
    assert ours.printed[-1].startswith(f"Run ID: {GOOD} was successful after ")


@pytest.mark.parametrize(
    ("run_id", "options", "code"),
    [
        (GOOD, (), 0),
        (GOOD, ("--exit-status",), 0),
        (BAD, (), 0),
        (BAD, ("--exit-status",), 1),
        (BAD, ("--logs", "none", "--exit-status"), 1),
        ("cf999", (), 3),
    ],
    ids=["good", "good-status", "bad", "bad-status", "bad-status-only", "missing"],
)
def test_exit_codes(az: Az, run_id: str, options: tuple[str, ...], code: int) -> None:
    done = az(*show(az, run_id, *options))
    assert done.succeeded() if code == 0 else done.failed(code)
    ended = f"Run {BAD} ended as Failed: failed during run, err: exit status 1"
    assert (ended in done.told, f"ERROR: {ended}" in done.told) == (run_id == BAD and not code, code == 1)


def test_a_run_that_is_not_there_and_its_registry_that_is_not(az: Az) -> None:
    absent = az(*show(az, "cf999")).failed(3)
    assert "ERROR: Could not find a run with the ID 'cf999' in registry 'myregistry'." in absent.told
    nowhere = az("acr", "task", "logs", "--registry", "noregistry", "--run-id", "cf1").failed(3)
    assert "cf1" not in nowhere.stderr


def test_the_last_run_is_told_in_azs_own_words(az: Az, plain_az: Az) -> None:
    ours, theirs = az("acr", "task", "logs", *REGISTRY).succeeded(), plain_az("acr", "task", "logs", *REGISTRY)
    words = [line for line in theirs.told if line.startswith("WARNING: ")]
    assert words[0] == "WARNING: Showing logs of the last created run."
    assert [line for line in ours.told if line in words] == words


@pytest.mark.parametrize("tagged", [True, False], ids=["tag", "digest"])
def test_the_last_run_that_pushed_an_image(az: Az, tagged: bool) -> None:
    run = az(*show(az, GOOD, "--logs", "none")).succeeded().json
    image = "app:v1" if tagged else f"app@{run['outputImages'][0]['digest']}"
    done = az("acr", "task", "logs", *REGISTRY, "--image", image).succeeded()
    assert f"WARNING: Showing logs of the last created run for image '{image}'." in done.told
    assert f"WARNING: Run ID: {GOOD}" in done.told


def test_the_last_run_of_a_task(az: Az) -> None:
    task = (*REGISTRY, "--name", "mytask")
    az("acr", "task", "create", *task, "--cmd", "bash echo hello", "--context", "/dev/null").succeeded()
    none = az("acr", "task", "logs", *task).failed(3)
    assert "ERROR: Could not find the last created run for task 'mytask'." in none.told
    run = az("acr", "task", "run", *task, "--no-logs").succeeded().json
    done = az("acr", "task", "logs", *task).succeeded()
    assert f"WARNING: Run ID: {run['runId']}" in done.told
    assert f"Run ID: {run['runId']} was successful after" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_the_run(real_az: Az, az: Az, emulator: Emulator, number: signal.Signals) -> None:
    run_id = queue(az)
    process = start_and_wait_for(real_az, run_id, "sleep")
    interrupt(process, number)
    left = finish(process).failed(130)
    assert status_of(emulator, run_id) == "Running"
    follow, cancel = (f"az acr task {verb} -r myregistry --run-id {run_id}" for verb in ("logs", "cancel-run"))
    assert left.told[-2:] == [
        f"ERROR: Interrupted. Run {run_id} goes on.",
        f"Follow it again with: {follow}, cancel it with: {cancel}",
    ]
    emulator.arm("POST", f"{registry_id(emulator)}/runs/{run_id}/cancel")


def registry_id(emulator: Emulator) -> str:
    return str(emulator.control("GET", "state")["registries"][0]["id"])


def test_a_run_that_goes_on_is_followed_until_somebody_cancels_it(az: Az, emulator: Emulator) -> None:
    run_id = queue(az)
    process = start_and_wait_for(az, run_id, "sleep", "--exit-status")
    emulator.arm("POST", f"{registry_id(emulator)}/runs/{run_id}/cancel")
    assert f"ERROR: Run {run_id} ended as Canceled" in finish(process).failed(4).stderr


def test_a_reader_that_goes_away_ends_the_command_though_the_run_goes_on(az: Az, emulator: Emulator) -> None:
    run_id = queue(az, lines=(*(f"RUN echo step-{n} && sleep 1" for n in range(200)),))
    script = f'"{AZ}" acr task logs --registry myregistry --run-id {run_id} | head -n 1; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", script], env=dict(az.environment), cwd=az.folder, capture_output=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 1), done.stderr
    assert status_of(emulator, run_id) in ("Started", "Running")
    emulator.arm("POST", f"{registry_id(emulator)}/runs/{run_id}/cancel")


@pytest.mark.parametrize(("options", "code"), [("", 1), ("--exit-status", 0)], ids=["about the log", "about the run"])
def test_a_full_disk_is_no_success_of_showing_a_log(az: Az, options: str, code: int) -> None:
    script = f'"{AZ}" acr task logs --registry myregistry --run-id {GOOD} {options} > /dev/full'
    done = subprocess.run(
        ["bash", "-c", script], env=dict(az.environment), cwd=az.folder, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == code, done.stderr
    full = b"ERROR: The log could not be written to stdout: No space left on device. It is not all there."
    assert (full in done.stderr) == bool(code)


def test_a_run_that_no_agent_took_has_no_log(az: Az, emulator: Emulator) -> None:
    run_id = queue(az, "--agent-pool", "emptypool")
    emulator.arm("POST", f"{registry_id(emulator)}/runs/{run_id}/cancel")
    done = az(*show(az, run_id)).failed(1)
    assert done.told[-3:] == [
        f"Run {run_id} ended as Canceled.",
        f"ERROR: Run {run_id} has no log: it ended before an agent took it.",
        f"See what is known of it with: az acr task show-run -r myregistry --run-id {run_id}",
    ]
    assert az(*show(az, run_id, "--exit-status")).failed(4).stdout == ""


def test_a_log_that_the_service_has_deleted(az: Az, emulator: Emulator) -> None:
    emulator.control("PUT", "faults", [{"match": {"path": LOG}, "times": None, "fault": {"status": 404}}])
    done = az(*show(az, GOOD)).failed(1)
    assert (
        f"ERROR: Run {GOOD} has no log: none was written, or the service has deleted it, as it does after a time unless"
        " a run is archived."
    ) in done.told
    assert az(*show(az, GOOD, "--exit-status")).succeeded().stdout == ""


def test_why_a_run_waits_is_told_to_whoever_comes_later(az: Az, emulator: Emulator) -> None:
    busy = queue(az, "--agent-pool", "single")
    waiting = queue(az, "--agent-pool", "single")
    process = az.start(*show(az, waiting))
    assert process.stderr is not None
    for line in process.stderr:
        if f"Run {waiting}" in line:
            break
    assert re.fullmatch(rf"Run {waiting}: 1 queued for 1 instance of agent pool single \(Succeeded\)\n", line)
    for run_id in (waiting, busy):
        emulator.arm("POST", f"{registry_id(emulator)}/runs/{run_id}/cancel")
    finish(process).failed(1)


FAULTS: dict[str, list[dict[str, Any]]] = {
    "refused": [{"match": {"path": LOG}, "fault": {"status": 403}}],
    "busy": [{"match": {"path": LOG}, "fault": {"status": 503, "headers": {"Retry-After": "1"}}}],
    "reset": [{"match": {"path": LOG}, "fault": {"reset": True}}],
    "cut": [{"match": {"path": LOG}, "fault": {"truncate": 100}}],
    "no link": [{"match": {"path": "listLogSasUrl"}, "fault": {"status": 503}}],
    "a page": [{"match": {"path": "listLogSasUrl"}, "fault": {"status": 200, "body": "<html>a proxy's page</html>"}}],
    "no run": [{"match": {"method": "GET", "path": r"/runs/cf1\?"}, "fault": {"status": 503}}],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_faults_cost_no_line(az: Az, emulator: Emulator, faults: list[dict[str, Any]]) -> None:
    whole = az(*show(az, GOOD)).succeeded().stdout
    emulator.control("PUT", "faults", faults)
    assert az(*show(az, GOOD)).succeeded().stdout == whole


def test_a_log_that_cannot_be_read_is_no_success_of_showing_it(az: Az, emulator: Emulator) -> None:
    emulator.control("PUT", "faults", [{"match": {"path": LOG}, "times": None, "fault": {"status": 403}}])
    done = az(*show(az, GOOD)).failed(1)
    assert "The rest of the log could not be read: 127.0.0.1 answered with HTTP status 403." in done.told
    assert f"ERROR: The log of run {GOOD} is not shown to its end." in done.told
    assert "sig=" not in done.stderr


def test_the_run_of_a_task_run(az: Az, plain_az: Az, emulator: Emulator) -> None:
    request = {
        "type": "DockerBuildRequest",
        "imageNames": ["app:v2"],
        "sourceLocation": "https://github.com/Azure-Samples/acr-build-helloworld-node.git#main",
        "dockerFilePath": "Dockerfile",
        "platform": {"os": "linux"},
    }
    task_run = {"properties": {"runRequest": request}}
    run = emulator.arm("PUT", f"{registry_id(emulator)}/taskRuns/mytaskrun", task_run)["properties"]["runResult"]
    command = ("acr", "taskrun", "logs", *REGISTRY, "--name", "mytaskrun")
    ours = az(*command, "--exit-status").succeeded()
    assert f"Run ID: {run['properties']['runId']} was successful after" in ours.stdout
    assert ours.printed == plain_az(*command).succeeded().stdout.replace("\r", "").splitlines()
    missing = az("acr", "taskrun", "logs", *REGISTRY, "--name", "othertaskrun").failed(3)
    assert "ERROR: Could not find a task run named 'othertaskrun' in registry 'myregistry'." in missing.told


def test_a_log_that_is_an_artifact(az: Az) -> None:
    registry = ("--registry", "cmkregistry")
    built = az("acr", "build", *registry, dockerfile(az.folder / "cmk", "RUN echo kept elsewhere")).succeeded()
    shown = az("acr", "task", "logs", *registry, "--run-id", "cf1").succeeded()
    assert shown.stdout == built.stdout
    assert "kept elsewhere" in shown.printed
