"""Faults by rule: which requests go wrong, and how."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..clock import EmulatorClock
from .scopes import is_for_azure

__all__ = [
    "Connection",
    "ConnectionDroppedError",
    "Fault",
    "FaultInjector",
    "FaultRule",
    "FaultRuleError",
    "FaultRules",
    "parse_rules",
]

CONNECTION_EXTENSION = "acr_emulator.connection"
FAULT_KINDS = ("status", "reset", "delay", "truncate", "drop-reply")


class FaultRuleError(ValueError):
    """A rule that cannot be understood; the message names the member."""


class ConnectionDroppedError(Exception):
    """The connection had to be dropped, and the server in front of the application offers no way to do so."""


class Connection:
    """The connection a request came by; the server puts it into the ASGI scope's extensions."""

    def reset(self) -> None:
        """Cut it with a TCP reset."""
        raise ConnectionDroppedError("reset")

    def close(self) -> None:
        """Close it after what was written has been sent."""
        raise ConnectionDroppedError("close")


@dataclass(frozen=True)
class Fault:
    """What goes wrong. `kind` is one of FAULT_KINDS.

    status: answer with `status`, `body` and `headers` instead of carrying the request out. reset: TCP reset, nothing
    carried out. delay: `seconds` on the emulator's clock, then as usual. truncate: only the first `size` bytes of the
    reply's body, then the connection is closed. drop-reply: carried out, but the connection is closed without a reply.
    """

    kind: str
    status: int = 500
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    size: int = 0


@dataclass
class FaultRule:
    """Requests whose method is `method` (empty: any) and whose path and query match `path`.

    `skip` of them go well, then `times` of them (None: all) get `fault`.
    """

    fault: Fault
    method: str = ""
    path: re.Pattern[str] = field(default_factory=lambda: re.compile(""))
    skip: int = 0
    times: int | None = 1
    matched: int = 0

    def applies(self, method: str, target: str) -> bool:
        """Whether this request gets the fault; counts it if it matches."""
        if (self.method and self.method != method.upper()) or not self.path.search(target):
            return False
        self.matched += 1
        return self.matched > self.skip and (self.times is None or self.matched <= self.skip + self.times)


def parse_rules(document: Any) -> list[FaultRule]:
    """Rules from JSON or YAML: `[{match: {method, path}, skip, times, fault: {...}}]`, or one object with key `rules`.

    `fault` is `{status, body, headers}`, `{reset: true}`, `{delay: seconds}`, `{truncate: bytes}` or
    `{"drop-reply": true}`. `times: null` means for ever. Raises FaultRuleError.
    """
    rules = document.get("rules") if isinstance(document, Mapping) else document
    if not isinstance(rules, Sequence) or isinstance(rules, str):
        raise FaultRuleError("faults: expected a list of rules")
    return [_parse_rule(f"faults[{index}]", rule) for index, rule in enumerate(rules)]


def _parse_rule(where: str, rule: Any) -> FaultRule:
    if not isinstance(rule, Mapping) or not isinstance(rule.get("fault"), Mapping):
        raise FaultRuleError(f"{where}: expected an object with the member 'fault'")
    _refuse_unknown(where, rule, {"match", "skip", "times", "fault"})
    match = rule.get("match") or {}
    if not isinstance(match, Mapping):
        raise FaultRuleError(f"{where}.match: expected an object with 'method' and 'path'")
    _refuse_unknown(f"{where}.match", match, {"method", "path"})
    try:
        path = re.compile(str(match.get("path", "")), re.IGNORECASE)
    except re.error as error:
        raise FaultRuleError(f"{where}.match.path: not a regular expression: {error}") from error
    times = rule.get("times", 1)
    return FaultRule(
        fault=_parse_fault(f"{where}.fault", rule["fault"]),
        method=str(match.get("method", "")).upper(),
        path=path,
        skip=_number(f"{where}.skip", rule.get("skip", 0), whole=True),
        times=None if times is None else _number(f"{where}.times", times, whole=True),
    )


