"""Sources that the service reads by itself: left to it, unless they are known not to be there."""

from __future__ import annotations

import pytest
from run_azure import GIT, Azure

TARBALL = "https://example.com/x.tar.gz"


def test_git_is_left_to_the_service(azure: Azure) -> None:
    assert azure.build(GIT, docker_file_path="sub/Dockerfile").exit_code == 0
    assert azure.request["sourceLocation"] == GIT
    assert azure.request["dockerFilePath"] == "sub/Dockerfile"
    assert not azure.uploads


@pytest.mark.parametrize("status", [404, 410])
def test_a_tarball_that_is_not_there_is_refused(azure: Azure, status: int) -> None:
    azure.session.head_status = lambda _: status
    finished = azure.build(TARBALL)
    assert finished.exit_code == 3
    assert finished.told == [
        f"There is nothing at 'https://example.com/x.tar.gz' (HTTP status {status}).",
        "Check the URL. A git repository's URL must end in '.git' or '.git#REF'.",
    ]
    assert "POST /scheduleRun" not in azure.asked


@pytest.mark.parametrize(
    ("status", "why"),
    [(None, "no answer"), *((status, f"HTTP status {status}") for status in (401, 403, 405, 500))],
)
def test_a_tarball_that_this_machine_cannot_check_is_left_to_the_service(
    azure: Azure, status: int | None, why: str
) -> None:
    azure.session.head_status = lambda _: status
    finished = azure.build(f"{TARBALL}?sig=topsecret")
    assert finished.exit_code == 0
    assert finished.told[0] == (
        f"Whether 'https://example.com/x.tar.gz' is there could not be checked from here ({why}); the service will try."
    )
    assert "topsecret" not in finished.stderr
    assert azure.request["sourceLocation"] == f"{TARBALL}?sig=topsecret"


def test_a_url_that_may_not_be_what_was_meant_is_told(azure: Azure) -> None:
    url = "https://tfs.example/org/project/_git/repo"
    finished = azure.build(url)
    assert finished.exit_code == 0
    assert finished.told[0] == (
        f"'{url}' is downloaded as an archive: without '.git' at its end, the service takes for a repository only what"
        " is on dev.azure.com or *.visualstudio.com."
    )
    assert azure.request["sourceLocation"] == url
