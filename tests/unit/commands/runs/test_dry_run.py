"""`az acr build --dry-run`: what would be sent, told on stderr and as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from run_azure import GIT, Azure

from azext_acrpool.commands.session import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A context of three files that are sent and one that is ignored."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / ".dockerignore").write_text("*.log\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("print()\n")
    (tmp_path / "build.log").write_text("long\n")
    return tmp_path


def summary(folder: Path) -> list[str]:
    return [
        "Would send 3 files in 1 folder, 27 B before compression.",
        f"Dockerfile: Dockerfile; ignore file: {folder / '.dockerignore'}",
        "Biggest folders:",
        "        8 B  src/",
        "Biggest files:",
        "       13 B  Dockerfile",
        "        8 B  src/app.py",
        "        6 B  .dockerignore",
    ]


def data(folder: Path, **verbose: Any) -> dict[str, Any]:
    return {
        "source": str(folder),
        "dockerfile": "Dockerfile",
        "ignoreFile": str(folder / ".dockerignore"),
        "fileCount": 3,
        "folderCount": 1,
        "bytes": 27,
        "biggestFolders": [{"path": "src", "bytes": 8, "fileCount": 1}],
        "biggestFiles": [
            {"path": "Dockerfile", "bytes": 13},
            {"path": "src/app.py", "bytes": 8},
            {"path": ".dockerignore", "bytes": 6},
        ],
        "warnings": [],
        "notes": [],
        "files": [
            {"path": ".dockerignore", "bytes": 6},
            {"path": "Dockerfile", "bytes": 13},
            {"path": "src/app.py", "bytes": 8},
        ],
        **verbose,
    }


def test_what_would_be_sent_is_told_and_is_the_result(azure: Azure, folder: Path) -> None:
    finished = azure.build(str(folder), dry_run=True)
    assert finished.told == summary(folder)
    assert finished.result == data(folder)
    assert azure.asked == []


def test_verbose_names_each_path_with_the_rule_that_decided(azure: Azure, folder: Path) -> None:
    azure.session.settings = Settings(is_verbose=True)
    finished = azure.build(str(folder), dry_run=True)
    assert finished.told == [
        "  sent     .dockerignore  (always sent)",
        "  sent     Dockerfile  (always sent)",
        "  sent     src/app.py  (no rule)",
        "  ignored  build.log  (.dockerignore:1: *.log)",
        *summary(folder),
    ]
    assert finished.result == data(
        folder,
        files=[
            {"path": ".dockerignore", "bytes": 6, "rule": "always sent"},
            {"path": "Dockerfile", "bytes": 13, "rule": "always sent"},
            {"path": "src/app.py", "bytes": 8, "rule": "no rule"},
        ],
        ignored=[{"path": "build.log", "rule": ".dockerignore:1: *.log"}],
    )


@pytest.mark.parametrize("chose_output", [False, True])
def test_a_reader_at_a_terminal_gets_no_data_unless_he_asks_for_some(
    azure: Azure, folder: Path, chose_output: bool
) -> None:
    azure.session.sees_stdout, azure.session.settings = True, Settings(chose_output=chose_output)
    finished = azure.build(str(folder), dry_run=True)
    assert finished.told == summary(folder)
    assert finished.result == (data(folder) if chose_output else None)


def test_a_remote_source_has_nothing_to_list(azure: Azure) -> None:
    finished = azure.build(GIT, dry_run=True)
    assert finished.exit_code == 2
    assert finished.told == [
        "--dry-run lists what a local folder would send; a remote source is fetched by the service.",
        "Clone the repository or unpack the archive, and name the folder.",
    ]
