"""Requests to stop: what they raise, and when."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import pytest
from python_processes import run_python

from azext_acrpool.commands.console.interrupts import Interrupts

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
needs_hang_up = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_interrupts(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), Interrupts():
        signal.raise_signal(number)


@pytest.mark.parametrize("number", SIGNALS)
def test_handlers_are_put_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Interrupts():
        assert signal.getsignal(number) != before
    assert signal.getsignal(number) == before


def test_it_is_remembered_that_a_signal_interrupted() -> None:
    with Interrupts() as interrupts:
        assert not interrupts.has_raised
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert interrupts.has_raised


@needs_hang_up
@pytest.mark.parametrize(("seconds_between", "requests"), [(0.01, 1), (5.0, 2)])
def test_kernel_and_shell_tell_of_one_hang_up(seconds_between: float, requests: int) -> None:
    times = [0.0, seconds_between]
    raised = 0
    with Interrupts(lambda: times.pop(0)):
        for _ in range(2):
            try:
                signal.raise_signal(signal.SIGHUP)
            except KeyboardInterrupt:
                raised += 1
    assert raised == requests


@needs_hang_up
def test_a_termination_after_a_hang_up_is_a_second_request() -> None:
    with Interrupts(lambda: 0.0) as interrupts, pytest.raises(KeyboardInterrupt):
        read_reply(interrupts, signal.SIGHUP, signal.SIGTERM, error=ValueError("never raised"))


def read_reply(interrupts: Interrupts, *signals: signal.Signals, error: Exception | None = None) -> None:
    """Something that takes signals while it defers them, and then fails if told so."""
    with interrupts.deferred():
        for number in signals:
            signal.raise_signal(number)
        if error:
            raise error


@pytest.mark.parametrize("number", SIGNALS)
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


def test_an_interruption_that_an_error_kept_back_lets_no_such_block_begin() -> None:
    begun: list[str] = []

    def try_again() -> None:
        with interrupts.deferred():
            begun.append("a second request")

    with Interrupts() as interrupts:
        with pytest.raises(ValueError, match="lost"):
            read_reply(interrupts, signal.SIGINT, error=ValueError("lost"))
        with pytest.raises(KeyboardInterrupt):
            try_again()
    assert begun == []


def test_a_second_interruption_settles_the_first() -> None:
    with Interrupts() as interrupts:
        with pytest.raises(KeyboardInterrupt):
            read_reply(interrupts, signal.SIGINT, signal.SIGINT)
        read_reply(interrupts)


def test_how_a_command_ends_is_told_to_the_end() -> None:
    told: list[str] = []

    def tell(*signals: signal.Signals) -> None:
        with interrupts.until_told():
            for number in signals:
                signal.raise_signal(number)
            told.append("how it ends")

    with Interrupts() as interrupts:
        with pytest.raises(ValueError, match="lost"):
            read_reply(interrupts, signal.SIGINT, error=ValueError("lost"))
        tell()
        with pytest.raises(KeyboardInterrupt):
            tell(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            tell(signal.SIGINT, signal.SIGINT)
    assert told == ["how it ends", "how it ends"]


def test_without_an_interruption_nothing_happens() -> None:
    with Interrupts() as interrupts:
        read_reply(interrupts)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_the_parent_ignores_stays_ignored(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Interrupts():
            signal.raise_signal(number)
    finally:
        signal.signal(number, before)


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


LAST_MOMENTS = """
import atexit, os, signal
from azext_acrpool.commands.console.interrupts import leave_on_interrupt
print("a result", flush=True)
leave_on_interrupt(130, "Interrupted.\\n", leave=os._exit)
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_in_the_last_moments_ends_the_process_with_one_line(number: signal.Signals) -> None:
    done = run_python(f"{LAST_MOMENTS}signal.raise_signal({int(number)}); print('never printed', flush=True)")
    assert (done.returncode, done.stdout, done.stderr) == (130, "a result\n", "Interrupted.\n")


def test_nothing_is_said_where_nobody_listens() -> None:
    done = run_python(f"{LAST_MOMENTS}os.close(2); signal.raise_signal({int(signal.SIGINT)})")
    assert (done.returncode, done.stdout, done.stderr) == (130, "a result\n", "")


@pytest.mark.parametrize("number", SIGNALS)
def test_python_that_takes_itself_down_is_not_killed(number: signal.Signals) -> None:
    # Modules are taken down when handlers are gone.
    at_the_end = f"class End:\n    def __del__(self, kill=signal.raise_signal): kill({int(number)})\nend = End()\n"
    done = run_python(LAST_MOMENTS + at_the_end)
    assert (done.returncode, done.stdout, done.stderr) == (0, "a result\n", "")
