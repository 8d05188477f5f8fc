"""What a recorded scenario gives its test."""

from __future__ import annotations

from dataclasses import dataclass

from azext_acrpool.client.arm import ArmClient
from azext_acrpool.clock import Clock


@dataclass(frozen=True)
class Scenario:
    """The client, the registry's name and a clock."""

    arm: ArmClient
    registry: str
    clock: Clock
