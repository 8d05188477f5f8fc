"""Changing how az loads itself, which azure-cli-core does not promise. If it is not as expected, nothing is done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["leave_out_az_own_loader"]

_AZ_OWN_MODULE = "azure.cli.command_modules.acr"


def leave_out_az_own_loader(cli_ctx: Any, commands: Iterable[str]) -> bool:
    """Keep az's own acr module from loading the arguments of `commands`, which this extension declares completely.

    That takes az about 0.3 s each time and is overridden afterwards. Returns whether it was done.
    """
    try:
        loaders = cli_ctx.invocation.commands_loader.cmd_to_loader_map
        own = {name: loaders[name] for name in commands if loaders.get(name)}
        if not all(type(loader).__module__ == _AZ_OWN_MODULE for found in own.values() for loader in found):
            return False
        # az adds our loader to these lists after this.
        loaders.update({name: [] for name in own})
    except (AttributeError, TypeError, KeyError):
        return False
    return bool(own)
