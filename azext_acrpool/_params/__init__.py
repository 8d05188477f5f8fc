"""Arguments of the commands.

az replaces, and does not merge, what its own module says about the arguments of a command that an extension says
anything about. So every argument of every command is declared here in full, each in its own command's scope; the scope
`acr` is left alone, or az's other `acr` commands would lose theirs.
"""

from __future__ import annotations

from typing import Any

__all__ = ["load_arguments"]


def load_arguments(loader: Any) -> None:
    """Declare the arguments of all commands; az skips those of commands that are not running."""
    from . import agentpool, autoscale, build, runs, tasks

    for module in (agentpool, autoscale, build, runs, tasks):
        for arguments in module.ARGUMENTS:
            for command in arguments.commands:
                with loader.argument_context(command, **arguments.settings) as context:
                    arguments.declare(context)
