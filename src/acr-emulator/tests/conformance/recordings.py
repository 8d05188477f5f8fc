"""Replays recordings of Azure against the emulator: the same requests, in the same order, at the same pace."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from acr_emulator.executor import CheckExecutor, Event, Job, Outcome
from acr_emulator.options import EmulatorOptions
from acr_emulator.world.directory import CALLER
from archives import archive_of
from asgi_exchange import Reply
from comparison import Difference, body_differences, header_differences
from emulated_azure import EmulatedAzure, ScriptedExecutor
from settings import RUN_ID, Setting, setting_of

__all__ = ["WIRE", "Exchange", "Recording", "load_recordings", "replay"]

WIRE = Path(__file__).parent / "wire"
WITHIN_A_SECOND = 0.9
"""What a date, which has whole seconds, may hide."""

OPERATION_SECONDS = 100_000.0
"""Longer than any recorded operation: the emulator's ends when the recording sees its end, not before."""

UNSEEN = "past the page edge"
LINKS = ("azure-asyncoperation", "location")
MADE_UP = frozenset({"clientId", "principalId", "relativePath"})
HOST = "management.azure.com"
NOT_THE_EMULATORS = ("/providers/microsoft.resources/deployments", "/providers/microsoft.keyvault/")
NOT_EMULATED = frozenset({"InvalidResourceNamespace", "InvalidResourceType", "NotEmulated"})
"""What the emulator says to what is none of its business."""

IN_PROGRESS = frozenset({"Creating", "Updating", "Deleting"})

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Recording:
    """A digest: the file's name without its extension, and the interactions in it."""

    name: str
    interactions: Sequence[Item]

    @property
    def keeps_retry_after(self) -> bool:
        """Whether its recorder kept Retry-After; azure-cli's removes it."""
        return any("retry-after" in item["headers"] for item in self.interactions)


@dataclass(frozen=True)
class Exchange:
    """A recorded request, which of its repetitions this is, and how the emulator's reply differs from Azure's."""

    number: int
    poll: int
    label: str
    differences: tuple[Difference, ...]
    is_emulated: bool = True


def load_recordings(folder: Path) -> list[Recording]:
    """The digests of a folder."""
    documents = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    return [Recording(name, document["interactions"]) for name, document in documents.items()]


def replay(recording: Recording) -> list[Exchange]:
    """Send each recorded request and compare the replies."""
    setting = setting_of(recording.interactions)
    options = EmulatorOptions(pool_seconds=OPERATION_SECONDS, registry_seconds=OPERATION_SECONDS)
    with EmulatedAzure(setting.world, options, _RecordedExecutor(setting)) as azure:
        player = _Player(azure, setting, recording.keeps_retry_after)
        player.prepare(-1)
        return [
            exchange for number, item in enumerate(recording.interactions) for exchange in player.play(number, item)
        ]


class _RecordedExecutor(ScriptedExecutor):
    """The emulator's default executor, as quick or slow as each run was in the recording, with its remote contexts."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._contexts = setting.contexts
        self._seconds = {key.rpartition("/")[2]: seconds for key, seconds in setting.run_seconds.items()}

    def execute(self, job: Job) -> Iterator[Event]:
        files = self._contexts.get(str(job.request.get("sourceLocation")))
        if job.source is None and files:
            job = replace(job, source=archive_of(files), request={**job.request, "sourceLocation": "source.tar.gz"})
        seconds = self._seconds.get(job.run_id)
        for event in CheckExecutor().execute(job):
            if seconds is None:
                yield event
            else:
                yield replace(event, seconds_before=seconds if isinstance(event, Outcome) else 0.0)


class _Names:
    """What Azure made up in a recording, and what the emulator made up in its place."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = dict(known)

    def learn(self, recorded: Any, given: Any) -> None:
        """Compare two bodies of the same shape."""
        if isinstance(recorded, dict) and isinstance(given, dict):
            for name in recorded.keys() & given.keys():
                if name in MADE_UP and isinstance(recorded[name], str) and isinstance(given[name], str):
                    self._known[recorded[name]] = given[name]
                self.learn(recorded[name], given[name])

    def translated(self, item: Item) -> Item:
        """An interaction with the emulator's names in it."""
        text = json.dumps(item)
        for recorded, given in self._known.items():
            text = text.replace(recorded, given)
        translated: dict[str, Any] = json.loads(text)
        return translated


