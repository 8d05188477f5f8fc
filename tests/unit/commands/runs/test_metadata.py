"""The file that says what became of a run: when it is there, and what it holds."""

from __future__ import annotations

import json
import os
import select
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from run_azure import Azure
from scripted_arm import arm_error, interrupt
from scripted_transport import Reply

from azext_acrpool.commands.runs.build import build
from azext_acrpool.commands.runs.run import run

DIGEST, OTHER_DIGEST = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
OF_AN_EARLIER_RUN = '{\n  "runId": "cf0"\n}\n'
QUEUED = "WARNING: Queued a build with ID: cf1"
RUNNING = "Run cf1: running after 6 s"
SHOW = "See the run with: az acr task show-run -r myregistry --run-id cf1"
NOTHING: dict[str, Any] = {
    "containerimage.digest": None,
    "image.name": None,
    "runId": "cf1",
    "status": "Queued",
    "registry": "myregistry.azurecr.io",
    "agentPool": None,
    "createTime": None,
    "startTime": None,
    "finishTime": None,
    "runErrorMessage": None,
    "images": [],
    "warnings": [],
    "retriedRuns": [],
    "exitCode": 0,
}
HELLO = {
    "name": "myregistry.azurecr.io/hello:v1",
    "registry": "myregistry.azurecr.io",
    "repository": "hello",
    "tag": "v1",
    "digest": "sha256:1",
}
BUILT = {"containerimage.digest": "sha256:1", "image.name": HELLO["name"], "images": [HELLO]}

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are Unix's")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file shall be; that of an earlier run is there."""
    path = tmp_path / "metadata" / "build.json"
    path.parent.mkdir()
    path.write_text(OF_AN_EARLIER_RUN)
    return path


def read(path: Path) -> Any:
    return json.loads(path.read_text("ascii"))


def ended_run(azure: Azure, status: str = "Succeeded", **properties: Any) -> None:
    """Let the run be over when it is first looked at, with these properties."""
    body = {"properties": {"runId": "cf1", "status": status, **properties}}
    azure.replies["GET /runs/cf1"] = Reply(200, body)


def image(repository: str | None, tag: str | None, digest: str | None, registry: str | None = None) -> dict[str, Any]:
    return {"registry": registry, "repository": repository, "tag": tag, "digest": digest}


# What the service says of a run, and what stands in the file of that.
ENDED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "times as the service writes them": (
        {
            "createTime": "2026-03-01T12:00:00.1234567+00:00",
            "startTime": "2026-03-01T12:00:03Z",
            "finishTime": "2026-03-01T12:00:09.5Z",
        },
        {
            "createTime": "2026-03-01T12:00:00.1234567+00:00",
            "startTime": "2026-03-01T12:00:03Z",
            "finishTime": "2026-03-01T12:00:09.5Z",
        },
    ),
    "a pool": ({"agentPoolName": "MyPool"}, {"agentPool": "MyPool"}),
    "an image with two names": (
        {"outputImages": [image("app", "v1", DIGEST), image("app", "v2", DIGEST, "other.azurecr.io")]},
        {
            "containerimage.digest": DIGEST,
            "image.name": "myregistry.azurecr.io/app:v1,other.azurecr.io/app:v2",
            "images": [
                {"name": "myregistry.azurecr.io/app:v1", **image("app", "v1", DIGEST, "myregistry.azurecr.io")},
                {"name": "other.azurecr.io/app:v2", **image("app", "v2", DIGEST, "other.azurecr.io")},
            ],
        },
    ),
    "an image that is told twice": (
        {"outputImages": [image("app", "v1", DIGEST, "r.io")] * 2},
        {
            "containerimage.digest": DIGEST,
            "image.name": "r.io/app:v1",
            "images": [{"name": "r.io/app:v1", **image("app", "v1", DIGEST, "r.io")}] * 2,
        },
    ),
    "two images": (
        {"outputImages": [image("app", "v1", DIGEST, "r.io"), image("web", "v1", OTHER_DIGEST, "r.io")]},
        {
            "images": [
                {"name": "r.io/app:v1", **image("app", "v1", DIGEST, "r.io")},
                {"name": "r.io/web:v1", **image("web", "v1", OTHER_DIGEST, "r.io")},
            ]
        },
    ),
    "an image without a digest beside one with it": (
        {"outputImages": [image("app", "v1", DIGEST, "r.io"), image("web", "v1", None, "r.io")]},
        {
            "images": [
                {"name": "r.io/app:v1", **image("app", "v1", DIGEST, "r.io")},
                {"name": "r.io/web:v1", **image("web", "v1", None, "r.io")},
            ]
        },
    ),
    "an image without a tag": (
        {"outputImages": [image("app", None, DIGEST, "r.io")]},
        {
            "containerimage.digest": DIGEST,
            "image.name": "r.io/app",
            "images": [{"name": "r.io/app", **image("app", None, DIGEST, "r.io")}],
        },
    ),
    "an image without a name": (
        {"outputImages": [image(None, None, DIGEST, "r.io")]},
        {"containerimage.digest": DIGEST, "images": [{"name": None, **image(None, None, DIGEST, "r.io")}]},
    ),
}


