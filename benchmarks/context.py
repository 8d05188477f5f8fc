"""Packing and uploading build contexts: acrpool side by side with az's own, in one run.

    python benchmarks/context.py                    # a table
    python benchmarks/context.py --json             # for machines
    python benchmarks/context.py --contexts pruned  # one of small, large, pruned

Contexts are generated: `small` (20,000 small files and 15,000 ignored), `large` (500 MB in 200 files), `pruned`
(100,000 files of which 3.6 % are kept). Each measurement is a process of its own; times are without imports, and the
median of `--runs`. az's own is measured by calling its packing function, `--az-runs` times (it takes a minute for
`large`). The floor is the least that any packer does: reading the kept files, and isal (level 1) on what they hold,
in one thread and then with a thread for each core. The upload goes to a loopback server that reads `--mbps` at most.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
CONTEXTS = ("small", "large", "pruned")
SPEEDUP_GOALS = {"small": 12.0, "large": 25.0, "pruned": 15.0}
SIZE_GOALS = {"small": 1.15, "large": 1.10, "pruned": 1.10}
FLOOR_GOAL, MEMORY_GOAL_MIB, LINK_GOAL = 1.3, 96.0, 1.15


@dataclass(frozen=True)
class Measurement:
    """One run: wall clock seconds, bytes of archive, and the growth of the process's peak memory in MiB."""

    seconds: float
    archive_bytes: int
    peak_mib: float


# Contexts


