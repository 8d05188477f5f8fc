"""The subnet that the command line names."""

from __future__ import annotations

from ...client.registries import RegistryId

__all__ = ["find_subnet_id", "is_id"]


def is_id(subnet: str | None) -> bool:
    """Whether --subnet is a resource ID."""
    return subnet is not None and "/" in subnet


def find_subnet_id(
    registry: RegistryId, subnet_id: str | None, vnet_name: str | None, subnet: str | None
) -> str | None:
    """The ID of the subnet, None if none is named. A name is one in a network of the registry's resource group."""
    if subnet_id or not subnet:
        return subnet_id
    if is_id(subnet):
        return subnet
    group = f"/subscriptions/{registry.subscription_id}/resourceGroups/{registry.resource_group}"
    return f"{group}/providers/Microsoft.Network/virtualNetworks/{vnet_name}/subnets/{subnet}"
