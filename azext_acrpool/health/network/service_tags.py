"""What an agent pool must reach, and which service tags cover it.

A service tag stands for the public addresses of a service in all regions (`Storage`) or in one (`Storage.WestUS2`).
Source: Azure's "Virtual network service tags" page, unless something else is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .intervals import PUBLIC_ADDRESSES, IntervalSet

__all__ = [
    "NO_REGISTRY",
    "ONLY_LOGS",
    "REGISTRY_SERVICE",
    "REQUIRED_SERVICES",
    "Coverage",
    "Destination",
    "Need",
    "RequiredService",
    "tag_coverage",
    "tag_rank",
]


class Need(str, Enum):
    """What a pool needs a service for: AGENTS to take runs, REGISTRY to pull and push, LOGS for support's sake only."""

    AGENTS = "agents"
    REGISTRY = "registry"
    LOGS = "logs"


class Coverage(Enum):
    """How much of a destination a tag covers. SOME: a part, or it cannot be told."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(frozen=True)
class Destination:
    """Where traffic goes: the service `tag` in `region`, a host of the internet (no tag), or known `addresses`.

    `region` is a region's name (westus2), "" if the service has no regions or all of them are meant. `addresses` is
    where it may be: for a service, somewhere among all public addresses.
    """

    name: str
    tag: str = ""
    region: str = ""
    addresses: IntervalSet = PUBLIC_ADDRESSES


@dataclass(frozen=True)
class RequiredService:
    """A line of the how-to's table of firewall rules, or what it leaves out.

    `regional`: its tag exists for single regions. `endpoint` is the service endpoint that leads to it, "" if there is
    none.
    """

    tag: str
    ports: tuple[int, ...]
    regional: bool
    endpoint: str = ""
    need: Need = Need.AGENTS

    @property
    def essential(self) -> bool:
        """Whether runs fail, or are never taken, without it."""
        return self.need is not Need.LOGS

    def destination(self, region: str) -> Destination:
        """The service as a pool in `region` needs it: of a regional service, what is in its own region."""
        return Destination(self.tag, self.tag, region if self.regional else "")


REQUIRED_SERVICES = (
    RequiredService("AzureKeyVault", (443,), regional=True, endpoint="Microsoft.KeyVault"),
    RequiredService("Storage", (443,), regional=True, endpoint="Microsoft.Storage"),
    RequiredService("EventHub", (443,), regional=True, endpoint="Microsoft.EventHub"),
    RequiredService("AzureActiveDirectory", (443,), regional=False, endpoint="Microsoft.AzureActiveDirectory"),
    # How-to: without it the pool cannot emit diagnostic logs but may appear to operate normally.
    RequiredService("AzureMonitor", (443, 12000), regional=False, need=Need.LOGS),
)

# The how-to's table leaves the registry out, but runs pull from it and push to it. Its layers are in Storage.
REGISTRY_SERVICE = RequiredService(
    "AzureContainerRegistry", (443,), regional=True, endpoint="Microsoft.ContainerRegistry", need=Need.REGISTRY
)

# What it means that the registry, or only a service for logs, is out of reach.
NO_REGISTRY = "Runs start, but can neither pull from this registry nor push to it."
ONLY_LOGS = "The pool may seem to work, but its diagnostic logs are lost, and support cannot help."

# Regions that tags spell in their own way.
_REGION_ALIASES = {
    "centralfrance": "francecentral",
    "southfrance": "francesouth",
    "germanywc": "germanywestcentral",
    "germanyn": "germanynorth",
    "norwaye": "norwayeast",
    "norwayw": "norwaywest",
    "switzerlandn": "switzerlandnorth",
    "switzerlandw": "switzerlandwest",
}

# What follows the dot in these is not a region.
_DOTTED_TAGS = ("azurefrontdoor.",)


def tag_coverage(tag: str, destination: Destination) -> Coverage:
    """How much of `destination`, which has public addresses, the service tag covers. Upper and lower case are alike.

    `Internet` covers every public address. `AzureCloud` is documented as all public addresses of Azure's data centers,
    so it covers the services in them, Microsoft Entra ID (AzureActiveDirectory) among them; a regional tag covers only
    a part of a service without regions. Nothing is said about Front Door's addresses and those of other hosts.
    """
    base, region = _split(tag)
    if base == "internet":
        return Coverage.ALL
    wanted, _ = _split(destination.tag)
    if base == "azurecloud":
        if not wanted or wanted.startswith(_DOTTED_TAGS):
            return Coverage.SOME
        return _region_coverage(region, destination.region)
    if base == wanted:
        return _region_coverage(region, destination.region)
    return Coverage.NONE


def tag_rank(tag: str) -> int:
    """Which of several tags of routes wins, smallest first.

    Source: "Virtual network traffic routing": regional tags, top-level tags, regional AzureCloud, AzureCloud.
    """
    base, region = _split(tag)
    return (2 if base in ("azurecloud", "internet") else 0) + (0 if region else 1)


def _split(tag: str) -> tuple[str, str]:
    text = tag.strip().lower()
    if text.startswith(_DOTTED_TAGS):
        return text, ""
    base, _, region = text.partition(".")
    return base, _REGION_ALIASES.get(region, region)


def _region_coverage(region: str, wanted: str) -> Coverage:
    if not region or region == wanted:
        return Coverage.ALL
    return Coverage.NONE if wanted else Coverage.SOME
