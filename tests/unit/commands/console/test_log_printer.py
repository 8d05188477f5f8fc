"""Printing the log: a print that fails is nobody's problem but the reader's."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import Any

import pytest

from azext_acrpool.commands.console.log_printer import LogPrinter

COLOURED = "\x1b[31mred\x1b[0m plain\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(stream: Any, *texts: str, raw: bool = False) -> str:
    printer = LogPrinter(stream, raw=raw)
    for text in texts:
        printer.write(text)
    printer.finish()
    return str(stream.getvalue())


@pytest.mark.parametrize(
    ("stream", "raw", "shown"),
    [
        (io.StringIO(), False, "red plain\n"),
        (io.StringIO(), True, COLOURED),
        (Terminal(), True, COLOURED),
    ],
    ids=["pipe", "pipe-raw", "terminal-raw"],
)
def test_colours_are_left_out_where_nothing_shows_them(stream: io.StringIO, raw: bool, shown: str) -> None:
    assert printed(stream, COLOURED, raw=raw) == shown


@pytest.mark.skipif(os.name == "nt", reason="Windows consoles get their colours by system calls")
def test_colours_reach_a_terminal() -> None:
    assert printed(Terminal(), COLOURED) == COLOURED


def test_the_last_line_is_ended_once() -> None:
    assert printed(io.StringIO(), "one\n", "two") == "one\ntwo\n"
    assert printed(io.StringIO(), "one\n") == "one\n"
    assert printed(io.StringIO()) == ""


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", b"? ok ??\n"), ("cp1252", b"\xe9 ok ??\n")])
@pytest.mark.parametrize("raw", [True, False])
def test_what_the_encoding_cannot_show_is_replaced(encoding: str, shown: bytes, raw: bool) -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, newline="")
    LogPrinter(stream, raw=raw).write("é ok 漢字\n")
    assert buffer.getvalue() == shown


class Failing(io.StringIO):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error
        self.attempts = 0

    def write(self, text: str) -> int:
        self.attempts += 1
        raise self._error


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(28, "No space left"), ValueError("I/O on closed file")])
def test_a_stream_that_takes_no_more_is_left_alone(error: Exception) -> None:
    stream = Failing(error)
    printed(stream, "one\n", "two\n", raw=True)
    assert stream.attempts == 1


def test_a_full_non_blocking_pipe_is_tried_again() -> None:
    stream = Failing(BlockingIOError())
    printed(stream, "one\n", "two\n", raw=True)
    assert stream.attempts == 2


@pytest.mark.parametrize("raw", [True, False])
def test_a_closed_pipe_does_not_become_the_exit_code(raw: bool) -> None:
    script = (
        "import sys\n"
        "from azext_acrpool.commands.console.log_printer import LogPrinter\n"
        f"printer = LogPrinter(sys.stdout, raw={raw})\n"
        "sys.stdin.read()\n"
        "for number in range(20): printer.write('line\\n' * 10000)\n"
        "print('what az prints itself')\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    for stream in (process.stdout, process.stdin):
        assert stream is not None
        stream.close()
    assert process.stderr is not None
    stderr = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 0
    assert stderr == b""
