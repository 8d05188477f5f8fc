"""A folder or an archive on this machine as the context of a build or run."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from run_azure import Azure

from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.runs.context import LocalContext
from azext_acrpool.commands.runs.run import run
from azext_acrpool.commands.runs.source import ArchiveSource
from azext_acrpool.commands.session import Settings, Streams
from azext_acrpool.context import ArchiveContext
from azext_acrpool.context.pack.tarstream import END, header

SENT = "Sent 1 file (0 B) as 0 B in 0.0 s (0 B/s)"


def test_a_context_without_a_dockerfile_is_refused(azure: Azure, tmp_path: Path) -> None:
    finished = azure.build(str(tmp_path))
    assert finished.exit_code == 3
    assert finished.told == [
        f"There is no Dockerfile in '{tmp_path}'. Name one with --file, or '-' to read it from standard input."
    ]
    assert not azure.uploads


def test_what_is_not_as_the_user_may_expect_is_said_before_and_after_the_upload(azure: Azure, context: str) -> None:
    (Path(context) / "Dockerfile.dockerignore").write_text("*.log\n")
    azure.notes = ("'pipe' is a named pipe and is not sent.",)
    finished = azure.build(context, no_wait=True)
    assert finished.exit_code == 0
    assert finished.told == [
        "'Dockerfile.dockerignore' beside the Dockerfile is used instead of '.dockerignore'.",
        "'pipe' is a named pipe and is not sent.",
        SENT,
        "WARNING: Queued a build with ID: cf1",
    ]


@pytest.mark.parametrize("verify", [True, False])
def test_an_upload_checks_certificates_unless_az_was_told_not_to(azure: Azure, context: str, verify: bool) -> None:
    azure.session.settings = Settings(verify_tls=verify)
    assert azure.build(context, no_wait=True).exit_code == 0
    assert [options.verify for options in azure.upload_options] == [verify]


def test_on_a_terminal_the_progress_of_an_upload_is_shown_and_taken_away(
    azure: Azure, context: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    azure.session.animated = True
    shown = "1 file, 0 B read, 0 B sent"
    assert azure.build(context, no_wait=True).stderr == (
        f"\r{shown}\r{' ' * len(shown)}\r\r{SENT}\nWARNING: Queued a build with ID: cf1\n"
    )


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_link_that_leads_out_of_the_folder_is_told_before_anything_is_sent(
    azure: Azure, context: str, dry_run: bool
) -> None:
    (Path(context) / "common").symlink_to("../common")
    finished = azure.build(context, dry_run=dry_run)
    refusal = (
        "1 symbolic link cannot be sent: 'common' -> '../common'. The service refuses all of a context in which a link "
        "leads out of the folder. Replace such a link with what it leads to, or list it in .dockerignore if the build "
        "does not need it."
    )
    assert finished.exit_code == 1
    assert finished.told == [refusal]
    assert not azure.uploads


DOCKERFILE = b"FROM scratch\n"


def archive(name: bytes) -> bytes:
    """An archive of a Dockerfile."""
    content = DOCKERFILE.ljust(512, b"\0")
    return header(name, b"0", mode=0o644, mtime=0, size=len(DOCKERFILE)) + content + END


TAR = archive(b"Dockerfile")


def test_an_archive_on_standard_input_is_uploaded(azure: Azure) -> None:
    azure.session.stdin = TAR
    finished = azure.build("-", docker_file_path="./Dockerfile")
    assert finished.exit_code == 0
    assert azure.request["sourceLocation"] == "source/x.tar.gz"
    assert azure.request["dockerFilePath"] == "Dockerfile"
    assert [context.root for context in azure.contexts] == ["-"]


def test_an_archive_is_listed(azure: Azure) -> None:
    azure.session.stdin = TAR
    finished = azure.build("-", dry_run=True)
    assert finished.told[0] == "Would send 1 file in 0 folders, 13 B before compression."
    assert (finished.result["source"], finished.result["dockerfile"]) == ("-", "Dockerfile")


def test_the_dockerfile_that_an_archive_turns_out_to_have_is_built(azure: Azure) -> None:
    azure.session.stdin, azure.dockerfile_found = archive(b"dockerfile"), "dockerfile"
    assert azure.build("-").exit_code == 0
    assert azure.request["dockerFilePath"] == "dockerfile"
    listed = azure.build("-", dry_run=True)
    assert "Dockerfile: dockerfile; ignore file: none" in listed.told
    assert listed.result["dockerfile"] == "dockerfile"


def test_two_things_cannot_come_from_standard_input(azure: Azure) -> None:
    azure.session.stdin = TAR
    built = azure.build("-", docker_file_path="-")
    assert (built.exit_code, built.told) == (
        2,
        [
            "--file names a Dockerfile in the archive; it cannot be read from standard input.",
            "Put the Dockerfile into the archive, or unpack the archive and give the folder.",
        ],
    )
    ran = azure.call(run, source_location="-", file="-")
    assert (ran.exit_code, ran.told) == (
        2,
        ["Standard input cannot be both the source ('-') and the task file (--file -)."],
    )
    assert not azure.uploads


def test_a_terminal_is_no_archive(azure: Azure) -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    session = replace(
        azure.session.open(io.StringIO(), io.StringIO()), streams=Streams(Terminal(), io.StringIO(), io.StringIO())
    )
    with pytest.raises(UsageError) as caught:
        LocalContext.prepare_archive(ArchiveSource(None), "", session)
    assert str(caught.value) == (
        "Standard input is a terminal; with '-' as the source location, an archive is read from it."
    )


def test_a_run_takes_its_task_file_from_an_archive(azure: Azure, tmp_path: Path) -> None:
    (tmp_path / "c.tar").write_bytes(TAR)
    assert azure.call(run, source_location=str(tmp_path / "c.tar"), file="a.yaml", no_wait=True).exit_code == 0
    (context,) = azure.contexts
    assert isinstance(context, ArchiveContext)
    assert context.required == {"a.yaml": "--file"}
    assert azure.request["taskFilePath"] == "a.yaml"


def test_a_run_takes_its_task_file_from_standard_input_beside_an_archive(azure: Azure, tmp_path: Path) -> None:
    (tmp_path / "c.tar").write_bytes(TAR)
    azure.session.stdin = b"steps: []"
    assert azure.call(run, source_location=str(tmp_path / "c.tar"), file="-", no_wait=True).exit_code == 0
    assert azure.request["type"] == "EncodedTaskRunRequest"
    assert azure.request["sourceLocation"] == "source/x.tar.gz"
