"""Comparing in bounded time: the same verdict as Python's `re`, where that gives one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.context.ignore.linear import ANY_FOLDERS, ANY_TEXT, ASSERTIONS, STAR, LinearMatcher

# Every token that an ignore pattern can be translated to; a repetition comes after a character class alone.
TOKENS = st.sampled_from(
    [STAR, ANY_TEXT, ANY_FOLDERS, *ASSERTIONS.values(), "a", "b", "/", r"\*", "[^/]", "[ab]", "(?!)"]
)
PARTS = st.one_of(TOKENS.map(lambda token: [token]), st.just(["[ab/]", "*"]))
EXPRESSIONS = st.lists(PARTS, max_size=8).map(lambda parts: [token for part in parts for token in part])
ENDS = st.sampled_from([[], [ASSERTIONS["z"]]])


@given(EXPRESSIONS, ENDS, st.text("ab/*\n ", max_size=8))
def test_the_verdict_is_that_of_backtracking(expression: list[str], end: list[str], path: str) -> None:
    tokens = [ASSERTIONS["A"], *expression, *end]
    assert LinearMatcher(tokens)(path) == (re.match("".join(tokens), path) is not None)


@given(st.lists(st.tuples(EXPRESSIONS, ENDS), max_size=4), st.text("ab/*\n ", max_size=8), st.sampled_from([0, 2**20]))
def test_many_expressions_are_told_apart(
    expressions: list[tuple[list[str], list[str]]], path: str, most_remembered: int
) -> None:
    alternatives = [[ASSERTIONS["A"], *expression, *end] for expression, end in expressions]
    matcher = LinearMatcher(*alternatives, most_remembered=most_remembered)
    for asked in (path, path[:4], path):  # the last from what is remembered
        matching = [re.match("".join(tokens), asked) is not None for tokens in alternatives]
        assert [bool(matcher.reached(asked) >> end & 1) for end in matcher.ends] == matching
        assert matcher(asked) == any(matching)


def test_a_matcher_that_forgets_goes_on() -> None:
    """Each of these paths comes to places of its own, more than may be remembered."""
    matches = LinearMatcher([STAR, "a", *["[ab]"] * 12, ASSERTIONS["z"]], most_remembered=2**15)
    for number in range(2**10):
        path = f"{number * 2654435761 % 2**24:024b}".translate({0x30: "a", 0x31: "b"})
        assert matches(path) is (path[-13] == "a")


@pytest.mark.parametrize(
    "tokens",
    [
        [STAR, "[ab]"] * 5000,
        [ANY_FOLDERS, STAR] * 5000,
        [ANY_FOLDERS, "a", "/"] * 5000,
        [STAR, "a", ANY_TEXT, "b"] * 2500,
        [STAR, ASSERTIONS["B"]] * 5000,
    ],
    ids=["stars", "folders", "deep", "texts", "assertions"],
)
def test_thousands_of_stars(tokens: list[str]) -> None:
    """Which `re` would need longer for than there is time."""
    matches = LinearMatcher([*tokens, "c", ASSERTIONS["z"]])
    assert not matches("a" * 255)
    assert not matches("a/" * 500)