class Text:
    """Text like that of programs: gzip -9 makes it about half as large."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        words = [
            "".join(self._random.choices("etaoinshrdlucmfwypvbgk_", k=self._random.randint(2, 9))) for _ in range(6000)
        ]
        weights = [1 / (rank + 3) for rank in range(len(words))]
        lines = []
        size = 0
        while size < 16 << 20:
            chosen = self._random.choices(words, weights, k=self._random.randint(3, 12))
            line = " " * self._random.choice((0, 4, 4, 8)) + " ".join(chosen) + f" = {self._random.getrandbits(32):x}\n"
            lines.append(line)
            size += len(line)
        self._pool = "".join(lines).encode()

    def take(self, size: int) -> bytes:
        start = self._random.randrange(len(self._pool) - size)
        return self._pool[start : start + size]

    def size(self, mean: int) -> int:
        return max(64, int(self._random.expovariate(1 / mean)))


RULES = {
    "small": "# dependencies\nnode_modules\n**/*.pyc\n*.log\n!keep.log\n",
    "large": "*.tmp\n",
    "pruned": "**/node_modules\nbuild\n.cache\n",
}


def generate(root: Path, name: str) -> None:
    """Write the context `name` into `root`, unless it is there from an earlier run."""
    complete = root.with_suffix(".complete")
    if complete.exists():
        return
    text = Text(sum(name.encode()))
    for path, size in files_of(name, text):
        write(root / path, text.take(size))
    write(root / "Dockerfile", b"FROM scratch\nCOPY . /app\n")
    write(root / ".dockerignore", RULES[name].encode())
    complete.touch()


def files_of(name: str, text: Text) -> Iterator[tuple[str, int]]:
    if name == "small":
        for number in range(20_000):
            yield f"src/package{number % 250}/module{number // 250}.py", text.size(4000)
        for number in range(15_000):
            yield f"node_modules/module{number % 400}/lib/file{number // 400}.js", 400
    elif name == "large":
        for number in range(200):
            yield f"data/part{number:03}.txt", 2_500_000
    else:
        for number in range(3_600):
            yield f"app{number % 40}/src/file{number // 40}.ts", text.size(3000)
        for number in range(96_400):
            yield f"app{number % 40}/node_modules/package{number % 1200}/file{number // 1200}.js", 100


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


# What is measured, each in a process of its own


def measure_az(root: Path, _mbps: float) -> Measurement:
    from azure.cli.command_modules.acr import _archive_utils

    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "context.tar.gz")
        seconds, peak = timed(
            lambda: _archive_utils._pack_source_code(str(root), str(archive), str(root / "Dockerfile"), "x_Dockerfile")
        )
        return Measurement(seconds, archive.stat().st_size, peak)


def measure_acrpool(root: Path, _mbps: float) -> Measurement:
    from azext_acrpool.context import ContextOptions, prepare, write_archive

    importlib.import_module("isal.isal_zlib")
    size = 0

    def count(piece: bytes) -> None:
        nonlocal size
        size += len(piece)

    seconds, peak = timed(lambda: write_archive(prepare(ContextOptions(root)), count))
    return Measurement(seconds, size, peak)


def measure_floor(root: Path, _mbps: float) -> Measurement:
    """Reading and compressing in turns, in one thread."""
    from isal import igzip

    with Path(os.devnull).open("wb") as sink, igzip.GzipFile(fileobj=sink, mode="wb", compresslevel=1) as compressed:
        return _read_into(compressed.write, root)


def measure_threaded_floor(root: Path, _mbps: float) -> Measurement:
    """Reading in one thread, compressing in others."""
    from isal import igzip_threaded

    from azext_acrpool.context.pack.gzipstream import worker_count

    with (
        Path(os.devnull).open("wb") as sink,
        igzip_threaded.open(sink, "wb", 1, threads=worker_count()) as compressed,
    ):
        return _read_into(compressed.write, root, compressed.flush)


def _read_into(write: Callable[[bytes], object], root: Path, finish: Callable[[], object] = int) -> Measurement:
    from azext_acrpool.context import ContextOptions, prepare
    from azext_acrpool.context.pack.folder import folder_opener
    from azext_acrpool.context.pack.skips import Skips
    from azext_acrpool.context.pack.walk import FileEntry, walk

    context = prepare(ContextOptions(root))
    entries = walk(folder_opener(str(root)), context.selection, Skips())
    kept = [str(root / entry.path) for entry in entries if isinstance(entry, FileEntry)]

    def read_and_compress() -> None:
        for path in kept:
            descriptor = os.open(path, os.O_RDONLY)
            while data := os.read(descriptor, 1 << 20):
                write(data)
            os.close(descriptor)
        finish()

    seconds, peak = timed(read_and_compress)
    return Measurement(seconds, 0, peak)


def measure_upload(root: Path, mbps: float) -> Measurement:
    from azext_acrpool.clock import SystemClock
    from azext_acrpool.context import ContextOptions, UploadOptions, prepare, upload

    importlib.import_module("requests")  # az has loaded it by the time it uploads

    with throttled_server(mbps) as url:
        target = Target("source/context.tar.gz", url)
        options = UploadOptions(SystemClock())
        sizes: list[int] = []
        seconds, peak = timed(
            lambda: sizes.append(upload(prepare(ContextOptions(root)), lambda: target, options).stats.archive_bytes)
        )
    return Measurement(seconds, sizes[0], peak)


MEASUREMENTS: dict[str, Callable[[Path, float], Measurement]] = {
    "az": measure_az,
    "acrpool": measure_acrpool,
    "floor": measure_floor,
    "threaded floor": measure_threaded_floor,
    "upload": measure_upload,
}


@dataclass(frozen=True)
class Target:
    """An upload URL, as the registry hands it out."""

    relative_path: str
    upload_url: str


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that `work` takes, and by how many MiB the peak memory grows."""
    idle = peak_kib()
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    return seconds, (peak_kib() - idle) / 1024


