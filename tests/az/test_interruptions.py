"""Requests to stop at every moment of every command that waits: exit code 130, and what is left behind."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Timer
from typing import IO, Any

import pytest
from az_harness import LIMIT_SECONDS, Az, Emulator, finish, interrupt
from az_processes import AZ, Process

REGISTRY = ("--registry", "myregistry")
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
# A name with SIGNAL in it is one for each of them.
POOLS = [
    {"name": "mypool"},
    {"name": "single"},
    {"name": "emptypool", "count": 0},
    *({"name": f"changing{number.name}".lower()} for number in SIGNALS),
]
WORLD = {"registries": [{"name": "myregistry", "vcpuQuota": {"standard": 64}, "agentPools": POOLS}]}
# Longer than a test may take.
SILENCE = {"delay": 3600}
BUILD = ("acr", "build", *REGISTRY, "-t", "app:v1")
BUSY = ("--agent-pool", "single")
CAPACITY = ("--agent-pool", "emptypool", "--ensure-capacity", "1")


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator], tmp_path_factory: pytest.TempPathFactory) -> Emulator:
    """One whose pool `single` is busy for ever."""
    return emulators("--pool-seconds", "0", "--retry-after", "1", "--agent-speed", "4", world=WORLD)


@pytest.fixture(autouse=True)
def nothing_happened(emulator: Emulator) -> None:
    emulator.control("DELETE", "faults")
    emulator.control("DELETE", "journal")


@pytest.fixture(autouse=True)
def contexts(az: Az) -> None:
    for name, line in (("endless", "RUN sleep 3000"), ("quick", "RUN echo done")):
        (az.folder / name).mkdir()
        (az.folder / name / "Dockerfile").write_text(f"FROM scratch\n{line}\n", "utf-8")


def state(emulator: Emulator) -> Any:
    (registry,) = emulator.control("GET", "state")["registries"]
    return registry


def last_status(emulator: Emulator) -> str:
    return str(state(emulator)["runs"][-1]["status"])


def count(emulator: Emulator, name: str) -> int:
    (pool,) = (pool for pool in state(emulator)["pools"] if pool["name"] == name)
    return int(pool["properties"]["count"])


Ready = Callable[[Process, Emulator], None]


def asked(method: str, part: str, times: int = 1) -> Ready:
    """So many requests have been answered."""

    def wait(_: Process, emulator: Emulator) -> None:
        emulator.wait_for_requests(times, method, part)

    return wait


def read_until(process: Process, lines: IO[str] | None, part: str) -> None:
    """Read a process's output to a line with that part."""
    assert lines is not None
    hanging = Timer(LIMIT_SECONDS, process.kill)
    hanging.start()
    try:
        assert any(part in line for line in lines), f"the command ended without saying {part!r}"
    finally:
        hanging.cancel()


def told(part: str) -> Ready:
    """A line with that part has come on stderr."""
    return lambda process, _: read_until(process, process.stderr, part)


def printed(part: str) -> Ready:
    """A line with that part has come on stdout."""
    return lambda process, _: read_until(process, process.stdout, part)


@dataclass(frozen=True)
class Moment:
    """A command line, what goes wrong meanwhile, when the signal comes, and what is then said and left behind."""

    arguments: tuple[str, ...]
    ready: Ready
    says: str
    faults: list[dict[str, Any]] = field(default_factory=list)
    leaves: Callable[[Emulator], Any] = lambda _: None
    left: Any = None


def silent(method: str, path: str, skip: int = 0) -> list[dict[str, Any]]:
    return [{"match": {"method": method, "path": path}, "skip": skip, "times": None, "fault": SILENCE}]


def no_run(emulator: Emulator) -> int:
    return len(emulator.requests("POST", "/scheduleRun"))


