"""The table of templates, values and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NoReturn

from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.rendering import Renderer, without_remarks
from acr_emulator.acb.task import Secret
from acr_emulator.acb.variables import RenderOptions, render_data
from alias_cases import answer_exec
from tables import Case, Table

__all__ = ["FILE", "RENDER", "renderer_of"]

FILE = "acb.yaml"
DATE = datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc)


def answer(case: Case) -> Mapping[str, Any]:
    """What the emulator makes of a case, in the form of `expected`."""
    try:
        renderer = renderer_of(case)
        if case["command"] == "exec":
            return answer_exec(FILE, without_remarks(case["task"]), renderer.task)
        if case["command"] == "build":
            return {"rendered": renderer.build(case["task"])}
        return {"rendered": renderer.task(FILE, without_remarks(case["task"]))}
    except AcbError as error:
        return {"error": str(error)}


def renderer_of(case: Case) -> Renderer:
    """What renders the templates of a case with its values and arguments. Raises AcbError for wrong values."""
    given = case.get("options", {})
    options = RenderOptions(
        run_id=given.get("id", ""),
        date=DATE,
        registry=given.get("registry", ""),
        commit=given.get("commit", ""),
        repository=given.get("repository", ""),
        branch=given.get("branch", ""),
        git_tag=given.get("git_tag", ""),
        triggered_by=given.get("triggered_by", ""),
        shared_volume=given.get("homevol", ""),
        os_version=given.get("os_version", ""),
        task_name=given.get("name", "") if case.get("command", "exec") == "exec" else "",
    )
    return Renderer(render_data(options, case.get("values"), case.get("set", ())), DATE, _no_secret)


def _no_secret(secret: Secret) -> NoReturn:
    raise AcbError("the tables were made without key vaults")


RENDER = Table("render", "render.json", "cases", answer)
