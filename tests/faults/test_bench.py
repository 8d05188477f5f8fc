"""Trying a case: the fault happens, what comes of it is seen, and somebody else's run is told from our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from bench import Bench, in_process_bench, try_out
from cases import Case
from catalogue import Fault, Request
from command_lines import LINES
from evidence import Ending
from in_process import InProcess

SHOW = next(line for line in LINES if line.title == "show")
LIST = next(line for line in LINES if line.title == "list-runs")
BUILD = next(line for line in LINES if line.title == "build no-wait")
READ = Request("GET", ".*/registries/@registry@/agentPools/mypool")


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Bench, InProcess]]:
    with in_process_bench() as place:
        yield place


@dataclass
class Scripted:
    """Stands for commands that do what a test says, and end well."""

    do: Callable[[], object] = lambda: None
    begun: list[list[str]] = field(default_factory=list)

    def run(
        self, arguments: list[str], *, seconds: float, quiet: bool, meanwhile: Callable[[], None] | None = None
    ) -> Ending:
        self.begun.append(arguments)
        self.do()
        if meanwhile is not None:
            meanwhile()
        return Ending(0, "Queued cf1.", "")


def test_a_fault_that_a_command_bears(place: tuple[Bench, InProcess]) -> None:
    bench, commands = place
    bench.emulated.begin_journal()
    assert try_out(bench, commands, Case(SHOW, ((READ, Fault("503", {"status": 503})),))) == []
    # The rule has hit one request, and the next one went well.
    reads = [entry for entry in bench.emulated.journal() if entry["method"] == "GET"]
    assert [entry["status"] for entry in reads if entry["path"].endswith("/mypool")][:2] == [503, 200]


def test_a_list_may_have_become_empty(place: tuple[Bench, InProcess]) -> None:
    bench, commands = place
    # While the command waits for its turn, the only run ends.
    later = Fault("later", {"status": 503, "headers": {"Retry-After": "86400"}})
    assert try_out(bench, commands, Case(LIST, ((Request("GET", ".*/registries/@registry@/runs"), later),))) == []


def test_a_success_for_nothing_is_seen(place: tuple[Bench, InProcess]) -> None:
    bench, _ = place
    commands = Scripted()
    (wrong,) = try_out(bench, commands, Case(BUILD, ((READ, Fault("503", {"status": 503})),)))
    assert wrong.startswith("wrong success: exit 0, but it was not done: runs {}")
    (arguments,) = commands.begun
    assert arguments[:4] == ["acr", "build", "-r", arguments[3]]
    assert arguments[-1] == str(bench.context)


def test_somebody_elses_run_is_told_from_our_own(place: tuple[Bench, InProcess]) -> None:
    bench, _ = place
    case = Case(BUILD, ((READ, Fault("rival", {"status": 503}, rival=True)),))
    success, wrong_run = try_out(bench, Scripted(), case)
    assert success.startswith("wrong success: ")
    assert wrong_run == "wrong run: somebody else's run is taken for ours: cf1"


def test_what_strays_is_seen(place: tuple[Bench, InProcess]) -> None:
    import requests

    bench, _ = place

    def stray() -> None:
        requests.get("http://elsewhere.example.com/x", headers={"Authorization": "Bearer x"}, timeout=10)

    wrong = try_out(bench, Scripted(stray), Case(SHOW, ((READ, Fault("503", {"status": 503})),)))
    assert wrong[1:] == ["strayed: GET to elsewhere.example.com with the token"]
