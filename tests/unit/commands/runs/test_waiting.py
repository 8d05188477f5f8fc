"""Why a run waits, in words, and how often the pool is looked at for it."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import pytest
from run_fakes import make_run

from azext_acrpool.client.errors import ServiceFailureError
from azext_acrpool.commands.console.log_printer import LogPrinter
from azext_acrpool.commands.console.narrator import Narrator
from azext_acrpool.commands.runs.output import RunOutput
from azext_acrpool.commands.runs.queue_watch import QueueWatch
from azext_acrpool.commands.runs.waiting import QueueFacts, describe_queue, explain_wait

POOL = QueueFacts("myregistry", "mypool", "Succeeded", count=2, queued=3, is_detailed=True)
BUSY = replace(POOL, busy=(("cf1", 125.0), ("cf2", None)))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (None, ["shared service", "status.azure.com"]),
        (replace(POOL, state=""), ["does not exist any more"]),
        (replace(POOL, state="Deleting"), ["being deleted"]),
        (replace(POOL, state="Failed"), ["Failed", "az acr agentpool check-health -r myregistry -n mypool"]),
        (replace(POOL, count=0), ["no instances", "az acr agentpool update -r myregistry -n mypool --count 1"]),
        (replace(POOL, state="Updating"), ["Updating", "until that is done"]),
        (BUSY, ["All 2 instances", "cf1 (for 2 min 5 s), cf2", "--count 3"]),
        (replace(BUSY, count=3), ["3 instances and 2 busy", "check-health"]),
        (POOL, ["2 instances and none busy", "check-health -r myregistry -n mypool"]),
        (replace(POOL, obstacles=("Blocked.",)), ["Blocked. What mends it: az acr agentpool check-health"]),
        (
            replace(POOL, obstacles=("Blocked.", "Dropped.")),
            ["Blocked. The others and what mends it: az acr agentpool"],
        ),
    ],
)
def test_the_reason_and_what_to_do_about_it(facts: QueueFacts | None, words: list[str]) -> None:
    reason = explain_wait(facts)
    assert [word for word in words if word not in reason] == []


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (POOL, "3 queued for 2 instances of agent pool mypool (Succeeded)"),
        (replace(POOL, count=1, queued=0), "queued for 1 instance of agent pool mypool (Succeeded)"),
        (replace(POOL, state=""), "agent pool mypool is gone"),
    ],
)
def test_the_queue_against_the_capacity(facts: QueueFacts, text: str) -> None:
    assert describe_queue(facts) == text


class Pool:
    """Gives facts and notes when it was asked; ``later`` keeps the work instead of doing it."""

    def __init__(self, facts: QueueFacts | Exception = POOL) -> None:
        self.facts = facts
        self.asked: list[bool] = []
        self.later: list[Callable[[], None]] = []

    def read(self, detailed: bool) -> QueueFacts:
        self.asked.append(detailed)
        if isinstance(self.facts, Exception):
            raise self.facts
        return replace(self.facts, is_detailed=detailed)


def now(work: Callable[[], None]) -> None:
    work()


def test_a_run_that_starts_at_once_costs_no_look_at_the_pool() -> None:
    pool = Pool()
    watch = QueueWatch(pool.read, now)
    assert watch.look(0.0) is None
    assert watch.look(1.8) is None
    assert pool.asked == []


def test_the_pool_is_looked_at_now_and_then_and_closely_before_the_reason_is_due() -> None:
    pool = Pool()
    watch = QueueWatch(pool.read, now)
    for second in range(0, 300, 2):
        watch.look(float(second))
    assert pool.asked[:4] == [False, False, False, True]
    assert len(pool.asked) <= 3 + 300 / 20
    facts = watch.look(300.0)
    assert facts is not None
    assert facts.is_detailed


def test_a_look_that_hangs_delays_nothing_and_is_not_repeated() -> None:
    pool = Pool()
    watch = QueueWatch(pool.read, pool.later.append)
    assert [watch.look(float(second)) for second in range(100)] == [None] * 100
    assert len(pool.later) == 1
    pool.later[0]()
    assert watch.look(101.0) == replace(POOL, is_detailed=False)


def test_a_pool_that_cannot_be_read_is_looked_at_again() -> None:
    pool = Pool(ServiceFailureError("ARM is down"))
    watch = QueueWatch(pool.read, now)
    assert watch.look(2.0) is None
    pool.facts = POOL
    watch.look(12.0)
    assert watch.look(13.0) is not None


def shown(pool: Pool | None, seconds: int, *, terminal: bool) -> str:
    stderr = StringIO()
    watch = QueueWatch(pool.read, now) if pool else None
    output = RunOutput(Narrator(stderr, quiet=False, animated=terminal), LogPrinter(StringIO(), raw=True), watch)
    for second in range(0, seconds, 2):
        output.progress(make_run("Queued"), float(second))
    output.close()
    return stderr.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_before_thirty_seconds_the_queue_is_shown_and_no_reason(terminal: bool) -> None:
    text = shown(Pool(BUSY), 30, terminal=terminal)
    assert "3 queued for 2 instances of agent pool mypool (Succeeded)" in text
    assert "cf1" not in text.replace("Run cf1", "")


@pytest.mark.parametrize("terminal", [True, False])
def test_after_thirty_seconds_the_reason_is_told_once(terminal: bool) -> None:
    text = shown(Pool(BUSY), 200, terminal=terminal)
    assert text.count("has waited 30 s for an agent. All 2 instances") == 1
    assert text.count("All 2 instances") == 1


def test_a_new_reason_is_told_again() -> None:
    pool = Pool(BUSY)
    stderr = StringIO()
    output = RunOutput(
        Narrator(stderr, quiet=False, animated=False), LogPrinter(StringIO(), raw=True), QueueWatch(pool.read, now)
    )
    for second in range(0, 100, 2):
        if second == 50:
            pool.facts = replace(POOL, state="Failed")
        output.progress(make_run("Queued"), float(second))
    assert "All 2 instances" in stderr.getvalue()
    assert "is in state Failed" in stderr.getvalue()


def test_shared_agents_have_a_reason_too() -> None:
    assert shown(None, 60, terminal=False).count("No agent of the shared service") == 1


def test_nothing_is_repeated_where_lines_cannot_be_replaced() -> None:
    assert len(shown(Pool(), 29, terminal=False).splitlines()) == 1
