"""Azure CLI extension for the agent pools of Azure Container Registry and for what runs on them."""

from __future__ import annotations

from typing import Any

from azure.cli.core import AzCommandsLoader

from ._help import helps

# helps: az reads the help texts from a registry that is filled when the module is imported.
__all__ = ["COMMAND_LOADER_CLS", "AcrPoolCommandsLoader", "helps"]


class AcrPoolCommandsLoader(AzCommandsLoader):
    """What az loads. It must be in this module: az's command index looks for it nowhere else."""

    def __init__(self, cli_ctx: Any = None) -> None:
        super().__init__(cli_ctx=cli_ctx)

    def load_command_table(self, args: list[str] | None) -> Any:
        """Register the commands, and prepare for one if `args` is its command line."""
        from ._invocation import prepared

        with prepared(self.cli_ctx, args, self.command_table):
            from ._az_internals import leave_out_az_own_loader
            from .commands import load_command_table

            load_command_table(self)
            leave_out_az_own_loader(self.cli_ctx, self.command_table)
        return self.command_table

    def load_arguments(self, _command: str) -> None:
        """Register the arguments of the commands."""
        from ._params import load_arguments

        load_arguments(self)


COMMAND_LOADER_CLS = AcrPoolCommandsLoader
