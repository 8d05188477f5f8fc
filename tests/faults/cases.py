"""Which cases there are: the requests that each command line was seen to make, and all that can go wrong with each."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue import Fault, Request, faults_for
from command_lines import CommandLine
from in_process import Reply

__all__ = ["Case", "cases_of", "drawn_from", "pairs_of", "requests_of"]

# Of one request that is sent again and again, so many of the first ones are tried, and the last.
_FIRST_ONES = 2
# Of a request that nearly every line makes, so many lines are drawn for each kind of fault: it is the same code.
_MOST_LINES = 6
# What is different each time: GUIDs and the names of containers, the hour in the path of a context, the IDs of runs.
_VARIABLE = re.compile(
    r"(?P<guid>[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})"
    r"|(?<=/)(?P<hour>\d{12})(?=/)"
    r"|(?<=/)(?P<run>cf\d+)(?=/|$)"
)
_PATTERNS = {"guid": "[0-9a-f-]+", "hour": r"\d+", "run": r"cf\d+"}
_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Case:
    """One or two faults in one command line."""

    line: CommandLine
    faults: tuple[tuple[Request, Fault], ...]

    @property
    def title(self) -> str:
        """What names it; the same in every run."""
        wrong = " && ".join(f"{request.title} | {fault.title}" for request, fault in self.faults)
        return f"{self.line.title} | {wrong}"


def requests_of(registry: str, journal: Sequence[Mapping[str, Any]], replies: Iterable[Reply]) -> list[Request]:
    """The requests of a command that went well, those that are repeated the first times and the last."""
    bodies: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for reply in replies:
        bodies[reply.method, _pattern(reply.path, registry)].append(reply.body)
    keys = [(entry["method"], _pattern(entry["path"], registry)) for entry in journal]
    totals, seen = Counter(keys), Counter[tuple[str, str]]()
    found = []
    for key in keys:
        seen[key] += 1
        number = seen[key]
        if number <= _FIRST_ONES or number == totals[key]:
            body = bodies[key][number - 1] if number <= len(bodies[key]) else None
            found.append(Request(*key, number, body))
    return found


def _pattern(path: str, registry: str) -> str:
    """A regular expression for the path of the same request to another registry."""
    general, position = [], 0
    for variable in _VARIABLE.finditer(path):
        if variable[0] != _SUBSCRIPTION:
            general += [re.escape(path[position : variable.start()]), _PATTERNS[str(variable.lastgroup)]]
            position = variable.end()
    return "".join([*general, re.escape(path[position:])]).replace(registry, "@registry@").replace("\\-", "-")


def cases_of(learnt: Iterable[tuple[CommandLine, Sequence[Request]]]) -> list[Case]:
    """Every fault of every request of every line. What takes long is tried once for each request of a kind."""
    cases = []
    costly: set[tuple[str, str, str]] = set()
    for line, requests in learnt:
        for request in requests:
            for fault in faults_for(request, line.secrets):
                key = (request.method, request.path, fault.title)
                if not fault.is_costly or key not in costly:
                    cases.append(Case(line, ((request, fault),)))
                if fault.is_costly:
                    costly.add(key)
    return cases


def drawn_from(cases: Sequence[Case], chance: random.Random) -> list[Case]:
    """Of each request one fault of each kind, in each of the lines that make it, or in `_MOST_LINES` of them."""
    of_a_kind: dict[tuple[Request, str], dict[str, list[Case]]] = defaultdict(lambda: defaultdict(list))
    for case in cases:
        ((request, fault),) = case.faults
        of_a_kind[request, fault.kind or fault.title][case.line.title].append(case)
    drawn = []
    for by_line in of_a_kind.values():
        titles = chance.sample(list(by_line), min(_MOST_LINES, len(by_line)))
        drawn += [chance.choice(by_line[title]) for title in titles]
    return drawn


def pairs_of(cases: Sequence[Case], count: int, chance: random.Random) -> list[Case]:
    """So many pairs of faults, each in one command line."""
    by_line: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if not case.faults[0][1].is_costly:
            by_line[case.line.title].append(case)
    lines = list(by_line)
    pairs = []
    for _ in range(count):
        first, second = chance.sample(by_line[chance.choice(lines)], 2)
        pairs.append(Case(first.line, (*first.faults, *second.faults)))
    return pairs
