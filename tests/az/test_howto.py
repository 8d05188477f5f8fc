"""Microsoft's how-to on agent pools, command by command as written there; its scheduled task runs on the pool."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az, Emulator, Finished, run_program
from az_processes import COMMANDS

HOWTO = Path(__file__).with_name("howto_commands.md")
NETWORK = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myresourcegroup/providers"
    "/Microsoft.Network/virtualNetworks/myvnet"
)
SUBNET = f"{NETWORK}/subnets/mysubnetname"
WORLD: dict[str, Any] = {
    "registries": [{"name": "myregistry", "resourceGroup": "myresourcegroup", "location": "westus2", "sku": "Premium"}],
    "resources": [
        {"id": NETWORK, "location": "westus2", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    ],
    "subnets": [{"id": SUBNET, "properties": {"addressPrefix": "10.0.0.0/24"}}],
}


def howto() -> dict[str, list[str]]:
    """The how-to's commands, by heading."""
    sections = re.split(r"^## (.+)$", HOWTO.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        heading: re.findall(r"```azurecli\n(.*?)```", text, re.DOTALL)
        for heading, text in zip(sections[::2], sections[1::2], strict=True)
    }


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


@pytest.fixture
def run(az: Az) -> Callable[[str], Finished]:
    """Runs what a heading of the how-to says, in a shell, one command after the other."""
    environment = {**az.environment, "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}"}

    def run(heading: str) -> Finished:
        output = Finished(0, "", "")
        for command in howto()[heading]:
            bash = ("bash", "-euo", "pipefail", "-c", command.replace("<registryName>", "MyRegistry"))
            done = run_program(*bash, folder=az.folder, environment=environment)
            output = Finished(done.code, output.stdout + done.stdout, output.stderr + done.stderr).succeeded()
        return output

    return run


def seconds_until(hour: int, now: datetime) -> float:
    due = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return ((due if due > now else due + timedelta(days=1)) - now).total_seconds()


def scheduled_runs(emulator: Emulator, az: Az) -> Iterator[dict[str, Any]]:
    listed = az("acr", "task", "list-runs", "--registry", "myregistry", "--name", "mytask").succeeded().json
    return (entry for entry in listed if entry["timerTrigger"])


def test_howto_from_the_default_registry_to_the_queue(
    run: Callable[[str], Finished], az: Az, emulator: Emulator
) -> None:
    run("Set default registry")
    assert run("Create agent pool").json["tier"] == "S2"
    assert run("Scale pool").json["count"] == 2
    assert "Successfully tagged myregistry.azurecr.io/myimage:mytag" in run("Quick task").printed

    task = run("Automatically triggered task")
    (times,) = (line for line in task.told if line.startswith("Timer "))
    assert re.fullmatch(r"Timer t1 \(0 21 \* \* \*\) comes next at \S+ 21:00, \S+ 21:00, \S+ 21:00 UTC\.", times)
    assert "Successfully tagged myregistry.azurecr.io/myimage:mytag" in task.printed
    assert [runs["status"] for runs in scheduled_runs(emulator, az)] == []

    now = datetime.fromisoformat(emulator.control("GET", "state")["now"][:19])
    emulator.control("POST", "clock/advance", {"seconds": seconds_until(21, now) + 60})
    (scheduled,) = scheduled_runs(emulator, az)
    assert (scheduled["status"], scheduled["agentPoolName"]) == ("Succeeded", "myagentpool")
    assert scheduled["timerTrigger"]["timerTriggerName"] == "t1"
    assert "T21:00:00" in scheduled["timerTrigger"]["scheduleOccurrence"]

    assert run("Query pool status").json == {"count": 0}
    # The default registry goes without saying.
    assert az("acr", "agentpool", "show", "--name", "myagentpool").succeeded().json["count"] == 2


def test_howto_in_a_virtual_network(run: Callable[[str], Finished], az: Az) -> None:
    az("acr", "agentpool", "delete", "--registry", "myregistry", "--name", "myagentpool", "--yes").succeeded()
    created = run("Create pool in VNet").json
    assert created["virtualNetworkSubnetResourceId"].lower() == SUBNET.lower()
