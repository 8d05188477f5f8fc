"""Writing to whatever stdout and stderr are."""

from __future__ import annotations

import io
from typing import Any

import pytest

from azext_acrpool.commands.console.forgiving_stream import ForgivingStream


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        *(("utf-8", "é 漢 ok\n".encode()), ("ascii", b"? ? ok\n"), ("cp1252", b"\xe9 ? ok\n")),
        ("utf-16-le", "é 漢 ok\n".encode("utf-16-le")),
    ],
)
def test_what_the_encoding_cannot_show_is_replaced(encoding: str, shown: bytes) -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, newline="")
    ForgivingStream(stream).write("é 漢 ok\n")
    assert buffer.getvalue() == shown


class Odd:
    """Keeps text, and says to have an encoding."""

    def __init__(self, encoding: Any) -> None:
        self.encoding = encoding
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        *((encoding, "gr??e\n") for encoding in ("no-such", "rot13", "hex", "idna", "undefined", "a\0b", 7, object())),
        (None, "größe\n"),
    ],
)
def test_an_encoding_that_is_none_is_taken_for_ascii(encoding: Any, shown: str) -> None:
    stream: Any = Odd(encoding)
    ForgivingStream(stream).write("größe\n")
    assert stream.text == shown


class Failing(io.StringIO):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error
        self.attempts = 0

    def write(self, text: str) -> int:
        self.attempts += 1
        raise self._error


@pytest.mark.parametrize(
    "error",
    [BrokenPipeError(), OSError(28, "No space left"), ValueError("closed"), RuntimeError("reentrant"), TypeError()],
    ids=lambda error: type(error).__name__,
)
def test_a_stream_that_takes_no_more_is_left_alone(error: Exception) -> None:
    failing = Failing(error)
    stream = ForgivingStream(failing)
    stream.write("one\n")
    stream.write("two\n")
    assert failing.attempts == 1
    assert stream.refusal is (error if isinstance(error, OSError) else None)


def test_a_full_non_blocking_pipe_is_tried_again() -> None:
    failing = Failing(BlockingIOError())
    stream = ForgivingStream(failing)
    stream.write("one\n")
    stream.write("two\n")
    assert failing.attempts == 2


@pytest.mark.parametrize("stream", [None, object(), io.BytesIO()], ids=["missing", "no stream", "binary"])
def test_what_is_no_text_stream_is_nobodys_problem(stream: Any) -> None:
    ForgivingStream(stream).write("one\n")
    ForgivingStream(stream).flush()
