"""Ctrl-C and SIGTERM while a command is at work."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Final

__all__ = ["Interrupts"]

# SIGBREAK is Ctrl-Break, what Windows CI runners send; it exists only there.
_SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name))


class Interrupts:
    """While entered, a request to stop raises KeyboardInterrupt, whether it came from Ctrl-C or as SIGTERM.

    Signals that the parent process had ignored stay ignored. Outside the main thread, where Python allows no signal
    handlers, nothing changes.
    """

    def __init__(self) -> None:
        self._previous: dict[int, Any] = {}
        self._deferring = False
        self._pending = False

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous.clear()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Put a first interruption off to the end of the block; a second one interrupts at once.

        For what must not be cut off half-way, such as the request that queues a run: its reply names the run.
        """
        self._deferring = True
        try:
            yield
        finally:
            self._deferring = False
        if self._pending:
            self._pending = False
            raise KeyboardInterrupt

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self._deferring and not self._pending:
            self._pending = True
            return
        raise KeyboardInterrupt
