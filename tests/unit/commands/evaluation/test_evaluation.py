"""Evaluations: what is asked for, in how many requests, and what comes of it whatever the service answers."""

from __future__ import annotations

import signal
from io import StringIO
from typing import Any

import pytest
from autoscale_azure import MINUTE, AutoscaleAzure, PoolRun
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from scripted_arm import REGISTRY, arm_error, interrupt

from azext_acrpool.client.errors import ForbiddenError, PoolNotFoundError
from azext_acrpool.commands.evaluation.evaluation import Evaluation, evaluate, scale_out
from azext_acrpool.scaling.policy import POLICY_TAG

LOST = ServiceResponseError("reset")
LONG_AGO = PoolRun("cf1", -50 * MINUTE, -49 * MINUTE, -45 * MINUTE)
ROLE = (
    "Agent pools, builds and tasks need the role 'Container Registry Tasks Contributor' on the registry. See who has "
    "which with: az role assignment list --include-inherited --scope REGISTRY_ID -o table"
)
PATCH = "PATCH agentPools/mypool"
POOLS, ACTIVE, NEWEST = "GET agentPools", "GET runs active", "GET runs"


def queued(*run_ids: str, pool: str = "mypool") -> list[PoolRun]:
    return [PoolRun(run_id, -MINUTE, pool=pool) for run_id in run_ids]


def running(*run_ids: str) -> list[PoolRun]:
    return [PoolRun(run_id, -3 * MINUTE, -2 * MINUTE) for run_id in run_ids]


class Evaluated:
    """What came of evaluating all policies, and what was told meanwhile."""

    def __init__(self, azure: AutoscaleAzure, *names: str, what_if: bool = False) -> None:
        self._stderr = StringIO()
        self.evaluations: list[Evaluation] = []
        session = azure.session.open(StringIO(), self._stderr)
        with session.interrupts:
            try:
                self.evaluations = evaluate(session, REGISTRY, names, what_if=what_if)
            except KeyboardInterrupt:
                self.was_interrupted = True
            else:
                self.was_interrupted = False

    @property
    def told(self) -> list[str]:
        return self._stderr.getvalue().splitlines()

    @property
    def only(self) -> Evaluation:
        (evaluation,) = self.evaluations
        return evaluation


def wanted(evaluation: Evaluation) -> tuple[str, int]:
    assert evaluation.decision is not None
    return evaluation.action.value, evaluation.decision.count


@pytest.mark.parametrize(
    ("azure", "decided", "asked"),
    [
        (AutoscaleAzure(), ("none", 0), [POOLS, ACTIVE]),
        (AutoscaleAzure(runs=queued("cf2")), ("scaleOut", 1), [POOLS, ACTIVE, PATCH]),
        (AutoscaleAzure(1, runs=running("cf2")), ("none", 1), [POOLS, ACTIVE]),
        (AutoscaleAzure(1, runs=running("cf2") + queued("cf3")), ("scaleOut", 2), [POOLS, ACTIVE, NEWEST, PATCH]),
        (AutoscaleAzure(4, runs=queued("cf2", "cf3", "cf4", "cf5", "cf6")), ("none", 4), [POOLS, ACTIVE]),
        (AutoscaleAzure(2, runs=running("cf2")), ("none", 2), [POOLS, ACTIVE]),
        (AutoscaleAzure(2, runs=[LONG_AGO]), ("scaleIn", 0), [POOLS, ACTIVE, NEWEST, PATCH, ACTIVE]),
        (
            AutoscaleAzure(2, runs=[PoolRun("cf1", -9 * MINUTE, -8 * MINUTE, -MINUTE)]),
            ("none", 2),
            [POOLS, ACTIVE, NEWEST],
        ),
        (AutoscaleAzure(tags={POLICY_TAG: "v1; max=4; min=1"}), ("scaleOut", 1), [POOLS, ACTIVE, PATCH]),
        (AutoscaleAzure(runs=queued("cf2", pool="MyPool")), ("scaleOut", 1), [POOLS, ACTIVE, PATCH]),
        (AutoscaleAzure(runs=queued("cf2", pool="other")), ("none", 0), [POOLS, ACTIVE]),
        (AutoscaleAzure(tags={"team": "a"}), None, [POOLS]),
    ],
    ids=[
        "empty and idle",
        "empty, and a run waits",
        "as many as needed",
        "one more",
        "at the maximum",
        "more than needed",
        "idle for long",
        "idle for a minute",
        "below the minimum",
        "a run's own spelling",
        "another pool's run",
        "no policy",
    ],
)
def test_what_is_asked_for(azure: AutoscaleAzure, decided: tuple[str, int] | None, asked: list[str]) -> None:
    evaluations = Evaluated(azure).evaluations
    assert [wanted(each) for each in evaluations] == ([decided] if decided else [])
    assert azure.asked == asked
    assert len(asked) <= 5, "finding the registry comes on top"
    assert azure.pool.counts == ([decided[1]] if PATCH in asked and decided else [])
    assert [each.is_carried_out for each in evaluations] == ([PATCH in asked] if decided else [])
    assert not any(each.problem for each in evaluations)


