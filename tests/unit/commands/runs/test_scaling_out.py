"""Runs that are sent to a pool with an autoscale policy, which is scaled out for them."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import pytest
from pool_fakes import SCALING_SECONDS
from run_azure import LOST, Azure
from run_fakes import make_run
from scripted_arm import REGISTRY, arm_error
from scripted_transport import Reply

from azext_acrpool.commands.runs.ending import FollowedRun
from azext_acrpool.commands.runs.pool import RunPool
from azext_acrpool.commands.runs.run import run
from azext_acrpool.commands.runs.scaling_out import ScalingOut
from azext_acrpool.pool import Pool

POLICY = {"acrpool-autoscale": "v1; max=4; min=0"}
QUEUED = "WARNING: Queued a build with ID: cf1"
GOES_TO_EMPTY = "Run cf1 goes to agent pool mypool (0 instances)"
ONE_NEEDS = "1 queued run needs 1 instance"
USUAL = "(by its autoscale policy; usually takes about 6 minutes)"
SCALED_OUT = f"Agent pool 'mypool' is scaled out from 0 to 1 instance: {ONE_NEEDS} {USUAL}"
NOT_SCALED_OUT = "Agent pool 'mypool' is not scaled out by its autoscale policy:"
EVALUATE = "Evaluate its policy again with: az acr agentpool autoscale run -r myregistry -n mypool"
WRITE = "Microsoft.ContainerRegistry/registries/agentPools/write"
MAY_NOT = arm_error(403, "AuthorizationFailed", f"You may not do {WRITE}.")


@pytest.fixture
def azure() -> Azure:
    """Azure where `mypool` has a policy and is empty, and `cf1` is taken as soon as there is an instance."""
    azure = Azure({"mypool": 0})
    azure.pool.tags = dict(POLICY)
    azure.never_starts()

    def start() -> None:
        begin = azure.clock.time + SCALING_SECONDS
        azure.run.statuses = [(0, "Queued"), (begin, "Running"), (begin + 20, "Succeeded")]
        azure.run.log, azure.run.complete_at = [(begin + 1, b"Step 1\r\n")], begin + 20

    azure.pool.after_change = start
    return azure


def scaling(told: list[str]) -> list[str]:
    """What was told of the pool's size."""
    return [line for line in told if "scaled" in line]


def test_an_empty_pool_is_scaled_out_for_a_build(azure: Azure, context: str) -> None:
    finished = azure.build(context, agent_pool_name="mypool")
    assert (finished.exit_code, finished.stdout) == (0, "Step 1\n")
    assert finished.told[1:3] == [QUEUED, GOES_TO_EMPTY]
    assert scaling(finished.told) == [SCALED_OUT]
    assert azure.pool.changes == [(1, None)]


def test_builds_of_a_matrix_are_counted_together(azure: Azure) -> None:
    azure.clock.at(6.0, lambda: azure.others.update(cf2="Queued", cf3="Queued"))
    finished = azure.build(agent_pool_name="mypool")
    needed = f"3 queued runs need 3 instances {USUAL}"
    assert scaling(finished.told) == [f"Agent pool 'mypool' is scaled out from 0 to 3 instances: {needed}"]
    assert azure.pool.changes == [(3, None)]


def test_a_build_that_nobody_follows_asks_once(azure: Azure) -> None:
    finished = azure.build(agent_pool_name="mypool", no_wait=True)
    assert (finished.exit_code, finished.result.run_id) == (0, "cf1")
    assert finished.told == [QUEUED, GOES_TO_EMPTY, SCALED_OUT]
    assert azure.asked[2:] == ["POST /scheduleRun", "GET /agentPools", "GET /runs", "PATCH /agentPools/mypool"]


def test_so_is_it_for_a_run(azure: Azure) -> None:
    finished = azure.call(run, cmd_value="bash", agent_pool_name="mypool", no_wait=True)
    assert finished.told == ["WARNING: Queued a run with ID: cf1", GOES_TO_EMPTY, SCALED_OUT]


def test_nothing_is_asked_about_a_pool_without_a_policy(azure: Azure) -> None:
    azure.pool.count, azure.pool.tags = 1, {"team": "build"}
    azure.build(agent_pool_name="mypool", no_wait=True)
    assert azure.asked == ["GET /", "GET /agentPools/mypool", "POST /scheduleRun"]


