"""The agent's own shell: what it makes of a step's line, and when the lines come."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from acr_emulator.acb.docker import Finished, Printed
from acr_emulator.acb.program.shells import run_in_shell


class EchoingDocker:
    """Prints its arguments a second after it was called, and takes a second more."""

    def run(self, arguments: Sequence[str], standard_input: str = "") -> Finished:
        text = " ".join(arguments) + (f" < {standard_input}" if standard_input else "")
        return Finished(int("fail" in arguments), (Printed(text, 1.0),), 1.0)


@pytest.mark.parametrize(
    ("line", "exit_code", "output", "seconds_after"),
    [
        ("docker run a", 0, [("run a", 1.0)], 1.0),
        ("docker run a && docker run b", 0, [("run a", 1.0), ("run b", 2.0)], 1.0),
        ("docker run fail && docker run b", 1, [("run fail", 1.0)], 1.0),
        ("docker run $UNKNOWN '$kept' \"a b\" # remark", 0, [("run $kept a b", 1.0)], 1.0),
        ("docker run a > file", 0, [], 2.0),
        ("docker run a; echo b", 0, [("run a", 2.0), ("b", 0.0)], 0.0),
        ("docker run a | cat", 0, [("run a", 1.0)], 1.0),
        ("nothing", 127, [("/bin/sh: 1: nothing: not found", 0.0)], 0.0),
        ("docker run 'a", 2, [("/bin/sh: 1: Syntax error: Unterminated quoted string", 0.0)], 0.0),
    ],
)
def test_a_shell_reads_the_line(
    line: str, exit_code: int, output: list[tuple[str, float]], seconds_after: float
) -> None:
    finished = run_in_shell(line, EchoingDocker())
    assert finished == Finished(exit_code, tuple(Printed(*printed) for printed in output), seconds_after)


def test_files_that_are_written_are_kept() -> None:
    files: dict[str, str] = {"keys/old": "text\n"}
    run_in_shell("cat >> keys/new <<EOL\n$HOME `echo b` \\$c\nEOL", EchoingDocker(), files, ["keys"])
    run_in_shell("cat >> keys/old <<EOL\nmore\nEOL", EchoingDocker(), files, ["keys"])
    assert files == {"keys/new": "/root b $c\n", "keys/old": "text\nmore\n"}


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (f"docker run {'a' * (2**17 - 13)}", ""),
        (f"docker run {'a' * (2**17 - 11)}", "fork/exec /bin/sh: argument list too long"),
        (f"docker run {'ä' * 2**16}", "fork/exec /bin/sh: argument list too long"),
        ("docker run a\0b", "fork/exec /bin/sh: invalid argument"),
    ],
    ids=["long", "too long", "too long in bytes", "nul"],
)
def test_a_line_is_one_argument_of_the_shell(line: str, refusal: str) -> None:
    finished = run_in_shell(line, EchoingDocker())
    assert (finished.error, bool(finished.output)) == (refusal, not refusal)
