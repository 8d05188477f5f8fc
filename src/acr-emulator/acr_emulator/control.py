"""Control endpoints for tests, under `/_emulator/`: journal, clock, faults, state.

They take JSON and nothing else, and say what they have against it in `{"error": "..."}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .clock import ClockLimitError, EmulatorClock, TooManyEventsError, format_time
from .sections import Section, check_plain
from .wire.faults import FaultRuleError, FaultRules, parse_rules
from .wire.journal import Journal
from .world.state import AzureState, Registry

__all__ = ["Door", "routes"]

ENDPOINTS = "GET journal, DELETE journal, POST clock/advance, PUT faults, DELETE faults, GET state"
CLOSED = (
    "tasks execute commands on this machine, so that only their user is let in: send the header"
    " 'X-IDENTITY-HEADER: $IDENTITY_HEADER'"
)
DROPPED_HEADER = "x-emulator-dropped-requests"


class ControlError(Exception):
    """A request that is refused with 400, or with another status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Door:
    """ASGI middleware: answers only whom `lets_in` lets in by the headers of the request; others get 401."""

    def __init__(self, app: ASGIApp, lets_in: Callable[[Mapping[str, str]], bool]) -> None:
        self._app = app
        self._lets_in = lets_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        app = self._app
        if scope["type"] == "http" and not self._lets_in(Headers(scope=scope)):
            app = JSONResponse({"error": CLOSED}, 401)
        await app(scope, receive, send)


def routes(state: AzureState, clock: EmulatorClock, journal: Journal, faults: FaultRules) -> list[BaseRoute]:
    """The routes, to be mounted under CONTROL_PATH."""
    control = _Control(state, clock, journal, faults)
    return [
        Route("/journal", control.read_journal, methods=["GET"]),
        Route("/journal", control.clear_journal, methods=["DELETE"]),
        Route("/clock/advance", control.advance, methods=["POST"]),
        Route("/faults", control.set_faults, methods=["PUT"]),
        Route("/faults", control.clear_faults, methods=["DELETE"]),
        Route("/state", control.read_state, methods=["GET"]),
        Route("/{path:path}", _refuse_endpoint, methods=["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"]),
    ]


class _Control:
    def __init__(self, state: AzureState, clock: EmulatorClock, journal: Journal, faults: FaultRules) -> None:
        self._state = state
        self._clock = clock
        self._journal = journal
        self._faults = faults

    async def read_journal(self, request: Request) -> Response:
        """The requests that the journal still has; a header counts those that it had to drop."""
        entries = [entry.to_wire() for entry in self._journal.entries]
        return JSONResponse(entries, headers={DROPPED_HEADER: str(self._journal.dropped)})

    async def clear_journal(self, request: Request) -> Response:
        self._journal.clear()
        return Response(status_code=204)

    async def advance(self, request: Request) -> Response:
        """`{"seconds": n}` from 0 up; replies when everything due has happened."""
        try:
            document = Section(await _json(request), "", ControlError)
            seconds = document.seconds("seconds")
            document.refuse_unknown()
            await self._clock.advance(seconds)
        except (ControlError, ClockLimitError) as error:
            return _refusal(error)
        except TooManyEventsError as error:
            return JSONResponse({"error": str(error), "now": format_time(self._clock.now())}, 409)
        return JSONResponse({"now": format_time(self._clock.now())})

    async def set_faults(self, request: Request) -> Response:
        """Replace all rules."""
        try:
            self._faults.replace(parse_rules(await _json(request)))
        except (ControlError, FaultRuleError) as error:
            return _refusal(error)
        return Response(status_code=204)

    async def clear_faults(self, request: Request) -> Response:
        self._faults.replace([])
        return Response(status_code=204)

    async def read_state(self, request: Request) -> Response:
        registries = [_registry_state(registry) for registry in self._state.registries]
        return JSONResponse({"now": format_time(self._clock.now()), "registries": registries})


def _registry_state(registry: Registry) -> dict[str, Any]:
    return {
        "id": registry.id,
        "pools": [{**pool.to_wire(), "agents": pool.agents} for pool in registry.pools.values()],
        "tasks": [task.name for task in registry.tasks.values()],
        "runs": [
            {"id": run.id, "status": run.status, "pool": run.pool, "task": run.task, "archived": run.archived}
            for run in registry.runs.values()
        ],
    }


async def _json(request: Request) -> Any:
    """The body of a request. Raises ControlError unless it is JSON and says so, which a web page cannot make it say."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ControlError("expected a body in JSON, with the header 'Content-Type: application/json'", 415)
    try:
        document = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ControlError(f"not valid JSON: {reason}") from error
    check_plain(document, ControlError)
    return document


def _refusal(error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, error.status if isinstance(error, ControlError) else 400)


async def _refuse_endpoint(request: Request) -> Response:
    endpoint = f"{request.method} {request.path_params['path']}"
    return JSONResponse({"error": f"no endpoint '{endpoint}'; there are {ENDPOINTS}"}, 404)
