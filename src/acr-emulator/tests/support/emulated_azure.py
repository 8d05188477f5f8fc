"""The emulator without a network: requests go straight into the application, and time moves only when told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from acr_emulator.app import create_emulator
from acr_emulator.clock import EmulatorClock
from acr_emulator.executor import Event, Job, Outcome
from acr_emulator.options import EmulatorOptions
from acr_emulator.world import World
from asgi_exchange import Reply, exchange
from starlette.types import Message

START = datetime(2025, 6, 1, 12, 0, tzinfo=timezone.utc)
BASE_URL = "https://127.0.0.1:4443"
GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myresourcegroup"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/myregistry"
VERSION = "api-version=2025-03-01-preview"
TOKEN = "Bearer eyJhbGciOiJub25lIn0.e30."


class ScriptedExecutor:
    """Yields what it was told to, and remembers the jobs it was given."""

    def __init__(self, events: Sequence[Event] = (Outcome("Succeeded"),)) -> None:
        self.events = events
        self.jobs: list[Job] = []

    def execute(self, job: Job) -> Iterator[Event]:
        self.jobs.append(job)
        yield from self.events


class EmulatedAzure:
    """An emulator whose clock stands still at START until `advance` moves it; use as a context manager."""

    def __init__(
        self,
        world: World | None = None,
        options: EmulatorOptions | None = None,
        executor: ScriptedExecutor | None = None,
    ) -> None:
        self.clock = EmulatorClock(START, monotonic=lambda: 0.0)
        self.executor = executor or ScriptedExecutor()
        self.emulator = create_emulator(
            BASE_URL, world, options or EmulatorOptions(pool_seconds=300), clock=self.clock, executor=self.executor
        )
        self._loop = asyncio.new_event_loop()
        self._background: list[asyncio.Task[None]] = []
        self._lifespan: asyncio.Queue[Message] = asyncio.Queue()
        self._lifespan_replies: asyncio.Queue[Message] = asyncio.Queue()

    def __enter__(self) -> EmulatedAzure:
        application = self.emulator.asgi({"type": "lifespan"}, self._lifespan.get, self._lifespan_replies.put)
        self._application = asyncio.ensure_future(application, loop=self._loop)
        self._signal_lifespan("lifespan.startup")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for work in self._background:
            self._loop.run_until_complete(work)
        self._signal_lifespan("lifespan.shutdown")
        self._loop.run_until_complete(self._application)
        self._loop.close()

    def _signal_lifespan(self, kind: str) -> None:
        self._lifespan.put_nowait({"type": kind})
        reply = self.do(self._lifespan_replies.get)
        assert reply["type"] == f"{kind}.complete", reply

    def do(self, work: Callable[[], Any]) -> Any:
        """Run a coroutine function in the emulator's event loop."""
        return self._loop.run_until_complete(work())

    def in_background(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let a coroutine function run beside the next requests; an error of it is raised at the end."""
        self._background.append(self._loop.create_task(work()))

    def advance(self, seconds: float) -> None:
        """Let time pass, with all that happens meanwhile."""
        self.do(lambda: self.clock.advance(seconds))

    def settle(self) -> None:
        """Let everything happen that is due now."""
        self.advance(0)

    def request(
        self, method: str, url: str, body: Any = None, *, headers: Mapping[str, str] | None = None, data: bytes = b""
    ) -> Reply:
        """One request with a token and an api-version, unless `url` has a query or `headers` say otherwise."""
        parts = urlsplit(url)
        query = parts.query or ("" if parts.path.startswith(("/_emulator", "/msi")) else VERSION)
        content = data if body is None else json.dumps(body).encode()
        kind = "" if body is None else "application/json"
        all_headers = {"host": "127.0.0.1:4443", "authorization": TOKEN, "content-type": kind, **(headers or {})}
        work = exchange(self.emulator.asgi, method, f"{parts.path}?{query}", headers=all_headers, content=content)
        return self._loop.run_until_complete(work)

    def get(self, url: str) -> Reply:
        return self.request("GET", url)

    def put(self, url: str, body: Any) -> Reply:
        return self.request("PUT", url, body)

    def patch(self, url: str, body: Any) -> Reply:
        return self.request("PATCH", url, body)

    def post(self, url: str, body: Any = None) -> Reply:
        return self.request("POST", url, body)

    def delete(self, url: str) -> Reply:
        return self.request("DELETE", url)

    def create_pool(self, name: str = "pool1", *, registry: str = REGISTRY, **properties: Any) -> Reply:
        """PUT of a pool; S1, one instance, Linux, westus2 unless said otherwise."""
        wanted = {"count": 1, "tier": "S1", "os": "Linux", **properties}
        return self.put(f"{registry}/agentPools/{name}", {"location": "westus2", "properties": wanted})

    def schedule(self, **members: Any) -> Reply:
        """scheduleRun of a Docker build, with `members` changed."""
        request = {
            "type": "DockerBuildRequest",
            "imageNames": ["app:v1"],
            "isPushEnabled": True,
            "dockerFilePath": "Dockerfile",
            "platform": {"os": "Linux", "architecture": "amd64"},
            **members,
        }
        return self.post(f"{REGISTRY}/scheduleRun", request)

    def run(self, run_id: str) -> dict[str, Any]:
        """The properties of a run."""
        properties: dict[str, Any] = self.get(f"{REGISTRY}/runs/{run_id}").body["properties"]
        return properties


def with_query(url: str, **changes: str) -> str:
    """`url` with some of its query's values replaced."""
    parts = urlsplit(url)
    return parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **changes})).geturl()
