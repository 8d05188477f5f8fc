"""A registry in a scripted ARM in which autoscale is deployed: its task, the roles of that, and its runs."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote, urlsplit

from azure.core.rest import HttpRequest
from run_azure import Azure
from scripted_arm import REGISTRY, SUBSCRIPTION, arm_error
from scripted_transport import Reply
from served_task import ServedTask

from azext_acrpool.client.role_assignments import TASKS_CONTRIBUTOR

__all__ = ["PRINCIPAL", "SOURCE", "DeploymentAzure", "role_assignment"]

PRINCIPAL = "11111111-1111-1111-1111-111111111111"
SOURCE = "https://files.example/acrpool-0.1.0-py3-none-any.whl"
_TASK = "/tasks/acrpool-autoscale"
_ROLES = "/providers/Microsoft.Authorization/roleAssignments"
_REFUSED = "The client 'me' does not have authorization to perform action '{}' over scope '{}'."


def role_assignment(role: str = TASKS_CONTRIBUTOR.guid, scope: str = "", name: str = "r1") -> dict[str, Any]:
    """A role of the task's identity as ARM shows it, at the registry unless another scope is given."""
    scope = scope or REGISTRY.resource_id
    definition = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    properties = {"roleDefinitionId": definition, "principalId": PRINCIPAL, "scope": scope}
    return {"id": f"{scope}{_ROLES}/{name}", "name": name, "properties": properties}


class DeploymentAzure(Azure):
    """`myregistry` with the agent pools `mypool`, which has a policy, and `other`, which has none.

    `task` is the task of that name, None without one; `roles` are those of its identity, and `refused` the methods that
    the caller may not use on them. `unknown` is how many assignments find that the principal is not known yet, and
    `nameless` how many readings of the task show no principal. `task_runs` are the task's runs.
    """

    def __init__(self) -> None:
        super().__init__({"mypool": 0, "other": 1})
        self.pools["mypool"].tags = {"acrpool-autoscale": "v1; max=4; min=0"}
        self.task: ServedTask | None = None
        self.roles: list[dict[str, Any]] = []
        self.refused: tuple[str, ...] = ()
        self.unknown = 0
        self.nameless = 0
        self.task_runs: list[dict[str, Any]] = []

    def serves(self, body: dict[str, Any]) -> ServedTask:
        """There is this task, which is what becomes of it."""
        self.task = ServedTask(body)
        return self.task

    @property
    def changed(self) -> list[str]:
        """Method and path of each request that changes something."""
        return [route for route in self.asked if not route.startswith("GET")]

    def _own_reply(self, route: str, request: HttpRequest) -> Reply:
        path = route.partition(" ")[2]
        if path == _TASK:
            return self._task_reply(request)
        if path.startswith(_ROLES):
            return self._role_reply(request)
        if route == "GET /runs" and "TaskName eq 'acrpool-autoscale'" in unquote(request.url):
            return Reply(200, {"value": [{"properties": run} for run in self.task_runs]})
        return super()._own_reply(route, request)

    def _task_reply(self, request: HttpRequest) -> Reply:
        if request.method == "PUT" and self.task is None:
            self.task = ServedTask({"id": f"{REGISTRY.path}{_TASK}", "name": "acrpool-autoscale"})
        if self.task is None:
            return arm_error(404, "ResourceNotFound", "There is no such task.")
        reply = self.task.answer(request, [])
        if request.method == "DELETE":
            self.task = None
        return Reply(200, self._with_principal(reply.body)) if reply.status == 200 else reply

    def _with_principal(self, body: Any) -> Any:
        if not body.get("identity"):
            return body
        if self.nameless:
            self.nameless -= 1
            return body
        return {**body, "identity": {**body["identity"], "principalId": PRINCIPAL}}

    def _role_reply(self, request: HttpRequest) -> Reply:
        if request.method in self.refused:
            return arm_error(403, "AuthorizationFailed", _REFUSED.format(request.method, REGISTRY.resource_id))
        if request.method == "GET":
            return Reply(200, {"value": self.roles})
        name = urlsplit(request.url).path.rpartition("/")[2]
        if request.method == "DELETE":
            self.roles = [role for role in self.roles if role["name"] != name]
            return Reply(200)
        if self.unknown:
            self.unknown -= 1
            return arm_error(400, "PrincipalNotFound", "Principal does not exist in the directory.")
        properties = json.loads(request.content)["properties"]
        role = role_assignment(properties["roleDefinitionId"].rpartition("/")[2], name=name)
        self.roles.append(role)
        return Reply(201, role)