POOL = ("acr", "agentpool")
# Whether the reply to the request was read by then, nobody can tell from outside.
GOES_ON = r"Interrupted\. (The {} of agent pool '{}' goes on|The service may have been asked already)\."
LEFT = "Interrupted. Whatever is being done to the agent pool goes on."
SHOW = r"/agentPools/mypool\?"
MOMENTS = {
    "build, looking at the registry": Moment(
        (*BUILD, "-g", "myresourcegroup", "endless"),
        told("altered by the following extension"),
        "Interrupted.",
        silent("GET", "/registries/myregistry"),
        no_run,
        0,
    ),
    "build, uploading": Moment(
        (*BUILD, "endless"),
        asked("POST", "/listbuildsourceuploadurl"),
        "Interrupted.",
        silent("PUT", "acrblobs"),
        no_run,
        0,
    ),
    "build, queued": Moment(
        (*BUILD, *BUSY, "endless"),
        told("Queued a build with ID"),
        r"Run cf\d+ was cancelled.",
        [],
        last_status,
        "Canceled",
    ),
    "build, following the log": Moment(
        (*BUILD, "endless"), printed("sleep"), r"Run cf\d+ was cancelled.", [], last_status, "Canceled"
    ),
    "build, following in silence": Moment(
        (*BUILD, "endless"),
        told("Queued a build with ID"),
        r"Run cf\d+ was cancelled.",
        silent("POST", "/listLogSasUrl"),
        last_status,
        "Canceled",
    ),
    "run, following the log": Moment(
        ("acr", "run", *REGISTRY, "--cmd", "bash sleep 3000", "/dev/null"),
        told("Queued a run with ID"),
        r"Run cf\d+ was cancelled.",
        [],
        last_status,
        "Canceled",
    ),
    "build, scaling its pool up": Moment(
        (*BUILD, *CAPACITY, "quick"),
        asked("PATCH", "/agentpools/emptypool"),
        "Interrupted.",
        silent("GET", "/operationStatuses/"),
        no_run,
        0,
    ),
    "cancel-run, in silence": Moment(
        ("acr", "task", "cancel-run", *REGISTRY, "--run-id", "cf1"),
        asked("GET", "/registries/myregistry"),
        # Whether the reply about the registry was read by then, nobody can tell from outside.
        r"Interrupted\.( Not seen to end: cf1\.)?",
        silent("POST", "/runs/cf1/cancel"),
    ),
    "create": Moment(
        (*POOL, "create", *REGISTRY, "--name", "newSIGNAL"),
        asked("PUT", "/agentpools/new"),
        GOES_ON.format("create", "newSIGNAL"),
        silent("GET", "/operationStatuses/"),
    ),
    "update": Moment(
        (*POOL, "update", *REGISTRY, "--name", "changingSIGNAL", "--count", "2"),
        asked("PATCH", "/agentpools/changing"),
        GOES_ON.format("update", "changingSIGNAL"),
        silent("GET", "/operationStatuses/"),
    ),
    "delete": Moment(
        (*POOL, "delete", *REGISTRY, "--name", "changingSIGNAL", "--yes"),
        asked("DELETE", "/agentpools/changing"),
        GOES_ON.format("delete", "changingSIGNAL"),
        silent("GET", "/operation"),
    ),
    "wait": Moment(
        (*POOL, "wait", *REGISTRY, "--name", "mypool", "--deleted"), asked("GET", "/agentpools/mypool"), LEFT
    ),
    "wait, in silence": Moment(
        (*POOL, "wait", *REGISTRY, "--name", "mypool", "--deleted", "--interval", "1"),
        asked("GET", "/agentpools/mypool"),
        LEFT,
        silent("GET", SHOW, skip=1),
    ),
    "check-health, in silence": Moment(
        (*POOL, "check-health", *REGISTRY, "--name", "mypool"),
        told("is in preview"),
        "Interrupted.",
        silent("GET", SHOW),
    ),
}


