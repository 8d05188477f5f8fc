"""How az loads itself and how it ends, which azure-cli-core does not promise. If not as expected, nothing is done."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["error_at_end", "explain_lost_output", "is_program", "leave_out_az_own_loader"]

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


def is_program(cli_ctx: Any) -> bool:
    """Whether this is the command line of the program az, so that the process ends with it.

    Otherwise a program of somebody else's has az inside.
    """
    return cli_ctx is not None and getattr(sys.modules.get("__main__"), "az_cli", None) is cli_ctx


def error_at_end(cli_ctx: Any) -> BaseException | None:
    """What ended the command line, when az raises the last of its events; None for a success.

    az keeps an error to itself, KeyboardInterrupt too, for which it exits with 1 without a word. What comes while az
    tells of another error is still under way.
    """
    kept: BaseException | None = getattr(getattr(cli_ctx, "result", None), "error", None)
    return sys.exc_info()[1] or kept


def explain_lost_output(cli_ctx: Any, explain: Callable[[OSError], Exception]) -> bool:
    """Make az end with what `explain` makes of it when the result cannot be printed. Returns whether it was done.

    It takes that for a bug of its own and shows a traceback. A terminal that is gone (EIO) is a reader that is gone,
    which is nothing to az if it is a pipe.
    """
    print_result = getattr(getattr(cli_ctx, "output", None), "out", None)
    if not callable(print_result):
        return False

    def out(*args: Any, **named: Any) -> None:
        try:
            print_result(*args, **named)
        except OSError as error:
            if error.errno != errno.EIO:
                raise explain(error) from error

    cli_ctx.output.out = out
    return True
