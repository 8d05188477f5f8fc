"""For all tests, the extension's and the emulator's."""

from __future__ import annotations

import gc
import signal

# A shell that runs the tests in the background has them ignore Ctrl-C, and so would all that they start. Tests and
# commands count on what Python does at its start where nothing is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Leave what has been collected to no garbage collector: there are thousands of tests, and all of them stay."""
    gc.collect()
    gc.freeze()
