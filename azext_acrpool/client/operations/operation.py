"""Long operations: following what the service does until it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from ...clock import Clock
from ..arm import ArmClient, ArmResponse
from ..errors import CORRELATION_HEADER, AcrError, OperationError, OperationFailedError
from .patience import Progress, Watch, delay_until_next_look
from .state import Look, OperationKind, Resource, ResourceSource, Source, begin

__all__ = ["Operation", "OperationKind", "Progress", "Resource"]

T = TypeVar("T")


class Operation(Generic[T]):
    """Something the service has begun to do. `wait` follows it to its end; not waiting does not stop it.

    `first_reply` is the reply that began it, None to follow one that somebody else began; `finish` gets the result
    once it is done.
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

        `on_progress` is called at least once a second. Raises OperationFailedError, OperationLostError, and what
        reading the result raises.
        """
        what = f"the {self.kind.value} of {self.resource.name}"
        watch = Watch(clock, what, "done", on_progress=on_progress)
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
                return watch.insist(self._finish)
            watch.pause_since(looked_at, delay_until_next_look(looked_at, look.asked))
            looked_at = watch.elapsed
            look = self._look(watch)

    def _look(self, watch: Watch) -> Look:
        try:
            return self._look_at(self._source, watch)
        except OperationError:
            raise
        except AcrError:
            # The status URL expired, or may not be read: what the resource says will do.
            if self._source is self._resource_source:
                raise
            self._source = self._resource_source
            return self._look_at(self._source, watch)

    @staticmethod
    def _look_at(source: Source, watch: Watch) -> Look:
        return watch.insist(lambda: source.look(watch.elapsed))
