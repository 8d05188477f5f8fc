"""`az acr agentpool`, command by command: what is asked of the service, what is said, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from scripted_arm import (
    POOL_PATH,
    SUBSCRIPTION,
    RoutedTransport,
    arm_error,
    arm_over,
    pool_body,
    registry_body,
)
from scripted_transport import Reply

from azext_acrpool.commands.agentpool import create as agentpool_create
from azext_acrpool.commands.agentpool import update as agentpool
from azext_acrpool.testing import JumpingClock

NAMES: dict[str, Any] = {"agent_pool_name": "mypool", "registry_name": "myregistry", "resource_group_name": "mygroup"}
METADATA = {"resourceTypes": [{"resourceType": "registries/agentPools", "locations": ["West US 2"]}]}
STATUS = {"Azure-AsyncOperation": f"https://management.example{POOL_PATH}/operationStatuses/1?s=x"}
MISSING = arm_error(404, "ResourceNotFound")
NO_POOLS = Reply(200, {"value": []})


def listing(*pools: dict[str, Any]) -> Reply:
    return Reply(200, {"value": list(pools)})


def routes(**changes: Any) -> dict[str, Any]:
    """A registry without pools, in which a pool can be created, scaled and deleted at once."""
    return {
        "GET /registries/myregistry": Reply(200, registry_body()),
        "GET /providers/Microsoft.ContainerRegistry": Reply(200, METADATA),
        "GET /agentPools": NO_POOLS,
        "PUT /agentPools/mypool": Reply(201, pool_body(state="Creating"), STATUS),
        "PATCH /agentPools/mypool": Reply(201, pool_body(state="Updating"), STATUS),
        "DELETE /agentPools/mypool": Reply(202, pool_body(state="Deleting")),
        "GET /operationStatuses/1": [Reply(200, {"status": "Creating"}), Reply(200, {"status": "Succeeded"})],
        "GET /agentPools/mypool": Reply(200, pool_body()),
        "GET /tasks": Reply(200, {"value": []}),
        "GET /runs": Reply(200, {"value": []}),
        **changes,
    }


class Service:
    """Azure behind the commands, and the terminal's user in front of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.clock = JumpingClock()
        self.cmd = SimpleNamespace(
            cli_ctx=SimpleNamespace(
                only_show_errors=False, config=SimpleNamespace(getboolean=lambda *_: False), data={"command": ""}
            )
        )
        monkeypatch.setattr("azext_acrpool.client.operations.operation.SystemClock", lambda: self.clock)
        self.answers({})

    def answers(self, changes: dict[str, Any]) -> None:
        self.transport = RoutedTransport(routes(**changes))
        arm = arm_over(self.transport)
        for module in (agentpool, agentpool_create):
            self._monkeypatch.setattr(module, "arm_client", lambda _: arm)

    def user_says(self, answer: Callable[[str], bool]) -> None:
        self._monkeypatch.setattr(agentpool, "prompt_y_n", answer)

    def sent(self, method: str) -> Any:
        """The body of the only request with `method`."""
        (request,) = [request for request in self.transport.requests if request.method == method]
        return json.loads(request.content)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    return Service(monkeypatch)


Capture = pytest.CaptureFixture[str]


def test_create(service: Service, capsys: Capture) -> None:
    pool = agentpool_create.create_pool(service.cmd, **NAMES, tier="s2", count=2, tags={"a": "b"})
    assert pool == pool_body()
    assert service.sent("PUT") == {
        "location": "westus2",
        "properties": {"count": 2, "tier": "S2", "os": "Linux"},
        "tags": {"a": "b"},
    }
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "Agent pool 'mypool': Creating (usually takes 5 to 13 minutes)",
        "Agent pool 'mypool': Succeeded after 2 s",
    ]


def test_create_adds_one_round_of_requests_to_az_own(service: Service) -> None:
    agentpool_create.create_pool(service.cmd, **NAMES, no_wait=True)
    assert service.transport.asked("GET")[0] == "myregistry"
    assert sorted(service.transport.asked("GET")[1:]) == [
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.ContainerRegistry",
        "myregistry/agentPools",
    ]


