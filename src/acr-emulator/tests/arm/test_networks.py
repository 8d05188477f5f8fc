"""Networks in the emulator: they can be read and changed, they decide whether pools work, and not everybody may."""

from __future__ import annotations

from typing import Any

import pytest
from acr_emulator.arm.access import action_of
from acr_emulator.world import PoolSpec, RegistrySpec, ResourceSpec, SubnetSpec, World
from emulated_azure import GROUP, REGISTRY, EmulatedAzure

NETWORK = f"{GROUP}/providers/Microsoft.Network"
VNET = f"{NETWORK}/virtualNetworks/net"
SUBNET = f"{VNET}/subnets/agents"
NSG = f"{NETWORK}/networkSecurityGroups/nsg"
ROUTES = f"{NETWORK}/routeTables/routes"
REGISTRY_SPEC = RegistrySpec(pools=(PoolSpec("pool1", subnet_id=SUBNET),))


def rule(name: str, priority: int, access: str, destination: str, port: str = "*") -> dict[str, Any]:
    properties = {
        "priority": priority,
        "access": access,
        "direction": "Outbound",
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": destination,
        "destinationPortRange": port,
    }
    return {"name": name, "properties": properties}


def world(*rules: dict[str, Any], routes: tuple[tuple[str, str], ...] = (), **subnet: Any) -> World:
    """A pool in a subnet with these rules and routes, each route a prefix and its next hop."""
    items = [
        {"name": f"r{number}", "properties": {"addressPrefix": prefix, "nextHopType": hop}}
        for number, (prefix, hop) in enumerate(routes)
    ]
    attached = {"networkSecurityGroup": {"id": NSG}, "routeTable": {"id": ROUTES}}
    return World(
        registries=(REGISTRY_SPEC,),
        subnets=(SubnetSpec(SUBNET, properties={"addressPrefix": "10.0.1.0/24", **attached, **subnet}),),
        resources=(
            ResourceSpec(NSG, {"location": "westus2", "properties": {"securityRules": list(rules)}}),
            ResourceSpec(ROUTES, {"location": "westus2", "properties": {"routes": items}}),
        ),
    )


def is_taken(azure: EmulatedAzure) -> bool:
    """Whether a run that is sent to the pool starts."""
    azure.settle()
    run_id = azure.schedule(agentPoolName="pool1").body["properties"]["runId"]
    azure.advance(5)
    return "startTime" in azure.run(run_id)


def test_a_default_world_has_a_subnet() -> None:
    with EmulatedAzure() as azure:
        subnet = azure.get(f"{NETWORK}/virtualNetworks/myvnet/subnets/mysubnet")
        assert (subnet.status, subnet.body["properties"]["addressPrefix"]) == (200, "10.0.0.0/24")


def test_what_is_nested_is_seen_from_both_sides() -> None:
    with EmulatedAzure(world(rule("First", 100, "Allow", "*"))) as azure:
        created = azure.put(f"{NSG}/securityRules/Second", rule("Second", 200, "Deny", "*"))
        assert (created.status, created.body["type"]) == (201, "Microsoft.Network/networkSecurityGroups/securityRules")
        assert azure.put(f"{NSG}/securityRules/second", rule("Second", 300, "Deny", "*")).status == 200
        shown = azure.get(NSG).body["properties"]
        assert [item["name"] for item in shown["securityRules"]] == ["First", "Second"]
        assert shown["securityRules"][1]["properties"]["priority"] == 300
        assert "DenyAllOutBound" in {item["name"] for item in shown["defaultSecurityRules"]}
        assert azure.delete(f"{NSG}/securityRules/First").status == 200
        assert azure.delete(f"{NSG}/securityRules/First").status == 204
        assert [item["name"] for item in azure.get(NSG).body["properties"]["securityRules"]] == ["Second"]


def test_a_network_that_is_put_again_keeps_the_subnets_that_it_names() -> None:
    with EmulatedAzure(world()) as azure:
        network = azure.get(VNET).body
        network["properties"]["dhcpOptions"] = {"dnsServers": ["10.0.0.4"]}
        assert azure.put(VNET, network).status == 200
        assert azure.get(VNET).body["properties"]["dhcpOptions"] == {"dnsServers": ["10.0.0.4"]}
        assert azure.get(SUBNET).body["properties"]["addressPrefix"] == "10.0.1.0/24"


