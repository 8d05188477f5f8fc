"""Tasks of a registry: reading and changing them. All requests are synchronous (recorded)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..clock import Clock
from .arm import SECRET_OPTIONS, as_json, with_query
from .errors import (
    AcrError,
    ChangeUnconfirmedError,
    ConflictError,
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


# How often a task that is to be sent whole is read anew because others keep changing it.
_MOST_READINGS = 4


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

    def delete(self, name: str) -> None:
        """Delete the task; it may be gone already. Raises ChangeUnconfirmedError if the service did not say."""
        url = with_query(f"{self._registry.path}/tasks/{quote(name, safe='')}")
        try:
            self._arm.send("DELETE", url)
        except NotFoundError as error:
            if missing_above(error):
                raise registry_not_found(error, self._registry) from error
        except AcrError as error:
            if error.leaves_doubt:
                raise self._unconfirmed(name, error) from error
            raise

    def update(self, name: str, changes: TaskUpdateParameters) -> Task:
        """Change what `changes` names; raises TaskNotFoundError.

        A change of any property that does not name the task's agent pool takes the pool away (reported,
        azure-cli#23373).
        """
        return self._change("PATCH", name, as_json(changes))

    def rewrite(self, name: str, change: Callable[[Task], Task], *, is_done: Callable[[Task], bool]) -> Task:
        """Put what `change` makes of the task in its place, for what no PATCH can do.

        `change` gets the task with its secrets, leaves it as it is, and may be called again: as a task that is sent
        whole undoes what somebody else has changed meanwhile, it is read before each try, and once more right before it
        is sent. (No recording shows an ETag, by which the service could tell.) `is_done` tells of a task whether a try
        whose reply was lost has made it what it was to be; that task is returned then. Raises what `change` raises,
        TaskNotFoundError, and ConflictError if the task is changed by others again and again.
        """
        is_in_doubt = False

        def attempt() -> Task:
            nonlocal is_in_doubt
            read = self._ask_once("POST", name, "/listDetails")
            if is_in_doubt and is_done(read):
                return read
            read, wanted = self._read_steadily(name, read, change)
            try:
                with secrets_masked(as_json(read)):
                    return self._ask_once("PUT", name, body=as_json(wanted))
            except AcrError as error:
                is_in_doubt = is_in_doubt or error.leaves_doubt
                raise

        try:
            return ask_again(attempt, REQUEST_BUDGET, self._clock, tell=self._tell)
        except AcrError as error:
            if not is_in_doubt:
                raise
            with suppress(AcrError):
                last = self._ask_once("POST", name, "/listDetails")
                if is_done(last):
                    return last
            raise self._unconfirmed(name, error) from error

    def _read_steadily(self, name: str, read: Task, change: Callable[[Task], Task]) -> tuple[Task, Task]:
        """The task as two readings show it, and what `change` makes of it."""
        for _ in range(_MOST_READINGS):
            wanted = change(read)
            again = self._ask_once("POST", name, "/listDetails")
            if _version(again) == _version(read):
                return read, wanted
            self._tell(f"Task '{name}' has been changed by somebody else just now, and is read again.")
            read = again
        raise ConflictError(f"Task '{name}' is changed by somebody else again and again: it was left alone.")

    def _change(self, method: str, name: str, body: Mapping[str, Any]) -> Task:
        try:
            with secrets_masked(body):
                return self._ask(method, name, body=body)
        except AcrError as error:
            if not error.leaves_doubt:
                raise
            # A change that is asked for again makes the same of the task; what became of the last is not known.
            raise self._unconfirmed(name, error) from error

    def _unconfirmed(self, name: str, error: AcrError) -> ChangeUnconfirmedError:
        return ChangeUnconfirmedError(
            f"Task '{name}' may have been changed: the service was asked, but did not say. {error.message}",
            registry=self._registry.name,
            task=name,
            **error.particulars,
        )

    def _ask(self, method: str, name: str, action: str = "", *, body: Mapping[str, Any] | None = None) -> Task:
        return ask_again(
            lambda: self._ask_once(method, name, action, body=body), REQUEST_BUDGET, self._clock, tell=self._tell
        )

    def _ask_once(self, method: str, name: str, action: str = "", *, body: Mapping[str, Any] | None = None) -> Task:
        url = with_query(f"{self._registry.path}/tasks/{quote(name, safe='')}{action}")
        try:
            reply = self._arm.send(method, url, body=body, options=SECRET_OPTIONS).body
            return _model(reply if body is None else without_secrets(reply), name)
        except NotFoundError as error:
            if missing_above(error):
                raise registry_not_found(error, self._registry) from error
            if method == "PUT":
                raise
            raise TaskNotFoundError(name, self._registry.name, correlation_id=error.correlation_id) from error


def task_id(registry: RegistryId, name: str) -> str:
    """The ARM resource ID of a task, as run requests name it."""
    return f"{registry.resource_id}/tasks/{name}"


def _version(task: Task) -> tuple[object, object]:
    """What is another once somebody has changed the task."""
    modified = task.system_data.last_modified_at if task.system_data else None
    return modified, as_json(task)


def _model(body: Any, name: str = "") -> Task:
    from azure.mgmt.containerregistrytasks.models import Task

    task = read_model(Task, body, "a task")
    if not task.name:
        raise InvalidReplyError("The reply to a request for a task is not a task: it has no name.")
    if name and task.name.lower() != name.lower():
        raise InvalidReplyError(f"The reply to a request for task '{name}' is about another: '{task.name}'.")
    return task
