"""Which operation a method and a path mean. Paths are matched without regard to case, as ARM does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .errors import method_not_allowed
from .messages import ArmCall, Reply
from .not_emulated import not_emulated
from .resource_types import REGISTRY_TYPE

__all__ = ["GROUP", "REGISTRY", "RESOURCE_SCOPES", "Handler", "Route", "Router", "without_body"]

Handler = Callable[[ArmCall], Reply]

GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
REGISTRY = f"{GROUP}/providers/{REGISTRY_TYPE}" + "/{registry}"
RESOURCE_SCOPES = (
    "/subscriptions/{subscription}",
    GROUP,
    REGISTRY,
    REGISTRY + "/{type}/{child}",
    GROUP + "/providers/{namespace}/{type}/{name}",
    GROUP + "/providers/{namespace}/{type}/{name}/{child_type}/{child}",
)
"""What roles can be assigned at; the first that fits counts."""


@dataclass(frozen=True)
class Route:
    """A method, a path with `{names}`, and what carries it out."""

    method: str
    path: str
    handler: Handler


class Router:
    """Finds the handler of a request."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [(_pattern(route.path), route) for route in routes]

    def find(self, method: str, path: str) -> tuple[Handler, Mapping[str, str]] | None:
        """The handler and the path's names; None for a path that no route knows.

        HEAD is GET without a body, unless a route says otherwise. Raises ArmError for another method: a registry and
        what is in it has all of Azure's (405), of other resources the emulator has some only (501).
        """
        found = [(route, match) for pattern, route in self._routes if (match := pattern.fullmatch(path)) is not None]
        for route, match in found:
            if route.method == method:
                return route.handler, match.groupdict()
        if method == "HEAD" and (readable := self.find("GET", path)):
            return without_body(readable[0]), readable[1]
        if any(is_of_registries(route.path) for route, _ in found):
            raise method_not_allowed(method)
        if found:
            raise not_emulated(method, path)
        return None


def is_of_registries(path: str) -> bool:
    """Whether a path is the registry service's own, and not of what another service has at a registry."""
    return path.rpartition("/providers/")[2].startswith(REGISTRY_TYPE.partition("/")[0])


def without_body(handler: Handler) -> Handler:
    """The handler of HEAD for what GET shows: 204 when there is something (documented of ARM's existence checks)."""

    def answer(call: ArmCall) -> Reply:
        reply = handler(call)
        return Reply(204, headers=reply.headers)

    return answer


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    expression = "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    return re.compile(expression, re.IGNORECASE)
