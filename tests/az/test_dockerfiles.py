"""Dockerfiles that agents do not build as they are: told before anything is sent, or sent adapted."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from az_harness import Az, Emulator

REGISTRY = ("--registry", "myregistry")
MOUNT = "FROM scratch\nRUN --mount=type=cache,target=/c true\n"
MOUNT_REFUSED = [
    (
        "ERROR: Dockerfile line 2: RUN --mount=type=cache,target=/c true: RUN --mount is an option that only BuildKit"
        " has."
    ),
    "Build with --buildkit.",
]
PLATFORM = "FROM --platform=$BUILDPLATFORM scratch AS build\nCOPY . /\nFROM build\n"
ADAPTED = (
    "Adapted to the agent: Dockerfile line 1: --platform=$BUILDPLATFORM is left out, which is the agents' own platform"
    " anyway."
)


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world={"registries": [{"name": "myregistry", "agentPools": [{"name": "mypool", "count": 1}]}]})


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "a").write_text("a")
    return folder


def asked_for_uploads(emulator: Emulator) -> int:
    return len(emulator.requests("POST", "/listBuildSourceUploadUrl"))


@pytest.mark.parametrize("kind", ["folder", "archive", "dry run"])
def test_what_needs_buildkit_is_told_before_the_upload(az: Az, emulator: Emulator, context: Path, kind: str) -> None:
    (context / "Dockerfile").write_text(MOUNT)
    source = str(context)
    if kind == "archive":
        source = f"{source}.tgz"
        with tarfile.open(source, "w:gz") as archive:
            archive.add(context, ".")
    before = asked_for_uploads(emulator)
    done = az("acr", "build", *REGISTRY, *(["--dry-run"] if kind == "dry run" else []), source).failed(2)
    assert done.told[-2:] == MOUNT_REFUSED
    assert asked_for_uploads(emulator) == before


def test_an_archive_on_standard_input_leaves_nothing_behind(az: Az, emulator: Emulator, context: Path) -> None:
    (context / "Dockerfile").write_text(MOUNT)
    path = context.parent / "a.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(context, ".")
    before = len(emulator.requests("POST", "/scheduleRun"))
    done = az("acr", "build", *REGISTRY, "-", stdin=path.read_text("ascii")).failed(2)
    assert done.told[-2:] == MOUNT_REFUSED
    assert len(emulator.requests("POST", "/scheduleRun")) == before


def test_an_adapted_dockerfile_is_built(az: Az, emulator: Emulator, context: Path) -> None:
    (context / "Dockerfile").write_text(PLATFORM)
    done = az("acr", "build", *REGISTRY, "--agent-pool", "mypool", "-t", "a:1", str(context)).succeeded()
    assert ADAPTED in done.told
    assert "Successfully tagged myregistry.azurecr.io/a:1" in done.printed
    assert emulator.last_run_request()["dockerFilePath"].startswith(".acrpool-")
    assert (context / "Dockerfile").read_text() == PLATFORM


def test_the_health_of_a_pool_tells_what_its_agents_cannot_build(az: Az, context: Path) -> None:
    (context / "Dockerfile").write_text(MOUNT)
    ask = ("acr", "agentpool", "check-health", *REGISTRY, "-n", "mypool", "--file", str(context / "Dockerfile"))
    found = {finding["code"]: finding["severity"] for finding in az(*ask, "-o", "json").failed(1).json}
    assert found["DockerfileNeedsBuildKit"] == "error"
    az(*ask, "--buildkit", "-o", "none").succeeded()


def test_a_task_is_made_and_told_what_it_may_fail_for(az: Az, context: Path) -> None:
    (az.folder / "Dockerfile").write_text(MOUNT)
    done = az(
        *("acr", "task", "create", *REGISTRY, "-n", "mytask", "-f", "Dockerfile", "--commit-trigger-enabled", "false"),
        *("--context", "https://github.com/a/b.git#main", "-o", "none"),
    ).succeeded()
    assert done.told[-1] == (
        "WARNING: The task would fail with 'Dockerfile' as it is here: line 2: RUN --mount=type=cache,target=/c true:"
        " RUN --mount is an option that only BuildKit has. Only a task file has BuildKit: a build step with env:"
        " [DOCKER_BUILDKIT=1]."
    )


def test_a_run_tells_what_its_steps_would_fail_for(az: Az, context: Path) -> None:
    (context / "Dockerfile").write_text(MOUNT)
    (context / "acb.yaml").write_text("steps:\n  - id: app\n    build: -t a .\n")
    done = az("acr", "run", *REGISTRY, "--no-wait", "-o", "none", str(context)).succeeded()
    warning = (
        "WARNING: Step 'app' would fail with 'Dockerfile': line 2: RUN --mount=type=cache,target=/c true: RUN --mount"
        " is an option that only BuildKit has. Build with BuildKit: give the step env: [DOCKER_BUILDKIT=1]."
    )
    assert warning in done.told
