"""Whatever a template holds, it is rendered or refused with one of Go's errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from acr_emulator.golang.errors import GoError
from acr_emulator.golang.regexp import Regexp
from acr_emulator.golang.sprig import functions
from acr_emulator.golang.template import BUILTINS, Function, render
from acr_emulator.golang.types import GoMap
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
FUNCTIONS: Mapping[str, Function] = {**BUILTINS, **functions(lambda: NOW)}
SLOW = {"genPrivateKey", "genCA", "genSelfSignedCert", "genSignedCert", "derivePassword"}
MANY = settings(max_examples=150, deadline=None, derandomize=True)

PIECES = [
    "{{",
    "}}",
    "{{-",
    "-}}",
    "(",
    ")",
    "|",
    ":=",
    "=",
    ",",
    ".",
    ".A",
    "$",
    "$x",
    '"',
    "`",
    "'",
    "\\",
    "/*",
    "*/",
]
WORDS = ["if", "else", "end", "range", "with", "define", "template", "block", "break", "continue", "nil", "true", "len"]
VALUES = [
    "1",
    "-1",
    "0",
    "3.5",
    "1e300",
    "1i",
    "'x'",
    '""',
    '"a b"',
    '"1.2.3"',
    '"[a-z]+"',
    '"%d %s"',
    '"\\xff"',
    "nil",
]
EXPRESSIONS = [
    "true",
    ".",
    ".A",
    ".L",
    ".M",
    "$",
    "now",
    '(list 1 "a" nil)',
    '(dict "a" 1)',
    "(until 3)",
    '"2006-01-02"',
]

calls = st.recursive(
    st.sampled_from([*VALUES, *EXPRESSIONS]),
    lambda inner: st.builds(
        lambda name, arguments: f"({' '.join([name, *arguments])})",
        st.sampled_from([name for name in FUNCTIONS if name not in SLOW]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=6,
)


def data() -> dict[str, Any]:
    return {"A": "a", "L": [1, "b", None], "M": GoMap({"k": GoMap({1: None})}), "N": None}


def is_rendered_or_refused(text: str) -> None:
    try:
        render("t", text, data(), FUNCTIONS)
    except GoError:
        return


@MANY
@given(st.lists(st.one_of(st.sampled_from([*PIECES, *WORDS, *VALUES, " ", "\n"]), st.text(max_size=3))))
def test_any_text(pieces: list[str]) -> None:
    is_rendered_or_refused("{{" + "".join(pieces))


@MANY
@given(calls)
def test_any_call(call: str) -> None:
    is_rendered_or_refused(f"{{{{{call}}}}}{{{{range $k, $v := {call}}}}}{{{{$v}}}}{{{{end}}}}")


@MANY
@given(st.text(alphabet="ab()[]{}|*+?^$\\-,:.123dpPLxQEiU<>é"), st.text(alphabet="ab12é\n", max_size=20))
def test_any_regular_expression(pattern: str, text: str) -> None:
    try:
        Regexp(pattern).replace_all(text, "<$1>")
    except GoError:
        return