def test_nothing_is_sent_in_a_dry_run(azure: Azure, context: str) -> None:
    assert azure.build(context, agent_pool_name="mypool", dry_run=True).exit_code == 0
    assert azure.asked == []


def test_a_run_that_finds_an_idle_instance_needs_none(azure: Azure) -> None:
    azure.pool.count = 1
    azure.run.statuses = [(0, "Queued"), (1, "Running"), (20, "Succeeded")]
    finished = azure.build(agent_pool_name="mypool")
    assert finished.exit_code == 0
    assert "GET /agentPools" not in azure.asked


def test_a_run_that_waits_for_busy_instances_gets_one(azure: Azure) -> None:
    azure.pool.count = 2
    azure.others = {"cf8": "Running", "cf9": "Running"}
    finished = azure.build(agent_pool_name="mypool")
    assert scaling(finished.told) == [
        f"Agent pool 'mypool' is scaled out from 2 to 3 instances: 1 queued and 2 running runs need 3 instances {USUAL}"
    ]
    assert azure.pool.changes == [(3, None)]


def test_a_pool_that_has_all_that_its_policy_allows_is_left_alone(azure: Azure) -> None:
    azure.pool.count = 4
    azure.others = {f"cf{number}": "Running" for number in range(2, 6)}
    finished = azure.build(agent_pool_name="mypool", no_wait=True)
    assert finished.told == [QUEUED, "Run cf1 goes to agent pool mypool (4 instances)"]
    assert azure.pool.changes == []


def test_why_a_pool_is_not_scaled_out_is_told_of_a_run_that_waits(azure: Azure) -> None:
    azure.pool.count = 8
    azure.pool.tags = {"acrpool-autoscale": "v1; max=12; min=0"}
    azure.others = {f"cf{number}": "Running" for number in range(2, 10)}
    azure.run.statuses = [(0, "Queued"), (150, "Running"), (170, "Succeeded")]
    finished = azure.build(agent_pool_name="mypool")
    (told,) = (line for line in finished.told if "has waited" in line)
    assert told.endswith(
        "Its autoscale policy allows 12: 1 queued and 8 running runs need 9 instances, the vCPU quota has room for 8."
    )


def test_what_is_refused_because_the_pool_is_scaled_in_just_then_is_asked_for_again(azure: Azure) -> None:
    azure.pool.busy_until = 130.0
    finished = azure.build(agent_pool_name="mypool")
    assert scaling(finished.told) == [
        (
            "Run cf1 has waited 30 s for an agent. Agent pool 'mypool' has no instances yet: an evaluation of its"
            " autoscale policy may scale it out once it has been scaled in, which usually takes about 6 minutes. See it"
            " with: az acr agentpool autoscale show -r myregistry -n mypool"
        ),
        SCALED_OUT,
    ]
    assert 130 < azure.run.statuses[1][0] - SCALING_SECONDS < 200


def test_who_does_not_follow_the_run_is_told_what_could_not_be_done(azure: Azure) -> None:
    azure.pool.busy_until = 130.0
    finished = azure.build(agent_pool_name="mypool", no_wait=True)
    assert (finished.exit_code, finished.told[-1]) == (0, f"{NOT_SCALED_OUT} it is being changed. {EVALUATE}")


def test_so_is_whom_somebody_else_was_quicker_than(azure: Azure) -> None:
    azure.replies["PATCH /agentPools/mypool"] = arm_error(409, "Conflict")
    finished = azure.build(agent_pool_name="mypool", no_wait=True)
    assert (finished.exit_code, finished.told[-1]) == (0, f"{NOT_SCALED_OUT} somebody else is changing it. {EVALUATE}")


def test_a_reply_that_is_lost_is_asked_for_again(azure: Azure) -> None:
    azure.replies["PATCH /agentPools/mypool"] = LOST
    azure.clock.at(130.0, azure.replies.clear)
    finished = azure.build(agent_pool_name="mypool")
    assert finished.exit_code == 0
    assert scaling(finished.told)[-1] == SCALED_OUT


