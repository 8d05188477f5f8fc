"""The agent's own shell: what it makes of a step's line, and when the lines come."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest
from acr_emulator.acb.docker import Finished, Printed
from acr_emulator.acb.program.events import Event, Line, Pause, Timeline
from acr_emulator.acb.program.processes import watch
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


class SlowProgram:
    """Prints two lines, half a second apart, is silent for two seconds, and fails."""

    def __init__(self) -> None:
        self.is_closed = False

    def run(self) -> Generator[Printed | float, None, int]:
        try:
            yield Printed("one", 0.5)
            yield Printed("two", 0.5)
            yield 1.0
            yield 1.0
        except GeneratorExit:
            self.is_closed = True
            raise
        return 3


class RunningDocker:
    """Has a program to be run for whatever it is asked."""

    def __init__(self) -> None:
        self.program = SlowProgram()

    def run(self, arguments: Sequence[str], standard_input: str = "") -> Finished:
        return Finished(pending=self.program)


def test_a_program_is_left_to_be_followed_if_the_line_is_nothing_else() -> None:
    docker = RunningDocker()
    assert run_in_shell("docker run \"a b\" '$(c)' # remark", docker) == Finished(pending=docker.program)


@pytest.mark.parametrize(
    ("line", "finished"),
    [
        ("docker run a || echo $?", Finished(0, (Printed("one", 3.0), Printed("two"), Printed("3")))),
        ("docker run a | cat", Finished(0, (Printed("one", 0.5), Printed("two", 0.5)), 2.0)),
        ("docker run a > file", Finished(3, (), 3.0)),
        ("echo $(docker run a)", Finished(0, (Printed("one two", 3.0),))),
        ("docker run a &", Finished(0, (Printed("one", 0.5), Printed("two", 0.5)), 2.0)),
    ],
)
def test_a_program_is_run_to_its_end_if_the_shell_does_more(line: str, finished: Finished) -> None:
    assert run_in_shell(line, RunningDocker()) == finished


def followed(program: SlowProgram, timeline: Timeline, deadline: float) -> tuple[list[Event], str, list[str]]:
    """What happens, the error, and the lines that were printed."""
    output: list[str] = []
    seen: list[Event] = []

    def watched() -> Generator[Event, None, None]:
        seen_error.append((yield from watch(lambda: Finished(pending=program), timeline, deadline, output)))

    seen_error: list[str] = []
    seen.extend(watched())
    return seen, seen_error[0], output


def test_a_program_is_followed_until_it_ends() -> None:
    lines = [Pause(0.5), Line("one", is_stamped=False), Pause(0.5), Line("two", is_stamped=False)]
    events, error, output = followed(SlowProgram(), Timeline(), 60)
    assert (events, error, output) == ([*lines, Pause(1.0), Pause(1.0)], "exit status 3", ["one", "two"])


def test_a_program_ends_when_its_time_is_over() -> None:
    program, timeline = SlowProgram(), Timeline()
    _, error, _ = followed(program, timeline, 1.5)
    assert (error, timeline.now, program.is_closed) == ("context deadline exceeded", 2.0, True)
