"""`--ensure-capacity`: scaled up before, scaled back after, whatever happens and whoever builds at the same time."""

from __future__ import annotations

import signal
from contextlib import AbstractContextManager
from io import StringIO

import pytest
from azure.core.exceptions import ServiceResponseError
from pool_fakes import SCALING_SECONDS
from run_azure import Azure
from scripted_arm import POOL_PATH, REGISTRY, arm_error, interrupt, pool_body
from scripted_transport import Reply

from azext_acrpool.commands.console.errors import CommandError, InterruptedCommandError, UsageError
from azext_acrpool.commands.runs.capacity import Capacity, ensured_capacity
from azext_acrpool.commands.runs.options import FollowOptions
from azext_acrpool.commands.runs.queue import Submission
from azext_acrpool.scaling.capacity_record import RECORD_TAG

SCALED_UP = "Agent pool 'mypool' is scaled up to 2 instances"
UPDATING = "Agent pool 'mypool': Updating (usually takes about 6 minutes)"
UPDATED = "Agent pool 'mypool': Succeeded after 5 min 7 s"
GOES_BACK = "Agent pool 'mypool' goes back to 0 instances"
EMPTIED = "Agent pool 'mypool' was scaled down meanwhile and is scaled up again"
RAISED = (SCALED_UP, UPDATING, UPDATED)
BY_HAND = (
    "The next build with --ensure-capacity to finish on it does so; or type: "
    "az acr agentpool update -r myregistry -n mypool --count 0"
)


class Ensuring:
    """Gives `mypool`, which is empty and has a tag, instances; `told` is what was said."""

    def __init__(self) -> None:
        self.azure = Azure({"mypool": 0})
        self.pool, self.clock = self.azure.pool, self.azure.clock
        self.pool.tags = {"team": "build"}
        self._stderr = StringIO()

    @property
    def stderr(self) -> str:
        return self._stderr.getvalue()

    @property
    def told(self) -> list[str]:
        return self.stderr.splitlines()

    def __call__(self, count: int | None = 2, *, keep: bool = False) -> AbstractContextManager[Capacity | None]:
        options = FollowOptions(ensure_capacity=count, keep_capacity=keep)
        session = self.azure.session.open(StringIO(), self._stderr)
        return ensured_capacity(Submission.begin(session, REGISTRY, "mypool", options))


@pytest.fixture
def ensured() -> Ensuring:
    return Ensuring()


def test_nothing_is_asked_for_without_the_option(ensured: Ensuring) -> None:
    with ensured(None) as capacity:
        assert capacity is None
    assert ensured.azure.asked == []


def test_scaled_up_and_waited_for_then_scaled_back(ensured: Ensuring) -> None:
    pool = ensured.pool
    with ensured(), ensured.azure.running("cf2"):
        assert (pool.count, pool.state) == (2, "Succeeded")
        assert pool.tags == {"team": "build", RECORD_TAG: "0 (raised to 2)"}
    assert pool.counts == [2, 0]
    assert pool.tags == {"team": "build"}
    assert ensured.told == [*RAISED, GOES_BACK]


