"""A registry of its own for every try, in an emulator that many tries share, and what is there."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from catalogue import MARK
from command_lines import OLD_PASSWORD
from evidence import Pool, Run, State
from senders import Send

__all__ = ["GROUP", "Emulated", "TryRegistry"]

GROUP = "myresourcegroup"
_SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
_QUERY = f"{MARK}=1&api-version=2025-03-01-preview"
# Nothing that it might start by itself is to be told from what a command does.
_TIMER = {"name": "daily", "schedule": "0 0 1 1 *", "status": "Disabled"}
_TASK = {
    "location": "westus2",
    "identity": {"type": "SystemAssigned"},
    "properties": {
        "platform": {"os": "Linux", "architecture": "amd64"},
        "step": {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6CiAgLSBjbWQ6IGJhc2ggZWNobyBoZWxsbwo="},
        "trigger": {"timerTriggers": [_TIMER]},
        "credentials": {
            "customRegistries": {
                "old.example.com": {
                    "userName": {"value": "me", "type": "Opaque"},
                    "password": {"value": OLD_PASSWORD, "type": "Opaque"},
                }
            }
        },
    },
}


class Emulated:
    """An emulator. `url` is where it is, `now` its time when it was last moved on."""

    def __init__(self, url: str, send: Send) -> None:
        self.url = url
        self._send = send
        self._numbers = itertools.count()
        self.now = datetime.now(timezone.utc)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON that it answers, None if there is none."""
        target = path if path.startswith("/_emulator") else f"{path}?{_QUERY}"
        status, content = self._send(method, target, b"" if body is None else json.dumps(body).encode())
        if status >= 400:
            raise LookupError(f"{method} {path}: {status} {content.decode()}")
        return json.loads(content) if content else None

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        now = self.ask("POST", "/_emulator/clock/advance", {"seconds": seconds})["now"]
        self.now = datetime.fromisoformat(now[: len("2026-01-01T00:00:00")]).replace(tzinfo=timezone.utc)

    def set_faults(self, rules: list[dict[str, Any]]) -> None:
        """Let these go wrong and nothing else."""
        self.ask("PUT", "/_emulator/faults", rules)

    def clear_faults(self) -> None:
        """Let all go well again."""
        self.ask("DELETE", "/_emulator/faults")

    def begin_journal(self) -> None:
        """Forget the requests so far."""
        self.ask("DELETE", "/_emulator/journal")

    def journal(self) -> list[dict[str, Any]]:
        """The requests since the journal was begun."""
        entries: list[dict[str, Any]] = self.ask("GET", "/_emulator/journal")
        return entries

    @contextmanager
    def registry(self) -> Iterator[TryRegistry]:
        """A new registry with a pool of one instance, `mypool`, and a task, `mytask`; it is gone at the end."""
        name = f"try{os.getpid()}n{next(self._numbers)}"
        path = f"{_SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.ContainerRegistry/registries/{name}"
        self.ask("PUT", path, {"location": "westus2", "sku": {"name": "Premium"}})
        self.ask("PUT", f"{path}/agentPools/mypool", {"location": "westus2", "properties": {"count": 1, "tier": "S1"}})
        self.ask("PUT", f"{path}/tasks/mytask", _TASK)
        self.advance(10)
        try:
            yield TryRegistry(self, name, path)
        finally:
            self.ask("DELETE", path)


@dataclass(frozen=True)
class TryRegistry:
    """A registry that a command is tried on."""

    emulated: Emulated
    name: str
    path: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask ARM for what is below the registry."""
        return self.emulated.ask(method, f"{self.path}/{path}", body)

    def state(self, *, with_tasks: bool) -> State:
        """What is there now; tasks only if they are wanted, since they take a request each."""
        registries = self.emulated.ask("GET", "/_emulator/state")["registries"]
        found = next(registry for registry in registries if registry["id"] == self.path)
        return State(
            {pool["name"]: _pool(pool) for pool in found["pools"]},
            {run["id"]: Run(run["status"], run["pool"], run["archived"]) for run in found["runs"]},
            {name: self.ask("POST", f"tasks/{name}/listDetails") for name in found["tasks"] if with_tasks},
        )


def _pool(pool: Mapping[str, Any]) -> Pool:
    properties = pool["properties"]
    return Pool(properties["count"], properties["provisioningState"], properties["tier"], pool.get("tags") or {})
