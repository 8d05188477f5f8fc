"""What az runs on the parsed command line before a command. A bad value ends the command as a usage error."""

from __future__ import annotations

import os
import re
from typing import Any

from azure.cli.core import azclierror

from .commands.command import errors_shown
from .commands.console.errors import CommandError, ExitCode, UsageError
from .commands.opening import narrator_for

__all__ = [
    "validate_build_arguments",
    "validate_registry_name",
    "validate_secret_build_arguments",
    "validate_secret_task_values",
    "validate_subnet",
    "validate_task_values",
]


@errors_shown()
def validate_registry_name(cmd: Any, namespace: Any) -> None:
    """Take a login server for the name of its registry. Names are 5 to 50 letters and digits."""
    from .client.registries import split_login_server

    typed = namespace.registry_name
    if typed is None:
        return
    name, suffix = split_login_server(typed)
    expected = getattr(cmd.cli_ctx.cloud.suffixes, "acr_login_server_endpoint", None) or ""
    if suffix and expected and suffix.lower() != "." + expected.lstrip(".").lower():
        raise UsageError(
            f"'{typed}' is not a login server of the current cloud, whose login servers end in '{expected}'.",
            "Give the registry's name alone, or choose the cloud with: az cloud set --name CLOUD",
        )
    if not re.fullmatch(r"[a-zA-Z0-9]{5,50}", name):
        raise UsageError(
            f"'{name}' cannot be the name of a registry: it must be 5 to 50 letters and digits.",
            "List your registries with: az acr list -o table",
        )
    if suffix:
        narrator_for(cmd.cli_ctx).warn(f"'{typed}' is taken as registry '{name}'.")
    namespace.registry_name = name


@errors_shown()
def validate_subnet(namespace: Any) -> None:
    """A subnet is given either by ID, or by name together with its network."""

    subnet, vnet_name = namespace.subnet, namespace.vnet_name
    if namespace.subnet_id and (subnet or vnet_name):
        raise CommandError(
            azclierror.MutuallyExclusiveArgumentError(
                "--subnet-id cannot be used with --subnet or --vnet-name.", "Give the subnet only once."
            ),
            ExitCode.USAGE,
        )
    if subnet and "/" in subnet:
        if vnet_name:
            raise CommandError(
                azclierror.MutuallyExclusiveArgumentError(
                    "--subnet is a resource ID, which names the network already.", "Leave out --vnet-name."
                ),
                ExitCode.USAGE,
            )
        return
    if bool(subnet) != bool(vnet_name):
        given, missing = ("--subnet", "--vnet-name") if subnet else ("--vnet-name", "--subnet")
        raise CommandError(
            azclierror.RequiredArgumentMissingError(
                f"{given} needs {missing} too.", "Give both names, or the resource ID with --subnet-id."
            ),
            ExitCode.USAGE,
        )


def validate_build_arguments(cmd: Any, namespace: Any) -> None:
    """`--build-arg NAME=VALUE`, or NAME for the value of that environment variable."""
    namespace.arg = _read_build_arguments(cmd, namespace.arg, is_secret=False)


def validate_secret_build_arguments(cmd: Any, namespace: Any) -> None:
    """`--secret-build-arg NAME=VALUE`, or NAME for the value of that environment variable."""
    namespace.secret_arg = _read_build_arguments(cmd, namespace.secret_arg, is_secret=True)


def _read_build_arguments(cmd: Any, texts: list[str] | None, *, is_secret: bool) -> list[dict[str, Any]] | None:
    """Each as a run request's `Argument`: name, value, isSecret."""
    if texts is None:
        return None
    return [_read_build_argument(cmd, text, is_secret=is_secret) for text in texts if text]


def _read_build_argument(cmd: Any, text: str, *, is_secret: bool) -> dict[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        found = os.environ.get(name)
        if found is None:
            narrator_for(cmd.cli_ctx).warn(
                f"Build argument {name} is empty: there is no environment variable of that name."
            )
        value = found or ""
    return {"type": "Argument", "name": name, "value": value, "isSecret": is_secret}


def validate_task_values(namespace: Any) -> None:
    """`--set NAME[=VALUE]`."""
    namespace.set_value = _read_task_values(namespace.set_value, is_secret=False)


def validate_secret_task_values(namespace: Any) -> None:
    """`--set-secret NAME[=VALUE]`."""
    namespace.set_secret = _read_task_values(namespace.set_secret, is_secret=True)


def _read_task_values(texts: list[str] | None, *, is_secret: bool) -> list[dict[str, Any]] | None:
    """Each as a run request's `SetValue`: name, value, isSecret."""
    if texts is None:
        return None
    pairs = [text.partition("=") for text in texts if text]
    return [{"type": "SetValue", "name": name, "value": value, "isSecret": is_secret} for name, _, value in pairs]
