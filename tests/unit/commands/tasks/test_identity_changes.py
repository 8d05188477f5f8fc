"""The managed identities of a task: given as az's own gives them, taken without losing others, and never the pool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import pytest
from azure.mgmt.containerregistrytasks.models import IdentityProperties
from hypothesis import given
from hypothesis import strategies as st
from scripted_arm import SUBSCRIPTION
from scripted_transport import Reply
from task_azure import TaskAzure, task_body

from azext_acrpool.commands.tasks.identities import Identities
from azext_acrpool.commands.tasks.identity_changes import assign_identities, remove_identities, show_identities
from azext_acrpool.testing import Finished

PLACE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
ONE, OTHER = f"{PLACE}/one", f"{PLACE}/other"
SYSTEM = "[system]"
NO_ID = "'nobody' is no identity: --identities is {} or the resource ID of a user-assigned managed identity."


def identity(*names: str) -> dict[str, Any]:
    """What ARM shows of these."""
    users = {name: {"clientId": f"client of {name}"} for name in names if name != SYSTEM}
    types = [*(["SystemAssigned"] if SYSTEM in names else []), *(["UserAssigned"] if users else [])]
    return {"type": ", ".join(types) or "None", **({"userAssignedIdentities": users} if users else {})}


def with_identities(*names: str, pool: str | None = "mypool", **properties: Any) -> dict[str, Any]:
    return {**task_body(pool, **properties), **({"identity": identity(*names)} if names else {})}


def names_of(result: Any) -> list[str]:
    return Identities.of(result.identity).names


ASSIGNED: Sequence[tuple[list[str], list[str] | None, list[str]]] = [
    ([], None, [SYSTEM]),
    ([], [], [SYSTEM]),
    ([], [ONE], [ONE]),
    ([], [SYSTEM, ONE, ONE.upper()], [SYSTEM, ONE]),
    ([ONE], None, [SYSTEM]),
    ([SYSTEM], [ONE], [ONE]),
    ([ONE], [SYSTEM, ONE], [SYSTEM, ONE]),
    ([ONE], [OTHER], [ONE, OTHER]),
    ([ONE], [SYSTEM, OTHER], [SYSTEM, ONE, OTHER]),
    ([SYSTEM, ONE], [OTHER, ONE.upper()], [ONE, OTHER]),
    ([SYSTEM, ONE], ["[all]"], []),
    ([SYSTEM, ONE], ["[all]", ONE], []),
]
REMOVED: Sequence[tuple[list[str], list[str] | None, list[str]]] = [
    ([SYSTEM], None, []),
    ([SYSTEM, ONE], None, [ONE]),
    ([SYSTEM, ONE], [SYSTEM], [ONE]),
    ([SYSTEM, ONE], [ONE.upper()], [SYSTEM]),
    ([SYSTEM, ONE, OTHER], [ONE], [SYSTEM, OTHER]),
    ([SYSTEM, ONE, OTHER], [SYSTEM, ONE], [OTHER]),
    ([ONE, OTHER], [ONE], [OTHER]),
    ([ONE], [ONE], []),
    ([SYSTEM, ONE], ["[all]"], []),
]


def ids(case: Any) -> str | None:
    short = [name.rpartition("/")[2] for name in case] if isinstance(case, list) else None
    return "default" if case is None else " ".join(short) or "none" if short is not None else None


@pytest.mark.parametrize("pool", ["mypool", None])
@pytest.mark.parametrize(
    ("command", "before", "named", "after"),
    [
        *((assign_identities, *case) for case in ASSIGNED),
        *((remove_identities, *case) for case in REMOVED),
    ],
    ids=ids,
)
def test_what_is_named_changes_and_the_rest_stays(
    azure: TaskAzure,
    command: Callable[..., Any],
    before: list[str],
    named: list[str] | None,
    after: list[str],
    pool: str | None,
) -> None:
    task = azure.serves(with_identities(*before, pool=pool, timeout=600))
    finished = azure.call(command, identities=named)
    assert finished.exit_code == 0
    assert sorted(names_of(finished.result)) == sorted(after)
    assert task.properties.get("agentPoolName") == pool
    assert [set(body) for body in azure.sent("PATCH")] == [{"identity", "properties"} if pool else {"identity"}]
    assert task.requests == ["GET", "PATCH"]


KEEP_ALL = (
    "what is assigned replaces the other kind. To keep all: az acr task identity assign -r myregistry -n mytask"
    f' --identities "[system]" {ONE} {OTHER}'
)
LOSES_SYSTEM = "will lose [system], and the roles that [system] has"


@pytest.mark.parametrize(
    ("before", "named", "told"),
    [
        ([ONE, OTHER], None, [f"WARNING: Task 'mytask' will lose {ONE}, {OTHER}: {KEEP_ALL}"]),
        ([SYSTEM, ONE], [OTHER], [f"WARNING: Task 'mytask' {LOSES_SYSTEM}: {KEEP_ALL}"]),
        ([ONE], ["[all]"], [f"WARNING: Task 'mytask' will lose {ONE}: [all] leaves it none."]),
        (
            [],
            ["[all]", SYSTEM, ONE],
            [
                f"WARNING: [all] leaves a task no identities: [system], {ONE} beside it is not assigned.",
                "Task 'mytask' has no identities already: nothing to assign.",
            ],
        ),
        ([ONE], [SYSTEM, ONE], []),
        ([ONE], [OTHER], []),
    ],
    ids=["users", "system", "all", "all and others", "both named", "another user"],
)
def test_what_assigning_takes_away_is_told(
    azure: TaskAzure, before: list[str], named: list[str] | None, told: list[str]
) -> None:
    azure.serves(with_identities(*before))
    finished = azure.call(assign_identities, identities=named)
    assert (finished.exit_code, finished.told) == (0, told)


def test_a_login_that_assigning_takes_away_is_told(azure: TaskAzure) -> None:
    azure.serves(with_identities(SYSTEM, credentials={"sourceRegistry": {"identity": SYSTEM}}))
    assert azure.call(assign_identities, identities=[ONE]).told[1:] == [
        "WARNING: Task 'mytask' logs in to its registry as an identity that is removed: its runs will fail there."
    ]


def test_no_more_is_sent_than_by_az_own(azure: TaskAzure) -> None:
    azure.serves(with_identities(SYSTEM, ONE, OTHER))
    azure.call(assign_identities, identities=[ONE.upper()])
    assert [body["identity"] for body in azure.sent("PATCH")] == [
        {"type": "UserAssigned", "userAssignedIdentities": {ONE: {}}}
    ]


@pytest.mark.parametrize(
    ("command", "before", "named", "told"),
    [
        (assign_identities, [SYSTEM], None, "Task 'mytask' has [system] already: nothing to assign."),
        (assign_identities, [ONE], [ONE.upper()], f"Task 'mytask' has {ONE.upper()} already: nothing to assign."),
        (remove_identities, [], None, "Task 'mytask' has no [system]: nothing to remove."),
        (remove_identities, [], ["[all]"], "Task 'mytask' has no identities: nothing to remove."),
        (remove_identities, [SYSTEM], [ONE], f"Task 'mytask' has no {ONE}: nothing to remove."),
    ],
    ids=["system", "user", "no system", "none at all", "no user"],
)
def test_nothing_to_change(
    azure: TaskAzure, command: Callable[..., Any], before: list[str], named: list[str] | None, told: str
) -> None:
    task = azure.serves(with_identities(*before))
    finished = azure.call(command, identities=named)
    assert (finished.exit_code, finished.told) == (0, [told])
    assert names_of(finished.result) == before
    assert task.requests == ["GET"]


def test_of_several_those_that_are_there_are_removed(azure: TaskAzure) -> None:
    azure.serves(with_identities(ONE))
    finished = azure.call(remove_identities, identities=[SYSTEM, ONE])
    assert finished.exit_code == 0
    assert finished.told == ["Task 'mytask' has no [system]: nothing to remove of it."]
    assert names_of(finished.result) == []


@pytest.mark.parametrize(
    ("command", "named", "told"),
    [
        (assign_identities, ["nobody"], NO_ID.format("[system], [all]")),
        (remove_identities, [ONE, "nobody"], NO_ID.format("[system], [all]")),
        (remove_identities, ["[all]", ONE], "[all] stands for all identities: give it alone."),
    ],
    ids=["assign nobody", "remove nobody", "remove all and one"],
)
def test_what_is_no_identity_is_refused_before_anything_is_asked(
    azure: TaskAzure, command: Callable[..., Any], named: list[str], told: str
) -> None:
    finished = azure.call(command, identities=named)
    assert (finished.exit_code, finished.told) == (2, [told])
    assert azure.asked == []


LOGINS = {
    "sourceRegistry": {"identity": "[system]"},
    "customRegistries": {
        "one.azurecr.io": {"identity": f"CLIENT of {ONE}"},
        "vault.azurecr.io": {"identity": "[system]", "password": {"type": "Vaultsecret"}},
        "password.azurecr.io": {"password": {"type": "Opaque"}},
    },
}


@pytest.mark.parametrize(
    ("named", "places"),
    [
        ([SYSTEM], ["its registry", "'vault.azurecr.io'"]),
        ([ONE], ["'one.azurecr.io'"]),
        ([OTHER], []),
        (["[all]"], ["its registry", "'one.azurecr.io'", "'vault.azurecr.io'"]),
    ],
    ids=["system", "one", "other", "all"],
)
def test_an_identity_that_the_task_logs_in_with_is_told_of(
    azure: TaskAzure, named: list[str], places: list[str]
) -> None:
    azure.serves(with_identities(SYSTEM, ONE, OTHER, credentials=LOGINS))
    finished = azure.call(remove_identities, identities=named)
    assert finished.exit_code == 0
    assert finished.told == [
        f"WARNING: Task 'mytask' logs in to {place} as an identity that is removed: its runs will fail there."
        for place in places
    ]


def test_identities_that_are_not_as_wanted_are_no_success(azure: TaskAzure) -> None:
    task = azure.serves(with_identities(ONE))
    task.losses, task.carries_out = [Reply(200, deepcopy(task.body))], False
    finished = azure.call(remove_identities, identities=[ONE])
    assert finished.exit_code == 1
    assert finished.told == [
        (
            f"Task 'mytask' was changed, but its identities are {ONE}, and not none. Somebody else may have changed it"
            " at the same time."
        ),
        "See it with: az acr task show -r myregistry -n mytask",
    ]


def test_other_identities_that_are_not_as_expected_are_told(azure: TaskAzure) -> None:
    task = azure.serves(with_identities(ONE))
    task.losses, task.carries_out = [Reply(200, {**deepcopy(task.body), "identity": identity(OTHER)})], False
    finished = azure.call(assign_identities, identities=[OTHER])
    assert finished.exit_code == 0
    assert finished.told == [
        (
            f"WARNING: The identities of task 'mytask' are {OTHER}, and not {OTHER}, {ONE}: somebody else has changed"
            " them at the same time, or the service has."
        )
    ]


@pytest.mark.parametrize("shown", [identity(SYSTEM, ONE), identity(ONE), None], ids=["both", "user", "none"])
def test_identities_are_shown_as_by_az_own(azure: TaskAzure, shown: dict[str, Any] | None) -> None:
    task = azure.serves({**task_body(), **({"identity": shown} if shown else {})})
    assert azure.call(show_identities) == Finished(shown or {}, 0, "", "")
    assert task.requests == ["GET"]


USERS = st.lists(st.sampled_from([ONE, OTHER, f"{PLACE}/third"]), unique=True).map(tuple)
SOME = st.builds(Identities, st.booleans(), USERS)


def merged(before: Identities, change: IdentityProperties) -> Identities:
    """What ARM makes of a change: the type is replaced, the map is merged."""
    users = {**{name: {} for name in before.users}, **(change.user_assigned_identities or {})}
    kept = {name: user for name, user in users.items() if user is not None}
    return Identities.of(IdentityProperties({"type": change.type, "userAssignedIdentities": kept}))


@given(SOME, SOME)
def test_a_change_makes_any_identities_of_any(before: Identities, wanted: Identities) -> None:
    assert merged(before, wanted.change_from(before)).is_same(wanted)


@given(SOME, SOME)
def test_identities_are_sets(one: Identities, other: Identities) -> None:
    names, others = set(one.names), set(other.names)
    assert set((one | other).names) == names | others
    assert set((one - other).names) == names - others
    assert set((one & other).names) == names & others
    assert bool(one) == bool(names)
    assert one.is_same(other) == (names == others)
