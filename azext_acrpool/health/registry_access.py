"""Can what runs on the pool reach the registry?"""

from __future__ import annotations

from collections.abc import Iterator

from ..client.registries import REGISTRY_TYPE
from ..pool import Pool
from ..wording import az_command, counted
from .facts import (
    TASKS_BYPASS_API_VERSION,
    DnsZoneFacts,
    Facts,
    Missing,
    RegistryFacts,
    SubnetFacts,
    Unreadable,
    VnetFacts,
    is_subnet_id,
)
from .findings import Finding, Severity
from .fixes import CHANGE_REGISTRY, free_name, registry_command
from .network.outbound import AZURE_DNS
from .network.subnet import free_addresses
from .pool.state import once_mended

__all__ = ["check_registry_access", "let_tasks_through"]

# What giving the registry a private endpoint needs there.
_CONNECT = (f"{REGISTRY_TYPE}/read", f"{REGISTRY_TYPE}/privateEndpointConnectionsApproval/action")


def check_registry_access(facts: Facts) -> Finding | None:
    """Its firewall against where the work runs: a network of the user's, or machines with public addresses."""
    registry = facts.registry
    if not isinstance(registry, RegistryFacts) or not isinstance(facts.pool, Pool):
        return None
    if registry.firewalled:
        return _check_from_vnet(facts, registry) if facts.in_vnet else _check_from_shared(facts, registry)
    return Finding(
        code="RegistryPublic",
        severity=Severity.OK,
        check="Registry access",
        message="The registry can be reached from everywhere.",
        evidence=_describe_access(registry),
    )


def _describe_access(registry: RegistryFacts) -> str:
    public = "enabled" if registry.public_access else "disabled"
    rules = f", {counted(len(registry.ip_rules), 'IP rule')}" if registry.ip_rules else ""
    links = f", {counted(registry.private_endpoints, 'private endpoint')}" if registry.private_endpoints else ""
    return f"{registry.id.name}: public access {public}, default action {registry.default_action}{rules}{links}"


def _check_from_vnet(facts: Facts, registry: RegistryFacts) -> Finding:
    check, evidence = "Registry access", _describe_access(registry)
    if registry.private_endpoints:
        return _check_private_endpoint(facts, registry)
    advice, fix = _advise_private_endpoint(facts), _add_private_endpoint(facts, registry)
    if registry.public_access and registry.ip_rules:
        return Finding(
            code="RegistryIpRules",
            severity=Severity.WARNING,
            check=check,
            message="The registry's firewall lets in only the addresses of its IP rules. Whether the pool's outbound"
            " address is one of them cannot be seen from here. If not, runs can neither pull from the registry nor push"
            " to it.",
            evidence=evidence,
            recommendation=advice,
            fix=fix,
            brief="Only the addresses of its IP rules are let in",
            actions=_CONNECT,
        )
    return Finding(
        code="RegistryUnreachable",
        severity=Severity.ERROR,
        check=check,
        message="The registry's firewall is closed and it has no private endpoint: runs on the pool can neither pull"
        " from it nor push to it.",
        evidence=evidence,
        recommendation=advice,
        fix=fix,
        actions=_CONNECT,
    )


