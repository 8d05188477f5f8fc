"""Microsoft Graph, as far as az asks it for principals: who has this name, and who these IDs."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .not_emulated import explanation
from .world.directory import CALLER, Principal, principals
from .world.state import AzureState

__all__ = ["GRAPH_PATH", "GraphEndpoint"]

GRAPH_PATH = "/v1.0/{path:path}"
COLLECTIONS = {"users": "User", "groups": "Group", "servicePrincipals": "ServicePrincipal"}
# What az asks: userPrincipalName eq 'n', servicePrincipalNames/any(c:c eq 'n'), appId eq 'n', displayName eq 'n',
# startswith(displayName,'n').
_NAME = re.compile(r"(?P<starts>startswith\s*\([^,]*,\s*)?'(?P<name>(?:[^']|'')*)'\)?\)?\s*$", re.IGNORECASE)


class GraphEndpoint:
    """Answers for whoever is known: the caller, those of the world file, and the identities of resources."""

    def __init__(self, state: AzureState) -> None:
        self._state = state

    async def handle(self, request: Request) -> Response:
        """`users`, `groups`, `servicePrincipals` (by `$filter`, or one by its ID), `me`, and who has these IDs."""
        parts = request.path_params["path"].strip("/").split("/")
        if not request.headers.get("authorization", "").lower().startswith("bearer ey"):
            return _error(401, "InvalidAuthenticationToken", "Access token is empty.")
        if request.method == "GET" and parts == ["me"]:
            return JSONResponse(_body(CALLER))
        if request.method == "GET" and parts[0] in COLLECTIONS and len(parts) <= 2:
            return self._find(parts, request.query_params.get("$filter", ""))
        if request.method == "POST" and parts == ["directoryObjects", "getByIds"]:
            return self._by_ids(await request.body())
        message = explanation(f"{request.method} {parts[0]} of Microsoft Graph")
        return _error(501, "NotEmulated", message)

    def _find(self, parts: list[str], text: str) -> Response:
        known = [one for one in principals(self._state) if _is_in(one, parts[0])]
        if len(parts) == 2:
            found = [one for one in known if one.id.lower() == parts[1].lower() or one.has_name(parts[1])]
            if not found:
                message = f"Resource '{parts[1]}' does not exist or one of its queried reference-property objects are"
                return _error(404, "Request_ResourceNotFound", f"{message} not present.")
            return JSONResponse(_body(found[0]))
        if not text:
            return JSONResponse({"value": [_body(one) for one in known]})
        match = _NAME.search(text)
        if match is None:
            return _error(400, "Request_UnsupportedQuery", f"Unsupported or invalid query filter clause: {text}")
        name = match["name"].replace("''", "'").lower()
        fits = [one for one in known if _fits(one, name, starts=match["starts"] is not None)]
        return JSONResponse({"value": [_body(one) for one in fits]})

    def _by_ids(self, content: bytes) -> Response:
        try:
            wanted = {str(one).lower() for one in json.loads(content)["ids"]}
        except (ValueError, KeyError, TypeError, RecursionError):
            return _error(400, "Request_BadRequest", "The body must be an object with a list 'ids'.")
        found = {one.id: one for one in principals(self._state) if one.id.lower() in wanted}
        return JSONResponse({"value": [_body(one) for one in found.values()]})


def _is_in(one: Principal, collection: str) -> bool:
    """The caller is a user and a service principal, since az may look for either."""
    return one.kind == COLLECTIONS[collection] or (one is CALLER and collection != "groups")


def _fits(one: Principal, name: str, *, starts: bool) -> bool:
    display = one.display_name.lower()
    return display.startswith(name) if starts else one.has_name(name) or display == name


def _body(one: Principal) -> dict[str, Any]:
    kind = one.kind[0].lower() + one.kind[1:]
    shared = {"@odata.type": f"#microsoft.graph.{kind}", "id": one.id, "displayName": one.display_name}
    if one.kind == "Group":
        return shared
    if one.kind == "User":
        return {**shared, "userPrincipalName": one.names[0], "mail": one.names[0]}
    return {**shared, "appId": one.app_id, "servicePrincipalNames": list(one.names)}


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)
