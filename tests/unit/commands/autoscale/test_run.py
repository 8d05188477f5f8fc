"""`az acr agentpool autoscale run`: what it says and returns, and how it ends, once and for ever."""

from __future__ import annotations

from typing import Any

import pytest
from autoscale_azure import MINUTE, WHERE, AutoscaleAzure, PoolRun
from scripted_arm import arm_error, interrupt
from scripted_transport import Reply

from azext_acrpool.commands.autoscale.run import run_autoscale
from azext_acrpool.scaling.policy import POLICY_TAG
from azext_acrpool.testing import Finished

OUT = "Agent pool 'mypool' is scaled out from 0 to 1 instance: 1 queued run needs 1 instance"
ROLE = (
    "Agent pools, builds and tasks need the role 'Container Registry Tasks Contributor' on the registry. See who has "
    "which with: az role assignment list --include-inherited --scope REGISTRY_ID -o table"
)
LONG_AGO = PoolRun("cf1", -50 * MINUTE, -49 * MINUTE, -45 * MINUTE)
FORBIDDEN = arm_error(403, "AuthorizationFailed", "No 'agentPools/read'.")
UNAVAILABLE = arm_error(503, "ServiceUnavailable", "Later.")


def queued(*run_ids: str, pool: str = "mypool") -> list[PoolRun]:
    return [PoolRun(run_id, -MINUTE, pool=pool) for run_id in run_ids]


def run(azure: AutoscaleAzure, **options: Any) -> Finished:
    return azure.run(run_autoscale, **options)


def test_result_and_line_of_a_pool() -> None:
    azure = AutoscaleAzure(runs=queued("cf2"))
    finished = run(azure)
    assert finished.result == [
        {
            "agentPoolName": "mypool",
            "registryName": "myregistry",
            "action": "scaleOut",
            "count": 0,
            "targetCount": 1,
            "minCount": 0,
            "maxCount": 4,
            "queuedRuns": 1,
            "runningRuns": 0,
            "reason": "1 queued run needs 1 instance",
            "warning": "",
            "whatIf": False,
            "carriedOut": True,
            "wentBackTo": None,
            "evaluatedAt": "2026-03-01T12:00:00+00:00",
            "problem": "",
        }
    ]
    assert (finished.told, finished.exit_code) == ([OUT], 0)
    assert azure.pool.counts == [1]


def test_what_if() -> None:
    azure = AutoscaleAzure(2, runs=[LONG_AGO])
    finished = run(azure, what_if=True)
    assert finished.told == [
        "Agent pool 'mypool' would be scaled in from 2 to 0 instances: nothing was queued or ran for 15 min"
    ]
    (shown,) = finished.result
    assert (shown["action"], shown["targetCount"], shown["whatIf"], shown["carriedOut"]) == ("scaleIn", 0, True, False)
    assert azure.pool.counts == []


@pytest.mark.parametrize(
    ("azure", "told"),
    [
        (
            AutoscaleAzure(),
            "Agent pool 'mypool' stays at 0 instances: nothing is queued or runs, and the minimum of now is 0",
        ),
        (
            AutoscaleAzure(1, runs=[PoolRun("cf1", -9 * MINUTE, -8 * MINUTE, -4 * MINUTE)]),
            "Agent pool 'mypool' stays at 1 instance: idle for 4 min of 15 min",
        ),
    ],
    ids=["empty", "idle for a while"],
)
def test_nothing_to_do(azure: AutoscaleAzure, told: str) -> None:
    finished = run(azure)
    assert (finished.told, finished.exit_code) == ([told], 0)


def test_change_that_was_broken_off_is_asked_for_again() -> None:
    azure = AutoscaleAzure(1, runs=queued("cf2"))
    azure.pool.settled = "Canceled"
    finished = run(azure)
    assert finished.told == [
        "Agent pool 'mypool' is scaled again to 1 instance: its last change was broken off, and 1 run waits"
    ]
    assert azure.pool.counts == [1]


def test_somebody_else_was_quicker() -> None:
    azure = AutoscaleAzure(runs=queued("cf2"))
    azure.pool.before_change = lambda: setattr(azure.pool, "busy_until", azure.clock.time + 60)
    finished = run(azure)
    assert finished.told == [
        "Agent pool 'mypool' is not scaled out from 0 to 1 instance: somebody else is changing it just now"
    ]
    assert finished.exit_code == 0
    assert finished.result[0]["carriedOut"] is False


def test_no_pool_has_a_policy() -> None:
    finished = run(AutoscaleAzure(tags={}))
    assert (finished.result, finished.exit_code) == ([], 0)
    (told,) = finished.told
    assert told == (
        "No agent pool of registry 'myregistry' has an autoscale policy. Give one a policy with: "
        "az acr agentpool autoscale enable -r myregistry -n POOL --max-count N"
    )


def test_named_pool_without_a_policy() -> None:
    finished = run(AutoscaleAzure(tags={}), agent_pool_name="mypool")
    assert finished.exit_code == 1
    assert finished.told == [
        "Agent pool 'mypool' has no autoscale policy.",
        "Give it one with: az acr agentpool autoscale enable -r myregistry -n mypool --max-count N",
    ]


