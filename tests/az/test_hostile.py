"""What services, logs and files hold does nothing to a terminal; no secret comes back in what az prints or logs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from az_harness import Az, Emulator, on_terminal

REGISTRY = ("--registry", "myregistry")
TAG = "\x9b2J\x1b]0;x\x07\u202eü"
WORLD = {
    "registries": [{"name": "myregistry", "sku": "Premium", "agentPools": [{"name": "mypool", "tags": {"a": TAG}}]}]
}
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")
SECRET = 'xj"vq\nzk/qj'


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


@pytest.fixture(autouse=True)
def no_faults(emulator: Emulator) -> None:
    emulator.control("DELETE", "faults")


def make_context(folder: Path, *lines: str) -> str:
    folder.mkdir()
    (folder / "Dockerfile").write_text("\n".join(["FROM scratch", *lines]) + "\n", "utf-8")
    return str(folder)


def test_an_error_of_the_service(az: Az, emulator: Emulator, tmp_path: Path) -> None:
    az = replace(az, environment={**az.environment, "AZURE_LOGGING_ENABLE_LOG_FILE": "yes", "TOKEN": SECRET})
    message = f"\x1b]0;x\x07Not \u202e{json.dumps(SECRET)}, https://me:zk%2fqj@host/x?y=z."
    fault = {"status": 400, "body": {"error": {"code": "\x9b2J", "message": message}}}
    emulator.control("PUT", "faults", [{"match": {"path": "/scheduleRun"}, "fault": fault}])
    options = ("--secret-build-arg", "TOKEN", "-t", "a:b", "--debug")
    failed = az("acr", "build", *REGISTRY, *options, make_context(tmp_path / "context"))
    assert failed.code == 1
    assert (
        'ERROR: cli.azure.cli.core.azclierror: (\\x9b2J) \\x1b]0;x\\x07Not \\u202e"***", https://host/x.' in failed.told
    )
    logs = [path.read_text("utf-8") for path in (az.folder / ".azure").rglob("*.log")]
    assert len([log for log in logs if "\\x1b]0;x\\x07Not" in log]) == 2
    for text in (failed.stdout, failed.stderr, *logs):
        assert not ACTING.search(text)
        assert not re.search(r"xj.{1,3}vq|zk.{1,3}qj", text)


def test_a_log_into_a_pipe(az: Az, tmp_path: Path) -> None:
    context = make_context(tmp_path / "context", "RUN echo \x1b]0;title\x07 \x1b[31mred\x1b[0m \x1b[2J")
    done = az("acr", "build", *REGISTRY, "-t", "a:b", context).succeeded()
    assert "\\x1b]0;title\\x07 red " in [line.rpartition("echo ")[2] for line in done.printed]
    assert not ACTING.search(done.stdout)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_a_file_in_a_dry_run(az: Az, tmp_path: Path) -> None:
    context = make_context(tmp_path / "context")
    (tmp_path / "context" / "d\x1b[31m").mkdir()
    (tmp_path / "context" / "d\x1b[31m" / ".env").touch()
    listed = az("acr", "build", *REGISTRY, "--dry-run", "--verbose", context).succeeded()
    assert "        0 B  d\\x1b[31m/.env" in listed.told
    assert not ACTING.search(listed.stderr)
    table = az("acr", "build", *REGISTRY, "--dry-run", "-o", "table", context).succeeded()
    assert [line.split() for line in table.printed if ".env" in line] == [["d\\x1b[31m/.env", "0"]]


def test_a_signed_url_of_an_operation_stays_out_of_the_debug_log(az: Az) -> None:
    created = az("acr", "agentpool", "create", *REGISTRY, "-n", "apool", "--skip-checks", "--debug").succeeded()
    assert "operationStatuses" in created.stderr
    assert not re.search(r"[?&](t|c|s|h)=", created.stderr)


@pytest.mark.parametrize("options", [("-o", "json"), ("-o", "yaml"), ("-o", "tsv", "--query", "tags.a")])
def test_data_on_a_terminal(az: Az, options: tuple[str, ...]) -> None:
    shown = on_terminal(az, "acr", "agentpool", "show", *REGISTRY, "-n", "mypool", *options).succeeded().stdout
    assert re.search(r"\\+x9b2J\\+x1b]0;x\\+x07\\+u202eü", shown)
    assert not ACTING.search(shown.replace("\r\n", "\n"))


def test_data_elsewhere_are_the_services(az: Az) -> None:
    assert az("acr", "agentpool", "show", *REGISTRY, "-n", "mypool").succeeded().json["tags"] == {"a": TAG}
