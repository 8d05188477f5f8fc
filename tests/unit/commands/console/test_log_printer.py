"""Printing the log: a print that fails is nobody's problem but the reader's."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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


TITLE = "\x1b]0;title\x07one\n"


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("stream", [io.StringIO, Terminal], ids=["pipe", "terminal"])
def test_what_a_log_would_do_to_a_terminal_is_shown(stream: Callable[[], io.StringIO], raw: bool) -> None:
    assert printed(stream(), TITLE, raw=raw) == "\\x1b]0;title\\x07one\n"


def test_a_sequence_may_be_cut_across_texts() -> None:
    assert printed(io.StringIO(), "one\x1b[3", "1m two", "\x1b") == "one two\\x1b\n"


@pytest.mark.parametrize(
    ("stream", "raw", "shown"),
    [(Terminal(), False, "\x1b[8mhidden\x1b[0m\n"), (io.StringIO(), True, "\x1b[8mhidden\n")],
    ids=["terminal", "file"],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows consoles get their colours by system calls")
def test_a_terminal_does_not_go_on_in_the_colours_of_the_log(stream: io.StringIO, raw: bool, shown: str) -> None:
    assert printed(stream, "\x1b[8mhidden", raw=raw) == shown


@pytest.mark.parametrize("stream", [None, object(), io.BytesIO()], ids=["missing", "no stream", "binary"])
def test_what_is_no_text_stream_is_nobodys_problem(stream: Any) -> None:
    printer = LogPrinter(stream, raw=False)
    printer.write(COLOURED)
    printer.finish()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_non_blocking_pipe_that_is_full_loses_nothing() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with os.fdopen(reader, "rb", buffering=0) as source, os.fdopen(writer, "w", encoding="utf-8") as stream:
        while True:
            try:
                os.write(writer, b"x" * 4096)
            except BlockingIOError:
                break
        with ThreadPoolExecutor(max_workers=1) as threads:
            printing = threads.submit(LogPrinter(stream, raw=True).write, "one\n")
            received = b""
            while not received.endswith(b"one\n"):
                received += source.read(1 << 20)
            printing.result()
    assert received.strip(b"x") == b"one\n"


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
