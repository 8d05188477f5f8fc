"""`az acr agentpool check-health`: what it takes, what it asks, and how it ends without findings."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scripted_arm import SUBSCRIPTION, RoutedTransport, arm_error, arm_over, registry_body
from scripted_transport import Reply

from azext_acrpool.commands.agentpool import check_health as module
from azext_acrpool.health.findings import Finding

WHERE: dict[str, Any] = {"registry_name": "myregistry", "resource_group_name": "mygroup"}
METADATA = {"resourceTypes": [{"resourceType": "registries/agentPools", "locations": ["West US 2"]}]}
NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/mygroup/providers/Microsoft.Network"
VNET = f"{NETWORK}/virtualNetworks/myvnet"


def azure(**changes: Reply) -> RoutedTransport:
    return RoutedTransport(
        {
            "GET /registries/myregistry": Reply(200, registry_body()),
            "GET /agentPools": Reply(200, {"value": []}),
            "GET /providers/Microsoft.ContainerRegistry": Reply(200, METADATA),
            "GET /permissions": Reply(200, {"value": [{"actions": ["*"], "notActions": []}]}),
            "GET /virtualNetworks/myvnet": Reply(200, {"id": VNET, "location": "westus2", "properties": {}}),
            "GET /subnets/mysubnet": Reply(
                200, {"id": f"{VNET}/subnets/mysubnet", "properties": {"addressPrefix": "10.0.0.0/24"}}
            ),
            **changes,
        }
    )


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> RoutedTransport:
    return served(monkeypatch, azure())


def served(monkeypatch: pytest.MonkeyPatch, transport: RoutedTransport) -> RoutedTransport:
    monkeypatch.setattr(module, "arm_client", lambda _: arm_over(transport))
    monkeypatch.setattr(module, "_caller", lambda _: "dev@example.com")
    monkeypatch.setattr(module, "report", lambda _, findings: findings)
    return transport


def check(**options: Any) -> list[Finding]:
    found: list[Finding] = module.check_health(SimpleNamespace(cli_ctx=None), **WHERE, **options)
    return found


def evidence(findings: list[Finding], code: str) -> str:
    return next(finding.evidence for finding in findings if finding.code == code)


@pytest.mark.usefixtures("transport")
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"agent_pool_name": "mypool", "tier": "S1", "subnet": "x", "vnet_name": "y"},
            "--tier and --vnet-name and --sub",
        ),
        ({"tier": "S9"}, "S1, S2, S3, I6"),
        ({"count": -1}, "-1"),
        ({"docker_file_path": "no such file"}, "No such file"),
    ],
)
def test_bad_usage_exits_2(options: dict[str, Any], told: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit) as ended:
        check(**options)
    assert ended.value.code == 2
    assert told in caplog.text


@pytest.mark.usefixtures("transport")
def test_without_options_a_pool_as_create_makes_it_is_checked() -> None:
    assert "0 + 2 of 16 standard vCPUs" in evidence(check(), "VcpuQuota")


def test_the_wanted_subnet_by_name_is_one_beside_the_registry(transport: RoutedTransport) -> None:
    findings = check(tier="s2", count=3, vnet_name="myvnet", subnet="mysubnet")

    assert f"{VNET}/subnets/mysubnet" in transport.asked("GET")
    assert "0 + 12 of 16 standard vCPUs" in evidence(findings, "VcpuQuota")
    assert "mysubnet 10.0.0.0/24: 251" in evidence(findings, "SubnetHasRoom")


@pytest.mark.usefixtures("transport")
def test_build_arguments_choose_the_base_image(tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("ARG BASE\nFROM $BASE\n", "utf-8")
    argument = {"type": "Argument", "name": "BASE", "value": "quay.io/a/b:1", "isSecret": False}

    assert "BaseImageNotChecked" in {finding.code for finding in check(docker_file_path=str(dockerfile))}
    told = check(docker_file_path=str(dockerfile), arg=[argument])
    assert "quay.io/a/b:1" in evidence(told, "BaseImagesReachable")


def test_a_registry_that_is_not_there_exits_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served(monkeypatch, azure(**{"GET /registries/myregistry": arm_error(404, "ResourceNotFound")}))
    with pytest.raises(SystemExit) as ended:
        check()
    assert ended.value.code == 3
    assert "az acr list -o table" in capsys.readouterr().err
