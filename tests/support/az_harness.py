"""az processes against an emulator process, for tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from ssl import create_default_context
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from az_processes import COMMANDS, Process, Start, start_process

EMULATOR = shutil.which("acr-emulator", path=str(COMMANDS)) or "acr-emulator"
# What the emulator takes for a token.
TOKEN = "Bearer eyJ0ZXN0Ijp0cnVlfQ"
# Generous, as machines are shared; a command that runs into it has hung.
LIMIT_SECONDS = 180.0


class Finished(NamedTuple):
    """What a finished az process left."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def printed(self) -> list[str]:
        """The lines of stdout."""
        return self.stdout.splitlines()

    @property
    def told(self) -> list[str]:
        """The lines of stderr."""
        return self.stderr.splitlines()

    def succeeded(self) -> Finished:
        """This result, once it is sure that the command exited 0."""
        assert self.code == 0, f"exit {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"
        return self

    def failed(self, code: int) -> Finished:
        """This result, once it is sure that the command exited with code and showed no traceback."""
        assert self.code == code, f"exit {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"
        assert "Traceback" not in self.stderr
        return self


@dataclass(frozen=True)
class Az:
    """az pointed at an emulator, in a folder of its own, with or without the extension."""

    environment: Mapping[str, str]
    folder: Path
    begin: Start

    def __call__(self, *arguments: str, stdin: str = "", folder: Path | None = None) -> Finished:
        return finish(self.start(*arguments, folder=folder), stdin)

    def start(self, *arguments: str, folder: Path | None = None, stdout: int = subprocess.PIPE) -> Process:
        """Start az without waiting for its end; the caller waits for it."""
        return self.begin(arguments, folder or self.folder, self.environment, stdout)

    def paste(self, command: str) -> Finished:
        """Run a command as it is printed: bash reads it, quotes and all."""
        shell = f'az() {{ printf "%s\\0" "$@"; }}; {command}'
        words = subprocess.run(["bash", "-c", shell], check=True, capture_output=True, encoding="utf-8").stdout
        return self(*words.split("\0")[:-1])


def finish(process: Process, stdin: str = "") -> Finished:
    """Wait for the end of a process."""
    try:
        stdout, stderr = process.communicate(stdin, timeout=LIMIT_SECONDS)
    finally:
        process.kill()
    assert process.returncode is not None
    return Finished(process.returncode, stdout, stderr)


def on_terminal(az: Az, *arguments: str) -> Finished:
    """Run az with a terminal as stdout, 100 columns wide."""
    import pty

    terminal, end = pty.openpty()
    colourful = {key: value for key, value in az.environment.items() if key != "AZURE_CORE_NO_COLOR"}
    az = replace(az, environment={**colourful, "COLUMNS": "100", "TERM": "xterm"})
    process = az.start(*arguments, stdout=end)
    os.close(end)
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            # How Linux says that nobody has the other end open any more.
            piece = b""
        if not piece:
            break
        shown += piece
    os.close(terminal)
    return finish(process)._replace(stdout=shown.decode())


def run_program(
    *command: str, folder: Path, environment: Mapping[str, str], limit_seconds: float = LIMIT_SECONDS
) -> Finished:
    """Run a program that is given no input, and wait for its end."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=limit_seconds,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@dataclass
class Emulator:
    """An emulator process; use as a context manager. Options are those of `acr-emulator serve`."""

    folder: Path
    options: Sequence[str] = ()
    world: Any = None
    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    environment: dict[str, str] = field(default_factory=dict, init=False)

    def __enter__(self) -> Emulator:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = list(self.options)
        if self.world is not None:
            world = self.folder / "world.yaml"
            world.write_text(json.dumps(self.world), "utf-8")  # JSON is YAML
            options += ["--world", str(world)]
        # az reads all that it is to trust for every connection, so let that be the emulator's certificate alone.
        no_certificates = self.folder / "no-certificates.pem"
        no_certificates.touch()
        # In the emulator's own words: it runs a command with az pointed at it. The command prints what was set, then
        # waits for the end of its input, which is the end of the test.
        child = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"
        self._process = subprocess.Popen(
            [EMULATOR, "run", *options, "--", sys.executable, "-c", child],
            cwd=self.folder,
            env={**os.environ, "REQUESTS_CA_BUNDLE": str(no_certificates)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the emulator did not start"
        self.environment = json.loads(line)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.communicate("", timeout=30)
        assert self._process.returncode == 0

    def az(self, folder: Path, extensions: Path | None, start: Start = start_process) -> Az:
        """az pointed at this emulator; extensions is the folder of its extensions, None for az's own commands alone."""
        folder.mkdir(parents=True, exist_ok=True)
        settings = shutil.copytree(self.environment["AZURE_CONFIG_DIR"], folder / ".azure", dirs_exist_ok=True)
        environment = {
            **self.environment,
            "AZURE_CONFIG_DIR": str(settings),
            "AZURE_EXTENSION_DIR": str(extensions or folder / "no-extensions"),
            "AZURE_CORE_NO_COLOR": "true",
            "PYTHONUTF8": "1",
        }
        return Az(environment, folder, start)

    @property
    def url(self) -> str:
        endpoint = urlsplit(self.environment["IDENTITY_ENDPOINT"])
        return f"{endpoint.scheme}://{endpoint.netloc}"

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask one of the emulator's own endpoints, which no journal mentions."""
        return self._ask(method, f"/_emulator/{path}", body)

    def arm(self, method: str, path: str, body: Any = None) -> Any:
        """Ask ARM for what has this path, without az."""
        return self._ask(method, f"{path}?api-version=2025-03-01-preview", body)

    @cached_property
    def _token(self) -> str:
        """az's own: an emulator that runs commands of tasks takes no other."""
        secret = {"X-IDENTITY-HEADER": self.environment["IDENTITY_HEADER"]}
        return str(
            self._send(urllib.request.Request(f"{self.url}/msi/token?resource=x", headers=secret))["access_token"]
        )

    def _ask(self, method: str, target: str, body: Any) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        return self._send(urllib.request.Request(self.url + target, data=data, method=method, headers=headers))

    def _send(self, request: urllib.request.Request) -> Any:
        trust = create_default_context(cafile=self.environment["REQUESTS_CA_BUNDLE"])
        with urllib.request.urlopen(request, context=trust, timeout=30) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def journal(self) -> list[dict[str, Any]]:
        """Every request so far, oldest first."""
        entries: list[dict[str, Any]] = self.control("GET", "journal")
        return entries

    def requests(self, method: str = "", ending: str = "") -> list[dict[str, Any]]:
        """The requests so far with that method and with a path that ends so (case ignored)."""
        return [
            entry
            for entry in self.journal()
            if entry["method"].startswith(method) and entry["path"].lower().endswith(ending.lower())
        ]

    def last_run_request(self) -> dict[str, Any]:
        """The body of the last request that queued a run."""
        body: dict[str, Any] = self.requests("POST", "/scheduleRun")[-1]["body"]
        return body

    def wait_for_requests(self, count: int, method: str, part: str) -> None:
        """Return when so many requests with `part` in their path (in lower case) have been made."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while sum(part in entry["path"].lower() for entry in self.requests(method)) < count:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def interrupt(process: Process, number: int = signal.SIGINT) -> None:
    """Send what the terminal sends on Ctrl-C: the signal, to the whole group of processes."""
    os.killpg(process.pid, number)
