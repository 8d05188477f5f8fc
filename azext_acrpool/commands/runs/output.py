"""What a followed run shows: its log, and on stderr its state until the log begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from ...client.run_status import is_queued, status_name
from ...wording import format_duration
from ..console.log_printer import Printer
from ..console.narrator import Narrator
from .queue_watch import QueueWatch
from .waiting import QueueFacts, describe_queue, explain_wait

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["EXPLAIN_AFTER", "LogShown", "RunOutput", "UnreadLogError"]

EXPLAIN_AFTER: Final = 30.0
_STATES: Final = {
    "queued": "waiting for an agent",
    "started": "taken by an agent",
    "running": "running",
}


class LogShown(Enum):
    """What was shown of the log of a run that is over."""

    ALL = "all"
    MISSING = "missing"
    UNREADABLE = "unreadable"


class UnreadLogError(Exception):
    """What the log is written to takes no more of it."""


class RunOutput:
    """Shows a run; `watch` looks at its agent pool while it is queued, None for shared agents.

    `status` is the one that the user knows of: a run that was just queued is queued. `while_queued` is called every
    second or two until an agent has taken it. `log_shown` is what became of the log in the end. `require_taken` is
    called after text was printed, and may raise UnreadLogError.
    """

    def __init__(
        self,
        narrator: Narrator,
        printer: Printer,
        watch: QueueWatch | None = None,
        *,
        status: str = "queued",
        while_queued: Callable[[], None] = lambda: None,
        require_taken: Callable[[], None] = lambda: None,
    ) -> None:
        self._narrator = narrator
        self._printer = printer
        self._watch = watch
        self._require_taken = require_taken
        self._while_queued = while_queued
        self._told_status = status
        self._told_queue = ""
        self._told_reason = ""
        self.log_shown = LogShown.ALL

    def log(self, text: str) -> None:
        """Print log text."""
        self._narrator.clear()
        self._printer.write(text)
        self._require_taken()

    def progress(self, run: Run, waited: float) -> None:
        """Show the state of a run whose log has not begun."""
        status = status_name(run).lower()
        if status not in _STATES:
            return
        if is_queued(status):
            self._while_queued()
            self._show_queue(run, waited)
        elif self._narrator.animated:
            self._narrator.show(f"Run {run.run_id}: {_STATES[status]}, {format_duration(waited)}")
        elif status != self._told_status:
            self._narrator.say(f"Run {run.run_id}: {_STATES[status]} after {format_duration(waited)}")
        self._told_status = status

    def notice(self, message: str) -> None:
        """Tell something about following."""
        self._narrator.say(message)

    def log_missing(self) -> None:
        """Keep in mind that there is no log, of which a run that never began has none."""
        self.log_shown = LogShown.MISSING

    def log_unreadable(self, reason: str) -> None:
        """Tell that the rest of the log is not shown."""
        self.log_shown = LogShown.UNREADABLE
        self._narrator.say(f"The rest of the log could not be read: {reason}")

    def close(self) -> None:
        """Leave both streams at the start of a line."""
        self._narrator.clear()
        self._printer.finish()

    def _show_queue(self, run: Run, waited: float) -> None:
        facts = self._watch.look(waited) if self._watch else None
        queue = describe_queue(facts) if facts else ""
        if waited >= EXPLAIN_AFTER:
            self._explain(run, facts, waited)
        if self._narrator.animated:
            self._narrator.show(f"Run {run.run_id}, {format_duration(waited)}: {queue or _STATES['queued']}")
        elif queue and queue != self._told_queue:
            self._narrator.say(f"Run {run.run_id}: {queue}")
        self._told_queue = queue

    def _explain(self, run: Run, facts: QueueFacts | None, waited: float) -> None:
        if self._watch is not None and (facts is None or not facts.is_detailed):
            return
        reason = explain_wait(facts)
        # The times in it change at every look.
        without_times = explain_wait(_timeless(facts)) if facts else reason
        if without_times != self._told_reason:
            self._told_reason = without_times
            self._narrator.say(f"Run {run.run_id} has waited {format_duration(waited)} for an agent. {reason}")


def _timeless(facts: QueueFacts) -> QueueFacts:
    busy = tuple((run_id, None) for run_id, _ in facts.busy)
    return replace(facts, busy=busy, decision="")
