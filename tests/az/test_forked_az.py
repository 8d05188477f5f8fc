"""A forked az is an az, by what it answers, its streams, exit codes and signals; its server leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from az_harness import LIMIT_SECONDS, Az, Emulator, finish, interrupt
from az_processes import SERVER, AzForkServer, Forks

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows cannot fork; Forks starts az as its users do.")

POOL = ("--registry", "myregistry", "--name", "mypool")
WORLD = {"registries": [{"name": "myregistry", "agentPools": [{"name": "mypool"}]}]}


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


@pytest.mark.parametrize(
    "arguments",
    [
        ("version",),
        ("account", "show"),
        ("cloud", "show"),
        ("extension", "list"),
        ("config", "get"),
        ("acr", "agentpool", "show", *POOL),
        ("acr", "agentpool", "show", *POOL, "--output", "table"),
        ("acr", "agentpool", "show", "--registry", "myregistry"),
        ("acr", "agentpool", "show", "--help"),
        ("acr", "build", "--registry", "myregistry", "--dry-run", "context"),
        ("acr", "build", "--registry", "myregistry", "nofolder"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("with_extension", [True, False], ids=["ours", "az's own"])
def test_forked_and_real_az_agree(
    emulator: Emulator,
    extensions: Path,
    forks: Forks,
    tmp_path: Path,
    arguments: tuple[str, ...],
    with_extension: bool,
) -> None:
    installed = extensions if with_extension else None
    real = emulator.az(tmp_path / "az", installed)
    (real.folder / "context").mkdir()
    (real.folder / "context" / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    expected = real(*arguments)
    assert replace(real, begin=forks(installed))(*arguments) == expected


def test_standard_input_is_a_pipe(az: Az) -> None:
    run = ("acr", "run", "--registry", "myregistry", "--no-logs", "--file", "-", "/dev/null")
    assert az(*run, stdin="steps:\n  - cmd: bash echo piped\n").succeeded().json["status"] == "Succeeded"
    assert az(*run).failed(2).stdout == ""


@pytest.fixture
def endless(emulator: Emulator) -> tuple[str, ...]:
    """A command that waits for ever."""
    emulator.control("DELETE", "journal")
    return ("acr", "agentpool", "wait", *POOL, "--deleted")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_signals_end_it_as_they_end_a_real_one(
    az: Az, real_az: Az, emulator: Emulator, endless: tuple[str, ...], name: str
) -> None:
    codes = []
    for count, start in enumerate((real_az.start, az.start), start=1):
        process = start(*endless)
        emulator.wait_for_requests(count, "GET", "/agentpools/mypool")
        assert os.getsid(process.pid) == process.pid
        interrupt(process, signal.Signals[name])
        codes.append(finish(process).code)
    assert codes[0] == codes[1]


def test_many_at_the_same_time(emulator: Emulator, extensions: Path, forks: Forks, tmp_path: Path) -> None:
    azs = [emulator.az(tmp_path / name, extensions, forks(extensions)) for name in ("one", "two", "three", "four")]
    with ThreadPoolExecutor(max_workers=len(azs)) as threads:
        done = list(threads.map(lambda az: az("acr", "agentpool", "show", *POOL).succeeded(), azs))
    assert done == [done[0]] * len(azs)


def test_variables_that_are_read_when_python_starts_take_a_start(az: Az) -> None:
    with pytest.raises(ValueError, match="PYTHONUTF8"):
        replace(az, environment={**az.environment, "PYTHONUTF8": "0"})("version")


def test_commands_end_with_their_server(
    real_az: Az, emulator: Emulator, extensions: Path, endless: tuple[str, ...]
) -> None:
    with AzForkServer(extensions) as server:
        process = replace(real_az, begin=server.start).start(*endless)
        emulator.wait_for_requests(1, "GET", "/agentpools/mypool")
    assert process.stdout is not None
    assert process.stdout.read() == ""


def test_the_server_ends_with_its_client() -> None:
    script = "import az_processes; server = az_processes.AzForkServer(None); print('started', flush=True); input()"
    client = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=SERVER.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert client.stdout is not None
    assert client.stdout.readline() == "started\n"
    client.kill()
    # The server has the same stdout, which ends when nobody has it open any more.
    client.communicate(timeout=LIMIT_SECONDS)
