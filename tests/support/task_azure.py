"""The commands about tasks over a scripted ARM."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from scripted_arm import REGISTRY, RoutedTransport, arm_error, arm_over, pool_body, registry_body
from scripted_transport import Reply

from azext_acrpool.commands.runs import run
from azext_acrpool.commands.tasks import create as task_create
from azext_acrpool.commands.tasks import credentials as task_credentials
from azext_acrpool.commands.tasks import run as task_run
from azext_acrpool.commands.tasks import update as task_update
from azext_acrpool.testing import JumpingClock

MODULES = (run, task_create, task_credentials, task_run, task_update)
TASK = "/tasks/mytask"
STEP = {
    "type": "Docker",
    "contextPath": "https://github.com/a/b.git#main",
    "dockerFilePath": "Dockerfile",
    "isPushEnabled": True,
}


def task_body(pool: str | None = None, **properties: Any) -> dict[str, Any]:
    """A task as ARM shows it."""
    return {
        "id": f"{REGISTRY.path}/tasks/mytask",
        "name": "mytask",
        "location": "westus2",
        "properties": {
            "step": STEP,
            "platform": {"os": "linux"},
            **({"agentPoolName": pool} if pool else {}),
            **properties,
        },
    }


class Azure:
    """A registry with the agent pools `mypool` (1 instance) and `emptypool` (none); routes may be added."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.clock = JumpingClock()
        self.routes: dict[str, Reply | Iterable[Reply]] = {
            "GET /registries/myregistry": Reply(200, registry_body()),
            "GET /agentPools": Reply(200, {"value": [pool_body("mypool"), pool_body("emptypool", count=0)]}),
            "GET /agentPools/mypool": Reply(200, pool_body("mypool")),
            "GET /agentPools/emptypool": Reply(200, pool_body("emptypool", count=0)),
            "GET /agentPools/nopool": arm_error(404, "ResourceNotFound"),
            "POST /scheduleRun": Reply(200, {"properties": {"runId": "cf1", "status": "Queued"}}),
        }
        self.transport = RoutedTransport({})

    def has_task(self, body: dict[str, Any], *, after: dict[str, Any] | None = None) -> None:
        """There is this task; a change is answered with, and leaves, `after` or else the task as it was."""
        self.routes[f"GET {TASK}"] = Reply(200, body if after is None else after)
        self.routes[f"POST {TASK}/listDetails"] = Reply(200, body)
        for method in ("PATCH", "PUT"):
            self.routes[f"{method} {TASK}"] = Reply(200, body if after is None else after)

    def call(self, command: Callable[..., Any], **options: Any) -> Any:
        """Run a command on `mytask` of `myregistry`."""
        self.transport = RoutedTransport(self.routes)
        arm = arm_over(self.transport)
        for module in MODULES:
            self._monkeypatch.setattr(module, "arm_client", lambda _: arm)
            if hasattr(module, "SystemClock"):
                self._monkeypatch.setattr(module, "SystemClock", lambda: self.clock)
        suffixes = SimpleNamespace(keyvault_dns=".vault.azure.net")
        cli_ctx = SimpleNamespace(
            only_show_errors=False,
            config=SimpleNamespace(getboolean=lambda *_: False),
            cloud=SimpleNamespace(suffixes=suffixes),
        )
        arguments = {"registry_name": "myregistry", "resource_group_name": "mygroup", **options}
        if command is not run.run:
            arguments.setdefault("task_name", "mytask")
        return command(SimpleNamespace(cli_ctx=cli_ctx), **arguments)

    def fails(self, command: Callable[..., Any], **options: Any) -> int:
        """Run a command that ends the process; returns the exit code."""
        with pytest.raises(SystemExit) as stop:
            self.call(command, **options)
        assert isinstance(stop.value.code, int)
        return stop.value.code

    def sent(self, method: str) -> list[dict[str, Any]]:
        """The bodies that were sent with this method."""
        found = [request.content for request in self.transport.requests if request.method == method]
        return [json.loads(content) for content in found if content]
