"""Names that cannot be those of what they are given for."""

from __future__ import annotations

import re
from typing import Any, Final

from ..commands.command import errors_shown
from ..commands.console.errors import UsageError
from ..commands.console.values import require_line, require_text
from ..wording import az_command, printable

__all__ = [
    "validate_image_names",
    "validate_login_server",
    "validate_pool_name",
    "validate_pool_of_run",
    "validate_task_name",
]

# Docker's grammar of image references (github.com/distribution/reference), with capital letters, which az's own help
# has in repositories, and with or without a host before the repository: the service puts the registry there.
_PATH: Final = r"[a-zA-Z0-9]+(?:(?:\.|_|__|-+)[a-zA-Z0-9]+)*"
_IMAGE: Final = re.compile(
    rf"(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?{_PATH}(?:/{_PATH})*(?::[a-zA-Z0-9_][a-zA-Z0-9_.-]{{0,127}})?"
    r"(?:@[a-zA-Z0-9+._-]+:[0-9a-fA-F]{32,})?"
)
# The service replaces these before it looks at the name.
_TEMPLATE: Final = re.compile(r"\{\{[^{}]*\}\}")


@errors_shown()
def validate_pool_name(namespace: Any) -> None:
    """The name of an agent pool, if one is given."""
    if namespace.agent_pool_name is not None:
        _require_pool_name(namespace)


@errors_shown()
def validate_pool_of_run(namespace: Any) -> None:
    """The name of the agent pool that runs go to; as with az's own, an empty one stands for none."""
    if namespace.agent_pool_name not in (None, ""):
        _require_pool_name(namespace)


def _require_pool_name(namespace: Any) -> None:
    from ..health.preflight import check_pool_name

    require_text("The name of an agent pool", namespace.agent_pool_name)
    finding = check_pool_name(namespace.agent_pool_name)
    if finding:
        raise UsageError(finding.message, _listing("acr agentpool list", namespace, "agent pools"))


def _listing(command: str, namespace: Any, what: str) -> str:
    registry = printable(namespace.registry_name or "REGISTRY")
    return f"List the registry's {what} with: {az_command(command, '-r', registry, '-o', 'table')}"


@errors_shown()
def validate_task_name(namespace: Any) -> None:
    """A task's name is 5 to 50 letters, digits, hyphens and underscores (service's specification, TaskName)."""
    name = namespace.task_name
    require_text("The name of a task", name)
    if not re.fullmatch(r"[a-zA-Z0-9_-]{5,50}", name):
        raise UsageError(
            f"'{printable(name)}' cannot be the name of a task: it must be 5 to 50 letters, digits, hyphens and "
            "underscores.",
            _listing("acr task list", namespace, "tasks"),
        )


@errors_shown()
def validate_image_names(namespace: Any) -> None:
    """Images as REPOSITORY:TAG. What the service fills in, `{{.Run.ID}}` or `$ID`, is not judged."""
    for name in namespace.image_names or ():
        require_line("--image", name)
        if not _may_be_image(_TEMPLATE.sub("x", name)):
            raise UsageError(
                f"'{printable(name)}' cannot be the name of an image: --image is REPOSITORY:TAG, without blanks.",
                "Give it as, for example: --image samples/hello:v1",
            )


def _may_be_image(name: str) -> bool:
    if "$" in name:
        return not re.search(r"\s", name)
    return _IMAGE.fullmatch(name) is not None


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
