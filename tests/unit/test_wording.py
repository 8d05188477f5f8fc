"""The small parts of sentences, each said in one way."""

from __future__ import annotations

import shlex
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from azext_acrpool.wording import (
    az_command,
    clock_face,
    counted,
    format_bytes,
    format_duration,
    harmless,
    printable,
)


def test_arguments_are_quoted_only_where_a_shell_needs_it() -> None:
    command = az_command("acr update", "--name", "reg", "--resource-group", "my group (old)", "--x", "[caller]", "a=b")
    assert command == 'az acr update --name reg --resource-group "my group (old)" --x "[caller]" a=b'


# What a line of a shell can hold: no line ends, no end of the string.
ONE_LINE = st.text(st.characters(exclude_characters="\0\n\r", exclude_categories=["Cs"]))


@given(st.lists(ONE_LINE, max_size=5))
@example(["", " ", "~", "#x", "*", "a'b", 'a"b', "$HOME", "`id`", "a\\b", "!x", "%PATH%", "é", "-", "a=b c"])
def test_a_shell_reads_the_arguments_as_they_are(arguments: list[str]) -> None:
    assert shlex.split(az_command("acr build", *arguments)) == ["az", "acr", "build", *arguments]


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1234567, "1,234,567 files")]
)
def test_counted(count: int, text: str) -> None:
    assert counted(count, "file") == text


@pytest.mark.parametrize(("seconds", "text"), [(0.9, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3725.2, "1 h 2 min")])
def test_durations(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.9, "00:00:00"), (59.9, "00:00:59"), (3725, "01:02:05"), (360_000, "100:00:00")]
)
def test_clock_face(seconds: float, text: str) -> None:
    assert clock_face(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_951, "1.0 MB"), (1e9, "1.0 GB")],
)
def test_bytes_are_in_decimal_units(count: float, text: str) -> None:
    assert format_bytes(count) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("src/größe 日本.txt", "src/größe 日本.txt"),
        ("a\nb\t", "a\\nb\\t"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("caf\udce9", "caf\\xe9"),
    ],
    ids=["printable", "line end", "escape sequence", "right to left", "undecodable byte"],
)
def test_what_a_name_may_hold_does_nothing_to_a_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Grüße, 漢字\u00a0👩\u200d👧:\n\tline two", "Grüße, 漢字\u00a0👩\u200d👧:\n\tline two"),
        ("one\r\ntwo\rthree", "one\ntwo\\rthree"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b2J\x7f\x00\x08\x0b\x0c\x85", "\\x9b2J\\x7f\\x00\\x08\\x0b\\x0c\\x85"),
        ("\u061c\u200e\u200f\u202a\u202e\u2066\u2069", r"\u061c\u200e\u200f\u202a\u202e\u2066\u2069"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ud83d caf\udce9", r"\ud83d caf\xe9"),
    ],
    ids=["text", "line ends", "colors", "controls", "directions", "separators", "surrogates"],
)
def test_what_a_message_may_hold_does_nothing_to_a_terminal(text: str, shown: str) -> None:
    assert harmless(text) == shown


# Unicode's Bidi_Control.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(st.text(st.characters()))
def test_no_message_acts_and_all_writing_stays(text: str) -> None:
    shown = harmless(text)
    assert not [char for char in shown if char in TURNING or acts(char)]
    if not [char for char in text if unicodedata.category(char) == "Cf" or acts(char)]:
        assert shown == text


def acts(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in "\n\t"
