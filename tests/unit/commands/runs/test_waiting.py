"""Why a run waits, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azext_acrpool.commands.runs.waiting import QueueFacts, describe_queue, explain_wait
from azext_acrpool.pool import Pool
from azext_acrpool.scaling.schedules import Bounds

POOL = Pool("mypool", "myregistry", "S1", 2, "Succeeded")
FACTS = QueueFacts("myregistry", "mypool", POOL, queued=3, is_detailed=True)
GONE = replace(FACTS, pool=None)
BUSY = (("cf1", 125.0), ("cf2", None))
CHECK = "az acr agentpool check-health -r myregistry -n mypool"
UPDATE = "az acr agentpool update -r myregistry -n mypool --count"


def facts(
    count: int = 2,
    state: str = "Succeeded",
    busy: tuple[tuple[str, float | None], ...] = (),
    obstacles: tuple[str, ...] = (),
    bounds: Bounds | None = None,
) -> QueueFacts:
    pool = replace(POOL, count=count, state=state)
    return replace(FACTS, pool=pool, busy=busy, obstacles=obstacles, bounds=bounds)


NETWORK = f"yet none has taken the run. Its network may be in the way. See with: {CHECK}"
BROKEN_OFF = (
    "is in state Canceled: its last change was broken off, so that it may have fewer than 2 instances. Repeat"
    f" the change with: {UPDATE} 2"
)
ALL_BUSY = f"has 2 instances, all busy: cf1 (for 2 min 5 s), cf2. More agents: {UPDATE} 3"
NONE_BUSY = "has 2 instances and none busy, yet none has taken the run."


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (GONE, "does not exist any more: cancel the run and use another pool."),
        (facts(state="Deleting"), "is being deleted and takes no runs: use another pool."),
        (facts(state="Failed"), f"is in state Failed and takes no runs. See why with: {CHECK}"),
        (facts(count=0), f"has no instances. Scale it up with: {UPDATE} 1"),
        (facts(state="Updating"), "is in state Updating: runs wait until that is done, which usually takes minutes."),
        (facts(busy=BUSY), ALL_BUSY),
        (facts(count=1, busy=BUSY[:1]), f"has 1 instance, which is busy: cf1 (for 2 min 5 s). More agents: {UPDATE} 2"),
        (
            facts(count=900, busy=tuple((f"cf{number}", None) for number in range(1, 901))),
            f"has 900 instances, all busy: cf1, cf2, cf3, cf4, cf5 and 895 more. More agents: {UPDATE} 901",
        ),
        (facts(count=3, busy=BUSY), f"has 3 instances and 2 busy, {NETWORK}"),
        (facts(), f"has 2 instances and none busy, {NETWORK}"),
        (facts(obstacles=("Blocked.",)), f"{NONE_BUSY} Blocked. What mends it: {CHECK}"),
        (facts(obstacles=("Blocked.", "Dropped.")), f"{NONE_BUSY} Blocked. The others and what mends it: {CHECK}"),
        # Broken off: it takes runs, with the agents that it has.
        (facts(state="Canceled"), BROKEN_OFF),
        (facts(state="Canceled", busy=BUSY[:1]), BROKEN_OFF),
        (facts(state="Canceled", busy=BUSY), ALL_BUSY),
        (facts(state="Canceled", count=0), f"has no instances. Scale it up with: {UPDATE} 1"),
    ],
)
def test_the_reason_and_what_to_do_about_it(found: QueueFacts, words: str) -> None:
    assert explain_wait(found) == f"Agent pool 'mypool' {words}"


SHOW = "See it with: az acr agentpool autoscale show -r myregistry -n mypool"
SCALES_OUT = "has no instances yet: an evaluation of its autoscale policy may scale it out"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (facts(count=0, bounds=Bounds(0, 4)), f"{SCALES_OUT}, which usually takes about 6 minutes. {SHOW}"),
        (
            facts(count=0, state="Updating", bounds=Bounds(0, 4)),
            f"{SCALES_OUT} once it has been scaled in, which usually takes about 6 minutes. {SHOW}",
        ),
        (
            facts(count=0, bounds=Bounds(0, 0)),
            f"has no instances, and its autoscale policy allows none at this hour. {SHOW}",
        ),
        (
            facts(busy=BUSY, bounds=Bounds(0, 4)),
            (
                "has 2 instances, all busy: cf1 (for 2 min 5 s), cf2. Its autoscale policy allows 4: it gets them"
                " when waiting for these takes longer than growing."
            ),
        ),
        (
            replace(facts(busy=BUSY, bounds=Bounds(0, 4)), decision="the vCPU quota has room for 2"),
            (
                "has 2 instances, all busy: cf1 (for 2 min 5 s), cf2. Its autoscale policy allows 4: the vCPU quota has"
                " room for 2."
            ),
        ),
        (
            facts(busy=BUSY, bounds=Bounds(0, 2)),
            (
                "has 2 instances, all busy: cf1 (for 2 min 5 s), cf2. Its autoscale policy allows no more at this hour."
                f" {SHOW}"
            ),
        ),
        (
            facts(count=1, busy=BUSY[:1], bounds=Bounds(0, 1)),
            (
                "has 1 instance, which is busy: cf1 (for 2 min 5 s). Its autoscale policy allows no more at this hour."
                f" {SHOW}"
            ),
        ),
    ],
    ids=[
        "empty",
        "being scaled in",
        "none allowed",
        "busy",
        "decided",
        "all that it may have",
        "the one that it may have",
    ],
)
def test_what_an_autoscale_policy_does_about_it(found: QueueFacts, words: str) -> None:
    assert explain_wait(found) == f"Agent pool 'mypool' {words}"


def test_shared_agents_have_a_reason_too() -> None:
    assert explain_wait(None) == (
        "No agent of the shared service has taken it yet. See whether the service is well: https://status.azure.com"
    )


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (FACTS, "3 queued for 2 instances of agent pool mypool (Succeeded)"),
        (replace(facts(count=1), queued=0), "queued for 1 instance of agent pool mypool (Succeeded)"),
        (GONE, "agent pool mypool is gone"),
    ],
)
def test_the_queue_against_the_capacity(found: QueueFacts, text: str) -> None:
    assert describe_queue(found) == text
