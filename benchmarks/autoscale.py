"""What autoscaling costs and how long runs wait: acrpool's rules, a clairvoyant, KEDA and a public function app.

    python benchmarks/autoscale.py                        # 1,000 histories of each shape: tens of minutes
    python benchmarks/autoscale.py --histories 20         # a first look
    python benchmarks/autoscale.py --shapes bursts nightly
    python benchmarks/autoscale.py --svg docs/autoscale.svg
    python benchmarks/autoscale.py --json                 # for machines

Nothing is measured on this machine: runs are replayed on a pool that exists only in memory, 30 days at a time, by the
rules that `az acr agentpool autoscale run` goes by. There are two evaluators, and three of ten evaluations are lost.
All contestants get the same runs and the same growth times; `autoscaling/` says what is assumed, and why. Of a fifth
of the histories it is also found out what comes of two seconds between looking at the pool and the change of it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from autoscaling.contests import CLAIRVOYANT, CONTESTANTS, OURS, Contest, Sums, contest, with_a_gap
from autoscaling.goals import missed, wait_goal
from autoscaling.histories import SHAPES, Shape
from autoscaling.picture import drawn

GAP = 2.0
GAP_OF = 5


@dataclass
class Results:
    """All histories of a shape. `worst` is the most that one came to, in times of the clairvoyant's instance-hours."""

    of: dict[str, Sums] = field(default_factory=lambda: {name: Sums() for name in CONTESTANTS})
    gap: Sums = field(default_factory=Sums)
    growth: list[float] = field(default_factory=list)
    worst: float = 0.0

    def add(self, contest: Contest, gap: Sums | None) -> None:
        """Add what a history came to."""
        for name, sums in contest.of.items():
            self.of[name].add(sums)
        self.growth += contest.growth[:100]
        self.worst = max(self.worst, contest.of[OURS].instance_seconds / contest.of[CLAIRVOYANT].instance_seconds)
        if gap:
            self.gap.add(gap)


def one(task: tuple[int, int]) -> tuple[int, Contest, Sums | None]:
    """A history, in a process of its own."""
    number, seed = task
    shape = SHAPES[number]
    return number, contest(shape, seed), with_a_gap(shape, seed, GAP) if seed % GAP_OF == 0 else None


def results_of(shapes: Iterable[Shape], histories: int, jobs: int) -> dict[str, Results]:
    """All histories under all rules."""
    tasks = [(SHAPES.index(shape), seed) for shape in shapes for seed in range(histories)]
    results = {shape.name: Results() for shape in shapes}
    with multiprocessing.Pool(jobs) as pool:
        for done, (number, contest, gap) in enumerate(pool.imap(one, tasks, chunksize=4), start=1):
            results[SHAPES[number].name].add(contest, gap)
            if sys.stderr.isatty():
                print(f"\r{done} of {len(tasks)}", end="", file=sys.stderr, flush=True)
    return results


def table(results: Mapping[str, Results]) -> str:
    """For people, in Markdown."""
    lines = [
        "| | | instance-hours | times the best | 50 % wait | 95 % wait | interrupted | flaps | bounds broken |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for shape, result in results.items():
        best = result.of[CLAIRVOYANT]
        for name, sums in result.of.items():
            figures = (
                f"{sums.hours:,.0f}",
                f"{sums.instance_seconds / best.instance_seconds:.2f}",
                *(f"{sums.wait(percent) / 60:.1f} min" for percent in (50, 95)),
                *(f"{count / sums.histories:,.4g}" for count in (sums.interrupted, sums.flaps, sums.bounds_broken)),
            )
            lines.append(f"| {shape} | {name} | {' | '.join(figures)} |")
    return "\n".join([*lines, "", *remarks(results)])


def remarks(results: Mapping[str, Results]) -> Iterator[str]:
    """What the table does not hold, and what was not reached."""
    for shape, result in results.items():
        best, gap = result.of[CLAIRVOYANT], result.gap
        runs = sum(best.waits.values()) / max(1, best.histories)
        yield (
            f"{shape}: {runs:,.0f} runs a history; the worst history has {result.worst:.2f} times the best; 95 % may"
            f" wait for {wait_goal(best, result.growth) / 60:.1f} min; with {GAP:.0f} s between look and change"
            f" {gap.surprised} runs had begun in {gap.ins} scalings in and {gap.interrupted} were interrupted,"
            f" {gap.went_back} times it went back"
        )
        yield from (f"{shape}: NOT REACHED: {goal}" for goal in missed(result.of, result.growth))


def figures(results: Mapping[str, Results]) -> dict[str, object]:
    """For machines."""
    return {
        shape: {
            "contestants": {
                name: {
                    **{key: value for key, value in vars(sums).items() if key != "waits"},
                    **{f"p{percent}": sums.wait(percent) for percent in (50, 95, 99)},
                }
                for name, sums in result.of.items()
            },
            "worst": result.worst,
            "waitGoal": wait_goal(result.of[CLAIRVOYANT], result.growth),
            "gap": {"scaleIns": result.gap.ins, "began": result.gap.surprised, "wentBack": result.gap.went_back},
            "missed": list(missed(result.of, result.growth)),
        }
        for shape, result in results.items()
    }


def positive(text: str) -> int:
    """A number from 1 on. Raises ValueError."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def parse(arguments: list[str]) -> argparse.Namespace:
    """What was typed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=positive, default=1000, help="of each shape")
    parser.add_argument("--jobs", type=positive, default=2, help="processes at a time")
    names = [shape.name for shape in SHAPES]
    parser.add_argument("--shapes", nargs="+", choices=names, default=names)
    parser.add_argument("--svg", type=Path, help="where to draw them")
    parser.add_argument("--json", action="store_true", help="for machines")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Returns 0 if all goals are reached, 1 if not."""
    options = parse(arguments)
    results = results_of([shape for shape in SHAPES if shape.name in options.shapes], options.histories, options.jobs)
    print(json.dumps(figures(results), indent=1) if options.json else table(results))
    if options.svg:
        options.svg.write_text(drawn({shape: result.of for shape, result in results.items()}), encoding="utf-8")
    return 1 if any(any(missed(result.of, result.growth)) for result in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
