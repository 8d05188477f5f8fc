"""Every command about timers and identities, on every kind of task: the pool stays, and all that nobody named.

The commands run in this process, over TLS, on an emulator of their own; a few run as az does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from az_harness import TOKEN, Emulator
from az_processes import Forks
from azure.core.credentials import AccessToken
from task_command_lines import (
    DOCKER,
    ENCODED,
    FILE,
    IDENTITY,
    OTHER_IDENTITY,
    QUICK,
    TASK,
    TRIGGERED,
    WITH_CREDENTIAL,
    WORLD,
    task,
)

from azext_acrpool.client.arm import ArmClient
from azext_acrpool.commands.tasks.identity_changes import assign_identities, remove_identities, show_identities
from azext_acrpool.commands.tasks.timers import add_timer, list_timers, remove_timer, update_timer
from azext_acrpool.testing import FakeSession, Finished

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
POOL = "myagentpool"
TIMERS = [
    {"name": "t1", "schedule": "0 21 * * *", "status": "Enabled"},
    {"name": "t2", "schedule": "0 9 * * 1-5", "status": "Disabled"},
]
BOTH = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
SECRET_VALUES = [{"name": "KEY", "value": "s3cret", "isSecret": True}, {"name": "PLAIN", "value": "x"}]
NO_PUSH = {"isPushEnabled": False, "noCache": True, "target": "build"}

KINDS: dict[str, dict[str, Any]] = {
    "docker": DOCKER,
    "docker with everything": task(
        {**DOCKER["properties"]["step"], **NO_PUSH, "arguments": SECRET_VALUES}, timeout=900
    ),
    "file": task({**FILE["properties"]["step"], "valuesFilePath": "values.yaml", "values": SECRET_VALUES}),
    "encoded": task({**ENCODED["properties"]["step"], "encodedValuesContent": "YTogYgo=", "values": SECRET_VALUES}),
    "commits": TRIGGERED,
    "no other triggers": task(DOCKER["properties"]["step"], trigger={}),
    "disabled": task(DOCKER["properties"]["step"], status="Disabled"),
    "log template": task(DOCKER["properties"]["step"], logTemplate="acr/logs:{{.Run.ID}}"),
    "credentials": WITH_CREDENTIAL,
    "login": task(DOCKER["properties"]["step"], credentials={"sourceRegistry": {"identity": "[system]"}}),
    "own identity": {**DOCKER, "identity": {"type": "SystemAssigned"}},
    "both identities": {**DOCKER, "identity": BOTH},
    "tags": {**DOCKER, "tags": {"team": "a"}},
}


class Command(NamedTuple):
    """A command, its options, and the members that it is to change."""

    function: Callable[..., Any]
    options: dict[str, Any]
    changes: str = "timers"


COMMANDS = {
    "timer add": Command(add_timer, {"timer_name": "t3", "timer_schedule": "0 12 * * *"}),
    "timer add again": Command(add_timer, {"timer_name": "t1", "timer_schedule": "0 12 * * *"}),
    "timer update": Command(update_timer, {"timer_name": "t1", "timer_schedule": "0 12 * * *"}),
    "timer enable": Command(update_timer, {"timer_name": "t2", "enabled": True}),
    "timer remove": Command(remove_timer, {"timer_name": "t1"}),
    "timer list": Command(list_timers, {}, ""),
    "identity assign": Command(assign_identities, {}, "identity"),
    "identity assign user": Command(assign_identities, {"identities": [OTHER_IDENTITY]}, "identity"),
    "identity remove": Command(remove_identities, {}, "identity"),
    "identity remove user": Command(remove_identities, {"identities": [IDENTITY]}, "identity"),
    "identity remove all": Command(remove_identities, {"identities": ["[all]"]}, "identity"),
    "identity show": Command(show_identities, {}, ""),
}


class _Credential:
    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken(TOKEN.removeprefix("Bearer "), int(time.time()) + 86400)


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


@pytest.fixture(scope="module")
def arm(emulator: Emulator) -> ArmClient:
    trust = emulator.environment["REQUESTS_CA_BUNDLE"]
    return ArmClient.from_credential(
        _Credential(), SUBSCRIPTION, base_url=emulator.url, connection_verify=trust, logging_enable=False
    )


def with_timers(body: dict[str, Any], pool: str | None) -> dict[str, Any]:
    body = deepcopy(body)
    body["properties"].setdefault("trigger", {})["timerTriggers"] = deepcopy(TIMERS)
    if pool:
        body["properties"]["agentPoolName"] = pool
    return body


def details(emulator: Emulator, path: str = TASK) -> dict[str, Any]:
    """The task with its secrets, without what every change changes."""
    body: dict[str, Any] = emulator.arm("POST", f"{path}/listDetails")
    return {key: value for key, value in body.items() if key != "systemData"}


def call(arm: ArmClient, command: Command, task_name: str = "mytask") -> Finished:
    where = {"registry_name": "myregistry", "resource_group_name": "myresourcegroup", "task_name": task_name}
    return FakeSession(arm).run(command.function, **where, **command.options)


def without(body: dict[str, Any], changes: str) -> dict[str, Any]:
    rest = deepcopy(body)
    if changes == "identity":
        rest.pop("identity", None)
    elif changes == "timers":
        rest["properties"]["trigger"].pop("timerTriggers")
    return rest


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("pool", [POOL, None], ids=["pool", "no pool"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_change_leaves_all_the_rest_as_it_was(
    emulator: Emulator, arm: ArmClient, kind: str, pool: str | None, command: str
) -> None:
    emulator.arm("PUT", TASK, with_timers(KINDS[kind], pool))
    before, does = details(emulator), COMMANDS[command]
    finished = call(arm, does)
    after = details(emulator)
    assert finished.exit_code == 0, finished.stderr
    assert without(after, does.changes) == without(before, does.changes)
    assert after["properties"].get("agentPoolName") == pool
    assert "not as before" not in finished.stderr
    assert "s3cret" not in f"{finished.stderr}{finished.result}"


@pytest.mark.parametrize("command", ["identity assign", "identity assign user", "identity remove"])
def test_the_system_task_keeps_its_state(emulator: Emulator, arm: ArmClient, command: str) -> None:
    path = TASK.replace("mytask", "quicktask")
    emulator.arm("PUT", path, QUICK)
    before, does = details(emulator, path), COMMANDS[command]
    assert call(arm, does, "quicktask").exit_code == 0
    assert without(details(emulator, path), does.changes) == without(before, does.changes)


def test_as_users_type_it(emulator: Emulator, extensions: Path, forks: Forks, tmp_path: Path) -> None:
    az = emulator.az(tmp_path, extensions, forks(extensions))
    where = ("-r", "myregistry", "-n", "mytask")
    timer = ("acr", "task", "timer")
    emulator.arm("PUT", TASK, with_timers(TRIGGERED, POOL))

    added = az(*timer, "add", *where, "--timer-name", "t3", "--schedule", "0 12 * * *").succeeded()
    assert added.json["agentPoolName"] == POOL
    assert [each["name"] for each in added.json["trigger"]["timerTriggers"]] == ["t1", "t2", "t3"]
    az(*timer, "update", *where, "--timer-name", "t3", "--enabled", "false").succeeded()
    removed = az(*timer, "remove", *where, "--timer-name", "t1", "--output", "table").succeeded()
    assert removed.printed[2].split() == ["mytask", "linux", "Enabled", TRIGGERED_SOURCE, "SOURCE"]
    shown = az(*timer, "list", *where, "--output", "table").succeeded()
    assert [line.split(maxsplit=2) for line in shown.printed] == [
        ["NAME", "STATUS", "SCHEDULE"],
        ["------", "--------", "-----------"],
        ["t2", "Disabled", "0 9 * * 1-5"],
        ["t3", "Disabled", "0 12 * * *"],
    ]
    gone = az(*timer, "remove", *where, "--timer-name", "t1").failed(3)
    assert "ERROR: Task 'mytask' has no timer 't1'. It has: t2, t3." in gone.told

    identities = ("acr", "task", "identity")
    az(*identities, "assign", *where).succeeded()
    other = az(*identities, "assign", *where, "--identities", IDENTITY).succeeded()
    assert other.json["identity"]["type"] == "UserAssigned"
    keep = f'az acr task identity assign -r myregistry -n mytask --identities "[system]" {IDENTITY}'
    assert (
        "WARNING: Task 'mytask' will lose [system], and the roles that [system] has: what is assigned replaces the"
        f" other kind. To keep all: {keep}" in other.told
    )
    az(*identities, "assign", *where, "--identities", "[system]", IDENTITY).succeeded()
    table = az(*identities, "show", *where, "--output", "table").succeeded()
    assert table.printed[2].split()[2:] == ["SystemAssigned,", "UserAssigned", IDENTITY]
    az(*identities, "remove", *where, "--identities", "[all]").succeeded()
    assert az(*identities, "show", *where).succeeded().json == {}
    assert details(emulator)["properties"]["agentPoolName"] == POOL


TRIGGERED_SOURCE = TRIGGERED["properties"]["step"]["contextPath"]


def test_az_own_loses_the_pool(emulator: Emulator, forks: Forks, tmp_path: Path) -> None:
    """Why these commands are taken over; assigning a user-assigned identity takes the task's own, as az's help says."""
    az = emulator.az(tmp_path, None, forks(None))
    where = ("-r", "myregistry", "-n", "mytask")
    emulator.arm("PUT", TASK, {**with_timers(DOCKER, POOL), "identity": {"type": "SystemAssigned"}})
    az("acr", "task", "timer", "update", *where, "--timer-name", "t1", "--enabled", "false").succeeded()
    assert "agentPoolName" not in details(emulator)["properties"]
    az("acr", "task", "identity", "assign", *where, "--identities", IDENTITY).succeeded()
    assert details(emulator)["identity"]["type"] == "UserAssigned"
