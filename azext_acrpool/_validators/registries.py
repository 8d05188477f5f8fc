"""Which registry, and in which resource group."""

from __future__ import annotations

import re
from typing import Any

from ..commands.command import errors_shown
from ..commands.console.errors import UsageError
from ..commands.console.values import require_line, require_text
from ..commands.opening import narrator_for
from ..wording import printable

__all__ = ["validate_registry_name"]


@errors_shown()
def validate_registry_name(cmd: Any, namespace: Any) -> None:
    """Take a login server for the name of its registry. Names are 5 to 50 letters and digits.

    The resource group beside it must be one line of text; which names a group may have is left to ARM.
    """
    from ..client.registries import split_login_server

    if group := getattr(namespace, "resource_group_name", None):
        require_line("--resource-group", group)
    typed = namespace.registry_name
    if typed is None:
        return
    require_text("--registry", typed)
    name, suffix = split_login_server(typed)
    expected = getattr(cmd.cli_ctx.cloud.suffixes, "acr_login_server_endpoint", None) or ""
    if suffix and expected and suffix.lower() != "." + expected.lstrip(".").lower():
        raise UsageError(
            f"'{printable(typed)}' is not a login server of the current cloud, whose login servers end in "
            f"'{expected}'.",
            "Give the registry's name alone, or choose the cloud with: az cloud set --name CLOUD",
        )
    if not re.fullmatch(r"[a-zA-Z0-9]{5,50}", name):
        raise UsageError(
            f"'{printable(name)}' cannot be the name of a registry: it must be 5 to 50 letters and digits.",
            "List your registries with: az acr list -o table",
        )
    if suffix:
        narrator_for(cmd.cli_ctx).warn(f"'{printable(typed)}' is taken as registry '{name}'.")
    namespace.registry_name = name