def test_create_without_checks_asks_no_more_than_az_own(service: Service) -> None:
    assert agentpool_create.create_pool(service.cmd, **NAMES, skip_checks=True, no_wait=True) is None
    assert (service.transport.asked("GET"), service.transport.asked("PUT")) == (
        ["myregistry"],
        ["myregistry/agentPools/mypool"],
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"agent_pool_name": "a_b"}, "'a_b'"),
        ({"tier": "S9"}, "S1, S2, S3, I6"),
        ({"count": -1}, "-1"),
        ({"subnet_id": "mysubnet"}, "/subscriptions/"),
    ],
)
def test_create_refuses_bad_values_before_it_asks_anything(
    service: Service, caplog: pytest.LogCaptureFixture, capsys: Capture, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        agentpool_create.create_pool(service.cmd, **{**NAMES, **options})
    assert ended.value.code == 2
    assert told in caplog.text + capsys.readouterr().err
    assert not service.transport.requests


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"GET /registries/myregistry": Reply(200, registry_body(sku="Basic"))}, "Premium"),
        ({"GET /registries/myregistry": Reply(200, registry_body(location="uksouth"))}, "uksouth"),
        ({"GET /agentPools": listing(pool_body(state="Failed"))}, "Failed"),
        ({"GET /agentPools": listing(pool_body(state="Deleting"))}, "Deleting"),
        ({"GET /agentPools": listing(pool_body(count=3))}, "count 3 instead of 1"),
        ({"GET /agentPools": listing(pool_body(tier="S3"))}, "tier S3 instead of S1"),
    ],
)
def test_create_refuses_what_cannot_work(
    service: Service, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], told: str
) -> None:
    service.answers(changes)
    with pytest.raises(SystemExit) as ended:
        agentpool_create.create_pool(service.cmd, **NAMES)
    assert ended.value.code == 1
    assert told in caplog.text
    assert not service.transport.asked("PUT")


def test_create_of_what_is_there_already(service: Service, capsys: Capture) -> None:
    service.answers({"GET /agentPools": listing(pool_body("MYPOOL"))})
    assert agentpool_create.create_pool(service.cmd, **NAMES) == pool_body("MYPOOL")
    assert "exists already" in capsys.readouterr().err
    assert not service.transport.asked("PUT")


def test_create_of_what_is_being_created_waits_for_it(service: Service, capsys: Capture) -> None:
    service.answers(
        {
            "GET /agentPools": listing(pool_body(state="Creating")),
            "GET /agentPools/mypool": [Reply(200, pool_body(state="Creating")), Reply(200, pool_body())],
        }
    )
    assert agentpool_create.create_pool(service.cmd, **NAMES) == pool_body()
    assert "creating already" in capsys.readouterr().err
    assert not service.transport.asked("PUT")


def test_create_that_somebody_else_began_first_is_joined(service: Service) -> None:
    service.answers(
        {
            "PUT /agentPools/mypool": arm_error(409, "RegistryStatusConflict"),
            "GET /agentPools/mypool": [Reply(200, pool_body(state="Creating")), Reply(200, pool_body())],
        }
    )
    assert agentpool_create.create_pool(service.cmd, **NAMES) == pool_body()


@pytest.mark.parametrize("there", [MISSING, Reply(200, pool_body(tier="S3"))])
def test_create_that_conflicts_with_something_else_fails(
    service: Service, caplog: pytest.LogCaptureFixture, there: Reply
) -> None:
    service.answers(
        {"PUT /agentPools/mypool": arm_error(409, "Busy", "The registry is busy."), "GET /agentPools/mypool": there}
    )
    with pytest.raises(SystemExit) as ended:
        agentpool_create.create_pool(service.cmd, **NAMES)
    assert ended.value.code == 1
    assert "(Busy) The registry is busy." in caplog.text


