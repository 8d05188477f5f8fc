"""A run of a task by acb, from its networks to what its images depend on (acb, builder/builder.go)."""

from __future__ import annotations

import heapq
from collections.abc import Generator, MutableMapping, Sequence
from dataclasses import dataclass, field

from ..docker import Docker, StartedDocker
from ..errors import AcbError
from ..scan import ImageDependencies
from ..task import Order, Task
from .events import Event, Events, Line, Pause, Timeline, logged
from .processes import DEADLINE_EXCEEDED
from .setup import Credential, set_up
from .steps import Scanner, StepRun
from .summary import RemoteDigest, summarize

__all__ = ["Program"]

HANG_SECONDS = 7 * 24 * 3600.0
"""More than any run may take."""

TIMED_OUT = "timed out"
"""What acb's last words say instead of DEADLINE_EXCEEDED (acb, cmd/acb/main.go)."""


@dataclass
class Program:
    """One run. `scanner_credentials` are the credentials as the scanner is told them.

    `speed` is how much faster than its events say the run is; it only affects times that are printed. `files` gains
    what is written into acb's working directory, by path: the files of volumes with secrets.
    """

    task: Task
    order: Order
    docker: Docker
    scanner: Scanner
    remote_digest: RemoteDigest
    home_volume: str
    credentials: Sequence[Credential] = ()
    scanner_credentials: Sequence[str] = ()
    speed: float = 1.0
    files: MutableMapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.docker = StartedDocker(self.docker)
        self._timeline = Timeline()
        self._started: dict[str, StepRun] = {}

    def run(self) -> Generator[Event, None, list[ImageDependencies]]:
        """Carry the task out; returns what the builds depend on.

        Raises AcbError for a run that fails, with the text that acb prints last.
        """
        try:
            dependencies = yield from self._run()
        except AcbError as error:
            yield from self._clean_up()
            raise AcbError(str(error).replace(DEADLINE_EXCEEDED, TIMED_OUT)) from error
        yield from self._clean_up()
        return dependencies

    def _run(self) -> Generator[Event, None, list[ImageDependencies]]:
        yield from set_up(self.task, self.credentials, self.home_volume, self.docker, self._timeline, self.files)
        yield from self._run_steps()
        # In the order of the file, whatever the order was in which they ran.
        runs = [self._started[step.id] for step in self.task.steps]
        return (yield from summarize(runs, self.docker, self.remote_digest, self._timeline, self.speed))

    def _run_steps(self) -> Events:
        """Start each step as soon as those before it are done; several may run at the same time."""
        done: set[str] = set()
        moments: list[tuple[float, int]] = []
        running: list[tuple[StepRun, Timeline, Generator[Event, None, str]]] = []

        def start_ready() -> None:
            for step_id in self.order.ready(done):
                if step_id not in self._started:
                    run, timeline = self._step_run(step_id), Timeline(self._timeline.now)
                    running.append((run, timeline, run.events(timeline)))
                    heapq.heappush(moments, (timeline.now, len(running) - 1))

        start_ready()
        while moments:
            moment, index = heapq.heappop(moments)
            yield from self._timeline.pause(moment - self._timeline.now)
            run, timeline, events = running[index]
            try:
                event = next(events)
            except StopIteration as end:
                if end.value:
                    yield from self._failed(run, end.value)
                done.add(run.step.id)
                start_ready()
                continue
            if isinstance(event, Line):
                yield event
            heapq.heappush(moments, (timeline.now, index))
        if len(done) < len(self.task.steps):
            # acb hangs, until the run's time is over.
            yield Pause(HANG_SECONDS)
            raise AcbError("a step waits for what never happens")

    def _step_run(self, step_id: str) -> StepRun:
        step = next(step for step in self.task.steps if step.id == step_id)
        run = StepRun(step, self.docker, self.scanner, self.home_volume, self.scanner_credentials)
        self._started[step_id] = run
        return run

    def _failed(self, run: StepRun, error: str) -> Events:
        if not run.step.ignores_errors:
            raise AcbError(f"failed to run step ID: {run.step.id}: {error}")
        yield Line(f"Step ID: {run.step.id} encountered an error: {error}, but is set to ignore errors. Continuing...")

    def _clean_up(self) -> Events:
        for step_id in self._started:
            self.docker.run(["rm", "-f", step_id])
        for network in self.task.networks:
            if network.is_external:
                yield Line(f"Skip deleting network: {network.name}")
                continue
            finished = self.docker.run(["network", "rm", network.name])
            if finished.exit_code:
                yield from logged(
                    f"failed to delete network: {network.name}, err: {finished.error}, msg: {finished.text}"
                )
