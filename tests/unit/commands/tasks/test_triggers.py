"""What starts a task by itself: where its commits happen."""

from __future__ import annotations

import pytest

from azext_acrpool.commands.tasks.triggers import SourceRepository


@pytest.mark.parametrize(
    ("url", "branch", "kind"),
    [
        ("https://GitHub.com/a/b.git#main", "main", "Github"),
        ("https://github.com/a/b.git#:folder", "", "Github"),
        ("https://dev.azure.com/o/p/_git/r#release:sub", "release", "VisualStudioTeamService"),
        (None, None, "VisualStudioTeamService"),
    ],
)
def test_source_repository(url: str | None, branch: str | None, kind: str) -> None:
    repository = SourceRepository(url, None)
    assert (repository.branch, repository.control_type) == (branch, kind)
