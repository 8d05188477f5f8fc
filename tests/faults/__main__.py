"""Every fault in every request of every command line, and what each command makes of it.

    python tests/faults                      minutes: prints what is wrong, and `N cases tried, M right`
    python tests/faults --only 'TITLE'       the cases whose title holds this
    python tests/faults --seed 7             other faults, other pairs, processes and moments
    python tests/faults --all                every fault of every request

Each command line (`command_lines`) is run once with all well, which tells the requests that it makes; then again and
again, with a fault that one of these can have (`catalogue`), and with pairs of faults. A seed draws which requests and
which faults (a 503 may have ARM's body, a proxy's page, or none), so that many runs try them all.
What comes of it is judged by rules (`judge`). az itself takes too long to start for so many: these commands run in
this process, with az's parser, the real client and TLS to the emulator, on a clock that jumps (`in_process`). Some of
them are tried as az processes too, and so are signals and builds at once (`processes`).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in (".", "tests/support", "src/acr-emulator/tests/support")]

from bench import in_process_bench, learn, try_out  # noqa: E402
from cases import cases_of, drawn_from, pairs_of  # noqa: E402
from command_lines import LINES  # noqa: E402
from processes import trials, try_all  # noqa: E402

from azext_acrpool.aside import start_aside  # noqa: E402

# So many are tried in a run; those of other seeds are others.
PAIRS = 500


class Verdict(NamedTuple):
    """A case by its title, and what is wrong with it."""

    title: str
    wrong: list[str]


def try_shard(number: int, options: argparse.Namespace) -> Iterator[Verdict]:
    """Try a share of the cases: the last of the shards those with processes, each other one its part of the rest."""
    with in_process_bench() as (place, commands):
        learnt = [(line, learn(place, commands, line)) for line in LINES]
        singles = cases_of(learnt)
        if number < options.shards:
            pairs = pairs_of(singles, PAIRS, random.Random(f"pairs {options.seed}"))
            if not (options.all or options.only):
                singles = drawn_from(singles, random.Random(options.seed))
            cases = [case for case in [*singles, *pairs] if options.only in case.title]
            # Whoever breaks it off has seen some of everything.
            random.Random(options.seed).shuffle(cases)
            for case in cases[number :: options.shards]:
                yield Verdict(case.title, try_out(place, commands, case))
            return
    planned = trials(singles, learnt, options.seed)
    yield from map(Verdict._make, try_all([trial for trial in planned if options.only in trial.title]))


def tell_shard(number: int, options: argparse.Namespace) -> None:
    """Try a share of the cases, and print a line of JSON for each."""
    for verdict in try_shard(number, options):
        print(json.dumps(verdict), flush=True)


def read_shard(number: int, options: argparse.Namespace) -> list[Verdict]:
    """What a process of its own finds out about a shard; what is wrong is printed as it comes.

    Raises CalledProcessError.
    """
    command = [sys.executable, str(Path(__file__).parent), "--seed", str(options.seed), "--only", options.only]
    command += ["--shards", str(options.shards), "--shard", str(number), *(["--all"] if options.all else [])]
    verdicts = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        for line in process.stdout:
            verdict = Verdict(*json.loads(line))
            verdicts.append(verdict)
            if verdict.wrong:
                tell(verdict, options.seed)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return verdicts


def tell(verdict: Verdict, seed: int) -> None:
    """Print what is wrong, and how to try it again."""
    again = f"python tests/faults --seed {seed} --only {shlex.quote(verdict.title)}"
    print("\n".join([f"WRONG {again}", *(f"    {what}" for what in verdict.wrong)]), flush=True)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Faults in every request of every command line.")
    parser.add_argument("--only", default="", metavar="TITLE", help="The cases whose title holds this.")
    parser.add_argument("--all", action="store_true", help="Each fault, not one of each kind: half an hour.")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="Of what is drawn.")
    # One more than there are processors, as a command and its emulator wait for one another.
    shards = (os.cpu_count() or 1) + 1
    parser.add_argument("--shards", type=int, default=shards, help="How many processes share the work.")
    parser.add_argument("--shard", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    options = read_options()
    if options.shard is not None:
        # What libraries log of broken connections is what was wanted.
        logging.disable(logging.CRITICAL)
        # In the main thread each command would take signals for its own, and no other would ever end this.
        start_aside(lambda: tell_shard(options.shard, options)).result()
        return 0
    print(f"Faults, seed {options.seed}:", flush=True)
    started = time.monotonic()
    shards = range(options.shards + 1)
    with ThreadPoolExecutor(len(shards)) as readers:
        parts = readers.map(lambda number: read_shard(number, options), shards)
        verdicts = [verdict for part in parts for verdict in part]
    right = sum(not verdict.wrong for verdict in verdicts)
    print(f"{len(verdicts)} cases tried, {right} right, in {time.monotonic() - started:.0f} s")
    return 0 if right == len(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
