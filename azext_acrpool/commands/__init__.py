"""What the commands do; here, the table of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .._format import (
    agentpool_output_format,
    autoscale_deployment_output_format,
    autoscale_policy_output_format,
    autoscale_run_output_format,
    build_output_format,
    credential_output_format,
    health_output_format,
    identity_output_format,
    pool_runs_output_format,
    run_list_output_format,
    run_output_format,
    task_output_format,
    timer_output_format,
)

__all__ = ["load_command_table"]


class _Command(NamedTuple):
    """A command's name, where its function is (MODULE#FUNCTION below this package), and what makes its table.

    `no_wait`: az adds --no-wait, and drops the result with it.
    """

    name: str
    function: str
    table: Callable[[Any], list[dict[str, str]]]
    no_wait: bool = False


_COMMANDS = (
    _Command("acr agentpool create", "agentpool.create#create_pool", agentpool_output_format, no_wait=True),
    _Command("acr agentpool update", "agentpool.update#update_pool", agentpool_output_format, no_wait=True),
    _Command("acr agentpool delete", "agentpool.delete#delete_pool", agentpool_output_format, no_wait=True),
    _Command("acr agentpool list", "agentpool.show#list_pools", agentpool_output_format),
    _Command("acr agentpool show", "agentpool.show#show_pool", agentpool_output_format),
    _Command("acr agentpool wait", "agentpool.wait#wait_for_pool", agentpool_output_format),
    _Command("acr agentpool list-runs", "agentpool.show#list_runs", pool_runs_output_format),
    _Command("acr agentpool check-health", "agentpool.check_health#check_health", health_output_format),
    _Command(
        "acr agentpool autoscale enable",
        "autoscale.enable#enable_autoscale",
        autoscale_policy_output_format,
        no_wait=True,
    ),
    _Command(
        "acr agentpool autoscale disable",
        "autoscale.disable#disable_autoscale",
        autoscale_policy_output_format,
        no_wait=True,
    ),
    _Command("acr agentpool autoscale show", "autoscale.show#show_autoscale", autoscale_policy_output_format),
    _Command("acr agentpool autoscale run", "autoscale.run#run_autoscale", autoscale_run_output_format),
    _Command("acr agentpool autoscale deploy", "autoscale.deploy#deploy_autoscale", autoscale_deployment_output_format),
    _Command(
        "acr agentpool autoscale undeploy", "autoscale.undeploy#undeploy_autoscale", autoscale_deployment_output_format
    ),
    _Command("acr agentpool autoscale status", "autoscale.status#show_deployment", autoscale_deployment_output_format),
    # Without no_wait: the queued run is the result of --no-wait.
    _Command("acr build", "runs.build#build", build_output_format),
    _Command("acr run", "runs.run#run", run_output_format),
    _Command("acr task create", "tasks.create#create_task", task_output_format),
    _Command("acr task update", "tasks.update#update_task", task_output_format),
    _Command("acr task run", "tasks.run#run_task", run_output_format),
    _Command("acr task logs", "runs.logs#show_task_logs", run_output_format),
    _Command("acr taskrun logs", "runs.logs#show_task_run_logs", run_output_format),
    _Command("acr task list-runs", "runs.listing#list_registry_runs", run_list_output_format),
    _Command("acr task show-run", "runs.stored_run#show_run", run_list_output_format),
    _Command("acr task update-run", "runs.stored_run#update_run", run_list_output_format),
    _Command("acr task cancel-run", "runs.cancel_run#cancel", run_output_format),
    _Command("acr task credential add", "tasks.credentials#add_credential", credential_output_format),
    _Command("acr task credential update", "tasks.credentials#update_credential", credential_output_format),
    _Command("acr task credential remove", "tasks.credentials#remove_credential", credential_output_format),
    _Command("acr task timer add", "tasks.timers#add_timer", task_output_format),
    _Command("acr task timer update", "tasks.timers#update_timer", task_output_format),
    _Command("acr task timer remove", "tasks.timers#remove_timer", task_output_format),
    _Command("acr task timer list", "tasks.timers#list_timers", timer_output_format),
    _Command("acr task identity assign", "tasks.identity_changes#assign_identities", task_output_format),
    _Command("acr task identity remove", "tasks.identity_changes#remove_identities", task_output_format),
    _Command("acr task identity show", "tasks.identity_changes#show_identities", identity_output_format),
)

_PREVIEW_GROUPS = ("acr agentpool", "acr agentpool autoscale", "acr taskrun")


def load_command_table(loader: Any) -> None:
    """Register every command with az. The functions' modules are imported when a command of theirs is used.

    Whatever az's own registration of a command says besides the function has to be said here again.
    """
    from azure.cli.core.commands import CliCommandType

    for command in _COMMANDS:
        group_name, _, verb = command.name.rpartition(" ")
        module, _, function = command.function.partition("#")
        options: dict[str, Any] = {"is_preview": True} if group_name in _PREVIEW_GROUPS else {}
        functions = CliCommandType(operations_tmpl=f"azext_acrpool.commands.{module}#{{}}")
        with loader.command_group(group_name, custom_command_type=functions, **options) as group:
            # az's own way for a missing resource to be exit code 3, as it is for all of ours; azdev asks for it.
            register = group.custom_show_command if verb == "show" else group.custom_command
            no_wait = {"supports_no_wait": True} if command.no_wait else {}
            register(verb, function, table_transformer=command.table, **no_wait)
