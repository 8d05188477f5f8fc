"""Faults by rule: which requests go wrong, and how."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from ..clock import EmulatorClock
from ..sections import Section
from .fault_kinds import Exchange, Fault
from .replies import send_error
from .scopes import is_for_azure
from .url_patterns import PatternError, SlowPatternError, UrlPattern

__all__ = ["FaultInjector", "FaultRule", "FaultRuleError", "FaultRules", "parse_rules"]

MOST_RULES = 1000
MATCHING_SECONDS = 0.1
"""How long all rules together may look at one request."""

METHODS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS")


class FaultRuleError(ValueError):
    """A rule that cannot be understood; the message names the member."""


@dataclass
class FaultRule:
    """Requests whose method is `method` (empty: any) and whose path and query match `path`.

    `skip` of them go well, then `times` of them (None: all) get `fault`.
    """

    fault: Fault
    method: str = ""
    path: UrlPattern = field(default_factory=lambda: UrlPattern(""))
    skip: int = 0
    times: int | None = 1
    matched: int = 0

    def applies(self, method: str, target: str, seconds: float = MATCHING_SECONDS) -> bool:
        """Whether this request gets the fault; counts it if it matches. Raises SlowPatternError after `seconds`."""
        if (self.method and self.method != method.upper()) or not self.path.is_found_in(target, seconds):
            return False
        self.matched += 1
        return self.matched > self.skip and (self.times is None or self.matched <= self.skip + self.times)


def parse_rules(document: Any, error: Callable[[str], Exception] = FaultRuleError) -> list[FaultRule]:
    """Rules from JSON or YAML: `[{match: {method, path}, skip, times, fault: {...}}]`, or one object with key `rules`.

    `fault` has one member that is named like a kind of fault. `times: null` means for ever. Raises `error`, with a
    message that names the member.
    """
    rules = document.get("rules") if isinstance(document, Mapping) and set(document) == {"rules"} else document
    if not isinstance(rules, list):
        raise error("faults: expected a list of rules")
    if len(rules) > MOST_RULES:
        raise error(f"faults: at most {MOST_RULES} rules, not {len(rules)}")
    section = Section({"faults": rules}, "", error)
    read = section.items("faults", _rule, [])
    section.refuse_unknown()
    return read


def _rule(section: Section) -> FaultRule:
    match = section.section("match")
    try:
        path = UrlPattern(match.optional_text("path") or "")
    except PatternError as error:
        raise match.error("path", str(error)) from error
    method = (match.optional_text("method") or "").upper()
    if method and method not in METHODS:
        raise match.error("method", f"'{method}' is not one of {', '.join(METHODS)}")
    return FaultRule(
        fault=_fault(section.section("fault")),
        method=method,
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
        """The fault of the first rule that applies to this request, if any. Raises SlowPatternError."""
        deadline = time.monotonic() + MATCHING_SECONDS
        for rule in self._rules:
            if rule.applies(method, target, deadline - time.monotonic()):
                return rule.fault
        return None


class FaultInjector:
    """ASGI middleware: applies the rules to requests for Azure."""

    def __init__(self, app: ASGIApp, clock: EmulatorClock, rules: FaultRules) -> None:
        self._app = app
        self._clock = clock
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            fault = self._fault_for(scope)
        except SlowPatternError as error:
            # Whoever wrote the rule has to hear of it.
            await send_error(send, 500, "FaultRuleTooSlow", f"A fault rule: {error}.")
            return
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
