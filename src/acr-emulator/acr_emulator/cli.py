"""`acr-emulator serve`, `acr-emulator run -- COMMAND`, `acr-emulator env`."""

from __future__ import annotations

import argparse
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

from .azconfig import shell_exports, write_az_files
from .azsteps import azure_cli_steps_on_host
from .command_line import make_parser, read_options
from .executor import CheckExecutor
from .instances import DEFAULT_NAME, InstanceError, Instances
from .server import HOST, RunningServer, ServerStartError, running_server
from .wire.journal import Journal
from .world import World, WorldFileError, load_world

__all__ = ["main", "program"]

# Windows has no SIGHUP, and nothing but Windows has SIGBREAK.
ENDING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
SENT_TO_ALL = ("SIGINT", "SIGBREAK")
"""A terminal sends these to all that was started from it."""

STEPS_WARNING = (
    "Tasks execute commands on this machine, as you: what they run in mcr.microsoft.com/azure-cli is run here, in no "
    "container."
)
OTHER_FOLDER = "Name another folder for temporary files in TMPDIR."


class UsageError(Exception):
    """Something the user has to change; the message says what."""


def program() -> NoReturn:
    """Run the command line of this process and leave it, whatever may still be at work in it."""
    code = main()
    if threading.active_count() > 1:
        # Python would wait for a thread that unpacks an upload, or for one that will never end.
        os._exit(code)
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 2 for usage, or that of the command which `run` ran."""
    arguments = make_parser({"serve": _serve, "run": _run, "env": _env}).parse_args(argv)
    try:
        exit_code: int = arguments.handler(arguments)
    except (UsageError, WorldFileError, ServerStartError, InstanceError) as error:
        _narrate(f"acr-emulator: {error}")
        return 2
    return exit_code


def _narrate(text: str) -> None:
    """stdout belongs to the command that `run` runs and to what `env` prints.

    Whoever has closed stderr, or sent it to a full disk, goes without.
    """
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(text + "\n")
            sys.stderr.flush()


@contextmanager
def _server(arguments: argparse.Namespace, directory: Path) -> Iterator[RunningServer]:
    if arguments.host not in {HOST, "localhost"}:
        raise UsageError(f"--host {arguments.host}: only {HOST} is possible, because anyone who reaches it is let in.")
    world = World() if arguments.world is None else load_world(arguments.world)
    try:
        journal = Journal(arguments.journal)
    except OSError as error:
        raise UsageError(f"--journal {arguments.journal}: {error.strerror}") from error
    executor = CheckExecutor()
    options = read_options(arguments)
    with running_server(world, options, port=arguments.port, journal=journal, executor=executor) as server:
        if not arguments.run_azure_cli_steps_on_host:
            yield server
            return
        _narrate(STEPS_WARNING)
        with azure_cli_steps_on_host(executor, server, os.environ, directory):
            yield server


def _serve(arguments: argparse.Namespace) -> int:
    stop = threading.Event()
    with (
        _signals_handled(lambda number, frame: stop.set()),
        Instances(os.environ).registered(arguments.name) as publish,
        _temporary_directory() as directory,
        _server(arguments, directory) as server,
    ):
        publish(_az_variables(directory, server))
        named = "" if arguments.name == DEFAULT_NAME else f" --name {arguments.name}"
        _narrate(f"Serving on {server.url}; stop with Ctrl-C.")
        _narrate(f'Point az at it in another shell: eval "$(acr-emulator env{named})"')
        # Waiting in steps, since a wait without end would not be interrupted by signals on Windows.
        while not stop.wait(0.2):
            pass
    return 0


def _run(arguments: argparse.Namespace) -> int:
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        raise UsageError("run: say what to run: acr-emulator run -- COMMAND")
    forwarder = _Forwarder()
    named = nullcontext() if arguments.name is None else Instances(os.environ).registered(arguments.name)
    with (
        _signals_handled(forwarder),
        named as publish,
        _temporary_directory() as directory,
        _server(arguments, directory) as server,
    ):
        variables = _az_variables(directory, server)
        if publish is not None:
            publish(variables)
        return forwarder.run(command, {**os.environ, **variables})


class _Forwarder:
    """Runs a command to its end; signals go to it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._received: int | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal: one that comes before the command has begun is kept for later."""
        self._received = number
        if self._process is not None and signal.Signals(number).name not in SENT_TO_ALL:
            self._process.send_signal(number)

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """The command's exit code, or 128 + n when signal n ended it or kept it from beginning. Raises UsageError."""
        executable = shutil.which(command[0], path=environment.get("PATH"))
        if executable is None:
            raise UsageError(_not_found(command[0]))
        if self._received is not None:
            return 128 + self._received
        try:
            self._process = subprocess.Popen([executable, *command[1:]], env=dict(environment))
        except OSError as error:
            raise UsageError(_not_begun(command[0], error)) from error
        code = self._process.wait()
        return 128 - code if code < 0 else code