@pytest.mark.parametrize("kind", ENDED)
def test_what_the_service_says_of_a_run_stands_in_the_file(azure: Azure, path: Path, kind: str) -> None:
    said, written = ENDED[kind]
    ended_run(azure, **said)
    assert azure.build(metadata_file=str(path)).exit_code == 0
    assert read(path) == {**NOTHING, "status": "Succeeded", **written}


@pytest.mark.parametrize(("status", "code"), [("Failed", 1), ("Error", 1), ("Canceled", 4), ("Timeout", 124)])
def test_a_run_that_did_not_succeed_has_its_file_too(azure: Azure, path: Path, status: str, code: int) -> None:
    ended_run(azure, status, runErrorMessage="failed during run, err: exit status 1")
    assert azure.build(metadata_file=str(path)).exit_code == code
    error = "failed during run, err: exit status 1"
    assert read(path) == {**NOTHING, "status": status, "runErrorMessage": error, "exitCode": code}


def test_a_run_that_nobody_waits_for_is_queued(azure: Azure, path: Path) -> None:
    assert azure.build(no_wait=True, agent_pool_name="mypool", metadata_file=str(path)).exit_code == 0
    assert read(path) == {**NOTHING, "agentPool": "mypool"}


@pytest.mark.parametrize(("action", "status"), [("cancel", "Canceled"), ("detach", "Running")])
def test_a_run_that_is_left_by_ctrl_c_is_as_it_was_seen_last(
    azure: Azure, path: Path, action: str, status: str
) -> None:
    azure.run.statuses = [(0, "Running")]
    azure.clock.at(10, interrupt)
    assert azure.build(on_interrupt=action, metadata_file=str(path)).exit_code == 130
    written = read(path)
    assert (written["runId"], written["status"], written["exitCode"]) == ("cf1", status, 130)


def test_an_interruption_just_as_the_run_is_queued_is_about_that(azure: Azure, path: Path) -> None:
    azure.when_queued = lambda: signal.raise_signal(signal.SIGINT)
    assert azure.build(metadata_file=str(path)).exit_code == 130
    written = read(path)
    assert (written["runId"], written["status"], written["exitCode"]) == ("cf1", "Canceled", 130)


def test_a_run_that_waited_too_long(azure: Azure, path: Path) -> None:
    azure.never_starts()
    assert azure.build(queue_timeout=5, metadata_file=str(path)).exit_code == 124
    written = read(path)
    assert (written["status"], written["exitCode"]) == ("Canceled", 124)


def test_a_run_that_is_lost_from_sight_is_as_it_was_seen_last(azure: Azure, path: Path) -> None:
    azure.replies["GET /runs/cf1"] = arm_error(403, "AuthorizationFailed")
    assert azure.build(metadata_file=str(path)).exit_code == 1
    assert read(path) == {**NOTHING, "exitCode": 1}


def test_runs_in_whose_place_it_was_queued(azure: Azure, path: Path) -> None:
    ended_run(azure, "Error")
    assert azure.build(retry_infra=1, metadata_file=str(path)).exit_code == 1
    written = read(path)
    # The service here gives the same ID again.
    assert (written["runId"], written["retriedRuns"]) == ("cf1", ["cf1"])


