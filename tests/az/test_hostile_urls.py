"""Replies that name a host which nothing may be sent to: nothing is, and the command says so."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from az_harness import Az, Emulator

REGISTRY = ("--registry", "myregistry")
NO_STORAGE = "whose address is link-local or for metadata, where no storage account is"
NOT_ENCRYPTED = "to be reached without encryption, which is for hosts on this machine only"
NOT_PLAIN = "in a URL that is not plain HTTPS"


@pytest.fixture(autouse=True)
def no_faults(emulator: Emulator) -> None:
    emulator.control("DELETE", "faults")
    emulator.control("DELETE", "journal")


@pytest.fixture
def context(tmp_path: Path) -> str:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    return str(folder)


@pytest.fixture
def bystander() -> Iterator[socket.socket]:
    """A server on this machine that nobody has business with."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize(
    ("url", "host", "why"),
    [
        ("https://169.254.169.254/source/1.tar.gz?sig=topsecret", "169.254.169.254", NO_STORAGE),
        ("http://account.invalid:{port}/source/1.tar.gz?sig=topsecret", "account.invalid", NOT_ENCRYPTED),
        ("http://account@127.0.0.1:{port}/source/1.tar.gz?sig=topsecret", "127.0.0.1:{port}", NOT_PLAIN),
        ("https://[::1", "[::1", NOT_PLAIN),
    ],
)
def test_no_context_is_sent_where_no_storage_account_is(
    az: Az, emulator: Emulator, context: str, bystander: socket.socket, url: str, host: str, why: str
) -> None:
    port = bystander.getsockname()[1]
    body = {"relativePath": "source/1.tar.gz", "uploadUrl": url.format(port=port)}
    emulator.control(
        "PUT",
        "faults",
        [{"match": {"path": "listBuildSourceUploadUrl"}, "times": None, "fault": {"status": 200, "body": body}}],
    )
    refused = az("acr", "build", *REGISTRY, "-t", "hello:v1", context).failed(1)
    assert (
        f"ERROR: The service named the host '{host.format(port=port)}', {why}; nothing was sent there." in refused.told
    )
    assert "topsecret" not in refused.stderr
    assert len(emulator.requests("POST", "listBuildSourceUploadUrl")) == 1
    assert not emulator.requests("POST", "/scheduleRun")
    assert not [entry for entry in emulator.journal() if entry["method"] == "PUT" and "/source/" in entry["path"]]
    with pytest.raises(BlockingIOError):
        bystander.accept()


def test_an_upload_that_is_sent_elsewhere_goes_nowhere(
    az: Az, emulator: Emulator, context: str, bystander: socket.socket
) -> None:
    headers = {"Location": f"http://127.0.0.1:{bystander.getsockname()[1]}/source/1.tar.gz"}
    fault = {
        "match": {"method": "PUT", "path": "/source/"},
        "times": None,
        "fault": {"status": 307, "headers": headers},
    }
    emulator.control("PUT", "faults", [fault])
    refused = az("acr", "build", *REGISTRY, "-t", "hello:v1", context).failed(1)
    assert (
        "ERROR: The storage account refused the upload: HTTP 307. Try again; if it stays, the registry's storage or a"
        " proxy on the way has a problem."
    ) in refused.told
    with pytest.raises(BlockingIOError):
        bystander.accept()


def test_a_run_whose_log_is_said_to_be_elsewhere_is_followed_to_its_end(
    az: Az, emulator: Emulator, context: str
) -> None:
    body = {"logLink": "https://169.254.169.254/latest?sig=topsecret"}
    fault = {"match": {"path": "listLogSasUrl"}, "times": None, "fault": {"status": 200, "body": body}}
    emulator.control("PUT", "faults", [fault])
    followed = az("acr", "build", *REGISTRY, "-t", "hello:v1", context).succeeded()
    (unread,) = (line for line in followed.told if "could not be read" in line or "cannot be read" in line)
    reason = f"The service named the host '169.254.169.254', {NO_STORAGE}; nothing was sent there."
    assert re.fullmatch(rf"The (rest of the )?log (could not|cannot) be read.*: {re.escape(reason)}", unread)
    assert "topsecret" not in followed.stderr
