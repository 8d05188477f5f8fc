"""Every option of az's own commands is an option of ours, with the same default and meaning: the installed az tells."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from az_harness import Az

COMMANDS = (
    "acr agentpool create",
    "acr agentpool update",
    "acr agentpool show",
    "acr agentpool list",
    "acr agentpool delete",
    "acr build",
    "acr run",
    "acr task create",
    "acr task update",
    "acr task run",
    "acr task credential add",
    "acr task credential update",
    "acr task credential remove",
    *(f"acr task timer {verb}" for verb in ("add", "update", "remove", "list")),
    *(f"acr task identity {verb}" for verb in ("assign", "remove", "show")),
    *(f"acr task {verb}" for verb in ("logs", "list-runs", "show-run", "cancel-run", "update-run")),
    "acr taskrun logs",
)

# Where ours is meant to differ: (command, argument, what differs) and why.
INTENDED = {
    ("acr run", "", "supports_no_wait"): "as build",
    ("acr task run", "", "supports_no_wait"): "as build",
    ("acr build", "", "supports_no_wait"): "az drops the result of such a command with --no-wait: the queued run",
    ("acr agentpool list", "registry_name", "required"): "without a registry, the pools of all registries are listed",
    ("acr run", "source_location", "required"): "--cmd needs no source, as az's own documents say",
    ("acr run", "source_location", "nargs"): "so it may be left out",
    ("acr task logs", "", "table"): "with --logs none the run is the result",
    ("acr taskrun logs", "", "table"): "as task logs",
    ("acr task cancel-run", "run_id", "nargs"): "several runs are cancelled at once",
    ("acr task cancel-run", "run_id", "action"): "and --run-id may be repeated",
    ("acr task cancel-run", "", "table"): "every command has one; there is no result",
    **{
        (command, name, "type"): "Python's int reads `1_000` and digits of all scripts, too"
        for name, commands in {
            "count": ("acr agentpool create", "acr agentpool update"),
            "timeout": ("acr build", "acr run", "acr task create", "acr task update"),
            "cpu": ("acr task create", "acr task update"),
            "top": ("acr task list-runs",),
        }.items()
        for command in commands
    },
    **{
        (f"acr agentpool {verb}", name, what): "--ids stands for them, without which they are required as they were"
        for verb in ("show", "update", "delete")
        for name in ("registry_name", "agent_pool_name")
        for what in ("required", "id_part", "group")
    },
    **{
        (f"acr agentpool {verb}", "resource_group_name", "group"): "az shows it beside what else --ids stands for"
        for verb in ("show", "update", "delete")
    },
}
# Options cut short that az's own takes for something else: (command, what is typed).
OTHERWISE = {
    # NAME=VALUE is a secret build argument still; see `validate_build_secrets`.
    ("acr build", "--secret"),
    ("acr agentpool create", "--subnet"),
    # Words that are cut short themselves are ambiguous now, and az says between what.
    *(("acr build", "--build"[:length]) for length in range(3, 7)),
    *(("acr build", "--secret"[:length]) for length in range(4, 8)),
    *(("acr agentpool create", "--subnet"[:length]) for length in range(3, 8)),
    ("acr agentpool create", "--t"),
    *((command, "--log"[:length]) for command in ("acr build", "acr run", "acr task run") for length in (3, 4)),
}


def describe(az: Az) -> dict[str, Any]:
    script = Path(__file__).with_name("dump_commands.py")
    done = subprocess.run(
        [sys.executable, str(script), *COMMANDS],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env=dict(az.environment),
        cwd=az.folder,
    )
    described: dict[str, Any] = json.loads(done.stdout)
    return described


def differences(command: str, theirs: dict[str, Any], ours: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = []
    for name, argument in theirs["arguments"].items():
        mine = ours["arguments"].get(name)
        if mine is None:
            found.append((command, name, "missing"))
            continue
        found += [(command, name, key) for key in argument.keys() - {"hidden_options"} if mine[key] != argument[key]]
    found += [
        (command, "", key) for key in theirs if key not in ("arguments", "extension") and theirs[key] != ours[key]
    ]
    return found


@pytest.fixture
def described(az: Az, plain_az: Az) -> tuple[dict[str, Any], dict[str, Any]]:
    return describe(plain_az), describe(az)


def test_every_argument_equals_az_own(described: tuple[dict[str, Any], dict[str, Any]]) -> None:
    theirs, ours = described
    assert {name: command["extension"] for name, command in theirs.items()} == dict.fromkeys(COMMANDS)
    assert {name: command["extension"] for name, command in ours.items()} == dict.fromkeys(COMMANDS, "acrpool")
    found = [entry for name in COMMANDS for entry in differences(name, theirs[name], ours[name])]
    assert {entry for entry in found if entry not in INTENDED} == set()
    assert set(INTENDED) <= set(found)


def abbreviations(command: dict[str, Any]) -> dict[str, str]:
    """The argument for each beginning of an option that argparse takes for it."""
    arguments = {
        option: name
        for name, argument in command["arguments"].items()
        for option in (*argument["options"], *argument["hidden_options"])
    }
    found = {}
    for option in arguments:
        for beginning in (option[:length] for length in range(len("--x"), len(option) + 1)):
            (name, *others) = [option for option in arguments if option.startswith(beginning)]
            if beginning in arguments or not others:
                found[beginning] = arguments.get(beginning, arguments[name])
    return found


def test_new_options_collide_with_none_of_az_own(described: tuple[dict[str, Any], dict[str, Any]]) -> None:
    theirs, ours = described
    for name in COMMANDS:
        taken = {option for argument in theirs[name]["arguments"].values() for option in argument["options"]}
        added = set(ours[name]["arguments"]) - set(theirs[name]["arguments"])
        for argument in added:
            assert not taken & set(ours[name]["arguments"][argument]["options"]), (name, argument)
    lost = {
        (name, beginning)
        for name in COMMANDS
        for beginning, argument in abbreviations(theirs[name]).items()
        if abbreviations(ours[name]).get(beginning) != argument
    }
    assert lost == OTHERWISE
