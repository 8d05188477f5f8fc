"""Can this registry have agent pools, and can what runs on them reach it?"""

from __future__ import annotations

from dataclasses import replace

from ..pool import Pool
from ..wording import az_command
from .facts import Facts, Missing, RegistryFacts, Unreadable, VnetFacts
from .findings import Finding, Severity
from .preflight import PREVIEW_REGIONS, check_region, check_sku

__all__ = ["check_registry"]

# The version by which Azure's page "Manage network bypass policy for tasks" sets it.
_BYPASS_API_VERSION = "2025-06-01-preview"


def check_registry(facts: Facts) -> list[Finding]:
    """Tier, state, region, access to it from the pool, and how it grants permissions on its repositories."""
    registry = facts.registry
    if isinstance(registry, Unreadable):
        return [Finding("RegistryNotChecked", Severity.NOT_CHECKED, f"Not checked: {registry}.", check="Registry")]
    if isinstance(registry, Missing):
        where = facts.registry_id
        message = f"There is no registry '{where.name}' in resource group '{where.resource_group}'."
        advice = "To list those that you can see: az acr list --output table"
        return [Finding("RegistryNotFound", Severity.ERROR, message, advice, "Registry", registry.resource_id)]
    return [
        _check_tier(registry),
        _check_state(registry),
        _check_region(facts, registry),
        *_check_access(facts, registry),
        _check_mode(facts, registry),
    ]


def _named(registry: RegistryFacts) -> tuple[str, ...]:
    return ("--name", registry.id.name, "--resource-group", registry.id.resource_group)


def _check_tier(registry: RegistryFacts) -> Finding:
    check, evidence = "Registry tier", f"{registry.id.name}: {registry.sku}"
    fix = az_command("acr update", *_named(registry), "--sku", "Premium")
    for finding in check_sku(registry.id.name, registry.sku):
        return replace(finding, check=check, evidence=evidence, fix=(fix,))
    return Finding("RegistryPremium", Severity.OK, "The registry is Premium.", check=check, evidence=evidence)


def _check_state(registry: RegistryFacts) -> Finding:
    check, evidence = "Registry state", f"{registry.id.name}: {registry.state}"
    state = registry.state.lower()
    if state in ("", "succeeded"):
        return Finding("RegistryReady", Severity.OK, "The registry is ready.", check=check, evidence=evidence)
    failed = state in ("failed", "canceled")
    return Finding(
        "RegistryFailed" if failed else "RegistryBusy",
        Severity.ERROR if failed else Severity.WARNING,
        f"The registry's provisioning state is {registry.state}; operations on its pools are refused or fail.",
        "Repeat the change that failed, or open a support request." if failed else "Wait until it is Succeeded.",
        check,
        evidence,
        (az_command("acr show", *_named(registry), "--query", "provisioningState"),),
    )


def _check_region(facts: Facts, registry: RegistryFacts) -> Finding:
    check = "Region"
    offered = None if isinstance(facts.offered_regions, Unreadable) else facts.offered_regions
    source = "provider metadata" if offered else "documentation; the provider metadata could not be read"
    evidence = f"{registry.id.name}: {registry.location}, by {source}"
    region = "westus2" if not offered or "westus2" in offered else next(iter(offered))
    where = ("--resource-group", registry.id.resource_group, "--location", region)
    fix = az_command("acr create", "--name", f"{registry.id.name}pools"[:50], *where, "--sku", "Premium")
    for finding in check_region(registry.location, offered):
        advice = f"{finding.recommendation} A registry can't be moved; images can be copied with az acr import."
        return replace(finding, recommendation=advice, check=check, evidence=evidence, fix=(fix,))
    name = (offered or PREVIEW_REGIONS).get(registry.location, registry.location)
    message = f"{name} offers agent pools."
    return Finding("RegionOffersAgentPools", Severity.OK, message, check=check, evidence=evidence)


def _check_access(facts: Facts, registry: RegistryFacts) -> list[Finding]:
    """Its firewall against where the work runs: a network of the user's, or machines with public addresses."""
    if not isinstance(facts.pool, Pool):
        return []
    if not registry.firewalled:
        message = "The registry can be reached from everywhere."
        return [Finding("RegistryPublic", Severity.OK, message, check="Registry access", evidence=_describe(registry))]
    return [_check_from_vnet(facts, registry) if facts.in_vnet else _check_from_shared(registry)]


def _describe(registry: RegistryFacts) -> str:
    public = "enabled" if registry.public_access else "disabled"
    rules = f", {len(registry.ip_rules)} IP rules" if registry.ip_rules else ""
    links = f", {registry.private_endpoints} private endpoints" if registry.private_endpoints else ""
    return f"{registry.id.name}: public access {public}, default action {registry.default_action}{rules}{links}"