def test_on_a_terminal_the_line_that_shows_the_scaling_is_taken_away_at_its_end(
    ensured: Ensuring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    ensured.azure.session.animated = True
    with ensured(keep=True):
        line = "Agent pool 'mypool': Succeeded, 5 min 7 s (usually takes about 6 minutes)"
        assert ensured.stderr.endswith(f"\r{line}\r{' ' * len(line)}\r")


def test_going_back_is_not_waited_for(ensured: Ensuring) -> None:
    with ensured():
        began = ensured.clock.time
    assert ensured.clock.time - began < 1


def test_a_pool_that_is_large_enough_is_left_alone(ensured: Ensuring) -> None:
    ensured.pool.count = 3
    with ensured():
        pass
    assert ensured.pool.changes == []
    assert ensured.told == []


def test_kept_when_asked_to(ensured: Ensuring) -> None:
    with ensured(keep=True):
        pass
    assert ensured.pool.changes == [(2, None)]
    assert ensured.told == [*RAISED]


@pytest.mark.parametrize("ending", [UsageError("no"), InterruptedCommandError("cancelled", ""), KeyboardInterrupt()])
def test_scaled_back_however_the_run_ends(ensured: Ensuring, ending: BaseException) -> None:
    def run() -> None:
        with ensured():
            raise ending

    with pytest.raises(type(ending)) as caught:
        run()
    assert caught.value is ending
    assert ensured.pool.counts == [2, 0]


def scale_up_only(ensured: Ensuring) -> None:
    with ensured():
        raise AssertionError("not reached")


def test_an_interruption_while_scaling_up_scales_back(ensured: Ensuring) -> None:
    ensured.clock.at(100.0, interrupt)
    with pytest.raises(KeyboardInterrupt):
        scale_up_only(ensured)
    assert ensured.pool.counts == [2, 0]
    assert ensured.clock.time >= SCALING_SECONDS
    assert ensured.told == [
        SCALED_UP,
        UPDATING,
        "Agent pool 'mypool' goes back once it has been scaled up (interrupt again to leave at once)",
        UPDATING,
        "Agent pool 'mypool': Succeeded after 3 min 25 s",
        GOES_BACK,
    ]


def test_a_second_interruption_leaves_the_record_for_the_next_build(ensured: Ensuring) -> None:
    ensured.clock.at(100.0, interrupt)
    ensured.clock.at(110.0, interrupt)
    with pytest.raises(KeyboardInterrupt):
        scale_up_only(ensured)
    assert ensured.pool.counts == [2]
    assert ensured.told[-1] == f"ERROR: Agent pool 'mypool' may not have been scaled back. {BY_HAND}"
    # The next build finds the pool large enough, and goes back at its end.
    ensured.clock.time += SCALING_SECONDS
    with ensured():
        pass
    assert ensured.pool.counts == [2, 0]


def test_an_interruption_of_going_back_after_success_is_an_interruption(ensured: Ensuring) -> None:
    def run() -> None:
        with ensured():
            ensured.pool.before_change = interrupt

    with pytest.raises(InterruptedCommandError, match=r"^Interrupted after the run had succeeded\.$") as caught:
        run()
    assert caught.value.recommendation == "See the pool with: az acr agentpool show -r myregistry -n mypool"


def test_two_builds_the_first_to_finish_leaves_the_pool_and_the_last_goes_back(ensured: Ensuring) -> None:
    with ensured(), ensured.azure.running("cf3"):
        with ensured(), ensured.azure.running("cf2"):
            pass
        assert ensured.pool.counts == [2]
        assert ensured.told[-1] == f"WARNING: Agent pool 'mypool' is not scaled back: it is in use by cf3. {BY_HAND}"
    assert ensured.pool.counts == [2, 0]
    assert ensured.told[-1] == GOES_BACK


def test_the_larger_wish_wins_and_the_first_size_comes_back(ensured: Ensuring) -> None:
    with ensured(2), ensured.azure.running("cf2"):
        with ensured(3), ensured.azure.running("cf3"):
            assert ensured.pool.count == 3
        assert ensured.pool.count == 3
    assert ensured.pool.counts == [2, 3, 0]


def test_going_back_to_what_was_asked_for_is_not_scaling_up(ensured: Ensuring) -> None:
    ensured.pool.count, ensured.pool.tags = 3, {RECORD_TAG: "2 (raised to 3)"}
    with ensured(2):
        pass
    assert ensured.told == ["Agent pool 'mypool' goes back to 2 instances"]


def test_somebody_elses_scaling_is_waited_for_not_repeated(ensured: Ensuring) -> None:
    ensured.pool.count, ensured.pool.busy_until = 2, 200.0
    with ensured():
        assert ensured.pool.state == "Succeeded"
    assert ensured.pool.changes == []


def test_losing_the_race_to_scale_up_is_no_error(ensured: Ensuring) -> None:
    def be_quicker() -> None:
        ensured.pool.before_change = lambda: None
        ensured.pool.patch({"properties": {"count": 2}, "tags": {RECORD_TAG: "0 (raised to 2)"}})

    ensured.pool.before_change = be_quicker
    with ensured():
        assert (ensured.pool.count, ensured.pool.state) == (2, "Succeeded")
    assert ensured.pool.counts == [2, 0]
    # What the service has refused is not said.
    assert SCALED_UP not in ensured.told


def test_a_build_that_queues_its_run_while_we_go_back_gets_its_agents(ensured: Ensuring) -> None:
    def queue_another() -> None:
        ensured.azure.others["cf9"] = "Queued"

    with ensured():
        ensured.pool.before_change = queue_another
    assert ensured.pool.counts == [2, 0, 2]
    assert ensured.pool.tags[RECORD_TAG] == "0 (raised to 2)"
    assert ensured.told == [
        *RAISED,
        GOES_BACK,
        "Agent pool 'mypool' is needed by cf9 and is scaled up again",
        UPDATING,
        UPDATED,
        *RAISED,
    ]


def test_a_build_whose_agents_went_while_it_queued_its_run_scales_up_again(ensured: Ensuring) -> None:
    with ensured() as capacity, ensured.azure.running("cf3"):
        assert capacity is not None
        # Somebody who finished looked for runs just before.
        ensured.pool.count, ensured.pool.tags = 0, {"team": "build"}
        capacity.confirm()
        assert (ensured.pool.count, ensured.pool.state) == (2, "Succeeded")
    assert ensured.pool.counts == [2, 2, 0]
    assert ensured.told[3:] == [
        EMPTIED,
        *RAISED,
        GOES_BACK,
    ]


@pytest.mark.parametrize("state", ["Failed", "Deleting"])
def test_nothing_is_promised_of_a_pool_that_cannot_be_scaled_up_again(ensured: Ensuring, state: str) -> None:
    with ensured() as capacity, ensured.azure.running("cf3"):
        assert capacity is not None
        ensured.pool.count, ensured.pool.settled = 0, state
        capacity.confirm()
        assert ensured.told == [*RAISED]
    assert ensured.pool.counts == [2]


def test_confirming_what_is_there_changes_nothing(ensured: Ensuring) -> None:
    with ensured() as capacity:
        assert capacity is not None
        capacity.confirm()
        assert ensured.pool.counts == [2]


def test_a_count_that_somebody_set_meanwhile_stays(ensured: Ensuring) -> None:
    with ensured():
        ensured.pool.count = 5
    assert ensured.pool.count == 5
    assert ensured.pool.tags == {"team": "build"}
    assert ensured.told[-1] == "Agent pool 'mypool' keeps the number of instances that somebody gave it meanwhile"


def test_somebody_who_scales_up_for_another_run_is_left_alone(ensured: Ensuring) -> None:
    with ensured():
        ensured.pool.busy_until = ensured.clock.time + 100
    assert ensured.pool.counts == [2]
    assert (
        ensured.told[-1] == f"WARNING: Agent pool 'mypool' is not scaled back: somebody else is scaling it. {BY_HAND}"
    )


def test_a_run_that_is_only_listed_as_active_keeps_nothing_up(ensured: Ensuring) -> None:
    with ensured():
        ensured.azure.others["cf7"] = "Running"
        ensured.azure.replies["GET /runs/cf7"] = Reply(200, {"properties": {"runId": "cf7", "status": "Canceled"}})
    assert ensured.pool.counts == [2, 0]


NO, HTML = arm_error(403, "AuthorizationFailed", "You may not."), Reply(200, "<html>")
# What a single reply may be, and how it is told.
ODD_REPLIES: list[tuple[Reply | Exception, str]] = [
    *(
        (arm_error(status, "No", f"No {status}."), f"No {status}.")
        for status in (400, 401, 403, 404, 409, 412, 429, 500, 503)
    ),
    (Reply(404, "<html>"), "The service answered with HTTP status 404, but not as ARM does."),
    (ServiceResponseError("reset"), "reset."),
]
PLACES = ["GET /runs", "GET /agentPools/mypool", "PATCH /agentPools/mypool"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("reply", [reply for reply, _ in ODD_REPLIES] + [HTML, Reply(200, '{"cut')])
def test_no_odd_reply_keeps_the_pool_raised(ensured: Ensuring, place: str, reply: Reply | Exception) -> None:
    def mend() -> None:
        del ensured.azure.replies[place]

    with ensured():
        ensured.azure.replies[place] = reply
        ensured.clock.at(ensured.clock.time + 30, mend)
    assert ensured.pool.count == 0
    assert ensured.pool.tags == {"team": "build"}
    assert ensured.told[-1] == GOES_BACK
    assert not [line for line in ensured.told if line.startswith(("ERROR", "WARNING"))]


@pytest.mark.parametrize(("reply", "reason"), ODD_REPLIES)
def test_what_cannot_be_undone_is_told_with_the_count_and_changes_no_exit_code(
    ensured: Ensuring, reply: Reply | Exception, reason: str
) -> None:
    with ensured():
        ensured.azure.replies["GET /runs"] = reply
        ended = ensured.clock.time
    assert ensured.told[-1] == f"ERROR: Agent pool 'mypool' could not be scaled back: {reason} {BY_HAND}"
    assert 90 <= ensured.clock.time - ended <= 200


def accept_without_changing(ensured: Ensuring) -> None:
    """Let whoever answers say to a change that the pool is on its way to no instances."""
    said = pool_body("mypool", "Updating", count=0, tags={"team": "build"})
    ensured.azure.replies["PATCH /agentPools/mypool"] = Reply(200, said)


def test_going_back_is_asked_for_again_while_the_pool_does_not_show_it(ensured: Ensuring) -> None:
    with ensured():
        accept_without_changing(ensured)
        ensured.clock.at(ensured.clock.time + 30, ensured.azure.replies.clear)
    assert (ensured.pool.count, ensured.pool.tags) == (0, {"team": "build"})
    assert ensured.told[-1] == GOES_BACK


def test_a_pool_without_other_tags_shows_that_it_goes_back(ensured: Ensuring) -> None:
    ensured.pool.tags = {}
    with ensured():
        pass
    assert ensured.told == [*RAISED, GOES_BACK]


def test_a_tag_that_a_policy_adds_is_no_sign_of_anything(ensured: Ensuring) -> None:
    pool = ensured.pool
    pool.after_change = lambda: pool.tags.update(changes=str(len(pool.changes)))
    with ensured():
        pass
    assert ensured.told == [*RAISED, GOES_BACK]


def test_instances_that_nobody_will_take_away_are_told(ensured: Ensuring) -> None:
    ensured.azure.session.only_show_errors = True
    with ensured():
        ensured.pool.tags = {"team": "build"}
    assert ensured.pool.counts == [2]
    assert ensured.told == [
        (
            f"WARNING: Agent pool 'mypool' is not scaled back: its tag {RECORD_TAG}, which says to what, was taken "
            "away. If nobody wants to keep the instances, type: "
            "az acr agentpool update -r myregistry -n mypool --count 0"
        ),
    ]


def test_a_pool_that_somebody_scaled_back_for_us_is_nothing_to_tell(ensured: Ensuring) -> None:
    with ensured():
        ensured.pool.tags, ensured.pool.count = {"team": "build"}, 0
    assert ensured.told == [*RAISED]


def test_a_pool_that_was_deleted_meanwhile_costs_nothing(ensured: Ensuring) -> None:
    with ensured():
        ensured.azure.replies["GET /agentPools/mypool"] = arm_error(404, "ResourceNotFound")
    assert ensured.told[-1] == "Agent pool 'mypool' does not exist any more: there is nothing to scale back"
    assert not [line for line in ensured.told if line.startswith(("ERROR", "WARNING"))]


def test_going_back_that_never_shows_is_told(ensured: Ensuring) -> None:
    with ensured():
        accept_without_changing(ensured)
    assert GOES_BACK not in ensured.told
    assert ensured.told[-1] == (
        "ERROR: Agent pool 'mypool' could not be scaled back: The service accepted it, but the pool still shows 2 "
        f"instances and not what was asked for. {BY_HAND}"
    )


@pytest.mark.parametrize("reply", [NO, HTML, ServiceResponseError("reset")])
def test_going_back_is_told_though_the_look_after_it_fails(ensured: Ensuring, reply: Reply | Exception) -> None:
    place = "GET /agentPools/mypool"
    with ensured():
        ensured.pool.after_change = lambda: ensured.azure.replies.update({place: reply})
        ensured.clock.at(ensured.clock.time + 30, ensured.azure.replies.clear)
    assert ensured.pool.counts == [2, 0]
    assert ensured.told[-1] == GOES_BACK


@pytest.mark.parametrize("place", PLACES)
def test_no_quiet_mode_hides_what_goes_on_costing(azure: Azure, place: str) -> None:
    def refuse() -> None:
        azure.replies[place] = NO

    azure.pool.count, azure.session.only_show_errors = 0, True
    azure.when_queued = refuse
    finished = azure.build(agent_pool_name="mypool", ensure_capacity=2)
    assert finished.exit_code == 0
    assert finished.told == [f"ERROR: Agent pool 'mypool' could not be scaled back: You may not. {BY_HAND}"]


def test_a_pool_that_others_use_is_told_of_in_a_quiet_mode_too(azure: Azure) -> None:
    azure.pool.count, azure.session.only_show_errors = 0, True
    azure.others["cf3"] = "Running"
    finished = azure.build(agent_pool_name="mypool", ensure_capacity=2)
    assert finished.exit_code == 0
    assert finished.told == [f"WARNING: Agent pool 'mypool' is not scaled back: it is in use by cf3. {BY_HAND}"]


def lose_reply_to_change(ensured: Ensuring) -> None:
    """Let the next change be carried out, but its reply be lost."""

    def lose() -> None:
        ensured.pool.after_change = lambda: None
        raise ServiceResponseError("reset")

    ensured.pool.after_change = lose


def test_going_back_whose_reply_is_lost_is_seen_at_the_pool(ensured: Ensuring) -> None:
    with ensured():
        lose_reply_to_change(ensured)
    assert ensured.pool.counts == [2, 0]
    assert ensured.told == [*RAISED, GOES_BACK]


def test_scaling_up_whose_reply_is_lost_is_followed_and_taken_back(ensured: Ensuring) -> None:
    lose_reply_to_change(ensured)
    with ensured():
        assert (ensured.pool.count, ensured.pool.state) == (2, "Succeeded")
    assert ensured.pool.counts == [2, 0]
    assert ensured.told[-1] == GOES_BACK


def test_an_interruption_of_the_wait_for_a_change_whose_reply_was_lost_takes_it_back(ensured: Ensuring) -> None:
    lose_reply_to_change(ensured)
    ensured.clock.at(100.0, interrupt)
    with pytest.raises(KeyboardInterrupt):
        scale_up_only(ensured)
    assert ensured.pool.counts == [2, 0]
    assert ensured.told[-1] == GOES_BACK


def test_an_interruption_while_the_pool_is_asked_for_more_waits_for_what_comes_of_it(azure: Azure) -> None:
    def press_ctrl_c_once() -> None:
        azure.pool.after_change = lambda: None
        signal.raise_signal(signal.SIGINT)

    azure.pool.count, azure.pool.after_change = 0, press_ctrl_c_once
    finished = azure.build(agent_pool_name="mypool", ensure_capacity=2)
    assert finished.exit_code == 130
    assert azure.pool.counts == [2, 0]
    assert "POST /scheduleRun" not in azure.asked
    assert finished.told == [
        "Agent pool 'mypool' goes back once it has been scaled up (interrupt again to leave at once)",
        UPDATING,
        "Agent pool 'mypool': Succeeded after 5 min 7 s",
        GOES_BACK,
        "Interrupted.",
    ]


def test_a_second_interruption_ends_the_tries_to_go_back(ensured: Ensuring) -> None:
    def run() -> None:
        with ensured():
            ensured.azure.replies["GET /runs"] = NO
            ensured.clock.at(ensured.clock.time + 5, interrupt)

    with pytest.raises(InterruptedCommandError, match=r"^Interrupted after the run had succeeded\.$"):
        run()
    assert ensured.told[-1] == f"ERROR: Agent pool 'mypool' may not have been scaled back. {BY_HAND}"


def test_what_another_build_would_take_away_is_kept_when_asked_to(ensured: Ensuring) -> None:
    ensured.pool.count, ensured.pool.tags = 3, {"team": "build", RECORD_TAG: "1 (raised to 3)"}
    with ensured(2, keep=True):
        pass
    assert (ensured.pool.count, ensured.pool.tags) == (3, {"team": "build"})
    assert ensured.told[0] == (
        "Agent pool 'mypool' keeps its 3 instances, which another build would have taken away again"
    )


def test_a_pool_that_is_failed_is_left_to_the_check_that_tells_so(ensured: Ensuring) -> None:
    ensured.pool.settled = "Failed"
    with ensured():
        pass
    assert ensured.pool.changes == []


def test_our_own_change_that_is_broken_off_queues_nothing_and_is_taken_back(ensured: Ensuring) -> None:
    def break_off() -> None:
        ensured.pool.settled = "Canceled"
        ensured.pool.after_change = lambda: None

    ensured.pool.after_change = break_off
    with pytest.raises(CommandError, match=r"^The update of agent pool 'mypool' ended as Canceled\.") as caught:
        scale_up_only(ensured)
    assert caught.value.error.recommendations == [
        "See what may be in its way with: az acr agentpool check-health -r myregistry -n mypool",
        "Repeat what was broken off with: az acr agentpool update -r myregistry -n mypool --count 2",
        f"See Azure's record of the operation with: az monitor activity-log list --resource-id {POOL_PATH}",
    ]
    assert ensured.pool.changes == [(2, {"team": "build", RECORD_TAG: "0 (raised to 2)"}), (0, {"team": "build"})]
    assert ensured.told[-1] == GOES_BACK


@pytest.mark.parametrize("pool", ["mypool", "emptypool"])
def test_what_is_said_of_the_pool_is_what_it_is_when_the_run_is_queued(azure: Azure, pool: str) -> None:
    azure.pool.count = 0
    finished = azure.build(agent_pool_name=pool, ensure_capacity=2)
    assert finished.exit_code == 0
    assert finished.told == [
        f"Agent pool '{pool}' is scaled up to 2 instances",
        f"Agent pool '{pool}': Updating (usually takes about 6 minutes)",
        f"Agent pool '{pool}': Succeeded after 5 min 7 s",
        "WARNING: Queued a build with ID: cf1",
        f"Run cf1 goes to agent pool {pool} (2 instances)",
        f"Agent pool '{pool}' goes back to 0 instances",
    ]
    asked = azure.asked
    assert asked.index(f"PATCH /agentPools/{pool}") < asked.index("POST /scheduleRun")


def test_an_empty_pool_is_no_error_when_it_is_scaled_up(azure: Azure) -> None:
    finished = azure.build(agent_pool_name="emptypool", ensure_capacity=2, keep_capacity=True, no_wait=True)
    assert finished.told[-1] == "Run cf1 goes to agent pool emptypool (2 instances)"
    assert azure.pools["emptypool"].changes == [(2, None)]


def test_a_pool_that_cannot_be_scaled_up_queues_nothing(azure: Azure) -> None:
    azure.replies["PATCH /agentPools/emptypool"] = arm_error(403, "AuthorizationFailed", "You may not.")
    finished = azure.build(agent_pool_name="emptypool", ensure_capacity=2)
    assert finished.exit_code == 1
    assert finished.told[0] == "(AuthorizationFailed) You may not."
    assert "POST /scheduleRun" not in azure.asked


@pytest.mark.parametrize(
    ("count", "words", "changes"),
    [
        (0, "is scaled up to 2 instances", [(2, {RECORD_TAG: "0 (raised to 2)"}), (0, {})]),
        (2, "is scaled to 2 instances again: its last change was broken off", [(2, None)]),
        (3, "is scaled to 3 instances again: its last change was broken off", [(3, None)]),
    ],
)
def test_a_pool_whose_last_change_was_broken_off_gets_what_it_should_have(
    azure: Azure, count: int, words: str, changes: list[tuple[int | None, dict[str, str] | None]]
) -> None:
    azure.pool.count, azure.pool.settled = count, "Canceled"
    finished = azure.build(agent_pool_name="mypool", ensure_capacity=2)
    assert finished.exit_code == 0
    assert finished.told[:5] == [
        f"Agent pool 'mypool' {words}",
        UPDATING,
        UPDATED,
        "WARNING: Queued a build with ID: cf1",
        f"Run cf1 goes to agent pool mypool ({max(count, 2)} instances)",
    ]
    assert azure.pool.changes == changes


def test_somebody_elses_change_that_is_broken_off_is_repeated(ensured: Ensuring) -> None:
    ensured.pool.busy_until, ensured.pool.settled = 200.0, "Canceled"

    def settle() -> None:
        ensured.pool.settled = "Succeeded"

    ensured.pool.after_change = settle
    with ensured():
        assert (ensured.pool.count, ensured.pool.state) == (2, "Succeeded")


@pytest.fixture
def emptied(azure: Azure) -> Azure:
    """What empties `mypool`, which was scaled up for the run, in the moment in which that is queued."""

    def empty() -> None:
        azure.pool.count, azure.pool.tags = 0, {}

    azure.pool.count, azure.when_queued = 0, empty
    return azure


def test_a_pool_that_is_emptied_while_the_run_is_queued_is_scaled_up_again(emptied: Azure) -> None:
    finished = emptied.build(agent_pool_name="mypool", ensure_capacity=2)
    assert finished.exit_code == 0
    assert finished.told == [
        *RAISED,
        "WARNING: Queued a build with ID: cf1",
        "Run cf1 goes to agent pool mypool (2 instances)",
        EMPTIED,
        *RAISED,
        GOES_BACK,
    ]
    record = {RECORD_TAG: "0 (raised to 2)"}
    assert emptied.pool.changes == [(2, record), (2, record), (0, {})]


def test_ctrl_c_while_the_pool_is_scaled_up_again_cancels_the_run(emptied: Azure) -> None:
    emptied.never_starts()
    emptied.clock.at(400.0, interrupt)
    finished = emptied.build(agent_pool_name="mypool", ensure_capacity=2)
    assert finished.exit_code == 130
    assert emptied.cancelled
    assert finished.told == [
        *RAISED,
        "WARNING: Queued a build with ID: cf1",
        "Run cf1 goes to agent pool mypool (2 instances)",
        EMPTIED,
        SCALED_UP,
        UPDATING,
        "Interrupted: cancelling run cf1 (interrupt to leave at once)..",
        "Agent pool 'mypool' goes back once it has been scaled up (interrupt again to leave at once)",
        UPDATING,
        "Agent pool 'mypool': Succeeded after 3 min 35 s",
        GOES_BACK,
        "Run cf1 was cancelled.",
        "See it with: az acr task show-run -r myregistry --run-id cf1",
    ]


def test_more_listed_runs_than_two_keep_the_pool_up_without_being_looked_at(ensured: Ensuring) -> None:
    with ensured():
        ensured.azure.others = {"cf7": "Running", "cf8": "Running", "cf9": "Running"}
    assert ensured.pool.counts == [2]
    assert (
        ensured.told[-1] == f"WARNING: Agent pool 'mypool' is not scaled back: it is in use by cf7, cf8, cf9. {BY_HAND}"
    )
    assert [asked for asked in ensured.azure.asked if asked.startswith("GET /runs/")] == []


def test_of_many_runs_that_keep_the_pool_up_a_few_are_named(ensured: Ensuring) -> None:
    with ensured():
        ensured.azure.others = {f"cf{number}": "Running" for number in range(1, 31)}
    assert (
        ensured.told[-1] == "WARNING: Agent pool 'mypool' is not scaled back: it is in use by cf1, cf2, cf3, cf4, cf5"
        f" and 25 more. {BY_HAND}"
    )


def test_two_listed_runs_are_looked_at_themselves(ensured: Ensuring) -> None:
    with ensured():
        ensured.azure.others = {"cf7": "Running", "cf8": "Running"}
        ensured.azure.replies["GET /runs/cf7"] = Reply(200, {"properties": {"runId": "cf7", "status": "Canceled"}})
    assert ensured.told[-1] == f"WARNING: Agent pool 'mypool' is not scaled back: it is in use by cf8. {BY_HAND}"