def test_tags_are_left_alone() -> None:
    azure = AutoscaleAzure(runs=queued("cf2"))
    Evaluated(azure)
    assert azure.pool.changes == [(1, None)]


def test_what_if_changes_nothing() -> None:
    azure = AutoscaleAzure(runs=queued("cf2"))
    evaluation = Evaluated(azure, what_if=True).only
    assert (wanted(evaluation), evaluation.is_carried_out, azure.pool.counts) == (("scaleOut", 1), False, [])


def test_runs_are_read_once_for_all_pools() -> None:
    azure = AutoscaleAzure(runs=queued("cf2") + queued("cf3", pool="second"), others=["second"])
    azure.pools[1].tags = {POLICY_TAG: "v1; max=1; min=0"}
    assert [wanted(each) for each in Evaluated(azure).evaluations] == [("scaleOut", 1), ("scaleOut", 1)]
    assert azure.asked == [POOLS, ACTIVE, PATCH, "PATCH agentPools/second"]


def test_named_pools_only() -> None:
    azure = AutoscaleAzure(runs=queued("cf2") + queued("cf3", pool="second"), others=["second"])
    azure.pools[1].tags = {POLICY_TAG: "v1; max=1; min=0"}
    assert Evaluated(azure, "SECOND").only.pool.name == "second"
    assert azure.pool.counts == []


def test_pools_share_the_quota() -> None:
    """16 vCPUs are eight instances: what one is given is not there for the next."""
    runs = [*queued(*(f"a{n}" for n in range(9))), *queued(*(f"b{n}" for n in range(9)), pool="second")]
    azure = AutoscaleAzure(tags={POLICY_TAG: "v1; max=5; min=0"}, runs=runs, others=["second"])
    azure.pools[1].tags = {POLICY_TAG: "v1; max=9; min=0"}
    assert [wanted(each) for each in Evaluated(azure).evaluations] == [("scaleOut", 5), ("scaleOut", 3)]


@pytest.mark.parametrize(
    ("policy", "others", "count"),
    [
        ("v1; max=20; min=0; quota=32", 0, 16),
        ("v1; max=20; min=0; quota=8", 0, 4),
        ("v1; max=20; min=0", 0, 8),
        # The others alone show that the registry has more than the default.
        ("v1; max=20; min=0", 9, 20),
        ("v1; max=20; min=0; quota=32", 9, 7),
    ],
)
def test_quota_is_the_policys_or_the_default_unless_it_shows_that_it_was_raised(
    policy: str, others: int, count: int
) -> None:
    azure = AutoscaleAzure(tags={POLICY_TAG: policy}, runs=queued(*(f"cf{n}" for n in range(30))), others=["second"])
    azure.pools[1].count = others
    assert wanted(Evaluated(azure).only) == ("scaleOut", count)


def test_policy_that_cannot_be_read_does_not_keep_others_from_being_evaluated() -> None:
    azure = AutoscaleAzure(tags={POLICY_TAG: "v2; max=4"}, runs=queued("cf2", pool="second"), others=["second"])
    azure.pools[1].tags = {POLICY_TAG: "v1; max=1; min=0"}
    unreadable, evaluation = Evaluated(azure).evaluations
    assert "was written by a newer acrpool: update the extension with az extension update" in unreadable.problem
    assert (unreadable.policy, unreadable.decision, azure.pool.counts) == (None, None, [])
    assert evaluation.is_carried_out


def test_failed_pool_is_a_problem() -> None:
    azure = AutoscaleAzure(runs=queued("cf2"))
    azure.pool.settled = "Failed"
    evaluation = Evaluated(azure).only
    assert "it is in state Failed and cannot be changed" in evaluation.problem
    (advice,) = evaluation.advice
    assert advice == (
        "A Failed pool cannot be changed: delete it with `az acr agentpool delete -r myregistry -n mypool` and create "
        "it again."
    )
    assert azure.asked == [POOLS, ACTIVE]


