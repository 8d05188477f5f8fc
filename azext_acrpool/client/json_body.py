"""The SDK's models as the JSON that the SDK itself would send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import RunRequest, Task, TaskUpdateParameters

__all__ = ["as_json"]


def as_json(model: RunRequest | Task | TaskUpdateParameters) -> dict[str, Any]:
    """The body of a request, the SDK's marker for an explicit null included."""
    from azure.core.serialization import NULL

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(item) for name, item in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return None if value is NULL else value

    return cast("dict[str, Any]", plain(model.as_dict(exclude_readonly=True)))
