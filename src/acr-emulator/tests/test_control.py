"""The control endpoints: what they answer, and each wrong request with the text that says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from emulated_azure import REGISTRY, EmulatedAzure

KINDS = "status, reset, delay, silence, drip, truncate, drop-reply, rewrite, one-more-page, inflate"


@pytest.fixture(scope="module")
def azure() -> Iterator[EmulatedAzure]:
    with EmulatedAzure() as azure:
        yield azure


def refusal(azure: EmulatedAzure, method: str, path: str, content: bytes, status: int = 400) -> str:
    headers = {"content-type": "application/json"}
    reply = azure.request(method, f"/_emulator/{path}", data=content, headers=headers)
    assert reply.status == status
    (text,) = reply.body.values()
    return str(text)


def test_advancing_tells_the_new_time() -> None:
    with EmulatedAzure() as azure:
        assert azure.post("/_emulator/clock/advance", {"seconds": 60}).body == {"now": "2025-06-01T12:01:00+00:00"}
        assert azure.post("/_emulator/clock/advance", {"seconds": 0.5}).body == {"now": "2025-06-01T12:01:00.5+00:00"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"{", "not valid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b"\xff", "not valid JSON: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (b"[" * 100_000, "not valid JSON: nested too deeply"),
        (
            b"[" * 60 + b"]" * 60,
            "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]...: more than 50 levels deep",
        ),
        (b"null", "the document: expected keys and values"),
        (b"[3600]", "the document: expected keys and values"),
        (b"3600", "the document: expected keys and values"),
        (b"{}", "seconds: expected seconds from 0 to 31622400, not None"),
        (b'{"seconds": "60"}', "seconds: expected seconds from 0 to 31622400, not '60'"),
        (b'{"seconds": true}', "seconds: expected seconds from 0 to 31622400, not True"),
        (b'{"seconds": -1}', "seconds: expected seconds from 0 to 31622400, not -1"),
        (b'{"seconds": 1e18}', "seconds: expected seconds from 0 to 31622400, not 1e+18"),
        (b'{"seconds": 1e400}', "seconds: inf is not a number that JSON has"),
        (b'{"seconds": NaN}', "seconds: nan is not a number that JSON has"),
        (b'{"seconds": -Infinity}', "seconds: -inf is not a number that JSON has"),
        (
            b'{"seconds": ' + b"9" * 5000 + b"}",
            (
                "not valid JSON: Exceeds the limit (4300 digits) for integer string conversion: value "
                "has 5000 digits; use sys.set_int_max_str_digits() to increase the limit"
            ),
        ),
        (b'{"seconds": [1]}', "seconds: expected seconds from 0 to 31622400, not [1]"),
        (b'{"seconds": 1, "minutes": 1}', "minutes: unknown key (known: seconds)"),
        (b'{"seconds": "\\ud800"}', "seconds: half of a character, which no text has"),
        (b'{"\\ud800": 1}', "the document: the key '\\ud800' is not a text; put it in quotes"),
    ],
    ids=range(21),
)
def test_advancing_by_nonsense(azure: EmulatedAzure, content: bytes, told: str) -> None:
    assert refusal(azure, "POST", "clock/advance", content) == told
    assert azure.post("/_emulator/clock/advance", {"seconds": 0}).body == {"now": "2025-06-01T12:00:00+00:00"}


def test_the_clock_has_an_end() -> None:
    with EmulatedAzure() as azure:
        azure.advance(355_900 * 86400)
        told = {"error": "the clock goes no further than 3000-01-01"}
        reply = azure.post("/_emulator/clock/advance", {"seconds": 366 * 86400})
        assert (reply.status, reply.body) == (400, told)


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize(("method", "path"), [("POST", "clock/advance"), ("PUT", "faults")])
def test_a_body_that_does_not_say_that_it_is_json(azure: EmulatedAzure, kind: str, method: str, path: str) -> None:
    reply = azure.request(method, f"/_emulator/{path}", data=b'{"seconds": 1}', headers={"content-type": kind})
    told = "expected a body in JSON, with the header 'Content-Type: application/json'"
    assert (reply.status, reply.body) == (415, {"error": told})


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "nothing"), ("POST", "faults"), ("DELETE", "clock/advance"), ("GET", "")]
)
def test_endpoints_that_are_not_there(azure: EmulatedAzure, method: str, path: str) -> None:
    told = "GET journal, DELETE journal, POST clock/advance, PUT faults, DELETE faults, GET state"
    assert refusal(azure, method, path, b"", 404) == f"no endpoint '{method} {path}'; there are {told}"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (1, "faults[0]: expected keys and values"),
        ({}, f"faults[0].fault: give exactly one of {KINDS}"),
        ({"fault": 1}, "faults[0].fault: expected keys and values"),
        ({"fault": {"stop": True}}, f"faults[0].fault: give exactly one of {KINDS}"),
        ({"fault": {"status": 500, "reset": True}}, f"faults[0].fault: give exactly one of {KINDS}"),
        ({"fault": {"status": 1000}}, "faults[0].fault.status: expected a whole number from 200 to 599, not 1000"),
        ({"fault": {"status": 100}}, "faults[0].fault.status: expected a whole number from 200 to 599, not 100"),
        ({"fault": {"status": "500"}}, "faults[0].fault.status: expected a whole number from 200 to 599, not '500'"),
        ({"fault": {"status": 500.5}}, "faults[0].fault.status: expected a whole number from 200 to 599, not 500.5"),
        ({"fault": {"status": 500, "headers": "x"}}, "faults[0].fault.headers: expected keys and values"),
        (
            {"fault": {"status": 500, "headers": {"A": "b\r\nC: d"}}},
            "faults[0].fault.headers.A: not a header that HTTP can send",
        ),
        (
            {"fault": {"status": 500, "headers": {"A B": "c"}}},
            "faults[0].fault.headers.A B: not a header that HTTP can send",
        ),
        (
            {"fault": {"status": 500, "headers": {"A": "\u20ac"}}},
            "faults[0].fault.headers.A: not a header that HTTP can send",
        ),
        ({"fault": {"status": 500, "headers": {"A": ["b"]}}}, "faults[0].fault.headers.A: expected text, not ['b']"),
        (
            {"fault": {"status": 500, "headers": {"Content-Length": 5}}},
            "faults[0].fault.headers.Content-Length: follows from the body; 'truncate' cuts a body short",
        ),
        (
            {"fault": {"rewrite": {"headers": {"transfer-encoding": "x"}}}},
            "faults[0].fault.rewrite.headers.transfer-encoding: follows from the body; 'truncate' cuts a body short",
        ),
        ({"fault": {"status": 500, "carry-out": 1}}, "faults[0].fault.carry-out: expected true or false, not 1"),
        (
            {"fault": {"rewrite": {"status": 600}}},
            "faults[0].fault.rewrite.status: expected a whole number from 200 to 599, not 600",
        ),
        (
            {"fault": {"rewrite": {"members": {".".join("a" * 51): 1}}}},
            "faults[0].fault.rewrite.members: a path has at most 50 parts and 1000 characters",
        ),
        ({"fault": {"rewrite": []}}, "faults[0].fault.rewrite: expected keys and values"),
        (
            {"fault": {"reset": False}},
            "faults[0].fault.reset: expected true; a fault that is not to happen is left out",
        ),
        ({"fault": {"drop-reply": "yes"}}, "faults[0].fault.drop-reply: expected true or false, not 'yes'"),
        ({"fault": {"delay": -1}}, "faults[0].fault.delay: expected seconds from 0 to 31622400, not -1"),
        ({"fault": {"silence": 1e9}}, "faults[0].fault.silence: expected seconds from 0 to 31622400, not 1000000000.0"),
        ({"fault": {"drip": None}}, "faults[0].fault.drip: expected seconds from 0 to 31622400, not None"),
        ({"fault": {"truncate": -1}}, "faults[0].fault.truncate: expected a whole number from 0 up, not -1"),
        ({"fault": {"truncate": 1, "end": "x"}}, "faults[0].fault.end: 'x' is not one of close, reset"),
        (
            {"fault": {"inflate": 10**12}},
            "faults[0].fault.inflate: expected a whole number from 0 up, not 1000000000000",
        ),
        ({"fault": {"reset": True}, "skip": -1}, "faults[0].skip: expected a whole number from 0 up, not -1"),
        ({"fault": {"reset": True}, "times": "2"}, "faults[0].times: expected a whole number from 0 up, not '2'"),
        ({"fault": {"reset": True}, "time": 1}, "faults[0].time: unknown key (known: fault, match, skip, times)"),
        ({"fault": {"reset": True}, "match": "/runs"}, "faults[0].match: expected keys and values"),
        ({"fault": {"reset": True}, "match": {"url": "x"}}, "faults[0].match.url: unknown key (known: method, path)"),
        (
            {"fault": {"reset": True}, "match": {"method": "FETCH"}},
            "faults[0].match.method: 'FETCH' is not one of GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS",
        ),
        ({"fault": {"reset": True}, "match": {"method": 1}}, "faults[0].match.method: expected text, not 1"),
        ({"fault": {"reset": True}, "match": {"path": ["x"]}}, "faults[0].match.path: expected text, not ['x']"),
        (
            {"fault": {"reset": True}, "match": {"path": "("}},
            "faults[0].match.path: not a regular expression: missing ) at position 1",
        ),
        (
            {"fault": {"reset": True}, "match": {"path": "x" * 1001}},
            "faults[0].match.path: a pattern has at most 1000 characters, not 1001",
        ),
        (
            {"fault": {"reset": True}, "match": {"path": "((a{1000}){1000}){1000}"}},
            "faults[0].match.path: counted repetitions may come to 1000 at most",
        ),
        (
            {"fault": {"reset": True}, "match": {"path": "a{,999999999999}"}},
            "faults[0].match.path: counted repetitions may come to 1000 at most",
        ),
    ],
    ids=range(40),
)
def test_rules_that_cannot_be(azure: EmulatedAzure, rule: Any, told: str) -> None:
    assert refusal(azure, "PUT", "faults", json.dumps([rule]).encode()) == told
    assert azure.get(REGISTRY).status == 200, "the rules in force have not changed"


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({}, "faults: expected a list of rules"),
        ({"rules": [], "more": 1}, "faults: expected a list of rules"),
        ("reset", "faults: expected a list of rules"),
        ([{"fault": {"reset": True}}] * 1001, "faults: at most 1000 rules, not 1001"),
    ],
    ids=["object", "more", "text", "many"],
)
def test_rules_that_are_no_list(azure: EmulatedAzure, document: Any, told: str) -> None:
    assert refusal(azure, "PUT", "faults", json.dumps(document).encode()) == told
