"""A change of a task: read, made, and looked at afterwards. The agent pool stays, and so does all that nobody named."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from azure.cli.core import azclierror

from ...client.errors import AcrError, ChangeUnconfirmedError
from ...client.registries import Registry, RegistryId
from ...client.replies import read_model
from ...client.secrets import without_secrets
from ...client.tasks import Tasks
from ...wording import az_command, listed, printable
from ..console.errors import CommandError, change_in_doubt
from ..console.narrator import Narrator
from ..session import Session
from .differences import differences
from .options import TaskOptions
from .pool import require_pool, update_keeping_pool

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import IdentityProperties, Task, TriggerUpdateParameters

__all__ = ["Objection", "TaskChange", "doubt_told"]

# In what a task is not as wanted, None if it is.
Objection = Callable[["Task"], str | None]


@dataclass(frozen=True)
class TaskChange:
    """A task that was read as `before` is, and is changed. `read` reads it again, with secrets if `before` has them."""

    tasks: Tasks
    registry: Registry
    narrator: Narrator
    before: Task
    read: Callable[[str], Task]

    @classmethod
    def begin(cls, session: Session, options: TaskOptions) -> TaskChange:
        """Read the task, without its secrets: whoever may only read and change tasks can do that. Raises AcrErrors."""
        registry = session.find_managed_registry(options, "tasks")
        tasks = session.tasks(registry)
        return cls(tasks, registry, session.narrator, tasks.get(options.task_name), tasks.get)

    @property
    def name(self) -> str:
        """The task's name, as the service writes it."""
        return str(self.before.name)

    @property
    def unchanged(self) -> Task:
        """The task as it was read, for who finds that there is nothing to change."""
        return _shown(self.before)

    def az_command(self, words: str, *arguments: str) -> str:
        """A command about this task."""
        return az_command(f"acr task {words}", "-r", self.registry.name, "-n", self.name, *arguments)

    def make(
        self,
        objection: Objection,
        besides: tuple[str, ...],
        *,
        trigger: TriggerUpdateParameters | None = None,
        identity: IdentityProperties | None = None,
    ) -> Task:
        """Change triggers or identities; the rest is as for `verify`."""
        from azure.mgmt.containerregistrytasks.models import TaskPropertiesUpdateParameters

        changes = TaskPropertiesUpdateParameters(trigger=trigger) if trigger else TaskPropertiesUpdateParameters()
        pool = self.before.agent_pool_name
        with doubt_told(self.registry, self.name):
            try:
                changed = update_keeping_pool(self.tasks, self.name, changes, pool, identity=identity)
            except ChangeUnconfirmedError as error:
                changed = self._seen_after(error, objection)
            return self.verify(changed, objection, besides)

    def verify(self, changed: Task, objection: Objection, besides: tuple[str, ...]) -> Task:
        """The task without its secrets, once it is sure that `changed`, the reply to a change, is as wanted.

        What differs from before is told, but for the members `besides`, which were to change: it is nothing that was
        asked for. Raises CommandError if there is an objection or the pool is another, and AcrErrors.
        """
        if objection(changed) or differences(self.before, changed, besides=besides):
            # The reply to a change may be older than the change, or show less than a reading does.
            changed = self._read_again()
        changed = require_pool(changed, self.before.agent_pool_name, self.registry.name, self.tasks)
        problem = objection(changed)
        if problem:
            raise CommandError(
                azclierror.AzureResponseError(
                    f"Task '{self.name}' was changed, but {problem}. Somebody else may have changed it at the same"
                    " time.",
                    f"See it with: {self.az_command('show')}",
                )
            )
        others = differences(self.before, changed, besides=besides)
        if others:
            self.narrator.warn(
                f"Task '{self.name}' is not as before in {listed(list(map(printable, others)))}, either, which was not"
                " asked for here: somebody else has changed it at the same time, or the service has. See it with:"
                f" {self.az_command('show')}"
            )
        return _shown(changed)

    def _seen_after(self, error: ChangeUnconfirmedError, objection: Objection) -> Task:
        """The task, if it is as wanted although no reply says so; raises the error if it is not, or cannot be read."""
        try:
            seen = self.read(self.name)
        except AcrError:
            raise error from None
        if objection(seen):
            raise error
        return seen

    def _read_again(self) -> Task:
        try:
            return self.read(self.name)
        except AcrError as error:
            # The error alone would read as if nothing had been changed.
            raise ChangeUnconfirmedError(
                f"Task '{self.name}' was changed, but could not be looked at afterwards: {error.message}",
                registry=self.registry.name,
                task=self.name,
                **error.particulars,
            ) from error


def doubt_told(registry: RegistryId, task: str) -> AbstractContextManager[None]:
    """While inside, an interruption says that the task may have been changed: raises InterruptedCommandError."""
    see = az_command("acr task show", "-r", registry.name, "-n", task)
    return change_in_doubt(f"Task '{task}'", f"See whether it was with: {see}")


def _shown(task: Task) -> Task:
    from azure.mgmt.containerregistrytasks.models import Task

    return read_model(Task, without_secrets(task.as_dict()), "a task")