def _parse_fault(where: str, fault: Mapping[str, Any]) -> Fault:
    kinds = [kind for kind in FAULT_KINDS if kind in fault]
    if len(kinds) != 1:
        raise FaultRuleError(f"{where}: give exactly one of {', '.join(FAULT_KINDS)}")
    kind = kinds[0]
    _refuse_unknown(where, fault, {kind} | ({"body", "headers"} if kind == "status" else set()))
    value = fault[kind]
    if kind == "status":
        headers = {str(name): str(text) for name, text in (fault.get("headers") or {}).items()}
        status = _number(f"{where}.status", value, whole=True)
        return Fault(kind, status=status, body=fault.get("body"), headers=headers)
    if kind == "delay":
        return Fault(kind, seconds=_number(f"{where}.delay", value))
    if kind == "truncate":
        return Fault(kind, size=_number(f"{where}.truncate", value, whole=True))
    return Fault(kind)


def _refuse_unknown(where: str, section: Mapping[str, Any], known: set[str]) -> None:
    for key in section:
        if key not in known:
            raise FaultRuleError(f"{where}: unknown key '{key}' (known: {', '.join(sorted(known))})")


def _number(where: str, value: Any, *, whole: bool = False) -> Any:
    allowed = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed) or value < 0:
        raise FaultRuleError(f"{where}: expected a {'whole ' if whole else ''}number from 0 up, not {value!r}")
    return value


class FaultRules:
    """The rules in force, and how many requests each has matched."""

    def __init__(self, rules: Sequence[FaultRule] = ()) -> None:
        self.replace(rules)

    def replace(self, rules: Sequence[FaultRule]) -> None:
        """Drop the rules in force for these, which count from nothing."""
        self._rules = [replace(rule, matched=0) for rule in rules]

    def fault_for(self, method: str, target: str) -> Fault | None:
        """The fault of the first rule that applies to this request, if any."""
        return next((rule.fault for rule in self._rules if rule.applies(method, target)), None)


class FaultInjector:
    """ASGI middleware: applies the rules to requests for Azure."""

    def __init__(self, app: ASGIApp, clock: EmulatorClock, rules: FaultRules) -> None:
        self._app = app
        self._clock = clock
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._fault_for(scope)
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "delay":
            await self._clock.sleep(fault.seconds)
            await self._app(scope, receive, send)
        elif fault.kind == "status":
            await _answer(fault, receive, send)
        elif fault.kind == "truncate":
            await self._app(scope, receive, _Truncated(fault.size, send, _connection(scope)).send)
        else:
            if fault.kind == "drop-reply":
                await self._app(scope, receive, _discard)
            connection = _connection(scope)
            connection.reset() if fault.kind == "reset" else connection.close()
            await _wait_for_disconnect(receive)

    def _fault_for(self, scope: Scope) -> Fault | None:
        if not is_for_azure(scope):
            return None
        query = scope["query_string"].decode("latin-1")
        target = f"{scope['path']}?{query}" if query else scope["path"]
        return self._rules.fault_for(scope["method"], target)


def _connection(scope: Scope) -> Connection:
    connection = scope.get("extensions", {}).get(CONNECTION_EXTENSION)
    return connection if isinstance(connection, Connection) else Connection()


async def _answer(fault: Fault, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    headers = {"content-type": "application/json; charset=utf-8", **{k.lower(): v for k, v in fault.headers.items()}}
    if fault.body is None:
        content = b""
    else:
        content = fault.body.encode() if isinstance(fault.body, str) else json.dumps(fault.body).encode()
    headers["content-length"] = str(len(content))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": fault.status, "headers": raw})
    await send({"type": "http.response.body", "body": content})


async def _discard(message: Message) -> None:
    """A `send` whose client never hears anything."""


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class _Truncated:
    """A `send` that passes the headers and the first bytes of the body, then closes the connection."""

    def __init__(self, size: int, send: Send, connection: Connection) -> None:
        self._left = size
        self._send = send
        self._connection = connection
        self._closed = False

    async def send(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            await self._send(message)
        elif not self._closed:
            body = message.get("body", b"")
            await self._send({**message, "body": body[: self._left], "more_body": True})
            self._left -= len(body)
            if self._left < 0 or not message.get("more_body"):
                self._closed = True
                self._connection.close()
