"""A registry in a scripted ARM: agent pools, a run that has a life of its own, and the commands that are run there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from azure.core.exceptions import ServiceResponseError
from azure.core.rest import HttpRequest
from azure.mgmt.containerregistrytasks.models import ImageDescriptor
from knack.validators import DefaultStr
from pool_fakes import ServedPool
from run_fakes import ServedRun
from scripted_arm import REGISTRY, arm_error, arm_over, registry_body
from scripted_transport import Reply, ScriptedTransport

from azext_acrpool.commands.runs.build import build
from azext_acrpool.context import AnyContext, ArchiveStats, Progress, UploadOptions, UploadResult, UploadTarget
from azext_acrpool.testing import FakeSession, Finished, JumpingClock

GIT = "https://github.com/a/b.git#main"
AUTH_MODE_DEPRECATED = (
    "--auth-mode is deprecated for a registry with per-repository permissions (ABAC): name the identity that may use it"
    " with --source-acr-auth-id."
)


LOST = ServiceResponseError("reset")


class _Transport(ScriptedTransport):
    """Has every request answered by a function."""

    def __init__(self, answer: Callable[[HttpRequest], Reply]) -> None:
        super().__init__(())
        self._answer = answer

    def send(self, request: HttpRequest, **options: Any) -> Any:
        self.requests.append(request)
        return self._answer(request).as_response(request)


def _route(request: HttpRequest) -> str:
    """The method, and the path below the registry; of what is not below it, the whole path."""
    return f"{request.method} {unquote(urlsplit(request.url).path).removeprefix(REGISTRY.path) or '/'}"


def _sizes() -> dict[str, int]:
    return {"mypool": 2, "single": 1, "emptypool": 0}


@dataclass
class Azure:
    """`myregistry` with agent pools of these `sizes`; whatever queues a run there queues `cf1`, which is `run`.

    `others` are the IDs and statuses of other runs on `mypool`. `replies` take the place of what ARM would answer, by
    method and path below the registry; an exception is a reply that is lost. `when_queued` is called while scheduleRun
    is answered, for what happens just then; `upload_options` are those of each upload and `contexts` what it sends,
    which has the `notes`, and where an archive turns out to have the Dockerfile `dockerfile_found`. Each of `attempts`,
    by the status that it ends with and its log, is what is queued after `cf1`: `cf2`, `cf3` ..
    """

    sizes: dict[str, int] = field(default_factory=_sizes)
    clock: JumpingClock = field(default_factory=JumpingClock)
    registry: dict[str, Any] = field(default_factory=registry_body)
    others: dict[str, str] = field(default_factory=dict)
    replies: dict[str, Reply | Exception] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    upload_options: list[UploadOptions] = field(default_factory=list)
    contexts: list[AnyContext] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    dockerfile_found: str = ""
    cancelled: bool = False
    when_queued: Callable[[], None] = lambda: None
    attempts: list[tuple[str, str]] = field(default_factory=list)
    queued: int = 0

    def __post_init__(self) -> None:
        self.pools = {name: ServedPool(self.clock, name, size) for name, size in self.sizes.items()}
        self.run = ServedRun(
            self.clock,
            statuses=[(0, "Queued"), (5, "Running"), (20, "Succeeded")],
            log=[(6, b"Step 1\r\n")],
            complete_at=20,
        )
        self.transport = _Transport(self._answer)
        self._losses: list[Reply | Exception] = []
        self._loss_lists: dict[str, Any] | None = None
        self._loss_marks = False
        self.session = FakeSession(
            arm_over(self.transport, self.clock), self.clock, blobs=self.run, upload=self._upload
        )

    @property
    def pool(self) -> ServedPool:
        """`mypool`."""
        return self.pools["mypool"]

    def call(self, command: Callable[..., Any], **options: Any) -> Finished:
        """Run a command on `myregistry`."""
        # The group as az fills it in from its defaults: commands to type need not name it then.
        where = {"registry_name": REGISTRY.name, "resource_group_name": DefaultStr(REGISTRY.resource_group)}
        return self.session.run(command, **{**where, **options})

    def build(self, source: str = GIT, **options: Any) -> Finished:
        """Run `az acr build` of `hello:v1`."""
        return self.call(build, **{"source_location": source, "image_names": ["hello:v1"], **options})

    @property
    def asked(self) -> list[str]:
        """Method, and path below the registry, of each request."""
        return [_route(request) for request in self.transport.requests]

    @property
    def queries(self) -> list[dict[str, str]]:
        """The query of each request."""
        return [dict(parse_qsl(urlsplit(request.url).query)) for request in self.transport.requests]

    def sent(self, route: str) -> list[Any]:
        """The bodies of the requests of this method, or of this method and path."""
        asked = [request for request in self.transport.requests if _route(request).startswith(route)]
        return [json.loads(request.content) for request in asked if request.content]

    @property
    def request(self) -> dict[str, Any]:
        """The run request."""
        body: dict[str, Any]
        (body,) = self.sent("POST /scheduleRun")
        return body

    @contextmanager
    def running(self, run_id: str) -> Iterator[None]:
        """While inside, another run has an agent of `mypool`."""
        self.others[run_id] = "Running"
        try:
            yield
        finally:
            self.others.pop(run_id)

    def never_starts(self) -> None:
        """Let `cf1` be queued for ever."""
        self.run.statuses, self.run.log = [(0, "Queued")], []

    def lose_reply_to_schedule(
        self,
        listed: str | None = "cf1",
        *,
        loss: Reply | Exception = LOST,
        times: int = 99,
        marked: bool = False,
        **shown: Any,
    ) -> None:
        """Let `loss` be what comes of scheduleRun so many times, though it may have queued a run.

        The list of runs shows `listed` from then on, with the properties `shown`, and `marked` as the request was.
        """
        self._losses = [loss] * times
        self._loss_lists = None if listed is None else {"runId": listed, "status": "Queued", **shown}
        self._loss_marks = marked

    def _upload(self, context: AnyContext, target: Callable[[], UploadTarget], options: UploadOptions) -> UploadResult:
        self.uploads.append(target().upload_url)
        self.upload_options.append(options)
        self.contexts.append(context)
        if options.on_progress:
            options.on_progress(Progress(files=1))
        stats = ArchiveStats(1, 0, 0, 10, 5, self.notes, self.dockerfile_found)
        return UploadResult("source/x.tar.gz", stats, Progress(files=1))

    def _answer(self, request: HttpRequest) -> Reply:
        route = _route(request)
        reply = self.replies.get(route)
        if isinstance(reply, Exception):
            raise reply
        return reply or self._own_reply(route, request)

    def _own_reply(self, route: str, request: HttpRequest) -> Reply:
        if route == "GET /":
            return Reply(200, self.registry)
        if route == "GET /agentPools":
            return Reply(200, {"value": [pool.body for pool in self.pools.values()]})
        if route == "POST /scheduleRun":
            self.when_queued()
            return self._lose(request) if self._losses else Reply(200, _run_body(self._queue(), "Queued"))
        if route == "POST /listBuildSourceUploadUrl":
            return Reply(200, {"relativePath": "source/x.tar.gz", "uploadUrl": "https://acct.example/x?sig=1"})
        if route == "GET /runs":
            return Reply(
                200, {"value": self._listed(request)}, {"Date": format_datetime(self.clock.now(), usegmt=True)}
            )
        place, name, *action = route.partition(" ")[2].strip("/").split("/")
        assert place in ("agentPools", "runs"), f"an unexpected request: {route}"
        return self._pool_reply(name, request, action) if place == "agentPools" else self._run_reply(name, action)

    def _queue(self) -> str:
        """The ID of the next run, which is `run` from now on."""
        self.queued += 1
        if self.queued > 1 and self.attempts:
            status, log = self.attempts.pop(0)
            self.run = served_run(self.clock, status, log, f"cf{self.queued}")
            self.session.blobs = self.run
        return self.run.run_id

    def _lose(self, request: HttpRequest) -> Reply:
        loss, queued = self._losses.pop(0), self._loss_lists
        if queued is not None:
            queued.setdefault("createTime", self.clock.now().isoformat())
            if self._loss_marks:
                step = json.loads(request.content)["overrideTaskStepProperties"]
                queued["updateTriggerToken"] = step["updateTriggerToken"]
        if isinstance(loss, Exception):
            raise loss
        return loss

    def _listed(self, request: HttpRequest) -> list[dict[str, Any]]:
        if "filter" not in request.url:
            return [{"properties": self._loss_lists}] if self._loss_lists else []
        statuses = re.findall("Status eq '([A-Za-z]+)'", unquote(request.url))
        runs = [_run_body(run_id, found, agentPoolName="mypool") for run_id, found in self.others.items()]
        return [run for run in runs if run["properties"]["status"] in statuses]

    def _pool_reply(self, name: str, request: HttpRequest, action: list[str]) -> Reply:
        pool = self.pools.get(name)
        if pool is None:
            return arm_error(404, "ResourceNotFound", "There is no such pool.")
        if action == ["listQueueStatus"]:
            return Reply(200, {"count": 1})
        return pool.patch(json.loads(request.content)) if request.method == "PATCH" else Reply(200, pool.body)

    def _run_reply(self, run_id: str, action: list[str]) -> Reply:
        if run_id != self.run.run_id:
            return Reply(200, _run_body(run_id, self.others.get(run_id, "Succeeded")))
        if action == ["cancel"]:
            self.cancelled = True
            self.run.statuses = [(0, "Canceled")]
            return Reply(200)
        if action == ["listLogSasUrl"]:
            return Reply(200, self.run.log_link().as_dict())
        run = self.run.get()
        run.output_images = [ImageDescriptor(repository="hello", tag="v1", digest="sha256:1")]
        return Reply(200, run.as_dict())


def served_run(clock: JumpingClock, status: str, log: str, run_id: str = "cf1") -> ServedRun:
    """A run that is queued now, runs after 5 s, and after 20 s has ended with that status and log."""
    now = clock.time
    return ServedRun(
        clock,
        statuses=[(now, "Queued"), (now + 5, "Running"), (now + 20, status)],
        log=[(now + 6, log.encode())],
        complete_at=now + 20,
        run_id=run_id,
    )


def _run_body(run_id: str, status: str, **properties: Any) -> dict[str, Any]:
    return {"properties": {"runId": run_id, "status": status, **properties}}
