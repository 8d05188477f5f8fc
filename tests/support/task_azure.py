"""A registry in a scripted ARM that has a task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from azure.core.rest import HttpRequest
from run_azure import Azure
from scripted_arm import REGISTRY, SUBSCRIPTION
from scripted_transport import Reply
from served_task import ServedTask

from azext_acrpool.commands.session import Settings
from azext_acrpool.testing import Finished

TASK = "/tasks/mytask"
STEP = {
    "type": "Docker",
    "contextPath": "https://github.com/a/b.git#main",
    "dockerFilePath": "Dockerfile",
    "isPushEnabled": True,
}
IDENTITY = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/mygroup/providers/Microsoft.ManagedIdentity"
    "/userAssignedIdentities/myidentity"
)
SERVER = "other.azurecr.io"
LOGIN = {"login_server": SERVER, "username": "me", "password": "s3cret"}


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


class TaskAzure(Azure):
    """`myregistry` with the agent pools `mypool` (1 instance) and `emptypool` (none), and `mytask` once it is told.

    The managed identity IDENTITY has the client ID `myclient`.
    """

    def __init__(self) -> None:
        super().__init__({"mypool": 1, "emptypool": 0})
        self.task: ServedTask | None = None
        self.session.settings = Settings(vault_suffix=".vault.azure.net")
        self.replies[f"GET {IDENTITY}"] = Reply(200, {"properties": {"clientId": "myclient"}})

    def serves(self, body: dict[str, Any]) -> ServedTask:
        """There is this task, which is what becomes of it."""
        self.task = ServedTask(body)
        return self.task

    def _own_reply(self, route: str, request: HttpRequest) -> Reply:
        if self.task and route.partition(" ")[2].startswith(TASK):
            return self.task.answer(request, route.split("/")[3:])
        return super()._own_reply(route, request)

    def uses_abac(self) -> None:
        """The registry has permissions per repository."""
        self.registry["properties"]["roleAssignmentMode"] = "AbacRepositoryPermissions"

    def has_task(self, body: dict[str, Any], *, after: dict[str, Any] | None = None) -> None:
        """There is this task; a change is answered with, and leaves, `after` or else the task as it was."""
        changed = body if after is None else after
        self.replies[f"POST {TASK}/listDetails"] = Reply(200, body)
        self.replies.update({f"{method} {TASK}": Reply(200, changed) for method in ("GET", "PATCH", "PUT")})

    def has_no_task(self) -> None:
        """There is no task."""
        missing = Reply(404, {"error": {"code": "ResourceNotFound", "message": "no"}})
        self.replies.update({f"GET {TASK}": missing, f"POST {TASK}/listDetails": missing})

    def call(self, command: Callable[..., Any], **options: Any) -> Finished:
        """Run a command on `mytask` of `myregistry`."""
        return super().call(command, **{"task_name": "mytask", **options})
