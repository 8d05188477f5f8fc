"""Values files and --set."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.values import merged_values
from acr_emulator.acb.variables import RenderOptions, render_data

UNSERIALIZED = "failed to override values: failed to serialize Values"
UNREAD = (
    "failed to override values: failed to deserialize values. Try rendering your template locally using the "
    "instructions found at https://github.com/Azure/acr-builder. Err:"
)
OPTIONS = RenderOptions("cf7", datetime(2026, 3, 4, tzinfo=timezone.utc))


def test_values_are_read_as_yaml_1_1_and_those_of_set_are_text() -> None:
    values = merged_values(
        "a: y\nb: 010\nc: 1e3\nd: 2024-01-02\ne: ~\nf: [1, x]\n1: number\n", ["b=false", "g=a=b,c", "h="]
    )
    assert values == {
        "a": True,
        "b": "false",
        "c": 1000.0,
        "d": "2024-01-02",
        "e": None,
        "f": [1, "x"],
        "1": "number",
        "g": "a=b,c",
        "h": "",
    }


def test_the_last_set_of_a_name_wins_and_dots_do_not_nest() -> None:
    assert merged_values("a: 1", ["a=2", "a=3", "b.c=4"]) == {"a": "3", "b.c": "4"}


@pytest.mark.parametrize("text", [None, "", "# nothing\n", "~"], ids=range(4))
def test_no_values(text: str | None) -> None:
    assert merged_values(text, []) == {}


@pytest.mark.parametrize(
    ("text", "given", "problem"),
    [
        (None, ["a"], "failed to parse --set data; invalid format, no = assignment found"),
        (None, ["=1"], "failed to parse --set data; expected a key=val format"),
        (
            "a: {b: 1}",
            [],
            f"{UNSERIALIZED}: json: unsupported type: map[interface {{}}]interface {{}}",
        ),
        (
            "a: .inf",
            [],
            f"{UNSERIALIZED}: json: unsupported value: +Inf",
        ),
        (
            "a: [1, 2\n",
            [],
            f"{UNREAD} yaml: line 1: did not find expected ',' or ']'",
        ),
        (
            "- a",
            [],
            f"{UNREAD} yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into templating.Values",
        ),
    ],
    ids=range(6),
)
def test_values_that_are_refused(text: str | None, given: list[str], problem: str) -> None:
    with pytest.raises(AcbError) as refusal:
        render_data(OPTIONS, text, given)
    assert str(refusal.value) == f"error while loading exec steps: {problem}"


def test_values_as_json_are_one_word_for_a_shell() -> None:
    assert render_data(OPTIONS, "a: it's", ["b=<x>"])["ValuesJSON"] == '\'{"a":"it\'"\'"\'s","b":"\\u003cx\\u003e"}\''
