"""The command line of `acr-emulator`: its commands, options and what they may be."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from .instances import DEFAULT_NAME, NAME
from .options import EmulatorOptions
from .sections import LONGEST_SECONDS
from .server import HOST

__all__ = ["Handlers", "make_parser", "read_options"]

LARGEST_FACTOR = 1_000_000
LARGEST_PORT = 65535

Handlers = dict[str, Callable[[argparse.Namespace], int]]
"""What carries out each command; gives the exit code."""


def make_parser(handlers: Handlers) -> argparse.ArgumentParser:
    """The parser; what it parses has the command's handler in `handler`."""
    parser = argparse.ArgumentParser(
        prog="acr-emulator", description="Azure Container Registry agent pools, tasks and runs on this machine."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="Serve until stopped with Ctrl-C.")
    _add_options(serve)
    _add_name(serve, f"The name by which 'env' finds it. Default: {DEFAULT_NAME}.", DEFAULT_NAME)
    serve.set_defaults(handler=handlers["serve"])
    run = commands.add_parser("run", help="Serve while a command runs, with az pointed at the emulator.")
    _add_options(run)
    _add_name(run, "A name by which 'env' finds it meanwhile. Default: none, so that nobody else does.", None)
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="What to run.")
    run.set_defaults(handler=handlers["run"])
    env = commands.add_parser("env", help="Print the variables that point az at a running emulator.")
    _add_name(env, f"The emulator's name. Default: {DEFAULT_NAME}.", DEFAULT_NAME)
    env.add_argument("--shell", choices=["bash", "powershell", "json"], default="bash", help="Default: bash.")
    env.add_argument(
        "--wait", type=_seconds, default=0.0, metavar="S", help="How long to wait for an emulator that is starting."
    )
    env.set_defaults(handler=handlers["env"])
    return parser


def read_options(arguments: argparse.Namespace) -> EmulatorOptions:
    """What `serve` and `run` were told of the emulator's behaviour."""
    return EmulatorOptions(
        pool_seconds=arguments.pool_seconds,
        agent_speed=arguments.agent_speed,
        retry_after=arguments.retry_after,
        latency=arguments.latency,
        uplink_mbps=arguments.uplink_mbps,
        sas_seconds=arguments.sas_seconds,
        own_tokens_only=arguments.run_azure_cli_steps_on_host,
    )


def _add_name(parser: argparse.ArgumentParser, told: str, default: str | None) -> None:
    parser.add_argument("--name", type=_name, default=default, metavar="NAME", help=told)


def _add_options(parser: argparse.ArgumentParser) -> None:
    defaults = EmulatorOptions()
    parser.add_argument("--world", type=Path, metavar="FILE", help="YAML file with what exists; see docs/emulator.md.")
    parser.add_argument(
        "--pool-seconds",
        type=_seconds,
        default=defaults.pool_seconds,
        metavar="S",
        help="How long a pool operation takes (Azure: minutes). Default: %(default)s.",
    )
    parser.add_argument(
        "--agent-speed",
        type=_factor,
        default=defaults.agent_speed,
        metavar="FACTOR",
        help="How many times as fast as usual agents work. Default: %(default)s.",
    )
    parser.add_argument("--latency", type=_seconds, default=0.0, metavar="S", help="Delay of each request. Default: 0.")
    parser.add_argument(
        "--uplink-mbps", type=_factor, metavar="N", help="Upload bandwidth in Mbit/s. Default: no limit."
    )
    parser.add_argument(
        "--retry-after",
        type=_whole_seconds,
        default=defaults.retry_after,
        metavar="S",
        help="Retry-After of pool operations. Default: %(default)s, as Azure's.",
    )
    parser.add_argument(
        "--sas-seconds",
        type=_lifetime,
        default=defaults.sas_seconds,
        metavar="S",
        help="How long signed blob URLs hold. Default: %(default)s.",
    )
    parser.add_argument("--host", default=HOST, help=f"Only {HOST} is accepted: anyone who reaches the port is let in.")
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="Default: a free one.")
    parser.add_argument(
        "--run-azure-cli-steps-on-host",
        action="store_true",
        help="Execute what tasks run in mcr.microsoft.com/azure-cli, on this machine, as you, in no container. "
        "Default: it is only checked.",
    )
    parser.add_argument("--journal", type=Path, metavar="FILE", help="Append every request as a line of JSON.")


def _within(text: str, least: float, most: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"expected {what} from {least} to {most}, not '{text}'")
    return value


def _whole(text: str, most: int, what: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(most)) or int(text) > most:
        raise argparse.ArgumentTypeError(f"expected {what} from 0 to {most}, not '{text}'")
    return int(text)


def _seconds(text: str) -> float:
    return _within(text, 0, LONGEST_SECONDS, "seconds")


def _lifetime(text: str) -> float:
    return _within(text, 1, LONGEST_SECONDS, "seconds")


def _factor(text: str) -> float:
    return _within(text, 1 / LARGEST_FACTOR, LARGEST_FACTOR, "a number")


def _whole_seconds(text: str) -> int:
    return _whole(text, LONGEST_SECONDS, "whole seconds")


def _port(text: str) -> int:
    return _whole(text, LARGEST_PORT, "a port")


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"expected 1 to 50 letters, digits or any of _.- between them, not '{text}'")
    return text
