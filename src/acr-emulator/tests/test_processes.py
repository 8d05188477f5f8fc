"""Servers side by side, how each is found, and that all of them stop when they are told to."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from emulated_azure import REGISTRY, TOKEN, VERSION
from emulator_processes import PROGRAM, Home, ended, seconds_until_gone

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")
# What a second is on a machine that does much else.
SOON = 1.0 + 0.5


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    yield home
    home.end()


def variables(home: Home, *arguments: str) -> dict[str, str]:
    code, printed, told = home.ask("env", "--shell", "json", *arguments)
    assert (code, told) == (0, "")
    found: dict[str, str] = json.loads(printed)
    return found


def test_servers_side_by_side_are_found_by_their_names(home: Home) -> None:
    first, second = home.serve(), home.serve("--name", "other")
    urls = [variables(home)["ACR_EMULATOR_URL"], variables(home, "--name", "other")["ACR_EMULATOR_URL"]]
    assert len(set(urls)) == 2
    assert seconds_until_gone(first) < SOON
    told = "acr-emulator: env: no emulator named 'default' is running (running: other)."
    assert home.ask("env") == (2, "", f"{told} Start one with: acr-emulator serve\n")
    assert variables(home, "--name", "other")["ACR_EMULATOR_URL"] == urls[1]
    assert seconds_until_gone(second) < SOON
    told = "acr-emulator: env: no emulator named 'other' is running."
    assert home.ask("env", "--name", "other") == (2, "", f"{told} Start one with: acr-emulator serve --name other\n")
    assert home.left() == []


def test_a_name_is_taken_once(home: Home) -> None:
    home.serve("--name", "mine")
    told = "acr-emulator: an emulator named 'mine' runs already. Choose another --name, or stop it.\n"
    assert home.ask("serve", "--name", "mine") == (2, "", told)
    assert home.ask("run", "--name", "mine", "--", "true") == (2, "", told)
    assert variables(home, "--name", "mine")["ACR_EMULATOR_URL"].startswith("https://127.0.0.1:")


def test_a_server_that_was_killed_is_not_found_and_not_in_the_way(home: Home) -> None:
    killed = home.serve()
    killed.kill()
    killed.wait()
    none = "acr-emulator: env: no emulator is running. Start one with: acr-emulator serve\n"
    assert home.ask("env") == (2, "", none)
    waiting = home.start("env", "--wait", "60", "--shell", "json")
    home.serve()
    code, printed, _ = ended(waiting)
    assert (code, json.loads(printed)) == (0, variables(home))


def test_waiting_has_an_end(home: Home) -> None:
    none = "acr-emulator: env: no emulator is running. Start one with: acr-emulator serve\n"
    assert home.ask("env", "--wait", "0.2") == (2, "", none)


def test_a_run_with_a_name_is_found_while_it_lasts(home: Home) -> None:
    script = "import os, sys; print(os.environ['ACR_EMULATOR_URL'], flush=True); sys.stdin.read()"
    run = subprocess.Popen(
        [PROGRAM, "run", "--name", "mine", "--", sys.executable, "-c", script],
        env=home.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert run.stdout is not None
    assert variables(home, "--name", "mine", "--wait", "60")["ACR_EMULATOR_URL"] == run.stdout.readline().strip()
    run.communicate("")
    assert home.ask("env", "--name", "mine")[0] == 2


@posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_server_stops_within_a_second(home: Home, name: str) -> None:
    server = home.serve()
    assert seconds_until_gone(server, getattr(signal, name)) < SOON
    assert ended(server) == (0, "", "")
    assert home.left() == []


@posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_server_stops_within_a_second_whatever_is_going_on(home: Home, name: str) -> None:
    server = home.serve()
    found = variables(home)
    http = requests.Session()
    http.trust_env, http.verify = False, found["REQUESTS_CA_BUNDLE"]
    http.headers.update({"Authorization": TOKEN})
    url = found["ACR_EMULATOR_URL"]
    upload = http.post(f"{url}{REGISTRY}/listBuildSourceUploadUrl?{VERSION}", timeout=10).json()["uploadUrl"]
    step = {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6CiAgLSBjbWQ6IGJhc2ggZWNobyBoaQo="}
    trigger = {"timerTriggers": [{"name": "t", "schedule": "* * * * *"}]}
    task = {"location": "westus2", "properties": {"platform": {"os": "Linux"}, "step": step, "trigger": trigger}}
    http.put(f"{url}{REGISTRY}/tasks/mytask?{VERSION}", json=task, timeout=10).raise_for_status()
    rules = [{"match": {"path": "agentPools"}, "times": None, "fault": {"silence": 1000}}]
    http.put(f"{url}/_emulator/faults", json=rules, timeout=10).raise_for_status()
    head = f"PUT {upload.removeprefix(url)} HTTP/1.1\r\nHost: 127.0.0.1\r\nx-ms-blob-type: BlockBlob\r\n"
    open_ended = [
        f"{head}Content-Length: 100000000\r\n\r\n".encode() + bytes(3_000_000),
        f"GET {REGISTRY}/agentPools?{VERSION} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {TOKEN}\r\n\r\n".encode(),
        b"GET /half",
        b"",
    ]
    connections = [connected(found, content) for content in open_ended]
    leap = threading.Thread(target=leap_a_year, args=(http, url))
    leap.start()
    while not http.get(f"{url}/_emulator/state", timeout=30).json()["registries"][0]["runs"]:
        time.sleep(0.05)
    assert seconds_until_gone(server, getattr(signal, name)) < SOON
    assert ended(server) == (0, "", "")
    assert home.left() == []
    leap.join()
    for connection in connections:
        connection.close()


def connected(found: dict[str, str], content: bytes) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", urlsplit(found["ACR_EMULATOR_URL"]).port or 443), timeout=10)
    trust = ssl.create_default_context(cafile=found["REQUESTS_CA_BUNDLE"])
    secure = trust.wrap_socket(plain, server_hostname="127.0.0.1")
    secure.sendall(content)
    return secure


def leap_a_year(http: requests.Session, url: str) -> None:
    try:
        http.post(f"{url}/_emulator/clock/advance", json={"seconds": 365 * 86400}, timeout=60)
    except requests.RequestException:
        return
    raise AssertionError("the emulator was to stop before the year was over")


@posix
def test_signals_go_to_the_command_that_is_run(home: Home) -> None:
    script = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(7)); print(1, flush=True); time.sleep(99)"
    run = home.start("run", "--", sys.executable, "-c", script)
    assert run.stdout is not None
    run.stdout.readline()
    assert seconds_until_gone(run) < SOON
    assert run.returncode == 7
    assert home.left() == []


@posix
def test_a_command_that_a_signal_ends_is_128_and_its_number(home: Home) -> None:
    run = home.start("run", "--", sys.executable, "-c", "import time; print(1, flush=True); time.sleep(99)")
    assert run.stdout is not None
    run.stdout.readline()
    assert seconds_until_gone(run) < SOON
    assert run.returncode == 128 + signal.SIGTERM


@posix
def test_a_command_that_cannot_be_started(home: Home, tmp_path: Path) -> None:
    script = tmp_path / "no-format"
    script.write_bytes(b"\0\1\2")
    script.chmod(0o755)
    told = f"Write one, or name its shell: acr-emulator run -- bash {script}"
    told = f"acr-emulator: run: {script} has no first line such as #!/bin/bash. {told}\n"
    assert home.ask("run", "--", str(script)) == (2, "", told)


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written(home: Home, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o500)
    told = "Permission denied. Name a folder that can be written in ACR_EMULATOR_HOME."
    assert home.ask("serve") == (2, "", f"acr-emulator: {tmp_path / 'home'}: {told}\n")


def test_a_home_that_is_a_file(home: Home, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    code, printed, told = home.ask("env")
    assert (code, printed) == (2, "")
    assert told.startswith(f"acr-emulator: {tmp_path / 'home'}: ")
    assert told.endswith("Name a folder that can be written in ACR_EMULATOR_HOME.\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_variables_that_cannot_be_printed(home: Home) -> None:
    home.serve()
    with Path("/dev/full").open("w") as full:
        asked = subprocess.run(
            [PROGRAM, "env"], env=home.environment, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", check=False
        )
    told = "acr-emulator: env: cannot print the variables: No space left on device\n"
    assert (asked.returncode, asked.stderr) == (2, told)


@posix
def test_a_server_without_stderr_serves(home: Home) -> None:
    served = subprocess.Popen(["sh", "-c", 'exec "$0" serve 2>&-', PROGRAM], env=home.environment)
    try:
        code, printed, told = home.ask("env", "--wait", "60", "--shell", "json")
        assert (code, list(json.loads(printed)), told) == (0, list(variables(home)), "")
    finally:
        served.terminate()
    assert served.wait() == 0


def start_sleeping_step(home: Home, run: dict[str, str]) -> int:
    """Queue a run whose step sleeps on this machine; its process's ID."""
    noted = home.temporary / "pid"
    script = f"echo $$ > {noted}.new && mv {noted}.new {noted}; exec sleep 600"
    line = f"  - cmd: mcr.microsoft.com/azure-cli bash -c '{script}'"
    content = base64.b64encode(f"steps:\n{line}\n".encode()).decode()
    body = {"type": "EncodedTaskRunRequest", "encodedTaskContent": content, "platform": {"os": "Linux"}}
    url = f"{run['ACR_EMULATOR_URL']}{REGISTRY}/scheduleRun?{VERSION}"
    authority = run["REQUESTS_CA_BUNDLE"]
    secret = {"X-IDENTITY-HEADER": run["IDENTITY_HEADER"]}
    token = requests.get(f"{run['IDENTITY_ENDPOINT']}?resource=x", headers=secret, verify=authority, timeout=60).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    queued = requests.post(url, json=body, headers=headers, verify=authority, timeout=60)
    assert queued.status_code == 200
    patience = time.monotonic() + 60
    while not noted.exists():
        assert time.monotonic() < patience
        time.sleep(0.02)
    process_id = int(noted.read_text())
    noted.unlink()
    return process_id


@posix
def test_a_step_that_runs_here_is_announced_and_ends_with_the_server(home: Home) -> None:
    server = home.start("serve", "--run-azure-cli-steps-on-host", "--agent-speed", "100")
    assert server.stderr is not None
    told = "Tasks execute commands on this machine, as you: what they run in mcr.microsoft.com/azure-cli is run here"
    assert server.stderr.readline() == f"{told}, in no container.\n"
    assert server.stderr.readline().startswith("Serving on ")
    step = start_sleeping_step(home, variables(home, "--wait", "60"))
    assert seconds_until_gone(server) < SOON
    with pytest.raises(ProcessLookupError):
        os.kill(step, 0)
    assert home.left() == []
