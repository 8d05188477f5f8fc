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
    """Which subnet the instances join: by ID, or by its name together with that of its network."""

    subnet_id: str | None = None
    vnet_name: str | None = None
    subnet: str | None = None

    @property
    def named_subnet_id(self) -> str | None:
        """The ID, if the command line says it; --subnet takes one too."""
        return self.subnet_id or (self.subnet if self.subnet and "/" in self.subnet else None)

    def find_subnet_id(self, registry: RegistryId) -> str | None:
        """The ID of the subnet, None if none is named. A name is one in a network of the registry's resource group."""
        if self.named_subnet_id or not self.subnet:
            return self.named_subnet_id
        group = f"/subscriptions/{registry.subscription_id}/resourceGroups/{registry.resource_group}"
        return f"{group}/providers/Microsoft.Network/virtualNetworks/{self.vnet_name}/subnets/{self.subnet}"