@pytest.mark.parametrize("quiet", [False, True], ids=["told", "quiet"])
def test_warnings_stand_there_without_secrets(azure: Azure, path: Path, context: str, quiet: bool) -> None:
    azure.session.only_show_errors = quiet
    Path(context, "acb.yaml").write_text("steps:\n- id: hunter22\n  build: -t app .\n")
    Path(context, "Dockerfile").write_text("FROM scratch\nRUN --mount=type=cache,target=/a true\n")
    secret = {"name": "word", "value": "hunter22", "isSecret": True}
    finished = azure.call(run, source_location=context, set_secret=[secret], metadata_file=str(path))
    assert finished.exit_code == 0
    (warning,) = read(path)["warnings"]
    assert "***" in warning
    assert "hunter22" not in warning
    assert (f"WARNING: {warning}" in finished.told) is not quiet


def test_an_error_message_holds_no_secrets_and_no_signatures(azure: Azure, path: Path) -> None:
    key = {"type": "Argument", "name": "KEY", "value": "hunter22", "isSecret": True}
    ended_run(azure, "Failed", runErrorMessage="hunter22 at https://acct.example/x.tar.gz?sv=1&sig=abc \x1b[2J é")
    azure.build(secret_arg=[key], metadata_file=str(path))
    assert read(path)["runErrorMessage"] == "*** at https://acct.example/x.tar.gz \x1b[2J é"
    assert b"\x1b" not in path.read_bytes()


# What ends a build before it has a run, and its exit code.
NO_RUN: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "no registry": ({"GET /": arm_error(403, "AuthorizationFailed")}, {}, 1),
    "no pool": ({}, {"agent_pool_name": "nopool"}, 3),
    "refused": ({"POST /scheduleRun": arm_error(400, "InvalidInputValue")}, {}, 1),
}


@pytest.mark.parametrize("kind", NO_RUN)
def test_without_a_run_there_is_no_file_not_even_an_old_one(azure: Azure, path: Path, kind: str) -> None:
    replies, options, code = NO_RUN[kind]
    azure.replies.update(replies)
    assert azure.build(metadata_file=str(path), **options).exit_code == code
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("command", [build, run])
def test_a_source_that_is_not_there_leaves_no_old_file(
    azure: Azure, path: Path, command: Callable[..., object]
) -> None:
    finished = azure.call(command, source_location=str(path.parent / "none"), metadata_file=str(path))
    assert finished.exit_code == 3
    assert list(path.parent.iterdir()) == []


def test_while_the_run_goes_on_there_is_no_file(azure: Azure, path: Path) -> None:
    seen: list[list[Path]] = []
    azure.clock.at(10, lambda: seen.append(list(path.parent.iterdir())))
    azure.build(metadata_file=str(path))
    assert seen == [[]]
    assert read(path) == {**NOTHING, **BUILT, "status": "Succeeded"}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("options", "code"), [({"dry_run": True}, 0), ({"logs": "stdout", "no_logs": True}, 2)], ids=["dry run", "usage"]
)
def test_a_command_that_queues_nothing_leaves_an_old_file(
    azure: Azure, path: Path, context: str, options: dict[str, Any], code: int
) -> None:
    assert azure.build(context, metadata_file=str(path), **options).exit_code == code
    assert path.read_text() == OF_AN_EARLIER_RUN
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("", "--metadata-file is empty: name a file, or leave it out."),
        ("{}", "--metadata-file {} cannot be written: It is a folder."),
        ("{}/no/file", "--metadata-file {}/no/file cannot be written: There is no folder '{}/no'."),
        ("{}/build.json/a", "--metadata-file {}/build.json/a cannot be written: Not a directory."),
    ],
    ids=["empty", "folder", "no folder", "below a file"],
)
def test_what_cannot_be_written_is_told_before_anything_is_asked(
    azure: Azure, path: Path, context: str, named: str, words: str, dry_run: bool
) -> None:
    folder = path.parent
    finished = azure.build(context, metadata_file=named.format(folder), dry_run=dry_run)
    assert (finished.exit_code, finished.told) == (2, [words.format(folder, folder)])
    assert azure.asked == []


def test_a_file_that_is_none_of_a_run_stays(azure: Azure, context: str) -> None:
    dockerfile = Path(context, "Dockerfile")
    before = dockerfile.read_bytes()
    finished = azure.build(context, metadata_file=str(dockerfile))
    words = f"--metadata-file {dockerfile} cannot be written: It holds something else; name another file, or remove it."
    assert (finished.exit_code, finished.told) == (2, [words])
    assert dockerfile.read_bytes() == before


