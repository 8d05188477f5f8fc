"""Names that cannot be those of what they are given for."""

from __future__ import annotations

import re
from typing import Any, Final

from ..client.registries import parse_pool_id
from ..commands.command import errors_shown
from ..commands.console.errors import UsageError
from ..commands.console.values import require_line, require_text
from ..commands.given import is_filled_in
from ..references import name_objection
from ..wording import PlacedName, az_command, printable

__all__ = [
    "validate_image_names",
    "validate_log_template",
    "validate_login_server",
    "validate_pool_name",
    "validate_pool_of_run",
    "validate_task_name",
    "validate_task_run_name",
    "validate_timer_name",
]

_POOL_ID: Final = (
    "/subscriptions/../resourceGroups/../providers/Microsoft.ContainerRegistry/registries/../agentPools/.."
)
# What names an agent pool part by part.
_NAMING: Final = ("--name", "-n", "--registry", "-r", "--resource-group", "-g")


@errors_shown()
def validate_pool_name(namespace: Any) -> None:
    """The name of an agent pool, if one is given."""
    if namespace.agent_pool_name is not None:
        _require_pool_name(namespace, "-n")


@errors_shown()
def validate_pool_of_ids(cmd: Any, namespace: Any) -> None:
    """The name of an agent pool, if one is given, or that which az has read in one of --ids.

    az takes whatever has as many parts for such an ID, and the names that are typed beside it for nothing.
    """
    ids = getattr(namespace, "_ids", None) or ()
    typed = cmd.cli_ctx.data.get("safe_params") or () if ids else ()
    beside = [option for option in _NAMING if any(option == name or _abbreviates(name, option) for name in typed)]
    if beside:
        raise UsageError(
            f"--ids cannot be used with {' or '.join(beside)}.", "Leave it out: an ID names group, registry and pool."
        )
    for resource_id in ids:
        if parse_pool_id(resource_id.strip()) is None:
            raise UsageError(
                f"'{printable(resource_id)}' is not the resource ID of an agent pool, which looks like {_POOL_ID}",
                "List them with: az acr agentpool list --query [].id -o tsv",
            )
    if namespace.agent_pool_name is not None:
        _require_pool_name(namespace, "-n", takes_ids=True)


def _abbreviates(typed: str, option: str) -> bool:
    return typed.startswith("--") and option.startswith(typed)


@errors_shown()
def validate_pool_of_run(namespace: Any) -> None:
    """The name of the agent pool that runs go to; as with az's own, an empty one stands for none."""
    if namespace.agent_pool_name not in (None, ""):
        _require_pool_name(namespace, "--agent-pool")


def _require_pool_name(namespace: Any, option: str, *, takes_ids: bool = False) -> None:
    from ..health.preflight import check_pool_name

    require_text("The name of an agent pool", namespace.agent_pool_name)
    name = namespace.agent_pool_name = namespace.agent_pool_name.strip()
    if pool := parse_pool_id(name):
        names = f"-r {printable(pool.registry.name)} {option} {printable(pool.name)}"
        by_id = [f"Give it with: --ids {printable(name)}"] if takes_ids else []
        raise UsageError(
            f"'{printable(name)}' is the resource ID of an agent pool, where its name is wanted.",
            *by_id,
            f"{'Or give' if by_id else 'Give'} the names of registry and pool: {names}",
        )
    finding = check_pool_name(name)
    if finding:
        raise UsageError(finding.message, _listing("acr agentpool list", namespace, "agent pools"))


def _listing(command: str, namespace: Any, what: str) -> str:
    group = getattr(namespace, "resource_group_name", None)
    place = {"-g": printable(group)} if group and not is_filled_in(group) else {}
    registry = PlacedName(printable(namespace.registry_name or "REGISTRY"), place)
    return f"List the registry's {what} with: {az_command(command, '-r', registry, '-o', 'table')}"


@errors_shown()
def validate_task_name(namespace: Any) -> None:
    """A task's name is 5 to 50 letters, digits, hyphens and underscores (service's specification, TaskName)."""
    name = namespace.task_name
    require_text("The name of a task", name)
    name = namespace.task_name = name.strip()
    if not re.fullmatch(r"[a-zA-Z0-9_-]{5,50}", name):
        raise UsageError(
            f"'{printable(name)}' cannot be the name of a task: it must be 5 to 50 letters, digits, hyphens and "
            "underscores.",
            _listing("acr task list", namespace, "tasks"),
        )


@errors_shown()
def validate_task_run_name(namespace: Any) -> None:
    """A task run's name must lead to it: none would name the list of task runs, and dots the registry."""
    name = namespace.taskrun_name
    require_text("The name of a task run", name)
    name = namespace.taskrun_name = name.strip()
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", name):
        raise UsageError(
            f"'{printable(name)}' cannot be the name of a task run: it must be letters, digits, hyphens and "
            "underscores.",
            _listing("acr taskrun list", namespace, "task runs"),
        )


@errors_shown()
def validate_timer_name(namespace: Any) -> None:
    """A timer's name is one line that shows something."""
    require_line("--timer-name", namespace.timer_name)
    if not namespace.timer_name.strip():
        raise UsageError("--timer-name is empty.")


@errors_shown()
def validate_image_names(namespace: Any) -> None:
    """Images as REPOSITORY[:TAG], by Docker's grammar. What the service fills in, `{{.Run.ID}}`, is not judged."""
    for name in namespace.image_names or ():
        _require_image_name("--image", name)


@errors_shown()
def validate_log_template(namespace: Any) -> None:
    """Where a log is kept, as the name of an image; as with az's own, an empty one stands for none."""
    if namespace.log_template not in (None, ""):
        _require_image_name("--log-template", namespace.log_template)


def _require_image_name(option: str, name: str) -> None:
    require_line(option, name)
    objection = name_objection(name)
    if objection:
        raise UsageError(
            f"'{printable(name)}' cannot be the name of an image: {objection}.",
            f"Give it as REPOSITORY:TAG, for example: {option} {_possible_name(name)}",
        )


def _possible_name(name: str) -> str:
    """What was meant, if only capital letters are in its way; templates have some that are needed."""
    repository, colon, tag = name.partition(":")
    lowered = repository.lower() + colon + tag
    return "samples/hello:v1" if "{" in repository or name_objection(lowered) else printable(lowered)


@errors_shown()
def validate_login_server(namespace: Any) -> None:
    """A registry's host name."""
    server = namespace.login_server
    require_line("--login-server", server)
    if not server or re.search(r"\s", server):
        raise UsageError(
            f"'{printable(server)}' cannot be a login server, which is a host name.",
            "Give it as, for example: --login-server otherregistry.azurecr.io",
        )