def test_expand_puts_what_is_attached_into_the_subnet() -> None:
    with EmulatedAzure(world(rule("First", 100, "Allow", "*"))) as azure:
        url = f"{SUBNET}?api-version=2024-05-01&$expand=networkSecurityGroup,routeTable"
        expanded = azure.get(url).body["properties"]
        assert expanded["networkSecurityGroup"]["properties"]["securityRules"][0]["name"] == "First"
        assert expanded["routeTable"]["properties"]["routes"] == []
        assert azure.get(SUBNET).body["properties"]["networkSecurityGroup"] == {"id": NSG}


def test_machines_of_pools_take_addresses() -> None:
    with EmulatedAzure(world()) as azure:
        assert len(azure.get(SUBNET).body["properties"]["ipConfigurations"]) == 1


def test_what_is_not_there() -> None:
    with EmulatedAzure(world()) as azure:
        assert azure.get(NSG + "x").body["error"]["code"] == "ResourceNotFound"
        assert azure.put(f"{NSG}x/securityRules/a", {}).body["error"]["code"] == "ParentResourceNotFound"
        assert azure.get(f"{NSG}x/securityRules").body["error"]["code"] == "ParentResourceNotFound"
        elsewhere = NSG.replace("myresourcegroup", "nogroup")
        assert azure.put(elsewhere, {}).body["error"]["code"] == "ResourceGroupNotFound"
        assert azure.post(NSG).status == 405
        assert azure.put(f"{GROUP}/providers/Microsoft.Web/sites/x", {}).status == 501


