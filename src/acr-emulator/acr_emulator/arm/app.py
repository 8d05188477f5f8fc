"""The ARM endpoint: authenticates and parses a request, finds the operation, writes the reply."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from ..sections import check_plain
from ..world.directory import CALLER
from ..world.regions import normalize_location
from ..world.state import find
from . import (
    agent_pools,
    documents,
    managed_identities,
    providers,
    registries,
    registry_access,
    resource_groups,
    resources,
    role_assignments,
    role_definitions,
    runs,
    subscriptions,
    task_runs,
    tasks,
)
from .access import action_of, require_action, sender_of, shows_what_may_be_read
from .api_versions import check_api_version
from .errors import ArmError, authentication_failed, invalid_content, unsupported_media_type
from .messages import NO_BODY, ArmCall, Reply
from .reply_headers import ReplyHeaders
from .routing import Handler, Router, without_body
from .services import Services

__all__ = ["ArmEndpoint", "internal_error"]

log = logging.getLogger("acr_emulator")

JSON = "application/json; charset=utf-8"
JSON_TYPES = frozenset({"application/json", "text/json"})
CONDITIONS = ("if-match", "if-none-match")
LARGEST_BODY = 4 * 1024 * 1024
IN_REGISTRY = re.compile(r".*/registries/(?P<registry>[^/]+)(?:/(?P<kind>[^/]+))?", re.IGNORECASE)
MODULES = (
    subscriptions,
    resource_groups,
    providers,
    resources,
    managed_identities,
    role_definitions,
    role_assignments,
    registries,
    registry_access,
    agent_pools,
    tasks,
    runs,
    task_runs,
)


class ArmEndpoint:
    """Answers every ARM request. `accepts` says whether a header `Authorization` has a token that counts."""

    def __init__(self, services: Services, accepts: Callable[[str], bool]) -> None:
        self._services = services
        self._accepts = accepts
        self._router = Router(route for module in MODULES for route in module.ROUTES)
        self._headers = ReplyHeaders(services.state.world.subscriptions[0].tenant_id)

    async def handle(self, request: Request) -> Response:
        # `az resource` writes two slashes between a namespace and its type, and ARM does not mind.
        path = re.sub("/+", "/", f"/{request.scope['path'].strip('/')}")
        query = {key.lower(): value for key, value in request.query_params.items()}
        try:
            reply = await self._reply(request, path, query)
        except ArmError as error:
            reply = Reply(error.status, error.to_wire(), error.headers)
        return self._response(request, path, query.get("api-version", ""), reply)

    async def _reply(self, request: Request, path: str, query: dict[str, str]) -> Reply:
        """All that can be refused without the body is, before the body is looked at."""
        authorization = request.headers.get("authorization", "")
        if not self._accepts(authorization):
            raise authentication_failed()
        if not query.get("api-version"):
            message = "The api-version query parameter (?api-version=) is required for all requests."
            raise ArmError(400, "MissingApiVersionParameter", message)
        handler, params = self._find(request.method, path)
        self._check_version(path, query["api-version"])
        sender = sender_of(authorization)
        action = action_of(request.method, path)
        # What the world file permits the caller is not looked at item by item.
        if action and (sender == CALLER.id or not shows_what_may_be_read(path)):
            require_action(self._services.state, action, path, sender)
        body = _parse(await request.body(), request.headers.get("content-type"))
        conditions = {key: request.headers[key] for key in CONDITIONS if key in request.headers}
        return handler(ArmCall(self._services, request.method, path, params, query, body, conditions, sender))

    def _find(self, method: str, path: str) -> tuple[Handler, Mapping[str, str]]:
        found = self._router.find(method, path)
        if found is not None:
            return found
        documents.check_known(self._services.state, method, path)
        answer = documents.answer_for_document
        return (without_body(answer) if method == "HEAD" else answer), {}

    def _check_version(self, path: str, version: str) -> None:
        world = self._services.state.world
        match = IN_REGISTRY.match(path)
        registry = find(iter(self._services.state.registries), match["registry"]) if match else None
        regions = (
            world.agent_pool_regions
            if match and (match["kind"] or "").lower() == "agentpools"
            else world.registry_regions
        )
        location = registry.spec.location if registry else ""
        check_api_version(path, version, location, [normalize_location(region) for region in regions])

    def _response(self, request: Request, path: str, version: str, reply: Reply) -> Response:
        headers = {
            **self._headers.of(request.method, path, version),
            "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id") or str(uuid4()),
            **reply.headers,
        }
        if client_request := request.headers.get("x-ms-client-request-id"):
            headers["x-ms-client-request-id"] = client_request
        if reply.body is NO_BODY:
            return Response(status_code=reply.status, headers=headers)
        content = json.dumps(reply.body, ensure_ascii=False).encode()
        if request.method == "HEAD":
            return Response(status_code=reply.status, headers={**headers, "content-length": str(len(content))})
        return Response(content, reply.status, headers, media_type=JSON)


async def internal_error(request: Request, error: Exception) -> Response:
    """A defect of the emulator, told in ARM's way; the server logs the traceback."""
    message = f"The emulator failed: {type(error).__name__}: {error}"
    return Response(json.dumps(ArmError(500, "InternalServerError", message).to_wire()), 500, media_type=JSON)


def _parse(content: bytes, content_type: str | None) -> Any:
    if len(content) > LARGEST_BODY:
        raise ArmError(413, "RequestContentTooLarge", f"The request content exceeds {LARGEST_BODY} bytes.")
    if not content.strip():
        return None
    if (content_type or "").partition(";")[0].strip().lower() not in JSON_TYPES:
        raise unsupported_media_type(content_type)
    try:
        body = json.loads(content, parse_constant=_refuse_constant)
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise invalid_content(f"it is not valid JSON: {error}") from error
    # What no reply could show again, or only at the cost of the emulator (where Azure draws the line is not known).
    check_plain(body, invalid_content)
    return body


def _refuse_constant(name: str) -> None:
    """JSON has no NaN and no infinity, though Python reads them."""
    raise ValueError(f"{name} is no value")
