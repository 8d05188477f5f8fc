"""A folder on this machine as the context of a build or run."""

from __future__ import annotations

from pathlib import Path

from run_azure import Azure


def test_a_context_without_a_dockerfile_is_refused(azure: Azure, tmp_path: Path) -> None:
    finished = azure.build(str(tmp_path))
    assert finished.exit_code == 3
    assert finished.told == [
        f"There is no Dockerfile in '{tmp_path}'. Name one with --file, or '-' to read it from standard input."
    ]
    assert not azure.uploads
