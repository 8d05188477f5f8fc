"""The emulator on a real port: TLS with its own authority, faults on real connections, and what az is told."""

from __future__ import annotations

import configparser
import json
import os
import socket
import ssl
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from acr_emulator import cli
from acr_emulator.azconfig import shell_exports, write_az_files
from acr_emulator.options import EmulatorOptions
from acr_emulator.server import RunningServer, ServerStartError, running_server
from acr_emulator.world import World
from emulated_azure import REGISTRY, TOKEN, VERSION


@dataclass(frozen=True)
class Served:
    server: RunningServer
    folder: Path
    variables: dict[str, str]
    http: requests.Session

    def get(self, path: str) -> requests.Response:
        url = f"{self.server.url}{path}?{VERSION}"
        return self.http.get(url, headers={"Authorization": TOKEN}, timeout=10)

    def program(self, fault: dict[str, object]) -> None:
        self.http.put(f"{self.server.url}/_emulator/faults", json=[{"fault": fault}], timeout=10).raise_for_status()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    own_ca = folder / "user-ca.pem"
    own_ca.write_text("# what the user trusts\n")
    with running_server(World(), EmulatorOptions()) as server:
        variables = write_az_files(folder, server, {"REQUESTS_CA_BUNDLE": str(own_ca), "NO_PROXY": "intranet"})
        with requests.Session() as http:
            http.trust_env = False
            http.verify = variables["REQUESTS_CA_BUNDLE"]
            yield Served(server, folder, variables, http)


def test_serves_on_loopback_with_a_certificate_of_its_own(served: Served) -> None:
    assert served.server.url.startswith("https://127.0.0.1:")
    reply = served.get(REGISTRY)
    assert (reply.status_code, reply.json()["name"]) == (200, "myregistry")
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(served.server.url, timeout=10, proxies={"https": ""}, verify=True)


def test_a_signed_status_url_survives_the_wire(served: Served) -> None:
    body = {"location": "westus2", "properties": {"count": 1}}
    url = f"{served.server.url}{REGISTRY}/agentPools/wire1?{VERSION}"
    created = served.http.put(url, json=body, headers={"Authorization": TOKEN}, timeout=10)
    polled = served.http.get(created.headers["azure-asyncoperation"], headers={"Authorization": TOKEN}, timeout=10)
    assert polled.json() == {"status": "Creating"}


def test_a_connection_can_be_reset(served: Served) -> None:
    served.program({"reset": True})
    with pytest.raises(requests.ConnectionError, match=r"reset|aborted"):
        served.get(REGISTRY)
    assert served.get(REGISTRY).status_code == 200


def test_a_reply_can_be_dropped_or_cut_short(served: Served) -> None:
    served.program({"drop-reply": True})
    with pytest.raises(requests.ConnectionError):
        served.get(REGISTRY)
    served.program({"truncate": 20})
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)) as error:
        served.get(REGISTRY)
    assert "20 bytes read" in str(error.value)


def test_a_reply_can_be_reset_in_the_middle(served: Served) -> None:
    served.program({"truncate": 20, "end": "reset"})
    # Over TLS, Python takes a reset for an end.
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError), match=r"reset|20 bytes"):
        served.get(REGISTRY)


def test_a_silence_ends_without_a_reply(served: Served) -> None:
    served.program({"silence": 0.1})
    with pytest.raises(requests.ConnectionError, match="without response"):
        served.get(REGISTRY)


def test_a_client_unpacks_an_inflated_reply(served: Served) -> None:
    served.program({"inflate": 5_000_000})
    inflated = served.get(REGISTRY)
    assert (inflated.json()["name"], len(inflated.content) > 5_000_000) == ("myregistry", True)


def test_a_client_that_leaves_before_it_is_cut_off_does_no_harm(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    served.program({"truncate": 20, "end": "reset"})
    url = f"{served.server.url}{REGISTRY}?{VERSION}"
    with served.http.get(url, headers={"Authorization": TOKEN}, timeout=10, stream=True) as reply:
        assert reply.raw.read(20)
    deadline = time.monotonic() + 10
    while not any(entry.response_bytes == 20 for entry in served.server.emulator.journal.entries):
        assert time.monotonic() < deadline
        served.get(REGISTRY)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_taken_port_is_an_error_that_names_the_option(served: Served) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(ServerStartError, match=rf"127.0.0.1:{port}: .*--port"),
            running_server(World(), EmulatorOptions(), port=port),
        ):
            pass


def test_the_users_trust_is_kept_beside_the_emulators(served: Served) -> None:
    bundle = Path(served.variables["REQUESTS_CA_BUNDLE"]).read_bytes()
    assert bundle.startswith(b"# what the user trusts\n")
    assert served.server.ca_pem in bundle
    assert b"PRIVATE KEY" not in bundle


