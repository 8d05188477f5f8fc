"""A task that really runs az: when its timer fires, in a place of its own, as its own identity."""

from __future__ import annotations

import base64
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from acr_emulator.azsteps import azure_cli_steps_on_host
from acr_emulator.executor import CheckExecutor
from acr_emulator.options import EmulatorOptions
from acr_emulator.server import RunningServer, running_server
from acr_emulator.world import World
from emulated_azure import REGISTRY, TOKEN, VERSION

pytestmark = pytest.mark.skipif(
    os.name != "posix" or shutil.which("bash") is None, reason="the steps here are written for bash"
)

AZ = """
import json, os, ssl, urllib.error, urllib.request

def get(url, **headers):
    trust = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
    try:
        reply = urllib.request.urlopen(urllib.request.Request(url, headers=headers), context=trust)
    except urllib.error.HTTPError as error:
        return error.code
    return json.load(reply)

token = get(os.environ["IDENTITY_ENDPOINT"] + "?resource=x", **{"X-IDENTITY-HEADER": os.environ["IDENTITY_HEADER"]})
if isinstance(token, int):
    print("no identity:", token)
else:
    pools = os.environ["ACR_EMULATOR_URL"] + os.environ["POOLS"]
    print("pools:", get(pools, Authorization="Bearer " + token["access_token"]))
print(sorted(os.listdir(os.environ["AZURE_CONFIG_DIR"])), os.listdir(os.environ["AZURE_EXTENSION_DIR"]))
print(os.listdir("."), os.listdir(os.environ["HOME"]), os.environ.get("SECRET"), os.environ.get("HTTPS_PROXY"))
print(os.environ["IDENTITY_HEADER"])
"""
TASKS_CONTRIBUTOR = "fb382eab-e894-4461-af04-94435c366c3f"


class Azure:
    def __init__(self, server: RunningServer, folder: Path) -> None:
        (folder / "ca.pem").write_bytes(server.ca_pem)
        self._url = server.url
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = str(folder / "ca.pem")
        self.secret = {"X-IDENTITY-HEADER": server.emulator.identities.secret}
        reply = self._http.get(f"{self._url}/msi/token?resource=x", headers=self.secret, timeout=60)
        token = reply.json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def send(self, method: str, path: str, body: Any = None) -> Any:
        query = "" if path.startswith("/_emulator/") else f"?{VERSION}"
        reply = self._http.request(method, f"{self._url}{path}{query}", json=body, timeout=60)
        assert reply.ok, reply.text
        return reply.json()

    def status(self, token: str) -> int:
        """What somebody with this token gets."""
        url, headers = f"{self._url}{REGISTRY}?{VERSION}", {"Authorization": token}
        return self._http.get(url, headers=headers, timeout=60).status_code

    def control(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> int:
        """What somebody with these headers, and no others, gets from an endpoint of the emulator's own."""
        sent = {"Authorization": "", **headers}
        return self._http.request(
            method,
            f"{self._url}/_emulator/{path}",
            json=body,
            headers={k: v.encode() for k, v in sent.items()},
            timeout=60,
        ).status_code

    @property
    def token(self) -> str:
        return str(self._http.headers["Authorization"])

    def put_task(self, identity: str) -> Any:
        line = "  - cmd: mcr.microsoft.com/azure-cli az"
        text = "\n".join(["steps:", line, f"    env: ['POOLS={REGISTRY}/agentPools?{VERSION}']"])
        properties = {
            "platform": {"os": "Linux"},
            "step": {"type": "EncodedTask", "encodedTaskContent": base64.b64encode(text.encode()).decode()},
            "trigger": {"timerTriggers": [{"name": "t", "schedule": "*/10 * * * *"}]},
        }
        body = {"location": "westus2", "identity": {"type": identity}, "properties": properties}
        return self.send("PUT", f"{REGISTRY}/tasks/scaler", body)

    def fire(self) -> list[str]:
        """Let the timer fire once: what the run's container prints."""
        self.send("POST", "/_emulator/clock/advance", {"seconds": 600})
        run, *_ = self.send("GET", f"{REGISTRY}/runs")["value"]
        assert (run["properties"]["status"], run["properties"]["runType"]) == ("Succeeded", "AutoRun")
        link = self.send("POST", f"{REGISTRY}/runs/{run['name']}/listLogSasUrl")["logLink"]
        log = self._http.get(link, headers={"Authorization": ""}, timeout=60).text.split("\r\n")
        return [line for line in log if line and not line.startswith(("20", "Run ID"))]


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    programs, places = tmp_path / "bin", tmp_path / "places"
    programs.mkdir()
    places.mkdir()
    az = programs / "az"
    az.write_text(f"#!{sys.executable}\n{AZ}")
    az.chmod(0o755)
    environ = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "SECRET": "x", "HTTPS_PROXY": "http://proxy"}
    executor = CheckExecutor()
    with (
        running_server(World(), EmulatorOptions(agent_speed=1000, own_tokens_only=True), executor=executor) as server,
        azure_cli_steps_on_host(executor, server, environ, places),
    ):
        yield Azure(server, tmp_path)
    assert list(places.iterdir()) == []


def test_a_task_runs_az_as_its_identity_when_its_timer_fires(azure: Azure) -> None:
    around = ["['clouds.config', 'config'] []", "[] [] None http://proxy", "***"]
    azure.put_task("None")
    assert azure.fire() == ["no identity: 400", *around]
    principal = azure.put_task("SystemAssigned")["identity"]["principalId"]
    assert azure.fire() == ["pools: 403", *around]
    definition = f"/providers/Microsoft.Authorization/roleDefinitions/{TASKS_CONTRIBUTOR}"
    azure.send(
        "PUT",
        f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments/33333333-3333-3333-3333-333333333333",
        {"properties": {"roleDefinitionId": definition, "principalId": principal}},
    )
    assert azure.fire() == ["pools: {'value': []}", *around]


def test_who_has_no_token_of_the_emulator_s_cannot_have_commands_run(azure: Azure) -> None:
    header, claims, signature = azure.token.removeprefix("Bearer ").split(".")
    others = [TOKEN, f"Bearer {header}.{claims}.", f"Bearer {header}.e30.{signature}", "Bearer eyJ", "Bearer ey.é.é"]
    assert [azure.status(token) for token in (azure.token, *others)] == [200, 401, 401, 401, 401, 401]


def test_tasks_execute_nothing_where_anybody_is_let_in(tmp_path: Path) -> None:
    with (
        running_server(World(), EmulatorOptions()) as server,
        pytest.raises(ValueError, match="own_tokens_only"),
        azure_cli_steps_on_host(CheckExecutor(), server, {}, tmp_path),
    ):
        pass


def test_nobody_else_can_use_the_emulator_s_own_endpoints(azure: Azure) -> None:
    # A fault could lead az, and its token with it, to somebody else.
    away = [{"match": {}, "fault": {"status": 307, "headers": {"Location": "https://example.com"}}}]
    asked = [("PUT", "faults", away), ("DELETE", "faults", None), ("GET", "journal", None), ("GET", "nothing", None)]
    secret = azure.secret["X-IDENTITY-HEADER"]
    for headers in ({}, {"Authorization": TOKEN}, {"X-IDENTITY-HEADER": f"{secret}x"}, {"X-IDENTITY-HEADER": "é"}):
        assert [azure.control(*request, headers) for request in asked] == [401, 401, 401, 401]
    assert [azure.control(*request, azure.secret) for request in asked] == [204, 204, 200, 404]
