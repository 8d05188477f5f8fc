"""The scanner's part in a run: which Dockerfile it opens, and what it finds there."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from ...golang import path
from ..build_line import BuildLine
from ..contexts import clone_of, is_git, is_local
from ..errors import AcbError
from ..run_line import WORKSPACE
from ..scan import dependencies_of, dockerfile_path, find_origins
from ..task import Step
from .steps import Scan

__all__ = ["DockerfileScanner"]


@dataclass(frozen=True)
class DockerfileScanner:
    """Scans files that `read` gives the content of, by their absolute path; None if there is no such file.

    `fetch` puts a remote context into a folder, by its absolute path, and returns what is to be said of it.
    """

    read: Callable[[str], bytes | None]
    fetch: Callable[[str, str], tuple[str, ...]]

    def scan(self, line: BuildLine, step: Step) -> Scan:
        """What a Scanner does."""
        directory = path.join(WORKSPACE, step.working_directory)
        checkout = line.context
        notices: tuple[str, ...] = ()
        if not is_local(line.context):
            checkout = path.join(step.id, clone_of(line.context).folder if is_git(line.context) else "")
            notices = self.fetch(path.join(directory, step.id), line.context)
        name = dockerfile_path(line.context, checkout, line.dockerfile)
        content = self.read(name if name.startswith("/") else path.join(directory, name))
        if content is None:
            raise AcbError(f"error opening dockerfile: {name}, error: open {name}: no such file or directory")
        origins = find_origins(io.BytesIO(content), line.build_arguments, line.target, _ignore)
        return Scan(tuple(dependencies_of(origins, line.tags)), notices)


def _ignore(_line: str) -> None:
    """acb captures what the scanner logs, and shows it only with an error."""