def test_pool_that_is_being_changed_is_left_alone() -> None:
    azure = AutoscaleAzure(runs=queued("cf2"))
    azure.pool.busy_until = 60.0
    evaluation = Evaluated(azure).only
    assert (wanted(evaluation), evaluation.problem) == (("none", 0), "")


def test_refusal_for_what_somebody_else_does_is_no_problem() -> None:
    azure = AutoscaleAzure(runs=queued("cf2"))
    azure.pool.before_change = lambda: setattr(azure.pool, "busy_until", azure.clock.time + 60)
    evaluation = Evaluated(azure).only
    assert (evaluation.is_carried_out, evaluation.is_contested, evaluation.problem) == (False, True, "")
    assert azure.asked == [POOLS, ACTIVE, PATCH]


def test_lost_reply_to_a_change_that_was_made() -> None:
    azure = AutoscaleAzure(runs=queued("cf2"))
    azure.lose_first_patch(is_made=True)
    evaluation = Evaluated(azure).only
    assert (evaluation.is_carried_out, evaluation.problem, azure.pool.counts) == (True, "", [1])


def test_lost_reply_to_a_change_that_was_not_made_is_asked_for_again() -> None:
    azure = AutoscaleAzure(runs=queued("cf2"))
    azure.lose_first_patch(is_made=False)
    evaluation = Evaluated(azure).only
    assert (evaluation.is_carried_out, evaluation.problem, azure.pool.counts) == (True, "", [1])


def test_change_of_which_nothing_is_known() -> None:
    azure = AutoscaleAzure(
        runs=queued("cf2"), changes={"PATCH /agentPools/mypool": LOST, "GET /agentPools/mypool": LOST}
    )
    evaluation = Evaluated(azure).only
    assert evaluation.problem == (
        "it may be scaled to 1 instance: the service was asked, but did not say (reset), and what is there now could "
        "not be read: reset"
    )
    assert evaluation.advice == ("See whether it is with: az acr agentpool show -r myregistry -n mypool",)


@pytest.mark.parametrize(
    ("reply", "problem", "advice"),
    [
        (
            arm_error(403, "AuthorizationFailed", "No 'agentPools/write'."),
            "it could not be scaled to 1 instance: (AuthorizationFailed) No 'agentPools/write'.",
            ROLE,
        ),
        (
            arm_error(400, "QuotaExceeded", "Too many."),
            "it could not be scaled to 1 instance: (QuotaExceeded) Too many.",
            "Ask for fewer instances or a smaller tier, or have the registry's quota raised.",
        ),
        (
            ServiceRequestError("refused"),
            "it could not be scaled to 1 instance: refused",
            "Check the network and any proxy, then try again.",
        ),
    ],
    ids=["permission", "quota", "no connection"],
)
def test_refused_change_is_a_problem_of_that_pool(reply: Any, problem: str, advice: str) -> None:
    azure = AutoscaleAzure(runs=queued("cf2"), changes={"PATCH /agentPools/mypool": reply})
    evaluation = Evaluated(azure).only
    assert (evaluation.problem, evaluation.advice) == (problem, (advice,))
    assert not evaluation.is_carried_out


def test_what_cannot_be_read_changes_nothing() -> None:
    azure = AutoscaleAzure(runs=queued("cf2"), changes={"GET /runs": arm_error(403, "AuthorizationFailed")})
    with pytest.raises(ForbiddenError):
        Evaluated(azure)
    assert azure.pool.counts == []


def test_what_was_read_too_long_ago_takes_no_instance_away() -> None:
    """A machine that slept, or a network that kept it waiting: meanwhile a run may have come and got an agent."""
    azure = AutoscaleAzure(1, runs=[LONG_AGO, *running("cf2"), *queued("cf3")], others=["second"])
    azure.pools[1].count, azure.pools[1].tags = 2, {POLICY_TAG: "v1; max=4; min=0"}
    azure.pool.before_change = lambda: azure.clock.sleep(100)
    grown, stale = Evaluated(azure).evaluations
    assert grown.is_carried_out
    assert stale.problem == "what was read of its runs is 1 min 40 s old, too old to scale it in"
    assert azure.pools[1].counts == []


def test_what_was_read_too_long_ago_lets_no_pool_grow() -> None:
    """Meanwhile it may have grown beyond that, and would be scaled in."""
    azure = AutoscaleAzure(1, runs=[*running("cf1"), *queued("cf2"), *queued("cf3", pool="second")], others=["second"])
    azure.pools[1].count, azure.pools[1].tags = 0, {POLICY_TAG: "v1; max=4; min=0"}
    azure.pool.before_change = lambda: azure.clock.sleep(300)
    grown, stale = Evaluated(azure).evaluations
    assert grown.is_carried_out
    assert stale.problem == "what was read of its runs is 5 min 0 s old, too old to scale it out"
    assert azure.pools[1].counts == []


