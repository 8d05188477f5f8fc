"""What every part of the emulator shares."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..clock import EmulatorClock
from ..world.state import USER, AzureState
from .access import require_action
from .signing import UrlSigner

if TYPE_CHECKING:
    from ..agents.pool_operations import PoolOperations
    from ..agents.scheduler import Scheduler
    from ..agents.timers import Timers
    from ..storage import Storage

__all__ = ["Background", "EmulatorOptions", "Services"]

log = logging.getLogger("acr_emulator")


@dataclass(frozen=True)
class EmulatorOptions:
    """How the emulator behaves.

    `pool_seconds`: how long a pool operation takes. `sas_seconds`: how long signed blob URLs hold (assumed; the
    published examples show four hours and some minutes). `agent_speed`: factor by which agents work faster than their
    log's own pauses; `retry_after`: seconds in the Retry-After of pool operations (Azure: 10). `latency`: seconds
    before each request is looked at. `uplink_mbps`: megabits per second that all uploads to blobs share (None: no
    limit).
    """

    pool_seconds: float = 3.0
    agent_speed: float = 1.0
    retry_after: int = 10
    latency: float = 0.0
    uplink_mbps: float | None = None
    sas_seconds: float = 4 * 3600.0


class Background:
    """Work that goes on between requests."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in the current event loop; a failure is logged with its traceback, since it is a defect."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    async def stop(self) -> None:
        """Cancel what still runs, and wait until it has ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background work failed", exc_info=error)


@dataclass
class Services:
    """One emulator's parts. `base_url` has no slash at its end."""

    options: EmulatorOptions
    base_url: str
    clock: EmulatorClock
    state: AzureState
    background: Background
    pools: PoolOperations
    scheduler: Scheduler
    timers: Timers
    storage: Storage
    signer: UrlSigner = field(default_factory=UrlSigner)

    def require_action(self, action: str, scope: str) -> None:
        """Refuse what the world file does not permit. Raises ArmError."""
        if self.state.world.permissions:
            require_action(self.state.world.permissions, USER, action, scope)

    def documents_changed(self) -> None:
        """Let pools feel what has become of their network."""
        self.pools.network_changed()
