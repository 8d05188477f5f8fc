"""Telling the user on stderr what is going on. stdout is for data only."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from knack.log import get_logger

from ...client.patience import Progress
from ...wording import format_duration, harmless, printable
from .forgiving_stream import ForgivingStream

__all__ = ["Narrator", "OperationProgress"]

_LOGGER: Final = get_logger(__name__)


class Narrator:
    """Writes lines, and on a terminal one line that changes in place.

    `quiet`: nothing but alerts is written (`--only-show-errors`). `animated`: a line may change in place. `hide` takes
    the command's secrets out of what is told. What would act on a terminal is shown as escapes. A stream that cannot be
    written to (closed, or not able to show a character) never makes a command fail. `log` is az's logger.
    """

    def __init__(
        self,
        stream: TextIO | None,
        *,
        quiet: bool,
        animated: bool,
        hide: Callable[[str], str] = str,
        log: Callable[[str], object] = _LOGGER.warning,
    ) -> None:
        self._stream = ForgivingStream(stream)
        self._quiet = quiet
        self._hide = hide
        self._log = log
        self.animated = animated and not quiet
        self._shown = 0
        self._warnings: list[str] = []
        # What goes on aside has something to say, too.
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Write a line; what `show` wrote last is replaced."""
        self._tell(text, always=False)

    def log(self, text: str) -> None:
        """Log a warning that az's own commands log, word for word, as scripts look for it: once, on a line of its own.

        az's logger decides how it is shown and whether, and keeps it in az's log file.
        """
        with self._lock:
            self._take_away()
            self._log(harmless(self._hide(text)))

    def warn(self, text: str) -> None:
        """Write a line that is marked as a warning, as az marks its own."""
        self._warnings.append(self.without_secrets(text))
        self.say(f"WARNING: {text}")

    @property
    def warnings(self) -> tuple[str, ...]:
        """All that `warn` was told, in order, without the command's secrets; in quiet mode too."""
        return tuple(self._warnings)

    def without_secrets(self, text: str) -> str:
        """`text` without the command's secrets, for whatever it is written to."""
        return self._hide(text)

    def alert(self, text: str, *, mark: str = "ERROR") -> None:
        """Write a line that somebody has to act on, as it costs money or loses work; no quiet mode hides it."""
        self._tell(f"{mark}: {text}", always=True)

    def show(self, text: str) -> None:
        """Replace what `show` wrote last. Nothing unless animated."""
        if self.animated:
            text = printable(self._hide(text))[: shutil.get_terminal_size().columns - 1]
            with self._lock:
                self._stream.write(self._over_the_last(text))
                self._shown = len(text)

    def clear(self) -> None:
        """Take away what `show` wrote last."""
        with self._lock:
            self._take_away()

    def _take_away(self) -> None:
        if self._shown:
            self._stream.write(self._over_the_last("") + "\r")
            self._shown = 0

    def _tell(self, text: str, *, always: bool) -> None:
        if self._quiet and not always:
            return
        with self._lock:
            self._stream.write(self._over_the_last(harmless(self._hide(text))) + "\n")
            self._shown = 0

    def _over_the_last(self, text: str) -> str:
        return "\r" + text.ljust(self._shown) if self._shown or self.animated else text


class OperationProgress:
    """Shows a long operation: one line in place on a terminal, one line a change elsewhere.

    `subject` begins each line ("Agent pool 'build'"), `usual` tells how long such an operation takes.
    """

    def __init__(self, narrator: Narrator, subject: str, usual: str) -> None:
        self._narrator = narrator
        self._subject = subject
        self._usual = usual
        self._state = ""
        self._in_trouble = False

    @contextmanager
    def following(self) -> Iterator[OperationProgress]:
        """While inside, call the object with each Progress; afterwards the terminal's line is taken away."""
        try:
            yield self
        finally:
            self._narrator.clear()

    def __call__(self, progress: Progress) -> None:
        """Show `progress`."""
        elapsed = format_duration(progress.elapsed)
        trouble = progress.trouble.partition("\n")[0]
        if self._narrator.animated:
            note = f"no answer, trying again: {trouble}" if trouble else self._usual
            self._narrator.show(f"{self._subject}: {progress.state or 'waiting'}, {elapsed} ({note})")
        elif progress.state and progress.state != self._state:
            note = f" ({self._usual})" if not self._state else f" after {elapsed}"
            self._narrator.say(f"{self._subject}: {progress.state}{note}")
        elif trouble and not self._in_trouble:
            self._narrator.say(f"{self._subject}: no answer after {elapsed}, trying again: {trouble}")
        self._state = progress.state or self._state
        self._in_trouble = bool(trouble)
