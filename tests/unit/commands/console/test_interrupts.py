"""Ctrl-C and SIGTERM: what they raise, and when."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import pytest

from azext_acrpool.commands.console.interrupts import Interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_interrupts(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), Interrupts():
        signal.raise_signal(number)


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Interrupts():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def read_reply(interrupts: Interrupts, *signals: signal.Signals, error: Exception | None = None) -> None:
    """Something that takes signals while it defers them, and then fails if told so."""
    with interrupts.deferred():
        for number in signals:
            signal.raise_signal(number)
        if error:
            raise error


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_deferred_interruption_comes_after_the_block(number: signal.Signals) -> None:
    done: list[str] = []

    def read() -> None:
        with interrupts.deferred():
            signal.raise_signal(number)
            done.append("the reply was read")

    with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt):
        read()
    assert done


def test_a_second_interruption_is_not_deferred() -> None:
    with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt):
        read_reply(interrupts, signal.SIGINT, signal.SIGINT, error=ValueError("never raised"))


def test_an_error_in_a_deferring_block_wins_over_the_interruption() -> None:
    with Interrupts() as interrupts, pytest.raises(ValueError, match="lost"):
        read_reply(interrupts, signal.SIGINT, error=ValueError("lost"))


def test_without_an_interruption_nothing_happens() -> None:
    with Interrupts() as interrupts:
        read_reply(interrupts)


def test_a_signal_that_the_parent_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupts():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def in_thread(action: Callable[[], None]) -> list[BaseException]:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return errors


def test_other_threads_may_use_it_though_python_gives_them_no_signals() -> None:
    def use() -> None:
        with Interrupts() as interrupts, interrupts.deferred():
            pass

    assert in_thread(use) == []