def test_named_pool_that_does_not_exist() -> None:
    finished = run(AutoscaleAzure(), agent_pool_name="other")
    assert finished.exit_code == 3
    assert finished.told == [
        "Could not find an agent pool named 'other' in registry 'myregistry'.",
        "List the registry's agent pools with: az acr agentpool list -r myregistry -o table",
    ]


def test_problem_of_one_pool_fails_the_command_once_the_others_are_done() -> None:
    azure = AutoscaleAzure(tags={POLICY_TAG: "v2; max=4"}, runs=queued("cf2", pool="second"), others=["second"])
    azure.pools[1].tags = {POLICY_TAG: "v1; max=1; min=0"}
    finished = run(azure)
    assert finished.exit_code == 1
    done, failed = finished.told
    assert done == "Agent pool 'second' is scaled out from 0 to 1 instance: 1 queued run needs 1 instance"
    assert failed == (
        "The evaluation of agent pool 'mypool' failed: The policy in the tag acrpool-autoscale is of version v2: it "
        "was written by a newer acrpool: update the extension with az extension update --name acrpool."
    )
    unreadable, second = finished.result
    assert unreadable["problem"].startswith("The policy in the tag acrpool-autoscale is of version v2")
    assert (unreadable["minCount"], unreadable["queuedRuns"], unreadable["evaluatedAt"]) == (None, None, None)
    assert second["carriedOut"] is True


def test_what_helps_is_said_once() -> None:
    azure = AutoscaleAzure(
        runs=queued("cf2") + queued("cf3", pool="second"),
        others=["second"],
        changes={
            "PATCH /agentPools/mypool": arm_error(403, "AuthorizationFailed"),
            "PATCH /agentPools/second": arm_error(403, "AuthorizationFailed"),
        },
    )
    azure.pools[1].tags = {POLICY_TAG: "v1; max=1; min=0"}
    finished = run(azure)
    assert finished.exit_code == 1
    assert finished.told == [
        "The evaluation of agent pool 'mypool' failed: it could not be scaled to 1 instance: (AuthorizationFailed) No.",
        "The evaluation of agent pool 'second' failed: it could not be scaled to 1 instance: (AuthorizationFailed) No.",
        ROLE,
    ]


def test_instances_that_only_a_record_keeps_are_warned_of() -> None:
    azure = AutoscaleAzure(2, tags={POLICY_TAG: "v1; max=4; min=0", "acrpool-restore-count": "0 (raised to 2)"})
    finished = run(azure)
    assert finished.exit_code == 0
    assert finished.told[0] == (
        "Agent pool 'mypool' stays at 2 instances: --ensure-capacity raised it to 2 instances, which it keeps"
    )
    assert finished.told[1].startswith("WARNING: Agent pool 'mypool': It has been idle for 1 h, and only the record")
    assert finished.result[0]["warning"]


def test_six_requests_at_most() -> None:
    azure = AutoscaleAzure(2, runs=[LONG_AGO])
    assert run(azure, resource_group_name=None).exit_code == 0
    assert azure.asked == [
        "GET registries",
        "GET agentPools",
        "GET runs active",
        "GET runs",
        "PATCH agentPools/mypool",
        "GET runs active",
    ]


def test_refused_reading_ends_it() -> None:
    finished = run(AutoscaleAzure(changes={"GET /agentPools": FORBIDDEN}))
    assert finished.exit_code == 1
    assert finished.told[0] == "(AuthorizationFailed) No 'agentPools/read'."
    assert finished.result is None


def test_two_evaluators_at_once_change_it_once() -> None:
    azure = AutoscaleAzure(runs=queued("cf2"))

    def other_evaluator() -> None:
        azure.pool.before_change = lambda: None
        assert azure.open_session().run(run_autoscale, **WHERE).told == [OUT]

    azure.pool.before_change = other_evaluator
    assert run(azure).exit_code == 0
    assert azure.pool.counts == [1]


