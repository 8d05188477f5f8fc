"""Doing several things at once, so that none is waited for longer than somebody wants to wait.

`concurrent.futures` joins its threads when a block is left and when Python exits: a request that hangs would keep a
command that was interrupted. These threads keep nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

__all__ = ["do_within", "each_aside", "start_aside"]

T = TypeVar("T")
Item = TypeVar("Item")

# Seconds. On Windows, no signal gets through to whoever waits for a thread: this is how late it may be noticed.
_HEED_SIGNALS_EVERY = 0.25


def start_aside(work: Callable[[], T]) -> Future[T]:
    """Begin to do the work in a thread of its own; the future holds what comes of it."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # raised where the result is asked for
            future.set_exception(error)

    Thread(target=run, name="aside", daemon=True).start()
    return future


def do_within(seconds: float, work: Callable[[], T]) -> T:
    """What comes of the work, if it is done within so many seconds; raises TimeoutError if it is not.

    The work goes on then, and nobody hears of it: nothing but the end of the process stops a thread.
    """
    future = start_aside(work)
    end = time.monotonic() + seconds
    while not future.done():
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        wait([future], timeout=min(left, _HEED_SIGNALS_EVERY))
    return future.result()


def each_aside(work: Callable[[Item], T], items: Iterable[Item], *, threads: int = 8) -> Iterator[T]:
    """What `work` makes of each of the items, in their order; at most `threads` of them are worked on at once."""
    waiting: SimpleQueue[tuple[Item, Future[T]]] = SimpleQueue()
    futures: list[Future[T]] = []
    for item in items:
        futures.append(Future())
        waiting.put((item, futures[-1]))

    def run() -> None:
        while True:
            try:
                item, future = waiting.get_nowait()
            except Empty:
                return
            try:
                future.set_result(work(item))
            except BaseException as error:  # raised where the result is asked for
                future.set_exception(error)

    for _ in range(min(threads, len(futures))):
        Thread(target=run, name="aside", daemon=True).start()
    return (future.result() for future in futures)
