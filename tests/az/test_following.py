"""Following runs as users and pipelines see it: interruptions, time limits, where output goes, faults on the way."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator, finish, interrupt
from az_processes import AZ, Process

REGISTRY = ("--registry", "myregistry")
POOLS = [{"name": "mypool", "count": 2}, {"name": "single", "count": 1}, {"name": "emptypool", "count": 0}]
WORLD = {
    "registries": [
        {"name": "myregistry", "sku": "Premium", "agentPools": POOLS},
        {"name": "cmkregistry", "sku": "Premium", "customerManagedKey": True},
    ]
}
LOG = r"/logs/[^/]+/rawtext\.log"
RUN = r"/runs/cf\d+\?"


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    options = ("--pool-seconds", "1", "--retry-after", "1", "--agent-speed", "4", "--sas-seconds", "8")
    return emulators(*options, world=WORLD)


@pytest.fixture(autouse=True)
def no_faults(emulator: Emulator) -> None:
    emulator.control("DELETE", "faults")
    emulator.control("DELETE", "journal")


def make_context(folder: Path, *lines: str) -> str:
    folder.mkdir()
    (folder / "Dockerfile").write_text("\n".join(["FROM scratch", *lines]) + "\n", "utf-8")
    return str(folder)


@pytest.fixture
def context(tmp_path: Path) -> str:
    return make_context(tmp_path / "context")


@pytest.fixture
def endless(tmp_path: Path) -> str:
    """A context whose build goes on until it is cancelled."""
    return make_context(tmp_path / "endless", "RUN sleep 3000")


def pool(emulator: Emulator, name: str) -> dict[str, Any]:
    pools = emulator.control("GET", "state")["registries"][0]["pools"]
    (found,) = (pool for pool in pools if pool["name"] == name)
    return dict(found)


def runs(emulator: Emulator) -> dict[str, str]:
    return {run["id"]: run["status"] for run in emulator.control("GET", "state")["registries"][0]["runs"]}


def last_run(emulator: Emulator) -> tuple[str, str]:
    return list(runs(emulator).items())[-1]


def start_and_wait_for_the_log(az: Az, *arguments: str) -> Process:
    process = az.start(*arguments)
    assert process.stdout is not None
    for line in process.stdout:
        if "sleep" in line:
            return process
    raise AssertionError(finish(process).stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_detaching_leaves_the_run_and_says_how_to_follow_it_again(
    real_az: Az, emulator: Emulator, endless: str, number: signal.Signals
) -> None:
    process = start_and_wait_for_the_log(real_az, "acr", "build", *REGISTRY, "--on-interrupt", "detach", endless)
    interrupt(process, number)
    detached = finish(process).failed(130)
    run_id, status = last_run(emulator)
    assert status == "Running"
    assert f"ERROR: Interrupted. Run {run_id} goes on." in detached.told
    assert (
        f"Follow it again with: az acr task logs -r myregistry --run-id {run_id},"
        f" cancel it with: az acr task cancel-run -r myregistry --run-id {run_id}"
    ) in detached.told


def test_sigterm_cancels_the_run_and_gives_the_agents_back(real_az: Az, emulator: Emulator, endless: str) -> None:
    options = ("--agent-pool", "emptypool", "--ensure-capacity", "2")
    process = start_and_wait_for_the_log(real_az, "acr", "build", *REGISTRY, *options, endless)
    assert pool(emulator, "emptypool")["properties"]["count"] == 2
    interrupt(process, signal.SIGTERM)
    cancelled = finish(process).failed(130)
    assert last_run(emulator)[1] == "Canceled"
    assert pool(emulator, "emptypool")["properties"]["count"] == 0
    assert "Agent pool 'emptypool' goes back to 0 instances" in cancelled.told


def test_a_second_interruption_leaves_at_once(real_az: Az, emulator: Emulator, endless: str) -> None:
    emulator.control("PUT", "faults", [{"match": {"path": "/cancel"}, "fault": {"delay": 60}}])
    process = start_and_wait_for_the_log(real_az, "acr", "build", *REGISTRY, endless)
    interrupt(process)
    assert process.stderr is not None
    for line in process.stderr:
        if "cancelling" in line:
            break
    interrupt(process)
    process.communicate(timeout=20)
    assert process.returncode == 130


def test_a_run_that_no_agent_takes_in_time_is_cancelled_and_the_reason_told(
    az: Az, emulator: Emulator, endless: str, context: str
) -> None:
    busy = az("acr", "build", *REGISTRY, "--agent-pool", "single", "--no-wait", endless).succeeded().json["runId"]
    late = az("acr", "build", *REGISTRY, "--agent-pool", "single", "--queue-timeout", "3", context).failed(124)
    run_id, status = last_run(emulator)
    assert status == "Canceled"
    (error,) = (line for line in late.told if line.startswith("ERROR: "))
    assert re.fullmatch(
        f"ERROR: Run {run_id} was not started within 3 s. Run {run_id} was cancelled. Agent pool 'single' has 1"
        rf" instance, which is busy: {busy} \(for \d+ s\)\. More agents: az acr agentpool update -r myregistry -n"
        " single --count 2",
        error,
    )
    az("acr", "task", "cancel-run", *REGISTRY, "--run-id", busy).succeeded()


@pytest.mark.parametrize("options", [(), ("--buildkit",)], ids=["plain", "buildkit"])
def test_the_services_time_limit_is_a_timeout(
    az: Az, emulator: Emulator, endless: str, options: tuple[str, ...]
) -> None:
    late = az("acr", "build", *REGISTRY, *options, "--timeout", "2", endless).failed(124)
    run_id, _ = last_run(emulator)
    assert f"ERROR: Run {run_id} ended as Timeout: run timed out after 2 seconds" in late.told


def test_with_the_log_on_stderr_the_run_is_the_result(az: Az, context: str) -> None:
    query = ("--query", "outputImages[0].digest", "-o", "tsv")
    done = az("acr", "build", *REGISTRY, "-t", "hello:v1", "--logs", "stderr", *query, context).succeeded()
    assert re.fullmatch("sha256:[0-9a-f]{64}\n", done.stdout)
    assert "Successfully tagged myregistry.azurecr.io/hello:v1" in done.told


def test_capacity_comes_and_goes(az: Az, emulator: Emulator, context: str) -> None:
    options = ("--agent-pool", "emptypool", "--ensure-capacity", "1")
    az("acr", "build", *REGISTRY, *options, context).succeeded()
    left = pool(emulator, "emptypool")
    assert (left["properties"]["count"], left.get("tags") or {}) == (0, {})
    counts = [entry["body"].get("properties") for entry in emulator.requests("PATCH")]
    assert counts == [{"count": 1}, {"count": 0}]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ("--ensure-capacity", "1"),
            "--ensure-capacity needs --agent-pool: agents that all registries share cannot be scaled.",
        ),
        (
            ("--agent-pool", "mypool", "--ensure-capacity", "1", "--no-wait"),
            "--ensure-capacity with --no-wait needs --keep-capacity: nobody would be there to scale the pool back.",
        ),
        (("--no-logs", "--logs", "stdout"), "--no-logs and --logs contradict each other; leave one out."),
    ],
)
def test_options_that_contradict_each_other(
    az: Az, emulator: Emulator, context: str, options: tuple[str, ...], says: str
) -> None:
    assert f"ERROR: {says}" in az("acr", "build", *REGISTRY, *options, context).failed(2).told
    assert emulator.journal() == []


FAULTS = {
    "storage": [
        {"match": {"path": LOG}, "skip": 1, "fault": {"status": 403}},
        {"match": {"path": LOG}, "skip": 2, "fault": {"status": 503, "headers": {"Retry-After": "1"}}},
        {"match": {"path": LOG}, "skip": 2, "fault": {"reset": True}},
        {"match": {"path": LOG}, "skip": 2, "fault": {"truncate": 10}},
        {"match": {"path": LOG}, "skip": 2, "fault": {"delay": 1}},
        {"match": {"path": "listLogSasUrl"}, "fault": {"status": 200, "body": "<html>a proxy's page</html>"}},
    ],
    "ARM": [
        {"match": {"method": "GET", "path": RUN}, "fault": {"status": 503}},
        {"match": {"method": "GET", "path": RUN}, "fault": {"status": 429, "headers": {"Retry-After": "1"}}},
        {"match": {"method": "GET", "path": RUN}, "fault": {"reset": True}},
        {"match": {"method": "GET", "path": RUN}, "fault": {"status": 200, "body": "<html>a proxy's page</html>"}},
        {"match": {"method": "GET", "path": RUN}, "fault": {"truncate": 10}},
        {"match": {"method": "GET", "path": RUN}, "fault": {"delay": 1}},
    ],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_faults_cost_neither_a_line_nor_the_exit_code(
    az: Az, emulator: Emulator, tmp_path: Path, faults: list[dict[str, Any]]
) -> None:
    steps = [step for number in range(8) for step in (f"RUN echo step-number-{number}", "RUN sleep 4")]
    emulator.control("PUT", "faults", faults)
    done = az("acr", "build", *REGISTRY, make_context(tmp_path / "steps", *steps)).succeeded()
    printed = [line for line in done.printed if line.startswith("step-number-")]
    assert printed == [f"step-number-{number}" for number in range(8)]


def test_a_failed_run_is_a_failure_though_nothing_of_its_log_can_be_read(
    az: Az, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.control("PUT", "faults", [{"match": {"path": LOG}, "times": None, "fault": {"status": 403}}])
    failed = az("acr", "build", *REGISTRY, make_context(tmp_path / "failing", "RUN exit 3")).failed(1)
    assert "The rest of the log could not be read: 127.0.0.1 answered with HTTP status 403." in failed.told
    run_id, _ = last_run(emulator)
    assert f"ERROR: Run {run_id} ended as Failed: failed during run, err: exit status 1" in failed.told


def test_the_log_url_is_renewed_before_it_expires(az: Az, emulator: Emulator, tmp_path: Path) -> None:
    steps = [step for number in range(4) for step in (f"RUN echo step-number-{number}", "RUN sleep 12")]
    done = az("acr", "build", *REGISTRY, make_context(tmp_path / "long", *steps)).succeeded()
    assert "step-number-3" in done.printed
    assert len(emulator.requests("POST", "/listLogSasUrl")) >= 2
    assert [entry for entry in emulator.requests("GET", "/rawtext.log") if entry["status"] == 403] == []


def test_a_reader_that_goes_away_does_not_fail_the_build(az: Az, emulator: Emulator, context: str) -> None:
    script = f'"{AZ}" acr build --registry myregistry -t hello:v1 "{context}" | head -n 1; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", script], env=dict(az.environment), cwd=az.folder, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert last_run(emulator)[1] == "Succeeded"


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", ">&-", "<&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_or_full_do_not_fail_the_build(
    az: Az, emulator: Emulator, context: str, redirection: str
) -> None:
    script = f'"{AZ}" acr build --registry myregistry -t hello:v1 "{context}" {redirection}'
    done = subprocess.run(
        ["bash", "-c", script], env=dict(az.environment), cwd=az.folder, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert (b"hello:v1" in done.stdout) == (">&-" not in redirection.split())
    assert len(emulator.requests("POST", "/scheduleRun")) == 1
    assert last_run(emulator)[1] == "Succeeded"


def test_a_narrow_encoding_does_not_fail_the_build(real_az: Az, tmp_path: Path) -> None:
    narrow = {**real_az.environment, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    folder = make_context(tmp_path / "accents", "RUN echo déjà vu")
    done = replace(real_az, environment=narrow)("acr", "build", *REGISTRY, folder).succeeded()
    assert "d?j? vu" in done.printed


def test_a_log_that_is_kept_as_an_artifact(az: Az, context: str) -> None:
    done = az("acr", "build", "--registry", "cmkregistry", "-t", "hello:v1", context).succeeded()
    assert "Successfully tagged cmkregistry.azurecr.io/hello:v1" in done.printed
