"""The Dockerfile that a build was sent with, and what stands in which of its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ...dockerfile.model import Instruction

__all__ = ["BuiltDockerfile"]

_BLANKS: Final = re.compile(r"\s+")
_CUT: Final = "..."


@dataclass(frozen=True)
class BuiltDockerfile:
    """A Dockerfile of this machine: where it is, and what it held when it was read.

    `sent` is what is built in its place, with the same instructions in the same order, under the name `sent_name` in
    the context. `buildkit`: that is who builds it. `remarks` are what was said of what may not be meant in it. Lines
    count from 1, 0 stands for none.
    """

    path: Path
    written: bytes
    sent: bytes
    sent_name: str
    buildkit: bool = False
    remarks: tuple[str, ...] = ()

    def line_of_step(self, number: int, total: int, text: str) -> int:
        """The line of the step `number` of `total` of docker's own builder, which counts every instruction.

        `text` is the step as it stands in the log. What does not fit is a step of another Dockerfile, or none.
        """
        instructions = self._instructions(self.written)
        # The service may add steps at the end: labels.
        if not 1 <= number <= min(total, len(instructions)):
            return 0
        instruction = instructions[number - 1]
        return instruction.line if _is_alike(text, instruction.keyword) else 0

    def line_of_sent(self, name: str, line: int) -> int:
        """The line whose instruction stands in this line of what was sent; `name` is what a builder calls that."""
        if name and name not in (self.sent_name, PurePosixPath(self.sent_name).name):
            return 0
        written, sent = self._instructions(self.written), self._instructions(self.sent)
        if len(written) != len(sent):
            return 0
        place = next((index for index, each in enumerate(sent) if each.line <= line <= _end(each)), None)
        if place is None:
            return line if self.written == self.sent else 0
        return written[place].line + (line - sent[place].line if self.written == self.sent else 0)

    def line_of_text(self, text: str) -> int:
        """The line of the only instruction that reads so; a text that ends in dots is the beginning of one."""
        wanted = _plain(text)
        found = [
            instruction.line
            for instruction in self._instructions(self.written)
            if _is_named(wanted, _plain(f"{instruction.keyword} {instruction.rest}"))
        ]
        return found[0] if len(found) == 1 else 0

    def _instructions(self, content: bytes) -> tuple[Instruction, ...]:
        # What reads Dockerfiles takes a while to import, and few builds fail.
        from ...dockerfile.instructions import read_dockerfile, read_without_buildkit

        read = read_dockerfile if self.buildkit else read_without_buildkit
        return read(content.decode("utf-8", "replace")).instructions


def _end(instruction: Instruction) -> int:
    return max(instruction.last_line, *(heredoc.end_line for heredoc in instruction.heredocs), 0)


def _is_alike(text: str, keyword: str) -> bool:
    return _plain(text).partition(" ")[0].upper() == keyword


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


def _is_named(wanted: str, instruction: str) -> bool:
    if wanted.endswith(_CUT) and instruction.startswith(wanted.removesuffix(_CUT)):
        return True
    return wanted == instruction
