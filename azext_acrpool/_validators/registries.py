"""Which registry, and in which resource group and subscription."""

from __future__ import annotations

import re
from typing import Any, Final

from ..client.registries import RegistryId, parse_registry_id, split_login_server
from ..commands.command import errors_shown
from ..commands.console.errors import UsageError
from ..commands.console.values import require_line, require_text
from ..commands.given import is_filled_in, marked_like
from ..commands.opening import narrator_for
from ..wording import printable

__all__ = ["validate_registry_name"]

_LIST_REGISTRIES: Final = "List your registries with: az acr list -o table"
# The provider's namespace, then types and names by turns (ARM's documentation of resource IDs).
_RESOURCE_ID: Final = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/(?P<namespace>[^/]+)(?P<path>(?:/[^/]+/[^/]+)+)/?",
    re.IGNORECASE,
)


@errors_shown()
def validate_registry_name(cmd: Any, namespace: Any) -> None:
    """Take a login server or a resource ID for the name of its registry. Names are 5 to 50 letters and digits.

    A resource ID names resource group and subscription, too. The resource group must be one line of text; which names
    a group may have is left to ARM.
    """
    if group := getattr(namespace, "resource_group_name", None):
        namespace.resource_group_name = marked_like(group, str(group).strip())
        require_line("--resource-group", namespace.resource_group_name)
    typed = namespace.registry_name
    if typed is None:
        return
    require_text("--registry", typed)
    text = str(typed).strip()
    name = _take_resource_id(cmd, namespace, text) if text.startswith("/") else _read_name(cmd, text)
    if not re.fullmatch(r"[a-zA-Z0-9]{5,50}", name):
        raise UsageError(
            f"'{printable(name)}' cannot be the name of a registry: it must be 5 to 50 letters and digits.",
            _LIST_REGISTRIES,
        )
    namespace.registry_name = marked_like(typed, name)


def _read_name(cmd: Any, text: str) -> str:
    """The name in a name or a login server."""
    name, suffix = split_login_server(text)
    expected = getattr(cmd.cli_ctx.cloud.suffixes, "acr_login_server_endpoint", None) or ""
    if suffix and expected and suffix.lower() != "." + expected.lstrip(".").lower():
        raise UsageError(
            f"'{printable(text)}' is not a login server of the current cloud, whose login servers end in '{expected}'.",
            "Give the registry's name alone, or choose the cloud with: az cloud set --name CLOUD",
        )
    if suffix and re.fullmatch(r"[a-zA-Z0-9]{5,50}", name):
        narrator_for(cmd.cli_ctx).warn(f"'{printable(text)}' is taken as registry '{name}'.")
    return name


def _take_resource_id(cmd: Any, namespace: Any, text: str) -> str:
    """The name in a registry's resource ID, once its resource group and subscription are those of the command."""
    registry = parse_registry_id(text)
    if registry is None:
        raise _not_of_a_registry(text)
    require_line("--registry", text)
    _refuse_contradiction("--resource-group", namespace.resource_group_name, registry.resource_group)
    _refuse_contradiction("--subscription", getattr(namespace, "_subscription", None), registry.subscription_id)
    namespace.resource_group_name = registry.resource_group
    vars(namespace)["_subscription"] = cmd.cli_ctx.data["subscription_id"] = registry.subscription_id
    return registry.name


def _refuse_contradiction(option: str, typed: str | None, named: str) -> None:
    if typed and not is_filled_in(typed) and typed.lower() != named.lower():
        raise UsageError(
            f"{option} '{printable(typed)}' contradicts --registry, whose resource ID names '{printable(named)}'.",
            f"Leave out {option}, or give the registry's name alone.",
        )


def _not_of_a_registry(text: str) -> UsageError:
    match = _RESOURCE_ID.fullmatch(text)
    if match is None:
        return UsageError(
            f"'{printable(text)}' is not the resource ID of a registry, which looks like"
            " /subscriptions/../resourceGroups/../providers/Microsoft.ContainerRegistry/registries/..",
            _LIST_REGISTRIES,
        )
    kind = "/".join([match["namespace"], *match["path"].split("/")[1::2]])
    above = _registry_above(text)
    return UsageError(
        f"'{printable(text)}' is the resource ID of a resource of type {printable(kind)}, not of a registry.",
        f"Its registry is: {above.resource_id}" if above else _LIST_REGISTRIES,
    )


def _registry_above(text: str) -> RegistryId | None:
    """The registry that the resource of this ID belongs to, if it does to one."""
    return parse_registry_id("/".join(text.split("/")[:9]))