def test_az_is_told_where_everything_is(served: Served) -> None:
    config = Path(served.variables["AZURE_CONFIG_DIR"])
    clouds = configparser.ConfigParser()
    clouds.read(config / "clouds.config")
    (cloud,) = clouds.sections()
    assert clouds[cloud]["endpoint_resource_manager"] == served.server.url + "/"
    assert clouds[cloud]["suffix_acr_login_server_endpoint"] == ".azurecr.io"
    (subscription,) = json.loads((config / "azureProfile.json").read_text())["subscriptions"]
    assert (subscription["environmentName"], subscription["isDefault"]) == (cloud, True)
    assert subscription["id"] == clouds[cloud]["subscription"]
    assert served.variables["NO_PROXY"] == "intranet,127.0.0.1"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"AZURE_EXTENSION_DIR": "/mine"}, "/mine"),
        ({"AZURE_CONFIG_DIR": "/conf"}, str(Path("/conf") / "cliextensions")),
        ({}, str(Path.home() / ".azure" / "cliextensions")),
    ],
)
def test_the_users_extensions_stay_in_use(
    served: Served, tmp_path: Path, environ: dict[str, str], expected: str
) -> None:
    assert write_az_files(tmp_path, served.server, environ)["AZURE_EXTENSION_DIR"] == expected


def test_the_configuration_is_private(served: Served) -> None:
    # Windows has no such modes; there the user's temporary folder is private by itself.
    mode = Path(served.variables["AZURE_CONFIG_DIR"]).stat().st_mode
    assert os.name != "posix" or stat.S_IMODE(mode) == 0o700


@pytest.mark.parametrize(
    ("shell", "text"),
    [
        ("bash", "export A='it'\"'\"'s'"),
        ("powershell", "$env:A = 'it''s'"),
        ("json", '{\n  "A": "it\'s"\n}'),
    ],
)
def test_exports_for_each_shell(shell: str, text: str) -> None:
    assert shell_exports({"A": "it's"}, shell) == text


@pytest.mark.parametrize("code", [0, 7])
def test_run_gives_the_commands_exit_code_and_output(code: int, capfd: pytest.CaptureFixture[str]) -> None:
    script = f"import os, sys; print(os.environ['ACR_EMULATOR_URL']); sys.exit({code})"
    assert cli.main(["run", "--", sys.executable, "-c", script]) == code
    out, err = capfd.readouterr()
    assert out.startswith("https://127.0.0.1:")
    assert err == ""


def _begin_body(server: RunningServer, folder: Path, head: str) -> ssl.SSLSocket:
    """A connection on which the emulator waits for the rest of a request's body."""
    authority = folder / "ca.pem"
    authority.write_bytes(server.ca_pem)
    plain = socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 443), timeout=10)
    secure = ssl.create_default_context(cafile=str(authority)).wrap_socket(plain, server_hostname="127.0.0.1")
    lines = [f"{head} HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 9", "Expect: 100-continue"]
    lines += [f"Authorization: {TOKEN}", "x-ms-blob-type: BlockBlob", "", "{"]
    secure.sendall("\r\n".join(lines).encode())
    assert secure.recv(1000).startswith(b"HTTP/1.1 100")
    return secure


def _upload_path(server: RunningServer, folder: Path) -> str:
    reply = requests.post(
        f"{server.url}{REGISTRY}/listBuildSourceUploadUrl?{VERSION}",
        headers={"Authorization": TOKEN},
        verify=str(folder / "ca.pem"),
        timeout=10,
    )
    return str(reply.json()["uploadUrl"]).removeprefix(server.url)


def test_a_client_that_goes_away_within_its_body_is_no_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with running_server(World(), EmulatorOptions()) as server:
        _begin_body(server, tmp_path, f"PUT {REGISTRY}/agentPools/gone1?{VERSION}").close()
        _begin_body(server, tmp_path, f"PUT {_upload_path(server, tmp_path)}").close()
    ended = [(entry.method, entry.status) for entry in server.emulator.journal.entries]
    assert sorted(ended) == [("POST", 200), ("PUT", 0), ("PUT", 0)]
    assert capfd.readouterr().err == ""


def test_a_client_that_keeps_its_connection_does_not_keep_the_emulator(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    authority = tmp_path / "ca.pem"
    with requests.Session() as http:
        http.trust_env = False
        http.verify = str(authority)
        with running_server(World(), EmulatorOptions()) as server:
            authority.write_bytes(server.ca_pem)
            assert http.get(server.url, timeout=10).status_code == 401
    assert capfd.readouterr().err == ""
