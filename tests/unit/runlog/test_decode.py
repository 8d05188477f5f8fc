"""From the bytes of a log to its text, however they are cut."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.runlog.decode import LogDecoder

LOG_BYTES = st.lists(
    st.one_of(
        st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\r\n", b"ab", b"\x1b[31m"]),
        st.sampled_from(["é", "漢", "🐳"]).map(lambda text: text.encode()),
        st.binary(max_size=3),
    ),
    max_size=30,
).map(b"".join)


def decode_in_pieces(pieces: list[bytes]) -> list[str]:
    decoder = LogDecoder()
    return [decoder.feed(piece) for piece in pieces] + [decoder.finish()]


@given(LOG_BYTES, st.lists(st.integers(0, 100), max_size=8))
def test_cutting_the_log_anywhere_gives_the_same_text(log: bytes, cuts: list[int]) -> None:
    bounds = [0, *sorted(cut for cut in cuts if cut <= len(log)), len(log)]
    pieces = [log[start:end] for start, end in itertools.pairwise(bounds)]
    assert "".join(decode_in_pieces(pieces)) == log.decode("utf-8", "replace").replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        ([b"one\r\ntwo\r\n"], ["one\ntwo\n", ""]),
        ([b"one\ntw", b"o\n"], ["one\n", "two\n", ""]),
        ([b"one\r", b"\ntwo"], ["one", "\n", "two"]),
        ([b"10%\r", b"20%\r", b"done\n"], ["10%", "\r20%", "\rdone\n", ""]),
        ([b"caf\xc3", b"\xa9\n"], ["", "café\n", ""]),
        ([b"\xff\xfe ok\n"], ["\ufffd\ufffd ok\n", ""]),
        ([b"cut \xe6\xbc"], ["", "cut \ufffd"]),
        ([b"bar\r"], ["bar", "\r"]),
    ],
    ids=["crlf", "lf", "crlf-split", "progress-bar", "character-split", "invalid", "cut-character", "last-return"],
)
def test_text_is_given_up_to_the_last_line_end(pieces: list[bytes], shown: list[str]) -> None:
    assert decode_in_pieces(pieces) == shown


def test_the_start_of_a_line_can_be_had_before_its_end() -> None:
    decoder = LogDecoder()
    assert decoder.feed(b"Waiting for the other") == ""
    assert decoder.flush() == "Waiting for the other"
    assert decoder.feed(b" side\n") == " side\n"


def test_an_endless_line_is_not_held_in_memory() -> None:
    decoder = LogDecoder()
    assert len(decoder.feed(b"x" * 200_000)) == 200_000
    assert decoder.flush() == ""
