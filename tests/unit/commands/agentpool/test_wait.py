"""`az acr agentpool wait` and `list-runs`: what they refuse, what they say, and how they end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from scripted_arm import RoutedTransport, arm_error, arm_over, pool_body
from scripted_transport import Reply

from azext_acrpool._format import pool_runs_output_format
from azext_acrpool.commands.agentpool import list_runs as agentpool_runs
from azext_acrpool.commands.agentpool import wait as agentpool_wait
from azext_acrpool.testing import JumpingClock

NAMES: dict[str, Any] = {"agent_pool_name": "mypool", "registry_name": "myregistry", "resource_group_name": "mygroup"}
AGAIN = "az acr agentpool wait -r myregistry -n mypool"
Capture = pytest.CaptureFixture[str]
Log = pytest.LogCaptureFixture


class Service:
    """Azure behind the commands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.clock = JumpingClock()
        config = SimpleNamespace(getboolean=lambda *_: False)
        self.cmd = SimpleNamespace(cli_ctx=SimpleNamespace(only_show_errors=False, config=config, data={"command": ""}))
        monkeypatch.setattr("azext_acrpool.client.pool_conditions.SystemClock", lambda: self.clock)
        self.transport = RoutedTransport({})

    def answers(self, **routes: Reply | list[Reply]) -> None:
        self.transport = RoutedTransport({f"GET {path}": reply for path, reply in routes.items()})
        for module in (agentpool_wait, agentpool_runs):
            self._monkeypatch.setattr(module, "arm_client", lambda _: arm_over(self.transport))

    def pool_is(self, *states: str) -> None:
        self.answers(mypool=[Reply(200, pool_body(state=state)) for state in states])

    def wait(self, **options: Any) -> None:
        agentpool_wait.wait_for_pool(self.cmd, **NAMES, **options)

    def wait_fails(self, **options: Any) -> int:
        """The exit code."""
        with pytest.raises(SystemExit) as ended:
            self.wait(**options)
        assert isinstance(ended.value.code, int)
        return ended.value.code


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    return Service(monkeypatch)


@pytest.mark.parametrize(
    ("condition", "note"),
    [
        ({"created": True}, "usually takes 5 to 13 minutes"),
        ({"created": True, "updated": True}, "waiting until it is created or updated"),
        ({"custom": "count==`1` && provisioningState=='Succeeded'"}, "waiting until it is as asked for"),
    ],
)
def test_wait_prints_nothing_and_tells_each_change(
    service: Service, capsys: Capture, condition: dict[str, Any], note: str
) -> None:
    service.pool_is("Updating", "Updating", "Succeeded")
    service.wait(**condition)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        f"Agent pool 'mypool': Updating ({note})",
        "Agent pool 'mypool': Succeeded after 2 s",
    ]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "--idle or --custom"),
        ({"custom": "count=="}, "--custom cannot be used"),
        ({"custom": ""}, "--custom cannot be used"),
        ({"created": True, "interval": 0}, "--interval cannot be 0"),
        ({"created": True, "timeout": -1}, "--timeout cannot be -1"),
    ],
)
def test_wait_refuses_bad_values_before_it_asks_anything(
    service: Service, caplog: Log, capsys: Capture, options: dict[str, Any], told: str
) -> None:
    service.answers()
    assert service.wait_fails(**options) == 2
    assert told in caplog.text + capsys.readouterr().err
    assert not service.transport.requests


def test_query_that_does_not_fit_a_pool_is_a_usage_error(service: Service, caplog: Log) -> None:
    service.pool_is("Creating")
    assert service.wait_fails(custom="contains(count, 'x')") == 2
    assert "--custom cannot be used" in caplog.text


def test_failed_pool_exits_1(service: Service, caplog: Log, capsys: Capture) -> None:
    service.pool_is("Creating", "Failed")
    assert service.wait_fails(created=True) == 1
    assert "Agent pool 'mypool' is in state Failed. It will not become created." in caplog.text
    told = capsys.readouterr().err
    assert "az acr agentpool check-health -r myregistry -n mypool" in told
    assert "az acr agentpool delete -r myregistry -n mypool" in told
    assert "az monitor activity-log list --resource-id /subscriptions/" in told