def _not_found(command: str) -> str:
    if not Path(command).is_file():
        return f"run: command not found: {command}"
    return f"run: {command} is not executable. Make it so (chmod +x {command}), or {_by_its_shell(command)}"


def _not_begun(command: str, error: OSError) -> str:
    """Why the system does not run a file that is there and executable."""
    if error.errno == errno.ENOEXEC:
        return f"run: {command} has no first line such as #!/bin/bash. Write one, or {_by_its_shell(command)}"
    if error.errno == errno.ENOENT:
        return f"run: {command}: the program that its first line names is not there. Does the line end in CR LF?"
    return f"run: {command}: {error.strerror}"


def _by_its_shell(command: str) -> str:
    return f"name its shell: acr-emulator run -- bash {command}"


@contextmanager
def _signals_handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """The signals that end a program go to `handler` during the block."""
    numbers = [getattr(signal, name) for name in ENDING_SIGNALS if hasattr(signal, name)]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        # It was started with nohup, to go on when the terminal is gone.
        numbers.remove(signal.SIGHUP)
    before = [(number, signal.signal(number, handler)) for number in numbers]
    try:
        yield
    finally:
        for number, earlier in before:
            signal.signal(number, earlier)


def _env(arguments: argparse.Namespace) -> int:
    instances = Instances(os.environ)
    patience = time.monotonic() + arguments.wait
    while not (variables := _answering(instances, arguments.name)) and time.monotonic() < patience:
        time.sleep(0.1)
    if not variables:
        raise UsageError(_not_running(instances, arguments.name))
    _print(shell_exports(variables, arguments.shell))
    return 0


def _print(text: str) -> None:
    if sys.stdout is None:
        raise UsageError("env: cannot print the variables: stdout is closed")
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError as error:
        # Python would try once more at its end, and say so in its own words.
        sys.stdout = None
        raise UsageError(f"env: cannot print the variables: {error.strerror}") from error


def _not_running(instances: Instances, name: str) -> str:
    others = instances.names()
    named = "" if name == DEFAULT_NAME else f" --name {name}"
    which = "no emulator is running" if not others and not named else f"no emulator named '{name}' is running"
    running = f" (running: {', '.join(others)})" if others else ""
    return f"env: {which}{running}. Start one with: acr-emulator serve{named}"


def _answering(instances: Instances, name: str) -> Mapping[str, str] | None:
    """The variables of the server of that name, once it takes connections."""
    variables = instances.variables(name)
    if variables is None:
        return None
    parts = urlsplit(variables["ACR_EMULATOR_URL"])
    try:
        socket.create_connection((parts.hostname or HOST, parts.port or 443), timeout=5).close()
    except OSError:
        return None
    return variables


def _az_variables(directory: Path, server: RunningServer) -> dict[str, str]:
    try:
        return write_az_files(directory, server, os.environ)
    except OSError as error:
        raise UsageError(f"{directory}: {error.strerror}. {OTHER_FOLDER}") from error


@contextmanager
def _temporary_directory() -> Iterator[Path]:
    try:
        folder = tempfile.TemporaryDirectory(prefix="acr-emulator-", ignore_cleanup_errors=True)
    except OSError as error:
        raise UsageError(f"no temporary folder: {error.strerror}. {OTHER_FOLDER}") from error
    with folder as name:
        yield Path(name)
