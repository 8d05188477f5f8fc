"""az, imported once and forked for every command: a command costs what it does, and not another start of az.

A program: `az_fork_server.py CONTROL [EXTENSIONS]`. CONTROL is the number of a socket. Each message on it brings the
files of one command: a connection and three standard streams. On the connection come the command's arguments, folder
and environment, as a line of JSON; out go its process ID and in the end its exit code, as `subprocess` has it, in four
bytes each. When the socket ends, so do the server and the commands that still run. EXTENSIONS is a folder of
extensions, which are imported too.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

# az's modules read these variables when they are imported, and keep what they made of them.
FOLDERS = ("AZURE_CONFIG_DIR", "AZURE_EXTENSION_DIR")
# What commands import when they run. None of it starts a thread or opens a connection when it is imported.
PACKAGES = ("azure.cli.core", "azure.cli.command_modules.acr")
MODULES = (
    "azure.core.pipeline.transport._requests_basic",
    "azure.mgmt.containerregistry",
    "azure.mgmt.containerregistrytasks",
    "azure.mgmt.resource",
    "msrest",
    "packaging.version",
    "pkginfo",
)
# What groups of commands import that take long and that few tests need.
_NETWORK, _DNS = "azure.cli.command_modules.network", "azure.cli.command_modules.privatedns"
_OF_NETWORK = ("nsg", "private_endpoint", "route_table", "vnet")
GROUPS = {
    "network": (
        *(_NETWORK, f"{_NETWORK}.operations", *(f"{_NETWORK}.aaz.latest.network.{name}" for name in _OF_NETWORK)),
        *(_DNS, f"{_DNS}.aaz.latest.network.private_dns"),
    ),
    "role": ("azure.cli.command_modules.role",),
}
REAPED = {signal.SIGCHLD}


def import_package(name: str) -> None:
    """Import a package and all that is in it."""
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(module.name)


def import_az(*extensions: str) -> None:
    """Import what commands need: az, and what the folders hold."""
    for name in PACKAGES:
        import_package(name)
    for name in MODULES:
        importlib.import_module(name)
    for extension in (path for folder in extensions for path in Path(folder).iterdir()):
        sys.path.append(str(extension))
        for package in extension.glob("azext_*"):
            import_package(package.name)
        # Each command finds and loads its extensions itself, and az puts their folders there.
        sys.path.remove(str(extension))


def import_group(name: str) -> None:
    """Import what the commands of a group have in common, if it is one of those that take long."""
    for package_name in GROUPS.get(name, ()):
        package = importlib.import_module(package_name)
        for found in pkgutil.iter_modules(package.__path__, f"{package_name}."):
            if found.name.rpartition(".")[2] not in ("aaz", "tests", "operations"):
                importlib.import_module(found.name)


class FolderConstants:
    """What az's modules made of FOLDERS when they were imported; each command has its own."""

    def __init__(self) -> None:
        self._constants = [
            (module, name, variable, value.removeprefix(os.environ[variable]))
            for module in list(sys.modules.values())
            for name, value in vars(module).items()
            for variable in FOLDERS
            if isinstance(value, str) and value.startswith(os.environ[variable])
        ]

    def replace(self) -> None:
        """Make of the variables as they are now what the modules would have made."""
        for module, name, variable, rest in self._constants:
            setattr(module, name, os.environ[variable] + rest)


def answer(connection: socket.socket, number: int) -> None:
    connection.sendall(number.to_bytes(4, "big", signed=True))


class Server:
    """Forks commands, one a message, and tells each one's client how it ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._running: dict[int, socket.socket] = {}

    def next_command(self) -> dict[str, Any] | None:
        """In a new process: the command that it is to run. In the server, when all is done: None."""
        signal.signal(signal.SIGCHLD, self._reap)
        while True:
            _, files, _, _ = socket.recv_fds(self._control, 1, 4)
            if not files:
                return None
            connection = socket.socket(fileno=files[0])
            with connection.makefile("rb") as lines:
                command = json.loads(lines.readline())
            import_group(command["arguments"][0] if command["arguments"] else "")
            assert threading.active_count() == 1, "a thread would not be in the forked process"
            # The child is entered before its end is noticed.
            signal.pthread_sigmask(signal.SIG_BLOCK, REAPED)
            process = os.fork()
            if not process:
                self._become_command(connection, files[1:])
                return dict(command)
            self._running[process] = connection
            signal.pthread_sigmask(signal.SIG_UNBLOCK, REAPED)
            for file in files[1:]:
                os.close(file)

    def _become_command(self, connection: socket.socket, streams: list[int]) -> None:
        """Take leave of the server: a session, signals and streams as a new process has them, and no other file."""
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, REAPED)
        for number, file in enumerate(streams):
            os.dup2(file, number)
            os.close(file)
        assert isinstance(sys.stdout, TextIOWrapper)
        sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())
        answer(connection, os.getpid())
        for other in (self._control, connection, *self._running.values()):
            other.close()

    def _reap(self, *_: object) -> None:
        for process in list(self._running):
            # This runs again when another command ends meanwhile, and may have seen to this one.
            with suppress(ChildProcessError):
                ended, status = os.waitpid(process, os.WNOHANG)
                if ended:
                    connection = self._running.pop(process)
                    with suppress(ConnectionError):  # nobody waits for it any more
                        answer(connection, os.waitstatus_to_exitcode(status))
                    connection.close()

    def close(self) -> None:
        """End what still runs."""
        for process in list(self._running):
            with suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)


def prepare(command: dict[str, Any], constants: FolderConstants) -> None:
    """Arguments, folder and environment, and all that Python and az made of them when they started."""
    os.environ.clear()
    os.environ.update(command["environment"])
    time.tzset()
    constants.replace()
    os.chdir(command["folder"])
    sys.path[0] = str(Path.cwd())
    sys.argv = ["az", *command["arguments"]]


def end_at_once(code: object) -> None:
    """Do what Python does at its end, but leave what the server has imported: to take that down costs a third of all.

    Returns where there is more to be done.
    """
    if isinstance(code, int) and threading.active_count() == 1:
        atexit._run_exitfuncs()
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def main() -> None:
    # Not the folder of this file: az finds no modules there.
    sys.path[0] = str(Path.cwd())
    import_az(*sys.argv[2:])
    constants = FolderConstants()
    # What is there by now is left to no command's garbage collector: its memory stays shared.
    gc.freeze()
    server = Server(socket.socket(fileno=int(sys.argv[1])))
    command = server.next_command()
    if command is None:
        server.close()
    else:
        prepare(command, constants)
        try:
            runpy.run_module("azure.cli", run_name="__main__", alter_sys=True)
        except SystemExit as ending:
            end_at_once(ending.code)
            raise


if __name__ == "__main__":
    main()