class TestForEver:
    """`--loop`."""

    def loop(self, azure: AutoscaleAzure, minutes: float, **options: Any) -> Finished:
        azure.clock.at(minutes * MINUTE, interrupt)
        return run(azure, loop=True, **options)

    def test_pool_grows_and_goes_and_each_state_is_told_once(self) -> None:
        azure = AutoscaleAzure(tags={POLICY_TAG: "v1; max=4; min=0; idle=5m"})
        azure.runs = [PoolRun("cf2", 3.5 * MINUTE, 10 * MINUTE, 12 * MINUTE)]
        finished = self.loop(azure, 40)
        assert (finished.exit_code, finished.result) == (130, None)
        assert finished.told == [
            "Agent pool 'mypool' stays at 0 instances: nothing is queued or runs, and the minimum of now is 0",
            OUT,
            "Agent pool 'mypool' stays at 1 instance: it is being changed",
            "Agent pool 'mypool' stays at 1 instance: 1 queued run needs 1 instance",
            "Agent pool 'mypool' stays at 1 instance: 1 running run needs 1 instance",
            "Agent pool 'mypool' stays at 1 instance: idle for 0 s of 5 min",
            "Agent pool 'mypool' is scaled in from 1 to 0 instances: nothing was queued or ran for 5 min",
            "Agent pool 'mypool' stays at 0 instances: it is being changed",
            "Agent pool 'mypool' stays at 0 instances: nothing is queued or runs, and the minimum of now is 0",
            "Interrupted.",
        ]
        assert azure.pool.counts == [1, 0]

    def test_registry_is_looked_up_once_and_pools_every_interval(self) -> None:
        azure = AutoscaleAzure()
        self.loop(azure, 10, interval=100, resource_group_name=None)
        assert azure.asked == ["GET registries", *["GET agentPools", "GET runs active"] * 6]
        assert set(azure.clock.sleeps) == {100}

    @pytest.mark.parametrize("interval", [-1, 9, 86401, 10**11])
    def test_interval_that_is_too_short_or_too_long(self, interval: int) -> None:
        azure = AutoscaleAzure()
        finished = run(azure, loop=True, interval=interval)
        assert (finished.exit_code, azure.asked) == (2, [])
        assert finished.told == ["--interval must be a number of seconds from 10 to 86400."]

    def test_interval_of_a_single_evaluation(self) -> None:
        azure = AutoscaleAzure()
        finished = run(azure, interval=30)
        assert (finished.exit_code, azure.asked) == (2, [])
        assert finished.told == ["--interval needs --loop: without it, there is one evaluation."]

    def test_what_may_pass_is_told_once_and_borne(self) -> None:
        azure = AutoscaleAzure(runs=queued("cf2"))
        azure.runs_reply = UNAVAILABLE
        azure.clock.at(5 * MINUTE, lambda: setattr(azure, "runs_reply", None))
        finished = self.loop(azure, 6)
        assert finished.told == [
            "WARNING: Nothing could be evaluated, which is tried again: Later.",
            OUT,
            "Interrupted.",
        ]

    def test_service_that_wants_to_be_left_alone_is(self) -> None:
        azure = AutoscaleAzure()
        azure.runs_reply = arm_error(429, "TooManyRequests", Retry_After="600")
        self.loop(azure, 20)
        assert azure.clock.sleeps == [60, 600, 60, 600]

    def test_what_is_refused_from_the_first_on_ends_it(self) -> None:
        azure = AutoscaleAzure(changes={"GET /agentPools": FORBIDDEN})
        finished = self.loop(azure, 6)
        assert finished.exit_code == 1
        assert finished.told[0] == "(AuthorizationFailed) No 'agentPools/read'."

    def test_what_is_refused_later_is_told_once_and_borne(self) -> None:
        azure = AutoscaleAzure()
        azure.clock.at(2 * MINUTE, lambda: setattr(azure, "runs_reply", FORBIDDEN))
        finished = self.loop(azure, 6)
        assert finished.told[1:] == [
            "WARNING: Nothing could be evaluated, which is tried again: No 'agentPools/read'.",
            "Interrupted.",
        ]

    def test_pool_that_is_deleted_meanwhile_ends_it(self) -> None:
        azure = AutoscaleAzure()
        azure.clock.at(2 * MINUTE, azure.pools.clear)
        assert self.loop(azure, 6, agent_pool_name="mypool").exit_code == 3

    def test_registry_that_is_deleted_meanwhile_ends_it(self) -> None:
        missing = arm_error(404, "ResourceNotFound", "The Resource 'registries/myregistry' was not found.")
        azure = AutoscaleAzure(changes={"GET /agentPools": [Reply(200, {"value": []}), missing]})
        assert self.loop(azure, 6).exit_code == 3

    def test_problem_of_a_pool_is_told_once_and_the_others_go_on(self) -> None:
        azure = AutoscaleAzure(tags={POLICY_TAG: "v1; max=many"}, others=["second"])
        azure.pools[1].tags = {POLICY_TAG: "v1; max=1; min=0"}
        azure.runs = [PoolRun("cf2", 3 * MINUTE, pool="second")]
        problem, stays, grows, *_ = self.loop(azure, 5).told
        assert problem.startswith("WARNING: The evaluation of agent pool 'mypool' failed: max=many in the tag")
        assert stays.startswith("Agent pool 'second' stays at 0 instances")
        assert grows.startswith("Agent pool 'second' is scaled out from 0 to 1 instance")

    def test_advice_is_a_sentence_of_its_own(self) -> None:
        azure = AutoscaleAzure()
        azure.pool.settled = "Failed"
        (told, *_) = self.loop(azure, 5).told
        assert told.startswith("WARNING: The evaluation of agent pool 'mypool' failed: it is in state Failed")
        assert ". A Failed pool cannot be changed" in told

    def test_policies_may_come_and_go(self) -> None:
        azure = AutoscaleAzure(tags={}, runs=queued("cf2"))
        azure.clock.at(3 * MINUTE, lambda: azure.pool.tags.update({POLICY_TAG: "v1; max=1; min=0"}))
        none, grows, *_ = self.loop(azure, 5).told
        assert none.startswith("No agent pool of registry 'myregistry' has an autoscale policy.")
        assert grows == OUT
