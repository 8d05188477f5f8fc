"""ARM's errors: `{"error": {"code", "message"}}` with a status. Texts that nobody has recorded are marked assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "ArmError",
    "RegistryError",
    "authentication_failed",
    "invalid_content",
    "invalid_input",
    "location_conflict",
    "location_required",
    "method_not_allowed",
    "parent_not_found",
    "precondition_failed",
    "resource_not_found",
    "status_conflict",
    "unsupported_media_type",
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


class RegistryError(ArmError):
    """A refusal of the registry's own service, which says in its body that the operation failed (recorded)."""

    def to_wire(self) -> dict[str, Any]:
        return {**super().to_wire(), "status": "Failed"}


def resource_not_found(resource: str, group: str) -> ArmError:
    """ARM's 404 (recorded). `resource` is type and names: Microsoft.ContainerRegistry/registries/r/agentPools/p."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{resource}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        headers={"x-ms-failure-cause": "gateway"},
    )


def parent_not_found(name: str) -> ArmError:
    """A nested resource is to be written below one that is not there (reported)."""
    message = f"Can not perform requested operation on nested resource. Parent resource '{name}' not found."
    return ArmError(404, "ParentResourceNotFound", message, headers={"x-ms-failure-cause": "gateway"})


def method_not_allowed(method: str) -> ArmError:
    """A path that is known, with a method that is not (text assumed)."""
    return ArmError(405, "MethodNotAllowed", f"The resource does not support the method '{method}'.")


def invalid_content(message: str) -> ArmError:
    """A body that is not what the operation takes (code as ARM's; texts assumed)."""
    return ArmError(400, "InvalidRequestContent", f"The request content was invalid: {message}")


def location_required() -> ArmError:
    """A new resource without a region."""
    return ArmError(400, "LocationRequired", "The location property is required for this definition.")


def location_conflict(resource_id: str, location: str, wanted: str) -> ArmError:
    """A PUT of what is there, with another region (reported). `resource_id` is the whole ID."""
    parts = resource_id.split("/")
    return ArmError(
        409,
        "InvalidResourceLocation",
        f"The resource '{parts[-1]}' already exists in location '{location}' in resource group '{parts[4]}'. A resource"
        f" with the same name cannot be created in location '{wanted}'. Please select a new resource name.",
        headers={"x-ms-failure-cause": "gateway"},
    )


def precondition_failed(header: str) -> ArmError:
    """`If-Match` or `If-None-Match` that does not hold (status and code documented, text assumed)."""
    message = f"The condition '*' in the {header} header was not satisfied."
    return ArmError(412, "PreconditionFailed", message)


def unsupported_media_type(given: str | None) -> ArmError:
    """A body that is declared to be something else than JSON (reported)."""
    message = f"The content media type '{given or '<null>'}' is not supported. Only 'application/json' is supported."
    return ArmError(415, "UnsupportedMediaType", message)


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
