"""Tasks of a registry: reading and changing them. All requests are synchronous (recorded)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..clock import Clock
from .arm import SECRET_OPTIONS, as_json, with_query
from .errors import (
    AcrError,
    ChangeUnconfirmedError,
    InvalidReplyError,
    NotFoundError,
    TaskNotFoundError,
)
from .patience import REQUEST_BUDGET, ask_again
from .registries import RegistryId, missing_above, registry_not_found
from .replies import read_model
from .secrets import secrets_masked, without_secrets

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Task, TaskUpdateParameters

    from .arm import ArmClient

__all__ = ["Tasks", "task_id"]


class Tasks:
    """The tasks of one registry. All methods raise AcrErrors; results are the SDK's models.

    Transient errors are waited out for some seconds: every request here may be repeated without harm. `tell` hears of
    waits that take long. Bodies stay out of the debug log, and what `create` and `update` return and raise holds none
    of the secrets that were sent.
    """

    def __init__(
        self, arm: ArmClient, registry: RegistryId, clock: Clock, *, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._arm = arm
        self._registry = registry
        self._clock = clock
        self._tell = tell

    def get(self, name: str) -> Task:
        """The task without its secrets; raises TaskNotFoundError."""
        return self._ask("GET", name)

    def details(self, name: str) -> Task:
        """The task with those secrets that the service gives away; raises TaskNotFoundError."""
        return self._ask("POST", name, "/listDetails")

    def list(self) -> list[Task]:
        """All tasks of the registry, without their secrets."""
        return [_model(item) for item in self._arm.list_json(f"{self._registry.path}/tasks")]

    def create(self, name: str, task: Task) -> Task:
        """Create the task, or replace the one of that name."""
        return self._change("PUT", name, as_json(task))

    def update(self, name: str, changes: TaskUpdateParameters) -> Task:
        """Change what `changes` names; raises TaskNotFoundError.

        A change of any property that does not name the task's agent pool takes the pool away (reported,
        azure-cli#23373).
        """
        return self._change("PATCH", name, as_json(changes))

    def _change(self, method: str, name: str, body: Mapping[str, Any]) -> Task:
        try:
            with secrets_masked(body):
                return self._ask(method, name, body=body)
        except AcrError as error:
            if not error.leaves_doubt:
                raise
            # A change that is asked for again makes the same of the task; what became of the last is not known.
            raise ChangeUnconfirmedError(
                f"Task '{name}' may have been changed: the service was asked, but did not say. {error.message}",
                registry=self._registry.name,
                task=name,
                **error.particulars,
            ) from error

    def _ask(self, method: str, name: str, action: str = "", *, body: Mapping[str, Any] | None = None) -> Task:
        url = with_query(f"{self._registry.path}/tasks/{quote(name, safe='')}{action}")

        def ask() -> Task:
            reply = self._arm.send(method, url, body=body, options=SECRET_OPTIONS).body
            return _model(reply if body is None else without_secrets(reply), name)

        try:
            return ask_again(ask, REQUEST_BUDGET, self._clock, tell=self._tell)
        except NotFoundError as error:
            if missing_above(error):
                raise registry_not_found(error, self._registry) from error
            if method == "PUT":
                raise
            missing = TaskNotFoundError(name, self._registry.name, correlation_id=error.correlation_id)
            missing.after_doubt = error.after_doubt
            raise missing from error


def task_id(registry: RegistryId, name: str) -> str:
    """The ARM resource ID of a task, as run requests name it."""
    return f"{registry.resource_id}/tasks/{name}"


def _model(body: Any, name: str = "") -> Task:
    from azure.mgmt.containerregistrytasks.models import Task

    task = read_model(Task, body, "a task")
    if not task.name:
        raise InvalidReplyError("The reply to a request for a task is not a task: it has no name.")
    if name and task.name.lower() != name.lower():
        raise InvalidReplyError(f"The reply to a request for task '{name}' is about another: '{task.name}'.")
    return task
