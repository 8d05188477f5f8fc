"""Which subnet an agent pool joins."""

from __future__ import annotations

import re
from typing import Any

from azure.cli.core import azclierror

from ..commands.command import errors_shown
from ..commands.console.errors import CommandError, ExitCode, UsageError
from ..commands.console.values import require_line
from ..wording import printable

__all__ = ["validate_subnet"]


@errors_shown()
def validate_subnet(namespace: Any) -> None:
    """A subnet is given either by ID, or by name together with its network."""
    subnet, vnet_name = namespace.subnet, namespace.vnet_name
    for option, text in (("--subnet-id", namespace.subnet_id), ("--subnet", subnet), ("--vnet-name", vnet_name)):
        require_line(option, "" if text is None else text)
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
    for option, name in (("--subnet", subnet), ("--vnet-name", vnet_name)):
        _require_name(option, name)


def _require_name(option: str, name: str | None) -> None:
    """Names of networks and subnets (Azure's naming rules); anything else would make another ID out of the subnet's."""
    if name and not re.fullmatch(r"[a-zA-Z0-9_.-]{1,80}", name):
        raise UsageError(
            f"{option} '{printable(name)}' cannot be a name: it must be up to 80 letters, digits, periods, hyphens and "
            "underscores.",
            "Or give the subnet's resource ID with --subnet-id.",
        )
