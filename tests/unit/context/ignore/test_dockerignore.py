"""Ignore rules: moby's own tables with the Go implementation's answers (data/README.md), then what these leave out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whole_messages import raises

from azext_acrpool.context.errors import DockerIgnoreError
from azext_acrpool.context.ignore.dockerignore import DockerIgnore, read_patterns
from azext_acrpool.context.ignore.pattern import Pattern, clean
from azext_acrpool.wording import printable

MOBY: dict[str, Any] = json.loads(
    Path(__file__).with_name("data").joinpath("moby-patternmatcher-cases.json").read_text()
)
MATCHES = [case for case in MOBY["cases"] if not case["err"] and case["text"] is not None]
REFUSED = [case for case in MOBY["cases"] if case["err"]]
ACCEPTED = [case for case in MOBY["cases"] if not case["err"] and case["text"] is None]


@pytest.mark.parametrize("case", MATCHES, ids=lambda case: f"{case['id']}")
def test_moby_matches(case: dict[str, Any]) -> None:
    ignore = DockerIgnore.from_lines(case["patterns"], backslash_separates=False)
    assert ignore.excludes(case["text"]) is case["match"]
    assert ignore.explain(case["text"]).excluded is case["match"]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case['id']}")
def test_moby_refuses(case: dict[str, Any]) -> None:
    with pytest.raises(DockerIgnoreError):
        DockerIgnore.from_lines(case["patterns"], backslash_separates=False)


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: f"{case['id']}")
def test_moby_accepts(case: dict[str, Any]) -> None:
    rules = DockerIgnore.from_lines(case["patterns"]).rules
    assert len(rules) == len([pattern for pattern in case["patterns"] if pattern])


def test_no_case_of_moby_is_left_out() -> None:
    assert len(MATCHES) + len(REFUSED) + len(ACCEPTED) == len(MOBY["cases"]) == 144


@pytest.mark.parametrize("case", MOBY["compile_cases"], ids=lambda case: str(case["pattern"]))
def test_moby_compiles(case: dict[str, Any]) -> None:
    pattern = Pattern(case["pattern"])
    assert (pattern.match_type.value, pattern.go_regexp) == (case["matchType"], case["regexp"])


@pytest.mark.parametrize("case", MOBY["ignorefile_cases"])
def test_moby_reads(case: dict[str, Any]) -> None:
    patterns = read_patterns(case["content"].split("\n"), backslash_separates=False)
    assert [pattern for _, _, pattern in patterns] == case["expected"]


@pytest.mark.parametrize(
    ("line", "path", "excluded"),
    [
        # What az's own misses, so that secrets get uploaded.
        ("dist/", "dist/app.js", True),
        ("/dist", "dist", True),
        ("./dist", "dist", True),
        ("a//b", "a/b", True),
        ("  secrets", "secrets", True),
        ("**/node_modules", "node_modules/x", True),
        ("**/.env*", ".env.local", True),
        # Characters that are special in regular expressions only.
        ("a+b(c).$*", "a+b(c).$x", True),
        ("a.b", "axb", False),
        ("{a,b}*", "{a,b}c", True),
        ("a|b*", "a|bc", True),
        ("a|b*", "a", False),
        # Classes and escapes.
        ("[[:digit:]]", "7", True),
        ("[[:^digit:]]", "7", False),
        ("[^a]", "b", True),
        (r"\d", "7", True),
        (r"\*", "x", False),
        (r"\*", "*", True),
        (r"a\[b", "a[b", True),
        # Line ends, comments, white space.
        ("a\r\n", "a", True),
        ("#a", "#a", False),
        (" #a", "#a", True),
        (r"\#a", "#a", True),
        ("a\x1c", "a", False),
        ("a\u3000", "a", True),
        ("\ufeffa", "a", True),
        ("\ufeff#a", "#a", False),
        ("\ufeff\ufeffa", "\ufeffa", True),
        # Two stars.
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**", "a", False),
        ("**/b", "xb", False),
        ("**b", "xb", True),
        ("a**", "abc/d", True),
        ("**/*/", "a", True),
        # Beyond the root there is nothing to match.
        ("../a", "a", False),
        ("a/../b", "b", True),
        ("/", "a", False),
        (".", "a", False),
        # Undecodable bytes are one character each.
        ("a?", "a\udcff", True),
        ("[^a]", "\udcff", True),
        ("[a-\ufff0]", "\udcff", False),
        ("\udcff", "\udcff", True),
        ("\udcff", "\udcfe", False),
        ("\udcff*", "\udcfe", True),
        ("?", "é", True),
        ("?", "e\u0301", False),
        # A name with a line feed in it.
        ("a?b", "a\nb", True),
        ("**/b*", "a\nc/b", False),
        ("**/b", "a\nc/b", True),
    ],
)
def test_one_line(line: str, path: str, excluded: bool) -> None:
    ignore = DockerIgnore.from_lines([line], backslash_separates=False)
    assert ignore.excludes(path) is excluded
    assert ignore.explain(path).excluded is excluded


@pytest.mark.parametrize(
    ("lines", "path", "excluded"),
    [
        (["*", "!a/b"], "a/b", False),
        (["*", "!a/b"], "a/c", True),
        (["*", "!a/b"], "a", True),
        (["*", "!a", "a/b"], "a/b/c", True),
        (["**", "!**/*.go"], "x/y/main.go", False),
        (["docs", "!docs/*.md", "docs/secret.md"], "docs/secret.md", True),
        (["!a", "a"], "a/b", True),
        # The folder was not excluded when the exception was asked, so that it does not count for what is in it.
        (["a/b", "!a"], "a/b", True),
        (["a", "./!a/b"], "a/b", False),
        (["a", "! a/b"], "a/b", False),
        (["a", "!/a/b"], "a/b", False),
        (["!!a"], "!a", False),
        (["*", "!!a"], "!a", False),
    ],
)
def test_the_last_rule_that_matches_wins(lines: list[str], path: str, excluded: bool) -> None:
    ignore = DockerIgnore.from_lines(lines, backslash_separates=False)
    assert ignore.excludes(path) is excluded
    assert ignore.explain(path).excluded is excluded


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("!", "no pattern follows the '!'"),
        ("! ", "no pattern follows the '!'"),
        ("!/", "no pattern follows the '!'"),
        ("a\\", "nothing follows the last '\\'"),
        ("[x-]", "']' at the wrong place in a character class '[..]' (write '\\]')"),
        ("[", "a character class '[' has no closing ']'"),
        ("[\udcff]", "a character class '[..]' holds a byte that is not UTF-8"),
        ("[z-a]", "invalid character class range 'z-a'"),
        ("src\\packages", "invalid character class '\\pa'"),
        ("\\k", "invalid escape sequence '\\k'"),
        ("[[:nope:]]", "invalid character class '[:nope:]'"),
    ],
)
def test_a_malformed_pattern_names_file_and_line(line: str, reason: str) -> None:
    with pytest.raises(DockerIgnoreError) as refused:
        DockerIgnore.from_lines(["# rules", "", "a", line], "app.Dockerfile.dockerignore", backslash_separates=False)
    error = refused.value
    assert (error.file, error.line, error.pattern, error.reason) == (
        "app.Dockerfile.dockerignore", 4, line.strip(), reason)  # fmt: skip
    shown = printable(line.strip())
    assert str(error) == f"app.Dockerfile.dockerignore, line 4: malformed pattern '{shown}': {reason}."


def test_what_filepath_match_does_not_reach_is_accepted_as_by_docker() -> None:
    assert DockerIgnore.from_lines(["*a*[]b]"], backslash_separates=False).excludes("xax]")


def test_the_rule_that_decided_is_named() -> None:
    ignore = DockerIgnore.from_lines(["# comment", "*", " !src ", "**/*.pyc"])
    rule = ignore.explain("src/a.pyc").rule
    assert rule is not None
    assert (rule.line, rule.text) == (4, "**/*.pyc")
    rule = ignore.explain("src/a.py").rule
    assert rule is not None
    assert (rule.line, rule.text, rule.exception) == (3, "!src", True)
    assert DockerIgnore.from_lines(["a"]).explain("b").rule is None


def test_on_windows_backslashes_separate_folders() -> None:
    ignore = DockerIgnore.from_lines(["src\\bin", "!src\\bin\\keep*", "\\dist\\"], backslash_separates=True)
    assert ignore.excludes("src/bin/a")
    assert not ignore.excludes("src/bin/keep.txt")
    assert ignore.excludes("dist/x")


def test_many_stars_are_matched_in_no_time() -> None:
    ignore = DockerIgnore.from_lines(["*a*a*a*a*a*a*a*a*a*a*b", "**/**/**/**/**/**/*.x"])
    assert not ignore.excludes("a" * 250)
    assert not ignore.excludes("/".join("a" * 100))


@pytest.mark.parametrize(
    "pattern",
    [
        "*" * 10_000,
        "?*" * 5_000,
        "*[ab]" * 5_000 + "c",
        "*[ab]*[ab]*[ab]*[ab]*[ab]*c",
        "a?*" * 5_000,
        "***" * 5_000 + "c",
        "**/*/" * 5_000 + "c",
        "*a*b" * 5_000,
        r"\d" * 30_000,
        r"\pL" * 8_000,
        "[a-z]" * 3_000,
        "".join(f"[{chr(code)}b]*" for code in range(0x4E00, 0x4E00 + 1_000)),
    ],
    ids=lambda pattern: f"{pattern[:12]} {len(pattern)}",
)
def test_no_pattern_takes_long(pattern: str) -> None:
    ignore = DockerIgnore.from_lines(["*", f"!{pattern}", pattern, f"!{pattern}/x"])
    for path in ("a" * 255, "a/" * 500 + "a", "xy/" + "ab" * 126):
        assert ignore.excludes(path) == ignore.explain(path).excluded
        ignore.may_include_below(path, ignore.no_matches)


def calls(function: Callable[[str], object], path: str) -> int:
    """How many functions it takes to answer: a measure of the work that is the same on any machine."""
    count = 0

    def profile(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(profile)
    try:
        function(path)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "rules",
    [
        [f"**/x{number}*.log" for number in range(300)],
        [f"**/x{number}*.[a-z]*" for number in range(300)],
        [f"*[a-{chr(0x62 + number)}]*[a-c]*[ab]*[a-d]*c" for number in range(20)],
        [f"{sign}**/a*{number}" for number in range(100) for sign in ("", "!")],
    ],
    ids=["globs", "classes", "stars", "alternating"],
)
@pytest.mark.parametrize("length", [200, 330, 3000])
def test_the_work_for_a_path_does_not_grow_with_the_rules(rules: list[str], length: int) -> None:
    ignore = DockerIgnore.from_lines(rules, backslash_separates=False)
    excludes = ignore.file_filter(ignore.no_matches)
    assert calls(excludes, "ab" * (length // 2) + "1") < 60 * length + 10 * len(rules)
    assert calls(excludes, "ab" * (length // 2) + "2") < 100 + 10 * len(rules)  # nearly all of it was seen before


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("a" * 2**16, "a" * 40),
        ("#" * 2**16, "#" * 40),
        (" " * 2**16, ""),
        ("a" + " " * 2**16, "a"),
        ("a" * (2**16 - 1) + "\r", "a" * 40),
        ("\xe9" * 2**15, "\xe9" * 40),
    ],
)
def test_lines_that_docker_does_not_read(line: str, shown: str) -> None:
    told = f".dockerignore, line 2: malformed pattern '{shown}..': the line has 64 KiB or more."
    with raises(DockerIgnoreError, told):
        DockerIgnore.from_lines(["b", line + "\n", "["])


def test_the_longest_line_that_docker_reads() -> None:
    assert DockerIgnore.from_lines(["a" * (2**16 - 1) + "\n"]).excludes("a" * (2**16 - 1))


@pytest.mark.parametrize(("path", "cleaned"), [
    ("", "."), ("/", "/"), ("//", "/"), ("a/..", "."), ("../a", "../a"), ("/../a", "/a"), ("a/./b//", "a/b"),
    ("a/../../b", "../b"),
])  # fmt: skip
def test_clean_is_that_of_go(path: str, cleaned: str) -> None:
    assert clean(path) == cleaned


NAMES = st.sampled_from(["a", "b", "ab", ".a", "a.b", "é"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PIECES = st.sampled_from(["a", "b", "ab", ".a", "*", "?", "**", "a*", "[a-b]", "*b", "[^a]", "**b", "\\a*"])
PATTERNS = st.lists(PIECES, min_size=1, max_size=4).map("/".join)
RULES = st.lists(st.builds(str.__add__, st.sampled_from(["", "", "!"]), PATTERNS), max_size=7)


@given(RULES, PATHS)
def test_grouped_rules_decide_as_single_rules_do(rules: list[str], path: str) -> None:
    ignore = DockerIgnore.from_lines(rules, backslash_separates=False)
    assert ignore.excludes(path) is ignore.explain(path).excluded


@given(RULES, PATHS, PATHS)
def test_a_folder_that_is_not_entered_holds_nothing_to_send(rules: list[str], folder: str, below: str) -> None:
    ignore = DockerIgnore.from_lines(rules, backslash_separates=False)
    matches = ignore.no_matches
    parts = folder.split("/")
    for depth in range(1, len(parts) + 1):
        excluded, matches = ignore.evaluate("/".join(parts[:depth]), matches)
    if excluded and not ignore.may_include_below(folder, matches):
        assert ignore.excludes(f"{folder}/{below}")


@pytest.mark.parametrize(
    ("lines", "folder", "entered"),
    [
        (["node_modules"], "node_modules", False),
        (["a", "!b"], "a", False),
        (["a", "!a/b"], "a", True),
        (["*", "!a/b"], "a/c", False),
        (["*", "!src/*/keep"], "src", True),
        (["*", "!src/*/keep"], "src/x", True),
        (["*", "!src/*/keep"], "src/x/y", False),
        (["*", "!src/*/keep"], "lib", False),
        (["*", "!**/keep"], "a/b/c", True),
        (["!a/b", "a"], "a", False),
        (["*", "!src/**"], "lib", False),
    ],
)
def test_only_folders_in_reach_of_an_exception_are_entered(lines: list[str], folder: str, entered: bool) -> None:
    ignore = DockerIgnore.from_lines(lines)
    matches = ignore.no_matches
    parts = folder.split("/")
    for depth in range(1, len(parts) + 1):
        excluded, matches = ignore.evaluate("/".join(parts[:depth]), matches)
    assert excluded
    assert ignore.may_include_below(folder, matches) is entered
