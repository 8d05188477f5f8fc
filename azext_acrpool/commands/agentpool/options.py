"""The options that several commands about agent pools have."""

from __future__ import annotations

from dataclasses import dataclass

from ...client.registries import RegistryId
from ..session import RegistryOptions

__all__ = ["PoolOptions", "SubnetOptions"]


@dataclass(frozen=True, kw_only=True)
class PoolOptions(RegistryOptions):
    """Which agent pool of which registry."""

    agent_pool_name: str


@dataclass(frozen=True, kw_only=True)
class SubnetOptions:
    """Which subnet the instances join: by ID, or by its name together with its network's name or ID.

    `vnet_resource_group` is that of a network that is named, None for the registry's.
    """

    subnet_id: str | None = None
    vnet_name: str | None = None
    vnet_resource_group: str | None = None
    subnet: str | None = None

    @property
    def named_subnet_id(self) -> str | None:
        """The ID, if the command line says it; --subnet takes one too, and --vnet-name its network's."""
        if self.subnet_id or not self.subnet or "/" in self.subnet:
            return self.subnet_id or self.subnet
        vnet = self.vnet_name or ""
        return f"{vnet.rstrip('/')}/subnets/{self.subnet}" if "/" in vnet else None

    def find_subnet_id(self, registry: RegistryId) -> str | None:
        """The ID of the subnet, None if none is named."""
        if self.named_subnet_id or not self.subnet:
            return self.named_subnet_id
        group = self.vnet_resource_group or registry.resource_group
        above = f"/subscriptions/{registry.subscription_id}/resourceGroups/{group}"
        return f"{above}/providers/Microsoft.Network/virtualNetworks/{self.vnet_name}/subnets/{self.subnet}"