@pytest.mark.parametrize("no_wait", [False, True])
@pytest.mark.parametrize("route", ["GET /agentPools", "GET /runs", "PATCH /agentPools/mypool"])
def test_whoever_may_not_do_it_is_told_so_once_and_the_run_goes_on(azure: Azure, route: str, no_wait: bool) -> None:
    azure.replies[route] = MAY_NOT
    azure.run.statuses = [(0, "Queued"), (150, "Running"), (170, "Succeeded")]
    finished = azure.build(agent_pool_name="mypool", no_wait=no_wait)
    assert finished.exit_code == 0
    (told,) = (line for line in finished.told if line.startswith(NOT_SCALED_OUT))
    assert f"You may not do {WRITE}." in told


def test_a_policy_that_cannot_be_read_stops_no_run_on_instances_that_are_there(azure: Azure) -> None:
    azure.pool.count, azure.pool.tags = 1, {"acrpool-autoscale": "v2; max=4"}
    finished = azure.build(agent_pool_name="mypool", no_wait=True)
    assert finished.exit_code == 0
    assert finished.told[-1] == (
        f"{NOT_SCALED_OUT} The policy in the tag acrpool-autoscale is of version v2: it was written by a newer acrpool:"
        " update the extension with az extension update --name acrpool."
    )


@pytest.mark.parametrize("policy", [POLICY, {}], ids=["a policy", "none"])
def test_a_pool_that_could_not_be_read_may_have_a_policy(azure: Azure, policy: dict[str, str]) -> None:
    azure.pool.tags = policy
    azure.replies["GET /agentPools/mypool"] = Reply(503, {"error": {"code": "Busy", "message": "Come back later."}})
    finished = azure.build(agent_pool_name="mypool", no_wait=True)
    assert finished.told == [
        "Agent pool mypool could not be checked: Come back later.",
        QUEUED,
        "Run cf1 goes to agent pool mypool",
        *([SCALED_OUT] if policy else []),
    ]


def test_of_a_pool_that_can_never_be_read_nothing_more_is_told(azure: Azure) -> None:
    azure.replies["GET /agentPools/mypool"] = azure.replies["GET /agentPools"] = MAY_NOT
    finished = azure.build(agent_pool_name="mypool", no_wait=True)
    assert (finished.exit_code, len(finished.told)) == (0, 3)


def test_each_attempt_at_a_run_is_scaled_out_for(azure: Azure) -> None:
    azure.attempts = [("Succeeded", "Step 1\r\n")]
    azure.pool.after_change = lambda: None
    azure.run.statuses = [(0, "Queued"), (350, "Running"), (360, "Failed")]
    azure.run.shown = {"runErrorMessage": "failed to download context"}
    azure.clock.at(355.0, lambda: setattr(azure.pool, "count", 0))
    finished = azure.build(agent_pool_name="mypool", retry_infra=1)
    assert [line for line in finished.told if line == SCALED_OUT] == [SCALED_OUT, SCALED_OUT]
    assert azure.pool.counts == [1, 1]


def test_a_run_that_is_left_before_an_attempt_was_due_gets_one(azure: Azure) -> None:
    azure.clock.at(4.0, lambda: signal.raise_signal(signal.SIGINT))
    finished = azure.build(agent_pool_name="mypool", on_interrupt="detach")
    assert finished.exit_code == 130
    assert scaling(finished.told) == [SCALED_OUT]
    assert azure.pool.changes == [(1, None)]


def test_a_run_that_is_cancelled_needs_none(azure: Azure) -> None:
    azure.clock.at(4.0, lambda: signal.raise_signal(signal.SIGINT))
    assert azure.build(agent_pool_name="mypool", on_interrupt="cancel").exit_code == 130
    assert azure.pool.changes == []


def test_an_interruption_is_put_off_until_it_is_told_that_the_pool_grows(azure: Azure) -> None:
    azure.pool.before_change = lambda: signal.raise_signal(signal.SIGINT)
    finished = azure.build(agent_pool_name="mypool", no_wait=True, on_interrupt="detach")
    assert finished.exit_code == 130
    assert finished.told == [
        QUEUED,
        GOES_TO_EMPTY,
        SCALED_OUT,
        "Interrupted. Run cf1 goes on.",
        (
            "Follow it again with: az acr task logs -r myregistry --run-id cf1, cancel it with: az acr task cancel-run"
            " -r myregistry --run-id cf1"
        ),
    ]
    assert azure.pool.changes == [(1, None)]


