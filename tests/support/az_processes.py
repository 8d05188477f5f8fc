"""Two ways to start az: as its users do, or forked from a process that has it imported (az_fork_server.py)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Protocol

COMMANDS = Path(sys.executable).parent
AZ = shutil.which("az", path=str(COMMANDS)) or "az"
SERVER = Path(__file__).with_name("az_fork_server.py")
# Variables that Python reads when it starts, so that a forked process has what its server made of them.
READ_AT_START = ("PYTHON", "LC_", "LANG", "HOME")


class Process(Protocol):
    """An az process in a session of its own; of `subprocess.Popen`, what tests need."""

    @property
    def pid(self) -> int: ...

    @property
    def stdout(self) -> IO[str] | None: ...

    @property
    def stderr(self) -> IO[str] | None: ...

    @property
    def returncode(self) -> int | None: ...

    def communicate(self, stdin: str = "", /, *, timeout: float) -> tuple[str, str]: ...

    def kill(self) -> None: ...


class Start(Protocol):
    """Starts az, without waiting for its end. `stdout` is a file's number, or `subprocess.PIPE`."""

    def __call__(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], stdout: int = subprocess.PIPE
    ) -> Process: ...


def start_process(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], stdout: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start az as users have it."""
    return subprocess.Popen(
        [AZ, *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


class ForkedProcess:
    """A command that an `AzForkServer` has started."""

    def __init__(self, connection: socket.socket, stdin: IO[str], stdout: IO[str] | None, stderr: IO[str]) -> None:
        self._connection = connection
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self.returncode: int | None = None
        self.pid = self._answer(timeout=None)

    def _answer(self, timeout: float | None) -> int:
        self._connection.settimeout(timeout)
        answer = self._connection.recv(4)
        assert answer, "the server that forks az has ended"
        return int.from_bytes(answer, "big", signed=True)

    def communicate(self, stdin: str = "", /, *, timeout: float) -> tuple[str, str]:
        """Give it stdin and wait for its end; returns what it wrote. Kills it and raises TimeoutError if it hangs."""
        with ThreadPoolExecutor(max_workers=2) as readers:
            stdout = readers.submit(self.stdout.read) if self.stdout else None
            stderr = readers.submit(self.stderr.read)
            with suppress(BrokenPipeError), self.stdin:
                self.stdin.write(stdin)
            try:
                self.returncode = self._answer(timeout)
            finally:
                self.kill()
        for file in (self.stdout, self.stderr, self._connection):
            if file:
                file.close()
        return (stdout.result() if stdout else "", stderr.result())

    def kill(self) -> None:
        """Kill it, unless its end has been seen."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


class AzForkServer:
    """A process that has az imported, and the extensions in the folder, if there is one. Use as a context manager."""

    def __init__(self, extensions: Path | None) -> None:
        self._folder = TemporaryDirectory()
        self._environment = {
            **os.environ,
            "PYTHONUTF8": "1",
            # Commands have their own: the server finds what az's modules make of these, and replaces it.
            "AZURE_CONFIG_DIR": f"{self._folder.name}/config",
            "AZURE_EXTENSION_DIR": f"{self._folder.name}/extensions",
        }
        self._control, its_control = socket.socketpair()
        with its_control:
            self._process = subprocess.Popen(
                [sys.executable, str(SERVER), str(its_control.fileno()), *([str(extensions)] if extensions else [])],
                cwd=self._folder.name,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                pass_fds=[its_control.fileno()],
                start_new_session=True,
            )

    def __enter__(self) -> AzForkServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()
        self._process.wait(timeout=30)
        self._folder.cleanup()

    def adopt(self, connection: socket.socket, streams: Sequence[int]) -> None:
        """Have a command forked whose client has the other end of the connection, and which gets these streams."""
        socket.send_fds(self._control, [b"\0"], [connection.fileno(), *streams])

    def start(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], stdout: int = subprocess.PIPE
    ) -> ForkedProcess:
        """Start az in a forked process. Raises ValueError if the environment takes a Python of its own."""
        for name in {*environment, *self._environment}:
            if name.startswith(READ_AT_START) and environment.get(name) != self._environment.get(name):
                raise ValueError(f"{name} takes a start: Python reads it before it runs az")
        command = {
            "arguments": arguments,
            "folder": str(folder),
            # As the script does that starts az.
            "environment": {"AZ_INSTALLER": "PIP", **environment},
        }
        connection, its_connection = socket.socketpair()
        its_stdin, our_stdin = os.pipe()
        our_stdout, its_stdout = os.pipe() if stdout == subprocess.PIPE else (None, os.dup(stdout))
        our_stderr, its_stderr = os.pipe()
        its_streams = (its_stdin, its_stdout, its_stderr)
        with its_connection:
            self.adopt(its_connection, its_streams)
        for stream in its_streams:
            os.close(stream)
        connection.sendall(json.dumps(command).encode() + b"\n")
        return ForkedProcess(
            connection,
            os.fdopen(our_stdin, "w", encoding="utf-8"),
            None if our_stdout is None else os.fdopen(our_stdout, encoding="utf-8"),
            os.fdopen(our_stderr, encoding="utf-8"),
        )


class Forks:
    """Ways to start az by forking, one for each folder of extensions. Use as a context manager.

    Where processes cannot be forked, az is started as its users start it.
    """

    def __init__(self) -> None:
        self._servers: dict[Path | None, AzForkServer] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __call__(self, extensions: Path | None) -> Start:
        server = self.server(extensions)
        return server.start if server else start_process

    def server(self, extensions: Path | None) -> AzForkServer | None:
        """The one that forks for a folder of extensions, or for none; None where processes cannot be forked."""
        if hasattr(os, "fork") and extensions not in self._servers:
            self._servers[extensions] = self._stack.enter_context(AzForkServer(extensions))
        return self._servers.get(extensions)
