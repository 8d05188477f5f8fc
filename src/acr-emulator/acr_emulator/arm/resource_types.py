"""What ARM calls the kinds of resources that are here."""

from __future__ import annotations

__all__ = ["REGISTRY_TYPE"]

REGISTRY_TYPE = "Microsoft.ContainerRegistry/registries"
