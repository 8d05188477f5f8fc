"""One step of a run (acb, builder/builder.go and push.go)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol
from uuid import uuid4

from ..build_line import BuildLine, parse_build_line
from ..commands import pull_arguments, push_arguments, scan_arguments_of, step_line
from ..contexts import context_warning
from ..docker import Docker, Finished, Printed
from ..errors import AcbError
from ..scan import ImageDependencies
from ..task import Step
from .events import Event, Line, Timeline, logged
from .processes import Repetition, backoff, launch, watch
from .shells import run_in_shell

__all__ = ["Scan", "Scanner", "StepRun"]

PUSH_ATTEMPTS = 3
NEVER = float("inf")
"""No deadline."""


@dataclass(frozen=True)
class Scan:
    """What the scanner found, and what whoever plays its part has to say."""

    dependencies: tuple[ImageDependencies, ...]
    notices: tuple[str, ...] = ()


class Scanner(Protocol):
    """The program that looks for base images, with the files that it reads."""

    def scan(self, line: BuildLine, step: Step) -> Scan:
        """What `acb scan` finds for a step with this build line. Raises AcbError."""


@dataclass
class StepRun:
    """A step that is carried out. `started` and `ended` are seconds by the run's time."""

    step: Step
    docker: Docker
    scanner: Scanner
    home_volume: str
    credentials: Sequence[str]
    started: float = 0.0
    ended: float = 0.0
    dependencies: tuple[ImageDependencies, ...] = ()

    def events(self, timeline: Timeline) -> Generator[Event, None, str]:
        """Carry the step out; returns the error, empty if there is none."""
        step = self.step
        yield Line(
            f"Executing step ID: {step.id}. Timeout(sec): {step.timeout}, "
            f"Working directory: '{step.working_directory}', Network: '{step.network}'"
        )
        if step.start_delay > 0:
            yield Line(f"Waiting {step.start_delay} seconds before executing step ID: {step.id}")
            yield from timeline.pause(step.start_delay)
        if step.kind == "cmd" and step.is_pulled:
            yield Line("Step specified pull. Performing an explicit pull...")
            if error := (yield from self._pull(timeline)):
                return error
        self.started = timeline.now
        error = yield from self._carry_out(timeline)
        self.ended = timeline.now
        return error

    def _pull(self, timeline: Timeline) -> Generator[Event, None, str]:
        arguments = pull_arguments(self.step)
        repetition = Repetition(self.step.download_retries, self.step.download_retry_delay)
        return (yield from launch("", lambda: self.docker.run(arguments[1:]), repetition, timeline, NEVER))

    def _carry_out(self, timeline: Timeline) -> Generator[Event, None, str]:
        step = self.step
        if step.kind == "push":
            return (yield from self._push(timeline, timeline.now + step.timeout))
        if step.kind == "build" and (error := (yield from self._scan(timeline))):
            return error
        line = step_line(step, self.home_volume)
        repetition = Repetition(step.retries, step.retry_delay, step.retry_on_errors, step.repeat)
        deadline = timeline.now + step.timeout
        return (yield from launch(step.id, partial(run_in_shell, line, self.docker), repetition, timeline, deadline))

    def _scan(self, timeline: Timeline) -> Generator[Event, None, str]:
        step = self.step
        build_line = replace(parse_build_line(step.build), tags=step.tags, build_arguments=step.build_arguments)
        if warning := context_warning(build_line.context):
            yield Line(warning)
        yield Line("Scanning for dependencies...")
        arguments = scan_arguments_of(step, f"acb_dep_scanner_{uuid4()}", self.home_volume, self.credentials)
        finished = self.docker.run(arguments[1:])
        yield from timeline.pause(finished.seconds)
        scan = Scan(())
        if not finished.exit_code:
            try:
                scan = self.scanner.scan(build_line, step)
            except AcbError as error:
                finished = Finished(1, tuple(map(Printed, str(error).split("\n"))))
        if finished.exit_code:
            yield from logged(f"Output from dependency scanning: {finished.text.strip()}")
            return f"failed to scan dependencies: {finished.error}"
        for notice in scan.notices:
            yield Line(notice)
        yield Line("Successfully scanned dependencies")
        self.dependencies = scan.dependencies
        return ""

    def _push(self, timeline: Timeline, deadline: float) -> Generator[Event, None, str]:
        for image in self.step.push:
            arguments = push_arguments(f"acb_docker_push_{uuid4()}", image)
            for attempt in range(PUSH_ATTEMPTS):
                yield Line(f"Pushing image: {image}, attempt {attempt + 1}")
                error = yield from watch(partial(self.docker.run, arguments[1:]), timeline, deadline, [])
                if not error:
                    yield Line(f"Successfully pushed image: {image}")
                    break
                yield from timeline.pause(backoff(attempt))
            else:
                return "failed to push images successfully"
        return ""
