"""What of a run's log may reach a terminal. A log is text of whoever wrote the program that runs there."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ...wording import ACTING, escaped

__all__ = ["LogFilter"]


class _Syntax(NamedTuple):
    """What is no plain text: characters that act, as part of a known control sequence or alone; and a sequence that is
    begun at a text's end.

    The lengths are bounded, so that text which never ends a sequence is neither held back nor read twice.
    """

    acting: re.Pattern[str]
    begun: re.Pattern[str]


# What sets colors and weights (ECMA-48's SGR), as programs write it.
_COLORS: Final = _Syntax(
    re.compile(rf"[{ACTING}](?:(?<=\x1b)\[[0-9;:]{{0,64}}m)?"), re.compile(r"\x1b(?:\[[0-9;:]{0,64})?\Z")
)
# Every control sequence (ECMA-48's CSI).
_ALL: Final = _Syntax(
    re.compile(rf"[{ACTING}](?:(?<=\x1b)\[[0-?]{{0,64}}[ -/]{{0,4}}[@-~])?"),
    re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,4})?\Z"),
)
_RESET: Final = re.compile(r"\x1b\[(?:[0-9;:]*;)?0*m")


class LogFilter:
    r"""Makes a log harmless that comes piece by piece, however it is cut.

    Lines, carriage returns, tabs and all writing stay. With `colors`, what sets colors stays too, and all else that
    would act on a terminal is shown as escapes. Without, control sequences are left out first, as az's own leaves them
    out of pipes.

    `at_line_start`: nothing stands on the last line. `is_colored`: the last color that was set is still on.

    >>> LogFilter(colors=True).feed("\x1b[31mred\x1b[0m \x1b]0;title\x07\r\n")
    '\x1b[31mred\x1b[0m \\x1b]0;title\\x07\r\n'
    >>> LogFilter(colors=False).feed("\x1b[2K\x1b[31mred\x1b[0m \x1b]0;title\x07\r\n")
    'red \\x1b]0;title\\x07\r\n'
    """

    def __init__(self, *, colors: bool) -> None:
        self._keeps_colors = colors
        self._syntax = _COLORS if colors else _ALL
        self._held = ""
        self.at_line_start = True
        self.is_colored = False

    def feed(self, text: str) -> str:
        """Take the next piece; what may be shown now. The beginning of a control sequence at its end is held back."""
        text = self._held + text
        begun = self._syntax.begun.search(text)
        end = begun.start() if begun else len(text)
        self._held = text[end:]
        return self._shown(text[:end])

    def finish(self) -> str:
        """The log has ended: what was held back."""
        text, self._held = self._held, ""
        return self._shown(text)

    def _shown(self, text: str) -> str:
        # The last sequence and where it ended, and the last character that is in none.
        sequence, done, last = "", 0, ""

        def show(found: re.Match[str]) -> str:
            nonlocal sequence, done, last
            if len(found[0]) == 1:
                return escaped(found[0])
            if found.start() > done:
                last = text[found.start() - 1]
            sequence, done = found[0], found.end()
            return sequence if self._keeps_colors else ""

        shown = self._syntax.acting.sub(show, text)
        last = text[done:][-1:] or last
        if last:
            self.at_line_start = last in "\n\r"
        if sequence:
            self.is_colored = self._keeps_colors and not _RESET.fullmatch(sequence)
        return shown
