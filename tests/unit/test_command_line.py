"""Whatever is typed, a command line ends well or with a message and an exit code, never in a traceback."""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module, reload
from pathlib import Path
from unittest import mock

import pytest
import yaml
from az_parser import AzParser, Parsed
from azure.core.rest import HttpRequest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from knack.help_files import helps
from run_azure import Azure
from scripted_arm import SUBSCRIPTION, arm_error
from scripted_transport import Reply
from task_azure import TaskAzure, task_body
from task_command_lines import COMMAND_LINES

from azext_acrpool.commands.agentpool.wait import wait_for_pool
from azext_acrpool.commands.autoscale.run import run_autoscale
from azext_acrpool.commands.console.errors import ExitCode

REFUSED: Reply = arm_error(403, "AuthorizationFailed", "You may not.")
READABLE = ("GET /agentPools", "GET /runs", "POST /listBuildSourceUploadUrl")


class ReadOnlyAzure(TaskAzure):
    """A registry with agent pools and a task, where nothing may be changed or run; all else may not even be read."""

    def __init__(self) -> None:
        super().__init__()
        self.has_task(task_body("mypool"))
        self.replies.update(dict.fromkeys(("PUT /tasks/mytask", "PATCH /tasks/mytask"), REFUSED))

    def _own_reply(self, route: str, request: HttpRequest) -> Reply:
        if route == f"GET /subscriptions/{SUBSCRIPTION}/resources":
            return Reply(200, {"value": [self.registry]})
        return super()._own_reply(route, request) if route == "GET /" or route.startswith(READABLE) else REFUSED


class ClosedAzure(Azure):
    """Nothing may be read."""

    def _own_reply(self, route: str, request: HttpRequest) -> Reply:
        return REFUSED


def help_of(module: str) -> dict[str, str]:
    """The help texts that a module puts into az's registry of them, by command."""
    loaded, before = import_module(module), dict(helps)
    try:
        helps.clear()
        reload(loaded)
        return dict(helps)
    finally:
        helps.clear()
        helps.update(before)


def examples(command: str, text: str) -> Iterator[list[str]]:
    """The command lines in the help of a command, without `az`."""
    for shown in yaml.safe_load(text).get("examples", ()):
        for line in shown["text"].replace("\\\n", " ").splitlines():
            if line.removeprefix("cat task.yaml | ").startswith(f"az {command} "):
                words = shlex.split(line.removeprefix("cat task.yaml | "))[1:]
                # What az itself makes of a query is not ours to test.
                asked = words.index("--query") if "--query" in words else len(words)
                yield words[:asked] + words[asked + 2 :]


parser = cache(AzParser)


@cache
def seeds() -> list[list[str]]:
    """Command lines that can be used: those of our help, of az's own, and of the comparison with az's own."""
    texts = [help_of(module) for module in ("azext_acrpool._help", "azure.cli.command_modules.acr._help")]
    told = [(command, text[command]) for command in parser().commands for text in texts if command in text]
    in_help = [line for command, text in told for line in examples(command, text)]
    return [*in_help, *(list(line.named) for line in COMMAND_LINES)]


