"""Words and flags of instructions, and the variables in them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azext_acrpool.dockerfile.expansion import ExpansionError, IntricateWordError, expand_word, lex_words
from azext_acrpool.dockerfile.words import split_flags, split_keyword, split_words


@pytest.mark.parametrize(
    ("text", "flags", "rest"),
    [
        ("a b", [], "a b"),
        ("--platform=linux/amd64 a", [("platform", "linux/amd64")], "a"),
        ("--link --chmod=7'5'5  a b ", [("link", None), ("chmod", "755")], "a b"),
        ("--a=\"b c\" --d='e\\'f' g", [("a", "b c"), ("d", "e'f")], "g"),
        ("--a=b\\ c d", [("a", "b c")], "d"),
        ("--a= b", [("a", "")], "b"),
        ("-- --a b", [], "--a b"),
        ("-a --b", [], "-a --b"),
        ("--a", [("a", None)], ""),
        ('--a="b c', [("a", "b c")], ""),
        ("--a=b\\", [("a", "b")], ""),
        ("", [], ""),
    ],
)
def test_flags_come_before_the_rest(text: str, flags: list[tuple[str, str | None]], rest: str) -> None:
    assert split_flags(text) == (tuple(flags), rest)


@pytest.mark.parametrize(
    ("line", "keyword", "rest"),
    [("from a", "FROM", "a"), (" RUN\t\ta  b ", "RUN", "a  b"), ("RUN", "RUN", ""), ("", "", "")],
)
def test_a_keyword_is_the_first_word(line: str, keyword: str, rest: str) -> None:
    assert split_keyword(line) == (keyword, rest)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A=1 B=2", ["A=1", "B=2"]),
        ("A='1 2' B=\"3 4\"5 C=6\\ 7", ["A='1 2'", 'B="3 4"5', "C=6\\ 7"]),
        ('A="1\\" 2" B', ['A="1\\" 2"', "B"]),
        ("A='1 2", ["A='1 2"]),
    ],
)
def test_words_end_at_blanks_that_are_not_quoted(text: str, words: list[str]) -> None:
    assert split_words(text, "\\") == words


@pytest.mark.parametrize(
    ("word", "expected", "unresolved"),
    [
        ("a:$V", "a:1.2.3", ()),
        ("a:${V}-x", "a:1.2.3-x", ()),
        ("$E$N", "", ("N",)),
        ("${N:-d}${E:-d}${E-d}${V:-d}", "dd1.2.3", ()),
        ("${N:+d}${E:+d}${E+d}${V:+d}", "dd", ()),
        ("${V?no}${N?no}", "1.2.3", ("N",)),
        ("${V%.*} ${V%%.*} ${V#*.} ${V##*.}", "1.2 1 2.3 3", ()),
        ("${V/./-} ${V//./-} ${V/2*/x}", "1-2.3 1-2-3 1.x", ()),
        ("${N:-${E:-${V}}}", "1.2.3", ()),
        ("'$V' \"$V\" \\$V", "$V 1.2.3 $V", ()),
        ("$", "$", ()),
        ("$(V)", "$(V)", ()),
        ("$$", "", ()),
        ("$1x", "x", ()),
        ("${N:-a b}", "a b", ()),
    ],
)
def test_variables_have_the_builders_operators(word: str, expected: str, unresolved: tuple[str, ...]) -> None:
    assert expand_word(word, {"V": "1.2.3", "E": ""}) == (expected, unresolved)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("${", "after ${ there is no name that docker takes"),
        ("${}", "after ${ there is no name that docker takes"),
        ("${V", "it ends before a }"),
        ("${V:-a", "it ends before a }"),
        ("${V/a", "it ends before a /"),
        ("${V.x}", "docker does not know '.' after a name in ${..}"),
        ("${V:0:1}", "docker does not know '0' after a name in ${..}"),
        ("'a", "a single quote is not closed"),
        ('"a', "a double quote is not closed"),
        ("${E:?}", "E must not be empty"),
        ("${V#\\a}", "a pattern in ${..} has \\ before 'a'"),
    ],
)
def test_what_docker_refuses_is_told(word: str, reason: str) -> None:
    with pytest.raises(ExpansionError) as refused:
        expand_word(word, {"V": "1", "E": ""})
    assert str(refused.value) == reason
    assert not isinstance(refused.value, IntricateWordError)


@pytest.mark.parametrize(
    "word", ["x" * 5000, "${V:-" * 30, "${V#" + "*a" * 60 + "}", "${W%a*}"], ids=["long", "deep", "stars", "value"]
)
def test_what_no_image_needs_is_not_looked_into(word: str) -> None:
    with pytest.raises(IntricateWordError):
        expand_word(word, {"V": "aaa", "W": "a" * 300})


@pytest.mark.parametrize(
    ("reference", "names"),
    [
        ("$A", ("A",)),
        ("x${A}", ("A",)),
        ("x${A-y}", ()),
        ("x${A:-$B}", ("B",)),
        ("x${A+$B}", ()),
        ("x${A?needed}", ("A",)),
        ("x${A#y}", ("A",)),
        ("x${A/y/z}", ("A",)),
        ("x$1", ()),
    ],
)
def test_only_variables_that_count_are_told(reference: str, names: tuple[str, ...]) -> None:
    assert expand_word(reference, {})[1] == names


@pytest.mark.parametrize("pattern", ["*a" * 60 + "b", "*" * 5000, "?*" * 100 + "b", "${V#" * 30])
@pytest.mark.parametrize("operator", ["#", "%%", "/"])
def test_no_pattern_takes_long(operator: str, pattern: str) -> None:
    with suppress(IntricateWordError):
        expand_word(f"${{V{operator}{pattern}{'/x' if operator == '/' else ''}}}", {"V": "a" * 200})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a  b\tc", ["a", "b", "c"]),
        ("'a b' \"c $d\" e\\ f", ["'a b'", '"c $d"', "e\\ f"]),
        ("$a ${b} ${c:-d e} ${f/g/h}", ["$a", "${b}", "${c:-d", "e}", "${f/g/h}"]),
        ("$((1 << 2)) x", ["$((1", "<<", "2))", "x"]),
    ],
)
def test_a_shells_line_has_words(line: str, words: list[str]) -> None:
    assert list(lex_words(line)) == words


@settings(derandomize=True)
@given(st.text("aA$\\{}:-+?#%/=\"' \n", max_size=40) | st.text(max_size=40))
def test_every_text_has_words_and_a_meaning_or_is_refused(text: str) -> None:
    flags, rest = split_flags(text)
    assert len(rest) + sum(len(name) + len(value or "") for name, value in flags) <= len(text)
    assert sum(map(len, split_words(text, "`"))) <= len(text)
    with suppress(ExpansionError):
        expand_word(text, {"A": "x"})
    with suppress(ExpansionError):
        list(lex_words(text))
