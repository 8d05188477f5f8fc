"""`acr-emulator serve`, `acr-emulator run -- COMMAND`, `acr-emulator env`."""

from __future__ import annotations

import argparse
import json
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
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from .azconfig import private_directory, shell_exports, write_az_files
from .options import EmulatorOptions
from .server import HOST, RunningServer, ServerStartError, running_server
from .wire.journal import Journal
from .world import World, WorldFileError, load_world

__all__ = ["main"]

STATE_FILE = "serve.json"


class UsageError(Exception):
    """Something the user has to change; the message says what."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 2 for usage, or that of the command which `run` ran."""
    arguments = _parser().parse_args(argv)
    try:
        exit_code: int = arguments.handler(arguments)
    except (UsageError, WorldFileError, ServerStartError) as error:
        _narrate(f"acr-emulator: {error}")
        return 2
    return exit_code


def _narrate(text: str) -> None:
    """stdout belongs to the command that `run` runs and to what `env` prints."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="acr-emulator", description="Azure Container Registry agent pools, tasks and runs on this machine."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="Serve until stopped with Ctrl-C.")
    _add_options(serve)
    serve.set_defaults(handler=_serve)
    run = commands.add_parser("run", help="Serve while a command runs, with az pointed at the emulator.")
    _add_options(run)
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="What to run.")
    run.set_defaults(handler=_run)
    env = commands.add_parser("env", help="Print the variables that point az at a running 'serve'.")
    env.add_argument("--shell", choices=["bash", "powershell", "json"], default="bash", help="Default: bash.")
    env.add_argument(
        "--wait", type=_number, default=0.0, metavar="S", help="How long to wait for a server that is starting."
    )
    env.set_defaults(handler=_env)
    return parser


def _add_options(parser: argparse.ArgumentParser) -> None:
    defaults = EmulatorOptions()
    parser.add_argument("--world", type=Path, metavar="FILE", help="YAML file with what exists; see docs/emulator.md.")
    parser.add_argument(
        "--pool-seconds",
        type=_number,
        default=defaults.pool_seconds,
        metavar="S",
        help="How long a pool operation takes (Azure: minutes). Default: %(default)s.",
    )
    parser.add_argument(
        "--agent-speed",
        type=_positive,
        default=defaults.agent_speed,
        metavar="FACTOR",
        help="How many times as fast as usual agents work. Default: %(default)s.",
    )
    parser.add_argument("--latency", type=_number, default=0.0, metavar="S", help="Delay of each request. Default: 0.")
    parser.add_argument(
        "--uplink-mbps", type=_positive, metavar="N", help="Upload bandwidth in Mbit/s. Default: no limit."
    )
    parser.add_argument(
        "--retry-after",
        type=int,
        default=defaults.retry_after,
        metavar="S",
        help="Retry-After of pool operations. Default: %(default)s, as Azure's.",
    )
    parser.add_argument(
        "--sas-seconds",
        type=_positive,
        default=defaults.sas_seconds,
        metavar="S",
        help="How long signed blob URLs hold. Default: %(default)s.",
    )
    parser.add_argument("--host", default=HOST, help=f"Only {HOST} is accepted: anyone who reaches the port is let in.")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="Default: a free one.")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="Append every request as a line of JSON.")


def _number(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be 0 or more, not {text}")
    return value


def _positive(text: str) -> float:
    if (value := _number(text)) == 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return value


@contextmanager
def _server(arguments: argparse.Namespace) -> Iterator[RunningServer]:
    if arguments.host not in {HOST, "localhost"}:
        raise UsageError(f"--host {arguments.host}: only {HOST} is possible, because anyone who reaches it is let in.")
    options = EmulatorOptions(
        pool_seconds=arguments.pool_seconds,
        agent_speed=arguments.agent_speed,
        retry_after=arguments.retry_after,
        latency=arguments.latency,
        uplink_mbps=arguments.uplink_mbps,
        sas_seconds=arguments.sas_seconds,
    )
    world = World() if arguments.world is None else load_world(arguments.world)
    try:
        journal = Journal(arguments.journal)
    except OSError as error:
        raise UsageError(f"--journal {arguments.journal}: {error.strerror}") from error
    with running_server(world, options, port=arguments.port, journal=journal) as server:
        yield server


def _serve(arguments: argparse.Namespace) -> int:
    stop = threading.Event()
    with (
        _signals_handled(lambda number, frame: stop.set()),
        _server(arguments) as server,
        _temporary_directory() as directory,
    ):
        variables = write_az_files(directory, server, os.environ)
        state_file = _state_file()
        _write_whole(state_file, json.dumps({"pid": os.getpid(), "variables": variables}))
        try:
            _narrate(f"Serving on {server.url}; stop with Ctrl-C.")
            _narrate('Point az at it in another shell: eval "$(acr-emulator env)"')
            # Waiting in steps, since a wait without end would not be interrupted by signals on Windows.
            while not stop.wait(0.5):
                pass
        finally:
            _forget_state(state_file)
    return 0


def _write_whole(path: Path, text: str) -> None:
    """Write the file so that whoever reads it meanwhile sees all of it or the old one."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def _forget_state(state_file: Path) -> None:
    """Remove the state file, unless a server that was started later has written its own."""
    if state_file.exists() and json.loads(state_file.read_text(encoding="utf-8"))["pid"] == os.getpid():
        state_file.unlink()


def _run(arguments: argparse.Namespace) -> int:
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        raise UsageError("run: say what to run: acr-emulator run -- COMMAND")
    with _server(arguments) as server, _temporary_directory() as directory:
        variables = write_az_files(directory, server, os.environ)
        return _run_command(command, {**os.environ, **variables})


def _run_command(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run to its end; signals go to the command, whose exit code is ours (128 + n when signal n ended it)."""
    executable = shutil.which(command[0], path=environment.get("PATH"))
    if executable is None:
        raise UsageError(f"run: command not found: {command[0]}")
    process = subprocess.Popen([executable, *command[1:]], env=dict(environment))

    def forward(number: int, frame: FrameType | None) -> None:
        # Ctrl-C reaches the command by itself, being in the same process group; SIGTERM does not.
        if number != signal.SIGINT:
            process.send_signal(number)

    with _signals_handled(forward):
        code = process.wait()
    return 128 - code if code < 0 else code


@contextmanager
def _signals_handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """SIGINT and SIGTERM (and Ctrl-Break on Windows) go to `handler` during the block."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    before = [(number, signal.signal(number, handler)) for number in numbers]
    try:
        yield
    finally:
        for number, earlier in before:
            signal.signal(number, earlier)


def _env(arguments: argparse.Namespace) -> int:
    state_file = _state_file()
    patience = time.monotonic() + arguments.wait
    while not state_file.exists() and time.monotonic() < patience:
        time.sleep(0.1)
    if not state_file.exists():
        raise UsageError("env: no emulator is running. Start one with: acr-emulator serve")
    variables = json.loads(state_file.read_text(encoding="utf-8"))["variables"]
    url = variables["ACR_EMULATOR_URL"]
    if not _answers(url):
        raise UsageError(f"env: the emulator at {url} does not answer. Start it again with: acr-emulator serve")
    sys.stdout.write(shell_exports(variables, arguments.shell) + "\n")
    return 0


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or HOST, parts.port or 443), timeout=5).close()
    except OSError:
        return False
    return True


def _state_file() -> Path:
    return private_directory(Path(os.environ.get("ACR_EMULATOR_HOME") or Path.home() / ".acr-emulator")) / STATE_FILE


@contextmanager
def _temporary_directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="acr-emulator-", ignore_cleanup_errors=True) as name:
        yield Path(name)
