"""How az calls a command: options, session, interruptions and errors, the same for every one of them.

The only place that shows an error and ends the process.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import MISSING, Field, dataclass, fields
from functools import partial
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from azure.cli.core import azclierror

from ..client.secrets import secret_mask
from .console.errors import (
    CommandError,
    ExitCode,
    InterruptedCommandError,
    as_command_error,
    interrupted_at_end,
    make_presentable,
)
from .console.interrupts import Interrupts
from .console.result import Result, harmless_data
from .console.streams import flush
from .console.tables import JoinedTables
from .missing import missing_explained
from .opening import open_session
from .session import Session
from .turns import end_with

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["Definition", "command", "definition_of", "end_told", "errors_shown", "outcome"]

OptionsT = TypeVar("OptionsT", bound="DataclassInstance")
# Where az keeps what belongs to one command line.
_HAS_ENDED = "acrpool_has_ended"


@dataclass(frozen=True)
class Definition(Generic[OptionsT]):
    """What a command does, and the dataclass of its options."""

    function: Callable[[Session, OptionsT], Any]
    options: type[OptionsT]


def command(options: type[OptionsT]) -> Callable[[Callable[[Session, OptionsT], Any]], Callable[..., Any]]:
    """Make a function that az can call out of one that takes a session and its options.

    az reads a command's arguments from its function's signature, one parameter each: the fields of `options`, after
    `cmd`. Whatever the function raises becomes an error message with what to type next, and an exit code; a request to
    stop reaches it as KeyboardInterrupt.
    """

    def decorate(function: Callable[[Session, OptionsT], Any]) -> Callable[..., Any]:
        def act(session: Session, values: OptionsT) -> Any:
            with missing_explained(session, values):
                return function(session, values)

        def run(cmd: Any, **arguments: Any) -> Any:
            hide = secret_mask(arguments)
            with Interrupts() as interrupts, errors_shown(hide=hide, interrupts=interrupts):
                session = open_session(cmd.cli_ctx, interrupts, hide)
                cmd.cli_ctx.invocation.data[_HAS_ENDED] = False
                with end_told(cmd.cli_ctx):
                    result = outcome(lambda: act(session, options(**arguments)), interrupts, hide=hide)
                    cmd.cli_ctx.invocation.data[_HAS_ENDED] = True
                    return _hand_over(cmd, session, result)

        run.__name__, run.__doc__, run.__module__ = function.__name__, function.__doc__, function.__module__
        vars(run)["__signature__"] = _signature(options)
        vars(run)["definition"] = Definition(act, options)
        return run

    return decorate


def definition_of(decorated: Callable[..., Any]) -> Definition[Any]:
    """What `command` made the function of."""
    definition: Definition[Any] = vars(decorated)["definition"]
    return definition


@contextmanager
def end_told(cli_ctx: Any) -> Iterator[None]:
    """While inside, a request to stop tells if the command had ended already, which a script needs to know."""
    try:
        yield
    except InterruptedCommandError:
        raise
    except KeyboardInterrupt:
        # az may not have come to parse the command line.
        if (getattr(cli_ctx.invocation, "data", None) or {}).get(_HAS_ENDED):
            raise interrupted_at_end() from None
        raise


def _signature(options: type[DataclassInstance]) -> Signature:
    # A signature has those without a default first; keyword-only fields come in any order.
    by_need = sorted(fields(options), key=lambda field: field.default is not MISSING)
    return Signature([Parameter("cmd", Parameter.POSITIONAL_OR_KEYWORD), *map(_parameter, by_need)])


def _parameter(field: Field[Any]) -> Parameter:
    default = Parameter.empty if field.default is MISSING else field.default
    return Parameter(field.name, Parameter.POSITIONAL_OR_KEYWORD, default=default)


def _print_error(error: azclierror.AzCLIError) -> None:
    # A stderr that is not there or takes no more does not change how the command ends, or what is on stdout.
    with redirect_stderr(sys.stderr or io.StringIO()), suppress(AttributeError, OSError, TypeError, ValueError):
        error.print_error()
    error.send_telemetry()


@contextmanager
def errors_shown(
    show: Callable[[azclierror.AzCLIError], None] = _print_error,
    hide: Callable[[str], str] = str,
    interrupts: Interrupts | None = None,
) -> Iterator[None]:
    """Show what ends the command inside, as az shows errors, and end the process with its exit code.

    `hide` takes the command's secrets out of it; `interrupts` are put off meanwhile. What is not about the command is
    left to az.
    """
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        interrupts = interrupts or Interrupts()
        ending = as_command_error(error)
        if ending is None and interrupts.has_raised:
            ending = as_command_error(KeyboardInterrupt())
        if ending is None:
            raise
        raise SystemExit(int(_show(ending, show, hide, interrupts))) from error


def outcome(
    work: Callable[[], Any],
    interrupts: Interrupts,
    *,
    show: Callable[[azclierror.AzCLIError], None] = _print_error,
    hide: Callable[[str], str] = str,
) -> Any:
    """What `work` gives az to print. An error that has a result is shown, and leaves its exit code to the result.

    `show`, `hide` and `interrupts` as for `errors_shown`. An error without a result is raised.
    """
    try:
        return work()
    except (CommandError, InterruptedCommandError) as error:
        ending = as_command_error(error)
        if ending is None or ending.result is None:
            raise
        return Result(ending.result, exit_code=_show(ending, show, hide, interrupts))


def _show(
    ending: CommandError,
    show: Callable[[azclierror.AzCLIError], None],
    hide: Callable[[str], str],
    interrupts: Interrupts,
) -> ExitCode:
    """Show how the command ends. Returns its exit code: to interrupt that is to interrupt the command."""
    make_presentable(ending.error, hide)
    try:
        with interrupts.until_told():
            show(ending.error)
    except KeyboardInterrupt as interruption:
        late = as_command_error(interruption)
        if late is not None and ending.exit_code is not ExitCode.INTERRUPTED:
            return _show(late, show, hide, interrupts)
    return ending.exit_code


def _hand_over(cmd: Any, session: Session, result: Any) -> Any:
    """The data that az prints, once it knows how, and what follows."""
    if session.user.sees_stdout:
        _before_output(cmd.cli_ctx, harmless_data)
    if not isinstance(result, Result):
        return result
    cli_ctx = cmd.cli_ctx
    if result.table and session.user.sees_stdout and not session.settings.chose_output:
        cli_ctx.invocation.data["output"] = "table"
    is_table = cli_ctx.invocation.data["output"] == "table"
    tables = JoinedTables.of(cli_ctx)
    tables.add(result)
    if result.table and session.user.sees_stdout and is_table:
        table = partial(tables.rows, columns=shutil.get_terminal_size().columns, colored=bool(cli_ctx.enable_color))
        cli_ctx.invocation.commands_loader.command_table[cmd.name].table_transformer = table

    def finish() -> None:
        for line in (*tables.heading(result), *result.remarks) if is_table else ():
            session.narrator.say(line)
        if result.exit_code is not ExitCode.DONE:
            end_with(cli_ctx, result.exit_code)

    _after_output(cli_ctx, session, finish)
    return result.data


def _before_output(cli_ctx: Any, change: Callable[[Any], Any]) -> None:
    """Let az print what `change` makes of the data, which are plain by then: mappings, lists, texts, numbers."""
    from knack.events import EVENT_INVOKER_TRANSFORM_RESULT

    def handle(_: Any, event_data: dict[str, Any]) -> None:
        event_data["result"] = change(event_data["result"])

    cli_ctx.register_event(EVENT_INVOKER_TRANSFORM_RESULT, handle)


def _after_output(cli_ctx: Any, session: Session, finish: Callable[[], None]) -> None:
    """Call `finish` once az has written the result, which it does after the command's function has returned.

    az exits with 0 then, unless `finish` raises SystemExit.
    """
    from knack.events import EVENT_CLI_SUCCESSFUL_EXECUTE

    def handle(context: Any, **_: Any) -> None:
        context.unregister_event(EVENT_CLI_SUCCESSFUL_EXECUTE, handle)
        flush(session.streams.stdout)
        finish()

    cli_ctx.register_event(EVENT_CLI_SUCCESSFUL_EXECUTE, handle)
