"""The window of a Windows console that is closed while a command is at work: a hang-up, of which no signal tells.

Windows calls a function in a thread of its own and ends the process as soon as that returns, at the latest after five
seconds. Python knows nothing of it. On other platforms nothing is done here: a terminal that goes away sends SIGHUP.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

__all__ = ["answer_event", "interrupted_by_closing"]

# The window is closed, the user logs off, the machine is shut down. Ctrl-C (0) and Ctrl-Break (1) are left to Python,
# which makes signals of them.
_ENDS_OF_A_CONSOLE: Final = frozenset({2, 5, 6})


def answer_event(event: int, interrupt: Callable[[], object], hold: Callable[[], object]) -> bool:
    """What Windows is answered when the console has an event of this number; whether that settles it.

    `interrupt` asks the main thread to stop. `hold` returns only when the process may end.
    """
    if event not in _ENDS_OF_A_CONSOLE:
        return False
    interrupt()
    hold()
    return True


@contextmanager
def interrupted_by_closing() -> Iterator[None]:
    """While inside, the end of the console means to the main thread what Ctrl-Break does."""
    if sys.platform != "win32":
        yield
        return
    import ctypes
    from _thread import interrupt_main

    # The process ends, and with it this wait, when the main thread has cleaned up; or else when Windows ends it.
    never = threading.Event()

    def interrupt() -> None:
        interrupt_main(signal.SIGBREAK)  # pylint: disable=no-member

    @ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint)
    def handler(event: Any) -> int:
        return int(answer_event(event, interrupt, never.wait))

    set_handler = ctypes.windll.kernel32.SetConsoleCtrlHandler
    set_handler(handler, True)
    try:
        yield
    finally:
        set_handler(handler, False)
