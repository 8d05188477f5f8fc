"""Several resources in one command line: each in its turn, and one exit code for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from azure.cli.core.mock import DummyCli
from knack.events import EVENT_CLI_SUCCESSFUL_EXECUTE

from azext_acrpool.commands.console.errors import ExitCode
from azext_acrpool.commands.turns import end_with, run_in_turn


class CommandLine:
    """A command line of az, which does `jobs` and prints their results; it ends with `code`."""

    def __init__(self, *jobs: Callable[[CommandLine], Any]) -> None:
        self.done: list[int] = []
        self.code = 0
        self.printed: Any = None
        self.cli = DummyCli()
        self.cli.invocation = type("Invocation", (), {"data": {}})()
        try:
            self.printed = run_in_turn(self.cli, [self._numbered(*entry) for entry in enumerate(jobs)])
            self.cli.raise_event(EVENT_CLI_SUCCESSFUL_EXECUTE, result=None)
        except SystemExit as ending:
            self.code = int(ending.code or 0)

    def _numbered(self, number: int, job: Callable[[CommandLine], Any]) -> Callable[[], Any]:
        def act() -> Any:
            self.done.append(number)
            return job(self)

        return act


def gives(result: Any) -> Callable[[CommandLine], Any]:
    return lambda _: result


def ends(code: int) -> Callable[[CommandLine], Any]:
    def end(_: CommandLine) -> Any:
        raise SystemExit(code)

    return end


def finds_errors(line: CommandLine) -> Any:
    """A job that has a result, and an exit code all the same."""

    def finish(*_: Any, **__: Any) -> None:
        line.cli.unregister_event(EVENT_CLI_SUCCESSFUL_EXECUTE, finish)
        end_with(line.cli, ExitCode.FAILED)

    line.cli.register_event(EVENT_CLI_SUCCESSFUL_EXECUTE, finish)
    return ["error"]


@pytest.mark.parametrize(
    ("jobs", "done", "printed", "code"),
    [
        ([gives("a")], 1, ["a"], 0),
        ([ends(3)], 1, None, 3),
        ([finds_errors], 1, [["error"]], 1),
        ([gives("a"), gives("b")], 2, ["a", "b"], 0),
        ([gives(None), gives(None)], 2, [None], 0),
        ([gives("a"), ends(3), gives("c")], 3, ["a", "c"], 3),
        ([ends(3), ends(3)], 2, None, 3),
        ([ends(3), ends(124)], 2, None, 1),
        ([ends(3), ends(1), gives("c")], 3, ["c"], 1),
        ([finds_errors, gives("b"), finds_errors], 3, [["error"], "b", ["error"]], 1),
        ([finds_errors, gives(["b", "c"]), finds_errors], 3, [["error", "b", "c", "error"]], 1),
        ([gives([]), gives([])], 2, [[]], 0),
        ([ends(3), gives(["b"])], 2, [["b"]], 3),
        ([gives("a"), ends(130), gives("c")], 2, None, 130),
    ],
)
def test_each_in_turn(jobs: list[Callable[[CommandLine], Any]], done: int, printed: Any, code: int) -> None:
    line = CommandLine(*jobs)
    assert (len(line.done), line.printed, line.code) == (done, printed, code)


def test_an_interruption_between_two_begins_no_other() -> None:
    def interrupted(_: CommandLine) -> Any:
        raise KeyboardInterrupt

    begun: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        CommandLine(interrupted, lambda _: begun.append("second"))
    assert begun == []


def test_the_next_command_line_begins_anew() -> None:
    line = CommandLine(gives("a"), ends(3))
    assert line.code == 3
    line.cli.raise_event(EVENT_CLI_SUCCESSFUL_EXECUTE, result=None)