@pytest.mark.parametrize(
    ("path", "body", "code", "message"),
    [
        (
            f"{NSG}/securityRules/Second",
            rule("Second", 100, "Deny", "*"),
            "SecurityRuleConflict",
            (
                "Security rule Second conflicts with rule First. Rules cannot have the same Priority and Direction."
                " To learn more, see aka.ms/nsgrules."
            ),
        ),
        (
            NSG,
            {"properties": {"securityRules": [rule("A", 200, "Deny", "*"), rule("B", 200, "Allow", "*")]}},
            "SecurityRuleConflict",
            (
                "Security rule B conflicts with rule A. Rules cannot have the same Priority and Direction."
                " To learn more, see aka.ms/nsgrules."
            ),
        ),
        (
            NSG,
            {"properties": {"securityRules": [rule("A", 200, "Deny", "*"), rule("a", 201, "Allow", "*")]}},
            "DuplicateResourceName",
            f"Resource {NSG} has two child resources with the same name (a).",
        ),
        (
            NSG,
            {"properties": {"securityRules": ["A"]}},
            "InvalidRequestFormat",
            "'properties.securityRules' must be a list of objects, each with a 'name'.",
        ),
        (
            VNET,
            {"properties": {"subnets": [{"name": "s", "properties": {"routeTable": {"id": f"{ROUTES}x"}}}]}},
            "InvalidResourceReference",
            (
                f"Resource {ROUTES}x referenced by resource {VNET}/subnets/s was not found."
                " Please make sure that the referenced resource exists, and that both resources are in the same region."
            ),
        ),
        (
            f"{NSG}/securityRules/Second",
            rule("Second", 4097, "Deny", "*"),
            "SecurityRuleInvalidPriority",
            "Security rule has invalid Priority. Value provided: 4097 Allowed range 100-4096.",
        ),
        (
            f"{ROUTES}/routes/second",
            {"properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}},
            "RouteConflict",
            "Route second conflicts with route r0. Routes cannot have the same AddressPrefix.",
        ),
        (
            f"{NETWORK}/privateEndpoints/e",
            {"properties": {"subnet": {"id": f"{VNET}/subnets/gone"}}},
            "InvalidResourceReference",
            (
                f"Resource {VNET}/subnets/gone referenced by resource {NETWORK}/privateEndpoints/e was not found."
                " Please make sure that the referenced resource exists, and that both resources are in the same region."
            ),
        ),
    ],
)
def test_what_gets_into_anothers_way_is_refused(path: str, body: dict[str, Any], code: str, message: str) -> None:
    with EmulatedAzure(world(rule("First", 100, "Allow", "*"), routes=(("0.0.0.0/0", "None"),))) as azure:
        refused = azure.put(path, body)
        assert (refused.status, refused.body["error"]) == (400, {"code": code, "message": message})


def test_the_other_direction_and_the_rule_itself_are_in_nobodys_way() -> None:
    inbound = rule("In", 100, "Deny", "*")
    inbound["properties"]["direction"] = "Inbound"
    with EmulatedAzure(world(rule("First", 100, "Allow", "*"))) as azure:
        assert azure.put(f"{NSG}/securityRules/In", inbound).status == 201
        assert azure.put(f"{NSG}/securityRules/FIRST", rule("First", 100, "Deny", "*")).status == 200


def test_what_must_be_new_is_refused_where_it_is_there() -> None:
    zone, only_new = f"{NETWORK}/privateDnsZones/z.example", {"if-none-match": "*"}
    with EmulatedAzure(world()) as azure:
        assert azure.request("PUT", zone, {"location": "global"}, headers=only_new).status == 201
        refused = azure.request("PUT", zone, {"location": "global"}, headers=only_new)
        assert (refused.status, refused.body["error"]["code"]) == (412, "PreconditionFailed")
        assert azure.put(zone, {"location": "global"}).status == 200


def test_lists() -> None:
    with EmulatedAzure(world()) as azure:
        (found,) = azure.get(f"{NETWORK}/networkSecurityGroups").body["value"]
        assert found["id"] == NSG
        subscription = GROUP.rpartition("/resourceGroups/")[0]
        (vnet,) = azure.get(f"{subscription}/providers/Microsoft.Network/virtualNetworks").body["value"]
        assert [subnet["name"] for subnet in vnet["properties"]["subnets"]] == ["agents"]


@pytest.mark.parametrize(
    ("blocking", "taken"),
    [
        (world(), True),
        (world(rule("Deny", 100, "Deny", "*")), False),
        (world(rule("Deny", 100, "Deny", "Internet", "443")), False),
        (world(rule("Deny", 100, "Deny", "Storage.WestUS2", "400-500")), False),
        (world(rule("Deny", 100, "Deny", "Sql")), True),
        (world(rule("Deny", 100, "Deny", "Internet", "80")), True),
        (world(rule("Deny", 200, "Deny", "*"), rule("Allow", 100, "Allow", "Internet")), True),
        (world(rule("Deny", 200, "Deny", "*"), rule("Allow", 100, "Allow", "Storage")), False),
        (world(routes=(("0.0.0.0/0", "None"),)), False),
        (world(routes=(("0.0.0.0/0", "VirtualAppliance"),)), True),
        (world(routes=(("AzureCloud", "VnetLocal"),)), False),
        (
            world(
                routes=(
                    ("0.0.0.0/0", "None"),
                    ("AzureKeyVault", "Internet"),
                    ("Storage", "Internet"),
                    ("EventHub", "Internet"),
                    ("AzureActiveDirectory", "Internet"),
                )
            ),
            True,
        ),
        (
            world(
                routes=(("0.0.0.0/0", "None"),),
                serviceEndpoints=[
                    {"service": f"Microsoft.{name}"}
                    for name in ("KeyVault", "Storage", "EventHub", "AzureActiveDirectory")
                ],
            ),
            True,
        ),
    ],
)
def test_rules_and_routes_decide_whether_a_pool_works(blocking: World, taken: bool) -> None:
    with EmulatedAzure(blocking) as azure:
        assert is_taken(azure) == taken


def test_dns_inside_dockers_network_stops_a_pool() -> None:
    with EmulatedAzure(world()) as azure:
        network = azure.get(VNET).body
        network["properties"]["dhcpOptions"] = {"dnsServers": ["172.17.0.4"]}
        azure.put(VNET, network)
        assert not is_taken(azure)


def test_a_blocked_pool_fails_an_hour_later_unless_it_is_let_out() -> None:
    with EmulatedAzure(world(rule("Deny", 100, "Deny", "*"))) as azure:
        azure.settle()
        azure.advance(3000)
        assert azure.get(f"{REGISTRY}/agentPools/pool1").body["properties"]["provisioningState"] == "Succeeded"
        azure.put(f"{NSG}/securityRules/Deny", rule("Deny", 100, "Allow", "*"))
        azure.advance(3000)
        assert azure.get(f"{REGISTRY}/agentPools/pool1").body["properties"]["provisioningState"] == "Succeeded"
        azure.put(f"{NSG}/securityRules/Deny", rule("Deny", 100, "Deny", "*"))
        azure.advance(3600)
        assert azure.get(f"{REGISTRY}/agentPools/pool1").body["properties"]["provisioningState"] == "Failed"


def test_runs_that_waited_start_once_the_rule_is_gone() -> None:
    with EmulatedAzure(world(rule("Deny", 100, "Deny", "*"))) as azure:
        assert not is_taken(azure)
        assert azure.run("cf1")["status"] == "Queued"
        azure.delete(f"{NSG}/securityRules/Deny")
        azure.advance(5)
        assert azure.run("cf1")["status"] == "Succeeded"


def test_a_private_endpoint_is_a_connection_of_its_registry() -> None:
    with EmulatedAzure(world()) as azure:
        link = {"name": "c", "properties": {"privateLinkServiceId": REGISTRY, "groupIds": ["registry"]}}
        azure.put(f"{NETWORK}/privateEndpoints/e", {"properties": {"privateLinkServiceConnections": [link]}})
        (connection,) = azure.get(REGISTRY).body["properties"]["privateEndpointConnections"]
        assert connection["properties"]["privateLinkServiceConnectionState"]["status"] == "Approved"


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("GET", SUBNET, "Microsoft.Network/virtualNetworks/subnets/read"),
        ("GET", f"{NETWORK}/virtualNetworks", "Microsoft.Network/virtualNetworks/read"),
        ("PUT", NSG, "Microsoft.Network/networkSecurityGroups/write"),
        ("DELETE", f"{NSG}/securityRules/r", "Microsoft.Network/networkSecurityGroups/securityRules/delete"),
        ("POST", f"{REGISTRY}/scheduleRun", "Microsoft.ContainerRegistry/registries/scheduleRun/action"),
        (
            "POST",
            f"{REGISTRY}/agentPools/p/listQueueStatus",
            "Microsoft.ContainerRegistry/registries/agentPools/listQueueStatus/action",
        ),
        (
            "GET",
            f"{REGISTRY}/providers/Microsoft.Authorization/permissions",
            "Microsoft.Authorization/permissions/read",
        ),
        ("GET", "/subscriptions/s/providers/Microsoft.Network", "Microsoft.Resources/subscriptions/providers/read"),
        ("GET", "/subscriptions/s/resources", "Microsoft.Resources/subscriptions/resources/read"),
        ("GET", "/subscriptions/s", None),
        ("GET", "/tenants", None),
    ],
)
def test_actions(method: str, path: str, action: str | None) -> None:
    assert action_of(method, path) == action


