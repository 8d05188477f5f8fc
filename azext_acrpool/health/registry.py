"""Can this registry have agent pools?"""

from __future__ import annotations

from collections.abc import Mapping

from ..client.arm import REGISTRIES_API_VERSION
from ..client.registries import has_agent_pools
from ..wording import az_command
from .facts import Facts, Missing, RegistryFacts, Unreadable
from .findings import Finding, Severity, not_checked
from .fixes import CHANGE_REGISTRY, registry_command

__all__ = [
    "PREVIEW_REGIONS",
    "check_region",
    "check_registry",
    "check_registry_state",
    "check_registry_tier",
    "check_role_assignment_mode",
]

# How-to page, "Preview limitations": display names by name. Older than the provider metadata, which is asked first.
PREVIEW_REGIONS: Mapping[str, str] = {
    "westus2": "West US 2",
    "southcentralus": "South Central US",
    "eastus2": "East US 2",
    "eastus": "East US",
    "centralus": "Central US",
    "westeurope": "West Europe",
    "northeurope": "North Europe",
    "canadacentral": "Canada Central",
    "eastasia": "East Asia",
    "switzerlandnorth": "Switzerland North",
    "usgovarizona": "USGov Arizona",
    "usgovtexas": "USGov Texas",
    "usgovvirginia": "USGov Virginia",
}


def check_registry(facts: Facts) -> Finding | None:
    """It is there and may be read."""
    registry = facts.registry
    if isinstance(registry, Unreadable):
        return not_checked(code="RegistryNotChecked", check="Registry", why=registry)
    if not isinstance(registry, Missing):
        return None
    where = facts.registry_id
    return Finding(
        code="RegistryNotFound",
        severity=Severity.ERROR,
        check="Registry",
        message=f"There is no registry '{where.name}' in resource group '{where.resource_group}'.",
        evidence=registry.resource_id,
        recommendation="To list those that you can see: az acr list -o table",
    )


def check_registry_tier(facts: Facts) -> Finding | None:
    """Premium, the only tier of registries that has agent pools."""
    registry = facts.registry
    if not isinstance(registry, RegistryFacts):
        return None
    check, evidence = "Registry tier", f"{registry.id.name}: {registry.sku}"
    if has_agent_pools(registry.sku):
        message = "The registry is Premium."
        return Finding(code="RegistryPremium", severity=Severity.OK, check=check, message=message, evidence=evidence)
    return Finding(
        code="RegistryNotPremium",
        severity=Severity.ERROR,
        check=check,
        message=f"Agent pools need a Premium registry; '{registry.id.name}' is {registry.sku}.",
        evidence=evidence,
        recommendation="Upgrade it.",
        fix=(registry_command(facts, "acr update", "--sku", "Premium"),),
        actions=CHANGE_REGISTRY,
        hinders=True,
    )


def check_registry_state(facts: Facts) -> Finding | None:
    """Nothing is being done to it, and what was done last has worked."""
    registry = facts.registry
    if not isinstance(registry, RegistryFacts):
        return None
    check, evidence = "Registry state", f"{registry.id.name}: {registry.state}"
    state = registry.state.lower()
    if state in ("succeeded", ""):
        message = "The registry is ready."
        return Finding(code="RegistryReady", severity=Severity.OK, check=check, message=message, evidence=evidence)
    found = f"The registry's provisioning state is {registry.state}"
    if state in ("failed", "canceled"):
        return Finding(
            code="RegistryFailed",
            severity=Severity.ERROR,
            check=check,
            message=f"{found}; operations on its pools are refused or fail.",
            evidence=evidence,
            recommendation="Repeat the change that failed, or open a support request. Whether that has helped says:"
            f" {registry_command(facts, 'acr show', '--query', 'provisioningState')}",
            hinders=True,
        )
    wait = ("--ids", facts.registry_id.resource_id, "--api-version", REGISTRIES_API_VERSION, "--updated")
    return Finding(
        code="RegistryBusy",
        severity=Severity.WARNING,
        check=check,
        message=f"{found}; operations on its pools may be refused until that is done.",
        evidence=evidence,
        recommendation="Wait until it is Succeeded.",
        fix=(az_command("resource wait", *wait),),
        hinders=True,
    )


def check_region(facts: Facts) -> Finding | None:
    """One of the regions that offer agent pools; the documented ones count if they could not be read."""
    registry = facts.registry
    if not isinstance(registry, RegistryFacts):
        return None
    # Metadata that lists no region at all says nothing about this one.
    offered = {} if isinstance(facts.offered_regions, Unreadable) else facts.offered_regions
    regions = offered or PREVIEW_REGIONS
    source = "provider metadata" if offered else "documentation; the provider metadata could not be read"
    check, evidence = "Region", f"{registry.id.name}: {registry.location}, by {source}"
    if not registry.location or registry.location in regions:
        return Finding(
            code="RegionOffersAgentPools",
            severity=Severity.OK,
            check=check,
            message=f"{regions.get(registry.location, registry.location)} offers agent pools.",
            evidence=evidence,
        )
    doubt = "" if offered else " as far as is documented (which regions do could not be read)"
    return Finding(
        code="RegionWithoutAgentPools",
        severity=Severity.ERROR if offered else Severity.WARNING,
        check=check,
        message=f"The registry's region {registry.location} does not offer agent pools{doubt}.",
        evidence=evidence,
        recommendation=f"Use a registry in one of: {', '.join(sorted(regions.values()))}."
        " A registry cannot be moved; images can be copied with az acr import.",
        brief="" if offered else f"{registry.location} is not documented to offer agent pools",
        hinders=bool(offered),
    )


def check_role_assignment_mode(facts: Facts) -> Finding | None:
    """How it grants permissions on its repositories."""
    registry = facts.registry
    if not isinstance(registry, RegistryFacts):
        return None
    if not registry.abac:
        return Finding(
            code="RegistryPermissions",
            severity=Severity.OK,
            check="Role assignment mode",
            message="Runs have access to all repositories of the registry.",
            evidence=f"{registry.id.name}: LegacyRegistryPermissions",
        )
    return Finding(
        code="RegistryAbac",
        severity=Severity.WARNING,
        check="Role assignment mode",
        message="The registry grants permissions for each repository: a build or quick run has none unless it is told"
        " whose to use, and then its push or pull is refused.",
        evidence=f"{registry.id.name}: AbacRepositoryPermissions",
        recommendation='Sign in as the caller in builds and quick runs, with --source-acr-auth-id "[caller]"; give'
        " tasks an identity, with --source-acr-auth-id too.",
    )
