"""`--retry-infra`: queueing a run again that failed for what is not its own fault, and passes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ...client.errors import AcrError
from ...client.run_status import status_name
from ...web import redact
from ...wording import format_duration, harmless_in_pipelines, printable
from ..console.errors import CommandError, InterruptedCommandError, explain
from ..session import Session
from .ending import FollowedRun

__all__ = ["Retries", "result_kept"]

# Seconds. acb tries a push again for a second and BuildKit for seven: what has lasted longer is given more each time.
_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 60.0
_LONGEST_REASON: Final = 300


class Retries:
    """Says whether a run that ended badly is queued again, at most `most` times, and waits until then."""

    def __init__(self, session: Session, most: int) -> None:
        self._session = session
        self._most = most
        self.earlier: tuple[str, ...] = ()
        """The IDs of the runs that another was, or is to be, queued in place of."""

    def wait_for_another(self, ended: FollowedRun) -> bool:
        """Whether another run is to be queued now, which is told, and waited for."""
        if len(self.earlier) >= self._most:
            return False
        reason = self._passing_reason(ended)
        if reason is None:
            return False
        self.earlier += (ended.run_id,)
        count = len(self.earlier)
        pause = min(_FIRST_PAUSE * 2.0 ** min(count - 1, 10), _LONGEST_PAUSE)
        then = f"It is queued again in {format_duration(pause)}, retry {count} of {self._most}."
        self._session.narrator.warn(f"Run {ended.run_id} {reason} {then}")
        self._session.clock.sleep(pause)
        return True

    def _passing_reason(self, ended: FollowedRun) -> str | None:
        """What happened to the run, as the rest of a sentence, if that is known to pass."""
        status = status_name(ended.run)
        if status.lower() == "error":
            return f"ended as Error{self._quoted(ended.run.run_error_message or '')}."
        if status.lower() != "failed":
            return None
        # Few runs fail, and this takes a while to import.
        from ...runlog.registry_failures import registry_failure

        try:
            said = registry_failure(self._read_log_end(ended))
        except AcrError as error:
            self._session.narrator.warn(
                f"Run {ended.run_id} is not queued again, as the end of its log, which says why it failed, cannot be"
                f" read: {error}"
            )
            return None
        return said and f"could not pull, push or log in{self._quoted(said)}."

    def _read_log_end(self, ended: FollowedRun) -> str:
        from ...runlog.log_end import read_log_end

        session = self._session
        return read_log_end(lambda: ended.runs.log_link(ended.run_id), session.web.read_blobs(), session.clock)

    def _quoted(self, reason: str) -> str:
        """What somebody else says, in one line, and without what is secret in it, before it is cut."""
        shown = redact(self._session.narrator.without_secrets(reason))
        shown = harmless_in_pipelines(printable(" ".join(shown.split()).rstrip(".")))
        shown = f"{shown[:_LONGEST_REASON]}.." if len(shown) > _LONGEST_REASON else shown
        return f" ({shown})" if shown else ""


@contextmanager
def result_kept(last: FollowedRun | None) -> Iterator[None]:
    """While inside, a run is queued, in place of `last` if there is one, which stays the result if that fails."""
    if last is None:
        yield
        return
    try:
        yield
    except InterruptedCommandError as interruption:
        interruption.result = interruption.result or last.result
        raise
    except CommandError as ending:
        raise _not_replaced(last, ending) from ending
    except AcrError as error:
        raise _not_replaced(last, explain(error)) from error


def _not_replaced(last: FollowedRun, ending: CommandError) -> CommandError:
    ended = f"Run {last.run_id} ended as {status_name(last.run)}, and queueing it again failed:"
    ending.error.error_msg = f"{ended} {ending.error.error_msg}"
    return CommandError(ending.error, ending.exit_code, result=last.result)
