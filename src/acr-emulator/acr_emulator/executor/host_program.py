"""Programs that are run on this machine, each in a process group of its own: it ends with all that it has started."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import which

from ..acb.docker import Printed
from .errors import StoppedError

__all__ = ["HostProgram", "Processes"]

LOOK_SECONDS = 0.1
"""How often is looked whether the program is to be ended."""

LAST_WORDS_SECONDS = 1.0
"""How long is waited for what a program has printed when it has ended, if something else keeps its output open."""

LONGEST_LINE = 1 << 20
"""Bytes; what is longer becomes several lines."""

MOST_LINES = 100
"""How many lines are read ahead; a program that prints faster than its log is written waits, as at any pipe."""

NOT_FOUND = 127
NOT_STARTED = 125
"""What docker exits with."""

Lines = queue.Queue[bytes | None]


class Processes:
    """Those that run now. When the emulator ends, so do they, and no further one begins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_over = False

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
        """Start a program without input, whose output is read from one pipe. Raises OSError, StoppedError."""
        with self._lock:
            if self._is_over:
                raise StoppedError
            process = subprocess.Popen(
                arguments,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Windows' way to say that it gets no Ctrl-C of ours.
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
            self._running.add(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """End a program and whatever it has started; one that has ended may have left something behind."""
        _kill_group(process)
        process.wait()
        with self._lock:
            self._running.discard(process)

    def end_all(self) -> None:
        """End all of them, for good."""
        with self._lock:
            self._is_over = True
            running = list(self._running)
        for process in running:
            self.end(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        if process.poll() is None:
            taskkill = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "taskkill.exe"
            subprocess.run([str(taskkill), "/F", "/T", "/PID", str(process.pid)], check=False, capture_output=True)
            process.kill()
        return
    # Nobody is left in the group, or, as macOS says it, nobody but those that have ended.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


class HostProgram:
    """A program to be run in `folder` with `environment` and nothing else; `stop` ends it.

    The folder is made if it is not there. `spend` is told the seconds that have passed, as they pass.
    """

    def __init__(
        self,
        processes: Processes,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        stop: threading.Event,
        spend: Callable[[float], None],
    ) -> None:
        self._processes = processes
        self._arguments = list(arguments)
        self._environment = environment
        self._folder = folder
        self._stop = stop
        self._spend = spend
        self._seen = 0.0

    def run(self) -> Generator[Printed | float, None, int]:
        """What a Program does. Raises StoppedError."""
        name = self._arguments[0]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            # Roughly as docker puts it.
            yield Printed(f"docker: Error response from daemon: mkdir {self._folder.name}: {error.strerror}.")
            return NOT_STARTED
        # A name with a slash counts from the program's own folder.
        executable = which(str(self._folder / name) if "/" in name else name, path=self._environment.get("PATH"))
        try:
            if executable is None:
                raise FileNotFoundError
            process = self._processes.start([executable, *self._arguments[1:]], self._environment, self._folder)
        except OSError as error:
            reason = "executable file not found in $PATH" if isinstance(error, FileNotFoundError) else error.strerror
            yield Printed(f'docker: Error response from daemon: exec: "{name}": {reason}.')
            return NOT_FOUND
        self._seen = time.monotonic()
        threading.Thread(target=self._guard, args=(process,), daemon=True).start()
        try:
            yield from self._output(process)
            yield from self._end(process)
        finally:
            self._processes.end(process)
        return process.returncode if process.returncode >= 0 else 128 - process.returncode

    def _guard(self, process: subprocess.Popen[bytes]) -> None:
        """End the program when it is to stop, though nobody may ask for its output any more."""
        while process.poll() is None:
            if self._stop.wait(LOOK_SECONDS):
                self._processes.end(process)

    def _output(self, process: subprocess.Popen[bytes]) -> Generator[Printed | float, None, None]:
        lines: Lines = queue.Queue(MOST_LINES)
        is_over = threading.Event()
        threading.Thread(target=_read, args=(process, lines, is_over), daemon=True).start()
        try:
            yield from self._shown(process, lines)
        finally:
            is_over.set()

    def _shown(self, process: subprocess.Popen[bytes], lines: Lines) -> Generator[Printed | float, None, None]:
        silent_since_end = 0.0
        while silent_since_end < LAST_WORDS_SECONDS:
            line: bytes | None = b""
            with suppress(queue.Empty):
                line = lines.get(timeout=LOOK_SECONDS)
            seconds = self._passed()
            if line is None:
                return
            if line:
                yield Printed(line.decode(errors="replace").rstrip("\r\n"), seconds)
                continue
            yield seconds
            if process.poll() is not None:
                _kill_group(process)
                silent_since_end += seconds

    def _end(self, process: subprocess.Popen[bytes]) -> Generator[float, None, None]:
        """Wait for a program that prints no more."""
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_SECONDS)
            yield self._passed()

    def _passed(self) -> float:
        """The seconds since this was asked last. Raises StoppedError."""
        if self._stop.is_set():
            raise StoppedError
        now = time.monotonic()
        seconds, self._seen = now - self._seen, now
        self._spend(seconds)
        return seconds


def _read(process: subprocess.Popen[bytes], lines: Lines, is_over: threading.Event) -> None:
    """Pass on what a program prints, line by line, and None at its end, until it is over with them."""
    if process.stdout is not None:
        with process.stdout as output:
            while (line := output.readline(LONGEST_LINE)) and _passed_on(line, lines, is_over):
                pass
    _passed_on(None, lines, is_over)


def _passed_on(line: bytes | None, lines: Lines, is_over: threading.Event) -> bool:
    """Whether somebody still wants the line; waits until there is room for it."""
    while not is_over.is_set():
        with suppress(queue.Full):
            lines.put(line, timeout=LOOK_SECONDS)
            return True
    return False
