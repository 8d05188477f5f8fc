"""A deployment from end to end: its timer fires, and az evaluates the policy as the task's own identity, from a wheel.

The emulator runs the step on this machine, with az's settings, identity and extensions of the step's own.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest
from az_harness import Emulator
from az_processes import COMMANDS, Forks

pytestmark = pytest.mark.skipif(os.name == "nt", reason="The step's command is written for sh.")

REGISTRY = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myresourcegroup"
    "/providers/Microsoft.ContainerRegistry/registries/myregistry"
)
POOL = f"{REGISTRY}/agentPools/mypool"
ROLES = f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments"
NAMES = ("-r", "myregistry")


def make_wheel(extensions: Path, folder: Path) -> Path:
    """The extension as a wheel again, but for its requirements, which az of the tests has: nothing is fetched."""
    installed = extensions / "acrpool"
    (metadata,) = installed.glob("acrpool-*.dist-info/METADATA")
    wheel = folder / f"{metadata.parent.name.removesuffix('.dist-info')}-py3-none-any.whl"
    with ZipFile(wheel, "w") as target:
        for part in (installed / "azext_acrpool", metadata.parent):
            for path in part.rglob("*"):
                content = path.read_bytes() if path.is_file() and path.suffix != ".pyc" else b""
                if path == metadata:
                    content = re.sub(rb"(?m)^Requires-Dist:.*\n", b"", content)
                if content or path.name == "py.typed":
                    target.writestr(path.relative_to(installed).as_posix(), content)
    return wheel


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def wheel_url(extensions: Path, tmp_path: Path) -> Iterator[str]:
    """Where the wheel can be had."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel = make_wheel(extensions, folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(wheel.parent))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{wheel.name}?sig=s3cret"
        server.shutdown()
        thread.join()


@pytest.fixture
def emulator(emulators: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch) -> Emulator:
    # Steps find az where the emulator does.
    monkeypatch.setenv("PATH", f"{COMMANDS}{os.pathsep}{os.environ['PATH']}")
    return emulators("--pool-seconds", "0", "--agent-speed", "20", "--run-azure-cli-steps-on-host")


def test_a_deployment(emulator: Emulator, extensions: Path, forks: Forks, wheel_url: str, tmp_path: Path) -> None:
    az = emulator.az(tmp_path / "user", extensions, forks(extensions))
    policy = {"acrpool-autoscale": "v1; max=3; min=0"}
    properties = {"count": 0, "tier": "S1", "os": "Linux"}
    emulator.arm("PUT", POOL, {"location": "westus2", "properties": properties, "tags": policy})

    deployed = az("acr", "agentpool", "autoscale", "deploy", *NAMES, "--extension-source", wheel_url).succeeded()
    assert (deployed.json["hasRole"], deployed.json["agentPools"]) == (True, ["mypool"])

    step = {"type": "EncodedTaskRunRequest", "encodedTaskContent": "c3RlcHM6CiAgLSBjbWQ6IGJhc2ggZWNobyBoaQo="}
    emulator.arm("POST", f"{REGISTRY}/scheduleRun", {**step, "platform": {"os": "linux"}, "agentPoolName": "mypool"})
    emulator.control("POST", "clock/advance", {"seconds": 600})
    log = az("acr", "task", "logs", *NAMES, "-n", "acrpool-autoscale").succeeded()
    assert '"action": "scaleOut"' in log.stdout, log.stdout
    assert "s3cret" not in log.stdout

    shown = az("acr", "agentpool", "autoscale", "status", *NAMES).succeeded()
    assert (shown.json["status"], shown.json["lastRun"]["status"]) == ("Enabled", "Succeeded")
    assert emulator.arm("GET", POOL)["properties"]["count"] == 1

    (role,) = emulator.arm("GET", ROLES)["value"]
    emulator.arm("DELETE", role["id"])
    emulator.control("POST", "clock/advance", {"seconds": 600})
    log = az("acr", "task", "logs", *NAMES, "-n", "acrpool-autoscale").succeeded()
    assert "No access was configured for the managed identity" in log.stdout
    shown = az("acr", "agentpool", "autoscale", "status", *NAMES).succeeded()
    assert (shown.json["hasRole"], shown.json["lastRun"]["status"]) == (False, "Failed")
    assert az("acr", "agentpool", "autoscale", "deploy", *NAMES, "--extension-source", wheel_url).succeeded()

    az("acr", "agentpool", "autoscale", "undeploy", *NAMES, "--yes").succeeded()
    assert az("acr", "agentpool", "autoscale", "status", *NAMES).succeeded().json["deployed"] is False
    assert emulator.arm("GET", ROLES)["value"] == []
