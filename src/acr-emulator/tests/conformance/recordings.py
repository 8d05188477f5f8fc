"""Replays recordings of Azure against the emulator: the same requests, in the same order, at the same pace."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from acr_emulator.executor import CheckExecutor, Event, Job
from acr_emulator.options import EmulatorOptions
from acr_emulator.world import World
from asgi_exchange import Reply
from comparison import Difference, body_differences, header_differences
from emulated_azure import EmulatedAzure, ScriptedExecutor

__all__ = ["OPERATION_SECONDS", "CheckingExecutor", "Exchange", "load", "replay"]

WIRE = Path(__file__).parent / "wire"
OPERATION_SECONDS = 2000.0
"""Longer than any recorded operation: the emulator's ends when the recording stops polling, not before."""

UNSEEN = "past the page edge"
LINKS = ("azure-asyncoperation", "location")


class CheckingExecutor(ScriptedExecutor):
    """The emulator's default executor in the place of a scripted one."""

    def execute(self, job: Job) -> Iterator[Event]:
        return CheckExecutor().execute(job)


@dataclass(frozen=True)
class Exchange:
    """A recorded request, which of its repetitions this is, and how the emulator's reply differs from Azure's."""

    number: int
    poll: int
    label: str
    differences: tuple[Difference, ...]


def load(name: str) -> list[dict[str, Any]]:
    """The interactions of one digest."""
    document = json.loads((WIRE / name).read_text(encoding="utf-8"))
    interactions: list[dict[str, Any]] = document["interactions"]
    return interactions


def replay(interactions: list[dict[str, Any]], world: World, keeps_retry_after: bool) -> list[Exchange]:
    """Send each recorded request and compare the replies."""
    options = EmulatorOptions(pool_seconds=OPERATION_SECONDS)
    with EmulatedAzure(world, options, CheckingExecutor()) as azure:
        player = _Player(azure, keeps_retry_after)
        return [exchange for number, item in enumerate(interactions) for exchange in player.play(number, item)]


class _Player:
    def __init__(self, azure: EmulatedAzure, keeps_retry_after: bool) -> None:
        self._azure = azure
        self._keeps_retry_after = keeps_retry_after
        self._links: dict[str, str] = {}
        self._recorded_time: float | None = None
        self._polling = False

    def play(self, number: int, item: Mapping[str, Any]) -> Iterator[Exchange]:
        polls = item.get("polls") or [item["headers"].get("date")]
        is_last_look = item["body"] == {"status": "Succeeded"} or (self._polling and "polls" not in item)
        if is_last_look:
            self._azure.advance(OPERATION_SECONDS)
        self._polling = "polls" in item
        for poll, date in enumerate(polls):
            self._wait_until(date)
            reply = self._send(item)
            self._remember_links(item["headers"], reply)
            label = f"{item['method']} {urlsplit(item['uri']).path.rpartition('/providers/')[2]}"
            yield Exchange(number, poll, label, tuple(self._differences(item, reply)))

    def _wait_until(self, date: str | None) -> None:
        """Let as much time pass as passed between the recorded replies (parallel pollers overlap: never back)."""
        if date is None:
            return
        moment = parsedate_to_datetime(date).timestamp()
        if self._recorded_time is not None and moment > self._recorded_time:
            self._azure.advance(moment - self._recorded_time)
        self._recorded_time = max(moment, self._recorded_time or moment)

    def _send(self, item: Mapping[str, Any]) -> Reply:
        parts = urlsplit(item["uri"])
        url = self._links.get(parts.path, f"{parts.path}?{parts.query}")
        reply = self._azure.request(item["method"], url, item["request_body"])
        self._azure.settle()
        return reply

    def _remember_links(self, recorded: Mapping[str, str], reply: Reply) -> None:
        """The URLs that the emulator gave where Azure gave others: they are followed in their place."""
        for name in LINKS:
            if name in recorded and name in reply.headers:
                self._links[urlsplit(recorded[name]).path] = reply.headers[name]

    def _differences(self, item: Mapping[str, Any], reply: Reply) -> Iterator[Difference]:
        if item["status"] != reply.status:
            yield Difference("status", f"is {reply.status}, Azure has {item['status']}: {reply.content.decode()[:300]}")
        unseen = UNSEEN in item.get("note", "")
        yield from header_differences(item["headers"], reply.headers, self._keeps_retry_after and not unseen)
        if unseen:
            return
        if item["body"] == "":
            if reply.content:
                yield Difference("body", f"is {reply.content.decode()!r}, Azure's is empty")
        elif not reply.content:
            yield Difference("body", "is empty")
        else:
            expected = None if item["body"] == "null" else item["body"]
            yield from body_differences(expected, reply.body)
