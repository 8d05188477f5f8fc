"""Long operations: following what the service does until it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from ...clock import Clock, Deadline
from ..arm import ArmClient, ArmResponse
from ..errors import (
    CORRELATION_HEADER,
    AcrError,
    InvalidReplyError,
    OperationError,
    OperationFailedError,
    OperationLostError,
    TransientError,
)
from ..patience import OPERATION_LIMIT, Progress, Watch, delay_until_next_look
from .state import Look, OperationKind, Resource, ResourceSource, begin

__all__ = ["NotDoneYetError", "Operation", "OperationKind", "Progress", "Resource"]

T = TypeVar("T")


class NotDoneYetError(Exception):
    """The service said that an operation is done, but the resource shows that it goes on."""


class Operation(Generic[T]):
    """Something the service has begun to do. `wait` follows it to its end; not waiting does not stop it.

    `first_reply` is the reply that began it, None to follow one that somebody else began; `finish` gets the result once
    the service says that it is done, None if it is not done after all.
    """

    def __init__(
        self,
        arm: ArmClient,
        kind: OperationKind,
        resource: Resource,
        finish: Callable[[], T],
        *,
        first_reply: ArmResponse | None = None,
    ) -> None:
        self.kind = kind
        self.resource = resource
        self._finish = finish
        self._resource_source = ResourceSource(kind, resource)
        self._source, self._first_look = begin(arm, kind, resource, first_reply, self._resource_source)
        self._correlation_id = first_reply.headers.get(CORRELATION_HEADER, "") if first_reply else ""

    def wait(self, clock: Clock, *, on_progress: Callable[[Progress], None] = lambda _: None) -> T:
        """Return the result when the operation is done.

        `on_progress` is called at least once a second. Raises OperationFailedError, OperationLostError when its state
        or its result cannot be read, OperationTimeoutError when it does not end within an hour.
        """
        what = f"the {self.kind.value} of {self.resource.name}"
        limit = Deadline(clock, OPERATION_LIMIT)
        watch = Watch(clock, what, "done", on_progress=on_progress, deadline=limit, is_begun=True)
        try:
            return self._follow(watch)
        except OperationFailedError as error:
            # Azure's support knows an operation by the request that began it.
            error.correlation_id = self._correlation_id or error.correlation_id
            raise

    def _follow(self, watch: Watch) -> T:
        look, looked_at = self._first_look, watch.elapsed
        while True:
            watch.report(look.state)
            if look.done and self._source is not self._resource_source and self.kind is OperationKind.DELETE:
                # The service says the deletion is done; to the caller it is once the resource cannot be seen.
                self._source = self._resource_source
                look = self._look(watch)
                continue
            if look.done:
                try:
                    return self._read_result(watch)
                except NotDoneYetError:
                    self._source = self._resource_source
            watch.pause_since(looked_at, delay_until_next_look(looked_at, look.asked))
            looked_at = watch.elapsed
            look = self._look(watch)

    def _look(self, watch: Watch) -> Look:
        return watch.insist(lambda: self._look_once(watch))

    def _look_once(self, watch: Watch) -> Look:
        try:
            return self._source.look(watch.elapsed)
        except OperationError:
            raise
        except AcrError as error:
            if self._source is self._resource_source or _may_pass(error):
                raise
            # The status URL expired, may not be read, or is none of ARM's: what the resource says will do.
            watch.tell_trouble(error.message)
            self._source = self._resource_source
            return self._source.look(watch.elapsed)

    def _read_result(self, watch: Watch) -> T:
        try:
            return watch.insist(self._finish)
        except OperationLostError as error:
            raise OperationLostError(
                f"The {self.kind.value} of {self.resource.name} is done, but what it is now could not be read. "
                f"The last error was: {error.reason}",
                **error.particulars,
            ) from error


def _may_pass(error: AcrError) -> bool:
    return isinstance(error, TransientError) and not isinstance(error, InvalidReplyError)