def test_timeout_exits_124(service: Service, caplog: Log, capsys: Capture) -> None:
    service.pool_is("Creating")
    assert service.wait_fails(created=True, custom="count==`2`", timeout=20) == 124
    assert "still not created or as asked for after 20 s (state: Creating)" in caplog.text
    assert f'{AGAIN} --created --custom "count==`2`"' in capsys.readouterr().err


def test_missing_pool_exits_3(service: Service, capsys: Capture) -> None:
    service.answers(mypool=arm_error(404, "ResourceNotFound"))
    assert service.wait_fails(updated=True) == 3
    assert "az acr agentpool list -r myregistry" in capsys.readouterr().err


def test_ctrl_c_exits_130(service: Service, caplog: Log, capsys: Capture) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    service.pool_is("Deleting")
    service.clock.at(4, interrupt)
    assert service.wait_fails(deleted=True) == 130
    assert "goes on" in caplog.text
    assert f"{AGAIN} --deleted" in capsys.readouterr().err


def run_body(run_id: str, status: str, **properties: str) -> dict[str, Any]:
    return {"name": run_id, "properties": {"runId": run_id, "status": status, "agentPoolName": "mypool", **properties}}


RUNS = [
    run_body("cf1", "Running", createTime="2026-03-01T10:00:00Z", startTime="2026-03-01T11:30:05Z", task="nightly"),
    run_body("cf2", "Queued", createTime="2026-03-01T11:58:00Z"),
]


def list_runs(service: Service, **options: Any) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = agentpool_runs.list_runs(service.cmd, **NAMES, **options)
    return runs


def test_list_runs_has_the_keys_of_az_own_and_two_more(service: Service) -> None:
    service.answers(runs=Reply(200, {"value": RUNS}, {"Date": "Sun, 01 Mar 2026 12:00:00 GMT"}))
    running, queued = list_runs(service)
    assert (running["runId"], running["status"], running["task"]) == ("cf1", "Running", "nightly")
    assert (running["waitedSeconds"], running["runningSeconds"]) == (5405, 1795)
    assert (queued["waitedSeconds"], queued["runningSeconds"]) == (120, None)
    assert queued["createTime"] == "2026-03-01T11:58:00+00:00"
    assert [run["runId"] for run in list_runs(service, top=1)] == ["cf1"]


def test_table_of_runs(service: Service) -> None:
    service.answers(runs=Reply(200, {"value": RUNS}, {"Date": "Tue, 03 Mar 2026 12:00:00 GMT"}))
    rows = pool_runs_output_format(list_runs(service))
    assert list(rows[0].items()) == [
        ("RUN ID", "cf1"),
        ("STATUS", "Running"),
        ("TASK", "nightly"),
        ("TRIGGER", "Manual"),
        ("CREATED", "2026-03-01T10:00:00Z"),
        ("WAITED", "01:30:05"),
        ("RUNNING", "48:29:55"),
    ]
    assert (rows[1]["TASK"], rows[1]["WAITED"], rows[1]["RUNNING"]) == (" ", "48:02:00", " ")
    assert pool_runs_output_format([]) == []


def test_no_runs_of_a_pool_that_is_there(service: Service) -> None:
    service.answers(runs=Reply(200, {"value": []}), mypool=Reply(200, pool_body()))
    assert list_runs(service) == []


def test_no_runs_of_a_pool_that_is_not_there_is_an_error(service: Service, capsys: Capture) -> None:
    service.answers(runs=Reply(200, {"value": []}), mypool=arm_error(404, "ResourceNotFound"))
    with pytest.raises(SystemExit) as ended:
        list_runs(service)
    assert ended.value.code == 3


def test_top_must_be_a_number_of_runs(service: Service) -> None:
    with pytest.raises(SystemExit) as ended:
        list_runs(service, top=0)
    assert ended.value.code == 2
