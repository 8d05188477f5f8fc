"""What ARM's provider metadata says about a resource type."""

from __future__ import annotations

from .arm import RESOURCES_API_VERSION, ArmClient

__all__ = ["normalize_region", "read_regions"]


def normalize_region(text: str) -> str:
    """A region's name from its name or its display name.

    >>> normalize_region("West US 2")
    'westus2'
    """
    return "".join(text.split()).lower()


def read_regions(arm: ArmClient, namespace: str, resource_type: str) -> dict[str, str]:
    """The regions that offer `resource_type` of the resource provider `namespace`: display names by name.

    Empty if the metadata does not know the type. Raises AcrErrors.
    """
    metadata = arm.get_json(
        f"/subscriptions/{arm.subscription_id}/providers/{namespace}", api_version=RESOURCES_API_VERSION
    )
    for described in metadata.get("resourceTypes") or ():
        if str(described.get("resourceType", "")).lower() == resource_type.lower():
            return {normalize_region(location): location for location in described.get("locations") or ()}
    return {}
