"""A command line in this process: az's parser, the real client over TLS, and a clock that jumps.

What azure-core and the extension sleep moves this clock, and the emulator's with it, so that nobody waits.
"""

from __future__ import annotations

import json
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from az_harness import TOKEN
from azure.cli.core import get_default_cli
from azure.cli.core.util import todict
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport._requests_basic import RequestsTransport
from evidence import Ending
from registries import Emulated

from azext_acrpool import COMMAND_LOADER_CLS
from azext_acrpool.client.arm import ArmClient
from azext_acrpool.client.blobs import BlobReader, head_status
from azext_acrpool.client.http import BlobSession
from azext_acrpool.context import upload
from azext_acrpool.testing import FakeSession, JumpingClock

__all__ = ["InProcess", "Parser", "Reply"]

_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
# So many requests without a pause between them serve nobody, not even a list of a thousand pages.
_MOST_AT_ONCE = 1_100


class StillAtWorkError(BaseException):
    """A command that does not end in time. Nothing that the command catches."""


@dataclass(frozen=True)
class Reply:
    """A JSON reply of ARM, for what can be wrong with it."""

    method: str
    path: str
    body: Any


class _Clock(JumpingClock):
    """Jumps as far as `limit` seconds; what it has jumped, the emulator is told when it is asked for something."""

    def __init__(self, emulated: Emulated, limit: float) -> None:
        super().__init__()
        self._emulated = emulated
        self._limit = limit
        self._behind = 0.0
        self._lock = threading.RLock()
        self._requests = 0
        self._started = emulated.now

    def now(self) -> datetime:
        return self._started + timedelta(seconds=self.time)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            super().sleep(seconds)
            self._behind += seconds
            self._requests = 0
            if self.time > self._limit:
                raise StillAtWorkError(f"still at work after {self.time:.0f} s")

    def request(self) -> None:
        """A request is about to be sent."""
        with self._lock:
            self._requests += 1
            if self._requests > _MOST_AT_ONCE:
                raise StillAtWorkError(f"{self._requests} requests without a pause")
            behind, self._behind = self._behind, 0.0
        if behind:
            self._emulated.advance(behind)


class _Transport(RequestsTransport):
    """azure-core's own, but for the clock that it sleeps on.

    `replies`, if there are any, get ARM's JSON replies; without them no reply is read before the client reads it.
    """

    def __init__(self, clock: _Clock, replies: list[Reply] | None) -> None:
        super().__init__()
        self._clock = clock
        self._replies = replies

    def sleep(self, duration: float) -> None:
        if duration > 0:
            self._clock.sleep(duration)

    def send(self, request: Any, **options: Any) -> Any:
        self._clock.request()
        response = super().send(request, **options)
        if self._replies is not None and response.internal_response.content:
            body = json.loads(response.internal_response.content)
            self._replies.append(Reply(request.method, urlsplit(request.url).path, body))
        return response


class _Blobs(BlobSession):
    """A session that keeps the emulator's clock in step."""

    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self._clock = clock

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        self._clock.request()
        return super().send(request, **options)


class _Credential:
    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken(TOKEN.removeprefix("Bearer "), int(time.time()) + 86400)


class Parser:
    """az's parser of the extension's commands."""

    def __init__(self) -> None:
        self._cli = get_default_cli()
        self._invocation = self._cli.invocation_cls(
            cli_ctx=self._cli,
            parser_cls=self._cli.parser_cls,
            commands_loader_cls=self._cli.commands_loader_cls,
            help_cls=self._cli.help_cls,
        )
        self._cli.invocation = self._invocation
        loader = COMMAND_LOADER_CLS(cli_ctx=self._cli)
        self._commands = loader.load_command_table(None)
        self._invocation.commands_loader.cmd_to_loader_map = {name: [loader] for name in self._commands}
        self._parsers: dict[str, Any] = {}

    def parse(self, arguments: list[str]) -> tuple[Any, dict[str, Any]]:
        """az's command, and the options that its function is given."""
        name = max((name for name in self._commands if arguments[: len(name.split())] == name.split()), key=len)
        self._invocation.data["command_string"] = name
        if name not in self._parsers:
            self._parsers[name] = self._parser_of(name)
        parsed = self._parsers[name].parse_args(arguments)
        self._invocation._validation(parsed)
        ours = {name: value for name, value in vars(parsed).items() if not name.startswith("_")}
        return self._commands[name], {name: ours[name] for name in ours if name not in ("cmd", "func", "command")}

    def _parser_of(self, name: str) -> Any:
        """A parser of this command alone, as az makes it. It can parse again and again, and is dear to make."""
        loader = self._invocation.commands_loader
        loader.command_table = {name: self._commands[name]}
        loader.load_arguments(name)
        parser = self._cli.parser_cls(cli_ctx=self._cli, prog="az", parents=[])
        parser.load_command_table(loader)
        return parser


@dataclass
class InProcess:
    """Runs commands on an emulator."""

    emulated: Emulated
    parser: Parser = field(default_factory=Parser)

    def run(
        self,
        arguments: list[str],
        *,
        seconds: float,
        quiet: bool = False,
        meanwhile: Callable[[], None] | None = None,
        replies: list[Reply] | None = None,
    ) -> Ending:
        """How the command ended.

        `meanwhile` is called once the command has waited a little; `replies` get ARM's, if all of them are JSON.
        """
        command, options = self.parser.parse(arguments)
        clock = _Clock(self.emulated, seconds)
        if meanwhile is not None:
            clock.at(0.5, meanwhile)
        transport = _Transport(clock, replies)
        arm = ArmClient.from_credential(
            _Credential(), _SUBSCRIPTION, base_url=self.emulated.url, clock=clock, transport=transport
        )
        session = FakeSession(
            arm, clock, only_show_errors=quiet, blobs=BlobReader(_Blobs(clock)), upload=upload, head_status=head_status
        )
        module, _, function = command.command_kwargs["command_operation"].op_path.partition("#")
        memory = _forget_largest()
        try:
            finished = session.run(getattr(import_module(module), function), **options)
            printed = _as_az_prints(command, options, finished.result)
            # An empty list is what a list may be.
            printed = _json_of(finished.stdout) if printed is None else printed
            ending = Ending(finished.exit_code, finished.stdout, finished.stderr, printed)
        except StillAtWorkError as error:
            ending = Ending(1, "", "", late=str(error))
        except Exception:
            ending = Ending(1, "", "", crash=traceback.format_exc())
        finally:
            transport.close()  # type: ignore[no-untyped-call]
        return replace(ending, seconds=clock.time, memory=_largest() - memory)


def _as_az_prints(command: Any, options: Mapping[str, Any], result: Any) -> Any:
    """The result as az prints it in JSON, once it is sure that az could print it as a table too."""
    if result is None or (command.supports_no_wait and options.get("no_wait")):
        return None
    plain = json.loads(json.dumps(todict(result)))
    if command.table_transformer:
        command.table_transformer(plain)
    return plain


def _json_of(stdout: str) -> Any:
    """What a command has printed by itself, if it is JSON."""
    with suppress(ValueError):
        return json.loads(stdout)
    return None


def _forget_largest() -> int:
    """Bytes of memory that are in use; from now on that is the largest that they were."""
    if _CLEAR.exists():
        _CLEAR.write_text("5")
    return _largest()


def _largest() -> int:
    """Bytes of memory at its largest since `_forget_largest`, 0 where the system does not say."""
    if not _STATUS.exists():
        return 0
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
