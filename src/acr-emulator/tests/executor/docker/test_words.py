"""Variables, quotes and patterns of Dockerfiles, as Docker treats them."""

from __future__ import annotations

import contextlib
import re

import pytest
from acr_emulator.executor.docker.gomatch import BadPatternError, Glob, has_wildcards
from acr_emulator.executor.docker.words import SubstitutionError, expand, json_words, name_values, split_words
from hypothesis import given, settings
from hypothesis import strategies as st

VARIABLES = {"V": "value", "EMPTY": "", "A1": "one", "x": "y"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("plain", "plain"),
        ("$V", "value"),
        ("${V}", "value"),
        ("$V/x", "value/x"),
        ("$Vx", ""),
        ("${V}x", "valuex"),
        ("$A1", "one"),
        ("$UNSET", ""),
        ("${UNSET:-default}", "default"),
        ("${EMPTY:-default}", "default"),
        ("${EMPTY-default}", ""),
        ("${UNSET-default}", "default"),
        ("${V:-default}", "value"),
        ("${V:+alternative}", "alternative"),
        ("${EMPTY:+alternative}", ""),
        ("${EMPTY+alternative}", "alternative"),
        ("${UNSET+alternative}", ""),
        ("${UNSET:-$V}", "value"),
        ("${UNSET:-${EMPTY:-deep}}", "deep"),
        ("'$V'", "$V"),
        ('"$V"', "value"),
        ('"a b"', "a b"),
        (r"\$V", "$V"),
        (r'"\$V \"x\" \n"', r'$V "x" \n'),
        ("a'b'c", "abc"),
        ("$", "$"),
        ("100$", "100$"),
        ("$-", "$-"),
    ],
)
def test_words_are_expanded(word: str, expected: str) -> None:
    assert expand(word, VARIABLES) == expected


def test_the_escape_character_can_be_a_backtick() -> None:
    assert expand("`$V \\ $V", VARIABLES, "`") == "$V \\ value"


@pytest.mark.parametrize("word", ["${V", "${", "${}", "${V%x}", "${V:", "'open", '"open', "${UNSET:?must be set}"])
def test_broken_substitutions_are_refused(word: str) -> None:
    with pytest.raises(SubstitutionError):
        expand(word, VARIABLES)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(blacklist_characters="$'\"\\")))
def test_words_without_anything_special_stay_as_they_are(word: str) -> None:
    assert expand(word, VARIABLES) == word


@settings(deadline=None)
@given(st.text(alphabet="ab$V{}:-+?'\"\\ "))
def test_no_word_makes_the_lexer_fail_in_another_way(word: str) -> None:
    with contextlib.suppress(SubstitutionError):
        assert isinstance(expand(word, VARIABLES), str)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab=/.", min_size=1)), st.sampled_from([" ", "\t", "  "]))
def test_splitting_undoes_joining(words: list[str], blank: str) -> None:
    assert split_words(blank.join(words)) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1 B=2", [("A", "1"), ("B", "2")]),
        ('A="x y" B=\\ z', [("A", '"x y"'), ("B", "\\ z")]),
        ("A some old form = here", [("A", "some old form = here")]),
        ("A=", [("A", "")]),
    ],
)
def test_env_has_two_forms(text: str, expected: list[tuple[str, str]]) -> None:
    assert name_values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [('["a", "b c"]', ["a", "b c"]), ("[a, b]", None), ("a b", None), ('["a", 1]', None)]
)
def test_json_forms(text: str, expected: list[str] | None) -> None:
    assert json_words(text) == expected


# Cases of Go's own table for filepath.Match.
@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("abc", "abc", True),
        ("*", "abc", True),
        ("*c", "abc", True),
        ("a*", "a", True),
        ("a*", "ab/c", False),
        ("a*/b", "abc/b", True),
        ("a*/b", "a/c/b", False),
        ("a*b*c*d*e*/f", "axbxcxdxe/f", True),
        ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", False),
        ("ab[c]", "abc", True),
        ("ab[b-d]", "abc", True),
        ("ab[e-g]", "abc", False),
        ("ab[^c]", "abc", False),
        ("ab[^e-g]", "abc", True),
        ("a\\*b", "a*b", True),
        ("a\\*b", "ab", False),
        ("a?b", "a☺b", True),
        ("a[^a]b", "a☺b", True),
        ("a???b", "a☺b", False),
        ("[a-\u03b6]*", "\u03b1", True),
        ("*[a-ζ]", "A", False),
        ("a?b", "a/b", False),
        ("a*b", "a/b", False),
        ("[\\]a]", "]", True),
        ("[\\-]", "-", True),
        ("[x\\-]", "x", True),
        ("[x\\-]", "z", False),
        ("[\\-x]", "a", False),
        ("*x", "xxx", True),
    ],
)
def test_patterns_match_as_in_go(pattern: str, name: str, expected: bool) -> None:
    assert Glob(pattern).matches(name) is expected


@pytest.mark.parametrize("pattern", ["[]a]", "[-]", "[x-]", "[-x]", "[", "[^", "[^bc", "a[", "[a-b-c]", "a\\"])
def test_bad_patterns_are_told(pattern: str) -> None:
    with pytest.raises(BadPatternError):
        Glob(pattern)


@settings(deadline=None)
@given(st.text(alphabet="ab/.é\n"))
def test_a_name_without_wildcards_matches_itself_only(name: str) -> None:
    assert Glob(name).matches(name)
    assert not Glob(name).matches(name + "x")
    assert not has_wildcards(name)


@settings(deadline=None)
@given(st.text(alphabet="ab/*?", max_size=8), st.text(alphabet="ab/", max_size=8))
def test_stars_mean_any_run_without_a_slash(pattern: str, name: str) -> None:
    model = "".join({"*": "[^/]*", "?": "[^/]"}.get(character, character) for character in pattern)
    assert Glob(pattern).matches(name) is (re.fullmatch(model, name) is not None)
