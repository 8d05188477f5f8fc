"""What templates of a run see: `.Run`, `.Build`, `.Values` and the rest (acb, templating/base_render_options.go)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..golang.errors import GoError
from ..golang.json import marshal
from ..golang.times import format_time
from ..golang.types import GoMap
from .errors import AcbError
from .values import VALUES, merged_values

__all__ = ["RenderOptions", "render_data"]

DATE_LAYOUT = "20060102-150405z"
QUOTED = re.compile(r"[^A-Za-z0-9_^@=+%,:./-]")


@dataclass(frozen=True)
class RenderOptions:
    """What is known of a run before its templates are rendered. `date` is its start, an aware time."""

    run_id: str
    date: datetime
    registry: str = ""
    commit: str = ""
    repository: str = ""
    branch: str = ""
    git_tag: str = ""
    triggered_by: str = ""
    shared_volume: str = ""
    os: str = "linux"
    os_version: str = ""
    architecture: str = "amd64"
    task_name: str = ""

    def run(self) -> dict[str, Any]:
        """The members of `.Run`."""
        return {
            "ID": self.run_id,
            "Commit": self.commit,
            "Repository": self.repository,
            "Branch": self.branch,
            "GitTag": self.git_tag,
            "TriggeredBy": self.triggered_by,
            "Registry": self.registry,
            "RegistryName": self.registry.partition(".")[0],
            "Date": format_time(self.date.astimezone(timezone.utc), DATE_LAYOUT),
            "SharedVolume": self.shared_volume,
            "OS": self.os,
            "OSVersion": self.os_version,
            "Architecture": self.architecture,
            "TaskName": self.task_name,
        }


def render_data(options: RenderOptions, values_file: str | None = None, set_arguments: Sequence[str] = ()) -> GoMap:
    """The data of a run's templates: `values_file` is the text of the values file, `set_arguments` are of --set.

    Raises AcbError: `error while loading exec steps: ..`.
    """
    try:
        values = merged_values(values_file, set_arguments)
    except AcbError as error:
        raise AcbError(f"error while loading exec steps: {error}") from error
    run = options.run()
    try:
        values_json = marshal(values)
    except GoError as error:
        problem = f"failed to override values: failed to serialize Values: {error}"
        raise AcbError(f"error while loading exec steps: {problem}") from error
    data = {
        "Build": {"ID": options.run_id},
        "Run": run,
        "Values": values,
        "ValuesJSON": _quoted(values_json),
        "RunJSON": _quoted(marshal(run)),
    }
    return GoMap(data, VALUES)


def _quoted(text: str) -> str:
    """A text as one word for a shell."""
    if not QUOTED.search(text):
        return text or "''"
    return "'" + text.replace("'", "'\"'\"'") + "'"
