"""What --annotate adds to a command that follows a run: folds, one note for a run that failed, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from run_azure import LOST, Azure
from run_logs import BUILDKIT_FAILS, CLASSIC_FAILS, CLASSIC_PUSH_FAILS, CLASSIC_SUCCEEDS, TASK_FAILS
from task_azure import TaskAzure, task_body

from azext_acrpool.commands.runs.run import run
from azext_acrpool.commands.tasks.run import run_task
from azext_acrpool.testing import Finished

DOCKERFILE = """\
ARG VERSION=20
FROM node:${VERSION}-alpine

COPY package.json /src/
RUN cd /src && \\
    npm test
"""
COMMAND_FAILED = "The command '/bin/sh -c cd /src &&     npm test' returned a non-zero code: 1"
TITLE = "title=Run cf1 ended as Failed"
QUEUED = "WARNING: Queued a build with ID: cf1"


@pytest.fixture
def azure() -> Azure:
    return Azure()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "repository" / "app"
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    return folder


def ends(azure: Azure, log: str, status: str = "Failed") -> None:
    """Let the run end so, with this log."""
    azure.run.log = [(6, log.replace("\n", "\r\n").encode())]
    azure.run.statuses = [(0, "Queued"), (5, "Running"), (20, status)]
    azure.run.error_message = None if status == "Succeeded" else "exit status 1"


def variables(azure: Azure, **values: str) -> None:
    azure.session.settings = replace(azure.session.settings, variable=values.get)


def notes(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(("::error", "::warning", "##vso["))]


def without_marks(text: str) -> str:
    marks = ("::group::", "::endgroup::", "::error ", "::warning ")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(marks))


@pytest.mark.parametrize(
    ("service", "root", "note"),
    [
        ("github", "GITHUB_WORKSPACE", f"::error file=app/Dockerfile,line=5,{TITLE}::{COMMAND_FAILED}"),
        (
            "azure",
            "BUILD_SOURCESDIRECTORY",
            (
                "##vso[task.logissue type=error;sourcepath=app/Dockerfile;linenumber=5;]"
                f"Run cf1 ended as Failed: {COMMAND_FAILED}"
            ),
        ),
        (
            "azure",
            "SYSTEM_DEFAULTWORKINGDIRECTORY",
            (
                "##vso[task.logissue type=error;sourcepath=app/Dockerfile;linenumber=5;]"
                f"Run cf1 ended as Failed: {COMMAND_FAILED}"
            ),
        ),
    ],
)
def test_the_line_that_failed_is_noted_after_the_log(
    azure: Azure, folder: Path, service: str, root: str, note: str
) -> None:
    ends(azure, CLASSIC_FAILS)
    variables(azure, **{root: str(folder.parent)})
    finished = azure.build(str(folder), annotate=service)
    assert (finished.exit_code, finished.stdout.splitlines()[-1]) == (1, note)
    assert notes(finished.stdout + finished.stderr) == [note]


def test_nothing_else_changes(azure: Azure, folder: Path) -> None:
    def build(annotate: str | None, status: str, log: str) -> Finished:
        azure = Azure()
        ends(azure, log, status)
        return azure.build(str(folder), annotate=annotate, logs="stdout")

    for status, log in (("Failed", CLASSIC_FAILS), ("Succeeded", CLASSIC_SUCCEEDS)):
        plain, annotated = build("none", status, log), build("github", status, log)
        assert plain == build(None, status, log)
        assert annotated == replace(plain, stdout=annotated.stdout)
        assert without_marks(annotated.stdout) == plain.stdout == log


def test_a_run_that_succeeds_is_not_noted(azure: Azure, folder: Path) -> None:
    ends(azure, CLASSIC_SUCCEEDS, "Succeeded")
    finished = azure.build(str(folder), annotate="github")
    assert "::group::Step 1/4 : ARG VERSION=20\n" in finished.stdout
    assert (finished.exit_code, notes(finished.stdout + finished.stderr)) == (0, [])


def test_notes_go_where_the_log_goes(azure: Azure, folder: Path) -> None:
    ends(azure, CLASSIC_FAILS)
    finished = azure.build(str(folder), annotate="github", logs="stderr")
    assert (finished.stdout, finished.result.status) == ("", "Failed")
    assert finished.told[-3:] == [
        f"::error file={folder.as_posix()}/Dockerfile,line=5,{TITLE}::{COMMAND_FAILED}",
        "Run cf1 ended as Failed: exit status 1",
        "See its whole log with: az acr task logs -r myregistry --run-id cf1",
    ]


def test_without_a_log_its_end_is_read_for_the_note(azure: Azure, folder: Path) -> None:
    ends(azure, CLASSIC_FAILS)
    azure.run.complete_at = 20
    finished = azure.build(str(folder), annotate="github", logs="none")
    assert (finished.stdout, finished.result.status) == ("", "Failed")
    assert notes(finished.stderr) == [f"::error file={folder.as_posix()}/Dockerfile,line=5,{TITLE}::{COMMAND_FAILED}"]
    assert "::group::" not in finished.stderr


def test_an_end_of_the_log_without_the_step_is_enough_if_one_line_reads_so(azure: Azure, folder: Path) -> None:
    ends(azure, CLASSIC_FAILS.replace("> node test.js\n", "x" * 100 + "\n" + "y\n" * 100_000))
    azure.run.complete_at = 20
    finished = azure.build(str(folder), annotate="github", logs="none")
    assert [note.partition(",title")[0] for note in notes(finished.stderr)] == [
        f"::error file={folder.as_posix()}/Dockerfile,line=5"
    ]


def test_a_log_that_cannot_be_read_leaves_the_services_own_reason(azure: Azure, folder: Path) -> None:
    from azext_acrpool.client.errors import ForbiddenError

    ends(azure, CLASSIC_FAILS)
    azure.run.faults = [(0, 10_000, ForbiddenError("no"))]
    for logs in ("none", "stdout"):
        finished = azure.build(str(folder), annotate="github", logs=logs)
        assert (finished.exit_code, notes(finished.stdout + finished.stderr)) == (
            1,
            [f"::error {TITLE}::exit status 1"],
        )


def test_buildkit_names_the_line_itself(azure: Azure, folder: Path) -> None:
    ends(azure, BUILDKIT_FAILS)
    (folder / "Dockerfile").write_text(f"{DOCKERFILE}# at the end\n")
    finished = azure.build(str(folder), annotate="github", buildkit=True)
    (note,) = notes(finished.stdout)
    assert note.startswith(f"::error file={folder.as_posix()}/Dockerfile,line=5,{TITLE}::ERROR: failed to solve: ")


def test_a_dockerfile_that_is_not_here_is_not_named(azure: Azure) -> None:
    ends(azure, CLASSIC_FAILS)
    finished = azure.build(annotate="github")
    assert notes(finished.stdout) == [f"::error {TITLE}::{COMMAND_FAILED}"]


def test_a_dockerfile_from_standard_input_is_in_no_file(azure: Azure, folder: Path) -> None:
    ends(azure, CLASSIC_FAILS)
    azure.session.stdin = DOCKERFILE.encode()
    finished = azure.build(str(folder), docker_file_path="-", annotate="github")
    assert notes(finished.stdout) == [f"::error {TITLE}::{COMMAND_FAILED}"]


def test_a_push_that_failed_is_no_line_of_the_dockerfile(azure: Azure, folder: Path) -> None:
    ends(azure, CLASSIC_PUSH_FAILS)
    finished = azure.build(str(folder), annotate="github")
    assert notes(finished.stdout) == [
        (
            f"::error {TITLE}::Step 'push' failed: failed to push images successfully. Its last line: denied: "
            "requested access to the resource is denied"
        )
    ]


def test_a_task_that_failed_is_noted_without_a_file(azure: Azure) -> None:
    ends(azure, TASK_FAILS)
    finished = azure.call(run, source_location="/dev/null", cmd_value="test", annotate="github")
    assert notes(finished.stdout) == [
        f"::error {TITLE}::Step 'unit' failed: exit status 1. Its last line: FAILED tests/test_app.py::test_sum"
    ]


@pytest.mark.parametrize(
    ("status", "code", "note"),
    [
        ("Timeout", 124, "::error file={}/Dockerfile,line=5,title=Run cf1 ended as Timeout::exit status 1"),
        ("Canceled", 4, "::error title=Run cf1 ended as Canceled::exit status 1"),
        ("Error", 1, "::error file={}/Dockerfile,line=5,title=Run cf1 ended as Error::exit status 1"),
    ],
)
def test_a_run_that_is_ended_is_at_the_line_where_it_was(
    azure: Azure, folder: Path, status: str, code: int, note: str
) -> None:
    ends(azure, CLASSIC_FAILS[: CLASSIC_FAILS.index("AssertionError")], status)
    finished = azure.build(str(folder), annotate="github")
    assert (finished.exit_code, notes(finished.stdout)) == (code, [note.format(folder.as_posix())])


def test_a_run_that_no_agent_took_is_noted(azure: Azure) -> None:
    azure.never_starts()
    finished = azure.build(annotate="github", queue_timeout=60)
    (note,) = notes(finished.stdout)
    assert finished.exit_code == 124
    assert note.startswith("::error title=Run cf1::Run cf1 was not started within 1 min 0 s.")


def test_an_interruption_closes_the_group_and_is_not_noted(azure: Azure, folder: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    azure.run.log = [(6, b"Step 1/1 : FROM scratch\r\n"), (7, b"downloading")]
    azure.run.statuses = [(0, "Queued"), (5, "Running")]
    azure.clock.at(12, interrupt)
    finished = azure.build(str(folder), annotate="github")
    assert (finished.exit_code, finished.stdout) == (
        130,
        "::group::Step 1/1 : FROM scratch\nStep 1/1 : FROM scratch\ndownloading\n::endgroup::\n",
    )


def test_without_waiting_there_is_nothing_to_note(azure: Azure) -> None:
    finished = azure.build(annotate="github", no_wait=True)
    assert (finished.result.status, finished.stdout, finished.told) == ("Queued", "", [QUEUED])


def test_where_no_run_is_known_there_is_nothing_to_note(azure: Azure) -> None:
    azure.replies["POST /scheduleRun"] = LOST
    finished = azure.build(annotate="github")
    assert (finished.exit_code, notes(finished.stdout + finished.stderr)) == (1, [])


def test_what_may_not_be_meant_in_the_dockerfile_is_a_warning_at_its_line(azure: Azure, folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM scratch\nARG TARGETARCH\n")
    finished = azure.build(str(folder), annotate="github")
    assert finished.stdout.splitlines()[0] == (
        f"::warning file={folder.as_posix()}/Dockerfile,line=2,title=Dockerfile::ARG TARGETARCH: TARGETARCH is empty "
        "here, as only BuildKit fills it in. Build with --buildkit, or give its value: --build-arg TARGETARCH=.."
    )
    # As it is told without annotations.
    assert finished.told[0].startswith("Dockerfile line 2: ARG TARGETARCH: TARGETARCH is empty here")


@pytest.mark.parametrize(
    ("service", "commands"),
    [
        (
            "github",
            [
                "::group::Step 1/1 : RUN \\x1b]0;x\\x07 ::error::x%250A::debug::y",
                "::endgroup::",
                "::error title=Run cf1 ended as Error::::set-env name=A::b ##vso[task.setvariable]b",
            ],
        ),
        (
            "azure",
            [
                "##[group]Step 1/1 : RUN \\x1b]0;x\\x07 ::error::x%0A::debug::y",
                "##[endgroup]",
                (
                    "##vso[task.logissue type=error;]Run cf1 ended as Error: ::set-env name=A::b "
                    "##vso[task.setvariable]b"
                ),
            ],
        ),
    ],
    ids=["github", "azure"],
)
def test_hostile_texts_give_no_other_commands(azure: Azure, folder: Path, service: str, commands: list[str]) -> None:
    ends(azure, "Step 1/1 : RUN \x1b]0;x\x07 ::error::x%0A::debug::y\n", "Error")
    azure.run.error_message = "::set-env name=A::b\r\n##vso[task.setvariable]b"
    finished = azure.build(str(folder), annotate=service)
    assert [line for line in finished.stdout.splitlines() if line.startswith(("::", "##"))] == commands


def test_secrets_of_the_command_are_not_noted(azure: Azure, folder: Path) -> None:
    ends(azure, "", "Failed")
    azure.run.error_message = "login with hunter2-hunter2 refused"
    secret = [{"name": "TOKEN", "value": "hunter2-hunter2", "isSecret": True}]
    finished = azure.build(str(folder), annotate="github", secret_arg=secret)
    (note,) = notes(finished.stdout)
    assert "hunter2" not in note


def test_of_a_run_that_is_queued_again_only_the_last_one_is_noted(azure: Azure, folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM scratch\nARG TARGETARCH\nRUN a\n")
    ends(azure, "Step 1/3 : FROM scratch\n", "Error")
    second = "Step 3/3 : RUN a\nThe command '/bin/sh -c a' returned a non-zero code: 1\n"
    azure.attempts = [("Failed", f"{second}failed to run step ID: build: exit status 1\n")]
    finished = azure.build(str(folder), annotate="github", retry_infra=1)
    assert [line.partition("/Dockerfile")[2].partition("::")[0] for line in notes(finished.stdout)] == [
        ",line=2,title=Dockerfile",
        ",line=3,title=Run cf2 ended as Failed",
    ]
    assert [line for line in finished.stdout.splitlines() if "group" in line] == [
        "::group::Step 1/3 : FROM scratch",
        "::endgroup::",
        "::group::Step 3/3 : RUN a",
        "::endgroup::",
    ]


def test_a_failure_that_names_another_dockerfile_is_at_the_line_that_reads_so(azure: Azure, folder: Path) -> None:
    ends(azure, BUILDKIT_FAILS.replace("Dockerfile:5\n", "elsewhere.Dockerfile:2\n"))
    finished = azure.build(str(folder), annotate="github", buildkit=True)
    assert [note.partition(",title")[0] for note in notes(finished.stdout)] == [
        f"::error file={folder.as_posix()}/Dockerfile,line=5"
    ]


TASK = """\
version: v1.1.0
steps:
  - build: -t {{.Run.Registry}}/one -f one.Dockerfile .
  - id: two
    build: -t {{.Run.Registry}}/two -f app/Dockerfile app
"""


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ("acb_step_0", "file={}/one.Dockerfile,line=6,"),
        ("two", "file={}/app/Dockerfile,line=5,"),
        ("three", ""),
    ],
)
def test_the_build_steps_of_a_folder_that_is_sent_are_in_their_dockerfiles(
    azure: Azure, folder: Path, step: str, place: str
) -> None:
    root = folder.parent
    (root / "acb.yaml").write_text(TASK)
    (root / "one.Dockerfile").write_text(f"# One\n{DOCKERFILE}")
    ends(azure, CLASSIC_FAILS.replace("step ID: build", f"step ID: {step}"))
    finished = azure.call(run, source_location=str(root), annotate="github")
    assert notes(finished.stdout) == [f"::error {place.format(root.as_posix())}{TITLE}::{COMMAND_FAILED}"]


def test_a_run_of_a_task_with_a_folder_from_here_is_in_its_dockerfile(folder: Path) -> None:
    azure = TaskAzure()
    azure.has_task(task_body())
    ends(azure, CLASSIC_FAILS)
    finished = azure.call(run_task, context_path=str(folder), annotate="github")
    assert notes(finished.stdout) == [f"::error file={folder.as_posix()}/Dockerfile,line=5,{TITLE}::{COMMAND_FAILED}"]
