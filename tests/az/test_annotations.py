"""`--annotate` as a CI service has it: real processes, its variables, and the lines that it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from az_harness import Az, Emulator, finish, interrupt

REGISTRY = ("--registry", "myregistry")
DOCKERFILE = """\
FROM scratch
# What is to be copied is not there.
COPY missing.txt /
"""
COPY_FAILED = (
    "COPY failed: file not found in build context or excluded by .dockerignore: stat missing.txt: file does not exist"
)


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world={"registries": [{"name": "myregistry"}]})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose folder `app` fails to build."""
    folder = tmp_path / "repository" / "app"
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    return folder.parent


def in_ci(az: Az, **variables: str) -> Az:
    return replace(az, environment={**az.environment, **variables})


def commands(text: str) -> list[str]:
    """What the services take for commands to them, without titles of groups."""
    marks = ("::", "##[", "##vso[")
    return [line.partition(" ")[0] for line in text.splitlines() if line.startswith(marks)]


def test_github_folds_the_steps_and_shows_the_line_that_failed(az: Az, repository: Path) -> None:
    az = in_ci(az, GITHUB_WORKSPACE=str(repository))
    done = az("acr", "build", *REGISTRY, "-t", "hello:v1", "--annotate", "github", str(repository / "app")).failed(1)
    assert "::group::Step 2/2 : COPY missing.txt /" in done.printed
    run_id = next(line for line in done.told if "Queued a build" in line).rpartition(" ")[2]
    assert done.printed[-1] == (f"::error file=app/Dockerfile,line=3,title=Run {run_id} ended as Failed::{COPY_FAILED}")
    groups = [command for command in commands(done.stdout) if not command.startswith("::error")]
    assert [group == "::endgroup::" for group in groups] == [False, True] * (len(groups) // 2)
    log = az("acr", "task", "logs", *REGISTRY, "--run-id", run_id).succeeded().stdout
    assert [line for line in done.printed if not line.startswith("::")] == log.splitlines()


def test_azure_pipelines_do_too_with_the_log_on_stderr(az: Az, repository: Path) -> None:
    az = in_ci(az, BUILD_SOURCESDIRECTORY=str(repository))
    build = ("acr", "build", *REGISTRY, "-t", "hello:v1", "--logs", "stderr", "--annotate", "azure", "-o", "json")
    done = az(*build, str(repository / "app")).failed(1)
    assert done.json["status"] == "Failed"
    run_id = done.json["runId"]
    assert "##[group]Step 2/2 : COPY missing.txt /" in done.told
    assert (
        f"##vso[task.logissue type=error;sourcepath=app/Dockerfile;linenumber=3;]Run {run_id} ended as Failed:"
        f" {COPY_FAILED}"
    ) in done.told


def test_without_a_log_the_line_is_shown_all_the_same(az: Az, repository: Path) -> None:
    az = in_ci(az, GITHUB_WORKSPACE=str(repository))
    build = ("acr", "build", *REGISTRY, "-t", "hello:v1", "--no-logs", "--annotate", "github", "-o", "json")
    done = az(*build, str(repository / "app")).failed(1)
    assert commands(done.stdout) == []
    assert [line for line in done.told if line.startswith("::")] == [
        f"::error file=app/Dockerfile,line=3,title=Run {done.json['runId']} ended as Failed::{COPY_FAILED}"
    ]


def test_a_run_and_a_task_are_shown_without_a_file(az: Az) -> None:
    run = ("acr", "run", *REGISTRY, "--annotate", "github", "--cmd", "bash exit 3", "/dev/null")
    assert "::group::Executing step ID: acb_step_0" in az(*run).failed(1).printed
    task = ("acr", "task", "create", *REGISTRY, "-n", "annotated", "--cmd", "bash exit 3", "-c", "/dev/null")
    az(*task).succeeded()
    done = az("acr", "task", "run", *REGISTRY, "-n", "annotated", "--annotate", "azure").failed(1)
    assert done.printed[-1].startswith("##vso[task.logissue type=error;]Run ")
    assert commands(done.stdout) == ["##[group]Executing", "##[endgroup]", "##vso[task.logissue"]


def test_a_build_that_is_interrupted_leaves_no_group_open(az: Az, repository: Path) -> None:
    (repository / "app" / "Dockerfile").write_text("FROM scratch\nRUN sleep 600\n")
    build = ("acr", "build", *REGISTRY, "-t", "hello:v1", "--annotate", "github", str(repository / "app"))
    process = az.start(*build)
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        printed.append(line)
        if line.startswith("Step 2/2 : RUN sleep 600"):
            break
    interrupt(process)
    done = finish(process).failed(130)
    assert commands("".join(printed) + done.stdout) == [
        "::group::Executing",
        "::endgroup::",
        *["::group::Step", "::endgroup::"] * 2,
    ]
