"""Listing runs: acrpool side by side with az's own, in one run against the emulator.

    python benchmarks/list_runs.py                  # a table; takes some minutes, nearly all of them az's own
    python benchmarks/list_runs.py --json           # for machines
    python benchmarks/list_runs.py --runs 2000

Both are real `az` processes whose output goes into a pipe, and list the same runs of one registry, one after the
other: `az acr task list-runs --top N`, as JSON and as a table, a hundred runs a page. `seconds` is from the start of
the process to its end, `first` to the first of its output, `cpu` the CPU seconds that it took, `memory` the most that
it had, in MiB. Each must have listed all of the runs; what both print as JSON must be the same, byte for byte. Memory
is flat if of a tenth of the runs, all of them and ten times as many none takes a twentieth more than another.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from acr_emulator.options import EmulatorOptions
from acr_emulator.server import RunningServer, running_server
from acr_emulator.world import RegistrySpec, World
from acr_emulator.world.state import Run, SystemData
from sides import AZ, SIDES, environments
from watching import MEGABYTE, run_watched

FORMATS = ("json", "table")
MEASURED = ("seconds", "first", "cpu", "memory")
PAGE = 100
SPEED_GOAL, FLAT = 3.0, 1.05
EPOCH = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


@dataclass
class Seen:
    """One process, from outside: seconds to its end and to the first of its output, CPU seconds, MiB at most."""

    seconds: float = 0.0
    first: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0
    output: bytes = b""


def fill(server: RunningServer, count: int) -> None:
    """Let the registry have so many runs of a task on a pool, all of which have ended and pushed an image."""
    registry = server.emulator.services.state.registries[0]
    registry.runs.clear()
    for number in range(1, count + 1):
        created = EPOCH + timedelta(minutes=number)
        image = {"registry": "myregistry.azurecr.io", "repository": "app", "tag": f"v{number}", "digest": "sha256:1"}
        registry.runs[f"cf{number}"] = Run(
            id=f"cf{number}",
            registry=registry,
            request={},
            system_data=SystemData(None, created),
            created=created,
            updated=created + timedelta(seconds=40),
            task="nightly",
            pool="mypool",
            platform={"os": "linux", "architecture": "amd64"},
            status="Succeeded" if number % 7 else "Failed",
            started=created + timedelta(seconds=number % 60),
            finished=created + timedelta(seconds=100),
            output_images=[image],
        )


class Bench:
    """One emulator, and az pointed at it with and without the extension."""

    def __init__(self, server: RunningServer, folder: Path) -> None:
        self.server = server
        self._variables = environments(server, folder)

    def list_runs(self, side: str, form: str, count: int) -> Seen:
        """List all of them and measure. Raises RuntimeError if that is not what was printed."""
        arguments = [AZ, "acr", "task", "list-runs", "-r", "myregistry", "--top", str(count), "-o", form]
        started, seen, pieces = time.monotonic(), Seen(), list[bytes]()

        def note(piece: bytes) -> None:
            seen.first = seen.first or time.monotonic() - started
            pieces.append(piece)

        ended = run_watched(arguments, self._variables[side], note)
        seen.seconds, seen.cpu, seen.memory = time.monotonic() - started, ended.cpu, ended.peak / MEGABYTE
        seen.output = b"".join(pieces)
        wanted = [f"cf{number}" for number in range(count, 0, -1)]
        if ended.code or run_ids(seen.output, form) != wanted:
            raise RuntimeError(f"{side} has not listed {count} runs as {form} (exit code {ended.code}).")
        return seen


def run_ids(output: bytes, form: str) -> list[str]:
    """The IDs of the runs that were printed, in their order."""
    if form == "json":
        return [run["runId"] for run in json.loads(output)]
    return [line.split()[0] for line in output.decode().splitlines()[2:]]


def measure(bench: Bench, count: int) -> dict[str, Any]:
    """Both sides with `count` runs, and ours with a tenth of them, and with ten times as many."""
    results: dict[str, Any] = {}
    fill(bench.server, count)
    for form in FORMATS:
        seen = {side: bench.list_runs(side, form, count) for side in SIDES}
        if form == "json" and seen["az"].output != seen["acrpool"].output:
            raise RuntimeError("They print different JSON.")
        ratio = seen["az"].seconds / seen["acrpool"].seconds
        results[form] = {
            **{name: {side: getattr(found, name) for side, found in seen.items()} for name in MEASURED},
            "times less CPU": seen["az"].cpu / seen["acrpool"].cpu,
            "times better": ratio,
            "reached": ratio >= SPEED_GOAL,
        }
    memory = {}
    for many in (count // 10, count, count * 10):
        fill(bench.server, many)
        memory[f"{many:,} runs"] = bench.list_runs("acrpool", "table", many).memory
    least, most = min(memory.values()), max(memory.values())
    results["growth"] = {"memory": memory, "times more": most / least, "reached": most <= least * FLAT}
    return results


def table(results: dict[str, dict[str, Any]]) -> str:
    lines = []
    for title, result in results.items():
        verdict = "reached" if result["reached"] else "MISSED"
        lines.append(f"{title}: {verdict}")
        for name, value in result.items():
            if isinstance(value, dict):
                lines.append(f"    {name}: " + ", ".join(f"{side} {number:.2f}" for side, number in value.items()))
            elif name != "reached":
                lines.append(f"    {name}: {value:.2f}")
    return "\n".join(lines)


@contextmanager
def bench() -> Iterator[Bench]:
    """The emulator, and az with and without the extension."""
    world = World(registries=(RegistrySpec(),), page_size=PAGE)
    with (
        tempfile.TemporaryDirectory(prefix="acrpool-benchmark-") as folder,
        running_server(world, EmulatorOptions()) as server,
    ):
        yield Bench(server, Path(folder))


def main(arguments: list[str]) -> int:
    """Returns 0 if all goals are reached, 1 if not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--runs", type=int, default=10_000, help="how many runs (default 10,000)")
    options = parser.parse_args(arguments)
    with bench() as ready:
        results = measure(ready, options.runs)
    print(json.dumps(results, indent=1) if options.json else table(results))
    return 0 if all(result["reached"] for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
