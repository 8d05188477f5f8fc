"""What of a log reaches a terminal, however the log is cut: colors and text, and nothing that acts otherwise."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from azext_acrpool.commands.console.log_filter import LogFilter

COLOR = re.compile(r"\x1b\[[0-9;:]{0,64}m")
SEQUENCE = re.compile(r"\x1b\[[0-?]{0,64}[ -/]{0,4}[@-~]")
ACTING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
PIECES = st.sampled_from(
    [
        *(
            "\x1b",
            "\x1b[",
            "\x1b[1;31",
            "m",
            "\x1b[m",
            "\x1b[38:2::1:2:3m",
            "\x1b[?25l",
            "\x1b[2J",
            "\x1b[A",
            "[K",
            "0",
        ),
        *("\x1b]0;t\x07", "\x1b]8;;http://h\x1b\\", "\x1bP", "\x9d", "\x9b31m", "\x90", "\x1b_", "\x1b7", "\x1bc"),
        *("\r", "\n", "\r\n", "\t", "\x08", "\x00", "\x7f", "\x85", "\u202e", "\u2066", "\ud800", "\udcff"),
        *("text", "größe", "漢字", "👩‍👩‍👧", "עברית", "\u00a0", "\ufeff", " " * 70, "1;" * 40),
    ]
)
LOGS = st.lists(PIECES | st.text(st.characters(), max_size=5), max_size=30).map("".join)


def filtered(text: str, *, colors: bool) -> str:
    log = LogFilter(colors=colors)
    return log.feed(text) + log.finish()


@pytest.mark.parametrize(
    ("text", "with_colors", "without"),
    [
        ("\x1b[31mred\x1b[0m plain", "\x1b[31mred\x1b[0m plain", "red plain"),
        ("\x1b[1;38;5;208;48;2;1;2;3mx\x1b[m", "\x1b[1;38;5;208;48;2;1;2;3mx\x1b[m", "x"),
        ("\x1b[4:3mcurly", "\x1b[4:3mcurly", "curly"),
        ("50 %\r100 %\r\n\tdone\n", "50 %\r100 %\r\n\tdone\n", "50 %\r100 %\r\n\tdone\n"),
        ("\x1b]0;title\x07x", "\\x1b]0;title\\x07x", "\\x1b]0;title\\x07x"),
        ("\x1b]52;c;Y3VybA==\x1b\\x", "\\x1b]52;c;Y3VybA==\\x1b\\x", "\\x1b]52;c;Y3VybA==\\x1b\\x"),
        ("\x1bP1$r\x1b\\", "\\x1bP1$r\\x1b\\", "\\x1bP1$r\\x1b\\"),
        ("\x1b_x\x1b\\\x1bc", "\\x1b_x\\x1b\\\\x1bc", "\\x1b_x\\x1b\\\\x1bc"),
        ("\x1b[2Jx\x1b[1A\x1b[?25l\x1b[6n", "\\x1b[2Jx\\x1b[1A\\x1b[?25l\\x1b[6n", "x"),
        ("\x1b[>4;2mx", "\\x1b[>4;2mx", "x"),
        ("\x9b31mx\x9d0;t\x9c", "\\x9b31mx\\x9d0;t\\x9c", "\\x9b31mx\\x9d0;t\\x9c"),
        ("ab\x08\x08cd\x0e\x7f", "ab\\x08\\x08cd\\x0e\\x7f", "ab\\x08\\x08cd\\x0e\\x7f"),
        ("\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066", "\\u202egnp.exe\\u2066"),
        ("\ud800\udce9", "\\ud800\\xe9", "\\ud800\\xe9"),
        ("größe 漢字 👩‍👩‍👧\u00a0x", "größe 漢字 👩‍👩‍👧\u00a0x", "größe 漢字 👩‍👩‍👧\u00a0x"),
        ("\x1b[" + "1;" * 33 + "mx", "\\x1b[" + "1;" * 33 + "mx", "\\x1b[" + "1;" * 33 + "mx"),
        ("\x1b", "\\x1b", "\\x1b"),
        ("\x1b[3", "\\x1b[3", "\\x1b[3"),
    ],
)
def test_colors_and_text_survive_and_all_else_is_shown(text: str, with_colors: str, without: str) -> None:
    assert (filtered(text, colors=True), filtered(text, colors=False)) == (with_colors, without)


@given(LOGS, st.booleans())
def test_nothing_but_colors_acts(text: str, colors: bool) -> None:
    shown = filtered(text, colors=colors)
    assert not ACTING.search(COLOR.sub("", shown) if colors else shown)


@given(LOGS)
def test_every_color_and_all_text_survive(text: str) -> None:
    assert COLOR.findall(filtered(text, colors=True)) == COLOR.findall(text)
    kept = [char for char in SEQUENCE.sub("", text) if not ACTING.match(char)]
    remaining = iter(filtered(text, colors=False))
    assert all(char in remaining for char in kept)


@given(LOGS, st.lists(st.integers(0, 200)), st.booleans())
@example("\x1b[1;31mred\x1b]0;t\x07", [1, 2, 4, 12], True)
def test_it_is_all_the_same_where_a_log_is_cut(text: str, cuts: list[int], colors: bool) -> None:
    log = LogFilter(colors=colors)
    ends = sorted(cut for cut in cuts if cut < len(text))
    pieces = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    assert "".join(map(log.feed, pieces)) + log.finish() == filtered(text, colors=colors)


@pytest.mark.parametrize("colors", [True, False])
@pytest.mark.parametrize("beginning", ["\x1b]", "\x1b[", "\x1b[3", "\x1bP", "\x1b[?", "\x1b[ "])
def test_what_never_ends_is_not_held_back_for_long(beginning: str, colors: bool) -> None:
    log = LogFilter(colors=colors)
    shown = log.feed(beginning) + "".join(log.feed("1") for _ in range(100))
    assert len(shown) > 100


@pytest.mark.parametrize("colors", [True, False])
@pytest.mark.parametrize("piece", ["\x1b]", "\x1b[", "\x1b[1;", "\x1b[31m", "\x1b", "\r", "\x9d", "\x1b[" + "0" * 62])
def test_hostile_megabytes_take_no_longer_than_others(piece: str, colors: bool) -> None:
    """A filter that looks at some of them twice as often takes minutes."""
    text = piece * (1_000_000 // len(piece))
    begin = time.process_time()
    assert filtered(text, colors=colors) or (piece, colors) == ("\x1b[31m", False)
    assert time.process_time() - begin < 10


@pytest.mark.parametrize(
    ("text", "is_colored"),
    [
        *(("", False), ("\x1b[31m", True), ("\x1b[31mx\x1b[0m", False), ("\x1b[31mx\x1b[m", False)),
        *(("\x1b[1;0m", False), ("\x1b[0;8m", True), ("\x1b[1;m", False)),
    ],
)
def test_a_color_that_is_still_on_is_known(text: str, is_colored: bool) -> None:
    log = LogFilter(colors=True)
    log.feed(text)
    assert log.is_colored is is_colored


@pytest.mark.parametrize(
    ("text", "at_start"),
    [("", True), ("x", False), ("x\n", True), ("x\r", True), ("x\n\x1b[0m", True), ("x\x1b[0m", False)],
)
@pytest.mark.parametrize("colors", [True, False])
def test_the_start_of_a_line_is_known(text: str, at_start: bool, colors: bool) -> None:
    log = LogFilter(colors=colors)
    log.feed(text)
    assert log.at_line_start is at_start
