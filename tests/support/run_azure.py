"""`az acr build` against a scripted ARM: what is asked, what is printed, how it ends."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ServiceResponseError
from azure.mgmt.containerregistrytasks.models import ImageDescriptor, RunGetLogResult
from run_fakes import ServedRun
from scripted_transport import Reply, ScriptedTransport

from azext_acrpool.commands.runs.build import build
from azext_acrpool.testing import JumpingClock

REGISTRY_PATH = "/registries/myregistry"
GIT = "https://github.com/a/b.git#main"


class Credential:
    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("token", 4_000_000_000)


@dataclass
class Azure:
    """ARM with one registry, whose answers to any path can be replaced; and what was asked."""

    clock: JumpingClock
    run: ServedRun
    pools: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {"mypool": {"count": 2}, "single": {"count": 1}, "emptypool": {"count": 0}}
    )
    registry: dict[str, Any] = field(default_factory=dict)
    replaced: dict[str, Any] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    cancelled: bool = False
    patched: Callable[[Any], Reply] | None = None

    def __post_init__(self) -> None:
        self.transport = ScriptedTransport([self.answer] * 10_000)

    @property
    def asked(self) -> list[str]:
        """Method and last parts of the path of each request."""
        return [f"{r.method} {r.url.partition('?')[0].partition(REGISTRY_PATH)[2]}" for r in self.transport.requests]

    @property
    def request(self) -> dict[str, Any]:
        """The run request."""
        (sent,) = [r for r in self.transport.requests if "/scheduleRun" in r.url]
        body: dict[str, Any] = json.loads(sent.content)
        return body

    def answer(self, request: Any) -> Reply:
        path = request.url.partition("?")[0].partition(REGISTRY_PATH)[2]
        if request.method == "PATCH" and self.patched:
            return self.patched(request)
        if path in self.replaced:
            reply = self.replaced[path]
            if isinstance(reply, BaseException):
                raise reply
            return reply if isinstance(reply, Reply) else Reply(200, reply)
        return self._own_answer(path)

    def lose_reply_to_schedule(self) -> None:
        """Let scheduleRun queue the run, but its reply be lost."""
        created = self.clock.now().isoformat()
        self.replaced["/scheduleRun"] = ServiceResponseError("reset")
        self.replaced["/runs"] = Reply(
            200,
            {"value": [{"properties": {"runId": "cf1", "status": "Queued", "createTime": created}}]},
            {"Date": "Sun, 01 Mar 2026 12:00:01 GMT"},
        )

    def _own_answer(self, path: str) -> Reply:
        fixed: dict[str, Any] = {
            "": {
                "name": "myregistry",
                "sku": {"name": "Premium"},
                "properties": {"loginServer": "myregistry.azurecr.io", **self.registry},
            },
            "/agentPools": {"value": [self._pool(name) for name in self.pools]},
            "/scheduleRun": {"properties": {"runId": "cf1", "status": "Queued"}},
            "/runs": {"value": []},
            "/listBuildSourceUploadUrl": {
                "relativePath": "source/x.tar.gz",
                "uploadUrl": "https://acct.example/x?sig=1",
            },
        }
        if path.endswith("/listQueueStatus"):
            return Reply(200, {"count": 1})
        if path.startswith("/agentPools/"):
            name = path.rpartition("/")[2]
            error = {"error": {"code": "ResourceNotFound", "message": "no such pool"}}
            return Reply(200, self._pool(name)) if name in self.pools else Reply(404, error)
        if path.startswith("/runs/cf1"):
            return Reply(200, self._run_answer(path.rpartition("/")[2]))
        return Reply(200, fixed[path])

    def _run_answer(self, action: str) -> Any:
        if action == "cancel":
            self.cancelled = True
            self.run.statuses = [(0, "Canceled")]
            return ""
        if action == "listLogSasUrl":
            link: RunGetLogResult = self.run.log_link()
            return link.as_dict()
        run = self.run.get()
        run.output_images = [ImageDescriptor(repository="hello", tag="v1", digest="sha256:1")]
        return run.as_dict()

    def _pool(self, name: str) -> dict[str, Any]:
        return {"name": name, "properties": {"provisioningState": "Succeeded", **self.pools[name]}}


def run_build(source: str, **options: Any) -> Any:
    config = SimpleNamespace(getboolean=lambda *_: False)
    cmd = SimpleNamespace(cli_ctx=SimpleNamespace(only_show_errors=False, config=config))
    arguments = {"image_names": ["hello:v1"], "resource_group_name": "group", **options}
    return build(cmd, registry_name="myregistry", source_location=source, **arguments)


def exits(source: str, **options: Any) -> int:
    with pytest.raises(SystemExit) as caught:
        run_build(source, **options)
    assert isinstance(caught.value.code, int)
    return caught.value.code


def interrupted(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt
