"""What a followed run shows: its log, and on stderr its state until the log begins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ...client.run_status import is_queued, status_name
from ...wording import format_duration
from ..console.log_printer import LogPrinter
from ..console.narrator import Narrator
from .queue_watch import QueueWatch
from .waiting import QueueFacts, describe_queue, explain_wait

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run

__all__ = ["EXPLAIN_AFTER", "RunOutput"]

EXPLAIN_AFTER: Final = 30.0
_STATES: Final = {
    "queued": "waiting for an agent",
    "started": "taken by an agent",
    "running": "running",
}


class RunOutput:
    """Shows a run; `watch` looks at its agent pool while it is queued, None for shared agents."""

    def __init__(self, narrator: Narrator, printer: LogPrinter, watch: QueueWatch | None = None) -> None:
        self._narrator = narrator
        self._printer = printer
        self._watch = watch
        # Queueing the run was told already.
        self._told_status = "queued"
        self._told_queue = ""
        self._told_reason = ""

    def log(self, text: str) -> None:
        """Print log text."""
        self._narrator.clear()
        self._printer.write(text)

    def progress(self, run: Run, waited: float) -> None:
        """Show the state of a run whose log has not begun."""
        status = status_name(run).lower()
        if status not in _STATES:
            return
        if is_queued(status):
            self._show_queue(run, waited)
        elif self._narrator.animated:
            self._narrator.show(f"Run {run.run_id}: {_STATES[status]}, {format_duration(waited)}")
        elif status != self._told_status:
            self._narrator.say(f"Run {run.run_id}: {_STATES[status]} after {format_duration(waited)}")
        self._told_status = status

    def notice(self, message: str) -> None:
        """Tell something about following."""
        self._narrator.say(message)

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
    return replace(facts, busy=busy)
