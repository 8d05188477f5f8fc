"""What the commands do; here, the table of them."""

from __future__ import annotations

from typing import Any

from .._format import (
    agentpool_output_format,
    build_output_format,
    credential_output_format,
    health_output_format,
    pool_runs_output_format,
    run_output_format,
    task_output_format,
)

__all__ = ["load_command_table"]


def load_command_table(loader: Any) -> None:
    """Register every command with az. The functions' modules are imported when a command of theirs is used.

    Whatever az's own registration of a command says besides the function has to be said here again.
    """
    from azure.cli.core.commands import CliCommandType

    create = CliCommandType(operations_tmpl="azext_acrpool.commands.agentpool.create#{}")
    agentpool = CliCommandType(operations_tmpl="azext_acrpool.commands.agentpool.update#{}")
    wait = CliCommandType(operations_tmpl="azext_acrpool.commands.agentpool.wait#{}")
    runs = {
        "custom_command_type": CliCommandType(operations_tmpl="azext_acrpool.commands.agentpool.list_runs#{}"),
        "table_transformer": pool_runs_output_format,
    }
    with loader.command_group(
        "acr agentpool", custom_command_type=agentpool, is_preview=True, table_transformer=agentpool_output_format
    ) as group:
        group.custom_command("create", "create_pool", custom_command_type=create, supports_no_wait=True)
        group.custom_command("update", "update_pool", supports_no_wait=True)
        group.custom_command("delete", "delete_pool", supports_no_wait=True)
        health = CliCommandType(operations_tmpl="azext_acrpool.commands.agentpool.check_health#{}")
        group.custom_command(
            "check-health", "check_health", custom_command_type=health, table_transformer=health_output_format
        )
        group.custom_command("list", "list_pools")
        group.custom_show_command("show", "show_pool")
        group.custom_command("wait", "wait_for_pool", custom_command_type=wait)
        group.custom_command("list-runs", "list_runs", **runs)

    build = CliCommandType(operations_tmpl="azext_acrpool.commands.runs.build#{}")
    with loader.command_group("acr", custom_command_type=build) as group:
        # Not supports_no_wait: az would drop the queued run, which is the result of --no-wait. So below.
        group.custom_command("build", "build", table_transformer=build_output_format)
    _load_task_commands(loader)


def _load_task_commands(loader: Any) -> None:
    from azure.cli.core.commands import CliCommandType

    def functions_of(module: str) -> CliCommandType:
        return CliCommandType(operations_tmpl=f"azext_acrpool.commands.{module}#{{}}")

    with loader.command_group("acr", custom_command_type=functions_of("runs.run")) as group:
        group.custom_command("run", "run", table_transformer=run_output_format)
    tables = {"table_transformer": task_output_format}
    with loader.command_group("acr task", custom_command_type=functions_of("tasks.create"), **tables) as group:
        group.custom_command("create", "create_task")
        group.custom_command("update", "update_task", custom_command_type=functions_of("tasks.update"))
        run = functions_of("tasks.run")
        group.custom_command("run", "run_task", custom_command_type=run, table_transformer=run_output_format)
    credentials = {
        "custom_command_type": functions_of("tasks.credentials"),
        "table_transformer": credential_output_format,
    }
    with loader.command_group("acr task credential", **credentials) as group:
        group.custom_command("add", "add_credential")
        group.custom_command("update", "update_credential")
        group.custom_command("remove", "remove_credential")
