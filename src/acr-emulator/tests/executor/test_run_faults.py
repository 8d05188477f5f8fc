"""What goes wrong with runs though nothing is wrong with them: what their logs say then, and which end they take."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timezone

from acr_emulator.executor import CheckExecutor, Job, LogLine, Outcome
from acr_emulator.executor.run_faults import RunFault, RunFaults
from archives import archive_of

STARTED = datetime(2025, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
NO_TLS = 'Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout'
FAILED = "failed during run, err: exit status 1"
SOURCE = archive_of({"Dockerfile": "FROM alpine"})


def task(*steps: str) -> dict[str, str]:
    text = "\n".join(["steps:", *steps])
    return {"type": "EncodedTaskRunRequest", "encodedTaskContent": b64encode(text.encode()).decode()}


BUILD = {
    "type": "DockerBuildRequest",
    "imageNames": ["app:v1"],
    "dockerFilePath": "Dockerfile",
    "isPushEnabled": True,
}


def run(faults: RunFaults, request: dict[str, object] | dict[str, str] | None = None) -> tuple[list[str], Outcome]:
    """The lines before the service's own, without their times, and how the run ended."""
    job = Job("cf1", request or BUILD, "myregistry.azurecr.io", STARTED, SOURCE, faults=faults)
    *events, outcome = CheckExecutor().execute(job)
    assert isinstance(outcome, Outcome)
    lines = [event.text for event in events if isinstance(event, LogLine)]
    return [line.removeprefix("2025/03/04 ")[9:] if line.startswith("2025/03/04") else line for line in lines], outcome


def failing(*faults: RunFault) -> RunFaults:
    return RunFaults(faults)


def test_a_run_ends_as_error_before_it_says_anything() -> None:
    faults = failing(RunFault("error", "internal error"))
    assert run(faults) == ([], Outcome("Error", "internal error"))
    assert run(faults)[1].status == "Succeeded"


def test_a_base_image_cannot_be_pulled() -> None:
    lines, outcome = run(failing(RunFault("pull", NO_TLS)))
    assert outcome == Outcome("Failed", FAILED)
    assert lines[-6:-2] == [
        "Step 1/1 : FROM alpine",
        NO_TLS,
        "Container failed during run: build. No retries remaining.",
        "failed to run step ID: build: exit status 1",
    ]


def test_buildkit_cannot_pull_a_base_image() -> None:
    request = task("  - id: build", "    build: -t app .", "    env: [DOCKER_BUILDKIT=1]") | {"sourceLocation": "x"}
    lines, outcome = run(failing(RunFault("pull", NO_TLS)), request)
    assert outcome == Outcome("Failed", FAILED)
    assert lines[-5] == (
        "failed to solve: alpine: failed to resolve source metadata for docker.io/library/alpine:latest: failed to do"
        f" request: {NO_TLS}"
    )


def test_an_image_of_a_command_cannot_be_pulled() -> None:
    lines, outcome = run(failing(RunFault("pull", NO_TLS)), task("  - cmd: alpine echo hello"))
    assert outcome == Outcome("Failed", FAILED)
    assert lines[-7:-2] == [
        "Unable to find image 'alpine' locally",
        f"docker: Error response from daemon: {NO_TLS}.",
        "See 'docker run --help'.",
        "Container failed during run: acb_step_0. No retries remaining.",
        "failed to run step ID: acb_step_0: exit status 125",
    ]


def test_a_pull_that_a_step_asks_for_fails() -> None:
    lines, _ = run(failing(RunFault("pull", NO_TLS)), task("  - cmd: alpine echo hello", "    pull: true"))
    assert lines[-5:-2] == [
        f"Error response from daemon: {NO_TLS}",
        "Container failed during run: . No retries remaining.",
        "failed to run step ID: acb_step_0: exit status 1",
    ]


def test_a_push_that_fails_is_tried_again_by_the_agent() -> None:
    lines, outcome = run(failing(RunFault("push", "EOF", times=2)))
    assert (outcome.status, lines.count("EOF")) == ("Succeeded", 2)


def test_a_push_that_fails_three_times_ends_the_run() -> None:
    lines, outcome = run(failing(RunFault("push", "EOF", times=3)))
    assert outcome == Outcome("Failed", FAILED)
    assert lines[-5:-2] == [
        "The push refers to repository [myregistry.azurecr.io/app]",
        "EOF",
        "failed to run step ID: push: failed to push images successfully",
    ]


def test_a_login_that_always_fails_ends_the_run() -> None:
    lines, outcome = run(failing(RunFault("login", NO_TLS, times=None)))
    assert outcome == Outcome("Failed", FAILED)
    assert lines[-5:-2] == [
        "Logging in to registry: myregistry.azurecr.io",
        f"failed to login, ran out of retries: failed to set docker credentials: Error response from daemon: {NO_TLS}",
        ": exit status 1",
    ]


def test_faults_count_what_could_fail_each_kind_for_itself() -> None:
    faults = failing(RunFault("pull", "a", skip=1, times=2), RunFault("push", "b"), RunFault("pull", "c", skip=4))
    assert [faults.next("pull") for _ in range(6)] == [None, "a", "a", None, "c", None]
    assert [faults.next("push") for _ in range(2)] == ["b", None]
