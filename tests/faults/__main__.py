"""Every fault in every request of every command line, and what each command makes of it.

    python tests/faults                      all of it: prints `N cases tried, M right`, and those that are wrong
    python tests/faults --only 'TITLE'       the cases whose title holds this
    python tests/faults --seed 7             other pairs

Each command line (`command_lines`) is run once with all well, which tells the requests that it makes; then once for
every request and everything that can be wrong with it (`catalogue`), and with pairs of faults that are drawn by a seed.
What comes of it is judged by rules (`judge`). az itself takes too long to start for so many: commands run in
this process, with az's parser, the real client and TLS to the emulator, on a clock that jumps (`in_process`).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from bench import Bench, bench  # noqa: E402
from cases import Case, cases_of, pairs_of  # noqa: E402
from command_lines import LINES  # noqa: E402

PAIRS = 500


class Verdict(NamedTuple):
    """A case by its title, and what is wrong with it."""

    title: str
    wrong: list[str]


def plan(place: Bench, seed: int, only: str) -> list[Case]:
    """The cases whose title holds `only`."""
    singles = cases_of((line, place.learn(line)) for line in LINES)
    cases = singles + pairs_of(singles, PAIRS, random.Random(seed))
    return [case for case in cases if only in case.title]


def try_shard(number: int, shards: int, seed: int, only: str) -> None:
    """Try every `shards`th case; a line of JSON on stdout tells of each."""
    with bench() as place:
        for case in plan(place, seed, only)[number::shards]:
            print(json.dumps(Verdict(case.title, place.try_out(case))), flush=True)


def read_shard(number: int, options: argparse.Namespace) -> list[Verdict]:
    """What a process of its own finds out about a shard. Raises CalledProcessError."""
    command = [sys.executable, str(Path(__file__).parent), "--seed", str(options.seed), "--only", options.only]
    command += ["--shards", str(options.shards), "--shard", str(number)]
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return [Verdict(*json.loads(line)) for line in done.stdout.splitlines()]


def main() -> int:
    parser = argparse.ArgumentParser(description="Faults in every request of every command line.")
    parser.add_argument("--only", default="", metavar="TITLE", help="The cases whose title holds this.")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="Of the pairs.")
    parser.add_argument("--shards", type=int, default=os.cpu_count() or 1, help="How many processes share the work.")
    parser.add_argument("--shard", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.shard is not None:
        try_shard(options.shard, options.shards, options.seed, options.only)
        return 0
    print(f"faults: seed {options.seed}", flush=True)
    started = time.monotonic()
    with ThreadPoolExecutor(options.shards) as readers:
        shards = readers.map(lambda number: read_shard(number, options), range(options.shards))
        verdicts = [verdict for shard in shards for verdict in shard]
    wrong = [verdict for verdict in sorted(verdicts) if verdict.wrong]
    for verdict in wrong:
        print(f"WRONG python tests/faults --only {json.dumps(verdict.title)}")
        for what in verdict.wrong:
            print(f"    {what}")
    print(f"{len(verdicts)} cases tried, {len(verdicts) - len(wrong)} right, in {time.monotonic() - started:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