def test_checks_whose_facts_may_not_be_read_are_left_out(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    refused = arm_error(403, "AuthorizationFailed")
    service.answers({"GET /providers/Microsoft.ContainerRegistry": refused, "GET /agentPools": refused})
    assert agentpool_create.create_pool(service.cmd, **NAMES) == pool_body()
    assert caplog.text.count("is not checked") == 2


@pytest.mark.parametrize(
    ("options", "subnet"),
    [
        ({"subnet": "mysubnet", "vnet_name": "myvnet"}, "/mygroup/providers/Microsoft.Network/virtualNetworks/myvnet/"),
        ({"subnet": "/subscriptions/s/resourceGroups/g/x"}, "/subscriptions/s/resourceGroups/g/x"),
    ],
)
def test_create_in_a_subnet(service: Service, options: dict[str, Any], subnet: str) -> None:
    agentpool_create.create_pool(service.cmd, **NAMES, **options, skip_checks=True, no_wait=True)
    assert subnet in service.sent("PUT")["properties"]["virtualNetworkSubnetResourceId"]


NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/mygroup/providers/Microsoft.Network"
SUBNET_ID = f"{NETWORK}/virtualNetworks/myvnet/subnets/mysubnet"


def subnet_with(*rules: dict[str, Any], prefix: str = "10.0.0.0/24") -> dict[str, Any]:
    """The routes of a subnet whose security group has these rules."""
    group = {
        "id": f"{NETWORK}/networkSecurityGroups/mynsg",
        "properties": {"securityRules": list(rules), "defaultSecurityRules": []},
    }
    subnet = {"id": SUBNET_ID, "properties": {"addressPrefix": prefix, "networkSecurityGroup": group}}
    vnet = {"id": SUBNET_ID.rpartition("/subnets/")[0], "location": "westus2", "properties": {}}
    return {"GET /subnets/mysubnet": Reply(200, subnet), "GET /virtualNetworks/myvnet": Reply(200, vnet)}


def outbound(access: str) -> dict[str, Any]:
    names = ("sourceAddressPrefix", "sourcePortRange", "destinationAddressPrefix", "destinationPortRange", "protocol")
    properties = {**dict.fromkeys(names, "*"), "access": access, "priority": 100, "direction": "Outbound"}
    return {"name": f"{access}All", "properties": properties}


def test_create_in_a_subnet_asks_about_it_in_the_same_round(service: Service) -> None:
    service.answers(subnet_with(outbound("Allow")))
    agentpool_create.create_pool(service.cmd, **NAMES, subnet_id=SUBNET_ID, no_wait=True)
    assert sorted(service.transport.asked("GET")[1:]) == [
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.ContainerRegistry",
        SUBNET_ID.rpartition("/subnets/")[0],
        SUBNET_ID,
        "myregistry/agentPools",
    ]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (subnet_with(outbound("Deny")), ["blocks TCP 443 to Storage", "az network nsg rule create"]),
        (subnet_with(outbound("Allow"), prefix="10.0.0.0/30"), ["1 instances need 1 addresses"]),
        ({**subnet_with(), "GET /subnets/mysubnet": MISSING}, ["There is no subnet 'mysubnet'"]),
    ],
)
def test_create_in_a_subnet_where_no_pool_can_work_is_refused(
    service: Service, capsys: Capture, caplog: pytest.LogCaptureFixture, answers: dict[str, Any], told: list[str]
) -> None:
    service.answers(answers)
    with pytest.raises(SystemExit) as ended:
        agentpool_create.create_pool(service.cmd, **NAMES, subnet_id=SUBNET_ID)
    assert ended.value.code == 1
    assert not service.transport.asked("PUT")
    shown = capsys.readouterr().err + caplog.text
    assert [text for text in told if text not in shown] == []


