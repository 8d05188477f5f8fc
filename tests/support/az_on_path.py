"""`az` for scripts that tests run: a program in a folder for PATH, which has its commands forked (az_processes.py)."""

from __future__ import annotations

import os
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from az_processes import COMMANDS, AzForkServer

__all__ = ["AzOnPath"]

# It starts in a moment, as it imports next to nothing. It passes its streams on, what it was told, and az's exit code.
_PROGRAM = """\
#!{python} -IS
import json, os, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect({address!r})
socket.send_fds(connection, [b"\\0"], [0, 1, 2])
command = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ, AZ_INSTALLER="PIP")}}
connection.sendall(json.dumps(command).encode() + b"\\n")
answers = connection.makefile("rb")
answers.read(4)  # the process ID
code = int.from_bytes(answers.read(4), "big", signed=True)
sys.exit(code if code >= 0 else 128 - code)
"""


class AzOnPath:
    """A folder for PATH whose `az` has the extensions of the server that forks it. Use as a context manager.

    Without a server, where processes cannot be forked, it is the folder of az itself.
    """

    def __init__(self, server: AzForkServer | None) -> None:
        self._server = server
        self.folder = COMMANDS

    def __enter__(self) -> AzOnPath:
        if self._server is not None:
            self._temporary = TemporaryDirectory()
            self.folder = Path(self._temporary.name)
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(self.folder / "socket"))
            self._listener.listen()
            program = self.folder / "az"
            program.write_text(_PROGRAM.format(python=sys.executable, address=str(self.folder / "socket")), "utf-8")
            program.chmod(0o755)
            self._thread = threading.Thread(target=self._serve, args=(self._server,))
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.folder != COMMANDS:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._thread.join()
            self._listener.close()
            self._temporary.cleanup()

    def _serve(self, server: AzForkServer) -> None:
        # Accepting ends with an error when the listener is shut down.
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection:
                    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
                    server.adopt(connection, streams)
                for stream in streams:
                    os.close(stream)
