"""Requests to stop: Ctrl-C, the signals that mean the same, and what a command may do about them."""

from __future__ import annotations

import atexit
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Final

from .streams import write_unless_full

__all__ = ["Interrupts", "leave_on_interrupt"]

# SIGHUP: the terminal or the connection is gone. SIGBREAK: Ctrl-Break, what Windows CI runners send. Each platform has
# its own.
_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_SIGNALS: Final = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
_HANG_UP: Final = getattr(signal, "SIGHUP", None)
# The kernel and the shell both tell that the terminal is gone. That is one request, not two.
_ONE_HANG_UP_SECONDS: Final = 1.0


class Interrupts:
    """While entered, a request to stop raises KeyboardInterrupt, whichever signal it came as.

    Signals that the parent process had ignored, as `nohup` does, stay ignored. Outside the main thread, where Python
    allows no signal handlers, nothing changes. `monotonic` tells the time in seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._previous: dict[int, Any] = {}
        self._deferring = False
        self._pending = False
        self._hung_up_at = float("-inf")
        self._has_raised = False

    def __enter__(self) -> Interrupts:
        for number in _changeable():
            self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pending = False
        with self._putting_off():
            for number, handler in self._previous.items():
                signal.signal(number, handler)
            self._previous.clear()

    @property
    def has_raised(self) -> bool:
        """Whether KeyboardInterrupt was raised. What is cut off anywhere can end with another error, as imports do."""
        return self._has_raised

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Put a first interruption off to the end of the block; a second one interrupts at once.

        For what must not be cut off half-way, such as the request that queues a run: its reply names the run. An error
        in the block wins, and the interruption is put off to the next such block, which then is not begun.
        """
        self._raise_pending()
        with self._putting_off():
            yield

    @contextmanager
    def until_told(self) -> Iterator[None]:
        """Put a first interruption off while it is told how the command ends; a second one interrupts at once.

        What was put off before is forgotten, as the command ends anyway.
        """
        self._pending = False
        with self._putting_off():
            yield

    @contextmanager
    def _putting_off(self) -> Iterator[None]:
        outer, self._deferring = self._deferring, True
        try:
            yield
        finally:
            self._deferring = outer
        if not outer:
            self._raise_pending()

    def _raise_pending(self) -> None:
        if self._pending:
            self._raise()

    def _raise(self) -> None:
        self._pending = False
        self._has_raised = True
        raise KeyboardInterrupt

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._is_told_again(number):
            return
        if self._deferring and not self._pending:
            self._pending = True
        else:
            self._raise()

    def _is_told_again(self, number: int) -> bool:
        if number != _HANG_UP:
            return False
        before, self._hung_up_at = self._hung_up_at, self._monotonic()
        return self._hung_up_at - before < _ONE_HANG_UP_SECONDS


def leave_on_interrupt(
    exit_code: int,
    last_words: str,
    *,
    write: Callable[[int, bytes], object] = write_unless_full,
    leave: Callable[[int], Any],
) -> None:
    """From now on, a request to stop ends the process at once, until Python takes itself down.

    For its last moments, when nothing is left to be cleaned up and nobody there to catch an exception. `last_words` go
    to file descriptor 2, by `write`: a stream may be in the middle of something, or closed by Python. `leave` ends the
    process with `exit_code`. Python takes handlers away before it takes down its modules; a signal in these last tenths
    of a second is ignored, since it would otherwise kill a process that has nothing to do but to return its exit code.
    """

    def handle(_number: int, _frame: FrameType | None) -> None:
        write(2, last_words.encode())
        leave(exit_code)

    for number in _changeable():
        signal.signal(number, handle)
        atexit.register(signal.signal, number, signal.SIG_IGN)


def _changeable() -> list[int]:
    """The signals that are for us to handle here."""
    if threading.current_thread() is not threading.main_thread():
        return []
    # None: somebody's handler that is no Python, which could not be put back.
    return [number for number in _SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]