def _check_private_endpoint(facts: Facts, registry: RegistryFacts) -> Finding:
    """Whether names in the pool's network resolve to it, so far as its private DNS zone tells.

    The zone may be in any resource group, and custom DNS servers may ask any other: only that all is well can be seen.
    """
    check, evidence = "Registry access", _describe_access(registry)
    if elsewhere := _find_elsewhere(facts):
        names = ", ".join(f"'{network.rpartition('/')[2]}'" for network in elsewhere)
        return Finding(
            code="RegistryEndpointElsewhere",
            severity=Severity.ERROR,
            check=check,
            message="The registry's firewall is closed, and the pool's network is not connected to"
            f" {names}, where its private endpoints are: runs can neither pull from the registry nor push to it.",
            evidence=f"{evidence}; {', '.join(elsewhere)}",
            recommendation="Connect the networks, or give the registry another private endpoint in the pool's network,"
            f" and link the private DNS zone '{registry.private_zone}' to that.",
            brief="The pool's network is not connected to those of its private endpoints",
        )
    unsure = _doubt_resolution(facts, registry)
    if not unsure:
        return Finding(
            code="RegistryPrivateEndpoint",
            severity=Severity.OK,
            check=check,
            message="The registry's firewall is closed, and it has a private endpoint, whose DNS zone is linked to the"
            " pool's network. That must reach it.",
            evidence=evidence,
        )
    zone = az_command(
        "network private-dns link vnet list", "-g", registry.id.resource_group, "--zone-name", registry.private_zone
    )
    return Finding(
        code="RegistryEndpointNotChecked",
        severity=Severity.NOT_CHECKED,
        check=check,
        message="Not checked: whether the pool's network reaches the registry's private endpoint and resolves"
        f" '{registry.login_server}' to it; {unsure}. If not, runs can neither pull from the registry nor push to it.",
        evidence=evidence,
        recommendation="Look whether the endpoint is in the pool's network or in one that it is connected to, and"
        f" whether the zone '{registry.private_zone}' that has its address is linked to the network that answers the"
        f" pool's DNS queries. In the registry's resource group: {zone}",
        brief="Whether the pool reaches its private endpoint is not known",
    )


def _find_elsewhere(facts: Facts) -> list[str]:
    """The networks of the registry's private endpoints if it is sure that the pool's network reaches none of them.

    That is only where it has neither peerings, nor a gateway, nor a route to an appliance that may lead on.
    """
    vnet, table = facts.vnet, facts.route_table
    if facts.endpoint_networks is None or not isinstance(vnet, VnetFacts) or vnet.peered or vnet.gateway:
        return []
    if isinstance(table, (Missing, Unreadable)):
        return []
    if table and any(route.next_hop.lower() in ("virtualappliance", "virtualnetworkgateway") for route in table.routes):
        return []
    own = _network_id(facts).lower()
    networks = list(dict.fromkeys(facts.endpoint_networks))
    return [] if own in (network.lower() for network in networks) else networks


def _doubt_resolution(facts: Facts, registry: RegistryFacts) -> str:
    """Why it is not known that the registry's name is resolved to its private endpoint, "" if it is."""
    zone, vnet = facts.dns_zone, facts.vnet
    if isinstance(zone, Unreadable):
        return f"its DNS zone could not be read: {zone}"
    if zone is None:
        return f"no zone '{registry.private_zone}' is in the registry's resource group"
    if _network_id(facts).lower() not in (linked.lower() for linked in zone.links.values()):
        return (
            f"the zone '{registry.private_zone}' in the registry's resource group is not linked to the pool's network"
        )
    if isinstance(vnet, VnetFacts) and any(server != AZURE_DNS for server in vnet.dns_servers):
        return "the pool's network asks DNS servers of its own"
    return ""


def _network_id(facts: Facts) -> str:
    """The ID of the network that the pool's subnet is in."""
    subnet_id = (facts.pool.subnet_id if isinstance(facts.pool, Pool) else None) or ""
    return subnet_id.rstrip("/").rsplit("/", 2)[0]


def _advise_private_endpoint(facts: Facts) -> str:
    advice = "Give the registry a private endpoint in the pool's network."
    if isinstance(facts.subnet, Missing):
        return f"{advice} For that there must be a subnet first."
    return (
        f"{advice} The pool's subnet has no address left for it beside the pool's machines: use another one there."
        if _is_full(facts)
        else advice
    )


def _is_full(facts: Facts) -> bool:
    """Whether the subnet has no address but those that the pool's machines still need."""
    pool = facts.wanted or once_mended(facts)
    needed = pool.count if pool else 0
    return isinstance(facts.subnet, SubnetFacts) and free_addresses(facts.subnet) <= needed