def _check_from_vnet(facts: Facts, registry: RegistryFacts) -> Finding:
    check, evidence = "Registry access", _describe(registry)
    if registry.private_endpoints:
        message = (
            "The registry's firewall is closed, and it has a private endpoint. The pool's network must reach that and"
            " resolve the registry's name to it."
        )
        return Finding("RegistryPrivateEndpoint", Severity.OK, message, check=check, evidence=evidence)
    if registry.public_access and registry.ip_rules:
        message = (
            "The registry's firewall lets in only the addresses of its IP rules. Whether the pool's outbound address is"
            " one of them can't be seen from here. If not, runs can neither pull from the registry nor push to it."
        )
        return Finding(
            "RegistryIpRules",
            Severity.WARNING,
            message,
            "Give the registry a private endpoint in the pool's network.",
            check,
            evidence,
            _add_private_endpoint(facts, registry),
        )
    return Finding(
        "RegistryUnreachable",
        Severity.ERROR,
        "The registry's firewall is closed and it has no private endpoint: runs on the pool can neither pull from it"
        " nor push to it.",
        "Give the registry a private endpoint in the pool's network.",
        check,
        evidence,
        _add_private_endpoint(facts, registry),
    )


def _add_private_endpoint(facts: Facts, registry: RegistryFacts) -> tuple[str, ...]:
    """A private endpoint in the pool's subnet, and the private DNS zone that makes the network resolve to it."""
    if not isinstance(facts.pool, Pool) or not facts.pool.subnet_id:
        return ()
    group = ("--resource-group", registry.id.resource_group)
    region = facts.vnet.location if isinstance(facts.vnet, VnetFacts) else registry.location
    name = f"{registry.id.name}-endpoint"
    zone = "privatelink." + (registry.login_server.partition(".")[2] or "azurecr.io")
    subnet_id = facts.pool.subnet_id
    network_id = subnet_id.rstrip("/").rsplit("/", 2)[0]
    registry_id = (
        f"/subscriptions/{registry.id.subscription_id}/resourceGroups/{registry.id.resource_group}"
        f"/providers/Microsoft.ContainerRegistry/registries/{registry.id.name}"
    )
    return (
        az_command(
            "network private-endpoint create",
            *(*group, "--name", name, "--location", region, "--subnet", subnet_id),
            *("--private-connection-resource-id", registry_id, "--group-id", "registry", "--connection-name", name),
        ),
        az_command("network private-dns zone create", *group, "--name", zone),
        az_command(
            "network private-dns link vnet create",
            *(*group, "--zone-name", zone, "--name", name),
            *("--virtual-network", network_id, "--registration-enabled", "false"),
        ),
        az_command(
            "network private-endpoint dns-zone-group create",
            *(*group, "--endpoint-name", name, "--name", "default"),
            *("--private-dns-zone", zone, "--zone-name", "registry"),
        ),
    )


def _check_from_shared(registry: RegistryFacts) -> Finding:
    check = "Registry access"
    tasks = "allowed" if registry.tasks_bypass else "not allowed"
    evidence = f"{_describe(registry)}, network bypass for tasks {tasks}"
    if registry.tasks_bypass and registry.trusted_services_bypass:
        message = (
            "The registry's firewall is closed and lets tasks through. This holds for tasks that sign in with their"
            " system-assigned identity."
        )
        return Finding("RegistryTasksBypass", Severity.OK, message, check=check, evidence=evidence)
    fix = []
    if not registry.trusted_services_bypass:
        fix.append(az_command("acr update", *_named(registry), "--allow-trusted-services", "true"))
    if not registry.tasks_bypass:
        kind = ("--resource-type", "Microsoft.ContainerRegistry/registries", "--api-version", _BYPASS_API_VERSION)
        bypass = ("--set", "properties.networkRuleBypassAllowedForTasks=true")
        fix.append(az_command("resource update", *_named(registry), *kind, *bypass))
    return Finding(
        "RegistryBlocksTasks",
        Severity.ERROR,
        "The registry's firewall is closed and the pool is not in a virtual network: its runs come from public"
        " addresses, get 403 and can neither pull from the registry nor push to it.",
        "Create the pool in a subnet that reaches the registry's private endpoint, or let tasks through the firewall.",
        check,
        evidence,
        tuple(fix),
    )


def _check_mode(facts: Facts, registry: RegistryFacts) -> Finding:
    check = "Role assignment mode"
    if not registry.abac:
        message = "Runs have access to all repositories of the registry."
        evidence = f"{registry.id.name}: LegacyRegistryPermissions"
        return Finding("RegistryPermissions", Severity.OK, message, check=check, evidence=evidence)
    pool = facts.pool.name if isinstance(facts.pool, Pool) and facts.pool.name else "mypool"
    where = ("--registry", registry.id.name, "--agent-pool", pool, "--image", "myimage:mytag")
    return Finding(
        "RegistryAbac",
        Severity.WARNING,
        "The registry grants permissions for each repository: a build or quick run has none unless it is told whose to"
        " use, and then its push or pull is refused.",
        "Sign in as the caller in builds and quick runs; give tasks an identity with --source-acr-auth-id.",
        check,
        f"{registry.id.name}: AbacRepositoryPermissions",
        (az_command("acr build", *where, "--source-acr-auth-id", "[caller]", "."),),
    )
