"""What `--annotate` adds to the log of a run that is followed, and after it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ....client.errors import AcrError
from ....context.agents_view import below
from ....context.source import current_folder
from ....runlog.log_end import read_log_end
from ....web import redact
from ...console.errors import CommandError, ExitCode
from ...console.log_printer import LogPrinter, Printer
from ...session import Session
from ..built_dockerfile import BuiltDockerfile
from ..ending import FollowedRun
from ..options import AnnotationStyle, FollowOptions, LogTarget
from .failure import FailureReader, LogFailure, failure_at_end
from .markup import Note, markup_for
from .printer import FoldingPrinter

__all__ = ["Annotator"]

# The folders that the services look for files in, by their documentation of variables; the first that holds the file.
_ROOTS: Final = {
    AnnotationStyle.GITHUB: ("GITHUB_WORKSPACE",),
    AnnotationStyle.AZURE: ("BUILD_SOURCESDIRECTORY", "SYSTEM_DEFAULTWORKINGDIRECTORY"),
}
_SHELL: Final = "/bin/sh -c "
_REMARK: Final = re.compile(r"Dockerfile line (\d+): (.*)", re.DOTALL)


class Annotator:
    """Annotates the runs of one command for the service that its options name.

    `dockerfiles` are those of this machine that steps are built from, by the IDs of the steps. Notes go where the log
    goes, or to stderr. Whatever cannot be read for them is left out of them: no run ends otherwise for being annotated.
    """

    def __init__(self, session: Session, options: FollowOptions, dockerfiles: Mapping[str, BuiltDockerfile]) -> None:
        self._session = session
        self._options = options
        self._dockerfiles = dockerfiles
        self._markup = markup_for(options.annotation_style)
        self._followed: FollowedRun | None = None
        self._reader = FailureReader()
        self._printer: Printer | None = None
        self._remarked = False

    def around(self, printer: LogPrinter, followed: FollowedRun) -> Printer:
        """What prints the log of a run that is followed from here on; `printer` writes to where the log goes."""
        self._followed, self._reader = followed, FailureReader()
        has_log = self._options.log_target is not LogTarget.NONE
        self._printer = printer if has_log else LogPrinter(self._session.streams.stderr, raw=False)
        self._tell_remarks()
        return FoldingPrinter(printer, self._markup, self._reader) if has_log else printer

    @contextmanager
    def telling(self) -> Iterator[None]:
        """While inside, what ends a run that was followed is annotated; it goes on."""
        try:
            yield
        except CommandError as error:
            if self._followed is not None:
                self._tell(self._note(error, self._followed))
            raise

    def _tell(self, note: Note) -> None:
        if self._printer is not None:
            self._printer.write(f"{self._markup.note(note)}\n")

    def _tell_remarks(self) -> None:
        """What may not be meant in the Dockerfile, once, however often its build is queued."""
        if self._remarked:
            return
        self._remarked = True
        for built in self._dockerfiles.values():
            for remark in built.remarks:
                place = _REMARK.fullmatch(remark)
                line, message = (int(place[1]), place[2]) if place else (0, remark)
                self._tell(Note("warning", "Dockerfile", self._shown(message), self._file(built), line))

    def _note(self, error: CommandError, followed: FollowedRun) -> Note:
        message, ending = str(error), f"Run {followed.run_id} ended as "
        if not message.startswith(ending):
            # Its log does not say why it was lost, or never started.
            return Note("error", f"Run {followed.run_id}", self._shown(message))
        failure = self._failure(followed)
        built = None if error.exit_code is ExitCode.RUN_CANCELED else self._dockerfiles.get(failure.step)
        line = _line(failure, built) if built else 0
        file = self._file(built) if built and line else ""
        title, _, reason = message.partition(": ")
        reason = failure.message or reason or message
        return Note("error", self._shown(title.rstrip(".")), self._shown(reason), file, line)

    def _failure(self, followed: FollowedRun) -> LogFailure:
        if self._options.log_target is not LogTarget.NONE:
            return self._reader.failure
        session = self._session
        try:
            blobs = session.web.read_blobs()
            return failure_at_end(read_log_end(lambda: followed.runs.log_link(followed.run_id), blobs, session.clock))
        except AcrError:
            return LogFailure()

    def _file(self, built: BuiltDockerfile) -> str:
        """The Dockerfile as the service finds it."""
        variables = _ROOTS.get(self._options.annotation_style, ())
        roots = [root for root in map(self._session.settings.variable, variables) if root]
        for root in (*map(Path, roots), current_folder()):
            name = below(Path(os.path.realpath(root)), built.path)
            if name is not None:
                return name
        return built.path.as_posix()

    def _shown(self, text: str) -> str:
        return self._session.narrator.without_secrets(redact(text))


def _line(failure: LogFailure, built: BuiltDockerfile) -> int:
    """The line of the Dockerfile that failed, 0 if that is not known."""
    step, line = failure.instruction, 0
    if failure.reported:
        line = built.line_of_sent(*failure.reported)
    elif step:
        line = built.line_of_step(step.number, step.total, step.title.partition(" : ")[2])
    return line or built.line_of_text(failure.work or f"RUN {failure.command.removeprefix(_SHELL)}")
