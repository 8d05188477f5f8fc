"""How az calls a command: options, session, signals, errors, and what follows the output."""

from __future__ import annotations

import inspect
import io
import logging
import re
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from az_errors import printed_errors
from azure.cli.core import azclierror
from azure.core.exceptions import ServiceRequestError
from knack.events import EVENT_CLI_SUCCESSFUL_EXECUTE, EVENT_INVOKER_TRANSFORM_RESULT
from knack.log import CliLogLevel
from requests import Response
from requests.adapters import HTTPAdapter

from azext_acrpool.client.errors import BadRequestError, PoolNotFoundError
from azext_acrpool.clock import SystemClock
from azext_acrpool.commands.command import command, definition_of, errors_shown, outcome
from azext_acrpool.commands.console.errors import CommandError, ExitCode, InterruptedCommandError, UsageError
from azext_acrpool.commands.console.interrupts import Interrupts
from azext_acrpool.commands.console.result import Result, Table
from azext_acrpool.commands.session import RegistryOptions, Session, Settings


class Terminal(io.StringIO):
    """A stream with a person at the other end."""

    def isatty(self) -> bool:
        return True


class Cli:
    """As much of az as a command meets: what was typed, what is configured, and the events."""

    def __init__(
        self,
        typed: Sequence[str] = (),
        configured: str = "",
        output: str = "json",
        level: CliLogLevel | None = None,
        switched_on: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.name = "acr work"
        self.command = SimpleNamespace(table_transformer=None)
        self.data = {"safe_params": list(typed)}
        self.enable_color = True
        self.only_show_errors = False
        self.config = SimpleNamespace(get=lambda *_, **__: configured, getboolean=self._is_on)
        self.logging = SimpleNamespace(log_level=level)
        self.cloud = SimpleNamespace(name="AzureCloud", suffixes=SimpleNamespace(keyvault_dns=".vault.example"))
        self.invocation = SimpleNamespace(
            data={"output": output}, commands_loader=SimpleNamespace(command_table={self.name: self.command})
        )
        self._handlers: list[Any] = []
        self._switched_on = switched_on
        self.cli_ctx = self

    def _is_on(self, section: str, option: str, default: bool) -> bool:
        return (section, option) in self._switched_on or default

    def register_event(self, event: str, handler: Any) -> None:
        self._handlers.append((event, handler))

    def unregister_event(self, event: str, handler: Any) -> None:
        self._handlers.remove((event, handler))

    def _handlers_of(self, event: str) -> list[Any]:
        return [handler for name, handler in self._handlers if name == event]

    def printed(self, data: Any) -> Any:
        """The data that az prints of what a command returns."""
        event_data = {"result": data}
        for handler in self._handlers_of(EVENT_INVOKER_TRANSFORM_RESULT):
            handler(self, event_data=event_data)
        return event_data["result"]

    def output_is_written(self) -> int:
        """Go on after the output; the exit code."""
        try:
            for handler in self._handlers_of(EVENT_CLI_SUCCESSFUL_EXECUTE):
                handler(self, result=None)
        except SystemExit as ending:
            return int(ending.code or 0)
        return 0


@dataclass(frozen=True, kw_only=True)
class WorkOptions(RegistryOptions):
    """A command line whose required options do not come first."""

    count: int = 1
    place: str


def call(work: Callable[[Session], Any], cli: Cli | None = None) -> Any:
    """Let az call a command that does `work`."""

    @command(WorkOptions)
    def run(session: Session, _: WorkOptions) -> Any:
        """Do the work."""
        return work(session)

    return run(cmd=cli or Cli(), registry_name="myregistry", place="here")


def ends(work: Callable[[Session], Any]) -> int:
    """The exit code of a command that ends the process."""
    with pytest.raises(SystemExit) as ended:
        call(work)
    assert isinstance(ended.value.code, int)
    return ended.value.code


@command(WorkOptions)
def counted(_: Session, options: WorkOptions) -> int:
    """Count."""
    return options.count


def test_success_is_passed_through_and_the_signature_stays_readable_for_az() -> None:
    assert counted(cmd=Cli(), registry_name="r", place="here", count=2) == 2
    assert {name: parameter.default for name, parameter in inspect.signature(counted).parameters.items()} == {
        "cmd": inspect.Parameter.empty,
        "registry_name": inspect.Parameter.empty,
        "place": inspect.Parameter.empty,
        "resource_group_name": None,
        "count": 1,
    }
    assert (counted.__name__, counted.__doc__, counted.__module__) == ("counted", "Count.", __name__)
    assert definition_of(counted).options is WorkOptions


def raising(error: BaseException) -> Callable[[Session], Any]:
    def work(_: Session) -> Any:
        raise error

    return work


@pytest.mark.parametrize(
    ("raised", "code", "message", "recommended"),
    [
        (
            PoolNotFoundError("p", "r"),
            3,
            "Could not find an agent pool named 'p' in registry 'r'.",
            "List the registry's agent pools with: az acr agentpool list -r r -o table\n",
        ),
        (ServiceRequestError("refused"), 1, "refused", "Check the network and any proxy, then try again.\n"),
        (UsageError("Wrong.", "Do this."), 2, "Wrong.", "Do this.\n"),
        *(
            (CommandError(kind("Wrong."), ExitCode.USAGE), 2, "Wrong.", "")
            for kind in (
                azclierror.RequiredArgumentMissingError,
                azclierror.MutuallyExclusiveArgumentError,
                azclierror.ArgumentUsageError,
            )
        ),
        (KeyboardInterrupt(), 130, "Interrupted.", ""),
        (InterruptedCommandError("It goes on.", "az ..."), 130, "It goes on.", "az ...\n"),
    ],
)
def test_what_a_command_raises_is_printed_once_and_becomes_its_exit_code(
    raised: BaseException,
    code: int,
    message: str,
    recommended: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ends(raising(raised)) == code
    assert printed_errors(caplog) == [message]
    assert capsys.readouterr() == ("", recommended)


@pytest.mark.parametrize("raised", [azclierror.AuthenticationError("x"), azclierror.ValidationError("x"), ValueError()])
def test_what_is_not_ours_is_left_to_az(raised: Exception) -> None:
    with pytest.raises(type(raised)) as caught:
        call(raising(raised))
    assert caught.value is raised


def test_errors_are_shown_by_whatever_is_given() -> None:
    shown: list[azclierror.AzCLIError] = []
    with pytest.raises(SystemExit) as ended, errors_shown(shown.append):
        raise UsageError("Wrong.")
    assert (ended.value.code, [error.error_msg for error in shown]) == (2, ["Wrong."])


@dataclass(frozen=True, kw_only=True)
class SecretOptions:
    """A command line with secrets."""

    secret_arg: Sequence[dict[str, Any]]
    git_access_token: str
    source_location: str


def fail_secretly(error: Exception) -> int:
    """The exit code of a command that was given secrets."""

    @command(SecretOptions)
    def run(_: Session, __: SecretOptions) -> Any:
        raise error

    secret = {"name": "KEY", "value": "hunter\n22", "isSecret": True}
    with pytest.raises(SystemExit) as ended:
        run(cmd=Cli(), secret_arg=[secret], git_access_token="ghp/tok", source_location="https://me:p@ss@h/x.tgz")
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_no_secret_is_printed_or_logged(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG, logger="cli")
    message = r'{"KEY":"hunter\n22","token":"ghp\/tok","password":"p%40ss"}'
    error = CommandError(azclierror.AzureResponseError(message, "Look at https://me:p@ss@h/x.tgz, hunter\n22"))
    assert fail_secretly(error) == 1
    assert printed_errors(caplog) == ['{"KEY":"***","token":"***","password":"***"}']
    assert capsys.readouterr().err == "Look at https://me:***@h/x.tgz, ***\n"
    # With az's debug record, which holds the traceback.
    assert "CommandError" in caplog.text
    assert not re.search(r"hunter|ghp|p.?.?.?ss\b", caplog.text)


def test_what_would_act_on_a_terminal_is_printed_as_escapes(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    error = BadRequestError("\x1b]0;x\x07Wrong:\r\n\tthis", code="\x9bm", correlation_id="\x1b[31m")
    assert ends(raising(error)) == 1
    assert printed_errors(caplog) == ["(\\x9bm) \\x1b]0;x\\x07Wrong:\n\tthis"]
    assert capsys.readouterr().err.endswith("\nCorrelation ID, for a support request: \\x1b[31m\n")


@pytest.mark.parametrize("stream", [None, io.BytesIO(), object()], ids=["missing", "binary", "no stream"])
def test_an_error_that_cannot_be_printed_ends_the_command_all_the_same(
    stream: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr", stream)
    assert ends(raising(PoolNotFoundError("p", "r"))) == 3
    assert capsys.readouterr().out == ""


def test_a_stdout_that_takes_no_more_does_not_change_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    monkeypatch.setattr("sys.stdout", closed)
    cli = Cli()
    call(lambda _: Result({}, exit_code=ExitCode.RUN_CANCELED), cli)
    closed.close()
    assert cli.output_is_written() == 4


@pytest.mark.parametrize(
    ("stdout", "shown"),
    [(Terminal(), {"\\x1b[2J": ["\\x9b", 1, None]}), (io.StringIO(), {"\x1b[2J": ["\x9b", 1, None]})],
)
def test_data_do_nothing_to_a_terminal_and_are_unchanged_elsewhere(
    stdout: io.StringIO, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", stdout)
    cli = Cli()
    assert cli.printed(call(lambda _: {"\x1b[2J": ["\x9b", 1, None]}, cli)) == shown


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (CommandError(azclierror.AzureResponseError("It failed.", "az .."), result={"status": "Failed"}), 1),
        (InterruptedCommandError("It failed.", "az ..", result={"status": "Failed"}), 130),
    ],
)
def test_an_error_that_has_a_result_is_shown_and_the_result_is_printed_before_the_command_ends(
    raised: BaseException, code: int, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    cli = Cli()
    assert cli.printed(call(raising(raised), cli)) == {"status": "Failed"}
    assert printed_errors(caplog) == ["It failed."]
    assert capsys.readouterr() == ("", "az ..\n")
    assert cli.output_is_written() == code


def test_secrets_are_taken_out_of_an_error_that_has_a_result() -> None:
    told: list[str] = []
    error = CommandError(azclierror.AzureResponseError("hunter22"), result={})
    printed = outcome(
        lambda: raising(error)(opened()),
        Interrupts(),
        show=lambda shown: told.append(shown.error_msg),
        hide=lambda text: text.replace("hunter22", "***"),
    )
    assert (printed.data, printed.exit_code, told) == ({}, 1, ["***"])


SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_interrupts_the_command(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    assert ends(lambda _: signal.raise_signal(number)) == 130
    assert signal.getsignal(number) is before


class InterruptedCli(Cli):
    """az, stopped when a command hands its result over."""

    def register_event(self, event: str, handler: Any) -> None:
        super().register_event(event, handler)
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_when_the_command_has_done_its_work_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit, match=r"^130$"):
        call(lambda _: Result({"a": 1}), InterruptedCli())
    assert printed_errors(caplog) == ["Interrupted when the command had already ended."]


def test_a_command_can_put_a_signal_off() -> None:
    done: list[str] = []

    def work(session: Session) -> None:
        with session.interrupts.deferred():
            signal.raise_signal(signal.SIGTERM)
            done.append("the reply was read")

    assert ends(work) == 130
    assert done == ["the reply was read"]


def test_an_error_that_an_interruption_made_is_an_interruption(caplog: pytest.LogCaptureFixture) -> None:
    def work(_: Session) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise NameError("a module that was cut off while it was imported") from None

    assert ends(work) == 130
    assert printed_errors(caplog) == ["Interrupted."]


@pytest.mark.parametrize(
    ("raised", "signals", "shown"),
    [
        (UsageError("Wrong."), 1, ["Wrong.", "Interrupted."]),
        (UsageError("Wrong."), 2, ["Interrupted."]),
        (InterruptedCommandError("It goes on.", "az ..."), 1, ["It goes on."]),
        (InterruptedCommandError("It goes on.", "az ..."), 2, []),
    ],
)
def test_a_signal_while_it_is_shown_how_the_command_ends(raised: BaseException, signals: int, shown: list[str]) -> None:
    told: list[str] = []

    def show(error: azclierror.AzCLIError) -> None:
        for _ in range(signals if error.error_msg == str(raised) else 0):
            signal.raise_signal(signal.SIGINT)
        told.append(error.error_msg)

    with pytest.raises(SystemExit) as ended, Interrupts() as interrupts, errors_shown(show, interrupts=interrupts):
        raise raised
    assert (ended.value.code, told) == (130, shown)


def opened(cli: Cli | None = None) -> Session:
    """The session that a command gets."""
    session: Session = call(lambda session: session, cli)
    return session


def test_the_session_is_this_machine_and_what_az_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_CLI_DISABLE_CONNECTION_VERIFICATION", raising=False)
    session = opened()
    assert session.settings == Settings(verify_tls=True, is_verbose=False, vault_suffix=".vault.example")
    assert isinstance(session.clock, SystemClock)
    monkeypatch.setenv("AZURE_CLI_DISABLE_CONNECTION_VERIFICATION", "1")
    assert not opened().settings.verify_tls


@pytest.mark.parametrize(
    ("level", "verbose"),
    [(None, False), (CliLogLevel.WARNING, False), (CliLogLevel.INFO, True), (CliLogLevel.DEBUG, True)],
)
def test_verbose_is_what_az_calls_verbose(level: CliLogLevel | None, verbose: bool) -> None:
    assert opened(Cli(level=level)).settings.is_verbose is verbose


def test_only_show_errors_keeps_the_narrator_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    cli = Cli()
    opened(cli).narrator.say("something")
    cli.only_show_errors = True
    opened(cli).narrator.say("something else")
    assert capsys.readouterr() == ("", "something\n")


@pytest.mark.parametrize(
    ("terminal", "switched_on", "animated"),
    [(True, (), True), (True, [("core", "disable_progress_bar")], False), (False, (), False)],
)
def test_a_line_changes_in_place_on_a_terminal_unless_az_was_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, switched_on: Sequence[tuple[str, str]], animated: bool
) -> None:
    stderr = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    opened(Cli(switched_on=switched_on)).narrator.show("1 file sent")
    assert stderr.getvalue() == ("\r1 file sent" if animated else "")


@pytest.mark.parametrize(("switched_off", "verify"), [("", True), ("1", False)])
def test_logs_are_read_with_certificates_checked_unless_az_was_told_not_to(
    monkeypatch: pytest.MonkeyPatch, switched_off: str, verify: bool
) -> None:
    sent: list[Any] = []

    def send(_: Any, request: Any, **options: Any) -> Response:
        sent.append(options["verify"])
        response = Response()
        response.status_code, response.raw, response.request = 200, io.BytesIO(), request
        return response

    monkeypatch.setattr(HTTPAdapter, "send", send)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AZURE_CLI_DISABLE_CONNECTION_VERIFICATION"):
        monkeypatch.delenv(name, raising=False)
    if switched_off:
        monkeypatch.setenv("AZURE_CLI_DISABLE_CONNECTION_VERIFICATION", switched_off)
    opened().web.read_blobs().properties("https://acct.example/log?sig=x")
    assert sent == [verify]


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"name": "dev@example.com", "type": "user"}, "dev@example.com"),
        (
            {"name": "8d5c1c1f-0000-0000-0000-000000000000", "type": "servicePrincipal"},
            "8d5c1c1f-0000-0000-0000-000000000000",
        ),
        ({"name": "systemAssignedIdentity", "type": "servicePrincipal"}, ""),
        ({"name": "userAssignedIdentity", "type": "servicePrincipal"}, ""),
        (None, ""),
    ],
)
def test_who_is_logged_in_is_named_unless_a_managed_identity_is(
    monkeypatch: pytest.MonkeyPatch, user: dict[str, str] | None, name: str
) -> None:
    profile = SimpleNamespace(get_subscription=lambda: {"user": user})
    monkeypatch.setattr("azure.cli.core._profile.Profile", lambda cli_ctx: profile)
    assert opened().user.name() == name


