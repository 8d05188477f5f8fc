"""The `{{...}}` of task files and image names, and the `$Name` aliases of task version 1.1.0.

Only plain fields (`{{ .Run.ID }}`, `{{.Values.name}}`) are rendered; the functions and control structures of Go
templates are refused rather than guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timezone
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from .errors import TaskFileError
from .model import Job

__all__ = ["home_volume", "render", "run_fields", "with_run_aliases"]

ACTION = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
FIELD = re.compile(r"\.[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
RUN_ALIASES = (
    "ID",
    "SharedVolume",
    "RegistryName",
    "Registry",
    "Date",
    "OS",
    "Architecture",
    "Commit",
    "Branch",
)


def home_volume(job: Job) -> str:
    """The name of the volume that a run's steps share: made of the run's ID, so that it is the same each time."""
    return f"acb_vol_{uuid5(NAMESPACE_URL, f'{job.login_server}/{job.run_id}')}"


def run_fields(job: Job) -> dict[str, Any]:
    """The run variables that templates may name."""
    platform = job.request.get("platform") or {}
    run = {
        "ID": job.run_id,
        "Commit": "",
        "Repository": "",
        "Branch": "",
        "GitTag": "",
        "TriggeredBy": "",
        "Registry": job.login_server,
        "RegistryName": job.login_server.partition(".")[0],
        "Date": f"{job.started_at.astimezone(timezone.utc):%Y%m%d-%H%M%S}z",
        "SharedVolume": home_volume(job),
        "OS": str(platform.get("os") or "linux").lower(),
        "OSVersion": "",
        "Architecture": str(platform.get("architecture") or "amd64").lower(),
        "TaskName": job.task_name,
    }
    return {"Run": run, "Build": {"ID": job.run_id}}


def render(text: str, fields: Mapping[str, Any]) -> str:
    """Replace each action by the field it names; a field that isn't there gives nothing.

    Raises TaskFileError for anything but a field.
    """

    def replace(action: re.Match[str]) -> str:
        expression = action[1].strip()
        if expression.startswith("/*"):
            return ""
        if FIELD.fullmatch(expression) is None:
            raise TaskFileError(f"error while rendering templates: {action[0]} is not supported by the emulator")
        value: Any = fields
        for name in expression[1:].split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return "" if value is None else str(value)

    return ACTION.sub(replace, text)


def with_run_aliases(text: str) -> str:
    """Write `$ID`, `$Registry` and the other run aliases as the templates they stand for."""
    return re.sub(rf"\$({'|'.join(RUN_ALIASES)})\b", r"{{.Run.\1}}", text)
