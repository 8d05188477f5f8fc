"""Facts about a pool's health: each asked for once, and what cannot be read said instead of raised."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError
from scripted_arm import REGISTRY, RoutedTransport, arm_error, arm_over, pool_body, registry_body
from scripted_transport import Reply

from azext_acrpool.client.errors import ConnectionLostError, UnauthorizedError
from azext_acrpool.health.checks import check_health, why_waiting
from azext_acrpool.health.facts import (
    DnsZoneFacts,
    Facts,
    Missing,
    NsgFacts,
    RegistryFacts,
    ResourceId,
    RouteTableFacts,
    RunFacts,
    SecurityRule,
    SubnetFacts,
    Unreadable,
    VnetFacts,
)
from azext_acrpool.health.reading.facts import HealthSubject, fetch_facts
from azext_acrpool.pool import Pool
from azext_acrpool.testing import JumpingClock

GROUP = f"/subscriptions/{REGISTRY.subscription_id}/resourceGroups/network/providers/Microsoft.Network"
VNET = f"{GROUP}/virtualNetworks/myvnet"
SUBNET = f"{VNET}/subnets/agents"
NSG = f"{GROUP}/networkSecurityGroups/mynsg"
ROUTES = f"{GROUP}/routeTables/myroutes"
DENY_ALL = {
    "name": "DenyAll",
    "properties": {
        "priority": 4000,
        "access": "Deny",
        "direction": "Outbound",
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
    },
}
NSG_BODY = {"id": NSG, "name": "mynsg", "properties": {"securityRules": [DENY_ALL], "defaultSecurityRules": []}}
ROUTES_BODY = {"id": ROUTES, "name": "myroutes", "properties": {"routes": []}}
METADATA = {"resourceTypes": [{"resourceType": "registries/agentPools", "locations": ["West US 2"]}]}
EXISTING = HealthSubject(REGISTRY, pool_name="MyPool")
WANTED = HealthSubject(REGISTRY, wanted=Pool("", "myregistry", "S1", 2, subnet_id=SUBNET))


def subnet_body(nsg: Any, routes: Any) -> dict[str, Any]:
    properties = {"addressPrefix": "10.0.1.0/24", "networkSecurityGroup": nsg, "routeTable": routes}
    return {"id": SUBNET, "name": "agents", "properties": properties}


def run_body(run_id: str, status: str, pool: str = "mypool", **properties: Any) -> dict[str, Any]:
    times = {"createTime": "2026-01-15T11:00:00.1234567+00:00"}
    return {
        "name": run_id,
        "properties": {"runId": run_id, "status": status, "agentPoolName": pool, **times, **properties},
    }


def azure(**changes: Any) -> RoutedTransport:
    """A pool in a subnet with a security group and a route table that come with the subnet."""
    pool = pool_body(virtualNetworkSubnetResourceId=SUBNET)
    return RoutedTransport(
        {
            "GET /registries/myregistry": Reply(200, registry_body(), {"Date": "Thu, 15 Jan 2026 12:00:00 GMT"}),
            "GET /agentPools": Reply(200, {"value": [pool]}),
            "GET /providers/Microsoft.ContainerRegistry": Reply(200, METADATA),
            "GET /permissions": Reply(200, {"value": [{"actions": ["*"], "notActions": []}]}),
            "POST /listQueueStatus": Reply(200, {"count": 1}),
            "GET /runs": Reply(200, {"value": []}),
            "GET /virtualNetworks/myvnet": Reply(200, {"id": VNET, "location": "westus2", "properties": {}}),
            "GET /subnets/agents?$expand": Reply(200, subnet_body(NSG_BODY, ROUTES_BODY)),
            "GET /subnets/agents": Reply(200, subnet_body({"id": NSG}, {"id": ROUTES})),
            "GET /networkSecurityGroups/mynsg": Reply(200, NSG_BODY),
            "GET /routeTables/myroutes": Reply(200, ROUTES_BODY),
            **changes,
        }
    )


def fetch(transport: RoutedTransport, subject: HealthSubject = EXISTING) -> Facts:
    return fetch_facts(arm_over(transport), subject, JumpingClock())


def test_everything_about_an_existing_pool_is_asked_for_once() -> None:
    transport = azure()
    facts = fetch(transport)

    pool = Pool("mypool", "myregistry", "S1", 1, state="Succeeded", subnet_id=SUBNET)
    where = ResourceId(REGISTRY.subscription_id, "mygroup", "myregistry")
    vnet, subnet, nsg, routes = (ResourceId.parse(text) for text in (VNET, SUBNET, NSG, ROUTES))
    assert facts == Facts(
        now=datetime(2026, 1, 15, 12, 0, tzinfo=timezone.utc),
        registry_id=REGISTRY,
        registry=RegistryFacts(where, "westus2", login_server="myregistry.azurecr.io"),
        pool=pool,
        pools=(pool,),
        offered_regions={"westus2": "West US 2"},
        queue_count=1,
        subnet=SubnetFacts(subnet, ("10.0.1.0/24",)),
        vnet=VnetFacts(vnet, "westus2"),
        nsg=NsgFacts(nsg, (SecurityRule("DenyAll", 4000, "Deny"),)),
        route_table=RouteTableFacts(routes),
    )
    urls = [request.url for request in transport.requests]
    assert len(set(urls)) == len(urls)
    assert not [url for url in urls if "networkSecurityGroups/mynsg" in url or "routeTables" in url.partition("?")[0]]


CLOSED = {**registry_body(), "properties": {**registry_body()["properties"], "publicNetworkAccess": "Disabled"}}
LINKS = "GET /privateDnsZones/privatelink.azurecr.io/virtualNetworkLinks"
LINK = {"name": "link", "properties": {"virtualNetwork": {"id": VNET}}}


@pytest.mark.parametrize(
    ("reply", "zone"),
    [
        (Reply(200, {"value": [LINK]}), DnsZoneFacts({"link": VNET})),
        (Reply(200, {"value": []}), DnsZoneFacts()),
        (arm_error(404, "ParentResourceNotFound", "It was not found."), None),
        (
            arm_error(403, "Forbidden", "No."),
            Unreadable("Microsoft.Network/privateDnsZones/virtualNetworkLinks/read"),
        ),
    ],
    ids=["linked", "not linked", "none", "not to be read"],
)
def test_the_dns_zone_is_read_where_a_private_endpoint_is_missing(
    reply: Reply, zone: DnsZoneFacts | Unreadable | None
) -> None:
    assert fetch(azure(**{"GET /registries/myregistry": Reply(200, CLOSED), LINKS: reply})).dns_zone == zone


def test_the_dns_zone_is_read_for_a_private_endpoint_that_is_there() -> None:
    link = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    registry = {**CLOSED, "properties": {**CLOSED["properties"], "privateEndpointConnections": [link]}}
    transport = azure(**{"GET /registries/myregistry": Reply(200, registry), LINKS: Reply(200, {"value": [LINK]})})
    assert fetch(transport).dns_zone == DnsZoneFacts({"link": VNET})


ENDPOINTS = f"{VNET.rpartition('/virtualNetworks/')[0]}/privateEndpoints"


@pytest.mark.parametrize(
    ("second", "networks"),
    [
        (Reply(200, {"properties": {"subnet": {"id": f"{VNET}2/subnets/x"}}}), (VNET, f"{VNET}2")),
        (arm_error(403, "Forbidden", "No."), None),
        (arm_error(404, "ResourceNotFound", "It was not found."), None),
        (Reply(200, {"properties": {}}), None),
    ],
    ids=["both", "one not to be read", "one gone", "one without a subnet"],
)
def test_the_networks_of_private_endpoints_are_known_only_as_a_whole(
    second: Reply, networks: tuple[str, ...] | None
) -> None:
    state = {"privateLinkServiceConnectionState": {"status": "Approved"}}
    links = [{"properties": {"privateEndpoint": {"id": f"{ENDPOINTS}/{name}"}, **state}} for name in ("a", "b")]
    registry = {**CLOSED, "properties": {**CLOSED["properties"], "privateEndpointConnections": links}}
    transport = azure(
        **{
            "GET /registries/myregistry": Reply(200, registry),
            LINKS: Reply(200, {"value": []}),
            "GET /privateEndpoints/a": Reply(200, {"properties": {"subnet": {"id": f"{VNET}/subnets/x"}}}),
            "GET /privateEndpoints/b": second,
        }
    )
    assert fetch(transport).endpoint_networks == networks


def test_a_wanted_pool_has_no_queue_and_no_runs() -> None:
    transport = azure()
    facts = fetch(transport, WANTED)

    assert facts.pool == WANTED.wanted
    assert isinstance(facts.subnet, SubnetFacts)
    assert not [request for request in transport.requests if "/runs" in request.url or request.method == "POST"]


def test_what_does_not_come_with_the_subnet_is_asked_for_by_itself() -> None:
    plain = Reply(200, subnet_body({"id": NSG}, {"id": ROUTES}))
    transport = azure(**{"GET /subnets/agents?$expand": plain})
    facts = fetch(transport)

    assert isinstance(facts.nsg, NsgFacts)
    assert isinstance(facts.route_table, RouteTableFacts)
    assert len(transport.asked("GET")) == len(set(transport.asked("GET"))) + 2  # runs, once for each status


def test_who_may_read_the_subnet_but_not_its_security_group_is_told_so() -> None:
    text = (
        "The client has permission to perform action 'Microsoft.Network/virtualNetworks/subnets/read' on scope 's';"
        " however, it does not have permission to perform action 'Microsoft.Network/networkSecurityGroups/read' on the"
        " linked scope(s)."
    )
    transport = azure(
        **{
            "GET /subnets/agents?$expand": arm_error(403, "LinkedAuthorizationFailed", text),
            "GET /networkSecurityGroups/mynsg": arm_error(403, "AuthorizationFailed"),
        }
    )
    facts = fetch(transport)

    assert isinstance(facts.subnet, SubnetFacts)
    assert facts.nsg == Unreadable(permission="Microsoft.Network/networkSecurityGroups/read")
    assert isinstance(facts.route_table, RouteTableFacts)


def test_a_caller_who_may_read_nothing_gets_findings_that_name_what_is_needed() -> None:
    refused = arm_error(403, "AuthorizationFailed", "No.")
    answers = dict.fromkeys(
        (
            "GET /registries/myregistry",
            "GET /agentPools",
            "GET /providers/Microsoft.ContainerRegistry",
            "GET /permissions",
            "POST /listQueueStatus",
            "GET /runs",
            "GET /virtualNetworks/myvnet",
            "GET /subnets/agents?$expand",
            "GET /subnets/agents",
        ),
        refused,
    )
    existing = check_health(fetch(azure(**answers)))
    wanted = check_health(fetch(azure(**answers), WANTED))

    told = " ".join(finding.message for finding in [*existing, *wanted])
    assert {finding.severity.value for finding in [*existing, *wanted]} <= {"not checked", "ok"}
    for action in (
        "Microsoft.ContainerRegistry/registries/read",
        "Microsoft.ContainerRegistry/registries/agentpools/read",
        "Microsoft.Authorization/permissions/read",
        "Microsoft.Network/virtualNetworks/read",
        "Microsoft.Network/virtualNetworks/subnets/read",
    ):
        assert f"needs {action}" in told


def test_what_does_not_exist_is_missing() -> None:
    gone = arm_error(404, "ResourceNotFound")
    facts = fetch(azure(**{"GET /agentPools": Reply(200, {"value": []}), "GET /registries/myregistry": gone}))
    without_subnet = fetch(azure(**{"GET /subnets/agents?$expand": gone, "GET /virtualNetworks/myvnet": gone}), WANTED)

    assert isinstance(facts.registry, Missing)
    assert facts.pool == Missing(f"{REGISTRY.path}/agentPools/MyPool")
    assert without_subnet.subnet == Missing(SUBNET)


@pytest.mark.parametrize(
    "answer",
    [
        arm_error(400, "Strange", "Strange."),
        Reply(200, "<html>proxy</html>"),
        Reply(200, {"properties": {"addressPrefix": "10.0.1.0/24"}}),
        Reply(200, [1, 2]),
    ],
)
def test_a_reply_that_is_no_use_is_a_fact_that_could_not_be_read(answer: Reply) -> None:
    facts = fetch(azure(**{"GET /subnets/agents?$expand": answer, "GET /subnets/agents": answer}))

    assert isinstance(facts.subnet, Unreadable)
    assert facts.subnet.reason
    assert "SubnetNotChecked" in {finding.code for finding in check_health(facts)}


@pytest.mark.parametrize("odd", ["x", 7, [1], {"id": 7}, {"id": NSG, "properties": 7}, {"id": NSG, "properties": "x"}])
def test_an_odd_part_of_a_subnets_reply_is_a_fact_that_could_not_be_read(odd: Any) -> None:
    facts = fetch(azure(**{"GET /subnets/agents?$expand": Reply(200, subnet_body(odd, ROUTES_BODY))}))

    assert isinstance(facts.nsg, Unreadable)
    assert facts.nsg.reason.startswith("The reply to a request for a subnet's networkSecurityGroup is not as ")
    assert isinstance(facts.route_table, RouteTableFacts)


def test_properties_of_a_subnet_that_are_none_tell_nothing_of_what_is_attached_to_it() -> None:
    facts = fetch(azure(**{"GET /subnets/agents?$expand": Reply(200, {"id": SUBNET, "properties": [1]})}))

    assert isinstance(facts.nsg, Unreadable)
    assert isinstance(facts.route_table, Unreadable)


def test_without_a_login_nothing_can_be_told() -> None:
    with pytest.raises(UnauthorizedError):
        fetch(azure(**{"GET /agentPools": arm_error(401, "AuthenticationFailed")}))


class Unreachable(RoutedTransport):
    """Nothing answers."""

    def send(self, request: Any, **_: Any) -> Any:
        raise ServiceRequestError("refused")


def test_without_a_connection_nothing_can_be_told() -> None:
    with pytest.raises(ConnectionLostError):
        fetch(Unreachable({}))


def listing(*runs: Any) -> Reply:
    """Runs as the service lists them at noon."""
    return Reply(200, {"value": list(runs)}, {"Date": "Thu, 15 Jan 2026 12:00:00 GMT"})


def test_runs_of_the_pool_have_their_tasks_timeouts() -> None:
    started = {"startTime": "2026-01-15T11:30:00+00:00", "task": "nightly"}
    created = {"createTime": "2026-01-15T11:00:00+00:00"}
    answers = {
        "GET /runs?Queued": listing(
            run_body("cf1", "Queued", **created), run_body("cf2", "Queued", "other", **created)
        ),
        "GET /runs?Running": listing(run_body("cf3", "Running", **created, **started)),
        "GET /tasks/nightly": Reply(200, {"name": "nightly", "properties": {"timeout": 600}}),
    }
    pool = pool_body(virtualNetworkSubnetResourceId=SUBNET, count=2)
    facts = fetch(azure(**{"GET /agentPools": Reply(200, {"value": [pool]})}, **answers))

    assert facts.runs == (
        RunFacts("cf1", "Queued", waited=3600.0),
        RunFacts("cf3", "Running", waited=1800.0, running=1800.0, timeout=600),
    )
    assert {"RunsPastTimeout", "RunsNotTaken"} <= {finding.code for finding in check_health(facts)}


@pytest.mark.parametrize(
    ("text", "waited"),
    [
        ("2026-01-15T11:00:00Z", 3600.0),
        ("2026-01-15T13:00:00.5000000+02:00", 3599.5),
        ("2026-01-15T11:00:00", 3600.0),
        ("2026-01-15T12:00:01Z", 0.0),
        (None, None),
    ],
)
def test_how_long_a_run_has_waited_is_told_by_the_services_own_clock(text: str | None, waited: float | None) -> None:
    facts = fetch(azure(**{"GET /runs?Queued": listing(run_body("cf1", "Queued", createTime=text))}))

    assert facts.runs == (RunFacts("cf1", "Queued", waited=waited),)


def test_times_that_are_none_make_the_runs_unreadable() -> None:
    facts = fetch(azure(**{"GET /runs?Queued": listing(run_body("cf1", "Queued", createTime="yesterday"))}))

    assert facts.runs == Unreadable(
        reason="The reply to a request for a run is not as the service's protocol says: its member "
        "'properties.createTime' is text, not a time"
    )


def test_why_runs_wait_is_what_the_checks_say_of_the_network() -> None:
    codes = [finding.code for finding in why_waiting(fetch(azure()))]

    assert codes == ["NsgBlocksAzureKeyVault", "NsgBlocksStorage", "NsgBlocksEventHub", "NsgBlocksAzureActiveDirectory"]
