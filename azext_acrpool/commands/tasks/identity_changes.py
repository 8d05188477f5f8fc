"""`az acr task identity assign`, `remove` and `show`: what a task may log in as.

az's own may take the task off its agent pool. These name the pool in the change, and look at the task afterwards.
`assign` means what az's own means: without `[system]` the task loses its own identity, without resource IDs the
user-assigned ones. This one says what is lost. `remove` takes what is named, where az's own replaces the other kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...wording import listed, printable
from ..command import command
from ..console.errors import UsageError
from ..session import Session
from .changes import TaskChange
from .identities import EVERY, SYSTEM, Identities, assigned_identities, require_identities
from .options import TaskOptions

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import IdentityProperties, Task

__all__ = ["IdentityOptions", "assign_identities", "remove_identities", "show_identities"]

_OPTION = "--identities"


@dataclass(frozen=True, kw_only=True)
class IdentityOptions(TaskOptions):
    """Which identities of which task: `[system]` (also for no names at all), resource IDs."""

    identities: list[str] | None = None


@command(IdentityOptions)
def assign_identities(session: Session, options: IdentityOptions) -> Task:
    """Give a task identities, which loses those of a kind that is not named; returns the task without its secrets.

    `[all]` stands for none at all, whatever is named beside it: so az's own reads it.
    """
    names = options.identities or [SYSTEM]
    require_identities(names, f"{_OPTION} is {SYSTEM}, {EVERY}")
    change = TaskChange.begin(session, options)
    before = Identities.of(change.before.identity)
    given = _named(names)
    if EVERY in names:
        if given:
            session.narrator.warn(f"{EVERY} leaves a task no identities: {_listed(given)} beside it is not assigned.")
        given = Identities()
    # ARM merges the user-assigned ones.
    wanted = given | Identities(users=before.users if given.users else ())
    if wanted.is_same(before):
        session.narrator.say(f"Task '{change.name}' {_has(given)} already: nothing to assign.")
        return change.unchanged
    gone = before - wanted
    if gone:
        _warn_of_loss(change, gone, kept=before | given if given else Identities())
    properties = assigned_identities(((before & given) | given).names or [EVERY])
    return _make(change, properties, wanted, given, gone)


@command(IdentityOptions)
def remove_identities(session: Session, options: IdentityOptions) -> Task:
    """Take identities from a task, its own (`[system]`) if none is named; returns the task without its secrets."""
    names = options.identities or [SYSTEM]
    if EVERY in names and len(names) > 1:
        raise UsageError(f"{EVERY} stands for all identities: give it alone.")
    require_identities(names, f"{_OPTION} is {SYSTEM}, {EVERY}")
    change = TaskChange.begin(session, options)
    before = Identities.of(change.before.identity)
    gone = before if EVERY in names else before & _named(names)
    missing = Identities() if EVERY in names else _named(names) - before
    if missing or not gone:
        what = _listed(missing) if missing else "identities"
        session.narrator.say(f"Task '{change.name}' has no {what}: nothing to remove{' of it' if gone else ''}.")
    if not gone:
        return change.unchanged
    _warn_of_logins(change, gone)
    wanted = before - gone
    return _make(change, wanted.change_from(before), wanted, Identities(), gone)


@command(TaskOptions)
def show_identities(session: Session, options: TaskOptions) -> IdentityProperties | Mapping[str, Any]:
    """The identities of a task; as with az's own an empty object for a task that has none."""
    task = session.tasks(session.find_managed_registry(options, "tasks")).get(options.task_name)
    return task.identity or {}


def _named(names: Sequence[str]) -> Identities:
    users: dict[str, str] = {}
    for name in names:
        if name not in (SYSTEM, EVERY):
            users.setdefault(name.lower(), name)
    return Identities(SYSTEM in names, tuple(users.values()))


def _listed(identities: Identities) -> str:
    return listed([printable(name) for name in identities.names]) or "none"


def _has(identities: Identities) -> str:
    return f"has {_listed(identities)}" if identities else "has no identities"


def _warn_of_loss(change: TaskChange, gone: Identities, kept: Identities) -> None:
    """Tell which identities the task loses as others are assigned; `kept` are those to assign for it to keep all."""
    why = f"{EVERY} leaves it none."
    if kept:
        keep = change.az_command("identity assign", _OPTION, *kept.names)
        why = f"what is assigned replaces the other kind. To keep all: {keep}"
    roles = f", and the roles that {SYSTEM} has" if gone.system else ""
    change.narrator.warn(f"Task '{change.name}' will lose {_listed(gone)}{roles}: {why}")
    _warn_of_logins(change, gone)


def _warn_of_logins(change: TaskChange, gone: Identities) -> None:
    for login in _logins(change.before, gone):
        change.narrator.warn(
            f"Task '{change.name}' logs in to {login} as an identity that is removed: its runs will fail there."
        )


def _make(
    change: TaskChange, properties: IdentityProperties, wanted: Identities, given: Identities, gone: Identities
) -> Task:
    """The task, once `given` are seen there and `gone` are not; that others are not as `wanted` is only told."""

    def objection(task: Task) -> str | None:
        actual = Identities.of(task.identity)
        if not given - actual and not gone & actual:
            return None
        return f"its identities are {_listed(actual)}, and not {_listed(wanted)}"

    task = change.make(objection, ("identity",), identity=properties)
    actual = Identities.of(task.identity)
    if not actual.is_same(wanted):
        change.narrator.warn(
            f"The identities of task '{change.name}' are {_listed(actual)}, and not {_listed(wanted)}: somebody else"
            " has changed them at the same time, or the service has."
        )
    return task


def _logins(task: Task, gone: Identities) -> Iterator[str]:
    """What the task logs in to as one of these identities, which credentials name by their client IDs."""
    assigned = (task.identity.user_assigned_identities if task.identity else None) or {}
    clients = {(user.client_id or "").lower() for name, user in assigned.items() if user and name in gone.users}
    names = (clients | ({SYSTEM} if gone.system else set())) - {""}
    if task.credentials is None:
        return
    source = task.credentials.source_registry
    if source and (source.identity or "").lower() in names:
        yield "its registry"
    for server, login in (task.credentials.custom_registries or {}).items():
        if login and (login.identity or "").lower() in names:
            yield f"'{printable(server)}'"
