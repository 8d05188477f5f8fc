"""Showing the log of a run that is over: acrpool side by side with az's own, in one run against the emulator.

    python benchmarks/logs.py                  # a table; takes a few minutes, nearly all of them az's own
    python benchmarks/logs.py --json           # for machines
    python benchmarks/logs.py --megabytes 5    # a smaller log: nothing is promised of it

Both are real `az acr task logs` processes whose output goes into a pipe that is read as it comes. Seconds are from the
first of the log to the last of it, without az's start, and whole: from the start of the process to its end. Memory is
the most that a process had at any time; acrpool's is measured with a fifth of the log too, as it should not depend on
the log. (A log that fits into one range of 4 MiB takes less.)
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from acr_emulator.options import EmulatorOptions
from acr_emulator.server import RunningServer, running_server
from acr_emulator.world import RegistrySpec, World
from follow import AUTHORIZATION, SOURCE, SPEED_GOAL, Script, ScriptedExecutor, watch
from sides import AZ, SIDES, environments
from watching import MEGABYTE

# Bytes of each megabyte that a reader sees at least: ours ends lines in \n, az's own in \r\n.
WHOLE = MEGABYTE // 100 * 99
# MiB. Two processes that do the same differ by some.
FLAT_WITHIN = 10.0


class LogBench:
    """Runs that are over in one emulator, and az pointed at it with and without the extension."""

    def __init__(self, server: RunningServer, folder: Path) -> None:
        self._server = server
        self._registry = server.emulator.services.state.registries[0]
        self._folder = folder
        self._variables = environments(server, folder)

    def make_run(self, script: str) -> str:
        """Let a run live as this script says; returns its ID when it is over."""
        body = {
            "type": "DockerBuildRequest",
            "imageNames": [f"bench:{script}-run"],
            "sourceLocation": SOURCE,
            "dockerFilePath": "Dockerfile",
            "platform": {"os": "linux"},
        }
        url = f"{self._server.url}{self._registry.id}/scheduleRun?api-version=2025-03-01-preview"
        with requests.Session() as http:
            http.trust_env = False
            trusted = self._variables["az"]["REQUESTS_CA_BUNDLE"]
            reply = http.post(url, json=body, headers=AUTHORIZATION, verify=trusted, timeout=30)
        reply.raise_for_status()
        run_id = str(reply.json()["properties"]["runId"])
        while self._registry.runs[run_id].finished is None:
            time.sleep(0.2)
        return run_id

    def show(self, run_id: str, side: str) -> dict[str, Any]:
        """Show the log of a run and measure."""
        arguments = [AZ, "acr", "task", "logs", "-r", "myregistry", "--run-id", run_id]
        before = time.time()
        seen = watch(arguments, self._variables[side], self._folder)
        return {
            "seconds": seen.last_output - seen.first_output,
            "whole seconds": seen.ended - before,
            "cpu": seen.cpu,
            "MiB": seen.peak / MEGABYTE,
            "bytes": seen.size,
            "exit_code": seen.code,
        }


def measure(bench: LogBench, megabytes: int) -> dict[str, Any]:
    """The large log on both sides, one after the other, and the small one on ours."""
    large, small = bench.make_run("large"), bench.make_run("small")
    sides = {side: bench.show(large, side) for side in reversed(SIDES)}
    ours = bench.show(small, "acrpool")
    ratio = sides["az"]["seconds"] / sides["acrpool"]["seconds"]
    growth = sides["acrpool"]["MiB"] - ours["MiB"]
    is_whole = ours["bytes"] >= megabytes // 5 * WHOLE and all(
        found["bytes"] >= megabytes * WHOLE for found in sides.values()
    )
    return {
        "megabytes": megabytes,
        **{title: {side: found[title] for side, found in sides.items()} for title in sides["az"]},
        "times better": ratio,
        "goal": SPEED_GOAL,
        "more MiB than with a fifth": growth,
        "reached": ratio >= SPEED_GOAL
        and growth <= FLAT_WITHIN
        and is_whole
        and not any(found["exit_code"] for found in (*sides.values(), ours)),
    }


def table(result: dict[str, Any]) -> str:
    verdict = "reached" if result["reached"] else "MISSED"
    faster = f"{result['times better']:.1f} times better (goal {result['goal']:g})"
    growth = f"{result['more MiB than with a fifth']:.1f} MiB more than with a fifth of it"
    lines = [f"{result['megabytes']} MB of log: {faster}, {growth}: {verdict}"]
    for title, value in result.items():
        if isinstance(value, dict):
            lines.append(f"    {title}: " + ", ".join(f"{side} {number:.2f}" for side, number in value.items()))
    return "\n".join(lines)


@contextmanager
def bench(megabytes: int) -> Iterator[LogBench]:
    """The emulator with a registry whose runs write logs of two sizes."""
    executor = ScriptedExecutor({"large": Script(megabytes=megabytes), "small": Script(megabytes=megabytes // 5)})
    with (
        tempfile.TemporaryDirectory(prefix="acrpool-benchmark-") as folder,
        running_server(World(registries=(RegistrySpec(),)), EmulatorOptions(), executor=executor) as server,
    ):
        yield LogBench(server, Path(folder))


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--megabytes", type=int, default=50, help="size of the log (default 50)")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Returns 0 if the goals are reached, 1 if not."""
    options = parse(arguments)
    with bench(options.megabytes) as ready:
        result = measure(ready, options.megabytes)
    print(json.dumps(result, indent=1) if options.json else table(result))
    return 0 if result["reached"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