@pytest.mark.parametrize(("typed", "answer"), [("y\n", True), ("n\n", False)])
def test_the_user_is_asked_on_a_terminal(monkeypatch: pytest.MonkeyPatch, typed: str, answer: bool) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    assert call(lambda session: session.user.confirm("Sure?")) is answer


def test_without_a_terminal_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert ends(lambda session: session.user.confirm("Sure?")) == 1
    assert printed_errors(caplog) == ["There is no terminal to ask on."]
    assert capsys.readouterr() == ("", "Use --yes to go on without being asked.\n")


def table(columns: int, colored: bool) -> Table:
    return partial(rows, columns=columns, colored=colored)


def rows(result: Any, *, columns: int, colored: bool) -> list[dict[str, str]]:
    return [{"RESULT": str(result), "COLUMNS": str(columns), "COLORED": str(colored)}]


RESULT = Result({"a": 1}, table, ["It is one.", "Make it two."], ExitCode.FAILED)


def hand_over(cli: Cli, result: Result = RESULT) -> Any:
    return call(lambda _: result, cli)


@pytest.mark.parametrize(("code", "exit_code"), [(ExitCode.FAILED, 1), (ExitCode.DONE, 0)])
def test_a_result_fails_only_after_the_output_and_once(code: ExitCode, exit_code: int) -> None:
    cli = Cli()
    assert hand_over(cli, Result({"a": 1}, exit_code=code)) == {"a": 1}
    assert cli.output_is_written() == exit_code
    assert cli.output_is_written() == 0


