"""`az acr agentpool update`: what is asked of the service, what is said, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest
from pool_azure import PoolAzure, listing
from scripted_arm import arm_error, pool_body
from scripted_transport import Reply

from azext_acrpool.commands.agentpool.update import update_pool
from azext_acrpool.testing import Finished

UPDATED = "Agent pool 'mypool': Updating (usually takes about 6 minutes)\nAgent pool 'mypool': Succeeded after 2 s\n"
BEGUN = (
    "The update of agent pool 'mypool' has begun."
    " Wait for its end with: az acr agentpool wait -r myregistry -n mypool --updated\n"
)
OVER_QUOTA = (
    "WARNING: 2 x S1 are 4 vCPUs; with the 16 of other pools that makes 20 vCPUs, and the default quota of a registry's"
    " standard agent pools is 16. Not even one instance fits. If the registry's quota was not raised, ask for more at"
    " https://aka.ms/acr/support/create-ticket"
)


def test_update() -> None:
    states = [Reply(200, {"status": state}) for state in ("Updating", "Succeeded")]
    azure = PoolAzure(
        {
            "GET /agentPools": listing(pool_body()),
            "GET /operationStatuses/1": states,
            "GET /agentPools/mypool": Reply(200, pool_body(count=2)),
        }
    )
    assert azure.run(update_pool, count=2) == Finished(pool_body(count=2), 0, "", UPDATED)
    assert azure.sent("PATCH") == {"properties": {"count": 2}}


@pytest.mark.parametrize(
    "accepted",
    [
        Reply(200, pool_body(count=2)),
        Reply(201, pool_body(state="Updating", count=2)),
    ],
    ids=["at once", "with an operation"],
)
def test_update_that_does_not_show_in_the_end_is_no_success(accepted: Reply) -> None:
    azure = PoolAzure({"GET /agentPools": listing(pool_body()), "PATCH /agentPools/mypool": accepted})
    finished = azure.run(update_pool, count=2)
    assert (finished.result, finished.exit_code) == (None, 1)
    assert finished.told[-3] == (
        "The update of agent pool 'mypool' is done, but the pool has 1 instance, not 2: it was not carried out, or the "
        "pool was changed again."
    )
    assert finished.told[-2:] == [
        "See the pool with: az acr agentpool show -r myregistry -n mypool",
        "Ask for it again with: az acr agentpool update -r myregistry -n mypool --count 2",
    ]


def test_update_that_shows_a_little_late_is_done() -> None:
    looks = [Reply(200, pool_body()), Reply(200, pool_body(count=2))]
    azure = PoolAzure({"GET /agentPools": listing(pool_body()), "GET /agentPools/mypool": looks})
    finished = azure.run(update_pool, count=2)
    assert (finished.result, finished.exit_code) == (pool_body(count=2), 0)


def test_update_to_zero_and_of_tags() -> None:
    azure = PoolAzure({"GET /agentPools": listing(pool_body())})
    assert azure.run(update_pool, count=0, tags={}, no_wait=True) == Finished(None, 0, "", BEGUN)
    assert azure.sent("PATCH") == {"properties": {"count": 0}, "tags": {}}


def test_an_update_without_a_change_leaves_the_pool_as_it_is() -> None:
    azure = PoolAzure({"GET /agentPools/mypool": Reply(200, pool_body())})
    finished = azure.run(update_pool)
    assert (finished.result, finished.exit_code) == (pool_body(), 0)
    assert finished.told == ["There is nothing to change: neither --count nor --tags is given."]
    assert {request.method for request in azure.transport.requests} == {"GET"}


@pytest.mark.parametrize(
    ("options", "pools", "code", "told"),
    [
        (
            {"count": -1},
            listing(),
            2,
            ["An agent pool cannot have a count of -1.", "Use --count 0 for none, or a positive number."],
        ),
        (
            {"count": 1},
            listing(),
            3,
            [
                "Could not find an agent pool named 'mypool' in registry 'myregistry'.",
                "List the registry's agent pools with: az acr agentpool list -r myregistry -o table",
            ],
        ),
        (
            {"count": 1},
            listing(pool_body(state="Updating")),
            1,
            [
                "Agent pool 'mypool' is in state Updating; it cannot be changed until that is done.",
                "Wait for that with: az acr agentpool wait -r myregistry -n mypool --updated",
            ],
        ),
        (
            {"count": 1},
            listing(pool_body(state="Failed")),
            1,
            [
                "Agent pool 'mypool' is in state Failed, and the service refuses to change such a pool.",
                "Delete it with `az acr agentpool delete -r myregistry -n mypool` and create it again.",
            ],
        ),
    ],
)
def test_update_refused(options: dict[str, Any], pools: Reply, code: int, told: list[str]) -> None:
    azure = PoolAzure({"GET /agentPools": pools})
    finished = azure.run(update_pool, **options)
    assert (finished.exit_code, finished.told) == (code, told)
    assert not azure.transport.asked("PATCH")


def test_update_beyond_the_quota_warns_and_goes_on() -> None:
    azure = PoolAzure({"GET /agentPools": listing(pool_body(), pool_body("other", tier="S3", count=2))})
    finished = azure.run(update_pool, count=2, no_wait=True)
    assert (finished.exit_code, finished.stderr) == (0, f"{OVER_QUOTA}\n{BEGUN}")
    assert azure.sent("PATCH") == {"properties": {"count": 2}}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"count": 2}, "2 instances"),
        ({"count": 2, "no_wait": True}, "2 instances"),
        ({"tags": {"a": "b"}}, "these tags"),
        ({"count": 2, "tags": {"a": "b"}}, "2 instances and these tags"),
    ],
)
def test_update_to_what_is_there_is_done_at_once(options: dict[str, Any], told: str) -> None:
    there = pool_body(count=2, tags={"a": "b"})
    azure = PoolAzure({"GET /agentPools": listing(there), "GET /agentPools/mypool": Reply(200, there)})
    assert azure.run(update_pool, **options) == Finished(there, 0, "", f"Agent pool 'mypool' has {told} already.\n")
    assert not azure.transport.asked("PATCH")


@pytest.mark.parametrize("itself", [pool_body(count=3), pool_body(count=2, state="Updating")])
def test_update_to_what_only_a_list_shows_is_asked_for(itself: dict[str, Any]) -> None:
    azure = PoolAzure({"GET /agentPools": listing(pool_body(count=2)), "GET /agentPools/mypool": Reply(200, itself)})
    assert azure.run(update_pool, count=2, no_wait=True) == Finished(None, 0, "", BEGUN)
    assert azure.sent("PATCH") == {"properties": {"count": 2}}


def test_update_to_what_a_pool_shows_whose_last_change_was_cancelled_is_asked_for() -> None:
    azure = PoolAzure({"GET /agentPools": listing(pool_body(state="Canceled", count=2))})
    assert azure.run(update_pool, count=2, no_wait=True) == Finished(None, 0, "", BEGUN)
    assert azure.sent("PATCH") == {"properties": {"count": 2}}


def test_update_without_checks() -> None:
    azure = PoolAzure()
    assert azure.run(update_pool, count=2, skip_checks=True, no_wait=True) == Finished(None, 0, "", BEGUN)
    assert [request.method for request in azure.transport.requests] == ["PATCH"]


def conflicting(found: dict[str, Any]) -> PoolAzure:
    """Where another change came first: the pool is found like this, and some looks later with two instances."""
    return PoolAzure(
        {
            "GET /agentPools": listing(pool_body()),
            "PATCH /agentPools/mypool": arm_error(409, "RegistryStatusConflict"),
            "GET /agentPools/mypool": [Reply(200, found), Reply(200, found), Reply(200, pool_body(count=2))],
        }
    )


def test_update_that_was_sent_twice_is_joined() -> None:
    azure = conflicting(pool_body(state="Updating", count=2))
    assert azure.run(update_pool, count=2) == Finished(pool_body(count=2), 0, "", UPDATED)


@pytest.mark.parametrize(
    ("found", "tags"),
    [
        (pool_body(state="Updating", count=5), None),
        (pool_body(state="Deleting", count=2), None),
        # A pool does not tell by itself whether it is about to have these.
        (pool_body(state="Updating", count=2), {"team": "build"}),
    ],
    ids=["scaled to another count", "deleted", "tags"],
)
def test_update_that_conflicts_with_another_change_fails(found: dict[str, Any], tags: dict[str, str] | None) -> None:
    finished = conflicting(found).run(update_pool, count=2, tags=tags)
    assert finished.exit_code == 1
    assert finished.told == [
        "(RegistryStatusConflict) No.",
        "See what state the agent pool is in with: az acr agentpool show -r myregistry -n mypool",
    ]


def test_on_a_terminal_the_line_that_shows_the_update_is_taken_away_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    azure = PoolAzure(
        {
            "GET /agentPools": listing(pool_body()),
            "GET /operationStatuses/1": Reply(200, {"status": "Succeeded"}),
            "GET /agentPools/mypool": Reply(200, pool_body(count=2)),
        }
    )
    azure.session.animated = True
    finished = azure.run(update_pool, count=2)
    line = "Agent pool 'mypool': Succeeded, 1 s (usually takes about 6 minutes)"
    assert finished.stderr.endswith(f"\r{line}\r{' ' * len(line)}\r")


POLICY = {"acrpool-autoscale": "v1; max=4; min=0"}
RECORD = {"acrpool-restore-count": "0 (raised to 2)"}
MAY_CHANGE_AGAIN = (
    "Agent pool 'mypool' has an autoscale policy, which may change the number of instances again. See it with:"
    " az acr agentpool autoscale show -r myregistry -n mypool"
)
REPLACES = "WARNING: --tags replaces all tags of agent pool 'mypool'. That takes away"
KEEP = "To keep it: az acr agentpool update -r myregistry -n mypool --tags"


@pytest.mark.parametrize(
    ("tags", "options", "told"),
    [
        (POLICY, {"count": 3}, [MAY_CHANGE_AGAIN]),
        ({"ACRPool-Autoscale": "v9"}, {"count": 3}, [MAY_CHANGE_AGAIN]),
        (POLICY, {"count": 3, "tags": POLICY}, [MAY_CHANGE_AGAIN]),
        (
            {**POLICY, "team": "a"},
            {"count": 3, "tags": {"team": "b"}},
            [
                (
                    f"{REPLACES} its autoscale policy, so that nothing scales it any more. {KEEP} team=b"
                    ' "acrpool-autoscale=v1; max=4; min=0"'
                )
            ],
        ),
        (
            {**POLICY, **RECORD},
            {"tags": {}},
            [
                (
                    f"{REPLACES} its autoscale policy, so that nothing scales it any more, and the record of"
                    f" --ensure-capacity, so that nothing scales it back. {KEEP}"
                    ' "acrpool-autoscale=v1; max=4; min=0" "acrpool-restore-count=0 (raised to 2)"'
                )
            ],
        ),
        (
            {},
            {"tags": {"acrpool-autoscale": "max=4"}},
            [
                (
                    "WARNING: The autoscale policy in --tags cannot be read: The tag acrpool-autoscale holds no policy"
                    " that can be read: it begins with 'max=4', not v1."
                )
            ],
        ),
        (POLICY, {"tags": {**POLICY, "team": "a"}}, []),
        (RECORD, {"count": 3}, []),
    ],
    ids=["count", "unreadable", "count and the same tags", "lost", "both lost", "made up", "kept", "record"],
)
def test_update_says_what_it_means_for_how_the_pool_is_scaled(
    tags: dict[str, str], options: dict[str, Any], told: list[str]
) -> None:
    azure = PoolAzure({"GET /agentPools": listing(pool_body(tags=tags))})
    finished = azure.run(update_pool, **options, no_wait=True)
    assert (finished.exit_code, finished.told) == (0, [*told, BEGUN.strip()])
    assert len(azure.transport.asked("PATCH")) == 1


def test_update_to_what_is_there_undoes_nothing() -> None:
    there = pool_body(tags=POLICY)
    azure = PoolAzure({"GET /agentPools": listing(there), "GET /agentPools/mypool": Reply(200, there)})
    assert azure.run(update_pool, count=1).told == ["Agent pool 'mypool' has 1 instance already."]
