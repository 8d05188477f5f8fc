"""The ARM endpoint: authenticates and parses a request, finds the operation, writes the reply."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from . import (
    agent_pools,
    authorization,
    documents,
    providers,
    registries,
    resources,
    runs,
    subscriptions,
    task_runs,
    tasks,
)
from .access import action_of
from .errors import ArmError, authentication_failed, invalid_content
from .messages import NO_BODY, ArmCall, Reply
from .routing import Router
from .services import Services

__all__ = ["ArmEndpoint", "internal_error"]

log = logging.getLogger("acr_emulator")

JSON = "application/json; charset=utf-8"
LARGEST_BODY = 4 * 1024 * 1024
MODULES = (subscriptions, providers, resources, authorization, registries, agent_pools, tasks, runs, task_runs)


class ArmEndpoint:
    """Answers every ARM request."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._router = Router(route for module in MODULES for route in module.ROUTES)
        self._writes_left = 1200
        self._deletes_left = 15000

    async def handle(self, request: Request) -> Response:
        try:
            reply = await self._reply(request)
        except ArmError as error:
            reply = Reply(error.status, error.to_wire(), error.headers)
        return self._response(request, reply)

    async def _reply(self, request: Request) -> Reply:
        # `az resource` writes two slashes between a namespace and its type, and ARM does not mind.
        path = re.sub("/+", "/", f"/{request.scope['path'].strip('/')}")
        query = {key.lower(): value for key, value in request.query_params.items()}
        if not request.headers.get("authorization", "").lower().startswith("bearer ey"):
            raise authentication_failed()
        if not query.get("api-version"):
            message = "The api-version query parameter (?api-version=) is required for all requests."
            raise ArmError(400, "MissingApiVersionParameter", message)
        body = _parse(await request.body())
        handler, params = self._router.find(request.method, path) or (documents.answer_for_document, {})
        if action := action_of(request.method, path):
            self._services.require_action(action, path)
        must_be_new = request.headers.get("if-none-match") == "*"
        return handler(ArmCall(self._services, request.method, path, params, query, body, must_be_new))

    def _response(self, request: Request, reply: Reply) -> Response:
        headers = {
            "cache-control": "no-cache",
            "x-ms-request-id": str(uuid4()),
            "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id") or str(uuid4()),
            **self._rate_limit(request.method),
            **reply.headers,
        }
        if client_request := request.headers.get("x-ms-client-request-id"):
            headers["x-ms-client-request-id"] = client_request
        if reply.body is NO_BODY:
            return Response(status_code=reply.status, headers=headers)
        content = json.dumps(reply.body, ensure_ascii=False).encode()
        return Response(content, reply.status, headers, media_type=JSON)

    def _rate_limit(self, method: str) -> Mapping[str, str]:
        """What is left of the subscription's writes and deletes; it never runs out here (assumed)."""
        if method == "DELETE":
            self._deletes_left = max(self._deletes_left - 1, 1)
            return {"x-ms-ratelimit-remaining-subscription-deletes": str(self._deletes_left)}
        if method in {"PUT", "POST", "PATCH"}:
            self._writes_left = max(self._writes_left - 1, 1)
            return {"x-ms-ratelimit-remaining-subscription-writes": str(self._writes_left)}
        return {}


async def internal_error(request: Request, error: Exception) -> Response:
    """A defect of the emulator, told in ARM's way; the server logs the traceback."""
    message = f"The emulator failed: {type(error).__name__}: {error}"
    return Response(json.dumps(ArmError(500, "InternalServerError", message).to_wire()), 500, media_type=JSON)


def _parse(content: bytes) -> Any:
    if len(content) > LARGEST_BODY:
        raise ArmError(413, "RequestContentTooLarge", f"The request content exceeds {LARGEST_BODY} bytes.")
    if not content.strip():
        return None
    try:
        return json.loads(content)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise invalid_content(f"it is not valid JSON: {error}") from error