@pytest.fixture(scope="module")
def busy(emulator: Emulator, extensions: Path, forks: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The pool `single` is busy until the end of the tests."""
    az = emulator.az(tmp_path_factory.mktemp("busy"), extensions, forks(extensions))
    (az.folder / "Dockerfile").write_text("FROM scratch\nRUN sleep 30000\n", "utf-8")
    az(*BUILD, *BUSY, "--no-wait", ".").succeeded()


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
@pytest.mark.usefixtures("busy")
def test_a_request_to_stop(az: Az, emulator: Emulator, moment: Moment, number: signal.Signals) -> None:
    emulator.control("PUT", "faults", moment.faults)
    name = number.name.lower()
    process = az.start(*(word.replace("SIGNAL", name) for word in moment.arguments))
    moment.ready(process, emulator)
    interrupt(process, number)
    stopped = finish(process)
    assert stopped.code == 130, stopped.stderr
    (error,) = (line for line in stopped.told if line.startswith("ERROR: "))
    assert re.fullmatch("ERROR: " + moment.says.replace("SIGNAL", name), error)
    emulator.control("DELETE", "faults")
    assert moment.leaves(emulator) == moment.left


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_request_to_stop_while_az_loads_and_parses(az: Az, emulator: Emulator, number: signal.Signals) -> None:
    process = az.start(*BUILD, "--debug", "endless")
    # Said when the command is loaded, and neither its arguments nor its module are.
    read_until(process, process.stderr, "Found a match in the command table.")
    interrupt(process, number)
    stopped = finish(process)
    assert (stopped.code, stopped.stdout) == (130, "")
    assert [line for line in stopped.told if line.startswith("ERROR: cli.azure")] == [
        "ERROR: cli.azure.cli.core.azclierror: Interrupted."
    ]
    assert no_run(emulator) == 0


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_pool_is_given_back_after_the_run_is_cancelled(az: Az, emulator: Emulator, number: signal.Signals) -> None:
    process = az.start(*BUILD, *CAPACITY, "endless")
    read_until(process, process.stdout, "sleep")
    assert count(emulator, "emptypool") == 1
    interrupt(process, number)
    stopped = finish(process).failed(130)
    assert last_status(emulator) == "Canceled"
    assert count(emulator, "emptypool") == 0
    assert "Agent pool 'emptypool' goes back to 0 instances" in stopped.told


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_request_to_stop_while_a_pool_is_given_back(az: Az, emulator: Emulator, number: signal.Signals) -> None:
    changed_by_others = {"match": {"method": "PATCH"}, "skip": 1, "times": None, "fault": {"status": 409}}
    emulator.control("PUT", "faults", [changed_by_others])
    process = az.start(*BUILD, *CAPACITY, "quick")
    emulator.wait_for_requests(2, "PATCH", "/agentpools/emptypool")
    interrupt(process, number)
    stopped = finish(process).failed(130)
    assert last_status(emulator) == "Succeeded"
    assert (
        "ERROR: Agent pool 'emptypool' may not have been scaled back. The next build with --ensure-capacity to finish"
        " on it does so; or type: az acr agentpool update -r myregistry -n emptypool --count 0"
    ) in stopped.told
    emulator.control("DELETE", "faults")
    az("acr", "agentpool", "update", *REGISTRY, "--name", "emptypool", "--count", "0").succeeded()


def test_a_terminal_that_is_closed(real_az: Az, emulator: Emulator) -> None:
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [AZ, *BUILD, *CAPACITY, "endless"],
        cwd=real_az.folder,
        env=dict(real_az.environment),
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
        # It becomes the session's terminal, whose end hangs up.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
    )
    os.close(its)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        shown = b""
        while b"sleep" not in shown:
            shown += terminal.read(4096)
    assert process.wait(LIMIT_SECONDS) == 130
    assert last_status(emulator) == "Canceled"
    assert count(emulator, "emptypool") == 0


def test_nohup_is_honoured(real_az: Az, emulator: Emulator) -> None:
    nohup = replace(real_az, begin=start_with_nohup)
    process = nohup.start(*BUILD, "quick")
    read_until(process, process.stderr, "Queued a build with ID")
    interrupt(process, signal.SIGHUP)
    finish(process).succeeded()
    assert last_status(emulator) == "Succeeded"


def start_with_nohup(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], stdout: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["nohup", AZ, *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
