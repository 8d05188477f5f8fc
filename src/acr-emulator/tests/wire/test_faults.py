"""Faults by rule: which requests they hit, and what then happens."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acr_emulator.wire.fault_kinds import Fault
from acr_emulator.wire.faults import parse_rules
from acr_emulator.world import World
from asgi_exchange import Reply
from emulated_azure import REGISTRY, EmulatedAzure

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "emulator.md"
POOLS = f"{REGISTRY}/agentPools"


@pytest.fixture
def azure() -> Iterator[EmulatedAzure]:
    with EmulatedAzure() as azure:
        yield azure


def program(azure: EmulatedAzure, *rules: dict[str, Any]) -> None:
    assert azure.put("/_emulator/faults", list(rules)).status == 204


def test_a_status_with_body_and_headers_in_place_of_the_operation(azure: EmulatedAzure) -> None:
    fault = {"status": 429, "headers": {"Retry-After": "3"}, "body": {"error": {"code": "TooManyRequests"}}}
    program(azure, {"match": {"method": "PUT", "path": "/agentpools/"}, "fault": fault})
    throttled = azure.create_pool()
    assert (throttled.status, throttled.headers["retry-after"]) == (429, "3")
    assert throttled.body == {"error": {"code": "TooManyRequests"}}
    assert azure.get(POOLS).body == {"value": []}
    assert azure.create_pool().status == 201


def test_some_requests_go_well_before_and_after(azure: EmulatedAzure) -> None:
    program(azure, {"match": {"method": "GET", "path": "agentPools"}, "skip": 1, "times": 2, "fault": {"status": 503}})
    assert [azure.get(POOLS).status for _ in range(5)] == [200, 503, 503, 200, 200]


def test_for_ever_until_cleared(azure: EmulatedAzure) -> None:
    program(azure, {"times": None, "fault": {"status": 500}})
    assert [azure.get(POOLS).status for _ in range(5)] == [500] * 5
    assert azure.delete("/_emulator/faults").status == 204
    assert azure.get(POOLS).status == 200


def test_the_query_can_be_matched(azure: EmulatedAzure) -> None:
    program(azure, {"match": {"path": r"\?.*top=1"}, "times": None, "fault": {"status": 500}})
    assert azure.get(f"{REGISTRY}/runs?api-version=2019-06-01-preview").status == 200
    assert azure.get(f"{REGISTRY}/runs?api-version=2019-06-01-preview&$top=1").status == 500


def test_a_reset_carries_nothing_out(azure: EmulatedAzure) -> None:
    program(azure, {"match": {"method": "POST"}, "fault": {"reset": True}})
    assert azure.schedule() == Reply(0, {}, b"", "reset")
    assert azure.get(f"{REGISTRY}/runs").body == {"value": []}


def test_a_dropped_reply_carries_it_out(azure: EmulatedAzure) -> None:
    program(azure, {"match": {"method": "POST"}, "fault": {"drop-reply": True}})
    assert azure.schedule() == Reply(0, {}, b"", "close")
    assert [run["name"] for run in azure.get(f"{REGISTRY}/runs").body["value"]] == ["cf1"]


def test_a_truncated_reply_has_the_headers_of_the_whole(azure: EmulatedAzure) -> None:
    whole = azure.get(REGISTRY)
    program(azure, {"match": {"path": "/registries/myregistry$|/registries/myregistry\\?"}, "fault": {"truncate": 10}})
    cut = azure.get(REGISTRY)
    assert (cut.content, cut.cut) == (whole.content[:10], "close")
    assert cut.headers["content-length"] == whole.headers["content-length"] == str(len(whole.content))


def test_a_truncated_reply_may_end_with_a_reset(azure: EmulatedAzure) -> None:
    program(azure, {"fault": {"truncate": 10, "end": "reset"}})
    cut = azure.get(POOLS)
    assert (len(cut.content), cut.cut) == (10, "reset")


@pytest.mark.parametrize(
    ("fault", "reply"),
    [
        ({"status": 503, "carry-out": True}, (503, "")),
        ({"reset": True, "carry-out": True}, (0, "reset")),
        ({"silence": 0, "carry-out": True}, (0, "close")),
    ],
)
def test_what_is_carried_out_before_it_goes_wrong(
    azure: EmulatedAzure, fault: dict[str, Any], reply: tuple[int, str]
) -> None:
    program(azure, {"match": {"method": "POST"}, "fault": fault})
    got = azure.schedule()
    assert (got.status, got.cut) == reply
    assert [run["name"] for run in azure.get(f"{REGISTRY}/runs").body["value"]] == ["cf1"]


def test_a_silence_carries_nothing_out(azure: EmulatedAzure) -> None:
    program(azure, {"match": {"method": "POST"}, "fault": {"silence": 0}})
    assert azure.schedule() == Reply(0, {}, b"", "close")
    assert azure.get(f"{REGISTRY}/runs").body == {"value": []}


def test_a_reply_that_drips_is_whole_in_the_end(azure: EmulatedAzure) -> None:
    whole = azure.get(POOLS)
    program(azure, {"fault": {"drip": 0}})
    assert azure.get(POOLS).content == whole.content


def test_members_and_headers_of_a_reply_are_changed(azure: EmulatedAzure) -> None:
    azure.create_pool()
    listed = azure.get(POOLS).body
    members = {"value.0.properties.count": "x", "value.0.sku.name": None, "nextLink": 5}
    program(azure, {"fault": {"rewrite": {"status": 202, "members": members, "headers": {"Retry-After": "abc"}}}})
    changed = azure.get(POOLS)
    assert (changed.status, changed.headers["retry-after"]) == (202, "abc")
    (pool,) = listed["value"]
    rewritten = {**pool, "properties": {**pool["properties"], "count": "x"}, "sku": {"name": None}}
    assert changed.body == {**listed, "value": [rewritten], "nextLink": 5}
    assert changed.headers["content-length"] == str(len(changed.content))


def test_a_body_is_replaced_once_the_request_is_carried_out(azure: EmulatedAzure) -> None:
    program(azure, {"match": {"method": "PUT"}, "fault": {"rewrite": {"body": "<html>a proxy's page</html>"}}})
    created = azure.create_pool()
    assert (created.status, created.content) == (201, b"<html>a proxy's page</html>")
    assert [pool["name"] for pool in azure.get(POOLS).body["value"]] == ["pool1"]


def test_a_reply_that_cannot_have_a_body_gets_none(azure: EmulatedAzure) -> None:
    program(azure, {"match": {"method": "DELETE"}, "fault": {"rewrite": {"body": {"x": 1}, "headers": {"A": "b"}}}})
    gone = azure.delete(f"{POOLS}/nopool")
    assert (gone.status, gone.headers["a"], gone.content) == (204, "b", b"")
    assert "content-length" not in gone.headers


def test_a_list_without_end_never_leads_to_the_same_url_twice(azure: EmulatedAzure) -> None:
    program(azure, {"times": None, "fault": {"one-more-page": True}})
    urls = [f"{POOLS}?api-version=1&$top=1"]
    for _ in range(3):
        url = azure.get(urls[-1]).body["nextLink"]
        urls.append(url.removeprefix("https://127.0.0.1:4443"))
    assert urls[1:] == [f"{POOLS}?api-version=1&%24top=1&page={number}" for number in (1, 2, 3)]


def test_an_inflated_reply_is_the_same_json_when_unpacked(azure: EmulatedAzure) -> None:
    whole = azure.get(POOLS)
    program(azure, {"fault": {"inflate": 3_000_000}})
    inflated = azure.get(POOLS)
    unpacked = gzip.decompress(inflated.content)
    assert inflated.headers["content-encoding"] == "gzip"
    assert (len(unpacked), json.loads(unpacked)) == (len(whole.content) + 3_000_000, whole.body)
    assert len(inflated.content) < 30_000


def test_a_changed_reply_to_head_keeps_the_length_that_it_tells(azure: EmulatedAzure) -> None:
    head = azure.request("HEAD", f"{REGISTRY}x")
    program(azure, {"fault": {"rewrite": {"headers": {"Retry-After": "1"}}}})
    changed = azure.request("HEAD", f"{REGISTRY}x")
    assert changed.headers["content-length"] == head.headers["content-length"]


def test_a_delay_is_on_the_emulators_clock(azure: EmulatedAzure) -> None:
    program(azure, {"match": {"method": "GET"}, "fault": {"delay": 3600}})
    started = time.monotonic()

    async def ask_and_advance() -> None:
        await azure.clock.advance(3600)

    azure.in_background(ask_and_advance)
    assert azure.get(POOLS).status == 200
    assert azure.clock.now().hour == 13
    assert time.monotonic() - started < 60


def test_rules_of_the_world_file_hold_from_the_start() -> None:
    with EmulatedAzure(World(faults=tuple(parse_rules([{"fault": {"status": 418}}])))) as azure:
        assert [azure.get(POOLS).status for _ in range(2)] == [418, 200]


def test_the_guide_shows_each_kind_with_a_fault_that_rules_take() -> None:
    shown = [json.loads(fault) for fault in re.findall(r"^\| `({.*})` \|", GUIDE.read_text("utf-8"), re.MULTILINE)]
    rules = parse_rules([{"fault": fault} for fault in shown])
    assert [type(rule.fault) for rule in rules] == list(Fault.kinds.values())
