"""Whether a run is the one that a request queued whose reply was lost. Pure.

A run names neither its request nor its source, so that runs of the same kind look alike. What the service keeps of a
request (SDK models; recorded) can show that a run is another's: its agent pool, its task, its type, its platform, and
once it has ended the images that it pushed. Only one thing can show that it is ours: the updateTriggerToken of a task's
run, an opaque text that the run keeps, and that nobody else knows if it is made for this one request. A quick build or
run has nothing like it, neither in ARM nor in its log.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .replies import in_utc, text_of

if TYPE_CHECKING:
    from datetime import datetime

    from azure.mgmt.containerregistrytasks.models import Run, RunRequest

__all__ = ["RunSearch"]

# The service's clock is read from a Date header, which has whole seconds.
_CLOCK_SLACK: Final = 2.0


@dataclass(frozen=True)
class RunSearch:
    """What is known of a lost run: its request, the `mark` in it ("" if it has none), and when it was first sent.

    `sent` is in seconds on one monotonic clock; `pushes` are images that the run pushes, of which its request says
    nothing. `others` are IDs of runs that are known to be another request's.
    """

    request: RunRequest
    mark: str
    sent: float
    pushes: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()

    def proven(self, runs: Sequence[Run]) -> Run | None:
        """The one among the runs that bears the mark, if there is one."""
        return next((run for run in runs if self.mark and _bears(run, self.mark)), None)

    def candidates(self, runs: Sequence[Run], service_time: datetime | None, now: float) -> list[Run]:
        """Those of the runs that may be the lost one.

        `service_time` is the service's own when the runs were listed, None if it did not say; `now` is that moment on
        the clock of `sent`. What the service left out of a run excludes nothing.
        """
        return [run for run in runs if self._is_since(run, service_time, now) and self._may_be(run)]

    def is_covered_by(self, runs: Sequence[Run], service_time: datetime | None, now: float) -> bool:
        """Whether the newest runs, which are not all, go back to before the sending: then the lost one is in them."""
        return any(not self._is_since(run, service_time, now) for run in runs)

    def _is_since(self, run: Run, service_time: datetime | None, now: float) -> bool:
        """Whether a run may have been created since the sending."""
        created = in_utc(run.create_time)
        if created is None or service_time is None:
            return True
        return (service_time - created).total_seconds() <= now - self.sent + _CLOCK_SLACK

    def _may_be(self, run: Run) -> bool:
        if run.run_id in self.others or (self.mark and run.update_trigger_token and not _bears(run, self.mark)):
            return False
        return not any(
            (
                _differs(run.agent_pool_name, self.request.agent_pool_name) and not self._runs_task,
                _differs(run.task, self._task_name),
                run.run_type is not None and not text_of(run.run_type).lower().startswith("quick"),
                self._differs_in_platform(run),
                self._lacks_images(run),
            )
        )

    @property
    def _runs_task(self) -> bool:
        # A task brings its own agent pool, which the request need not name.
        return self.request.type == "TaskRunRequest" and self.request.agent_pool_name is None

    @property
    def _task_name(self) -> str | None:
        task_id = getattr(self.request, "task_id", None)
        return task_id.rpartition("/")[2] if isinstance(task_id, str) else None

    def _differs_in_platform(self, run: Run) -> bool:
        wanted = getattr(self.request, "platform", None)
        if wanted is None or run.platform is None:
            return False
        return _differs(text_of(run.platform.os) or None, text_of(wanted.os))

    def _lacks_images(self, run: Run) -> bool:
        """Whether it has pushed images, but not those that ours does."""
        if not run.output_images:
            return False
        is_told = getattr(self.request, "is_push_enabled", False)
        named: list[str] = (getattr(self.request, "image_names", None) or []) if is_told else []
        pushed = {f"{image.repository}:{image.tag}".lower() for image in run.output_images}
        return not _images([*named, *self.pushes]) <= pushed


def _bears(run: Run, mark: str) -> bool:
    """Whether a run's token is the mark, in base64 as it was sent or not."""
    return run.update_trigger_token in (mark, b64decode(mark).decode())


def _differs(actual: str | None, expected: str | None) -> bool:
    return actual is not None and actual.lower() != (expected or "").lower()


def _images(names: Iterable[str]) -> set[str]:
    """Images as `repository:tag` in lower case, but those that a template has a part in."""
    return {_image(name).lower() for name in names if "{{" not in name}


_HOST: Final = re.compile(r"(?:[^/]*[.:][^/]*|localhost)/")


def _image(name: str) -> str:
    """Repository and tag of an image name, which may name a registry and leave out the tag."""
    host = _HOST.match(name)
    path = name[host.end() if host else 0 :].partition("@")[0]
    return path if ":" in path else f"{path}:latest"
