"""Waiting for a long operation on an agent pool: what is shown, how it ends, what Ctrl-C says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from ...client.errors import OperationError, OperationFailedError
from ...client.operations.operation import Operation, OperationKind
from ...client.registries import RegistryId
from ..console.errors import InterruptedCommandError, explain, fail
from ..console.narrator import Narrator, OperationProgress

__all__ = ["USUAL_DURATIONS", "asking", "follow", "interruptible", "recommend_after_failure", "tell_begun"]

T = TypeVar("T")

# Recorded by azure-cli and Azure PowerShell.
USUAL_DURATIONS = {
    OperationKind.CREATE: "usually takes 5 to 13 minutes",
    OperationKind.UPDATE: "usually takes about 6 minutes",
    OperationKind.DELETE: "usually takes 1 to 3 minutes",
}


def follow(operation: Operation[T], narrator: Narrator, registry: RegistryId, pool: str) -> T:
    """The result of the operation, once it is done. Ctrl-C says that it goes on; a failure ends the process."""
    kind = operation.kind
    progress = OperationProgress(narrator, f"Agent pool '{pool}'", USUAL_DURATIONS[kind])
    how_to_wait = f"Wait for its end with: {_wait_command(kind, registry, pool)}"
    going_on = interruptible(f"The {kind.value} of agent pool '{pool}' goes on.", how_to_wait)
    with _explained(kind, registry, pool), progress.following(), going_on:
        return operation.wait(on_progress=progress)


@contextmanager
def asking(kind: OperationKind, registry: RegistryId, pool: str) -> Iterator[None]:
    """While the request that begins an operation is under way, nobody knows what has come of it."""
    how_to_wait = f"If it was, wait for the {kind.value}'s end with: {_wait_command(kind, registry, pool)}"
    with _explained(kind, registry, pool), interruptible("The service may have been asked already.", how_to_wait):
        yield


def tell_begun(kind: OperationKind, narrator: Narrator, registry: RegistryId, pool: str) -> None:
    """What is said when nobody waits for the end."""
    how_to_wait = _wait_command(kind, registry, pool)
    narrator.say(f"The {kind.value} of agent pool '{pool}' has begun. Wait for its end with: {how_to_wait}")


@contextmanager
def interruptible(message: str, recommendation: str) -> Iterator[None]:
    """Make Ctrl-C say `message`, and what to type."""
    try:
        yield
    except InterruptedCommandError:
        raise
    except KeyboardInterrupt:
        raise InterruptedCommandError(f"Interrupted. {message}", recommendation) from None


def recommend_after_failure(registry: RegistryId, pool: str, correlation_id: str = "") -> list[str]:
    """What to type about a pool that is Failed, or about to be."""
    where = f"-r {registry.name} -n {pool}"
    record = (
        f"--correlation-id {correlation_id}" if correlation_id else f"--resource-id {registry.path}/agentPools/{pool}"
    )
    return [
        f"See what may be in its way with: az acr agentpool check-health {where}",
        f"A Failed pool cannot be changed: delete it with `az acr agentpool delete {where}` and create it again.",
        f"See Azure's record of the operation with: az monitor activity-log list {record}",
    ]


@contextmanager
def _explained(kind: OperationKind, registry: RegistryId, pool: str) -> Iterator[None]:
    """End the process, saying what to type, if the operation ends badly or is lost from sight."""
    try:
        yield
    except OperationError as error:
        fail(*explain(error, _recommend(error, kind, registry, pool)))


def _recommend(error: OperationError, kind: OperationKind, registry: RegistryId, pool: str) -> list[str]:
    if not isinstance(error, OperationFailedError):
        return [f"Wait for its end with: {_wait_command(kind, registry, pool)}"]
    if kind is OperationKind.DELETE:
        return [f"Try again with: az acr agentpool delete -r {registry.name} -n {pool}"]
    return recommend_after_failure(registry, pool, error.correlation_id)


def _wait_command(kind: OperationKind, registry: RegistryId, pool: str) -> str:
    return f"az acr agentpool wait -r {registry.name} -n {pool} --{kind.value}d"
