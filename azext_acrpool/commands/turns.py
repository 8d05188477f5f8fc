"""A command line that is about several resources (--ids): each in its turn, and one exit code for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from .console.errors import ExitCode

__all__ = ["end_with", "run_in_turn"]

# Where az keeps what belongs to one command line.
_EXIT_CODES: Final = "acrpool_exit_codes"


def run_in_turn(cli_ctx: Any, jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results of the jobs, for az to print; those that fail have told why. Lists become one, as of one resource.

    An interruption ends the command line: what has not begun does not. Raises SystemExit for that, and if none
    succeeds; if some do, az exits once it has printed their results, not with 0.
    """
    if len(jobs) == 1:
        return [jobs[0]()]
    codes: list[int] = cli_ctx.invocation.data.setdefault(_EXIT_CODES, [])
    results = []
    for job in jobs:
        try:
            results.append(job())
        except SystemExit as ending:
            if ending.code == ExitCode.INTERRUPTED:
                raise
            codes.append(ending.code if isinstance(ending.code, int) else int(ExitCode.FAILED))
    if not results:
        raise SystemExit(_in_all(codes))
    _at_success(cli_ctx, lambda: _exit(codes))
    return _joined(results)


def _joined(results: list[Any]) -> list[Any]:
    """What az takes for the results: of one only, it prints that."""
    if results and all(isinstance(result, list) for result in results):
        return [[item for result in results for item in result]]
    # az prints a list of nothings; a command without a result prints nothing.
    return [None] if all(result is None for result in results) else results


def end_with(cli_ctx: Any, code: ExitCode) -> None:
    """Let az, which has printed a result, exit with `code`: now, or when all that belongs to the results is told."""
    codes: list[int] | None = cli_ctx.invocation.data.get(_EXIT_CODES)
    if codes is None:
        raise SystemExit(int(code))
    codes.append(int(code))


def _exit(codes: Sequence[int]) -> None:
    if codes:
        raise SystemExit(_in_all(codes))


def _in_all(codes: Sequence[int]) -> int:
    """The exit code for several failures: theirs if it is one and the same."""
    return codes[0] if len(set(codes)) == 1 else int(ExitCode.FAILED)


def _at_success(cli_ctx: Any, act: Callable[[], None]) -> None:
    from knack.events import EVENT_CLI_SUCCESSFUL_EXECUTE

    def handle(context: Any, **_: Any) -> None:
        context.unregister_event(EVENT_CLI_SUCCESSFUL_EXECUTE, handle)
        act()

    cli_ctx.register_event(EVENT_CLI_SUCCESSFUL_EXECUTE, handle)
