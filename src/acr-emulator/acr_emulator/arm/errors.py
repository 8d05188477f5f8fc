"""ARM's errors: `{"error": {"code", "message"}}` with a status. Texts that nobody has recorded are marked assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "ArmError",
    "authentication_failed",
    "invalid_content",
    "invalid_input",
    "location_required",
    "method_not_allowed",
    "resource_not_found",
    "status_conflict",
]


class ArmError(Exception):
    """A refusal. `target` is optional in the body; `headers` go with the reply."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.headers = dict(headers or {})

    def to_wire(self) -> dict[str, Any]:
        """The body."""
        target = {} if self.target is None else {"target": self.target}
        return {"error": {"code": self.code, "message": self.message, **target}}


def resource_not_found(resource: str, group: str) -> ArmError:
    """ARM's 404 (recorded). `resource` is type and names: Microsoft.ContainerRegistry/registries/r/agentPools/p."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{resource}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        headers={"x-ms-failure-cause": "gateway"},
    )


def method_not_allowed(method: str) -> ArmError:
    """A path that is known, with a method that is not (text assumed)."""
    return ArmError(405, "MethodNotAllowed", f"The resource does not support the method '{method}'.")


def invalid_content(message: str) -> ArmError:
    """A body that is not what the operation takes (code as ARM's; texts assumed)."""
    return ArmError(400, "InvalidRequestContent", f"The request content was invalid: {message}")


def location_required() -> ArmError:
    """A new resource without a region."""
    return ArmError(400, "LocationRequired", "The location property is required for this definition.")


def invalid_input(parameters: str, inner: str) -> ArmError:
    """A property whose value is refused (shape of the text reported, inner texts assumed unless they say otherwise)."""
    message = f"Some of the properties of '{parameters}' are invalid. InnerErrors: {inner}"
    return ArmError(400, "InvalidInputValue", message, target="request")


def status_conflict(message: str) -> ArmError:
    """A state that forbids the operation (code reported; status 409 and texts assumed)."""
    return ArmError(409, "RegistryStatusConflict", message, target="request")


def authentication_failed() -> ArmError:
    """No bearer token."""
    return ArmError(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing or is not a bearer token.",
        headers={"www-authenticate": 'Bearer authorization_uri="https://login.windows.net/", error="invalid_token"'},
    )
