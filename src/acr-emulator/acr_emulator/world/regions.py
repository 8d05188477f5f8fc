"""Azure's regions, by display name, and where agent pools are offered among them."""

from __future__ import annotations

import re

__all__ = ["AGENT_POOL_REGIONS", "REGISTRY_REGIONS", "normalize_location"]

AGENT_POOL_REGIONS = (
    "West US 2",
    "South Central US",
    "East US 2",
    "East US",
    "Central US",
    "West Europe",
    "North Europe",
    "Canada Central",
    "East Asia",
    "Switzerland North",
    "USGov Arizona",
    "USGov Texas",
    "USGov Virginia",
    "East US 2 EUAP",
)
"""Where agent pools are offered (how-to, "Preview limitations"), and the region that az's own tests make them in."""

REGISTRY_REGIONS = (
    *AGENT_POOL_REGIONS,
    *("West US", "West US 3", "North Central US", "West Central US", "Southeast US", "East US 3"),
    *("Central US EUAP", "East US STG", "South Central US STG"),
    *("Canada East", "Mexico Central", "Brazil South", "Brazil Southeast", "Brazil US", "Chile Central"),
    *("UK South", "UK West", "France Central", "France South", "Germany North", "Germany West Central"),
    *("Switzerland West", "Norway East", "Norway West", "Sweden Central", "Sweden South", "Denmark East"),
    *("Austria East", "Belgium Central", "Italy North", "Poland Central", "Spain Central"),
    *("Israel Central", "Israel Northwest", "Qatar Central", "UAE North", "UAE Central", "Saudi Arabia East"),
    *("South Africa North", "South Africa West"),
    *("Southeast Asia", "Indonesia Central", "Malaysia West", "Malaysia South", "New Zealand North"),
    *("Japan East", "Japan West", "Korea Central", "Korea South", "Taiwan North", "Taiwan Northwest"),
    *("Australia East", "Australia Southeast", "Australia Central", "Australia Central 2"),
    *("Central India", "South India", "West India", "Jio India West", "Jio India Central", "India South Central"),
    *("USDoD Central", "USDoD East"),
    *("China East", "China East 2", "China East 3", "China North", "China North 2", "China North 3"),
)
"""Where registries, tasks and runs are offered: every region that Azure's documentation lists (that all of them have
registries is assumed)."""


def normalize_location(name: str) -> str:
    """ARM's name of a region: "West US 2" and "WESTUS2" are both westus2."""
    return re.sub(r"\s", "", name).lower()