def test_who_may_not_is_told_as_azure_tells() -> None:
    granted = {"actions": ["*/read"], "notActions": ["microsoft.network/networksecuritygroups/*"]}
    limited = World(
        registries=(REGISTRY_SPEC,), subnets=world().subnets, resources=world().resources, permissions=(granted,)
    )
    with EmulatedAzure(limited) as azure:
        refused = azure.get(NSG)
        assert (refused.status, refused.body["error"]["code"]) == (403, "AuthorizationFailed")
        assert (
            "perform action 'Microsoft.Network/networkSecurityGroups/read' over scope"
            in refused.body["error"]["message"]
        )
        assert azure.get(SUBNET).status == 200
        assert azure.get(f"{SUBNET}?api-version=2024-05-01&$expand=networkSecurityGroup").status == 403
        assert azure.create_pool("pool2").status == 403
        (shown,) = azure.get(f"{REGISTRY}/providers/Microsoft.Authorization/permissions").body["value"]
        assert shown["notActions"] == granted["notActions"]


def test_the_date_header_follows_the_emulators_clock() -> None:
    with EmulatedAzure() as azure:
        assert azure.get(REGISTRY).headers["date"] == "Sun, 01 Jun 2025 12:00:00 GMT"
        azure.advance(3600)
        assert azure.get(REGISTRY).headers["date"] == "Sun, 01 Jun 2025 13:00:00 GMT"


def test_what_comes_with_a_network_is_complete() -> None:
    subnets = [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    with EmulatedAzure() as azure:
        made = azure.put(f"{VNET}2", {"location": "westus2", "properties": {"subnets": subnets}})
    (subnet,) = made.body["properties"]["subnets"]
    assert subnet["properties"] == {
        "delegations": [],
        "privateEndpointNetworkPolicies": "Disabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
        "addressPrefix": "10.0.0.0/24",
        "provisioningState": "Succeeded",
    }
