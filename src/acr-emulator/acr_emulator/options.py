"""How the emulator behaves."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EmulatorOptions"]


@dataclass(frozen=True)
class EmulatorOptions:
    """What `acr-emulator serve` and `run` can be told.

    `pool_seconds`: how long a pool operation takes. `registry_seconds`: how long a registry takes to come and to go
    (recorded: 2 to 12 s), unless pools are quicker. `sas_seconds`: how long signed blob URLs hold (assumed; the
    published examples show four hours and some minutes). `agent_speed`: factor by which agents work faster than their
    log's own pauses; `retry_after`: seconds in the Retry-After of pool operations (Azure: 10). `latency`: seconds
    before each request is looked at. `uplink_mbps`: megabits per second that all uploads to blobs share (None: no
    limit). `own_tokens_only`: whether nobody is let in but who has a token of its own, as where tasks execute commands.
    """

    pool_seconds: float = 3.0
    registry_seconds: float = 10.0
    agent_speed: float = 1.0
    retry_after: int = 10
    latency: float = 0.0
    uplink_mbps: float | None = None
    sas_seconds: float = 4 * 3600.0
    own_tokens_only: bool = False