def test_an_empty_file_is_anybodys(azure: Azure, path: Path) -> None:
    path.write_bytes(b"")
    assert azure.build(metadata_file=str(path)).exit_code == 0
    assert read(path)["runId"] == "cf1"


@pytest.fixture
def full(path: Path) -> str:
    """A disk that was not full when the command began."""
    path.unlink()
    return str(path)


def fill(path: str) -> None:
    """What can no longer be written."""
    Path(path).mkdir()


@pytest.mark.parametrize("logs", ["stdout", "none"])
def test_a_file_that_cannot_be_written_in_the_end_fails_a_command_that_succeeded(
    azure: Azure, full: str, logs: str
) -> None:
    azure.clock.at(10, lambda: fill(full))
    finished = azure.build(logs=logs, metadata_file=full)
    assert finished.exit_code == 1
    assert finished.told[-2:] == [f"The metadata of run cf1 could not be written to '{full}': It is a folder.", SHOW]
    assert (finished.result and finished.result.status) == ("Succeeded" if logs == "none" else None)


@pytest.mark.parametrize(("status", "code"), [("Failed", 1), ("Canceled", 4), ("Timeout", 124)])
def test_a_file_that_cannot_be_written_leaves_another_exit_code_as_it_is(
    azure: Azure, full: str, status: str, code: int
) -> None:
    azure.run.statuses = [(0, "Queued"), (20, status)]
    azure.session.only_show_errors = True
    azure.clock.at(10, lambda: fill(full))
    finished = azure.build(metadata_file=full)
    assert finished.exit_code == code
    assert finished.told == [
        f"ERROR: The metadata of run cf1 could not be written to '{full}': It is a folder.",
        f"Run cf1 ended as {status}.",
        "See its whole log with: az acr task logs -r myregistry --run-id cf1",
    ]


def interrupt_while_written(pipe: Path, *numbers: signal.Signals) -> threading.Thread:
    """Somebody who reads a pipe, and has signals sent to this process when some has been written and not yet all."""
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def work() -> None:
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            assert select.select([file], [], [], 60)[0]
            os.set_blocking(descriptor, True)
            pipe.with_name("read").write_bytes(file.read(1))
            for number in numbers:
                signal.pthread_kill(threading.main_thread().ident or 0, number)
            with pipe.with_name("read").open("ab") as written:
                written.write(file.read())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


AT_END = ["Interrupted when the command had already ended.", "Look at what it has done before you repeat it."]


@needs_pipes
@pytest.mark.parametrize("status", ["Succeeded", "Failed"])
def test_an_interruption_waits_until_the_file_is_written(azure: Azure, tmp_path: Path, status: str) -> None:
    ended_run(azure, status, runErrorMessage="x" * 300_000)
    reader = interrupt_while_written(tmp_path / "pipe", signal.SIGINT)
    finished = azure.build(logs="none", metadata_file=str(tmp_path / "pipe"))
    reader.join()
    assert read(tmp_path / "read")["status"] == status
    assert (finished.exit_code, finished.told[-2:], finished.result.status) == (130, AT_END, status)


@needs_pipes
def test_an_interruption_of_an_interrupted_command_changes_nothing(azure: Azure, tmp_path: Path) -> None:
    azure.run.statuses, azure.run.error_message = [(0, "Running")], "x" * 300_000
    azure.clock.at(10, interrupt)
    reader = interrupt_while_written(tmp_path / "pipe", signal.SIGINT)
    finished = azure.build(metadata_file=str(tmp_path / "pipe"))
    reader.join()
    assert read(tmp_path / "read")["exitCode"] == 130
    assert (finished.exit_code, finished.told[-2]) == (130, "Run cf1 was cancelled.")


@needs_pipes
def test_a_second_interruption_does_not_wait(azure: Azure, tmp_path: Path) -> None:
    ended_run(azure, runErrorMessage="x" * 300_000)
    interrupt_while_written(tmp_path / "pipe", signal.SIGINT, signal.SIGTERM)
    finished = azure.build(metadata_file=str(tmp_path / "pipe"))
    assert finished.exit_code == 130
    assert finished.told[-3:] == [
        f"ERROR: The metadata of run cf1 could not be written to '{tmp_path / 'pipe'}': interrupted.",
        *AT_END,
    ]
