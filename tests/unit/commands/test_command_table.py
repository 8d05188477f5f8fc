"""The table of commands: what az is told about each, and what all of them have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from importlib import import_module
from inspect import signature
from typing import Any, NamedTuple

import pytest
from azure.cli.core.mock import DummyCli
from knack.validators import DefaultStr
from scripted_arm import interrupt, scripted_arm

import azext_acrpool
from azext_acrpool._format import (
    agentpool_output_format,
    autoscale_deployment_output_format,
    autoscale_policy_output_format,
    autoscale_run_output_format,
    build_output_format,
    credential_output_format,
    health_output_format,
    identity_output_format,
    pool_runs_output_format,
    run_list_output_format,
    run_output_format,
    task_output_format,
    timer_output_format,
)
from azext_acrpool.commands.command import definition_of
from azext_acrpool.testing import FakeSession


class Told(NamedTuple):
    """What az is told about a command. `no_wait`: az drops the result of such a command with --no-wait."""

    table: Callable[[Any], list[dict[str, str]]]
    no_wait: bool = False
    preview: bool = False


COMMANDS = {
    "acr agentpool create": Told(agentpool_output_format, no_wait=True, preview=True),
    "acr agentpool update": Told(agentpool_output_format, no_wait=True, preview=True),
    "acr agentpool delete": Told(agentpool_output_format, no_wait=True, preview=True),
    "acr agentpool list": Told(agentpool_output_format, preview=True),
    "acr agentpool show": Told(agentpool_output_format, preview=True),
    "acr agentpool wait": Told(agentpool_output_format, preview=True),
    "acr agentpool list-runs": Told(pool_runs_output_format, preview=True),
    "acr agentpool check-health": Told(health_output_format, preview=True),
    "acr agentpool autoscale enable": Told(autoscale_policy_output_format, no_wait=True, preview=True),
    "acr agentpool autoscale disable": Told(autoscale_policy_output_format, no_wait=True, preview=True),
    "acr agentpool autoscale show": Told(autoscale_policy_output_format, preview=True),
    "acr agentpool autoscale run": Told(autoscale_run_output_format, preview=True),
    "acr agentpool autoscale deploy": Told(autoscale_deployment_output_format, preview=True),
    "acr agentpool autoscale undeploy": Told(autoscale_deployment_output_format, preview=True),
    "acr agentpool autoscale status": Told(autoscale_deployment_output_format, preview=True),
    "acr build": Told(build_output_format),
    "acr run": Told(run_output_format),
    "acr task create": Told(task_output_format),
    "acr task update": Told(task_output_format),
    "acr task run": Told(run_output_format),
    "acr task logs": Told(run_output_format),
    "acr taskrun logs": Told(run_output_format, preview=True),
    "acr task list-runs": Told(run_list_output_format),
    "acr task show-run": Told(run_list_output_format),
    "acr task update-run": Told(run_list_output_format),
    "acr task cancel-run": Told(run_output_format),
    "acr task credential add": Told(credential_output_format),
    "acr task credential update": Told(credential_output_format),
    "acr task credential remove": Told(credential_output_format),
    "acr task timer add": Told(task_output_format),
    "acr task timer update": Told(task_output_format),
    "acr task timer remove": Told(task_output_format),
    "acr task timer list": Told(timer_output_format),
    "acr task identity assign": Told(task_output_format),
    "acr task identity remove": Told(task_output_format),
    "acr task identity show": Told(identity_output_format),
}


@pytest.fixture(scope="module")
def loader() -> azext_acrpool.AcrPoolCommandsLoader:
    """What az has loaded, in an az that is about to run a command."""
    cli = DummyCli()
    cli.invocation = cli.invocation_cls(
        cli_ctx=cli, commands_loader_cls=cli.commands_loader_cls, parser_cls=cli.parser_cls, help_cls=cli.help_cls
    )
    loader = azext_acrpool.COMMAND_LOADER_CLS(cli_ctx=cli)
    loader.load_command_table(None)
    return loader


def function_of(loader: azext_acrpool.AcrPoolCommandsLoader, name: str) -> Callable[..., Any]:
    """What az calls."""
    path = loader.command_table[name].command_kwargs["command_operation"].op_path
    module, _, function = path.partition("#")
    called: Callable[..., Any] = getattr(import_module(module), function)
    return called


def option_names(called: Callable[..., Any]) -> set[str]:
    return {field.name for field in fields(definition_of(called).options)}


def test_commands(loader: azext_acrpool.AcrPoolCommandsLoader) -> None:
    def told(name: str, command: Any) -> Told:
        group = loader.command_group_table[name.rpartition(" ")[0]]
        preview = bool(group.group_kwargs.get("preview_info") or command.preview_info)
        return Told(command.table_transformer, bool(command.supports_no_wait), preview)

    assert {name: told(name, command) for name, command in loader.command_table.items()} == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_made_of_a_session_and_its_options(
    loader: azext_acrpool.AcrPoolCommandsLoader, name: str
) -> None:
    called = function_of(loader, name)
    definition = definition_of(called)
    assert list(signature(definition.function).parameters) == ["session", "values"]
    assert set(signature(called).parameters) == {"cmd", *option_names(called)}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_an_argument_and_every_argument_an_option(
    loader: azext_acrpool.AcrPoolCommandsLoader, name: str
) -> None:
    loader.cli_ctx.invocation.data["command_string"] = loader.command_name = name
    loader.load_arguments(name)
    declared = {*loader.argument_registry.arguments[name], *loader.extra_argument_registry[name]}
    # az itself declares the resource group, and gives every command its `cmd`, whose option is hidden.
    assert declared - {"cmd"} == option_names(function_of(loader, name)) - {"resource_group_name"}


# A command line for every command: what it must be given, and what else makes it ask Azure for something.
OPTIONS: dict[str, Any] = {
    "registry_name": "myregistry",
    "resource_group_name": DefaultStr("mygroup"),
    "agent_pool_name": "mypool",
    "task_name": "mytask",
    "taskrun_name": "mytaskrun",
    "timer_name": "nightly",
    "timer_schedule": "0 21 * * *",
    "identities": ["[system]"],
    "tags": {},
    "created": True,
    "source_location": "https://github.com/a/b.git#main",
    "context_path": "https://github.com/a/b.git#main",
    "git_access_token": "token",
    "image_names": ["hello:v1"],
    "file": "Dockerfile",
    "login_server": "other.azurecr.io",
    "username": "me",
    "password": "secret",
    "max_count": 4,
    "extension_source": "https://example.com/acrpool-0.1.0-py3-none-any.whl",
}
# Where a run is named otherwise.
RUN_ID: dict[str, Any] = {"acr task cancel-run": ["cf1"], "acr task logs": None}
# What is said where something may go on.
GOES_ON = {
    "acr agentpool wait": [
        "Interrupted. Whatever is being done to the agent pool goes on.",
        "Wait again with: az acr agentpool wait -r myregistry -n mypool --created",
    ]
}


@pytest.mark.parametrize("name", COMMANDS)
def test_ctrl_c_in_the_first_request_ends_with_130_and_a_line(
    loader: azext_acrpool.AcrPoolCommandsLoader, name: str
) -> None:
    called = function_of(loader, name)
    # What is asked for side by side is interrupted all at once.
    arm, transport = scripted_arm(*[interrupt] * 8)
    options = {**OPTIONS, "run_id": RUN_ID.get(name, "cf1")}
    finished = FakeSession(arm).run(called, **{key: options[key] for key in options.keys() & option_names(called)})
    assert transport.requests
    assert (finished.exit_code, finished.stdout) == (130, "")
    assert finished.told == GOES_ON.get(name, ["Interrupted."])