# No text for a request, no line, no path, and what parsers stumble over.
ODD_TEXTS = ("", " ", "-", "--", "\0", "a\nb", "\x1b[31m", "\udcff", "\ud800", "\u2028", "x" * 5000, "=", "=x", "a=\0")
ODD_PATHS = ("/dev/null", "/dev/zero", "pipe", "circle", "folder", "Dockerfile", "acb.yaml")
ODD_URLS = ("https://[::1", "https://h/\n.git", "oci://\udcff", "git@", "/subscriptions/a", "[system]", "linux/\n")
ODD_SYNTAX = ("$(id)", "{{.Run.ID}}", "a:b:c", "0 0 30 2 *", "9" * 5000, "1e999", "(" * 3000, "[" * 3000, "*" * 3000)
NASTY = st.one_of(
    st.sampled_from((*ODD_TEXTS, *ODD_PATHS, *ODD_URLS, *ODD_SYNTAX)),
    st.text(st.characters(), max_size=30),
    st.integers(-(10**30), 10**30).map(str),
).filter(lambda text: not text or text.strip("./"))  # a build of / would look at every file there is


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """One of the seeds, with some of its values replaced by nasty ones, and options with such values added."""
    words = list(draw(st.sampled_from(seeds())))
    command = max((name for name in parser().commands if " ".join(words).startswith(name)), key=len)
    values = [index for index in range(command.count(" ") + 1, len(words)) if not words[index].startswith("-")]
    for index in draw(st.lists(st.sampled_from(values), max_size=2)) if values else ():
        words[index] = draw(NASTY)
    for option in draw(st.lists(st.sampled_from(parser().options_of(command)), max_size=2)):
        words += [f"{option}={draw(NASTY)}"] if draw(st.booleans()) else [option, draw(NASTY)]
    return words


@pytest.fixture(scope="module", autouse=True)
def _in_a_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before, folder = Path.cwd(), tmp_path_factory.mktemp("folder")
    (folder / "folder").mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "acb.yaml").write_text("steps: []\n")
    (folder / "circle").symlink_to("circle")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")
    # What the secrets of examples are read from.
    (folder / ".npmrc").touch()
    os.chdir(folder)
    with mock.patch.dict(os.environ, {"API_TOKEN": "x"}):
        yield
    os.chdir(before)


@pytest.fixture(scope="module", autouse=True)
def _without_logs() -> Iterator[None]:
    """az logs what was typed as it is, and no test process can report half of a surrogate pair to another."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def parsed(words: list[str]) -> Parsed | int:
    """The command, or the exit code with which az ends without calling one."""
    try:
        return parser().parse(words)
    except SystemExit as ending:
        return int(ending.code or 0)


@settings(
    max_examples=250,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)
@given(command_lines(), st.sampled_from([ReadOnlyAzure, ClosedAzure]))
@example(["acr", "build", "-r", "myregistry", ".", "\ud800"], ClosedAzure)
def test_no_command_line_ends_in_a_traceback(words: list[str], world: type[Azure]) -> None:
    found = parsed(words)
    if isinstance(found, int):
        event("refused by az or a validator")
        assert found in (ExitCode.DONE, ExitCode.USAGE), words
        return
    # Where a pool can be read, waiting for what never comes takes as long as was asked for, and a loop for ever.
    azure = ClosedAzure() if found.command in (wait_for_pool, run_autoscale) else world()
    finished = azure.session.run(found.command, **found.options)
    event(f"exit code {finished.exit_code}")
    assert finished.exit_code in tuple(ExitCode), words
    assert finished.exit_code == 0 or finished.told or finished.result, words


def test_the_command_lines_that_all_is_made_of_can_be_used() -> None:
    """No validator refuses what az's own accepts, so that what is found above is found behind them too.

    One line of az's own help, which nobody wrote, has an image in capital letters, which the service refuses.
    """
    assert [line for line in seeds() if isinstance(parsed(line), int) and "MyImage" not in line] == []


def test_every_number_is_read_in_the_same_way() -> None:
    """Python's int would take `1_000` and digits of all scripts."""
    found = {
        (getattr(argument.type, "__name__", ""), argument.option_strings[0])
        for command in parser().commands
        for argument in parser().arguments_of(command)
        if argument.option_strings
    }
    options = (
        *(
            "--count",
            "--cpu",
            "--ensure-capacity",
            "--idle-minutes",
            "--interval",
            "--max-count",
            "--min-count",
            "--queue-timeout",
            "--retry-infra",
            "--runs-per-instance",
            "--timeout",
            "--top",
            "--vcpu-quota",
        ),
    )
    assert {option for kind, option in found if kind in ("int", "float")} == set()
    assert {option for kind, option in found if kind == "whole_number"} == set(options)