@pytest.mark.parametrize(
    "reply",
    [arm_error(503, "ServiceUnavailable", "Later."), arm_error(429, "TooManyRequests", "Later.")],
    ids=["unavailable", "throttled"],
)
def test_what_takes_instances_away_is_asked_for_once(reply: Any) -> None:
    """In a pause before a second try, a run may begin."""
    azure = AutoscaleAzure(2, runs=[LONG_AGO], changes={"PATCH /agentPools/mypool": reply})
    evaluation = Evaluated(azure).only
    assert evaluation.problem.startswith("it could not be scaled to 0 instances: ")
    assert azure.asked.count(PATCH) == 1
    assert azure.clock.sleeps == []


def test_lost_reply_to_a_scaling_in_that_was_made() -> None:
    azure = AutoscaleAzure(2, runs=[LONG_AGO])
    azure.lose_first_patch(is_made=True)
    evaluation = Evaluated(azure).only
    assert (evaluation.is_carried_out, evaluation.problem, azure.pool.counts) == (True, "", [0])
    assert azure.asked[-3:] == [PATCH, "GET agentPools/mypool", ACTIVE]


def test_newest_runs_that_do_not_reach_back_far_enough_are_a_problem() -> None:
    azure = AutoscaleAzure(2, runs=[PoolRun(f"cf{n}", -n, -n, -n, pool="other") for n in range(1, 30)], page_size=10)
    assert "the registry's newest runs reach back 10 s only" in Evaluated(azure).only.problem
    assert azure.pool.counts == []


class TestMoreThatHaveNotEndedThanAPageShows:
    def test_known_ones_are_a_demand_at_least(self) -> None:
        azure = AutoscaleAzure(runs=queued(*(f"cf{n}" for n in range(20))), page_size=3)
        assert wanted(Evaluated(azure).only) == ("scaleOut", 3)

    def test_others_may_be_there_for_a_pool_that_could_grow(self) -> None:
        runs = [PoolRun(f"cf{n}", -n, pool="other") for n in range(20)]
        azure = AutoscaleAzure(1, {POLICY_TAG: "v1; max=4; min=1"}, runs, page_size=3)
        problem = "more runs of the registry have not ended than one page of their list shows"
        assert Evaluated(azure).only.problem == problem
        assert azure.pool.counts == []

    @pytest.mark.parametrize("policy", ["v1; max=4; min=0", "v1; max=9; min=0; quota=8"])
    def test_pool_that_has_all_it_may_have_needs_no_other(self, policy: str) -> None:
        azure = AutoscaleAzure(4, {POLICY_TAG: policy}, queued(*(f"cf{n}" for n in range(20))), page_size=6)
        assert Evaluated(azure).only.problem == ""


def test_service_that_filters_by_one_status_only() -> None:
    azure = AutoscaleAzure(1, runs=running("cf1") + queued("cf2"), refuses_or=True)
    assert wanted(Evaluated(azure).only) == ("scaleOut", 2)
    assert azure.asked == [POOLS, *[ACTIVE] * 4, NEWEST, PATCH]


