"""Faults by rule: which requests go wrong, and how."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from ..clock import EmulatorClock
from ..sections import Section
from .fault_kinds import Exchange, Fault
from .scopes import is_for_azure

__all__ = ["FaultInjector", "FaultRule", "FaultRuleError", "FaultRules", "parse_rules"]


class FaultRuleError(ValueError):
    """A rule that cannot be understood; the message names the member."""


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


def parse_rules(document: Any, error: Callable[[str], Exception] = FaultRuleError) -> list[FaultRule]:
    """Rules from JSON or YAML: `[{match: {method, path}, skip, times, fault: {...}}]`, or one object with key `rules`.

    `fault` has one member that is named like a kind of fault. `times: null` means for ever. Raises `error`, with a
    message that names the member.
    """
    rules = document.get("rules") if isinstance(document, Mapping) else document
    if not isinstance(rules, list):
        raise error("faults: expected a list of rules")
    section = Section({"faults": rules}, "", error)
    read = section.items("faults", _rule, [])
    section.refuse_unknown()
    return read


def _rule(section: Section) -> FaultRule:
    match = section.section("match")
    try:
        path = re.compile(str(match.get("path", "")), re.IGNORECASE)
    except re.error as error:
        raise match.error("path", f"not a regular expression: {error}") from error
    return FaultRule(
        fault=_fault(section.section("fault")),
        method=str(match.get("method", "")).upper(),
        path=path,
        skip=section.number("skip", 0),
        times=None if section.is_null("times") else section.number("times", 1),
    )


def _fault(section: Section) -> Fault:
    kinds = [fault for kind, fault in Fault.kinds.items() if kind in section]
    if len(kinds) != 1:
        raise section.error("", f"give exactly one of {', '.join(Fault.kinds)}")
    return kinds[0].parse(section)


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
        else:
            await fault.apply(Exchange(self._app, self._clock, scope, receive, send))

    def _fault_for(self, scope: Scope) -> Fault | None:
        if not is_for_azure(scope):
            return None
        query = scope["query_string"].decode("latin-1")
        target = f"{scope['path']}?{query}" if query else scope["path"]
        return self._rules.fault_for(scope["method"], target)
