"""The list of runs: what is asked of the service, what is filtered here, and where it ends."""

from __future__ import annotations

import tracemalloc
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_arm import ARM, REGISTRY, arm_error, scripted_arm
from scripted_transport import Answer, Reply

from azext_acrpool.client.errors import ForeignHostError, InvalidReplyError, ServiceFailureError
from azext_acrpool.client.run_listing import EVERY_RUN, RunFilter, list_runs, newest_run

PATH = f"{REGISTRY.path}/runs"


def run(number: int, **properties: Any) -> dict[str, Any]:
    return {"name": f"cf{number}", "properties": {"runId": f"cf{number}", **properties}}


def page(*runs: dict[str, Any], then: str = "") -> Reply:
    return Reply(200, {"value": list(runs), **({"nextLink": ARM + then} if then else {})})


def listed(wanted: RunFilter, *answers: Answer, top: int = 15) -> tuple[list[tuple[list[str], bool]], list[str]]:
    """The IDs on each page with whether it is the last, and what was asked for."""
    arm, transport = scripted_arm(*answers)
    pages = [
        ([item["name"] for item in found.runs], found.is_last) for found in list_runs(arm, REGISTRY, wanted, top=top)
    ]
    return pages, [unquote(request.url).removeprefix(ARM).removeprefix(PATH) for request in transport.requests]


VERSION = "api-version=2025-03-01-preview"


@pytest.mark.parametrize(
    ("wanted", "query"),
    [
        (EVERY_RUN, "?$top=15&"),
        (RunFilter(task="nightly"), "?$filter=TaskName eq 'nightly'&$top=15&"),
        (RunFilter(task="it's"), "?$filter=TaskName eq 'it''s'&$top=15&"),
        (
            RunFilter(task="t", status="Failed", manifest="a@sha256:1"),
            "?$filter=TaskName eq 't' and Status eq 'Failed' and contains(OutputImageManifests, 'a@sha256:1')&$top=15&",
        ),
        # The service would count runs that are left out here.
        (RunFilter(status="Failed", pool="mypool"), "?$filter=Status eq 'Failed'&"),
        (RunFilter(pushed="app:v1"), "?"),
    ],
    ids=["nothing", "task", "quote", "all", "pool", "tag"],
)
def test_what_the_service_is_asked_for(wanted: RunFilter, query: str) -> None:
    assert listed(wanted, page())[1] == [query + VERSION]


def test_pages_follow_each_other_until_there_is_no_other() -> None:
    pages, asked = listed(EVERY_RUN, page(run(3), run(2), then="/next"), page(run(1)))
    assert pages == [(["cf3", "cf2"], False), (["cf1"], True)]
    assert asked[1] == "/next"


def test_no_page_is_asked_for_when_there_are_enough() -> None:
    pages, _ = listed(EVERY_RUN, page(run(3), run(2), run(1), then="/next"), top=2)
    assert pages == [(["cf3", "cf2"], True)]


def test_no_page_is_kept_when_others_follow() -> None:
    def answer(number: int) -> Answer:
        return lambda _: page(run(number, task="x" * size), then=f"/{number}")

    size, count = 1_000_000, 30
    arm, _ = scripted_arm(*map(answer, range(count)))
    tracemalloc.start()
    try:
        found = sum(len(each.runs) for each in list_runs(arm, REGISTRY, top=count))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # A page on its way is there several times: as bytes, as text, as data.
    assert found == count
    assert peak < count * size / 2


def test_runs_on_a_pool_are_found_here_in_any_case() -> None:
    answers = (
        page(run(4, agentPoolName="MyPool"), run(3), then="/2"),
        page(run(2, agentPoolName="other"), then="/3"),
        page(run(1, agentPoolName="mypool"), run(0, agentPoolName="mypool"), then="/4"),
    )
    pages, _ = listed(RunFilter(pool="mypool"), *answers, top=2)
    assert pages == [(["cf4"], False), ([], False), (["cf1"], True)]


def test_runs_that_pushed_a_tag_are_found_here() -> None:
    images = [{"repository": "app", "tag": "v1"}, {"repository": "app", "tag": "v2"}]
    pages, _ = listed(
        RunFilter(pushed="app:v2"), page(run(2, outputImages=images), run(1, outputImages=images[:1]), run(0))
    )
    assert pages == [(["cf2"], True)]


def test_runs_queued_meanwhile_shift_the_pages_and_no_run_comes_twice() -> None:
    pages, _ = listed(EVERY_RUN, page(run(3), run(2), then="/next"), page(run(2), run(1)))
    assert pages == [(["cf3", "cf2"], False), (["cf1"], True)]


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 12))
def test_however_pages_overlap_each_run_comes_once_and_in_its_order(overlaps: list[int], top: int) -> None:
    answers, start = [], 0
    for number, overlap in enumerate(overlaps):
        start = max(start - overlap, 0)
        runs = [run(100 - position) for position in range(start, start + 4)]
        answers.append(page(*runs, then=f"/{number}" if number < len(overlaps) - 1 else ""))
        start += 4
    pages, _ = listed(EVERY_RUN, *(answers or [page()]), top=top)
    found = [name for names, _ in pages for name in names]
    assert found == [f"cf{100 - position}" for position in range(min(top, start))]
    assert [is_last for _, is_last in pages] == [False] * (len(pages) - 1) + [True]


def test_a_list_that_leads_back_to_itself_ends_as_an_error() -> None:
    with pytest.raises(InvalidReplyError, match="does not end"):
        listed(EVERY_RUN, page(run(1), then="/next"), page(run(2), then="/next"))


def test_a_page_on_another_host_is_not_asked_for() -> None:
    body = {"value": [run(1).copy()], "nextLink": "https://evil.example/runs"}
    with pytest.raises(ForeignHostError):
        listed(EVERY_RUN, Reply(200, body))


def test_a_run_that_is_none_is_an_invalid_reply() -> None:
    with pytest.raises(InvalidReplyError, match="properties"):
        listed(EVERY_RUN, *[page({"properties": "no"})] * 9)


def test_a_page_that_fails_is_an_error_after_those_before() -> None:
    arm, _ = scripted_arm(page(run(1), then="/next"), *[arm_error(500, "InternalServerError")] * 9)
    pages = list_runs(arm, REGISTRY, top=9)
    assert len(next(pages).runs) == 1
    with pytest.raises(ServiceFailureError):
        next(pages)


def test_the_newest_run_is_the_first() -> None:
    arm, transport = scripted_arm(page(run(7, status="Failed"), then="/next"))
    newest = newest_run(arm, REGISTRY, RunFilter(task="nightly"))
    assert newest is not None
    assert (newest.run_id, newest.status) == ("cf7", "Failed")
    assert "$top=1&" in unquote(transport.requests[0].url)


def test_there_may_be_no_newest_run() -> None:
    arm, _ = scripted_arm(page())
    assert newest_run(arm, REGISTRY) is None
