"""A registry whose agent pools have autoscale policies and runs, on a clock that jumps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from azure.core.exceptions import ServiceResponseError
from azure.core.rest import HttpRequest
from knack.validators import DefaultStr
from pool_fakes import ServedPool
from scripted_arm import ARM, REGISTRY, RoutedTransport, arm_error, arm_over, registry_body
from scripted_transport import Answer, Reply

from azext_acrpool.scaling.policy import POLICY_TAG
from azext_acrpool.testing import EPOCH, FakeSession, Finished, JumpingClock

__all__ = ["MINUTE", "POLICY", "WHERE", "AutoscaleAzure", "PoolRun"]

MINUTE = 60.0
# The group as az fills it in from its defaults: commands to type need not name it then.
WHERE: dict[str, Any] = {
    "registry_name": REGISTRY.name,
    "resource_group_name": DefaultStr(REGISTRY.resource_group),
}
POLICY = {POLICY_TAG: "v1; max=4; min=0"}


@dataclass
class PoolRun:
    """A run by its times on the clock, in seconds; None: that is not to be."""

    run_id: str
    created: float
    started: float | None = None
    ended: float | None = None
    pool: str = "mypool"

    def body(self, now: float) -> dict[str, Any]:
        """The run as ARM shows it."""
        properties = {"runId": self.run_id, "status": "Queued", "agentPoolName": self.pool}
        properties["createTime"] = _time(self.created)
        if self.started is not None and self.started <= now:
            properties.update(status="Running", startTime=_time(self.started))
        if self.ended is not None and self.ended <= now:
            properties.update(status="Succeeded", finishTime=_time(self.ended))
        return {"name": self.run_id, "properties": properties}


@dataclass
class AutoscaleAzure:
    """`mypool` of `myregistry`, with so many instances and these tags, last changed an hour ago, beside `others`.

    `page_size` is the most that a page of runs shows; `refuses_or`: the service does not filter by several statuses at
    once. `changes` are other routes.
    """

    count: int = 0
    tags: dict[str, str] = field(default_factory=lambda: dict(POLICY))
    runs: list[PoolRun] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    page_size: int = 200
    refuses_or: bool = False
    changes: Mapping[str, Answer | list[Answer]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = JumpingClock()
        self.pool = ServedPool(self.clock, "mypool", self.count, dict(self.tags))
        self.pools = [self.pool, *(ServedPool(self.clock, name) for name in self.others)]
        self.modified: dict[str, float] = {}
        # What is answered instead of a list of runs.
        self.runs_reply: Reply | None = None
        self._losing = self._losing_is_made = False
        registries = {"value": [{**registry_body(), "type": "Microsoft.ContainerRegistry/registries"}]}
        routes: dict[str, Any] = {
            "GET /resources": Reply(200, registries),
            "GET /agentPools": lambda _: self._reply({"value": list(map(self._body, self.pools))}),
            "GET /runs": self._list_runs,
        }
        for pool in self.pools:
            routes[f"GET /agentPools/{pool.name}"] = lambda _, pool=pool: self._reply(self._body(pool))
            routes[f"PATCH /agentPools/{pool.name}"] = lambda request, pool=pool: self._patch(pool, request)
        self._routes = {**routes, **self.changes}
        self.transport = RoutedTransport(self._routes)
        self.session = self.open_session(self.transport)

    def open_session(self, transport: RoutedTransport | None = None) -> FakeSession:
        """A session of its own, for somebody else, who may ask while another request is answered."""
        return FakeSession(arm_over(transport or RoutedTransport(self._routes), self.clock), self.clock)

    def run(self, command: Callable[..., Any], **options: Any) -> Finished:
        """Run a command on `myregistry`."""
        return self.session.run(command, **{**WHERE, **options})

    @property
    def asked(self) -> list[str]:
        """Each request's method, what is asked for and, of runs, whether only for those that have not ended."""
        return list(map(_described, self.transport.requests))

    def lose_first_patch(self, *, is_made: bool) -> None:
        """Let the connection break in the first change of a pool, before or after the service makes it."""
        self._losing, self._losing_is_made = True, is_made

    def _patch(self, pool: ServedPool, request: HttpRequest) -> Reply:
        losing, self._losing = self._losing, False
        if losing and not self._losing_is_made:
            raise ServiceResponseError("reset")
        reply = pool.patch(json.loads(request.content))
        if reply.status == 201:
            self.modified[pool.name] = self.clock.time
        if losing:
            raise ServiceResponseError("reset")
        return reply

    def _body(self, pool: ServedPool) -> dict[str, Any]:
        modified = self.modified.get(pool.name, -60 * MINUTE)
        return {**pool.body, "systemData": {"lastModifiedAt": _time(modified)}}

    def _list_runs(self, request: HttpRequest) -> Reply:
        if self.runs_reply:
            return self.runs_reply
        query = dict(parse_qsl(urlsplit(request.url).query))
        wanted = re.findall(r"Status eq '(\w+)'", query.get("$filter", ""))
        if self.refuses_or and len(wanted) > 1:
            return arm_error(400, "InvalidFilter", "The filter is not supported.")
        newest_first = sorted(self.runs, key=lambda run: run.created, reverse=True)
        bodies = [run.body(self.clock.time) for run in newest_first if run.created <= self.clock.time]
        shown = [body for body in bodies if not wanted or body["properties"]["status"] in wanted]
        shown = shown[: int(query.get("$top", len(shown)))]
        page: dict[str, Any] = {"value": shown[: self.page_size]}
        if len(shown) > self.page_size:
            page["nextLink"] = f"{ARM}{REGISTRY.path}/runs?$skiptoken=1"
        return self._reply(page)

    def _reply(self, body: dict[str, Any]) -> Reply:
        return Reply(200, body, {"Date": format_datetime(self.clock.now(), usegmt=True)})


def _time(seconds: float) -> str:
    moment: datetime = EPOCH + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _described(request: HttpRequest) -> str:
    url = urlsplit(request.url)
    what = url.path.rpartition("/registries/myregistry/")[2] or url.path.rpartition("/")[2]
    if what.endswith("resources"):
        what = "registries"
    return f"{request.method} {what}{' active' if 'filter' in url.query and what == 'runs' else ''}"
