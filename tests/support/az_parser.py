"""az's own parser for the commands of the extension, in this process: command lines to options, validators included."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any

from azure.cli.core import MainCommandsLoader
from azure.cli.core.commands.events import EVENT_INVOKER_POST_LOAD_ARGUMENTS
from azure.cli.core.mock import DummyCli

import azext_acrpool
from azext_acrpool.commands.command import definition_of

__all__ = ["AzParser", "Parsed"]


@dataclass(frozen=True)
class Parsed:
    """What az would call for a command line, and with what."""

    command: Callable[..., Any]
    options: dict[str, Any]


class _OursOnly(MainCommandsLoader):  # type: ignore[misc]
    """az's loader, without all that is not ours."""

    def load_command_table(self, _args: Any) -> Any:
        ours = azext_acrpool.COMMAND_LOADER_CLS(cli_ctx=self.cli_ctx)
        self.loaders.append(ours)
        self.command_table.update(ours.load_command_table(None))
        self.command_group_table.update(ours.command_group_table)
        self.cmd_to_loader_map.update({name: [ours] for name in self.command_table})
        return self.command_table


class AzParser:
    """Parses command lines as az does."""

    def __init__(self) -> None:
        cli = DummyCli(commands_loader_cls=_OursOnly)
        cli.invocation = cli.invocation_cls(
            cli_ctx=cli, commands_loader_cls=cli.commands_loader_cls, parser_cls=cli.parser_cls, help_cls=cli.help_cls
        )
        self._invocation = cli.invocation
        loader = self._invocation.commands_loader
        loader.load_command_table(None)
        for name in loader.command_table:
            self._invocation.data["command_string"] = loader.loaders[0].command_name = name
            loader.load_arguments(name)
        cli.raise_event(EVENT_INVOKER_POST_LOAD_ARGUMENTS, commands_loader=loader)
        self._invocation.parser.cli_ctx = cli
        self._invocation.parser.load_command_table(loader)
        self.commands = tuple(loader.command_table)

    def options_of(self, command: str) -> list[str]:
        """The long options of a command that take a value, without those that az gives to every command."""
        return [
            next(str(option) for option in action.option_strings if str(option).startswith("--"))
            for action in self.arguments_of(command)
            if action.nargs != 0 and any(str(option).startswith("--") for option in action.option_strings)
        ]

    def arguments_of(self, command: str) -> list[argparse.Action]:
        """The arguments of a command, without those that az gives to every command."""
        actions = self._invocation.parser.subparser_map[command]._actions
        return [action for action in actions if not action.dest.startswith("_")]

    def parse(self, arguments: Sequence[str]) -> Parsed:
        """Parse and validate what follows `az`. Raises SystemExit, as az ends, for what cannot be used."""
        namespace = self._invocation.parser.parse_args(list(arguments))
        self._invocation._validate_arg_level(namespace)
        path = self._invocation.commands_loader.command_table[namespace.command].command_kwargs["command_operation"]
        module, _, function = path.op_path.partition("#")
        command: Callable[..., Any] = getattr(import_module(module), function)
        names = [field.name for field in fields(definition_of(command).options)]
        return Parsed(command, {name: getattr(namespace, name) for name in names})
