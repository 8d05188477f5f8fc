"""The docker of the tables: `/bin/sh` runs a line, nothing but docker is on its PATH, and docker does nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from acr_emulator.acb.shell import CommandResult, Input, run_script

__all__ = ["docker_calls"]


def docker_calls(line: str, with_errors: bool = False) -> dict[str, Any]:
    """What docker was called with, what the line printed, and how it ended: in the form of the member `docker`."""
    calls: list[list[str]] = []

    def run(words: Sequence[str], given: Input, environment: Mapping[str, str]) -> CommandResult | None:
        if words[0] != "docker":
            return None
        calls.append(list(words[1:]))
        return CommandResult()

    result = run_script(line, {"HOME": "/root", "PATH": "/"}, run)
    errors = {"stderr": result.errors} if with_errors else {}
    return {"argv": calls, "stdout": result.output, **errors, "exit": result.exit_code}
