"""Go's regular expression syntax in terms of Python's. The Docker client checks the same from outside."""

from __future__ import annotations

import pytest

from azext_acrpool.context.ignore.go_regexp import GoRegexpError, translate
from azext_acrpool.context.ignore.linear import LinearMatcher


@pytest.mark.parametrize(
    ("expression", "matching", "other"),
    [
        (r"^a\.b$", "a.b", "axb"),
        (r"^[^/]*$", "a b\n", "a/b"),
        (r"^(.*/)?a$", "x/y/a", "xa"),
        (r"^\Qa.*\Eb$", "a.*b", "axxb"),
        (r"^\Q^$", "^$", "^"),
        (r"^\bé$", "", "é"),
        (r"^\ba$", "a", ""),
        (r"^[[:upper:]\d]$", "7", "a"),
        (r"^[[^/]*]$", "[^/]", "a]"),
        (r"^[\]-a]$", "_", "b"),
        (r"^[a\-z]$", "-", "b"),
        (r"^\x41\101\0$", "AA\0", "AA"),
        (r"^\pN$", "٣", "x"),
        (r"^\PN$", "x", "٣"),
        (r"^[^\pL]$", "-", "é"),
        (r"^\s$", "\f", "\v"),
        (r"^[\t-\r]$", "\v", " "),
        (r"^\W$", "é", "_"),
        ("^\ufffd$", "\udcff", "a"),
        ("^[^\ufffd]$", "a", "\udcff"),
        (r"^a\$", "a$ and more", "a"),
        (r"^^a$", "a", "^a"),
    ],
)
def test_translation(expression: str, matching: str, other: str) -> None:
    matches = LinearMatcher(translate(expression))
    assert matches(matching) or not matching
    assert not matches(other) or not other


@pytest.mark.parametrize(
    "expression",
    [r"^[a", r"^[b-a]$", r"^\e$", r"^\1$", r"^\x4$", r"^\é$", r"^[[:no:]]$", r"^\pX$", r"^\p", r"^\E$", r"^[\b]$"],
)
def test_what_go_refuses(expression: str) -> None:
    with pytest.raises(GoRegexpError):
        translate(expression)
