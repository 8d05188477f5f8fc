"""The whole emulator as one ASGI application."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from . import control
from .agents.background import Background
from .agents.credentials import is_logged_in
from .agents.pool_operations import PoolOperations
from .agents.scheduler import Scheduler
from .agents.timers import Timers
from .arm.app import ArmEndpoint, internal_error
from .arm.errors import ArmError
from .arm.run_requests import auto_run
from .arm.services import Services
from .blob import BlobStore, sas
from .blob import routes as blob_routes
from .clock import EmulatorClock
from .executor import CheckExecutor, Executor
from .graph import GRAPH_PATH, GraphEndpoint
from .identity import IDENTITY_PATH, Identities, TokenEndpoint
from .options import EmulatorOptions
from .storage import BLOB_PATH, Storage
from .wire.body_limit import BodyLimit
from .wire.faults import FaultInjector, FaultRules
from .wire.guard import Guard
from .wire.journal import Journal, JournalMiddleware
from .wire.replies import no_answer
from .wire.scopes import CONTROL_PATH
from .wire.timing import Latency, ServiceDate, Uplink
from .world import World
from .world.state import AzureState, Registry, Task

__all__ = ["Emulator", "create_emulator"]

log = logging.getLogger("acr_emulator")

RUNS_AT_ONCE = 64
"""Threads in which runs are carried out; by default there would be a few for each processor. A step that is really run
keeps its thread, and may wait for other runs."""

ARM_METHODS = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"]


@dataclass
class Emulator:
    """The application, and the parts that others need. `identities` know the value of IDENTITY_HEADER."""

    asgi: ASGIApp
    services: Services
    journal: Journal
    faults: FaultRules
    identities: Identities = field(repr=False)


def create_emulator(
    base_url: str,
    world: World | None = None,
    options: EmulatorOptions | None = None,
    *,
    clock: EmulatorClock | None = None,
    journal: Journal | None = None,
    executor: Executor | None = None,
) -> Emulator:
    """An emulator that will be reached under `base_url` (https://127.0.0.1:PORT, no slash at its end).

    Its work begins and ends with the ASGI lifespan.
    """
    world = world or World()
    clock = clock or EmulatorClock()
    journal = journal or Journal()
    services = _services(base_url, world, options or EmulatorOptions(), clock, executor or CheckExecutor())
    faults = FaultRules(world.faults)
    identities = Identities(is_strict=services.options.own_tokens_only)
    starlette = Starlette(
        routes=[
            Mount(
                CONTROL_PATH,
                routes=control.routes(services.state, clock, journal, faults),
                middleware=[Middleware(control.Door, lets_in=identities.lets_in)],
            ),
            Mount(BLOB_PATH, routes=_blob_routes(services)),
            Route(IDENTITY_PATH, TokenEndpoint(services.state, identities, clock).handle),
            Route(GRAPH_PATH, GraphEndpoint(services.state).handle, methods=ARM_METHODS),
            Route("/{path:path}", ArmEndpoint(services, identities.accepts).handle, methods=ARM_METHODS),
        ],
        exception_handlers={ClientDisconnect: no_answer, Exception: internal_error},
        lifespan=_lifespan(services, journal),
    )
    late = Latency(starlette, clock, services.options.latency)
    bounded = BodyLimit(FaultInjector(late, clock, faults), streamed_path=BLOB_PATH)
    noted = JournalMiddleware(ServiceDate(bounded, clock), journal, clock, content_path=BLOB_PATH)
    return Emulator(Guard(noted), services, journal, faults, identities)


def _services(
    base_url: str, world: World, options: EmulatorOptions, clock: EmulatorClock, executor: Executor
) -> Services:
    state = AzureState.from_world(world, clock.now())
    background = Background()
    storage = Storage(BlobStore(clock.now), sas.new_key(secrets.token_hex()), base_url, options.sas_seconds)
    scheduler = Scheduler(clock, background, storage, executor, partial(is_logged_in, state), options.agent_speed)
    pools = PoolOperations(state, clock, background, options.pool_seconds, scheduler.pool_changed)

    def fire(registry: Registry, task: Task, timer: str, due: datetime) -> None:
        try:
            scheduler.submit(auto_run(registry, task, clock.now(), timer, due))
        except ArmError as error:
            log.warning("the timer '%s' of task '%s' could not start a run: %s", timer, task.name, error)

    timers = Timers(clock, background, fire)
    return Services(options, base_url, clock, state, background, pools, scheduler, timers, storage)


def _blob_routes(services: Services) -> list[BaseRoute]:
    megabits = services.options.uplink_mbps
    throttle = None if megabits is None else Uplink(services.clock, megabits)
    return blob_routes(services.storage.store, services.storage.key, services.clock, throttle)


def _lifespan(services: Services, journal: Journal) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(RUNS_AT_ONCE, "acr-emulator-run"))
        services.pools.network_changed()
        yield
        await services.background.stop()
        services.storage.store.close()
        journal.close()

    return lifespan