def peak_kib() -> int:
    """Peak memory of this process. getrusage would count that of the parent before exec, too."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return int(status.partition("VmHWM:")[2].split()[0])


# A storage account behind a slow link


class _Throttled(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    free_at = 0.0
    bytes_per_second = 0.0

    def do_PUT(self) -> None:
        remaining = int(self.headers["Content-Length"])
        while remaining:
            received = len(self.rfile.read1(min(remaining, 64 << 10)))
            if not received:
                return
            remaining -= received
            with _Throttled.lock:
                now = time.monotonic()
                _Throttled.free_at = max(now, _Throttled.free_at) + received / _Throttled.bytes_per_second
                delay = _Throttled.free_at - now
            time.sleep(max(0.0, delay))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


def serve(mbps: float) -> None:
    """Take uploads until standard input ends; prints the port."""
    _Throttled.bytes_per_second = mbps * 1e6 / 8
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Throttled)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


@contextmanager
def throttled_server(mbps: float) -> Iterator[str]:
    """The URL of a blob behind a link of so many Mbit/s, served by another process."""
    command = [sys.executable, __file__, "--serve", str(mbps)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/context.tar.gz?sig=benchmark"
        server.stdin.close()


# The comparison


def run(kind: str, root: Path, mbps: float) -> Measurement:
    """One measurement in a fresh process."""
    command = [sys.executable, __file__, "--measure", kind, "--root", str(root), "--mbps", str(mbps)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment, cwd=root.parent)
    return Measurement(**json.loads(done.stdout.splitlines()[-1]))


def median(measurements: list[Measurement]) -> Measurement:
    """Median time; the largest peak."""
    return Measurement(
        statistics.median(m.seconds for m in measurements),
        measurements[-1].archive_bytes,
        max(m.peak_mib for m in measurements),
    )


def compare(name: str, root: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All measurements of one context, taken in turns so that all suffer alike from what else the machine does."""
    taken: dict[str, list[Measurement]] = {kind: [] for kind in MEASUREMENTS}
    for turn in range(max(options.runs, options.az_runs)):
        for kind in MEASUREMENTS:
            if turn < (options.az_runs if kind == "az" else options.runs):
                taken[kind].append(run(kind, root, options.mbps))
    medians = {kind: median(measurements) for kind, measurements in taken.items()}
    az, ours, floor, threaded, sent = (medians[kind] for kind in MEASUREMENTS)
    link_seconds = sent.archive_bytes * 8 / (options.mbps * 1e6)
    figures = {
        "times faster than az": (az.seconds / ours.seconds, SPEEDUP_GOALS[name], True),
        "times the floor": (ours.seconds / floor.seconds, FLOOR_GOAL, False),
        "times the floor with threads": (ours.seconds / threaded.seconds, FLOOR_GOAL, False),
        "times the size of az's archive": (ours.archive_bytes / az.archive_bytes, SIZE_GOALS[name], False),
        "MiB of peak memory": (max(ours.peak_mib, sent.peak_mib), MEMORY_GOAL_MIB, False),
        f"times what {options.mbps:g} Mbit/s take": (sent.seconds / link_seconds, LINK_GOAL, False),
    }
    return {
        "context": name,
        "measurements": {kind: [asdict(m) for m in measurements] for kind, measurements in taken.items()},
        "seconds": {kind: m.seconds for kind, m in medians.items()},
        "figures": {
            title: {"value": value, "goal": goal, "reached": value >= goal if at_least else value <= goal}
            for title, (value, goal, at_least) in figures.items()
        },
    }


def table(results: list[dict[str, Any]]) -> str:
    lines = []
    for result in results:
        seconds = ", ".join(f"{kind} {value:.2f} s" for kind, value in result["seconds"].items())
        lines.append(f"{result['context']}: {seconds}")
        for title, figure in result["figures"].items():
            verdict = "reached" if figure["reached"] else "MISSED"
            lines.append(f"    {figure['value']:8.2f}  {title} (goal {figure['goal']:g}: {verdict})")
    return "\n".join(lines)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--contexts", nargs="+", choices=CONTEXTS, default=list(CONTEXTS))
    parser.add_argument("--runs", type=int, default=5, help="runs of everything but az's own (default 5)")
    parser.add_argument("--az-runs", type=int, default=1, help="runs of az's own (default 1)")
    parser.add_argument("--mbps", type=float, default=100.0, help="uplink in Mbit/s (default 100)")
    parser.add_argument("--folder", type=Path, help="where contexts are generated, and kept (default: a temporary one)")
    parser.add_argument("--measure", choices=MEASUREMENTS, help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Returns 0 if all goals are reached, 1 if not."""
    options = parse(arguments)
    if options.serve:
        serve(options.serve)
        return 0
    if options.measure:
        print(json.dumps(asdict(MEASUREMENTS[options.measure](options.root, options.mbps))))
        return 0
    with tempfile.TemporaryDirectory(prefix="acrpool-benchmark-") as temporary:
        folder = options.folder or Path(temporary)
        results = []
        for name in options.contexts:
            generate(folder / name, name)
            results.append(compare(name, folder / name, options))
    print(json.dumps(results, indent=1) if options.json else table(results))
    return 0 if all(f["reached"] for result in results for f in result["figures"].values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
