"""Which requests are for Azure. The emulator's own endpoints are answered undisturbed and leave no trace."""

from __future__ import annotations

from starlette.types import Scope

__all__ = ["CONTROL_PATH", "is_for_azure"]

CONTROL_PATH = "/_emulator"


def is_for_azure(scope: Scope) -> bool:
    """Whether this is a request, and not one to the emulator's own endpoints."""
    return bool(scope["type"] == "http" and not scope["path"].startswith(CONTROL_PATH + "/"))
