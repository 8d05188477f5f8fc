"""Which operation a method and a path mean. Paths are matched without regard to case, as ARM does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .errors import method_not_allowed
from .messages import ArmCall, Reply
from .resource_types import REGISTRY_TYPE

__all__ = ["GROUP", "REGISTRY", "Handler", "Route", "Router"]

Handler = Callable[[ArmCall], Reply]

GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
REGISTRY = f"{GROUP}/providers/{REGISTRY_TYPE}" + "/{registry}"


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
        """The handler and the path's names; None for a path that no route knows. Raises ArmError (405)."""
        known = False
        for pattern, route in self._routes:
            match = pattern.fullmatch(path)
            if match is not None:
                known = True
                if route.method == method:
                    return route.handler, match.groupdict()
        if known:
            raise method_not_allowed(method)
        return None


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    expression = "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    return re.compile(expression, re.IGNORECASE)
