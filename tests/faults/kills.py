"""az processes that are ended by signals at any moment, and several builds at once that share a pool.

A moment is so many requests into the command and a little later. What a command was asked for does not matter then;
what it leaves behind does: no run that nobody names, no pool left raised without a word, no temporary file.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from az_commands import AzCommands, ending_of
from bench import Bench, Trial
from command_lines import LINES, CommandLine
from evidence import Ending
from judge import Evidence, judge_stopped

__all__ = ["Kill", "Rush", "kills", "rushes"]

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL")
KILLED = ("build with capacity", "build with BuildKit", "create", "task run", "logs", "cancel-run", "timer remove")
# Real seconds.
_LATEST = 0.3
_LOOK_EVERY = 0.05
_STARTS_WITHIN = 30.0
_LONGEST_PAUSE = 5.0
_ENDS_WITHIN = 60.0


def _line(title: str) -> CommandLine:
    return next(line for line in LINES if line.title == title)


@dataclass(frozen=True)
class Kill:
    """A signal for a command line, `seconds` after so many of its requests."""

    line: CommandLine
    signal: str
    requests: int
    seconds: float

    @property
    def title(self) -> str:
        """What names it."""
        return f"{self.line.title} | {self.signal} {self.seconds:.3f} s after {self.requests} requests"

    def try_out(self, bench: Bench, commands: AzCommands) -> list[str]:
        """What is wrong about how the command ends, and about what it leaves."""
        with bench.trying(self.line) as trial:
            bench.emulated.begin_journal()
            process = commands.start(trial.arguments, quiet=self.line.quiet)
            has_begun = self._wait_for_the_moment(bench, trial)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.Signals[self.signal])
            ending = ending_of(process, _ENDS_WITHIN)
            if self.signal == "SIGKILL":
                return [*_left(commands), *_after_kill(trial, commands)]
            evidence = Evidence(self.line, ending, trial.seen(ending), bench.strayed.take())
            return [*_left(commands), *judge_stopped(evidence, has_begun=has_begun)]

    def _wait_for_the_moment(self, bench: Bench, trial: Trial) -> bool:
        """Whether the command has made a request by then. A moment that does not come is over after a while."""
        made, quiet_until = 0, time.monotonic() + _STARTS_WITHIN
        while made < self.requests and time.monotonic() < quiet_until:
            time.sleep(_LOOK_EVERY)
            now = sum(trial.registry.name in str(entry) for entry in bench.emulated.journal())
            if now > made:
                made, quiet_until = now, time.monotonic() + _LONGEST_PAUSE
        time.sleep(self.seconds)
        return made > 0


def _after_kill(trial: Trial, commands: AzCommands) -> Iterator[str]:
    """Nobody can say anything any more; the next build with --ensure-capacity puts the pool right."""
    if not trial.line.aim.keeps_count_of:
        return
    ending = commands.run(trial.arguments, seconds=_ENDS_WITHIN, quiet=True)
    pool = trial.seen(ending).settled.pools[trial.line.aim.keeps_count_of]
    if ending.exit_code or pool.count != trial.before.pools[trial.line.aim.keeps_count_of].count:
        yield f"pool left raised: the next build ends with {ending.exit_code} and leaves {pool.count}: {ending.stderr}"


def _left(commands: AzCommands) -> Iterator[str]:
    """No command needs a temporary file, so that even one that was killed leaves none."""
    for file in sorted(commands.temporary.iterdir()):
        yield f"temporary file: {file.name}"
        file.unlink()


@dataclass(frozen=True)
class Rush:
    """So many builds with --ensure-capacity at once, the `number`th time."""

    builds: int
    number: int

    @property
    def title(self) -> str:
        """What names it."""
        return f"{self.builds} builds with capacity at once ({self.number})"

    def try_out(self, bench: Bench, commands: AzCommands) -> list[str]:
        """What is wrong about how they end, and about what they leave."""
        line = _line("build with capacity")
        with bench.trying(line) as trial:
            processes = [commands.start(trial.arguments, quiet=True) for _ in range(self.builds)]
            endings = [ending_of(process, _ENDS_WITHIN) for process in processes]
            seen = trial.seen(endings[-1])
        wrong = [f"exit {ending.exit_code}: {_end(ending)}" for ending in endings if ending.exit_code]
        statuses = [run.status for run in seen.own_runs.values()]
        if statuses != ["Succeeded"] * self.builds:
            wrong.append(f"runs are {statuses}")
        if seen.settled.pools != seen.before.pools:
            wrong.append(f"the pool is left as {seen.settled.pools}, not {seen.before.pools}")
        return [*wrong, *_left(commands)]


def _end(ending: Ending) -> str:
    return ending.late or ending.crash or ending.stderr


def kills(requests: Mapping[str, int], count: int, chance: random.Random) -> list[Kill]:
    """So many moments; `requests` is how many each command line makes."""
    found = []
    for _ in range(count):
        title = chance.choice(KILLED)
        moment = chance.randint(0, requests[title])
        found.append(Kill(_line(title), chance.choice(SIGNALS), moment, round(chance.uniform(0, _LATEST), 3)))
    return found


def rushes(times: int) -> Sequence[Rush]:
    """Two and three builds at once, so many times each."""
    return [Rush(builds, number) for number in range(1, times + 1) for builds in (2, 3)]
