"""What is told on stderr: in place on a terminal, a line a change elsewhere, and never a reason to fail."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest

from azext_acrpool.client.patience import Progress
from azext_acrpool.commands.console.narrator import Narrator, OperationProgress


def show(narrator: Narrator) -> None:
    progress = OperationProgress(narrator, "Agent pool 'p'", "usually takes 5 min")
    with progress.following():
        for state, elapsed in (("Creating", 0.0), ("Creating", 61.0), ("Succeeded", 90.0)):
            progress(Progress(state, elapsed))


def test_one_line_a_change_when_there_is_no_terminal() -> None:
    stream = StringIO()
    show(Narrator(stream, quiet=False, animated=False))
    assert stream.getvalue().splitlines() == [
        "Agent pool 'p': Creating (usually takes 5 min)",
        "Agent pool 'p': Succeeded after 1 min 30 s",
    ]


@pytest.mark.parametrize("animated", [True, False])
def test_trouble_is_told(animated: bool) -> None:
    stream = StringIO()
    progress = OperationProgress(Narrator(stream, quiet=False, animated=animated), "Agent pool 'p'", "usually ..")
    for elapsed, trouble in ((0.0, ""), (2.0, "reset\nby peer"), (3.0, "reset"), (4.0, ""), (9.0, "busy")):
        progress(Progress("Creating", elapsed, trouble))
    lines = [line.rstrip() for line in stream.getvalue().replace("\r", "\n").splitlines() if line]
    assert lines == (
        [
            "Agent pool 'p': Creating, 0 s (usually ..)",
            "Agent pool 'p': Creating, 2 s (no answer, trying again: reset)",
            "Agent pool 'p': Creating, 3 s (no answer, trying again: reset)",
            "Agent pool 'p': Creating, 4 s (usually ..)",
            "Agent pool 'p': Creating, 9 s (no answer, trying again: busy)",
        ]
        if animated
        else [
            "Agent pool 'p': Creating (usually ..)",
            "Agent pool 'p': no answer after 2 s, trying again: reset",
            "Agent pool 'p': no answer after 9 s, trying again: busy",
        ]
    )


def test_one_line_in_place_on_a_terminal_that_is_taken_away_at_the_end() -> None:
    stream = StringIO()
    show(Narrator(stream, quiet=False, animated=True))
    text = stream.getvalue()
    assert "\n" not in text
    shown = text.split("\r")
    assert "Agent pool 'p': Creating, 1 min 1 s (usually takes 5 min)" in [line.rstrip() for line in shown]
    assert shown[-2].strip() == shown[-1] == ""
    assert len(shown[-2]) == len(shown[-3].rstrip())


def test_shorter_line_leaves_nothing_of_the_longer_one() -> None:
    stream = StringIO()
    narrator = Narrator(stream, quiet=False, animated=True)
    narrator.show("a long line")
    narrator.say("short")
    assert stream.getvalue() == "\ra long line\rshort      \n"


def test_line_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    stream = StringIO()
    Narrator(stream, quiet=False, animated=True).show("x" * 50)
    assert stream.getvalue() == "\r" + "x" * 19


def test_warning_is_marked_as_az_marks_its_own() -> None:
    stream = StringIO()
    Narrator(stream, quiet=False, animated=False).warn("It costs.")
    assert stream.getvalue() == "WARNING: It costs.\n"


def test_what_az_logs_too_goes_to_its_logger_and_never_into_a_line_in_place() -> None:
    stream = StringIO()
    narrator = Narrator(
        stream,
        quiet=False,
        animated=True,
        hide=lambda text: text.replace("secret", "***"),
        log=lambda text: stream.write(f"logged: {text}\n"),
    )
    narrator.show("1 file")
    narrator.log("secret\x1b[2J")
    narrator.say("on")
    assert stream.getvalue() == "\r1 file\r      \rlogged: ***\\x1b[2J\n\ron\n"


@pytest.mark.parametrize("animated", [True, False])
def test_quiet(animated: bool) -> None:
    stream = StringIO()
    narrator = Narrator(stream, quiet=True, animated=animated)
    show(narrator)
    narrator.say("something")
    narrator.warn("something else")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("stream", [None, object()], ids=["missing", "no stream"])
def test_what_is_no_stream_does_not_fail_the_command(stream: Any) -> None:
    narrator = Narrator(stream, quiet=False, animated=True)
    narrator.show("one")
    narrator.say("two")
    narrator.alert("three")
    narrator.clear()


HOSTILE = "State \x1b]0;x\x07\x9b2J\u202e\ud800\r, größe\tok"
SHOWN = "State \\x1b]0;x\\x07\\x9b2J\\u202e\\ud800\\r, größe"


def test_what_would_act_on_a_terminal_is_shown() -> None:
    stream = StringIO()
    narrator = Narrator(stream, quiet=False, animated=False)
    for tell in (narrator.say, narrator.warn, narrator.alert):
        tell(HOSTILE)
    assert stream.getvalue() == f"{SHOWN}\tok\nWARNING: {SHOWN}\tok\nERROR: {SHOWN}\tok\n"


def test_a_line_in_place_stays_one() -> None:
    stream = StringIO()
    Narrator(stream, quiet=False, animated=True).show(f"{HOSTILE}\nError: x")
    assert stream.getvalue() == f"\r{SHOWN}\\tok\\nError: x"


@pytest.mark.parametrize("animated", [True, False])
def test_secrets_are_hidden_whatever_tells_them(animated: bool) -> None:
    stream = StringIO()
    narrator = Narrator(stream, quiet=False, animated=animated, hide=lambda text: text.replace("s\x1b", "***"))
    for tell in (narrator.say, narrator.warn, narrator.alert, narrator.show):
        tell("It is s\x1b.")
    assert stream.getvalue().count("It is ***.") == (4 if animated else 3)
    assert "s\\x1b" not in stream.getvalue()


def test_no_quiet_mode_hides_an_alert() -> None:
    stream = StringIO()
    narrator = Narrator(stream, quiet=True, animated=False)
    narrator.say("is scaled up")
    narrator.alert("Agent pool 'p' could not be scaled back.")
    assert stream.getvalue() == "ERROR: Agent pool 'p' could not be scaled back.\n"


@pytest.mark.parametrize("quiet", [False, True])
def test_warnings_are_kept_for_whoever_wants_them_without_secrets(quiet: bool) -> None:
    narrator = Narrator(StringIO(), quiet=quiet, animated=False, hide=lambda text: text.replace("secret", "***"))
    narrator.warn("A secret costs.")
    narrator.say("Nothing to warn of.")
    narrator.alert("It costs.", mark="WARNING")
    narrator.warn("Two lines\nof it.")
    assert narrator.warnings == ("A *** costs.", "Two lines\nof it.")
    assert narrator.without_secrets("a secret") == "a ***"