class _Player:
    def __init__(self, azure: EmulatedAzure, setting: Setting, keeps_retry_after: bool) -> None:
        self._azure = azure
        self._setting = setting
        self._keeps_retry_after = keeps_retry_after
        self._links: dict[str, str] = {}
        self._recorded_time: float | None = None
        self._states: dict[str, str] = {}
        self._names = _Names(dict.fromkeys(setting.caller, CALLER.id))

    def prepare(self, number: int) -> None:
        """Bring about what is there after an interaction without the recording having made it."""
        self._number_runs()
        if number < 0:
            self._set_groups()
        for method, url, body in self._setting.requests.get(number, ()):
            # What cannot be brought about shows in the exchanges that need it.
            self._azure.request(method, url, body)
        self._stop_timers()
        if number < 0:
            self._azure.advance(OPERATION_SECONDS)

    def _stop_timers(self) -> None:
        """Time leaps here to the ends of operations, as it did not in the recording: timers must not see that."""
        services = self._azure.emulator.services
        for registry in services.state.registries:
            for task in registry.tasks.values():
                services.timers.forget(task)

    def _set_groups(self) -> None:
        state = self._azure.emulator.services.state
        for group_id, body in self._setting.groups.items():
            self._azure.put(f"{group_id}?api-version=2024-11-01", body)
            group = state.group(group_id.split("/")[2], group_id.split("/")[4])
            if group is not None:
                group.location, group.tags = str(body["location"]), body.get("tags") or {}

    def _number_runs(self) -> None:
        for registry in self._azure.emulator.services.state.registries:
            first = RUN_ID.fullmatch(self._setting.first_runs.get(registry.id.lower(), ""))
            if first is not None:
                registry.run_prefix, registry.runs_before = first["prefix"], int(first["number"]) - 1

    def play(self, number: int, item: Item) -> Iterator[Exchange]:
        item = self._names.translated(item)
        parts = urlsplit(item["uri"])
        path = parts.path.rpartition("/providers/")[2] or parts.path
        for poll, date in enumerate(item.get("polls") or [item["headers"].get("date")]):
            self._wait_until(date, WITHIN_A_SECOND if _has_begun(item) else 0.0)
            label = f"{item['method']} {path}"
            if parts.hostname != HOST or any(part in parts.path.lower() for part in NOT_THE_EMULATORS):
                yield Exchange(number, poll, label, (), is_emulated=False)
                continue
            if self._sees_an_end(item):
                self._azure.advance(OPERATION_SECONDS)
            reply = self._send(item)
            self._remember(item, reply)
            yield Exchange(number, poll, label, tuple(self._differences(item, reply)), _is_emulated(item, reply))
        self.prepare(number)

    def _wait_until(self, date: str | None, and_more: float) -> None:
        """Let as much time pass as passed between the recorded replies (parallel pollers overlap: never back)."""
        if date is None:
            return
        moment = parsedate_to_datetime(date).timestamp() + and_more
        if self._recorded_time is not None and moment > self._recorded_time:
            self._azure.advance(moment - self._recorded_time)
        self._recorded_time = max(moment, self._recorded_time or moment)

    def _sees_an_end(self, item: Item) -> bool:
        """Whether the recorded reply shows that an operation is over."""
        path, body = urlsplit(item["uri"]).path.lower(), item["body"]
        if "/operationstatuses/" in path:
            return isinstance(body, dict) and body.get("status") not in IN_PROGRESS
        if "operationresults/" in path:
            return bool(item["status"] != 202)
        return self._states.get(path) in IN_PROGRESS and _state(item) not in IN_PROGRESS

    def _send(self, item: Item) -> Reply:
        parts = urlsplit(item["uri"])
        url = self._links.get(parts.path, f"{parts.path}?{parts.query}")
        reply = self._azure.request(item["method"], url, item["request_body"])
        self._azure.settle()
        return reply

    def _remember(self, item: Item, reply: Reply) -> None:
        """The URLs that the emulator gave where Azure gave others, to be followed in their place; what is under way."""
        for name in LINKS:
            if name in item["headers"] and name in reply.headers:
                self._links[urlsplit(item["headers"][name]).path] = reply.headers[name]
        self._states[urlsplit(item["uri"]).path.lower()] = _state(item)
        if reply.content:
            self._names.learn(item["body"], reply.body)

    def _differences(self, item: Item, reply: Reply) -> Iterator[Difference]:
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


def _properties(item: Item) -> Item:
    properties = item["body"].get("properties") if isinstance(item["body"], dict) else None
    return properties if isinstance(properties, dict) else {}


def _state(item: Item) -> str:
    return str(_properties(item).get("provisioningState", ""))


def _has_begun(item: Item) -> bool:
    """Whether the reply shows a run that an agent has taken, which needs a part of a second."""
    return "startTime" in _properties(item)


def _is_emulated(item: Item, reply: Reply) -> bool:
    if reply.status < 400 or reply.status == item["status"]:
        return True
    code = reply.body["error"]["code"] if reply.content else ""
    return code not in NOT_EMULATED
