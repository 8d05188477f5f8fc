"""The parts of one emulator, as the operations of ARM work with them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..agents.background import Background
from ..agents.pool_operations import PoolOperations
from ..agents.scheduler import Scheduler
from ..agents.timers import Timers
from ..clock import EmulatorClock
from ..options import EmulatorOptions
from ..storage import Storage
from ..world.state import AzureState
from .signing import UrlSigner

__all__ = ["Services"]


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
