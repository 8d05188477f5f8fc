"""Which cases there are: every command, every request, faults that the emulator can play."""

from __future__ import annotations

import random
from typing import Any

import pytest
from acr_emulator.wire.faults import parse_rules
from azure.cli.core.mock import DummyCli
from cases import Case, cases_of, drawn_from, pairs_of, requests_of
from catalogue import MARK, Request, faults_for
from command_lines import LINES
from in_process import Reply

from azext_acrpool import COMMAND_LOADER_CLS

REGISTRY = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/P.C/registries/try1n2"
READ = Request("GET", "/registries/@registry@/agentPools", body={"value": [{"name": "x", "count": 5}], "ok": True})
CHANGE = Request("PUT", "/registries/@registry@/agentPools/x", body={"properties": {"tags": None, "size": 0.5}})
QUEUE = Request("POST", "/registries/@registry@/scheduleRun", body={"properties": {"runId": "cf1"}})
BLOB = Request("PUT", "/acrblobs/x")


def test_every_command_has_a_line() -> None:
    table: dict[str, Any] = COMMAND_LOADER_CLS(cli_ctx=DummyCli()).load_command_table(None)
    assert {name for name in table for line in LINES if line.arguments.startswith(f"{name} ")} == set(table)


def test_titles_name_one_line_each() -> None:
    titles = [line.title for line in LINES]
    assert len(set(titles)) == len(titles)


def test_requests_are_known_again_in_another_registry() -> None:
    operation = f"{REGISTRY}/operationStatuses/0a3dd332-ce9b-426c-8ddb-40f7a985894f"
    blob = (
        "/acrblobs/container-14c409ce20c7416e89fa0ea44592116a/source/202611271417/2b42251b-eba0-4704-9d49-19adb95ff4c2"
    )
    paths = [operation, blob, *[f"{REGISTRY}/runs/cf{number}" for number in (7, 7, 7, 7)]]
    journal = [{"method": "GET", "path": path} for path in paths]
    replies = [Reply("GET", f"{REGISTRY}/runs/cf7", {"look": number}) for number in range(4)]
    general = REGISTRY.replace("try1n2", "@registry@").replace(".", "\\.")
    assert [(request.path, request.number, request.body) for request in requests_of("try1n2", journal, replies)] == [
        (f"{general}/operationStatuses/[0-9a-f-]+", 1, None),
        ("/acrblobs/container-[0-9a-f-]+/source/\\d+/[0-9a-f-]+", 1, None),
        (f"{general}/runs/cf\\d+", 1, {"look": 0}),
        (f"{general}/runs/cf\\d+", 2, {"look": 1}),
        (f"{general}/runs/cf\\d+", 4, {"look": 3}),
    ]


@pytest.mark.parametrize("request_", [READ, CHANGE, QUEUE, BLOB], ids=["read", "change", "queue", "blob"])
def test_the_emulator_can_play_every_fault(request_: Request) -> None:
    faults = list(faults_for(request_))
    titles = [fault.title for fault in faults]
    assert len(set(titles)) == len(titles)
    rules = parse_rules([fault.rule(request_, "myregistry") for fault in faults])
    assert len(rules) == len(faults)
    target = request_.path.replace("@registry@", "myregistry") + "?api-version=1"
    for rule in rules:
        assert rule.applies(request_.method, target)
        assert not rule.applies(request_.method, target.replace("?", f"?{MARK}=1&"))


def test_wrong_members_are_the_same_in_every_run_and_never_what_they_were() -> None:
    chosen = [fault for fault in faults_for(READ) if fault.kind.startswith("wrong member")]
    assert chosen == [fault for fault in faults_for(READ) if fault.kind.startswith("wrong member")]
    members = {path: value for fault in chosen for path, value in fault.action["rewrite"]["members"].items()}
    assert set(members) == {"value", "value.0", "value.0.name", "value.0.count", "ok"}
    assert not isinstance(members["value.0.name"], str) or "\x1b" in members["value.0.name"]


def test_one_fault_of_each_kind_is_drawn_for_each_request() -> None:
    show, build = LINES[0], LINES[1]
    cases = cases_of([(show, [READ, BLOB]), (build, [READ])])
    drawn = drawn_from(cases, random.Random(1))
    kinds = {fault.kind or fault.title for fault in faults_for(READ)}
    of_read = [case for case in drawn if case.line is show and case.faults[0][0] == READ]
    assert {case.faults[0][1].kind or case.faults[0][1].title for case in of_read} == kinds
    assert len(of_read) == len(kinds)
    assert drawn_from(cases, random.Random(1)) == drawn
    assert drawn_from(cases, random.Random(2)) != drawn


def test_of_a_request_that_nearly_every_line_makes_some_lines_are_drawn_for_each_kind() -> None:
    lines = LINES[:20]
    drawn = drawn_from(cases_of([(line, [READ]) for line in lines]), random.Random(1))
    of_a_kind = [{case.line.title for case in drawn if case.faults[0][1].kind == kind} for kind in ("404", "redirect")]
    assert [len(titles) for titles in of_a_kind] == [6, 6]
    assert of_a_kind[0] != of_a_kind[1]
    assert {case.line.title for case in drawn} == {line.title for line in lines}


def test_what_takes_long_is_tried_once_for_each_request_of_a_kind() -> None:
    cases = cases_of([(LINES[0], [READ]), (LINES[1], [READ])])
    assert [case.line for case in cases if case.faults[0][1].is_costly] == [LINES[0]] * 3


def test_pairs_are_two_faults_of_one_line() -> None:
    cases = cases_of([(LINES[0], [READ]), (LINES[1], [CHANGE])])
    pairs = pairs_of(cases, 50, random.Random(1))
    assert len(pairs) == 50
    for pair in pairs:
        first, second = (Case(pair.line, (fault,)) for fault in pair.faults)
        assert first in cases
        assert second in cases
        assert first != second
        assert pair.title == f"{first.title} && {second.title.removeprefix(f'{pair.line.title} | ')}"
