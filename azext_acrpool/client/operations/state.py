"""How a long operation is going.

ARM says where to look in the first reply's headers (Azure Resource Manager, "Track asynchronous Azure operations"):
`Azure-AsyncOperation`, whose URL answers with a status, or `Location`, whose URL answers 202 until the end. Where
neither is given or the URL no longer answers, the resource itself is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from ..arm import LOOK_OPTIONS, ArmClient, ArmResponse
from ..errors import CORRELATION_HEADER, InvalidReplyError, NotFoundError, OperationFailedError
from ..patience import REFUSED_BUDGET

__all__ = ["Look", "OperationKind", "Resource", "ResourceSource", "Source", "begin", "spell_state"]

# Seconds for which a resource may not show yet that it is being deleted.
SETTLING_TIME = 60.0


_ENDED = ("Succeeded", "Failed", "Canceled")
_SPELLINGS = {
    "cancelled": "Canceled",
    **{state.lower(): state for state in ("Creating", "Updating", "Deleting", *_ENDED)},
}


def spell_state(state: str) -> str:
    """A state, which comes in any case, spelled as ARM does; one that is not known stays as it is.

    >>> spell_state("cancelled"), spell_state("CREATING"), spell_state("Healing")
    ('Canceled', 'Creating', 'Healing')
    """
    return _SPELLINGS.get(state.lower(), state)


class OperationKind(str, Enum):
    """What is being done to a resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Resource(Protocol):
    """What an operation works on, as far as following it needs to know."""

    @property
    def name(self) -> str:
        """How to call it in a message, such as "agent pool 'build'"."""

    def read_state(self) -> str | None:
        """Its provisioningState now, spelled by `spell_state`; None if there is no such resource."""


@dataclass(frozen=True)
class Look:
    """What one look showed. `asked`: seconds that the service asks to wait before the next."""

    state: str
    done: bool
    asked: float | None = None


class Source(Protocol):
    """One way to learn how an operation is going."""

    def look(self, elapsed: float, /) -> Look:
        """How it is going, `elapsed` seconds after the wait began; raises OperationFailedError if it ended badly."""


def begin(
    arm: ArmClient,
    kind: OperationKind,
    resource: Resource,
    reply: ArmResponse | None,
    resource_source: ResourceSource,
) -> tuple[Source, Look]:
    """Where to look from now on, and what `reply`, the first, shows; None if somebody else got that reply.

    Raises OperationFailedError if it ended badly already.
    """
    if reply is None:
        return resource_source, Look("", done=False)
    state = _state_in(reply.body)
    for header, is_status in (("azure-asyncoperation", True), ("location", False)):
        if url := reply.headers.get(header):
            source = StatusUrl(arm, kind, resource, url, is_status=is_status)
            return source, Look(state, done=False, asked=reply.retry_after)
    # A deletion is over when the resource cannot be seen any more.
    if kind is OperationKind.DELETE or reply.status == 202 or (state and state not in _ENDED):
        return resource_source, Look(state, done=False, asked=reply.retry_after)
    return resource_source, _judge(kind, resource, state or "Succeeded", reply)


class StatusUrl:
    """The URL that the service gave to follow an operation by.

    `is_status`: it came as Azure-AsyncOperation, so a 200 carries a status; otherwise a 200 is the end.
    """

    def __init__(self, arm: ArmClient, kind: OperationKind, resource: Resource, url: str, *, is_status: bool) -> None:
        self._arm = arm
        self._kind = kind
        self._resource = resource
        self._url = url
        self._is_status = is_status

    def look(self, _elapsed: float, /) -> Look:
        """How it is going; raises AcrErrors."""
        try:
            reply = self._arm.send("GET", self._url, options=LOOK_OPTIONS)
        except NotFoundError:
            if self._kind is OperationKind.DELETE:
                # ARM stops routing to the status URL once the resource is gone.
                return Look("", done=True)
            raise
        self._url = reply.headers.get("azure-asyncoperation" if self._is_status else "location") or self._url
        state = _state_in(reply.body)
        if reply.status == 202:
            return Look(state, done=False, asked=reply.retry_after)
        if not state and self._is_status and reply.status != 204:
            raise InvalidReplyError("The reply to a request for an operation's status holds no status.")
        return _judge(self._kind, self._resource, state or "Succeeded", reply)


class ResourceSource:
    """The resource itself: its provisioningState, or that it is gone."""

    def __init__(self, kind: OperationKind, resource: Resource) -> None:
        self._kind = kind
        self._resource = resource
        self._first_looked: float | None = None
        self._missing_since: float | None = None

    def look(self, elapsed: float, /) -> Look:
        """How it is going; raises AcrErrors."""
        state = self._resource.read_state()
        if self._first_looked is None:
            self._first_looked = elapsed
        if self._kind is OperationKind.DELETE:
            return self._look_for_absence(state, elapsed - self._first_looked)
        if state is None:
            return self._look_again(elapsed)
        self._missing_since = None
        return _judge(self._kind, self._resource, state)

    def _look_again(self, elapsed: float) -> Look:
        """What was being created or changed is not there; but one reply may be wrong, or come from where ARM lags."""
        if self._missing_since is None:
            self._missing_since = elapsed
        if elapsed - self._missing_since >= REFUSED_BUDGET:
            raise OperationFailedError(f"The {self._resource.name} is gone: somebody deleted it meanwhile.")
        return Look("", done=False)

    def _look_for_absence(self, state: str | None, looked_for: float) -> Look:
        if state in ("Failed", "Canceled") or (state == "Succeeded" and looked_for > SETTLING_TIME):
            raise OperationFailedError(
                f"The {self._resource.name} is still there; its state is {state}, not Deleting.", code=state
            )
        return Look(state or "", done=state is None)


def _judge(kind: OperationKind, resource: Resource, state: str, reply: ArmResponse | None = None) -> Look:
    if state not in ("Failed", "Canceled"):
        return Look(state, done=state == "Succeeded", asked=reply.retry_after if reply else None)
    error = reply.body.get("error") if reply and isinstance(reply.body, Mapping) else None
    error = error if isinstance(error, Mapping) else {}
    reason = str(error.get("message") or "The service gave no reason.")
    raise OperationFailedError(
        f"The {kind.value} of {resource.name} ended as {state}. {reason}",
        code=str(error.get("code") or state),
        correlation_id=reply.headers.get(CORRELATION_HEADER, "") if reply else "",
    )


def _state_in(body: Any) -> str:
    """The state in the body of a status or of a resource, spelled as ARM does; "" if there is none."""
    if not isinstance(body, Mapping):
        return ""
    properties = body.get("properties")
    state = body.get("status") or (properties.get("provisioningState") if isinstance(properties, Mapping) else None)
    return spell_state(state) if isinstance(state, str) else ""