@pytest.mark.parametrize(
    ("cli", "terminal", "output"),
    [
        (Cli(), True, "table"),
        (Cli(), False, "json"),
        (Cli(["-o"]), True, "json"),
        (Cli(["--output"], output="yaml"), True, "yaml"),
        (Cli(["--query"]), True, "json"),
        (Cli(["--only-show-errors", "-r"]), True, "table"),
        (Cli(configured="jsonc", output="jsonc"), True, "jsonc"),
    ],
)
def test_a_terminal_gets_a_table_unless_the_user_chose_otherwise(
    monkeypatch: pytest.MonkeyPatch, cli: Cli, terminal: bool, output: str
) -> None:
    monkeypatch.setattr("sys.stdout", Terminal() if terminal else io.StringIO())
    hand_over(cli)
    assert cli.invocation.data["output"] == output


def test_a_result_without_a_table_of_its_own_is_printed_as_az_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Terminal())
    cli = Cli()
    hand_over(cli, Result({"a": 1}))
    assert (cli.invocation.data["output"], cli.command.table_transformer) == ("json", None)


def test_a_table_on_a_terminal_fits_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "77")
    cli = Cli()
    data = hand_over(cli)
    assert cli.command.table_transformer(data) == [{"RESULT": "{'a': 1}", "COLUMNS": "77", "COLORED": "True"}]


