"""Print what the parser of the running az knows of the given commands, as JSON. Runs in a process of its own, with or
without the extension, as the environment says: dump_commands.py 'acr build' 'acr agentpool show' ...
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from azure.cli.core import get_default_cli
from azure.cli.core.commands.arm import register_global_subscription_argument, register_ids_argument
from azure.cli.core.commands.events import EVENT_INVOKER_POST_LOAD_ARGUMENTS, EVENT_INVOKER_PRE_LOAD_ARGUMENTS
from knack.events import EVENT_INVOKER_POST_CMD_TBL_CREATE, EVENT_INVOKER_PRE_CMD_TBL_CREATE


def describe_default(value: Any) -> Any:
    """Defaults that az wraps (to know whether the user typed them) are shown as the value that they hold."""
    return str(value) if isinstance(value, str) else value


def is_hidden(option: str) -> bool:
    """Whether an option is understood, but not shown in help."""
    deprecation = getattr(option, "deprecate_info", None)
    return bool(deprecation and deprecation.hide)


def describe_argument(action: argparse.Action, group: str | None, settings: dict[str, Any]) -> dict[str, Any]:
    deprecation = getattr(action, "deprecate_info", None)
    return {
        "options": [str(option) for option in action.option_strings if not is_hidden(option)],
        "hidden_options": [str(option) for option in action.option_strings if is_hidden(option)],
        "required": action.required,
        "default": describe_default(action.default),
        "nargs": action.nargs,
        "type": getattr(action.type, "__name__", None),
        "choices": sorted(str(choice) for choice in action.choices) if action.choices else None,
        "action": type(action).__name__,
        "group": group,
        "has_help": bool(action.help),
        "configured_default": settings.get("configured_default"),
        "id_part": settings.get("id_part"),
        "completer": getattr(action, "completer", None) is not None,
        "preview": bool(getattr(action, "preview_info", None)),
        "deprecated": bool(deprecation),
        "hidden": bool(deprecation and deprecation.hide) or action.help == argparse.SUPPRESS,
    }


def load(cli: Any, wanted: list[str]) -> Any:
    """Do what az does to run the wanted commands, up to the parser; returns the invocation."""
    register_global_subscription_argument(cli)
    register_ids_argument(cli)
    invocation = cli.invocation_cls(
        cli_ctx=cli, commands_loader_cls=cli.commands_loader_cls, parser_cls=cli.parser_cls, help_cls=cli.help_cls
    )
    cli.invocation = invocation
    loader = invocation.commands_loader
    cli.raise_event(EVENT_INVOKER_PRE_CMD_TBL_CREATE, args=[])
    loader.load_command_table(wanted[0].split())
    loader.command_table = {name: loader.command_table[name] for name in wanted if name in loader.command_table}
    cli.raise_event(EVENT_INVOKER_PRE_LOAD_ARGUMENTS, commands_loader=loader)
    for name in loader.command_table:
        invocation.data["command_string"] = name
        loader.command_name = name
        loader.load_arguments(name)
    cli.raise_event(EVENT_INVOKER_POST_LOAD_ARGUMENTS, commands_loader=loader)
    cli.raise_event(EVENT_INVOKER_POST_CMD_TBL_CREATE, commands_loader=loader)
    invocation.parser.cli_ctx = cli
    invocation.parser.load_command_table(loader)
    return invocation


def describe_command(command: Any, group: Any, parser: argparse.ArgumentParser) -> dict[str, Any]:
    settings = {dest: argument.type.settings for dest, argument in command.arguments.items()}
    groups = {action.dest: part.title for part in parser._action_groups for action in part._group_actions}
    return {
        "preview": bool(command.preview_info),
        "group_preview": bool(group and group.group_kwargs.get("preview_info")),
        "supports_no_wait": bool(command.supports_no_wait),
        "confirmation": bool(command.confirmation),
        "table": command.table_transformer is not None,
        "extension": getattr(command.command_source, "extension_name", None),
        "arguments": {
            action.dest: describe_argument(action, groups.get(action.dest), settings.get(action.dest, {}))
            for action in parser._actions
            if not action.dest.startswith("_") and action.dest != "help"
        },
    }


def main() -> None:
    invocation = load(get_default_cli(), sys.argv[1:])
    parsers = invocation.parser.subparser_map
    loader = invocation.commands_loader
    groups = loader.command_group_table
    described = {
        name: describe_command(command, groups.get(name.rpartition(" ")[0]), parsers[name])
        for name, command in loader.command_table.items()
    }
    json.dump(described, sys.stdout)


if __name__ == "__main__":
    main()