def test_create_in_a_subnet_that_may_not_be_read_goes_on_and_says_so(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    refused = arm_error(403, "AuthorizationFailed")
    service.answers({**subnet_with(), "GET /subnets/mysubnet": refused, "GET /virtualNetworks/myvnet": refused})
    agentpool_create.create_pool(service.cmd, **NAMES, subnet_id=SUBNET_ID, no_wait=True)
    assert "needs Microsoft.Network/virtualNetworks/subnets/read" in caplog.text


def test_subnet_by_a_malformed_id_is_refused(service: Service) -> None:
    with pytest.raises(SystemExit) as ended:
        agentpool_create.create_pool(service.cmd, **NAMES, subnet="/subscriptions/s/x")
    assert ended.value.code == 2
    assert not service.transport.asked("PUT")


def test_failed_create_exits_1_with_the_services_words(
    service: Service, caplog: pytest.LogCaptureFixture, capsys: Capture
) -> None:
    failed = Reply(
        200,
        {"status": "Failed", "error": {"code": "ScaleFailed", "message": "No capacity."}},
        {"x-ms-correlation-request-id": "corr-1"},
    )
    service.answers({"GET /operationStatuses/1": failed})
    with pytest.raises(SystemExit) as ended:
        agentpool_create.create_pool(service.cmd, **NAMES)
    assert ended.value.code == 1
    assert "(ScaleFailed) The create of agent pool 'mypool' ended as Failed. No capacity." in caplog.text
    told = capsys.readouterr().err
    assert "az acr agentpool check-health -r myregistry -n mypool" in told
    assert "az acr agentpool delete -r myregistry -n mypool" in told
    assert "az monitor activity-log list --correlation-id corr-1" in told
    assert "Correlation ID, for a support request: corr-1" in told


def test_create_whose_end_cannot_be_read_says_how_to_wait_for_it(
    service: Service, caplog: pytest.LogCaptureFixture, capsys: Capture
) -> None:
    service.answers({"GET /operationStatuses/1": arm_error(503, "ServerBusy", "Busy.")})
    with pytest.raises(SystemExit) as ended:
        agentpool_create.create_pool(service.cmd, **NAMES)
    assert ended.value.code == 1
    assert "it may go on" in caplog.text
    assert "az acr agentpool wait -r myregistry -n mypool --created" in capsys.readouterr().err


def test_failed_delete_can_be_tried_again(service: Service, capsys: Capture) -> None:
    service.answers({"GET /agentPools/mypool": Reply(200, pool_body(state="Failed"))})
    with pytest.raises(SystemExit) as ended:
        agentpool.delete_pool(service.cmd, **NAMES, yes=True)
    assert ended.value.code == 1
    assert "Try again with: az acr agentpool delete -r myregistry -n mypool" in capsys.readouterr().err


def test_ctrl_c_says_that_the_create_goes_on(
    service: Service, caplog: pytest.LogCaptureFixture, capsys: Capture
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    service.clock.at(1.5, interrupt)
    with pytest.raises(SystemExit) as ended:
        agentpool_create.create_pool(service.cmd, **NAMES)
    assert ended.value.code == 130
    assert "The create of agent pool 'mypool' goes on" in caplog.text
    assert "az acr agentpool wait -r myregistry -n mypool --created" in capsys.readouterr().err


def test_update(service: Service) -> None:
    service.answers({"GET /agentPools": listing(pool_body())})
    assert agentpool.update_pool(service.cmd, **NAMES, count=2) == pool_body()
    assert service.sent("PATCH") == {"properties": {"count": 2}}


def test_update_to_zero_and_of_tags(service: Service) -> None:
    service.answers({"GET /agentPools": listing(pool_body())})
    assert agentpool.update_pool(service.cmd, **NAMES, count=0, tags={}, no_wait=True) is None
    assert service.sent("PATCH") == {"properties": {"count": 0}, "tags": {}}


@pytest.mark.parametrize(
    ("options", "pools", "code", "told"),
    [
        ({}, NO_POOLS, 2, "nothing to change"),
        ({"count": -1}, NO_POOLS, 2, "-1"),
        ({"count": 1}, NO_POOLS, 3, "'mypool'"),
        ({"count": 1}, listing(pool_body(state="Updating")), 1, "Updating"),
        ({"count": 1}, listing(pool_body(state="Failed")), 1, "Failed"),
    ],
)
def test_update_refused(
    service: Service, caplog: pytest.LogCaptureFixture, options: dict[str, Any], pools: Reply, code: int, told: str
) -> None:
    service.answers({"GET /agentPools": pools})
    with pytest.raises(SystemExit) as ended:
        agentpool.update_pool(service.cmd, **NAMES, **options)
    assert ended.value.code == code
    assert told in caplog.text
    assert not service.transport.asked("PATCH")


def test_update_beyond_the_quota_warns_and_goes_on(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    service.answers({"GET /agentPools": listing(pool_body(), pool_body("other", tier="S3", count=2))})
    agentpool.update_pool(service.cmd, **NAMES, count=2, no_wait=True)
    assert "vCPU" in caplog.text
    assert service.transport.asked("PATCH")


@pytest.mark.parametrize(
    ("begin", "command"),
    [
        (lambda cmd: agentpool_create.create_pool(cmd, **NAMES, no_wait=True), "--created"),
        (lambda cmd: agentpool.update_pool(cmd, **NAMES, count=2, skip_checks=True, no_wait=True), "--updated"),
        (lambda cmd: agentpool.delete_pool(cmd, **NAMES, yes=True, no_wait=True), "--deleted"),
    ],
)
def test_not_waiting_says_how_to_wait(
    service: Service, capsys: Capture, begin: Callable[[Any], object], command: str
) -> None:
    assert begin(service.cmd) is None
    assert f"az acr agentpool wait -r myregistry -n mypool {command}" in capsys.readouterr().err


def test_update_without_checks(service: Service) -> None:
    agentpool.update_pool(service.cmd, **NAMES, count=2, skip_checks=True, no_wait=True)
    assert len(service.transport.requests) == 1


def test_update_that_was_sent_twice_is_joined(service: Service) -> None:
    service.answers(
        {
            "GET /agentPools": listing(pool_body()),
            "PATCH /agentPools/mypool": arm_error(409, "RegistryStatusConflict"),
            "GET /agentPools/mypool": [
                Reply(200, pool_body(state="Updating", count=2)),
                Reply(200, pool_body(state="Updating", count=2)),
                Reply(200, pool_body(count=2)),
            ],
        }
    )
    assert agentpool.update_pool(service.cmd, **NAMES, count=2) == pool_body(count=2)


def test_update_that_conflicts_with_another_fails(service: Service) -> None:
    service.answers(
        {
            "GET /agentPools": listing(pool_body()),
            "PATCH /agentPools/mypool": arm_error(409, "RegistryStatusConflict"),
            "GET /agentPools/mypool": Reply(200, pool_body(state="Updating", count=5)),
        }
    )
    with pytest.raises(SystemExit) as ended:
        agentpool.update_pool(service.cmd, **NAMES, count=2)
    assert ended.value.code == 1


def test_delete_names_who_uses_the_pool_before_it_asks(service: Service, capsys: Capture) -> None:
    mine = {"agentPoolName": "mypool"}
    service.answers(
        {
            "GET /tasks": Reply(200, {"value": [{"name": "nightly", "properties": mine}]}),
            "GET /runs?'Queued'": Reply(200, {"value": [{"name": "cf7", "properties": {**mine, "runId": "cf7"}}]}),
            "GET /agentPools/mypool": [Reply(200, pool_body(state="Deleting")), MISSING],
        }
    )
    told = []

    def answer(question: str) -> bool:
        told.append((question, capsys.readouterr().err))
        return True

    service.user_says(answer)
    assert agentpool.delete_pool(service.cmd, **NAMES) == "Agent 'mypool' was successfully deleted"
    ((question, before),) = told
    assert "'mypool'" in question
    assert "nightly" in before
    assert "cf7" in before


def test_delete_asks_although_it_cannot_tell_who_uses_the_pool(service: Service, capsys: Capture) -> None:
    service.answers(
        {"GET /tasks": arm_error(403, "AuthorizationFailed", "No."), "DELETE /agentPools/mypool": Reply(204)}
    )
    service.user_says(lambda _: True)
    agentpool.delete_pool(service.cmd, **NAMES)
    assert "Could not find out who uses" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "told"), [(lambda _: False, "Nothing was deleted"), (None, "no terminal")], ids=["no", "no terminal"]
)
def test_delete_that_is_not_confirmed(
    service: Service, monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], bool] | None, told: str
) -> None:
    from azure.cli.core.azclierror import AzCLIError

    if answer:
        service.user_says(answer)
    else:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: False))
    with pytest.raises(AzCLIError, match=told):
        agentpool.delete_pool(service.cmd, **NAMES)
    assert not service.transport.asked("DELETE")


