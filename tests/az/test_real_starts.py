"""Each command of the extension once in an az that is started as users start it; elsewhere most are forked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator
from az_processes import Forks
from azure.cli.core.mock import DummyCli
from task_command_lines import REGISTRY as REGISTRY_PATH
from task_command_lines import TASK_RUN

from azext_acrpool import COMMAND_LOADER_CLS

REGISTRY = ("--registry", "myregistry")
TASK = (*REGISTRY, "--name", "mytask")
NOTHING_ELSE = ("--cmd", "bash echo hello", "--context", "/dev/null")
TIMED = (*TASK, "--timer-name")
TIMERS = ("--schedule", "nightly:0 21 * * *", "--schedule", "daily:0 12 * * *")
SERVER = ("--login-server", "docker.io", "--username", "me", "--password", "secret")
POOLS = ("mypool", "goingpool", "growingpool", "newlyscaled")
POLICY = {"acrpool-autoscale": "v1; max=4; min=1"}
WHEEL = "https://files.example/acrpool-0.1.0-py3-none-any.whl"
WORLD = {
    "registries": [
        {
            "name": "myregistry",
            "agentPools": [
                *({"name": name} for name in POOLS),
                *({"name": name, "tags": POLICY} for name in ("scaledpool", "unscaledpool")),
            ],
        }
    ]
}

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
    "acr agentpool autoscale enable": (
        (*REGISTRY, "--name", "newlyscaled", "--max-count", "4", "--schedule", "daily 00:00-24:00 UTC min=1"),
        "policy.tag",
        "v1; max=4; min=0; at=daily 00:00-24:00 UTC min=1",
    ),
    "acr agentpool autoscale disable": ((*REGISTRY, "--name", "unscaledpool"), "enabled", "false"),
    "acr agentpool autoscale show": ((*REGISTRY, "--name", "scaledpool"), "now.action", "none"),
    "acr agentpool autoscale run": ((*REGISTRY, "--name", "scaledpool"), "[].action", "none"),
    "acr agentpool autoscale deploy": ((*REGISTRY, "--extension-source", WHEEL), "every", "10m"),
    "acr agentpool autoscale undeploy": ((*REGISTRY, "--yes"), "@", ""),
    "acr agentpool autoscale status": (REGISTRY, "taskName", "acrpool-autoscale"),
    "acr build": ((*REGISTRY, "--image", "app:v1", "--no-logs", "."), "status", "Succeeded"),
    "acr run": ((*REGISTRY, "--cmd", "bash echo hello", "--no-logs", "/dev/null"), "status", "Succeeded"),
    "acr task create": ((*REGISTRY, "--name", "newtask", "--cmd", "bash", "--context", "/dev/null"), "name", "newtask"),
    "acr task update": ((*REGISTRY, "--name", "opentask", "--status", "Disabled"), "status", "Disabled"),
    "acr task run": ((*TASK, "--no-logs"), "status", "Succeeded"),
    "acr task logs": ((*REGISTRY, "--run-id", "cf2", "--logs", "none"), "status", "Succeeded"),
    "acr taskrun logs": ((*REGISTRY, "--name", "mytaskrun", "--logs", "none"), "status", "Succeeded"),
    "acr task list-runs": ((*REGISTRY, "--top", "1"), "length(@)", "1"),
    "acr task show-run": ((*REGISTRY, "--run-id", "cf2"), "runId", "cf2"),
    "acr task update-run": ((*REGISTRY, "--run-id", "cf2", "--no-archive", "false"), "isArchiveEnabled", "true"),
    "acr task cancel-run": ((*REGISTRY, "--run-id", "cf1"), "@", ""),
    "acr task credential add": ((*REGISTRY, "--name", "opentask", *SERVER), "keys(@)", "docker.io"),
    "acr task credential update": ((*TASK, *SERVER), "keys(@)", "docker.io"),
    "acr task credential remove": ((*REGISTRY, "--name", "oldtask", "--login-server", "docker.io"), "length(@)", "0"),
    "acr task timer add": ((*TIMED, "weekly", "--schedule", "0 9 * * Mon"), "trigger.timerTriggers[-1].name", "weekly"),
    "acr task timer update": ((*TIMED, "nightly", "--enabled"), "trigger.timerTriggers[0].name", "nightly"),
    "acr task timer remove": ((*TIMED, "daily"), "trigger.timerTriggers[?name=='daily'] | length(@)", "0"),
    "acr task timer list": (TASK, "[0].name", "nightly"),
    "acr task identity assign": ((*REGISTRY, "--name", "opentask"), "identity.type", "SystemAssigned"),
    "acr task identity remove": ((*REGISTRY, "--name", "oldtask"), "identity.type", ""),
    "acr task identity show": (TASK, "type", "SystemAssigned"),
}


@pytest.fixture(scope="module")
def emulator(
    emulators: Callable[..., Emulator],
    extensions: Path,
    forks: Forks,
    tmp_path_factory: pytest.TempPathFactory,
) -> Emulator:
    """One with pools, and with tasks, which log in to another registry, but for one.

    The run `cf1` does not end, `cf2` has ended, and so has that of `mytaskrun`.
    """
    emulator = emulators(world=WORLD)
    az = emulator.az(tmp_path_factory.mktemp("preparation"), extensions, forks(extensions))
    (az.folder / "Dockerfile").write_text("FROM scratch\nRUN sleep 3000\n", "utf-8")
    az("acr", "build", *REGISTRY, "--no-wait", ".").succeeded()
    az("acr", "run", *REGISTRY, "--cmd", "bash echo hello").succeeded()
    emulator.arm("PUT", f"{REGISTRY_PATH}/taskRuns/mytaskrun", TASK_RUN)
    for name in ("mytask", "oldtask", "opentask"):
        task = (*REGISTRY, "--name", name)
        az("acr", "task", "create", *task, *TIMERS, "--assign-identity", *NOTHING_ELSE).succeeded()
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