class TestRunThatComesWhileThePoolIsScaledIn:
    @pytest.fixture
    def azure(self) -> AutoscaleAzure:
        azure = AutoscaleAzure(2, runs=[LONG_AGO])

        def come() -> None:
            azure.pool.after_change = lambda: None
            azure.runs.append(PoolRun("cf2", azure.clock.time))

        azure.pool.after_change = come
        return azure

    def test_pool_goes_back_as_far_as_needed(self, azure: AutoscaleAzure) -> None:
        evaluated = Evaluated(azure)
        assert azure.pool.counts == [0, 1]
        assert (evaluated.only.went_back_to, evaluated.only.problem) == (1, "")
        assert evaluated.told == [
            "Agent pool 'mypool' is scaled in to 0 instances, but runs came meanwhile: then it goes back to 1 instance",
            "Agent pool 'mypool': Updating (usually takes about 6 minutes)",
            "Agent pool 'mypool': Succeeded after 5 min 7 s",
        ]
        # Following the operation to its end is its own.
        assert [what for what in azure.asked if what != "GET agentPools/mypool"] == [
            POOLS,
            ACTIVE,
            NEWEST,
            PATCH,
            ACTIVE,
            ACTIVE,
            PATCH,
        ]

    def test_instances_that_are_left_may_do(self, azure: AutoscaleAzure) -> None:
        azure.pool.tags = {POLICY_TAG: "v1; max=4; min=1"}
        evaluated = Evaluated(azure)
        assert (azure.pool.counts, evaluated.only.went_back_to, evaluated.told) == ([1], None, [])

    def test_run_that_ended_before_needs_nothing(self, azure: AutoscaleAzure) -> None:
        azure.clock.at(200, lambda: setattr(azure.runs[-1], "started", 100.0))
        azure.clock.at(201, lambda: setattr(azure.runs[-1], "ended", 190.0))
        evaluated = Evaluated(azure)
        assert (azure.pool.counts, evaluated.only.went_back_to, evaluated.only.problem) == ([0], None, "")

    def test_scaling_in_that_fails_is_a_problem(self, azure: AutoscaleAzure) -> None:
        azure.clock.at(200, lambda: setattr(azure.pool, "settled", "Failed"))
        evaluated = Evaluated(azure)
        assert evaluated.only.problem.startswith("it was scaled in while runs came, and did not go back to 1 instance:")
        assert evaluated.only.is_carried_out

    def test_interruption_meanwhile_tells_what_is_left_to_do(self, azure: AutoscaleAzure) -> None:
        azure.clock.at(100, interrupt)
        evaluated = Evaluated(azure)
        assert evaluated.was_interrupted
        assert evaluated.told[-1] == (
            "WARNING: Agent pool 'mypool' was scaled in to 0 instances when runs came, which need 1 instance. The next "
            "evaluation sees to it; or type: az acr agentpool update -r myregistry -n mypool --count 1"
        )

    def test_interruption_of_the_change_is_put_off_until_it_is_known_what_waits(self, azure: AutoscaleAzure) -> None:
        come = azure.pool.after_change

        def come_and_interrupt() -> None:
            come()
            signal.raise_signal(signal.SIGINT)

        azure.pool.after_change = come_and_interrupt
        evaluated = Evaluated(azure)
        assert evaluated.was_interrupted
        assert evaluated.told[0] == (
            "Agent pool 'mypool' is scaled in from 2 to 0 instances: nothing was queued or ran for 15 min"
        )
        assert evaluated.told[1].startswith("WARNING: Agent pool 'mypool' was scaled in to 0 instances when runs came")
        assert azure.asked[-1] == ACTIVE

    def test_look_that_fails_is_a_problem(self, azure: AutoscaleAzure) -> None:
        azure.pool.after_change = lambda: setattr(azure, "runs_reply", arm_error(403, "AuthorizationFailed"))
        evaluated = Evaluated(azure)
        assert evaluated.only.problem == (
            "it is scaled in, and whether a run came meanwhile could not be read: (AuthorizationFailed) No."
        )


class TestForARun:
    """`scale_out`, which a build calls once its run is queued."""

    def call(self, azure: AutoscaleAzure, **known: Any) -> Evaluation | None:
        session = azure.session.open(StringIO(), StringIO())
        with session.interrupts:
            return scale_out(session, REGISTRY, "MyPool", **known)

    def test_pool_grows(self) -> None:
        azure = AutoscaleAzure(runs=queued("cf2"))
        evaluation = self.call(azure)
        assert evaluation is not None
        assert evaluation.is_carried_out
        assert azure.asked == [POOLS, ACTIVE, PATCH]

    def test_run_that_the_list_does_not_show_yet_counts(self) -> None:
        from azure.mgmt.containerregistrytasks.models import Run

        azure = AutoscaleAzure()
        run = Run({"properties": {"runId": "cf2", "status": "Queued", "agentPoolName": "mypool"}})
        self.call(azure, run=run)
        assert azure.pool.counts == [1]

    def test_pool_is_never_scaled_in(self) -> None:
        azure = AutoscaleAzure(2, runs=[LONG_AGO])
        evaluation = self.call(azure)
        assert evaluation is not None
        assert (evaluation.action.value, evaluation.is_carried_out, azure.pool.counts) == ("scaleIn", False, [])

    def test_one_request_for_a_pool_without_policy(self) -> None:
        azure = AutoscaleAzure(tags={})
        assert self.call(azure) is None
        assert azure.asked == [POOLS]

    def test_policy_that_cannot_be_read_is_told(self) -> None:
        evaluation = self.call(AutoscaleAzure(tags={POLICY_TAG: "v1; max=many"}))
        assert evaluation is not None
        assert "max=many" in evaluation.problem

    def test_pool_that_does_not_exist(self) -> None:
        azure = AutoscaleAzure()
        azure.pools.clear()
        with pytest.raises(PoolNotFoundError):
            self.call(azure)
