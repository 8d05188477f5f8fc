"""The file that says what became of a run, as pipelines get it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator, finish, interrupt
from az_processes import AZ
from hello_context import write_hello_context

REGISTRY = ("--registry", "myregistry")
WORLD = {
    "registries": [
        {"name": "myregistry", "agentPools": [{"name": "mypool"}]},
        {"name": "erroronce", "runFaults": [{"fault": "error", "says": "internal error"}]},
    ]
}


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


@pytest.fixture
def context(tmp_path: Path) -> str:
    return str(write_hello_context(tmp_path / "context"))


def read(az: Az) -> Any:
    return json.loads((az.folder / "build.json").read_text("ascii"))


BUILD = ("acr", "build", *REGISTRY, "--metadata-file", "build.json")


def test_a_build_says_what_docker_buildx_would_and_what_the_service_does(az: Az, context: str) -> None:
    images = ("-t", "hello:v1", "-t", "hello:v2")
    az(*BUILD, *images, "--agent-pool", "mypool", context).succeeded()
    written = read(az)
    shown = az("acr", "task", "show-run", *REGISTRY, "--run-id", written["runId"]).succeeded().json
    for same in ("runId", "status", "runErrorMessage"):
        assert written[same] == shown[same]
    for time in ("createTime", "startTime", "finishTime"):
        # To the second: az's own writes the rest anew.
        assert written[time][:19] == shown[time][:19]
    assert (written["status"], written["agentPool"], written["exitCode"]) == ("Succeeded", "mypool", 0)
    assert written["registry"] == "myregistry.azurecr.io"
    assert written["image.name"] == "myregistry.azurecr.io/hello:v1,myregistry.azurecr.io/hello:v2"
    assert {image["digest"] for image in shown["outputImages"]} == {written["containerimage.digest"]}
    assert [{**image, "name": None} for image in written["images"]] == [
        {**image, "name": None} for image in shown["outputImages"]
    ]


def test_the_log_is_on_stdout_as_without_it(az: Az, context: str) -> None:
    done = az(*BUILD, "-t", "hello:v1", context).succeeded()
    assert done.printed[-1].startswith(f"Run ID: {read(az)['runId']} was successful after ")
    assert done.told[-1] == f"WARNING: Queued a build with ID: {read(az)['runId']}"


def test_a_build_that_fails_has_its_file(az: Az, context: str) -> None:
    Path(context, "hello.txt").unlink()
    failed = az(*BUILD, "-t", "hello:v1", context).failed(1)
    written = read(az)
    assert (written["status"], written["exitCode"], written["containerimage.digest"]) == ("Failed", 1, None)
    assert f"ERROR: Run {written['runId']} ended as Failed: {written['runErrorMessage']}" in failed.told


def test_a_run_in_place_of_another_names_it(az: Az, context: str) -> None:
    build = ("acr", "build", "-r", "erroronce", "-t", "hello:v1", "--retry-infra", "2", "--metadata-file", "build.json")
    done = az(*build, context).succeeded()
    written = read(az)
    assert (written["runId"], written["status"], written["retriedRuns"]) == ("cf2", "Succeeded", ["cf1"])
    assert [f"WARNING: {warning}" for warning in written["warnings"]] == [
        line for line in done.told if "queued again" in line
    ]


def test_a_build_that_is_interrupted_has_its_file(az: Az, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nRUN sleep 3000\n", "utf-8")
    process = az.start(*BUILD, "-t", "hello:v1", ".")
    assert process.stdout is not None
    assert any("sleep" in line for line in process.stdout)
    interrupt(process)
    interrupted = finish(process).failed(130)
    written = read(az)
    assert f"ERROR: Run {written['runId']} was cancelled." in interrupted.told
    assert (written["status"], written["exitCode"]) == ("Canceled", 130)


def test_runs_and_tasks_have_it_too(az: Az) -> None:
    file = ("--metadata-file", "build.json")
    queued = az("acr", "run", *REGISTRY, "--cmd", "bash echo hello", *file, "--no-wait", "/dev/null").succeeded().json
    assert (read(az)["runId"], read(az)["status"]) == (queued["runId"], "Queued")
    task = (*REGISTRY, "--name", "filetask")
    az("acr", "task", "create", *task, "--cmd", "bash echo hello", "--context", "/dev/null").succeeded()
    done = az("acr", "task", "run", *task, *file, "--no-logs").succeeded().json
    assert (read(az)["runId"], read(az)["status"], read(az)["images"]) == (done["runId"], "Succeeded", [])


@pytest.mark.parametrize(
    "command",
    [
        ("acr", "build", "."),
        ("acr", "run", "--cmd", "bash", "/dev/null"),
        ("acr", "task", "run", "--name", "sometask"),
    ],
    ids=" ".join,
)
def test_a_folder_that_is_not_there_is_told_before_anything_is_asked(
    az: Az, emulator: Emulator, context: str, command: tuple[str, ...]
) -> None:
    emulator.control("DELETE", "journal")
    refused = az(*command, *REGISTRY, "--metadata-file", "no/build.json", folder=Path(context)).failed(2)
    assert refused.told[-1] == "ERROR: --metadata-file no/build.json cannot be written: There is no folder 'no'."
    assert emulator.requests("GET", "/registries/myregistry") == []


def test_a_disk_that_is_full_is_a_failure(az: Az, context: str) -> None:
    failed = az(*BUILD[:-1], "/dev/full", "-t", "hello:v1", "--logs", "none", context).failed(1)
    run_id = failed.json["runId"]
    assert failed.json["status"] == "Succeeded"
    assert failed.told[-2:] == [
        f"ERROR: The metadata of run {run_id} could not be written to '/dev/full': No space left on device.",
        f"See the run with: az acr task show-run -r myregistry --run-id {run_id}",
    ]


@pytest.mark.parametrize("form", ["redirected", "piped"])
def test_stdout_can_be_the_file(real_az: Az, context: str, form: str) -> None:
    """Where a shell has opened a file for it, that is written to, and not replaced."""
    build = f"{AZ} {' '.join(BUILD[:-1])} /dev/stdout -t hello:v1 --logs stderr --query runId {context}"
    script = {"redirected": f"{build} > out; cat out", "piped": f"{build} | cat"}[form]
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=real_az.folder,
        env=real_az.environment,
        check=True,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    written, end = json.JSONDecoder().raw_decode(done.stdout)
    assert json.loads(done.stdout[end:]) == written["runId"]
