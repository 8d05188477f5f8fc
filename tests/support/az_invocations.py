"""az running a command line in this process, without a command: what it does before, after and around one."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from azure.cli.core.mock import DummyCli
from knack.util import CommandResultItem


class _Invocation:
    """Stands for what parses a command line and runs the command."""

    def __init__(self, work: Callable[[Any], None], cli_ctx: Any) -> None:
        self.data = {"output": "json"}
        self._work = work
        self._cli_ctx = cli_ctx

    def execute(self, _: list[str]) -> CommandResultItem:
        self._work(self._cli_ctx)
        return CommandResultItem({"a": 1}, exit_code=0)


def invoke(context: DummyCli, work: Callable[[Any], None], stdout: io.StringIO | None = None) -> int:
    """Let az run a command line that does `work` and has a result. Returns the exit code."""
    context.invocation_cls = lambda cli_ctx, **_: _Invocation(work, cli_ctx)
    try:
        return int(context.invoke(["acr", "build"], out_file=stdout or io.StringIO()))
    except SystemExit as ending:
        return int(ending.code or 0)