def test_delete_with_yes_asks_nobody(service: Service) -> None:
    service.answers({"GET /agentPools/mypool": MISSING})
    agentpool.delete_pool(service.cmd, **NAMES, yes=True)
    assert service.transport.asked("GET") == ["myregistry/agentPools/mypool"]


@pytest.mark.parametrize("reply", [Reply(204), MISSING])
def test_delete_of_what_is_gone_succeeds(service: Service, capsys: Capture, reply: Reply) -> None:
    service.answers({"DELETE /agentPools/mypool": reply})
    assert agentpool.delete_pool(service.cmd, **NAMES, yes=True) is None
    assert "nothing to delete" in capsys.readouterr().err


def test_delete_without_waiting(service: Service) -> None:
    assert agentpool.delete_pool(service.cmd, **NAMES, yes=True, no_wait=True) is None
    assert not service.transport.asked("GET")


def test_show_with_a_resource_group_is_one_request(service: Service) -> None:
    assert agentpool.show_pool(service.cmd, **NAMES) == pool_body()
    assert len(service.transport.requests) == 1


def test_show_of_a_missing_pool_exits_3(service: Service, capsys: Capture) -> None:
    service.answers({"GET /agentPools/mypool": MISSING})
    with pytest.raises(SystemExit) as ended:
        agentpool.show_pool(service.cmd, **NAMES)
    assert ended.value.code == 3
    assert "az acr agentpool list -r myregistry" in capsys.readouterr().err


