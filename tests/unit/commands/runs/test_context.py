"""A folder on this machine as the context of a build or run."""

from __future__ import annotations

from pathlib import Path

import pytest
from run_azure import Azure

from azext_acrpool.commands.session import Settings

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
