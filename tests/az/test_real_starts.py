"""Each command of the extension once in an az that is started as users start it; elsewhere most are forked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator
from az_processes import Forks
from azure.cli.core.mock import DummyCli

from azext_acrpool import COMMAND_LOADER_CLS

REGISTRY = ("--registry", "myregistry")
TASK = (*REGISTRY, "--name", "mytask")
SERVER = ("--login-server", "docker.io", "--username", "me", "--password", "secret")
POOLS = ("mypool", "goingpool", "growingpool")
WORLD = {"registries": [{"name": "myregistry", "agentPools": [{"name": name} for name in POOLS]}]}

# For each command: its arguments, a query of what it prints, and the answer.
STARTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "acr agentpool create": ((*REGISTRY, "--name", "newpool"), "provisioningState", "Succeeded"),
    "acr agentpool update": ((*REGISTRY, "--name", "growingpool", "--count", "2"), "count", "2"),
    "acr agentpool delete": (
        (*REGISTRY, "--name", "goingpool", "--yes"),
        "@",
        "Agent 'goingpool' was successfully deleted",
    ),
    "acr agentpool show": ((*REGISTRY, "--name", "mypool"), "name", "mypool"),
    "acr agentpool list": (REGISTRY, "[?name=='mypool'].tier", "S1"),
    "acr agentpool wait": ((*REGISTRY, "--name", "mypool", "--created"), "@", ""),
    "acr agentpool list-runs": ((*REGISTRY, "--name", "mypool"), "length(@)", "0"),
    "acr agentpool check-health": ((*REGISTRY, "--name", "mypool"), "[?severity=='error'] | length(@)", "0"),
    "acr build": ((*REGISTRY, "--image", "app:v1", "--no-logs", "."), "status", "Succeeded"),
    "acr run": ((*REGISTRY, "--cmd", "bash echo hello", "--no-logs", "/dev/null"), "status", "Succeeded"),
    "acr task create": ((*REGISTRY, "--name", "newtask", "--cmd", "bash", "--context", "/dev/null"), "name", "newtask"),
    "acr task update": ((*REGISTRY, "--name", "opentask", "--status", "Disabled"), "status", "Disabled"),
    "acr task run": ((*TASK, "--no-logs"), "status", "Succeeded"),
    "acr task credential add": ((*REGISTRY, "--name", "opentask", *SERVER), "keys(@)", "docker.io"),
    "acr task credential update": ((*TASK, *SERVER), "keys(@)", "docker.io"),
    "acr task credential remove": ((*REGISTRY, "--name", "oldtask", "--login-server", "docker.io"), "length(@)", "0"),
}


@pytest.fixture(scope="module")
def emulator(
    emulators: Callable[..., Emulator],
    extensions: Path,
    forks: Forks,
    tmp_path_factory: pytest.TempPathFactory,
) -> Emulator:
    """One with pools, and with tasks that log in to another registry, but for one."""
    emulator = emulators(world=WORLD)
    az = emulator.az(tmp_path_factory.mktemp("preparation"), extensions, forks(extensions))
    for name in ("mytask", "oldtask", "opentask"):
        task = (*REGISTRY, "--name", name)
        az("acr", "task", "create", *task, "--cmd", "bash echo hello", "--context", "/dev/null").succeeded()
        if name != "opentask":
            az("acr", "task", "credential", "add", *task, *SERVER).succeeded()
    return emulator


def test_every_command_is_started() -> None:
    table: dict[str, Any] = COMMAND_LOADER_CLS(cli_ctx=DummyCli()).load_command_table(None)
    assert set(STARTS) == set(table)


@pytest.mark.parametrize("command", STARTS)
def test_a_real_start(real_az: Az, command: str) -> None:
    arguments, query, answer = STARTS[command]
    (real_az.folder / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    done = real_az(*command.split(), *arguments, "--query", query, "--output", "tsv").succeeded()
    assert done.stdout.splitlines() == ([answer] if answer else [])
