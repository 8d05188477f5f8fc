"""`az acr agentpool wait`: what it refuses, what it says, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest
from pool_azure import MISSING, PoolAzure
from scripted_arm import POOL_PATH, arm_error, interrupt, pool_body
from scripted_transport import Reply

from azext_acrpool.commands.agentpool.wait import wait_for_pool
from azext_acrpool.testing import Finished

AGAIN = "Wait again with: az acr agentpool wait -r myregistry -n mypool"
CHECK_HEALTH = "See what may be in its way with: az acr agentpool check-health -r myregistry -n mypool"
JMESPATH = "See what JMESPath looks like: https://jmespath.org/tutorial.html"


def pool_is(*states: str) -> PoolAzure:
    """Azure whose pool is in each of the states in turn, and stays in the last."""
    return PoolAzure({"GET /agentPools/mypool": [Reply(200, pool_body(state=state)) for state in states]})


@pytest.mark.parametrize(
    ("condition", "note"),
    [
        ({"created": True}, "usually takes 5 to 13 minutes"),
        ({"created": True, "updated": True}, "waiting until it is created or updated"),
        ({"custom": "count==`1` && provisioningState=='Succeeded'"}, "waiting until it is as asked for"),
    ],
)
def test_wait_prints_nothing_and_tells_each_change(condition: dict[str, Any], note: str) -> None:
    told = f"Agent pool 'mypool': Updating ({note})\nAgent pool 'mypool': Succeeded after 2 s\n"
    assert pool_is("Updating", "Updating", "Succeeded").run(wait_for_pool, **condition) == Finished(None, 0, "", told)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {},
            [
                "It is not said what to wait for.",
                (
                    "Give --created, --updated, --deleted, --exists, --idle or --custom JMESPATH; of several, one is"
                    " enough."
                ),
            ],
        ),
        (
            {"custom": "count=="},
            [
                "--custom cannot be used: Invalid jmespath expression: Incomplete expression:",
                '"count=="',
                "        ^",
                JMESPATH,
            ],
        ),
        (
            {"custom": ""},
            ["--custom cannot be used: Invalid JMESPath expression: cannot be empty.", JMESPATH],
        ),
        (
            {"created": True, "interval": 0},
            ["--interval must be a number of seconds from 1 to 86400."],
        ),
        (
            {"created": True, "interval": 86401},
            ["--interval must be a number of seconds from 1 to 86400."],
        ),
        (
            {"created": True, "timeout": -1},
            ["--timeout must be a number of seconds from 0 to 2147483647."],
        ),
        (
            {"created": True, "timeout": 10**30},
            ["--timeout must be a number of seconds from 0 to 2147483647."],
        ),
        (
            {"custom": "(" * 10_000},
            ["--custom cannot be used: it is nested too deeply.", JMESPATH],
        ),
        (
            {"custom": "tags.'\ud800'"},
            ["--custom cannot be sent: it holds a byte that is no text in UTF-8, as its character 7."],
        ),
    ],
)
def test_wait_refuses_bad_values_before_it_asks_anything(options: dict[str, Any], told: list[str]) -> None:
    azure = PoolAzure()
    finished = azure.run(wait_for_pool, **options)
    assert (finished.exit_code, finished.told) == (2, told)
    assert not azure.transport.requests


def test_query_that_does_not_fit_a_pool_is_a_usage_error() -> None:
    finished = pool_is("Creating").run(wait_for_pool, custom="contains(count, 'x')")
    assert finished.exit_code == 2
    assert finished.told == [
        (
            "--custom cannot be used: In function contains(), invalid type for value: 1, expected one of: ['array',"
            " 'string'], received: \"number\""
        ),
        JMESPATH,
    ]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("ceil(to_number('1e999'))", "cannot convert float infinity to integer"),
        ("!" * 3000 + "count", "it is nested too deeply."),
    ],
)
def test_what_python_makes_of_a_query_is_a_usage_error(query: str, why: str) -> None:
    finished = pool_is("Creating").run(wait_for_pool, custom=query)
    assert (finished.exit_code, finished.told) == (2, [f"--custom cannot be used: {why}", JMESPATH])


def test_failed_pool_exits_1() -> None:
    finished = pool_is("Creating", "Failed").run(wait_for_pool, created=True)
    assert finished.exit_code == 1
    assert finished.told == [
        "Agent pool 'mypool': Creating (usually takes 5 to 13 minutes)",
        "Agent pool 'mypool' is in state Failed. It will not become created.",
        CHECK_HEALTH,
        (
            "A Failed pool cannot be changed: delete it with `az acr agentpool delete -r myregistry -n mypool` and"
            " create it again."
        ),
        f"See Azure's record of the operation with: az monitor activity-log list --resource-id {POOL_PATH}",
    ]


def test_timeout_exits_124() -> None:
    finished = pool_is("Creating").run(wait_for_pool, created=True, custom="count==`2`", timeout=20)
    assert finished.exit_code == 124
    assert finished.told == [
        "Agent pool 'mypool': Creating (waiting until it is created or as asked for)",
        "Agent pool 'mypool' is still not created or as asked for after 20 s (state: Creating).",
        f"{AGAIN} --created --custom 'count==`2`'",
        CHECK_HEALTH,
    ]


BUSY_FOR_LONG = arm_error(429, "TooManyRequests", "Slow down.", Retry_After="86400")
FOUND = "GET /subscriptions/00000000-0000-0000-0000-000000000000/resources"


@pytest.mark.parametrize(
    ("condition", "route"),
    [
        ({"created": True}, "GET /agentPools/mypool"),
        ({"deleted": True}, "GET /agentPools/mypool"),
        ({"idle": True}, "POST /agentPools/mypool/listQueueStatus"),
        ({"idle": True}, "GET /runs"),
    ],
)
@pytest.mark.parametrize(
    "odd", [BUSY_FOR_LONG, arm_error(503, "ServerBusy"), Reply(200, "<html>"), Reply(404, "<html>")]
)
def test_timeout_binds_whatever_single_replies_are(condition: dict[str, Any], route: str, odd: Reply) -> None:
    azure = PoolAzure({"POST /agentPools/mypool/listQueueStatus": Reply(200, {"count": 0}), route: odd})
    finished = azure.run(wait_for_pool, **condition, timeout=5)
    assert finished.exit_code == 124
    assert azure.session.clock.time <= 5 + 5.1
    assert finished.told[-1] == CHECK_HEALTH


def test_timeout_binds_the_look_up_of_the_registry() -> None:
    azure = PoolAzure({FOUND: BUSY_FOR_LONG})
    finished = azure.run(wait_for_pool, resource_group_name=None, created=True, timeout=5)
    assert finished.exit_code == 124
    assert azure.session.clock.time <= 5 + 5.1
    assert finished.told == [
        "The service has not answered within the time that was given to it. The last error was: Slow down.",
        "Give it more time with --timeout.",
    ]


def test_timeout_binds_a_list_of_runs_that_does_not_end() -> None:
    pages = iter(range(1_000_000))

    def another_page(_: Any) -> Reply:
        azure.session.clock.sleep(1)
        return Reply(
            200, {"value": [], "nextLink": f"https://management.example/registries/myregistry/runs?p={next(pages)}"}
        )

    azure = PoolAzure({"POST /agentPools/mypool/listQueueStatus": Reply(200, {"count": 0}), "GET /runs": another_page})
    finished = azure.run(wait_for_pool, idle=True, timeout=5)
    assert finished.exit_code == 124
    assert azure.session.clock.time <= 5 + 6.1


IMPOSTORS = [Reply(404, "<html>"), Reply(404), Reply(404, {"message": "no"}), Reply(200, "<html>"), Reply(204)]


@pytest.mark.parametrize("impostor", IMPOSTORS)
def test_only_arm_itself_says_that_the_pool_is_gone(impostor: Reply) -> None:
    going = Reply(200, pool_body(state="Deleting"))
    azure = PoolAzure({"GET /agentPools/mypool": [going, impostor, going, impostor, MISSING]})
    assert azure.run(wait_for_pool, deleted=True).exit_code == 0
    assert len(azure.transport.requests) == 5


def test_missing_pool_exits_3() -> None:
    finished = PoolAzure({"GET /agentPools/mypool": MISSING}).run(wait_for_pool, updated=True)
    assert finished.exit_code == 3
    assert finished.told == [
        "Agent pool 'mypool': not there yet (usually takes about 6 minutes)",
        "Could not find an agent pool named 'mypool' in registry 'myregistry', and none was created within 1 min 1 s.",
        "List the registry's agent pools with: az acr agentpool list -r myregistry -o table",
        "Once it is asked for, wait again with: az acr agentpool wait -r myregistry -n mypool --updated",
    ]


def test_ctrl_c_exits_130() -> None:
    azure = pool_is("Deleting")
    azure.session.clock.at(4, interrupt)
    finished = azure.run(wait_for_pool, deleted=True)
    assert finished.exit_code == 130
    assert finished.told == [
        "Agent pool 'mypool': Deleting (usually takes 1 to 3 minutes)",
        "Interrupted. Whatever is being done to the agent pool goes on.",
        f"{AGAIN} --deleted",
    ]


def test_on_a_terminal_the_line_that_shows_the_state_is_taken_away_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    azure = pool_is("Succeeded")
    azure.session.animated = True
    line = "Agent pool 'mypool': Succeeded, 0 s (usually takes about 6 minutes)"
    assert azure.run(wait_for_pool, updated=True) == Finished(None, 0, "", f"\r{line}\r{' ' * len(line)}\r")
