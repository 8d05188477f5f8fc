"""A command line from loading to its end: for which ones the process is taken over, and how it is given back."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from az_errors import printed_errors
from az_invocations import invoke
from azure.cli.core.mock import DummyCli
from python_processes import run_python

from azext_acrpool import COMMAND_LOADER_CLS
from azext_acrpool._invocation import names_one_of, prepared
from azext_acrpool.commands.command import command
from azext_acrpool.commands.session import RegistryOptions, Session

BUILD = ["acr", "build", "-r", "myregistry", "."]


@pytest.mark.parametrize(
    ("args", "is_one"),
    [
        (BUILD, True),
        (["ACR", "Build"], True),
        (["--debug", "acr", "build"], True),
        (["acr", "build", "--help"], True),
        (["acr", "agentpool", "wait", "-n", "mypool"], True),
        (["acr", "builder"], False),
        (["acr", "list"], False),
        (["acr"], False),
        (["acr", "agentpool"], False),
        ([], False),
    ],
)
def test_a_command_line_names_one_of_the_commands(args: list[str], is_one: bool) -> None:
    assert names_one_of(args, {"acr build": None, "acr agentpool wait": None}) is is_one


def handlers() -> tuple[Any, ...]:
    return (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), sys.stderr)


@contextmanager
def process_left_as_it_was() -> Iterator[None]:
    before = handlers()
    yield
    assert handlers() == before


@pytest.mark.parametrize("args", [None, [], ["acr", "list"], ["vm", "list"]])
def test_other_command_lines_leave_the_process_alone(args: list[str] | None) -> None:
    with process_left_as_it_was():
        COMMAND_LOADER_CLS(cli_ctx=DummyCli()).load_command_table(args)


def test_what_cannot_be_loaded_leaves_the_process_alone() -> None:
    with (
        process_left_as_it_was(),
        pytest.raises(ImportError),
        prepared(DummyCli(), BUILD, ()),
    ):
        raise ImportError("broken")


def load(context: Any) -> None:
    COMMAND_LOADER_CLS(cli_ctx=context).load_command_table(BUILD)


@pytest.mark.parametrize("times", [1, 2])
def test_a_program_that_has_az_inside_gets_its_process_back(times: int) -> None:
    def work(context: Any) -> None:
        for _ in range(times):
            load(context)

    with process_left_as_it_was():
        assert invoke(DummyCli(), work) == 0


def interrupted_import(number: signal.Signals) -> None:
    try:
        signal.raise_signal(number)
    except KeyboardInterrupt:
        raise NameError("a module that was cut off") from None


@pytest.mark.parametrize("interrupt", [signal.raise_signal, interrupted_import])
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_outside_of_a_command_is_told_and_is_the_exit_code(
    name: str, interrupt: Callable[[signal.Signals], None], caplog: pytest.LogCaptureFixture
) -> None:
    def work(context: Any) -> None:
        load(context)
        interrupt(getattr(signal, name, signal.SIGINT))

    with process_left_as_it_was():
        assert invoke(DummyCli(), work) == 130
    assert printed_errors(caplog)[-1] == "Interrupted."


class Terminal(io.StringIO):
    """A result is written to it, and Ctrl-C typed meanwhile."""

    def write(self, text: str) -> int:
        signal.raise_signal(signal.SIGINT)
        return len(text)

    def flush(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_a_signal_while_the_result_is_printed(caplog: pytest.LogCaptureFixture) -> None:
    with process_left_as_it_was():
        assert invoke(DummyCli(), load, Terminal()) == 130
    assert printed_errors(caplog) == ["Interrupted."]


@command(RegistryOptions)
def look(_: Session, options: RegistryOptions) -> str:
    """Look at a registry."""
    return options.registry_name


@pytest.mark.parametrize("stdout", [Terminal(), io.StringIO()], ids=["while it is printed", "while it is flushed"])
def test_a_signal_after_the_command_says_that_it_had_ended(
    stdout: io.StringIO, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())

    def work(context: Any) -> None:
        load(context)
        look(cmd=SimpleNamespace(cli_ctx=context), registry_name="myregistry")

    with process_left_as_it_was():
        assert invoke(DummyCli(), work, stdout) == 130
    assert printed_errors(caplog) == ["Interrupted when the command had already ended."]


PROGRAM = """
import signal
from az_invocations import invoke
from azure.cli.core.mock import DummyCli
from azext_acrpool import COMMAND_LOADER_CLS
az_cli = DummyCli()
invoke(az_cli, lambda context: COMMAND_LOADER_CLS(cli_ctx=context).load_command_table(["acr", "build"]))
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_while_az_leaves_says_that_the_command_had_ended(name: str) -> None:
    number = int(getattr(signal, name, signal.SIGINT))
    done = run_python(f"{PROGRAM}signal.raise_signal({number})")
    assert (done.returncode, done.stderr) == (130, "ERROR: Interrupted when the command had already ended.\n")


class Full(io.StringIO):
    """A file on a full disk: it takes what is written, but cannot pass it on."""

    def __init__(self, *, at_once: bool) -> None:
        super().__init__()
        self._at_once = at_once

    def write(self, text: str) -> int:
        if self._at_once:
            self.flush()
        return len(text)

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("at_once", [True, False])
def test_a_result_that_cannot_be_written_is_a_failure(
    at_once: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stdout = Full(at_once=at_once)
    monkeypatch.setattr(sys, "stdout", stdout)
    with process_left_as_it_was():
        assert invoke(DummyCli(), load, stdout) == 1
    assert printed_errors(caplog) == [
        "The command was carried out, but its result could not be written to stdout: No space left on device."
    ]


def test_a_command_that_failed_keeps_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(context: Any) -> None:
        load(context)
        raise SystemExit(3)

    monkeypatch.setattr(sys, "stdout", Full(at_once=False))
    with process_left_as_it_was():
        assert invoke(DummyCli(), work) == 3
