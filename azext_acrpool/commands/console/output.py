"""Whether the user chose how the result is printed."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["format_is_chosen", "goes_to_terminal"]


def goes_to_terminal() -> bool:
    """Whether a person reads the result as it is printed."""
    return bool(getattr(sys.stdout, "isatty", lambda: False)())


def format_is_chosen(cli_ctx: Any) -> bool:
    """Whether the command line or az's settings say what the output shall be."""
    typed = cli_ctx.data.get("safe_params") or ()
    options = [name for name in typed if name == "-o" or name.startswith(("--o", "--q"))]
    named = any("--output".startswith(name) or "--query".startswith(name) or name == "-o" for name in options)
    return named or bool(cli_ctx.config.get("core", "output", fallback=""))
