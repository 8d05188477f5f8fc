"""What is tried with az processes: some of all cases, everything about the token, signals, and builds at once.

Here waiting is real, so that only what is soon over is tried, several at the same time.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from az_commands import AzCommands
from az_processes import Forks
from bench import Bench, az_bench, try_out
from cases import Case
from catalogue import Fault, Request, faults_for
from command_lines import LINES, CommandLine
from kills import kills, rushes

__all__ = ["Trial", "trials", "try_all"]

# How many of each are drawn.
CASES = 60
TOKEN_CASES = 30
SILENCES = 4
KILLS = 100
RUSHES = 4
AT_ONCE = 4
_TOKEN = Request(
    "GET",
    "/msi/token",
    body={"access_token": "x", "expires_on": "1893456000", "resource": "https://x", "token_type": "Bearer"},
)
_EXTENSION = Path(__file__).resolve().parents[2] / "scripts" / "extension.py"


class Trial(NamedTuple):
    """What is tried, by its title, and what tells what is wrong with it."""

    title: str
    try_out: Callable[[Bench, AzCommands], list[str]]


def trials(cases: Sequence[Case], learnt: Sequence[tuple[CommandLine, Sequence[Request]]], seed: int) -> list[Trial]:
    """All that is tried, as the seed draws it."""
    chance = random.Random(seed)
    quick = [case for case in cases if _is_quick(case)]
    drawn = chance.sample(quick, CASES) + chance.sample(_token_cases(), TOKEN_CASES)
    silences = [
        Case(case.line, ((case.faults[0][0], Fault("10 s of silence", {"silence": 10})),))
        for case in chance.sample(quick, SILENCES)
    ]
    numbers = {line.title: len(requests) for line, requests in learnt}
    return [
        *(Trial(f"az: {case.title}", partial(try_out, case=case)) for case in drawn + silences),
        *(Trial(kill.title, kill.try_out) for kill in kills(numbers, KILLS, chance)),
        *(Trial(rush.title, rush.try_out) for rush in rushes(RUSHES)),
    ]


def _is_quick(case: Case) -> bool:
    """Whether the fault is over soon, and is no other one for a process than for a command in this one."""
    return all(
        fault.times and not fault.rival and not fault.is_costly and "Retry-After" not in fault.title
        for _, fault in case.faults
    )


def _token_cases() -> list[Case]:
    """What can be wrong with the reply that brings the token, which only az asks for."""
    shown = next(line for line in LINES if line.title == "show")
    # az goes by itself where the endpoint of its tokens leads it.
    faults = [replace(fault, strays_to=fault.strays_to | {"elsewhere.example.com"}) for fault in faults_for(_TOKEN)]
    cases = [Case(shown, ((_TOKEN, fault),)) for fault in faults]
    return [case for case in cases if _is_quick(case)]


def try_all(planned: Sequence[Trial]) -> Iterator[tuple[str, list[str]]]:
    """Try them, several at the same time; yields title and what is wrong as they end."""
    if not planned:
        return
    installed = subprocess.run([sys.executable, str(_EXTENSION)], check=True, stdout=subprocess.PIPE, encoding="utf-8")
    extensions = Path(installed.stdout.strip())
    free: SimpleQueue[tuple[Bench, AzCommands]] = SimpleQueue()

    def in_a_free_place(trial: Trial) -> tuple[str, list[str]]:
        place = free.get()
        try:
            return trial.title, trial.try_out(*place)
        finally:
            free.put(place)

    with ExitStack() as stack:
        forks = stack.enter_context(Forks())
        for _ in range(min(AT_ONCE, len(planned))):
            free.put(stack.enter_context(az_bench(extensions, forks(extensions))))
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for done in as_completed([threads.submit(in_a_free_place, trial) for trial in planned]):
                yield done.result()