def _add_private_endpoint(facts: Facts, registry: RegistryFacts) -> tuple[str, ...]:
    """A private endpoint in the pool's subnet, and the private DNS zone that makes the network resolve to it.

    Nothing while there is no such subnet, or no room in it.
    """
    if not isinstance(facts.pool, Pool) or not is_subnet_id(facts.pool.subnet_id or ""):
        return ()
    if isinstance(facts.subnet, Missing) or _is_full(facts):
        return ()
    group = ("-g", registry.id.resource_group)
    region = facts.vnet.location if isinstance(facts.vnet, VnetFacts) else registry.location
    name = f"{registry.id.name}-endpoint"
    zone = registry.private_zone
    subnet_id = facts.pool.subnet_id or ""
    return (
        az_command(
            "network private-endpoint create",
            *(*group, "-n", name, "--location", region, "--subnet", subnet_id),
            *("--private-connection-resource-id", facts.registry_id.resource_id),
            *("--group-id", "registry", "--connection-name", name),
        ),
        *_resolve(facts, group, zone, name, _network_id(facts)),
        az_command(
            "network private-endpoint dns-zone-group create",
            *(*group, "--endpoint-name", name, "-n", "default"),
            *("--private-dns-zone", zone, "--zone-name", "registry"),
        ),
    )


def _resolve(facts: Facts, group: tuple[str, ...], zone: str, link: str, network_id: str) -> Iterator[str]:
    """The zone and its link to the network, so far as they are not there: az refuses to create them again."""
    known = facts.dns_zone if isinstance(facts.dns_zone, DnsZoneFacts) else None
    links = known.links if known else {}
    if known is None:
        yield az_command("network private-dns zone create", *group, "-n", zone)
    if network_id.lower() not in (linked.lower() for linked in links.values()):
        yield az_command(
            "network private-dns link vnet create",
            *(*group, "--zone-name", zone, "-n", free_name(link, links)),
            *("--virtual-network", network_id, "--registration-enabled", "false"),
        )


def _check_from_shared(facts: Facts, registry: RegistryFacts) -> Finding:
    tasks = "allowed" if registry.tasks_bypass else "not allowed"
    check, evidence = "Registry access", f"{_describe_access(registry)}, network bypass for tasks {tasks}"
    if registry.admits_tasks:
        return Finding(
            code="RegistryTasksBypass",
            severity=Severity.OK,
            check=check,
            message="The registry's firewall is closed and lets tasks through. This holds for tasks that sign in with"
            " their system-assigned identity.",
            evidence=evidence,
        )
    return Finding(
        code="RegistryBlocksTasks",
        severity=Severity.ERROR,
        check=check,
        message="The registry's firewall is closed and the pool is not in a virtual network: its runs come from public"
        " addresses, get 403 and can neither pull from the registry nor push to it.",
        evidence=evidence,
        recommendation="Create the pool in a subnet that reaches the registry's private endpoint, or let tasks through"
        " the firewall.",
        fix=let_tasks_through(facts, registry),
        brief="Its firewall is closed to pools outside of your networks",
        actions=CHANGE_REGISTRY,
    )


def let_tasks_through(facts: Facts, registry: RegistryFacts) -> tuple[str, ...]:
    """The commands that open the registry's firewall to tasks on shared agents, so far as it is not."""
    commands = []
    if not registry.trusted_services_bypass:
        commands.append(registry_command(facts, "acr update", "--allow-trusted-services", "true"))
    if not registry.tasks_bypass:
        kind = ("--resource-type", REGISTRY_TYPE, "--api-version", TASKS_BYPASS_API_VERSION)
        bypass = ("--set", "properties.networkRuleBypassAllowedForTasks=true")
        commands.append(registry_command(facts, "resource update", *kind, *bypass))
    return tuple(commands)
