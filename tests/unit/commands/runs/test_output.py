"""What a followed run shows on stderr until its log begins."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from run_azure import Azure
from run_fakes import make_run

from azext_acrpool.commands.console.log_printer import LogPrinter
from azext_acrpool.commands.console.narrator import Narrator
from azext_acrpool.commands.runs.output import LogShown, RunOutput, UnreadLogError
from azext_acrpool.commands.runs.queue_watch import QueueWatch
from azext_acrpool.commands.runs.waiting import QueueFacts
from azext_acrpool.pool import Pool

POOL = Pool("mypool", "myregistry", "S1", 2, "Succeeded")
FACTS = QueueFacts("myregistry", "mypool", POOL, queued=3)
QUEUE = "3 queued for 2 instances of agent pool mypool (Succeeded)"
ALL_BUSY = (
    "Run cf1 has waited 30 s for an agent. Agent pool 'mypool' has 2 instances, all busy: cf7 (for 2 min 7 s), cf8. "
    "More agents: az acr agentpool update -r myregistry -n mypool --count 3"
)
FAILED = (
    "Agent pool 'mypool' is in state Failed and takes no runs. See why with: az acr agentpool check-health"
    " -r myregistry -n mypool"
)
NONE_BUSY = (
    "Agent pool 'mypool' has 2 instances and none busy, yet none has taken the run. Its network may be in the way. See"
    " with: az acr agentpool check-health -r myregistry -n mypool"
)
NOT_TAKEN = "No agent of the shared service has taken it yet. See whether the service is well: https://status.azure.com"


class BusyPool:
    """A pool whose two agents are busy, each look a second longer; `pool` is what it is otherwise."""

    def __init__(self) -> None:
        self.pool = POOL
        self._seconds = 123.0

    def read(self, detailed: bool) -> QueueFacts:
        self._seconds += 1
        busy = (("cf7", self._seconds), ("cf8", None)) if detailed else ()
        return replace(FACTS, pool=self.pool, busy=busy, is_detailed=detailed)


def now(work: Callable[[], None]) -> None:
    work()


class WaitingRun:
    """A run that nobody takes, and what is written about it."""

    def __init__(self, pool: BusyPool | None, *, terminal: bool = False) -> None:
        self._stderr = StringIO()
        narrator = Narrator(self._stderr, quiet=False, animated=terminal)
        watch = QueueWatch(pool.read, now) if pool else None
        self._output = RunOutput(narrator, LogPrinter(StringIO(), raw=True), watch)

    def waits(self, since: int, until: int) -> None:
        """Let the time from `since` seconds on pass."""
        for second in range(since, until, 2):
            self._output.progress(make_run("Queued"), float(second))

    @property
    def told(self) -> list[str]:
        """Each line as it was written, also where another has taken its place."""
        return [line.rstrip() for line in re.split(r"[\r\n]+", self._stderr.getvalue()) if line.strip()]


def test_before_thirty_seconds_the_queue_is_shown_and_no_reason() -> None:
    run = WaitingRun(BusyPool())
    run.waits(0, 30)
    assert run.told == [f"Run cf1: {QUEUE}"]


def test_on_a_terminal_the_seconds_count() -> None:
    run = WaitingRun(BusyPool(), terminal=True)
    run.waits(0, 30)
    assert run.told == [
        "Run cf1, 0 s: waiting for an agent",
        *(f"Run cf1, {second} s: {QUEUE}" for second in range(2, 30, 2)),
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_after_thirty_seconds_the_reason_is_told_once(terminal: bool) -> None:
    run = WaitingRun(BusyPool(), terminal=terminal)
    run.waits(0, 200)
    assert [line for line in run.told if "all busy" in line] == [ALL_BUSY]


def test_a_new_reason_is_told_again() -> None:
    pool = BusyPool()
    run = WaitingRun(pool)
    run.waits(0, 50)
    pool.pool = replace(POOL, state="Failed")
    run.waits(50, 100)
    assert run.told == [
        f"Run cf1: {QUEUE}",
        ALL_BUSY,
        f"Run cf1 has waited 1 min 8 s for an agent. {FAILED}",
        "Run cf1: 3 queued for 2 instances of agent pool mypool (Failed)",
    ]


def test_shared_agents_have_a_reason_too() -> None:
    run = WaitingRun(None)
    run.waits(0, 60)
    assert run.told == [f"Run cf1 has waited 30 s for an agent. {NOT_TAKEN}"]


def test_nothing_is_repeated_where_lines_cannot_be_replaced() -> None:
    run = WaitingRun(BusyPool())
    run.waits(0, 29)
    assert len(run.told) == 1


def test_the_queue_is_shown_while_it_lasts(azure: Azure) -> None:
    azure.run.statuses = [(0, "Queued"), (50, "Running"), (60, "Succeeded")]
    azure.run.log, azure.run.complete_at = [(51, b"Step 1\r\n")], 60
    assert azure.build(agent_pool_name="mypool").told == [
        "WARNING: Queued a build with ID: cf1",
        "Run cf1 goes to agent pool mypool (2 instances)",
        "Run cf1: 1 queued for 2 instances of agent pool mypool (Succeeded)",
        f"Run cf1 has waited 30 s for an agent. {NONE_BUSY}",
        "Run cf1: running after 50 s",
    ]


def written_to(stderr: StringIO, **options: Any) -> RunOutput:
    narrator = Narrator(stderr, quiet=False, animated=False)
    return RunOutput(narrator, LogPrinter(StringIO(), raw=True), **options)


@pytest.mark.parametrize(
    ("known", "told"), [("queued", ["Run cf1: running after 5 s"]), ("running", [])], ids=["queued", "running"]
)
def test_a_status_is_told_that_was_not_known(known: str, told: list[str]) -> None:
    stderr = StringIO()
    written_to(stderr, status=known).progress(make_run("Running"), 5.0)
    assert stderr.getvalue().splitlines() == told


def test_what_became_of_the_log_is_kept() -> None:
    stderr = StringIO()
    shown, missing, unreadable = (written_to(stderr) for _ in range(3))
    missing.log_missing()
    unreadable.log_unreadable("Refused.")
    assert [each.log_shown for each in (shown, missing, unreadable)] == list(LogShown)
    assert stderr.getvalue() == "The rest of the log could not be read: Refused.\n"


def test_whether_the_log_is_taken_is_asked_after_each_piece() -> None:
    def refuse() -> None:
        raise UnreadLogError

    output = written_to(StringIO(), require_taken=refuse)
    with pytest.raises(UnreadLogError):
        output.log("Step 1\n")
