"""Faults by rule: which requests they hit, and what then happens."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acr_emulator.wire.fault_kinds import Fault
from acr_emulator.wire.faults import FaultRuleError, parse_rules
from acr_emulator.world import World
from emulated_azure import REGISTRY, EmulatedAzure, Reply

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
    assert azure.get(f"{REGISTRY}/runs?api-version=1").status == 200
    assert azure.get(f"{REGISTRY}/runs?api-version=1&$top=1").status == 500


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


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("x", "list of rules"),
        ([1], "faults[0]: expected keys and values"),
        ([{"match": {}}], "faults[0].fault: give exactly one of status, reset"),
        ([{"fault": {}}], "exactly one of status, reset"),
        ([{"fault": {"status": 500, "reset": True}}], "exactly one of"),
        ([{"fault": {"status": "500"}}], "faults[0].fault.status"),
        ([{"fault": {"delay": -1}}], "faults[0].fault.delay"),
        ([{"fault": {"status": 500, "headers": "x"}}], "faults[0].fault.headers: expected keys and values"),
        ([{"fault": {"reset": True, "body": "x"}}], "faults[0].fault.body: unknown key (known: reset)"),
        ([{"fault": {"reset": True}, "time": 1}], "faults[0].time: unknown key (known: fault, match, skip, times)"),
        ([{"fault": {"reset": True}, "match": {"path": "("}}], "not a regular expression"),
        ([{"fault": {"reset": True}, "match": {"url": "x"}}], "faults[0].match.url: unknown key (known: method, path)"),
        ([{"fault": {"reset": True}, "skip": 1.5}], "faults[0].skip"),
    ],
)
def test_rules_that_cannot_be_understood(azure: EmulatedAzure, document: Any, told: str) -> None:
    with pytest.raises(FaultRuleError) as error:
        parse_rules(document)
    assert told in str(error.value)
    assert azure.put("/_emulator/faults", document).status == 400


def test_the_guide_shows_each_kind_with_a_fault_that_rules_take() -> None:
    shown = [json.loads(fault) for fault in re.findall(r"^\| `({.*})` \|", GUIDE.read_text("utf-8"), re.MULTILINE)]
    rules = parse_rules([{"fault": fault} for fault in shown])
    assert [type(rule.fault) for rule in rules] == list(Fault.kinds.values())
