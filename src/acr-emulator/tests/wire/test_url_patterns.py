"""Patterns for URLs: regular expressions as ever, except those that would never come to an end."""

from __future__ import annotations

import pytest
from acr_emulator.wire.url_patterns import SlowPatternError, UrlPattern
from emulated_azure import REGISTRY, VERSION, EmulatedAzure

BOMBS = [r"(x+x+)+y", r"((a|aa)+)+$b"]


@pytest.mark.parametrize(
    ("pattern", "target", "found"),
    [
        ("", "/anything", True),
        ("/SCHEDULErun", "/x/scheduleRun", True),
        (r"/runs/[a-z]+1(\?(?!mark)|$)", "/runs/cf1?api-version=1", True),
        (r"/runs/[a-z]+1(\?(?!mark)|$)", "/runs/cf1?mark=1", False),
        (r"\?.*top=1", "/runs?api-version=1&$top=1", True),
        ("a{2,3}", "/a", False),
    ],
)
def test_what_is_found(pattern: str, target: str, found: bool) -> None:
    assert UrlPattern(pattern).is_found_in(target, 1) is found


@pytest.mark.parametrize("pattern", BOMBS)
def test_a_pattern_that_takes_too_long_is_given_up(pattern: str) -> None:
    with pytest.raises(SlowPatternError) as error:
        UrlPattern(pattern).is_found_in("/" + "x" * 5000 + "a" * 5000 + "," * 50, 0.1)
    told = f"the pattern '{pattern}' takes too long for this URL; write it without repetitions in others"
    assert str(error.value) == told


def test_a_request_that_a_pattern_takes_too_long_for_is_told_so() -> None:
    with EmulatedAzure() as azure:
        azure.put("/_emulator/faults", [{"match": {"path": "(x+x+)+y"}, "fault": {"status": 418}}])
        refused = azure.get(f"{REGISTRY}?{VERSION}&x={'x' * 5000}")
        reason = "the pattern '(x+x+)+y' takes too long for this URL; write it without repetitions in others"
        expected = {"code": "FaultRuleTooSlow", "message": f"A fault rule: {reason}."}
        assert (refused.status, refused.body["error"]) == (500, expected)
        assert azure.get(REGISTRY).status == 200
