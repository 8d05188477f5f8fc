"""Standard streams that are closed, full, given up by their reader, or non-blocking."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from azext_acrpool.commands.console.streams import UnfailingStream, flush, keep_blocking, write_unless_full

pytestmark = pytest.mark.skipif(os.name == "nt", reason="The shell of these tests is a POSIX one.")


def run_shell(redirections: str, script: str) -> subprocess.CompletedProcess[str]:
    """Run a Python script with its streams redirected, in a shell."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        ["bash", "-c", f'"$0" -c "$1" {redirections}', sys.executable, script],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


TAKEN = """
import os, socket, sys
from azext_acrpool.commands.console.streams import StandardStreams
with StandardStreams():
    numbers = [socket.socket().fileno() for _ in range(3)]
    assert min(numbers) > 2, numbers
    assert sys.stdin.read() == ""
    print("told", file=sys.stderr, flush=True)
    print("printed", flush=True)
"""


@pytest.mark.parametrize(
    ("redirections", "stdout", "stderr"),
    [
        ("</dev/null", "printed\n", "told\n"),
        ("<&-", "printed\n", "told\n"),
        ("</dev/null >&-", "", "told\n"),
        ("</dev/null 2>&-", "printed\n", ""),
        ("<&- >&- 2>&-", "", ""),
        ("</dev/null 2>/dev/full", "printed\n", ""),
        ("</dev/null 2> >(true)", "printed\n", ""),
    ],
)
def test_whatever_the_streams_are_they_can_be_used(redirections: str, stdout: str, stderr: str) -> None:
    done = run_shell(redirections, TAKEN)
    assert (done.returncode, done.stdout, done.stderr) == (0, stdout, stderr)


def test_the_streams_are_given_back() -> None:
    script = (
        "import sys; from azext_acrpool.commands.console.streams import StandardStreams\n"
        "before = (sys.stdin, sys.stdout, sys.stderr)\n"
        "with StandardStreams(): pass\n"
        "sys.exit(0 if (sys.stdin, sys.stdout, sys.stderr) == before else 1)"
    )
    assert run_shell("2>&-", script).returncode == 0


class Failing(io.StringIO):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def write(self, text: str) -> int:
        raise self._error

    def flush(self) -> None:
        raise self._error


ERRORS = [BrokenPipeError(32, "Broken pipe"), OSError(5, "Input/output error"), OSError(28, "No space left on device")]


@pytest.mark.parametrize("error", [*ERRORS, ValueError("I/O operation on closed file")])
def test_telling_never_fails(error: Exception) -> None:
    stream = UnfailingStream(Failing(error))
    assert stream.write("told") == 4
    stream.flush()


def test_an_unfailing_stream_is_what_it_was_otherwise() -> None:
    inner = io.StringIO()
    stream = UnfailingStream(inner)
    print("told", file=stream, flush=True)
    assert inner.getvalue() == "told\n"
    assert stream.isatty() is False


@pytest.mark.parametrize(("error", "is_lost"), list(zip(ERRORS, [False, False, True], strict=True)))
def test_a_result_that_nobody_reads_is_not_lost(error: OSError, is_lost: bool) -> None:
    assert flush(Failing(error)) is (error if is_lost else None)


def test_a_stream_that_is_closed_or_takes_everything_loses_nothing() -> None:
    assert flush(Failing(ValueError("I/O operation on closed file"))) is None
    assert flush(io.StringIO()) is None


def test_a_slow_reader_of_a_non_blocking_pipe_gets_everything() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    text = "a line of log\n" * 20_000
    with (
        os.fdopen(reader, encoding="utf-8") as source,
        os.fdopen(writer, "w", encoding="utf-8") as file,
        ThreadPoolExecutor(max_workers=1) as threads,
    ):
        assert keep_blocking(file)
        assert not keep_blocking(file)
        # The pipe holds less than that.
        received = threads.submit(source.read, len(text))
        file.write(text)
        file.flush()
        assert received.result() == text


def test_a_stream_without_a_file_blocks_nobody() -> None:
    assert not keep_blocking(io.StringIO())


def test_last_words_are_not_waited_for() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with os.fdopen(reader, "rb", buffering=0), os.fdopen(writer, "wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
        os.set_blocking(writer, True)
        write_unless_full(writer, b"never waited for")
        assert os.read(reader, 4096) == b"x" * 4096
        write_unless_full(writer, b"!")


def test_last_words_to_nobody() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    write_unless_full(writer, b"nobody reads this")
    os.close(writer)
    write_unless_full(writer, b"nor this")
