"""Following runs: acrpool side by side with az's own, in one run against the emulator.

    python benchmarks/follow.py                     # a table; takes about seven minutes
    python benchmarks/follow.py --quick             # shorter waits, fewer lines: two minutes
    python benchmarks/follow.py --json              # for machines
    python benchmarks/follow.py --scenarios flow end

Both are real `az` processes whose output goes into a pipe, and both follow a run with the same timetable at the same
time: `flow` (a line every 0.5 s), `every5` and `every30` (a line every 5 and 30 s), `irregular` (a line after 2 to
9 s), `lf` (lines that end in LF only), `queued` (the first line after a minute in the queue), `end` (the end after a
quiet minute), `big` (50 MB at once) and `operation` (the end of an agent pool's scaling, at the average distance from
az's own looks). A delay is from the moment the emulator appended a line, or ended a run or operation, to the moment
the line came out of the pipe, or the process ended. Requests are those that following a run sends, from its first line
to its last, a minute.

What to expect of requests: az's own reads the log up to three times every 2.5 s while lines flow, and the slower they
come the less often, which is what makes it late. Being at most a second late takes a read of the log a second whenever
a line may come, and noticing the end within three seconds takes a look at the status every three seconds without a
line. So with a line every 0.5 s there are fewer requests than az's own, and where lines come more slowly there are
more, up to 80 a minute: no fewer can keep those promises.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from acr_emulator.executor import Event, Job, LogLine, Outcome
from acr_emulator.options import EmulatorOptions
from acr_emulator.server import RunningServer, running_server
from acr_emulator.world import PoolSpec, RegistrySpec, World
from sides import AZ, SIDES, environments
from watching import MEGABYTE, run_watched

SOURCE = "https://github.com/Azure-Samples/acr-build-helloworld-node.git#main"
SCENARIOS = ("flow", "every5", "every30", "irregular", "lf", "queued", "end", "operation", "big")
DELAY_GOAL, SPEED_GOAL, REQUESTS_AT_MOST = 5.0, 20.0, 82.0
# Where az's own is so late that DELAY_GOAL can be reached. With lines that keep coming, both read the log every second
# or two, and no client knows when the next line comes.
PROMPT = ("lf", "queued", "end", "operation")
LINE = re.compile(rb"bench line (\d+)")
AUTHORIZATION = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}


@dataclass(frozen=True)
class Script:
    """The life of one run: seconds before each line, then seconds before the end."""

    pauses: tuple[float, ...] = ()
    quiet_end: float = 1.0
    ending: str = "\r\n"
    megabytes: int = 0


@dataclass
class Life:
    """What became of it at the service: when each line was appended."""

    run_id: str
    appended: list[float] = field(default_factory=list)


class ScriptedExecutor:
    """Lets each run live as the script says whose name is the run's image tag."""

    def __init__(self, scripts: dict[str, Script]) -> None:
        self.scripts = scripts
        self.lives: dict[str, Life] = {}

    def execute(self, job: Job) -> Iterator[Event]:
        tag = str(job.request["imageNames"][0]).partition(":")[2]
        script = self.scripts[tag.rpartition("-")[0]]
        life = self.lives[tag] = Life(job.run_id)
        for number, pause in enumerate(script.pauses):
            yield LogLine(f"bench line {number}", pause, script.ending)
            life.appended.append(time.time())
        block = "\r\n".join(["x" * 98] * (MEGABYTE // 100))
        for _ in range(script.megabytes):
            yield LogLine(block)
        yield Outcome("Succeeded", seconds_before=script.quiet_end)


@dataclass
class Watched:
    """What one az process did: when each line came out, first and last output, end, CPU seconds, exit code.

    `peak` is the most memory that it had, in bytes.
    """

    lines: dict[int, float] = field(default_factory=dict)
    first_output: float = 0.0
    last_output: float = 0.0
    size: int = 0
    ended: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    code: int = -1


def watch(arguments: list[str], environment: dict[str, str], folder: Path) -> Watched:
    """Run az to its end and note when what came out of the pipe."""
    seen, rest = Watched(), b""

    def note(data: bytes) -> None:
        nonlocal rest
        seen.last_output = time.time()
        seen.first_output = seen.first_output or seen.last_output
        seen.size += len(data)
        if len(data) < 65536:
            lines = (rest + data).split(b"\n")
            rest = lines.pop()
            for line in filter(None, map(LINE.search, lines)):
                seen.lines.setdefault(int(line[1]), seen.last_output)

    ended = run_watched(arguments, environment, note, folder=folder)
    seen.ended, seen.code, seen.cpu, seen.peak = time.time(), ended.code, ended.cpu, ended.peak
    return seen


class Bench:
    """One emulator, and az pointed at it with and without the extension."""

    def __init__(self, server: RunningServer, executor: ScriptedExecutor, folder: Path) -> None:
        self._server = server
        self._executor = executor
        self._folder = folder
        self._variables = environments(server, folder)

    def build(self, name: str, side: str, pool: str = "") -> dict[str, Any]:
        """Build with a script and measure."""
        tag = f"{name}-{side}"
        options = ["--agent-pool", pool] if pool else []
        arguments = [AZ, "acr", "build", "-r", "myregistry", "-t", f"bench:{tag}", *options, SOURCE]
        seen = watch(arguments, self._variables[side], self._folder)
        life = self._executor.lives[tag]
        run = self._server.emulator.services.state.registries[0].runs[life.run_id]
        assert run.finished is not None
        delays = [seen.lines[number] - appended for number, appended in enumerate(life.appended)]
        return {
            "delays": delays,
            "end_delay": seen.ended - run.finished.timestamp(),
            "requests": self._requests(life),
            "reading_seconds": seen.last_output - seen.first_output,
            "cpu_seconds": seen.cpu,
            "bytes": seen.size,
            "exit_code": seen.code,
        }

    def scale(self, side: str) -> dict[str, Any]:
        """Scale a pool and measure how late its end is noticed."""
        arguments = [AZ, "acr", "agentpool", "update", "-r", "myregistry", "-n", f"op-{side}", "--count", "2"]
        seen = watch(arguments, self._variables[side], self._folder)
        (patched,) = (e for e in self._entries() if e.method == "PATCH" and e.path.lower().endswith(f"op-{side}"))
        ended = datetime.fromisoformat(patched.time).timestamp() + self._server.emulator.services.options.pool_seconds
        return {"end_delay": seen.ended - ended, "exit_code": seen.code}

    def occupy(self, pool: str) -> None:
        """Give the only agent of a pool something to do."""
        registry = self._server.emulator.services.state.registries[0].id
        body = {
            "type": "DockerBuildRequest",
            "imageNames": [f"bench:{pool}-filler"],
            "agentPoolName": pool,
            "sourceLocation": SOURCE,
            "dockerFilePath": "Dockerfile",
            "platform": {"os": "linux"},
        }
        url = f"{self._server.url}{registry}/scheduleRun?api-version=2025-03-01-preview"
        trusted = self._variables["az"]["REQUESTS_CA_BUNDLE"]
        with requests.Session() as http:
            http.trust_env = False
            http.post(url, json=body, headers=AUTHORIZATION, verify=trusted, timeout=30).raise_for_status()

    def _entries(self) -> list[Any]:
        return list(self._server.emulator.journal.entries)

    def _requests(self, life: Life) -> float | None:
        """Requests a minute that following the run took between its first and its last line."""
        if len(life.appended) < 2:
            return None
        since, until = life.appended[0], life.appended[-1]
        names = (f"/runs/{life.run_id}", f"/logs/{life.run_id}/")
        times = [
            datetime.fromisoformat(entry.time).timestamp()
            for entry in self._entries()
            if any(f"{name.lower().rstrip('/')}/" in f"{entry.path.lower()}/" for name in names)
        ]
        return sum(since <= moment <= until for moment in times) / ((until - since) / 60)


def scripts(*, quick: bool) -> dict[str, Script]:
    """The timetables; names with a number are repeated with another length, so that a mean means something."""
    waits = random.Random(7)
    minute = 15.0 if quick else 60.0
    made = {
        "flow": Script((0.5,) * (40 if quick else 240)),
        "every5": Script((5.0,) * (10 if quick else 40)),
        "every30": Script((30.0,) * (3 if quick else 9)),
        "irregular": Script(tuple(waits.uniform(2, 9) for _ in range(8 if quick else 36))),
        "lf": Script((2.0,) * (5 if quick else 20), ending="\n"),
        "big": Script(megabytes=50),
    }
    for number in range(2 if quick else 4):
        extra = waits.uniform(0, 8)
        made[f"queued{number}"] = Script((0.1,), 3.0)
        made[f"pool{number}-az"] = made[f"pool{number}-acrpool"] = Script((), minute + extra)
        made[f"end{number}"] = Script((0.5,), minute + extra)
    return made


def measure(bench: Bench, names: list[str], wanted: list[str], stagger: float) -> dict[str, dict[str, list[Any]]]:
    """Run what was asked for, both sides at the same time, different scripts beside one another but for `big`."""
    taken: dict[str, dict[str, list[Any]]] = {name: {side: [] for side in SIDES} for name in wanted}
    jobs: list[tuple[str, str, str]] = []
    for name in names:
        scenario = name.rstrip("0123456789") if name.startswith(("queued", "end")) else name
        if scenario in wanted and scenario not in ("big", "operation"):
            jobs += [(scenario, name, side) for side in SIDES]
    if "operation" in wanted:
        jobs += [("operation", "operation", side) for side in SIDES]
    lock = threading.Lock()

    def work(number: int, job: tuple[str, str, str]) -> None:
        scenario, name, side = job
        time.sleep(stagger * (number // 2))
        if scenario == "operation":
            result = bench.scale(side)
        elif scenario == "queued":
            pool = f"pool{name.removeprefix('queued')}-{side}"
            bench.occupy(pool)
            result = bench.build(name, side, pool)
        else:
            result = bench.build(name, side)
        with lock:
            taken[scenario][side].append(result)

    with ThreadPoolExecutor(max_workers=64) as executor:
        for future in [executor.submit(work, number, job) for number, job in enumerate(jobs)]:
            future.result()
    if "big" in wanted:
        for side in SIDES:
            taken["big"][side].append(bench.build("big", side))
    return taken


def figures(scenario: str, sides: dict[str, list[Any]]) -> dict[str, Any]:
    """Means, and what was to be reached."""
    if scenario == "big":
        seconds = {side: runs[0]["reading_seconds"] for side, runs in sides.items()}
        cpu = {side: runs[0]["cpu_seconds"] for side, runs in sides.items()}
        ratio = seconds["az"] / seconds["acrpool"]
        return {
            "seconds": seconds,
            "cpu": cpu,
            "times better": ratio,
            "goal": SPEED_GOAL,
            "reached": ratio >= SPEED_GOAL,
        }
    of_end = scenario in ("end", "operation")
    delays = {
        side: [delay for run in runs for delay in ([run["end_delay"]] if of_end else run["delays"])]
        for side, runs in sides.items()
    }
    means = {side: statistics.mean(found) for side, found in delays.items()}
    result: dict[str, Any] = {
        "mean delay": means,
        "longest delay": {side: max(found) for side, found in delays.items()},
        "times better": means["az"] / means["acrpool"],
        "goal": DELAY_GOAL if scenario in PROMPT else None,
    }
    asked = {side: [run["requests"] for run in runs if run.get("requests")] for side, runs in sides.items()}
    if all(asked.values()):
        result["requests a minute"] = {side: statistics.mean(found) for side, found in asked.items()}
    result["reached"] = _reached(scenario, result)
    return result


def _reached(scenario: str, result: dict[str, Any]) -> bool:
    asked = result.get("requests a minute")
    few = not asked or asked["acrpool"] <= max(asked["az"], REQUESTS_AT_MOST)
    if scenario == "flow":
        return few and asked is not None and asked["acrpool"] <= asked["az"]
    return few and (result["goal"] is None or result["times better"] >= result["goal"])


def table(results: dict[str, dict[str, Any]]) -> str:
    lines = []
    for scenario, result in results.items():
        verdict = "reached" if result["reached"] else "MISSED"
        goal = f" (goal {result['goal']:g})" if result["goal"] else ""
        lines.append(f"{scenario}: {result['times better']:.1f} times better{goal}: {verdict}")
        for title, value in result.items():
            if isinstance(value, dict):
                lines.append(f"    {title}: " + ", ".join(f"{side} {number:.2f}" for side, number in value.items()))
    return "\n".join(lines)


@contextmanager
def bench(*, quick: bool) -> Iterator[tuple[Bench, list[str]]]:
    """The emulator with all that the scenarios need."""
    made = scripts(quick=quick)
    pools = [PoolSpec(name) for name in made if name.startswith("pool")] + [PoolSpec(f"op-{side}") for side in SIDES]
    world = World(registries=(RegistrySpec(pools=tuple(pools), standard_vcpu_quota=1000),))
    # az's own looks at once and then every 30 s, so that these ends are noticed 15 s late, as they are on average.
    options = EmulatorOptions(pool_seconds=15 if quick else 75)
    executor = ScriptedExecutor(made)
    with (
        tempfile.TemporaryDirectory(prefix="acrpool-benchmark-") as folder,
        running_server(world, options, executor=executor) as server,
    ):
        yield Bench(server, executor, Path(folder)), list(made)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="shorter waits, fewer lines")
    parser.add_argument("--scenarios", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--stagger", type=float, default=3.0, help="seconds between starts (default 3)")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Returns 0 if all goals are reached, 1 if not."""
    options = parse(arguments)
    with bench(quick=options.quick) as (ready, names):
        taken = measure(ready, names, options.scenarios, options.stagger)
    results = {scenario: figures(scenario, sides) for scenario, sides in taken.items()}
    print(json.dumps(results, indent=1) if options.json else table(results))
    return 0 if all(result["reached"] for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
