"""Go's regular expressions."""

from __future__ import annotations

import pytest
from acr_emulator.golang.errors import RegexpError
from acr_emulator.golang.regexp import Regexp


@pytest.mark.parametrize(
    ("pattern", "text", "spans"),
    [
        ("", "", [(0, 0)]),
        ("^abcdefg", "abcdefg", [(0, 7)]),
        ("a+", "baaab", [(1, 4)]),
        ("(a|ab)(c|bcd)", "abcd", [(0, 4), (0, 1), (1, 4)]),
        ("(a*)(a*)", "aa", [(0, 2), (0, 2), (2, 2)]),
        ("a*?b", "aab", [(0, 3)]),
        ("(?U)a+", "aaa", [(0, 1)]),
        ("(?i)HeL+o", "xhelLO", [(1, 6)]),
        ("(?s).+", "a\nb", [(0, 3)]),
        (".+", "a\nb", [(0, 1)]),
        ("(?m)^b$", "a\nb\nc", [(2, 3)]),
        ("^b$", "a\nb\nc", None),
        (r"\bfoo\b", "a foo b", [(2, 5)]),
        (r"\Boo", "foo", [(1, 3)]),
        (r"[^a-c\d]+", "a1xyz2", [(2, 5)]),
        (r"[[:alpha:]_-]+", "1ab_-2", [(1, 5)]),
        (r"[[:^digit:]]+", "12ab", [(2, 4)]),
        (r"\p{Lu}\P{L}", "aB1", [(1, 3)]),
        (r"\p{Greek}", "aβ", [(1, 2)]),
        (r"\Q.*\E+", "a.**", [(1, 4)]),
        (r"\x41\x{42}\103\n", "ABC\n", [(0, 4)]),
        ("a{2,3}", "aaaa", [(0, 3)]),
        ("a{2,}?", "aaaa", [(0, 2)]),
        ("a{,2}", "a{,2}", [(0, 5)]),
        ("(?:ab)+(?P<x>c)", "ababc", [(0, 5), (4, 5)]),
        ("(a)|b", "b", [(0, 1), (-1, -1)]),
        ("(|a)*", "aa", [(0, 0), (0, 0)]),
        ("[]a]+", "]a", [(0, 2)]),
        ("[a-]+", "-a", [(0, 2)]),
        ("x*", "é", [(0, 0)]),
    ],
    ids=range(30),
)
def test_matches(pattern: str, text: str, spans: list[tuple[int, int]] | None) -> None:
    match = Regexp(pattern).find(text)
    found = None if match is None else list(zip(match[::2], match[1::2], strict=True))
    assert found == spans


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(", "missing closing ): `(`"),
        ("((a)", "missing closing ): `((a)`"),
        ("a)", "unexpected ): `a)`"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("a|*", "missing argument to repetition operator: `*`"),
        ("(+)", "missing argument to repetition operator: `+`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a++", "invalid nested repetition operator: `++`"),
        ("x{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("(a{500}){3}", "invalid repeat count: `{3}`"),
        ("[a", "missing closing ]: `[a`"),
        ("[]", "missing closing ]: `[]`"),
        ("[b-a]", "invalid character class range: `b-a`"),
        ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
        (r"\pX", r"invalid character class range: `\pX`"),
        (r"\p{Klingon}", r"invalid character class range: `\p{Klingon}`"),
        ("\\", "trailing backslash at end of expression: ``"),
        (r"\q", r"invalid escape sequence: `\q`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        (r"\C", r"invalid escape sequence: `\C`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?x)a", "invalid or unsupported Perl syntax: `(?x`"),
        ("(?P<n", "invalid named capture: `(?P<n`"),
        ("(?P<a b>c)", "invalid named capture: `(?P<a b>`"),
        ("a(?", "invalid or unsupported Perl syntax: `(?`"),
        ("a(?i", "invalid or unsupported Perl syntax: `(?i`"),
        (r"\x{110000}a", r"invalid escape sequence: `\x{110000`"),
        (r"\x{4g}", r"invalid escape sequence: `\x{4g`"),
        (r"\xzza", r"invalid escape sequence: `\xzz`"),
    ],
    ids=range(31),
)
def test_what_is_no_regular_expression(pattern: str, problem: str) -> None:
    with pytest.raises(RegexpError) as refusal:
        Regexp(pattern)
    assert str(refusal.value) == f"error parsing regexp: {problem}"


@pytest.mark.parametrize(
    ("pattern", "text", "replacement", "replaced"),
    [
        ("a(x*)b", "-ab-axxb-", "T", "-T-T-"),
        ("a(x*)b", "-ab-axxb-", "$1", "--xx-"),
        ("a(x*)b", "-ab-axxb-", "$1W", "---"),
        ("a(x*)b", "-ab-axxb-", "${1}W", "-W-xxW-"),
        ("(?P<first>a)", "ba", "<$first>$$ ${no}", "b<a>$ "),
        ("", "ab", "-", "-a-b-"),
        ("a*", "baaac", "x", "xbxcx"),
        ("b", "abc", "$", "a$c"),
        ("(a)", "ab", "[$0$01]", "[a]b"),
        ("(?P<n>a)|(?P<n>b)", "ab", "<$n>", "<a><b>"),
    ],
    ids=range(10),
)
def test_replacing(pattern: str, text: str, replacement: str, replaced: str) -> None:
    assert Regexp(pattern).replace_all(text, replacement) == replaced


def test_replacing_literally() -> None:
    assert Regexp("a(x*)b").replace_all_literal("-ab-axxb-", "${1}") == "-${1}-${1}-"


@pytest.mark.parametrize(
    ("pattern", "text", "most", "pieces"),
    [
        ("a", "banana", -1, ["b", "n", "n", ""]),
        ("a", "banana", 2, ["b", "nana"]),
        ("a", "banana", 0, None),
        ("z+", "pizza", -1, ["pi", "a"]),
        ("", "abc", -1, ["a", "b", "c"]),
        ("x", "", -1, [""]),
    ],
    ids=range(6),
)
def test_splitting(pattern: str, text: str, most: int, pieces: list[str] | None) -> None:
    assert Regexp(pattern).split(text, most) == pieces


def test_matching_takes_no_longer_for_patterns_with_many_ways_to_match() -> None:
    assert Regexp("(a|aa|a*)*b").find("a" * 2000) is None
