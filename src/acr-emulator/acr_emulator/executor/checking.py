"""Checking a run: what it would need is looked at, without building or running anything.

It does with a run what acb does (see `acb`), docker's part being played by `executor/docker`: the uploaded source is
opened, Dockerfiles and task files are read, every COPY and ADD source is verified, and image digests are computed from
what goes into the images: the same sources give the same digests. What is around acb's own lines is the service's.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing

from ..acb.errors import AcbError, AcbPanicError
from ..acb.program.events import Pause
from ..acb.scan import ImageDependencies
from .azure_cli_steps import AzureCliSteps, StepRunner
from .checked_run import CheckedRun
from .dependencies import base_images, dependency_lines
from .docker.caches import RegistryCaches
from .errors import ContextError, RunFailedError
from .log import RunLog, go_duration
from .model import Event, Job, LogLine, Outcome
from .requests import secrets
from .unpacking import DOWNLOAD_FAILED

__all__ = ["check"]

RUN_FAILED = "failed during run, err: exit status {}"
PANIC = 2
"""What a program in Go that crashes exits with."""


def check(job: Job, caches: RegistryCaches, steps: AzureCliSteps | None = None) -> Iterator[Event]:
    """Carry out a DockerBuild, FileTask or EncodedTask request as far as that goes without a builder.

    `caches` are what registries hold of caches of builds; the run reads and writes them. `steps` are run for real.
    """
    if said := job.faults.next("error"):
        # Assumed: nobody has recorded a run that the service itself broke off.
        yield Outcome("Error", said)
        return
    log = RunLog(job, secrets(job.request))
    with closing(StepRunner(steps, job, log.hide, log.spend)) as runner:
        outcome = yield from _check(job, log, CheckedRun(job, log.hide, caches, runner.program_of))
    yield outcome


def _check(job: Job, log: RunLog, run: CheckedRun) -> Generator[LogLine, None, Outcome]:
    """The lines of a run, and how it ends."""
    try:
        dependencies = yield from _logged(run, log)
    except ContextError as error:
        yield log.plain(str(error))
        yield from _close(job, log, DOWNLOAD_FAILED)
        return Outcome("Failed", DOWNLOAD_FAILED)
    except (RunFailedError, AcbError) as error:
        message = RUN_FAILED.format(PANIC if isinstance(error, AcbPanicError) else 1)
        for text in str(error).split("\n"):
            yield log.plain(text)
        yield from _close(job, log, message)
        return Outcome("Failed", message)
    yield from _close(job, log)
    return Outcome("Succeeded", None, run.pushed_images, base_images(dependencies))


def _logged(run: CheckedRun, log: RunLog) -> Generator[LogLine, None, list[ImageDependencies]]:
    """The lines of a run; what builds depend on follows as the service shows it."""
    events = run.events()
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            dependencies: list[ImageDependencies] = end.value
            break
        if isinstance(event, Pause):
            log.wait(event.seconds)
        else:
            yield log.stamped(event.text) if event.is_stamped else log.plain(event.text)
    if dependencies:
        yield log.stamped("The following dependencies were found:")
        yield log.stamped()
        yield from map(log.plain, dependency_lines(dependencies))
    return dependencies


def _close(job: Job, log: RunLog, error: str | None = None) -> Iterator[LogLine]:
    duration = go_duration(log.elapsed)
    yield log.plain()
    if error is None:
        yield log.plain(f"Run ID: {job.run_id} was successful after {duration}")
    else:
        yield log.plain(f"Run ID: {job.run_id} failed after {duration}. Error: {error}")
