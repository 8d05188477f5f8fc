"""Runs that are listed and shown as users do it: in pages, in all formats, up to where a page cannot be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from az_harness import Az, Emulator

REGISTRY = ("--registry", "myregistry")
POOLS = [{"name": "mypool"}, {"name": "otherpool"}]
WORLD = {"pageSize": 2, "registries": [{"name": "myregistry", "agentPools": POOLS}]}
LIST = ("acr", "task", "list-runs", *REGISTRY)
COLUMNS = "RUN ID    TASK    PLATFORM    STATUS     TRIGGER    STARTED               DURATION    WAITED    AGENT POOL"


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    """Five runs, of which two are on an agent pool."""
    emulator = emulators(world=WORLD)
    registry = emulator.control("GET", "state")["registries"][0]["id"]
    for pool in ({}, {"agentPoolName": "mypool"}, {}, {"agentPoolName": "mypool"}, {}):
        task = "c3RlcHM6CiAgLSBjbWQ6IGJhc2ggZWNobyBoZWxsbwo="
        body = {"type": "EncodedTaskRunRequest", "encodedTaskContent": task, "platform": {"os": "linux"}, **pool}
        emulator.arm("POST", f"{registry}/scheduleRun", body)
    emulator.control("POST", "clock/advance", {"seconds": 600})
    return emulator


@pytest.fixture
def second_page_fails(emulator: Emulator) -> Iterator[None]:
    """While it lasts, the list of runs is refused from its second page on."""
    refusal = {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "You may not."}}}
    emulator.control("PUT", "faults", [{"match": {"path": r"/runs\?.*skiptoken"}, "times": None, "fault": refusal}])
    yield
    emulator.control("DELETE", "faults")


@pytest.mark.parametrize("form", ["json", "jsonc", "tsv", "none", "yaml"])
def test_several_pages_are_printed_as_az_own_prints_them(az: Az, plain_az: Az, form: str) -> None:
    ours, own = (each(*LIST, "--output", form).succeeded() for each in (az, plain_az))
    assert ours.stdout == own.stdout


def test_the_table_has_the_columns_of_az_own_and_two_more(az: Az, plain_az: Az) -> None:
    ours, own = (each(*LIST, "--output", "table").succeeded().printed for each in (az, plain_az))
    assert ours[0] == COLUMNS
    assert [line[: len(own[1])].rstrip() for line in ours] == own
    assert [line.split()[0] for line in ours[2:]] == ["cf5", "cf4", "cf3", "cf2", "cf1"]
    assert [line.split()[-1] == "mypool" for line in ours[2:]] == [False, True, False, True, False]


def test_runs_on_a_pool(az: Az) -> None:
    query = ("--query", "[].runId", "--output", "tsv")
    assert az(*LIST, "--agent-pool", "MyPool", *query).succeeded().printed == ["cf4", "cf2"]
    assert az(*LIST, "--agent-pool", "mypool", "--top", "1", *query).succeeded().printed == ["cf4"]
    assert az(*LIST, "--agent-pool", "otherpool", *query).succeeded().printed == []
    told = az(*LIST, "--agent-pool", "nopool").failed(3).told
    assert "ERROR: Could not find an agent pool named 'nopool' in registry 'myregistry'." in told


@pytest.mark.parametrize(
    ("form", "lines"), [("json", ["[", "  {"]), ("tsv", []), ("table", [COLUMNS])], ids=["json", "tsv", "table"]
)
@pytest.mark.usefixtures("second_page_fails")
def test_what_was_printed_stays_when_a_page_cannot_be_had(az: Az, form: str, lines: list[str]) -> None:
    done = az(*LIST, "--output", form).failed(1)
    assert "ERROR: Only the newest 2 runs could be read. (AuthorizationFailed) You may not." in done.told
    assert done.printed[: len(lines)] == lines
    assert (done.stdout.count("runs/cf") or done.stdout.count("\ncf"), done.stdout[-1]) == (2, "\n")


def test_a_queried_list_is_all_or_nothing(az: Az) -> None:
    assert az(*LIST, "--query", "length(@)").succeeded().json == 5


def test_a_run_is_shown_as_az_own_shows_it(az: Az, plain_az: Az) -> None:
    show = ("acr", "task", "show-run", *REGISTRY, "--run-id", "cf2")
    assert az(*show).succeeded().stdout == plain_az(*show).succeeded().stdout
    assert az(*show, "--output", "table").succeeded().printed[0].split()[-1] == "POOL"


def test_a_run_is_kept_and_given_up(az: Az, plain_az: Az) -> None:
    update = ("acr", "task", "update-run", *REGISTRY, "--run-id", "cf3")
    kept = az(*update, "--no-archive", "false").succeeded()
    assert kept.json["isArchiveEnabled"] is True
    assert az(*update).succeeded().json == plain_az("acr", "task", "show-run", *update[3:]).succeeded().json
    assert az(*update, "--no-archive").succeeded().json["isArchiveEnabled"] is False
