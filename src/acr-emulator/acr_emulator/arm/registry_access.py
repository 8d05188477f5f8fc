"""A registry's admin user and its quotas: `listCredentials`, `regenerateCredential`, `listUsages`."""

from __future__ import annotations

from typing import Any

from ..world.state import Registry, new_password
from .errors import ArmError, invalid_content
from .messages import ArmCall, Reply, required
from .routing import REGISTRY, Route

__all__ = ["ROUTES"]

GIBIBYTE = 1024**3
# Of Azure's document "Azure Container Registry service tiers": the storage that is included, and webhooks.
STORAGE = {"Basic": 10 * GIBIBYTE, "Standard": 100 * GIBIBYTE, "Premium": 500 * GIBIBYTE}
WEBHOOKS = {"Basic": 2, "Standard": 10, "Premium": 500}
PREMIUM_LIMITS = {
    "Geo-replications": -1,
    "IPRules": 100,
    "VNetRules": 100,
    "PrivateEndpointConnections": 200,
    "ScopeMaps": 50_000,
    "Tokens": 50_000,
}


def list_credentials(call: ArmCall) -> Reply:
    """User and passwords of the admin user, if it is enabled (code and text assumed: az asks nobody otherwise)."""
    registry = call.registry()
    if not registry.settings.get("adminUserEnabled"):
        message = f"Unable to use admin credentials of '{registry.name}', since its admin user is disabled."
        raise ArmError(400, "UnAuthorizedForCredentialOperations", message)
    return Reply(200, _credentials(registry))


def regenerate_credential(call: ArmCall) -> Reply:
    """A new value for the password that `name` tells. Raises ArmError."""
    list_credentials(call)
    registry, name = call.registry(), required(call.json_object(), "name", "body")
    if name not in registry.passwords:
        raise invalid_content(f"'name' must be one of {', '.join(registry.passwords)}.")
    registry.passwords[name] = new_password()
    return Reply(200, _credentials(registry))


def _credentials(registry: Registry) -> dict[str, Any]:
    passwords = [{"name": name, "value": value} for name, value in registry.passwords.items()]
    return {"username": registry.name, "passwords": passwords}


def list_usages(call: ArmCall) -> Reply:
    """Nothing is used, since no image is kept. The limits of Premium are recorded, those of others documented."""
    sku = call.registry().spec.sku
    usages = [_usage("Size", STORAGE[sku], "Bytes"), _usage("Webhooks", WEBHOOKS[sku], "Count")]
    if sku == "Premium":
        usages += [_usage(name, limit, "Count") for name, limit in PREMIUM_LIMITS.items()]
    return Reply(200, {"value": usages})


def _usage(name: str, limit: int, unit: str) -> dict[str, Any]:
    return {"name": name, "limit": limit, "currentValue": 0, "unit": unit}


ROUTES = (
    Route("POST", REGISTRY + "/listCredentials", list_credentials),
    Route("POST", REGISTRY + "/regenerateCredential", regenerate_credential),
    Route("GET", REGISTRY + "/listUsages", list_usages),
)
