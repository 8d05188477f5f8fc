"""The emulator's contract: it answers recorded requests as Azure answered them.

What is known to differ is listed below, each with the reason; an entry that no longer differs fails the test, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from comparison import Difference, body_differences, header_differences
from known_differences import KNOWN_DIFFERENCES, KnownDifference, reason_of
from recordings import WIRE, Exchange, load_recordings, replay
from spec_examples import Example, example_differences, load_examples

RECORDINGS = {recording.name: recording for recording in load_recordings(WIRE)}
EXAMPLES = {example.name: example for example in load_examples(WIRE / "spec-examples")}


@cache
def played(name: str) -> list[Exchange]:
    return replay(RECORDINGS[name])


def found_in(name: str) -> list[Difference]:
    if name in EXAMPLES:
        return example_differences(EXAMPLES[name])
    return [difference for exchange in played(name) for difference in exchange.differences]


@pytest.mark.parametrize("name", RECORDINGS)
def test_recorded_requests_are_answered_as_azure_answered_them(name: str) -> None:
    unknown = [
        f"#{exchange.number}.{exchange.poll} {exchange.label}: {difference.where} {difference.what}"
        for exchange in played(name)
        for difference in exchange.differences
        if exchange.is_emulated and reason_of(name, difference) is None
    ]
    assert not unknown, "\n".join(unknown)
    assert {exchange.number for exchange in played(name)} == set(range(len(RECORDINGS[name].interactions)))


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_published_examples_are_answered_with_their_members(example: Example) -> None:
    differences = [found for found in example_differences(example) if reason_of(example.name, found) is None]
    assert not differences


@pytest.mark.parametrize("known", KNOWN_DIFFERENCES, ids=lambda known: f"{known.name} {known.where}")
def test_what_is_listed_as_different_still_differs(known: KnownDifference) -> None:
    assert any(re.fullmatch(known.where, difference.where) for difference in found_in(known.name)), known.reason


def changed(value: dict[str, Any], path: str, new: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(value))
    *parents, last = path.split(".")
    inner = copy
    for parent in parents:
        inner = inner[parent]
    if new is None:
        del inner[last]
    else:
        inner[last] = new
    return copy


POOL = {
    "name": "p",
    "properties": {"count": 1, "provisioningState": "Creating"},
    "systemData": {"createdAt": "2025-09-09T08:15:35.237981+00:00"},
}


@pytest.mark.parametrize(
    ("path", "new", "where"),
    [
        ("name", None, "body.name"),
        ("properties.count", "1", "body.properties.count"),
        ("properties.count", True, "body.properties.count"),
        ("properties.count", 2, "body.properties.count"),
        ("properties.provisioningState", "creating", "body.properties.provisioningState"),
        ("properties.extra", "x", "body.properties.extra"),
        ("systemData.createdAt", "yesterday", "body.systemData.createdAt"),
        ("systemData.createdAt", 5, "body.systemData.createdAt"),
    ],
)
def test_the_comparison_sees_what_is_wrong(path: str, new: Any, where: str) -> None:
    assert [difference.where for difference in body_differences(POOL, changed(POOL, path, new))] == [where]


def test_the_list_of_resources_has_no_order_but_other_lists_have() -> None:
    items = [{"id": f"/x/{name}", "type": "T", "name": name} for name in ("a", "b")]
    assert not list(body_differences({"value": items}, {"value": items[::-1]}))
    pools = [{**item, "properties": {}} for item in items]
    assert list(body_differences({"value": pools}, {"value": pools[::-1]}))


def test_the_comparison_lets_times_and_guids_differ() -> None:
    later = changed(POOL, "systemData.createdAt", "2026-01-01T00:00:00Z")
    assert not list(body_differences(POOL, later))
    guids = ("00000000-1111-2222-3333-444444444444", "99999999-1111-2222-3333-444444444444")
    links = [{"location": f"https://host/{guid}/status?t=1"} for guid in guids]
    assert not list(header_differences(links[0], links[1], keeps_retry_after=True))


@pytest.mark.parametrize(
    ("recorded", "given", "where"),
    [
        ({"location": "https://a/x?t=1"}, {}, "header.location"),
        ({"location": "https://a/x?t=1"}, {"location": "https://b/y?t=1"}, "header.location"),
        ({"location": "https://a/x?t=1"}, {"location": "https://b/x"}, "header.location"),
        ({"retry-after": "10"}, {"retry-after": "15"}, "header.retry-after"),
        ({}, {"retry-after": "15"}, "header.retry-after"),
    ],
)
def test_the_comparison_sees_wrong_headers(recorded: Mapping[str, str], given: Mapping[str, str], where: str) -> None:
    assert [d.where for d in header_differences(recorded, given, keeps_retry_after=True)] == [where]
