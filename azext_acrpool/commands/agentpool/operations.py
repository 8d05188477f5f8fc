"""A change of an agent pool, which takes minutes: what is shown, how it ends, what an interruption leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from ...client.errors import (
    AcrError,
    ChangeUnconfirmedError,
    ConflictError,
    OperationError,
    OperationFailedError,
)
from ...client.operations.operation import Operation, OperationKind
from ...client.pools import USUAL_DURATIONS
from ...client.registries import RegistryId
from ...pool import agentpool_command
from ..console.errors import CommandError, InterruptedCommandError, explain, recommend_after_failure
from ..console.narrator import OperationProgress
from ..session import Session

__all__ = ["PoolChange", "interruptible"]

T = TypeVar("T")


@dataclass(frozen=True)
class PoolChange:
    """What a command does to the pool called `pool`; `count` is how many instances it asks for, None for none."""

    session: Session
    kind: OperationKind
    registry: RegistryId
    pool: str
    count: int | None = None

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While the request that begins it is under way, nobody knows what has come of it."""
        how_to_wait = f"If it was, wait for the {self.kind.value}'s end with: {self._wait_command}"
        with self._explained(), interruptible("The service may have been asked already.", how_to_wait):
            yield

    def begin(self, ask: Callable[[], T], catch_up: Callable[[], T | None]) -> T:
        """What `ask` begins. Where its reply does not say whether it did, what is there now does.

        `catch_up` finds what is under way or done already, whoever asked for it: another caller, or our own request
        that was sent again after a lost reply; None if nothing of the kind shows. Raises CommandError, AcrErrors.
        """
        try:
            with self.asking():
                return ask()
        except AcrError as error:
            if not (isinstance(error, ConflictError) or error.leaves_doubt):
                raise
            try:
                found = catch_up()
            except AcrError as unread:
                raise self._unconfirmed(error, f"what is there now could not be read: {unread.message}") from error
            if found is not None:
                return found
            if isinstance(error, ConflictError) and not error.after_doubt:
                raise self._refused(error) from error
            raise self._unconfirmed(error, "nothing shows of it.") from error

    def follow(self, operation: Operation[T]) -> T:
        """The result of the operation, once it is done. Raises CommandError, InterruptedCommandError."""
        narrator = self.session.narrator
        progress = OperationProgress(narrator, f"Agent pool '{self.pool}'", USUAL_DURATIONS[self.kind])
        going_on = f"The {self.kind.value} of agent pool '{self.pool}' goes on."
        with (
            self._explained(),
            progress.following(),
            interruptible(going_on, f"Wait for its end with: {self._wait_command}"),
        ):
            return operation.wait(self.session.clock, on_progress=progress)

    def _unconfirmed(self, error: AcrError, what_shows: str) -> CommandError:
        """Nobody knows whether the service does what it was asked to."""
        unknown = ChangeUnconfirmedError(
            f"The {self.kind.value} of agent pool '{self.pool}' may have begun: the service was asked, but did not "
            f"say ({error.message}), and {what_shows}",
            **error.particulars,
        )
        show = agentpool_command(self.registry.name, self.pool, "show")
        return explain(unknown, [f"See whether it has with: {show}"])

    def _refused(self, error: ConflictError) -> CommandError:
        """The service says that the pool cannot be changed now: it is being changed, or Failed."""
        show = agentpool_command(self.registry.name, self.pool, "show")
        return explain(error, [f"See what state the agent pool is in with: {show}"])

    def tell_begun(self) -> None:
        """What is said when nobody waits for the end."""
        self.session.narrator.say(
            f"The {self.kind.value} of agent pool '{self.pool}' has begun. Wait for its end with: {self._wait_command}"
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say what to type if the operation ends badly or is lost from sight."""
        try:
            yield
        except OperationError as error:
            raise explain(error, self._recommend(error)) from error

    def _recommend(self, error: OperationError) -> list[str]:
        if not isinstance(error, OperationFailedError):
            return [f"Wait for its end with: {self._wait_command}"]
        if self.kind is OperationKind.DELETE:
            return [f"Try again with: {agentpool_command(self.registry.name, self.pool, 'delete')}"]
        return recommend_after_failure(self.registry, self.pool, error, self.count)

    @property
    def _wait_command(self) -> str:
        return agentpool_command(self.registry.name, self.pool, "wait", f"--{self.kind.value}d")


@contextmanager
def interruptible(message: str, recommendation: str) -> Iterator[None]:
    """Make an interruption inside say `message`, and what to type."""
    try:
        yield
    except InterruptedCommandError:
        raise
    except KeyboardInterrupt:
        raise InterruptedCommandError(f"Interrupted. {message}", recommendation) from None
