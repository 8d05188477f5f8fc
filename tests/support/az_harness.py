"""Real az processes against an emulator process, for tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from ssl import create_default_context
from typing import Any, NamedTuple
from urllib.parse import urlsplit

COMMANDS = Path(sys.executable).parent
AZ = shutil.which("az", path=str(COMMANDS)) or "az"
EMULATOR = shutil.which("acr-emulator", path=str(COMMANDS)) or "acr-emulator"
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
    """az as users have it: in a process of its own, in a folder of its own, with or without the extension."""

    environment: Mapping[str, str]
    folder: Path

    def __call__(self, *arguments: str, stdin: str = "", folder: Path | None = None) -> Finished:
        process = self.start(*arguments, folder=folder)
        try:
            stdout, stderr = process.communicate(stdin, timeout=LIMIT_SECONDS)
        finally:
            process.kill()
        return Finished(process.returncode, stdout, stderr)

    def start(self, *arguments: str, folder: Path | None = None) -> subprocess.Popen[str]:
        """Start az without waiting for its end; the caller waits for it."""
        return subprocess.Popen(
            [AZ, *arguments],
            cwd=folder or self.folder,
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )


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
        # In the emulator's own words: it runs a command with az pointed at it. The command prints what was set, then
        # waits for the end of its input, which is the end of the test.
        child = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"
        self._process = subprocess.Popen(
            [EMULATOR, "run", *options, "--", sys.executable, "-c", child],
            cwd=self.folder,
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

    def az(self, folder: Path, extensions: Path | None) -> Az:
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
        return Az(environment, folder)

    @property
    def url(self) -> str:
        endpoint = urlsplit(self.environment["IDENTITY_ENDPOINT"])
        return f"{endpoint.scheme}://{endpoint.netloc}"

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask one of the emulator's own endpoints, which no journal mentions."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_emulator/{path}", data=data, method=method)
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


def interrupt(process: subprocess.Popen[str], number: int = signal.SIGINT) -> None:
    """Send what the terminal sends on Ctrl-C: the signal, to the whole group of processes."""
    os.killpg(process.pid, number)


@dataclass
class AzDriver:
    """az in one process for many commands (support/az_driver.py); use as a context manager."""

    az: Az
    _process: subprocess.Popen[str] | None = field(default=None, init=False)

    def __enter__(self) -> AzDriver:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("az_driver.py"))],
            cwd=self.az.folder,
            env=dict(self.az.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.communicate("", timeout=30)

    def __call__(self, *arguments: str) -> Finished:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Finished(answer["code"], answer["stdout"], answer["stderr"])

    def paste(self, command: str) -> Finished:
        """Run a command as it is printed: bash reads it, quotes and all."""
        shell = f'az() {{ printf "%s\\0" "$@"; }}; {command}'
        words = subprocess.run(["bash", "-c", shell], check=True, capture_output=True, encoding="utf-8").stdout
        return self(*words.split("\0")[:-1])