def test_more_than_the_policy_allows_can_be_ensured_and_is_said(azure: Azure) -> None:
    finished = azure.build(agent_pool_name="mypool", ensure_capacity=6)
    assert finished.exit_code == 0
    assert finished.told[0] == (
        "Agent pool 'mypool' is scaled up to 6 instances, more than the 4 that its autoscale policy allows now"
    )
    assert azure.pool.counts == [6, 0]
    assert azure.pool.tags == POLICY


def test_what_was_ensured_goes_back_to_what_the_policy_keeps_by_then(azure: Azure) -> None:
    # The clock starts at 12:00.
    azure.pool.tags = {"acrpool-autoscale": "v1; max=4; min=0; at=daily 12:01-13:00 UTC min=1"}
    azure.build(agent_pool_name="mypool", ensure_capacity=2)
    assert azure.pool.counts == [2, 1]


def test_what_the_policy_gave_meanwhile_stays(azure: Azure) -> None:
    azure.clock.at(310.0, lambda: setattr(azure.pool, "count", 4))
    finished = azure.build(agent_pool_name="mypool", ensure_capacity=2)
    assert azure.pool.counts == [2, None]
    assert finished.told[-1] == (
        "Agent pool 'mypool' keeps the number of instances that its autoscale policy or somebody gave it meanwhile"
    )


class Aside:
    """Lets `mypool`, which is empty, grow aside: when `later` says so."""

    def __init__(self, azure: Azure) -> None:
        self.later: list[Callable[[], None]] = []
        self._stderr = StringIO()
        session = replace(azure.session.open(StringIO(), self._stderr), start_aside=self.later.append)
        pool = Pool("mypool", "myregistry", "S1", 0, "Succeeded", tags=POLICY)
        self.scaling = ScalingOut(session, RunPool(session.arm, REGISTRY, "mypool"), pool)
        followed = FollowedRun(make_run(), session.runs(REGISTRY), "myregistry", 0.0, is_result=False)
        self.followed = followed
        self.look = self.scaling.while_queued(followed)
        # Until then, others may be queued, which one change is to serve.
        azure.clock.sleep(10.0)
        self.began = azure.clock.time

    @property
    def told(self) -> list[str]:
        return self._stderr.getvalue().splitlines()


def test_an_attempt_that_hangs_delays_nothing_and_is_not_repeated(azure: Azure) -> None:
    aside = Aside(azure)
    for _ in range(300):
        aside.look()
        azure.clock.sleep(1.0)
    assert (len(aside.later), azure.pool.changes) == (1, [])
    aside.later[0]()
    aside.look()
    assert (len(aside.later), azure.pool.changes) == (2, [(1, None)])


def test_another_run_in_place_of_one_that_failed_gets_an_attempt_of_its_own(azure: Azure) -> None:
    aside = Aside(azure)
    aside.look()
    aside.later[0]()
    azure.clock.sleep(SCALING_SECONDS)
    azure.pool.count = 0
    aside.scaling.while_queued(aside.followed)
    aside.scaling.leave(aside.followed)
    assert azure.pool.changes == [(1, None), (1, None)]


def test_who_ends_the_command_waits_for_what_it_has_begun(azure: Azure) -> None:
    aside = Aside(azure)
    with aside.scaling.settled():
        aside.look()
        azure.clock.at(aside.began + 3.0, aside.later[0])
    assert aside.told == [SCALED_OUT]
    assert 3.0 <= azure.clock.time - aside.began < 4.0


def test_but_not_for_long(azure: Azure) -> None:
    aside = Aside(azure)
    with aside.scaling.settled():
        aside.look()
    assert aside.told == [
        (
            "Agent pool 'mypool' may be scaled out by its autoscale policy. See with: az acr agentpool show"
            " -r myregistry -n mypool"
        )
    ]
    assert 10.0 <= azure.clock.time - aside.began < 11.0
