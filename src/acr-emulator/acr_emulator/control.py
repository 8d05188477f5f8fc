"""Control endpoints for tests, under `/_emulator/`: journal, clock, faults, state."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from .clock import EmulatorClock, format_time
from .wire.faults import FaultRuleError, FaultRules, parse_rules
from .wire.journal import Journal
from .world.state import AzureState, Registry

__all__ = ["routes"]


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
    ]


class _Control:
    def __init__(self, state: AzureState, clock: EmulatorClock, journal: Journal, faults: FaultRules) -> None:
        self._state = state
        self._clock = clock
        self._journal = journal
        self._faults = faults

    async def read_journal(self, request: Request) -> Response:
        return JSONResponse([asdict(entry) for entry in self._journal.entries])

    async def clear_journal(self, request: Request) -> Response:
        self._journal.clear()
        return Response(status_code=204)

    async def advance(self, request: Request) -> Response:
        """`{"seconds": n}` from 0 up; replies when everything due has happened."""
        body = await _json(request)
        seconds = body.get("seconds") if isinstance(body, dict) else None
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0:
            return JSONResponse({"error": 'expected {"seconds": number from 0 up}'}, 400)
        await self._clock.advance(seconds)
        return JSONResponse({"now": format_time(self._clock.now())})

    async def set_faults(self, request: Request) -> Response:
        """Replace all rules."""
        try:
            self._faults.replace(parse_rules(await _json(request)))
        except FaultRuleError as error:
            return JSONResponse({"error": str(error)}, 400)
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
            {"id": run.id, "status": run.status, "pool": run.pool, "task": run.task} for run in registry.runs.values()
        ],
    }


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        return None
