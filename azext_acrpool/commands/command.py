"""How az calls a command: options, session, interruptions and errors, the same for every one of them.

The only place that shows an error and ends the process.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, Field, dataclass, fields
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from azure.cli.core import azclierror

from ..aside import start_aside
from ..clock import SystemClock
from .console.errors import ExitCode, as_command_error
from .console.interrupts import Interrupts
from .console.narrator import Narrator
from .console.result import Result
from .session import Session, Settings, Streams, User, Web, nobody_to_ask

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from ..client.arm import ArmClient
    from ..client.runs import UploadTarget
    from ..context import BuildContext, UploadOptions, UploadResult
    from ..runlog.sources import SignedBlobs

__all__ = ["Definition", "command", "definition_of", "errors_shown", "narrator_for"]

OptionsT = TypeVar("OptionsT", bound="DataclassInstance")


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
        def run(cmd: Any, **arguments: Any) -> Any:
            with Interrupts() as interrupts, errors_shown():
                session = _open_session(cmd, interrupts)
                return _hand_over(cmd, session, function(session, options(**arguments)))

        run.__name__, run.__doc__, run.__module__ = function.__name__, function.__doc__, function.__module__
        vars(run)["__signature__"] = _signature(options)
        vars(run)["definition"] = Definition(function, options)
        return run

    return decorate


def definition_of(decorated: Callable[..., Any]) -> Definition[Any]:
    """What `command` made the function of."""
    definition: Definition[Any] = vars(decorated)["definition"]
    return definition


def _signature(options: type[DataclassInstance]) -> Signature:
    # A signature has those without a default first; keyword-only fields come in any order.
    by_need = sorted(fields(options), key=lambda field: field.default is not MISSING)
    return Signature([Parameter("cmd", Parameter.POSITIONAL_OR_KEYWORD), *map(_parameter, by_need)])


def _parameter(field: Field[Any]) -> Parameter:
    default = Parameter.empty if field.default is MISSING else field.default
    return Parameter(field.name, Parameter.POSITIONAL_OR_KEYWORD, default=default)


def _print_error(error: azclierror.AzCLIError) -> None:
    error.print_error()
    error.send_telemetry()


@contextmanager
def errors_shown(show: Callable[[azclierror.AzCLIError], None] = _print_error) -> Iterator[None]:
    """Show what ends the command inside, as az shows errors, and end the process with its exit code.

    What is not about the command is left to az.
    """
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        ending = as_command_error(error)
        if ending is None:
            raise
        show(ending.error)
        raise SystemExit(int(ending.exit_code)) from error


def _open_session(cmd: Any, interrupts: Interrupts) -> Session:
    cli_ctx = cmd.cli_ctx
    settings = _read_settings(cli_ctx)
    return Session(
        connect=lambda: _connect(cli_ctx),
        narrator=narrator_for(cli_ctx),
        clock=SystemClock(),
        streams=Streams(getattr(sys.stdin, "buffer", None), sys.stdout, sys.stderr),
        interrupts=interrupts,
        user=User(_confirm, lambda: _caller(cli_ctx), sees_stdout=_is_terminal(sys.stdout)),
        settings=settings,
        web=_web(verify=settings.verify_tls),
        start_aside=start_aside,
    )


def _connect(cli_ctx: Any) -> ArmClient:
    from azure.cli.core.commands.client_factory import get_mgmt_service_client, get_subscription_id
    from azure.cli.core.profiles import ResourceType

    from ..client.arm import ArmClient

    return ArmClient(
        get_mgmt_service_client(cli_ctx, ResourceType.MGMT_CONTAINERREGISTRYTASKS), get_subscription_id(cli_ctx)
    )


def narrator_for(cli_ctx: Any) -> Narrator:
    """The narrator that az's settings ask for: --only-show-errors, core.disable_progress_bar, a terminal or not."""
    animated = _is_terminal(sys.stderr) and not cli_ctx.config.getboolean("core", "disable_progress_bar", False)
    return Narrator(sys.stderr, quiet=bool(cli_ctx.only_show_errors), animated=animated)


def _read_settings(cli_ctx: Any) -> Settings:
    from azure.cli.core.util import should_disable_connection_verify
    from knack.log import CliLogLevel

    level = cli_ctx.logging.log_level
    return Settings(
        verify_tls=not should_disable_connection_verify(),
        is_verbose=level is not None and level >= CliLogLevel.INFO,
        chose_output=_chose_output(cli_ctx),
        vault_suffix=getattr(cli_ctx.cloud.suffixes, "keyvault_dns", None) or "",
    )


def _chose_output(cli_ctx: Any) -> bool:
    """Whether the command line or az's configuration says how the result is printed."""
    typed = cli_ctx.data.get("safe_params") or ()
    options = [name for name in typed if name == "-o" or name.startswith(("--o", "--q"))]
    named = any("--output".startswith(name) or "--query".startswith(name) or name == "-o" for name in options)
    return named or bool(cli_ctx.config.get("core", "output", fallback=""))


def _is_terminal(stream: Any) -> bool:
    return bool(getattr(stream, "isatty", lambda: False)())


def _confirm(question: str) -> bool:
    from knack.prompting import NoTTYException, prompt_y_n

    try:
        return bool(prompt_y_n(question))
    except NoTTYException:
        raise nobody_to_ask() from None


def _caller(cli_ctx: Any) -> str:
    """Who is logged in, if role assignments know them by that name."""
    from azure.cli.core._profile import Profile

    user = Profile(cli_ctx=cli_ctx).get_subscription().get("user") or {}
    name = str(user.get("name") or "")
    return "" if name in ("systemAssignedIdentity", "userAssignedIdentity") else name


def _web(*, verify: bool) -> Web:
    def read_blobs() -> SignedBlobs:
        from ..client.blobs import BlobReader

        return BlobReader(verify=verify)

    def send(context: BuildContext, target: Callable[[], UploadTarget], options: UploadOptions) -> UploadResult:
        from ..context import upload

        return upload(context, target, options)

    def head_status(url: str) -> int | None:
        from ..client.blobs import head_status

        return head_status(url)

    return Web(read_blobs, send, head_status)


def _hand_over(cmd: Any, session: Session, result: Any) -> Any:
    """The data that az prints, once it knows how, and what follows."""
    if not isinstance(result, Result):
        return result
    cli_ctx = cmd.cli_ctx
    if result.table and session.user.sees_stdout and not session.settings.chose_output:
        cli_ctx.invocation.data["output"] = "table"
    is_table = cli_ctx.invocation.data["output"] == "table"
    if result.table and session.user.sees_stdout and is_table:
        table = result.table(shutil.get_terminal_size().columns, bool(cli_ctx.enable_color))
        cli_ctx.invocation.commands_loader.command_table[cmd.name].table_transformer = table

    def finish() -> None:
        for line in result.remarks if is_table else ():
            session.narrator.say(line)
        if result.exit_code is not ExitCode.DONE:
            raise SystemExit(int(result.exit_code))

    _after_output(cli_ctx, session, finish)
    return result.data


def _after_output(cli_ctx: Any, session: Session, finish: Callable[[], None]) -> None:
    """Call `finish` once az has written the result, which it does after the command's function has returned.

    az exits with 0 then, unless `finish` raises SystemExit.
    """
    from knack.events import EVENT_CLI_SUCCESSFUL_EXECUTE

    def handle(context: Any, **_: Any) -> None:
        context.unregister_event(EVENT_CLI_SUCCESSFUL_EXECUTE, handle)
        session.streams.stdout.flush()
        finish()

    cli_ctx.register_event(EVENT_CLI_SUCCESSFUL_EXECUTE, handle)
