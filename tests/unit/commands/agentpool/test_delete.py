"""`az acr agentpool delete`: what is asked of the user and of the service, what is said, and how it ends."""

from __future__ import annotations

import pytest
from pool_azure import MISSING, PoolAzure, listing
from scripted_arm import arm_error, pool_body
from scripted_transport import Reply

from azext_acrpool.commands.agentpool.delete import delete_pool
from azext_acrpool.testing import Finished

QUESTION = "Delete agent pool 'mypool' of registry 'myregistry'?"
DELETING = "Agent pool 'mypool': Deleting (usually takes 1 to 3 minutes)"
DELETED = "Agent 'mypool' was successfully deleted"
BEGUN = (
    "The delete of agent pool 'mypool' has begun."
    " Wait for its end with: az acr agentpool wait -r myregistry -n mypool --deleted\n"
)
NOTHING_THERE = "Registry 'myregistry' has no agent pool 'mypool': nothing is left to delete.\n"
MINE = {"agentPoolName": "mypool"}
# A task and a run that use the pool.
USERS = {
    "GET /tasks": listing({"name": "nightly", "properties": MINE}),
    "GET /runs?'Queued'": listing({"name": "cf7", "properties": {**MINE, "runId": "cf7"}}),
}
USERS_TOLD = [
    "Tasks that run on agent pool 'mypool' and will not any more: nightly",
    "Runs that are queued or running on agent pool 'mypool' now: cf7",
]


def test_delete_names_who_uses_the_pool_before_it_asks() -> None:
    azure = PoolAzure({**USERS, "GET /agentPools/mypool": [Reply(200, pool_body(state="Deleting")), MISSING]})
    azure.session.answers.append(True)
    finished = azure.run(delete_pool)
    assert azure.session.questions == [QUESTION]
    assert (finished.result, finished.exit_code) == (DELETED, 0)
    assert finished.told == [*USERS_TOLD, DELETING]


def test_delete_names_a_few_of_many_who_use_the_pool() -> None:
    tasks = listing(*({"name": f"task{number}", "properties": MINE} for number in range(1, 9)))
    azure = PoolAzure({**USERS, "GET /tasks": tasks})
    azure.session.answers.append(False)
    assert azure.run(delete_pool).told[0] == (
        "Tasks that run on agent pool 'mypool' and will not any more: task1, task2, task3, task4, task5 and 3 more"
    )


def test_delete_asks_although_it_cannot_tell_who_uses_the_pool() -> None:
    azure = PoolAzure(
        {
            "GET /tasks": arm_error(403, "AuthorizationFailed", "No."),
            "DELETE /agentPools/mypool": Reply(204),
            "GET /agentPools/mypool": MISSING,
        }
    )
    azure.session.answers.append(True)
    finished = azure.run(delete_pool)
    assert azure.session.questions == [QUESTION]
    assert finished.stderr == f"Could not find out who uses agent pool 'mypool': No.\n{NOTHING_THERE}"


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([False], ["Nothing was deleted."]),
        ([], ["There is no terminal to ask on.", "Use --yes to go on without being asked."]),
    ],
    ids=["no", "no terminal"],
)
def test_delete_that_is_not_confirmed(answers: list[bool], told: list[str]) -> None:
    azure = PoolAzure(USERS)
    azure.session.answers += answers
    finished = azure.run(delete_pool)
    # Without a terminal the question itself is the error: what is told before the error is told before the question.
    assert (finished.exit_code, finished.told) == (1, [*USERS_TOLD, *told])
    assert not azure.transport.asked("DELETE")


def test_delete_with_yes_asks_nobody() -> None:
    azure = PoolAzure({**USERS, "GET /agentPools/mypool": MISSING})
    assert azure.run(delete_pool, yes=True) == Finished(DELETED, 0, "", f"{DELETING}\n")
    assert azure.session.questions == []
    assert azure.transport.asked("GET") == ["myregistry/agentPools/mypool"]


@pytest.mark.parametrize("reply", [Reply(204), MISSING])
def test_delete_of_what_is_gone_succeeds(reply: Reply) -> None:
    azure = PoolAzure({"DELETE /agentPools/mypool": reply, "GET /agentPools/mypool": MISSING})
    assert azure.run(delete_pool, yes=True) == Finished(None, 0, "", NOTHING_THERE)


@pytest.mark.parametrize("reply", [Reply(204), MISSING])
def test_delete_of_what_is_said_to_be_gone_and_shown_is_no_success(reply: Reply) -> None:
    finished = PoolAzure({"DELETE /agentPools/mypool": reply}).run(delete_pool, yes=True)
    assert (finished.result, finished.exit_code) == (None, 1)
    assert finished.told == [
        "The service says that there is no agent pool 'mypool' to delete, and yet shows it.",
        "See what state the agent pool is in with: az acr agentpool show -r myregistry -n mypool",
    ]


IMPOSTORS = [Reply(404, "<html>"), Reply(404), Reply(404, {"message": "no"}), Reply(200, "<html>"), Reply(204)]


@pytest.mark.parametrize("impostor", IMPOSTORS)
def test_only_arm_itself_says_that_the_pool_is_gone(impostor: Reply) -> None:
    azure = PoolAzure(
        {"GET /agentPools/mypool": [impostor, impostor, Reply(200, pool_body(state="Deleting")), impostor, MISSING]}
    )
    finished = azure.run(delete_pool, yes=True)
    assert (finished.result, finished.exit_code) == (DELETED, 0)
    assert len(azure.transport.asked("GET")) == 5


def test_delete_without_waiting() -> None:
    azure = PoolAzure()
    assert azure.run(delete_pool, yes=True, no_wait=True) == Finished(None, 0, "", BEGUN)
    assert not azure.transport.asked("GET")
