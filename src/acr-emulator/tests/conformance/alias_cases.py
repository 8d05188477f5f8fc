"""What the emulator makes of a case of `acb exec` in the table of templates: aliases, then the template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acr_emulator.acb.aliases import replace_aliases
from acr_emulator.acb.errors import AcbError

__all__ = ["answer_exec"]


def answer_exec(name: str, text: str, render: Callable[[str, str], str]) -> dict[str, Any]:
    """The members of `expected` for a task file (without its remarks) that stands alone in the working directory."""
    try:
        replaced = replace_aliases(text, render, lambda path: None)
    except AcbError as error:
        return {"aliases": True, "error": str(error)}
    members = {"aliases": True, "processed": replaced.text} if replaced.is_on else {}
    try:
        return {**members, "rendered": render(name, replaced.text)}
    except AcbError as error:
        return {**members, "error": f"unable to render task: {error}"}
