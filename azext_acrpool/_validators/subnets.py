"""Which subnet an agent pool joins."""

from __future__ import annotations

import re
from typing import Any, Final

from azure.cli.core import azclierror

from ..commands.command import errors_shown
from ..commands.console.errors import CommandError, ExitCode, UsageError
from ..commands.console.values import require_line
from ..wording import printable

__all__ = ["validate_subnet"]

_OPTIONS: Final = {
    "subnet_id": "--subnet-id",
    "subnet": "--subnet",
    "vnet_name": "--vnet-name",
    "vnet_resource_group": "--vnet-resource-group",
}
_VNET_ID: Final = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/virtualNetworks/[^/]+/?", re.IGNORECASE
)


@errors_shown()
def validate_subnet(namespace: Any) -> None:
    """A subnet is given by its ID, or by its name together with its network, which is given by name or ID."""
    for parameter, option in _OPTIONS.items():
        text = getattr(namespace, parameter)
        if text is not None:
            setattr(namespace, parameter, text.strip())
            require_line(option, text.strip())
    subnet, vnet, group = namespace.subnet, namespace.vnet_name, namespace.vnet_resource_group
    if namespace.subnet_id:
        if subnet or vnet or group:
            raise _exclusive(
                "--subnet-id cannot be used with --subnet, --vnet-name or --vnet-resource-group.",
                "Give the subnet only once.",
            )
        return
    if subnet and "/" in subnet:
        if vnet or group:
            raise _exclusive(
                "--subnet is a resource ID, which names the network already.",
                f"Leave out {'--vnet-name' if vnet else '--vnet-resource-group'}.",
            )
        return
    if bool(subnet) != bool(vnet):
        given, missing = ("--subnet", "--vnet-name") if subnet else ("--vnet-name", "--subnet")
        raise _incomplete(f"{given} needs {missing} too.")
    if group and not vnet:
        raise _incomplete("--vnet-resource-group needs --vnet-name and --subnet too.")
    _require_name("--subnet", subnet)
    _require_vnet(vnet, group)


def _require_vnet(vnet: str | None, group: str | None) -> None:
    """A network by its name, and perhaps its resource group's, or by its ID."""
    if not vnet or "/" not in vnet:
        _require_name("--vnet-name", vnet)
        # ARM says which names a group may have; these would make another ID out of the subnet's.
        if group and set(group) & set("/?#%\\"):
            raise UsageError(f"--vnet-resource-group '{printable(group)}' cannot be the name of a resource group.")
        return
    if not _VNET_ID.fullmatch(vnet):
        raise UsageError(
            f"--vnet-name '{printable(vnet)}' is neither the name nor the resource ID of a virtual network.",
            "An ID looks like /subscriptions/../resourceGroups/../providers/Microsoft.Network/virtualNetworks/..",
        )
    if group:
        raise _exclusive(
            "--vnet-name is a resource ID, which names the resource group already.", "Leave out --vnet-resource-group."
        )


def _exclusive(message: str, recommendation: str) -> CommandError:
    return CommandError(azclierror.MutuallyExclusiveArgumentError(message, recommendation), ExitCode.USAGE)


def _incomplete(message: str) -> CommandError:
    return CommandError(
        azclierror.RequiredArgumentMissingError(message, "Give both names, or the resource ID with --subnet-id."),
        ExitCode.USAGE,
    )


def _require_name(option: str, name: str | None) -> None:
    """Names of networks and subnets (Azure's naming rules); anything else would make another ID out of the subnet's."""
    if name and not re.fullmatch(r"[a-zA-Z0-9_.-]{1,80}", name):
        raise UsageError(
            f"{option} '{printable(name)}' cannot be a name: it must be up to 80 letters, digits, periods, hyphens and "
            "underscores.",
            "Or give the subnet's resource ID with --subnet-id.",
        )
