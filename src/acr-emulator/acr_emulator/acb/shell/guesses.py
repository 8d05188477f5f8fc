"""What a line takes for granted about a container's image, which is not there.

How such a line ends is not known, only how it may end: where one way to answer what it asks makes it succeed, the
line is taken to succeed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

__all__ = ["Guesses"]

OFTEN = 3
"""Times that a question gets its usual answer: so a loop that waits for the other one ends."""

NOT_CERTAIN = re.compile(
    r'Bad substitution|Syntax error: (?:"[&(}]" unexpected|redirection unexpected|word unexpected|Bad ).*'
    r"|arithmetic expression: expecting .*"
    r"|%.*: invalid directive|\w+: parameter not set",
    re.DOTALL,
)
"""Refusals where bash or busybox, which may be the image's shell, know more than dash does, or where the image may
have a variable."""


class Guesses:
    """The questions of one try to carry a line out; `answers` are given to the first of them.

    `is_uncertain` says that the line has used what cannot be guessed, such as a text that a program prints.
    """

    def __init__(self, answers: Sequence[bool] = ()) -> None:
        self._answers = answers
        self._made: list[tuple[bool, bool]] = []
        self._asked: Counter[str] = Counter()
        self.is_uncertain = False

    def decide(self, subject: str, usual: bool = True) -> bool:
        """Answer a question, mostly with the usual answer."""
        self._asked[subject] += 1
        default = usual if self._asked[subject] <= OFTEN else not usual
        index = len(self._made)
        answer = self._answers[index] if index < len(self._answers) else default
        self._made.append((answer, default))
        return answer

    def doubt(self, complaint: str) -> None:
        """Note an error of the shell's, which another shell or another environment might not have."""
        self.is_uncertain = self.is_uncertain or NOT_CERTAIN.fullmatch(complaint) is not None

    def next_answers(self) -> list[bool] | None:
        """Answers for another try, with the last one changed that can still be; None if all were tried."""
        answers = [answer for answer, _ in self._made]
        for index in reversed(range(len(answers))):
            answer, default = self._made[index]
            if answer == default:
                return [*answers[:index], not answer]
        return None
