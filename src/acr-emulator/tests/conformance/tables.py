"""Tables of what acb was seen to answer: a case's input, and what is `expected` of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

__all__ = ["AGENT", "Case", "Mismatch", "Table", "expand_repeats", "load_cases"]

AGENT = Path(__file__).parent / "agent"
"""The tables of the repository."""

Case: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Mismatch:
    """A case that is answered otherwise: its ID, and where (a member of `expected`) with both values."""

    case: str
    differences: tuple[tuple[str, Any, Any], ...]

    def __str__(self) -> str:
        rows = (
            f"    {where}:\n      agent    {wanted!r}\n      emulator {given!r}"
            for where, wanted, given in self.differences
        )
        return "\n".join([f"  {self.case}", *rows])


@dataclass(frozen=True)
class Table:
    """A table: the file and the member of it that hold the cases, and what answers a case in the form of `expected`.

    `is_compared` leaves out members of `expected` that are not the agent's.
    """

    name: str
    file: str
    member: str
    answer: Callable[[Case], Mapping[str, Any]]
    is_compared: Callable[[str], bool] = lambda member: True

    def mismatches(self, cases: Sequence[Case]) -> Iterator[Mismatch]:
        """The cases that are answered otherwise than expected."""
        for case in cases:
            wanted = {key: value for key, value in case["expected"].items() if self.is_compared(key)}
            given = self._given(case)
            keys = dict.fromkeys([*wanted, *given])
            differences = tuple(
                (key, wanted.get(key), given.get(key)) for key in keys if wanted.get(key) != given.get(key)
            )
            if differences:
                yield Mismatch(case["id"], differences)

    def _given(self, case: Case) -> Mapping[str, Any]:
        try:
            return self.answer(case)
        except Exception as error:  # a case that crashes the emulator must not hide how the others are answered
            return {"raised": repr(error)}


def load_cases(path: Path, member: str) -> list[Case]:
    """The cases under `member` of a file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return [expand_repeats(case) for case in document[member]]


def expand_repeats(case: Case) -> Case:
    """A case with `KEY_repeat`, a list of [text, times], written out under KEY."""
    suffix = "_repeat"
    written_out = {
        key.removesuffix(suffix): "".join(text * times for text, times in value)
        for key, value in case.items()
        if key.endswith(suffix)
    }
    return {**case, **written_out}
