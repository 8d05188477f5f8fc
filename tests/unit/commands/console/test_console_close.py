"""A Windows console that is closed: which events end it, and what is done about them."""

from __future__ import annotations

import pytest

from azext_acrpool.commands.console.console_close import answer_event, interrupted_by_closing


@pytest.mark.parametrize("event", [2, 5, 6], ids=["close", "logoff", "shutdown"])
def test_the_end_of_the_console_interrupts_and_is_held_up(event: int) -> None:
    done: list[str] = []
    assert answer_event(event, lambda: done.append("interrupt"), lambda: done.append("hold"))
    assert done == ["interrupt", "hold"]


@pytest.mark.parametrize("event", [0, 1], ids=["Ctrl-C", "Ctrl-Break"])
def test_what_python_makes_signals_of_is_left_to_it(event: int) -> None:
    done: list[str] = []
    assert not answer_event(event, lambda: done.append("interrupt"), lambda: done.append("hold"))
    assert done == []


def test_it_can_be_used_anywhere() -> None:
    with interrupted_by_closing():
        pass
