"""Starting commands as acb does: within a time, again after a failure, and more than once (acb, pkg/procmanager)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from ..docker import Finished, Printed, Program
from .events import Event, Line, Timeline

__all__ = ["DEADLINE_EXCEEDED", "Launch", "Repetition", "backoff", "launch", "watch"]

DEADLINE_EXCEEDED = "context deadline exceeded"
"""What Go says of a time that is over."""

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
START_SECONDS = 0.1
"""From the start of a command to its end when there was no time for it (assumed)."""

Launch = Callable[[], Finished]
"""Starts a command and waits for its end."""


@dataclass(frozen=True)
class Repetition:
    """How often a container runs: `retries` after the first failure, all of it `repeat` times more; delay in seconds.

    With `retry_on_errors` a failure is tried again only if the output holds one of these texts.
    """

    retries: int = 0
    retry_delay: int = 0
    retry_on_errors: Sequence[str] = ()
    repeat: int = 0


def launch(
    name: str, start: Launch, repetition: Repetition, timeline: Timeline, deadline: float
) -> Generator[Event, None, str]:
    """Run a container; returns the error, empty if there is none. `deadline` is by the timeline."""
    errors: list[str] = []
    for _ in range(repetition.repeat + 1):
        error = yield from _launch_until_it_succeeds(name, start, repetition, timeline, deadline)
        errors += [error] if error else []
    return ", ".join(errors)


def _launch_until_it_succeeds(
    name: str, start: Launch, repetition: Repetition, timeline: Timeline, deadline: float
) -> Generator[Event, None, str]:
    error = ""
    for attempt in range(1, repetition.retries + 2):
        yield Line(f"Launching container with name: {name}")
        output: list[str] = []
        error = yield from watch(start, timeline, deadline, output)
        if not error:
            yield Line(f"Successfully executed container: {name}")
            break
        shown = "\n".join(output)
        may_retry = not repetition.retry_on_errors or any(text in shown for text in repetition.retry_on_errors)
        if attempt > repetition.retries or not may_retry:
            yield Line(f"Container failed during run: {name}. No retries remaining.")
            break
        delay = repetition.retry_delay
        yield Line(f"Container failed during run: {name}, waiting {delay} seconds before retrying...")
        yield from timeline.pause(delay)
    return error


def watch(start: Launch, timeline: Timeline, deadline: float, output: list[str]) -> Generator[Event, None, str]:
    """Run a command whose lines are shown, and added to `output`; returns the error, empty if there is none."""
    if timeline.now >= deadline:
        yield from timeline.pause(START_SECONDS)
        return DEADLINE_EXCEEDED
    finished = start()
    if finished.pending is not None:
        return (yield from _follow(finished.pending, timeline, deadline, output))
    for line in finished.output:
        if timeline.now + line.seconds_before > deadline:
            yield from timeline.pause(deadline - timeline.now)
            return DEADLINE_EXCEEDED
        yield from timeline.show(line)
        output.append(line.text)
    if timeline.now + finished.seconds_after > deadline:
        yield from timeline.pause(deadline - timeline.now)
        return DEADLINE_EXCEEDED
    yield from timeline.pause(finished.seconds_after)
    return finished.error


def _follow(program: Program, timeline: Timeline, deadline: float, output: list[str]) -> Generator[Event, None, str]:
    """Run a program that takes its own time, until the deadline at most; returns the error, empty if there is none."""
    with closing(program.run()) as events:
        while timeline.now <= deadline:
            try:
                event = next(events)
            except StopIteration as end:
                return Finished(end.value).error
            if isinstance(event, Printed):
                yield from timeline.show(event)
                output.append(event.text)
            else:
                yield from timeline.pause(event)
    return DEADLINE_EXCEEDED


def backoff(attempt: int) -> float:
    """Seconds to wait after a failed attempt, counted from 0 (acb, util/backoff.go)."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**attempt)
