"""What exists: as it is described when the emulator starts, and what requests have made of it since."""

from __future__ import annotations

from .file import WorldFileError, load_world, parse_world
from .specs import PoolSpec, PrincipalSpec, RegistrySpec, ResourceSpec, SubnetSpec, SubscriptionSpec, World

__all__ = [
    "PoolSpec",
    "PrincipalSpec",
    "RegistrySpec",
    "ResourceSpec",
    "SubnetSpec",
    "SubscriptionSpec",
    "World",
    "WorldFileError",
    "load_world",
    "parse_world",
]
