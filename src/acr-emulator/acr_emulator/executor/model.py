"""What an executor is given and what it answers.

An executor is synchronous and does no network I/O: it yields events, and whoever drives it decides how long
`seconds_before` really takes, where log lines go, and whether to stop early.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, TypeAlias

from .run_faults import RunFaults

__all__ = [
    "Event",
    "Executor",
    "ImageDependency",
    "ImageReference",
    "Job",
    "LogLine",
    "Outcome",
    "Source",
    "open_source",
]

Source: TypeAlias = bytes | Path | Callable[[], BinaryIO]
"""An uploaded archive: its bytes, a file, or a function that opens it anew (`BlobStore.open`)."""


@dataclass(frozen=True)
class Job:
    """One run, as an agent receives it.

    `request` is the run request as sent (`DockerBuildRequest`, `FileTaskRunRequest`, `EncodedTaskRunRequest`) or a
    task's step (`Docker`, `FileTask`, `EncodedTask`) with its overrides already merged. `source` is the uploaded
    archive, or None when the request names a remote context or none at all. `speed` only affects the times printed in
    the log: events carry seconds at speed 1.0. `is_logged_in` is whether the agent has credentials of the run's own
    registry besides those that the request names. `identity` is that of its task, in ARM's form. `faults` are what goes
    wrong with runs of this registry. `stop` is set when nobody waits for the run any more: an executor that works for
    long between two events looks at it, and ends.
    """

    run_id: str
    request: Mapping[str, Any]
    login_server: str
    started_at: datetime
    source: Source | None = None
    task_name: str = ""
    speed: float = 1.0
    is_logged_in: bool = True
    identity: Mapping[str, Any] = field(default_factory=dict)
    faults: RunFaults = field(default_factory=RunFaults, compare=False)
    stop: threading.Event = field(default_factory=threading.Event, compare=False)


@dataclass(frozen=True)
class LogLine:
    """One line of the log, printed `seconds_before` seconds after the event before it.

    `text` is without the line's `ending`, which is CR LF or LF. `is_live`: it was printed just now by what takes its
    own time.
    """

    text: str
    seconds_before: float = 0.0
    ending: str = "\r\n"
    is_live: bool = False


@dataclass(frozen=True)
class ImageReference:
    """An image in a registry, the way `outputImages` lists it."""

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    def to_wire(self) -> dict[str, str]:
        """The ARM form: members without a value are left out."""
        members = {
            "registry": self.registry,
            "repository": self.repository,
            "tag": self.tag,
            "digest": self.digest,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True)
class ImageDependency:
    """A base image, the way `step.baseImageDependencies` lists it.

    `Runtime` is spelt as in a recording (the SDK's table says `RunTime`); `Buildtime` is assumed to follow it.
    """

    type: Literal["Buildtime", "Runtime"]
    image: ImageReference

    def to_wire(self) -> dict[str, str]:
        """The ARM form."""
        return {"type": self.type, **self.image.to_wire()}


@dataclass(frozen=True)
class Outcome:
    """How a run ended: always an executor's last event."""

    status: Literal["Succeeded", "Failed", "Error"]
    error_message: str | None = None
    output_images: tuple[ImageReference, ...] = ()
    base_image_dependencies: tuple[ImageDependency, ...] = ()
    seconds_before: float = 0.0


Event: TypeAlias = LogLine | Outcome


class Executor(Protocol):
    """Carries out one run."""

    def execute(self, job: Job) -> Iterator[Event]:
        """Yield the run's log lines in order, then exactly one Outcome."""


def open_source(source: Source) -> BinaryIO:
    """Open an uploaded archive for reading from its beginning. The caller closes it."""
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if isinstance(source, Path):
        return source.open("rb")
    return source()
