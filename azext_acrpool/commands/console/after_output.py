"""What a command does once az has written its result."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["after_output"]


def after_output(cli_ctx: Any, finish: Callable[[], None]) -> None:
    """Call `finish` after the command's result is on stdout. A SystemExit that it raises is the exit code of az.

    az writes the result after the command's function has returned, and exits with 0 then.
    """
    from knack.events import EVENT_CLI_SUCCESSFUL_EXECUTE

    def handle(context: Any, **_: Any) -> None:
        context.unregister_event(EVENT_CLI_SUCCESSFUL_EXECUTE, handle)
        sys.stdout.flush()
        finish()

    cli_ctx.register_event(EVENT_CLI_SUCCESSFUL_EXECUTE, handle)