def test_the_tables_of_several_results_are_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "77")
    cli = Cli()
    results = [
        Result([name], table, [f"Mend {name}."], about={"REGISTRY": "myregistry", "AGENT POOL": name})
        for name in ("one", "other")
    ]
    printed = [item for result in results for item in hand_over(cli, result)]

    assert cli.command.table_transformer(printed) == [
        {"AGENT POOL": "one", "RESULT": "['one']", "COLUMNS": "65", "COLORED": "True"},
        {"AGENT POOL": "other", "RESULT": "['other']", "COLUMNS": "65", "COLORED": "True"},
    ]
    assert cli.output_is_written() == 0
    assert capsys.readouterr().err == "\nAgent pool one:\nMend one.\n\nAgent pool other:\nMend other.\n"


def test_a_table_in_a_file_is_the_command_s_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", io.StringIO())
    cli = Cli(["-o"], output="table")
    hand_over(cli)
    assert cli.command.table_transformer is None


@pytest.mark.parametrize(("output", "told"), [("table", "It is one.\nMake it two.\n"), ("json", "")])
def test_remarks_follow_a_table_on_stderr(output: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli = Cli(output=output)
    hand_over(cli)
    assert capsys.readouterr() == ("", "")
    assert cli.output_is_written() == 1
    assert capsys.readouterr() == ("", told)