def test_show_queue_count(service: Service) -> None:
    service.answers({"POST /agentPools/mypool/listQueueStatus": Reply(200, 3)})
    assert agentpool.show_pool(service.cmd, **NAMES, queue_count=True) == {"count": 3}


def test_list_of_one_registry(service: Service) -> None:
    service.answers({"GET /agentPools": listing(pool_body(), pool_body("other"))})
    pools = agentpool.list_pools(service.cmd, "myregistry", "mygroup")
    assert [pool.name for pool in pools] == ["mypool", "other"]


REGISTRIES = {
    "GET /resources": listing(
        registry_body("first"), registry_body("basic", sku="Basic"), registry_body("second"), registry_body("third")
    ),
    "GET /registries/first/agentPools": listing(pool_body("one")),
    "GET /registries/second/agentPools": arm_error(403, "AuthorizationFailed", "Not you."),
    "GET /registries/third/agentPools": listing(pool_body("two"), pool_body("three")),
}


def test_list_of_all_registries_shows_what_can_be_read(service: Service, capsys: Capture) -> None:
    service.answers(REGISTRIES)
    pools = agentpool.list_pools(service.cmd)
    assert [pool.name for pool in pools] == ["one", "two", "three"]
    assert "'second' are left out: Not you." in capsys.readouterr().err


def test_list_of_the_registries_of_another_group(service: Service) -> None:
    service.answers(REGISTRIES)
    assert agentpool.list_pools(service.cmd, resource_group_name="elsewhere") == []
    assert len(agentpool.list_pools(service.cmd, resource_group_name="MYGROUP")) == 3


def test_list_of_which_nothing_can_be_read_fails(service: Service) -> None:
    service.answers({"GET /resources": listing(registry_body()), "GET /agentPools": arm_error(403, "A")})
    with pytest.raises(SystemExit) as ended:
        agentpool.list_pools(service.cmd)
    assert ended.value.code == 1


def test_only_show_errors_keeps_quiet(service: Service, capsys: Capture) -> None:
    service.cmd.cli_ctx.only_show_errors = True
    agentpool_create.create_pool(service.cmd, **NAMES)
    assert capsys.readouterr() == ("", "")
