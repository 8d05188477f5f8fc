"""Many az commands in one process: each costs what it does itself, and not another start of az.

Reads one JSON list of arguments a line from stdin and answers each with a line of JSON: `code`, `stdout`, `stderr`.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
from collections.abc import Sequence
from typing import Any


def run(arguments: Sequence[str]) -> dict[str, Any]:
    """Run one command as `az` would."""
    from azure.cli.core import get_default_cli

    stdout, stderr = io.StringIO(), io.StringIO()
    # az binds its log handlers to the stderr of the moment.
    for name in ("cli", "az_command_data_logger"):
        logging.getLogger(name).handlers.clear()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            code = get_default_cli().invoke(list(arguments), out_file=stdout)
        except SystemExit as ending:
            code = ending.code
    return {"code": int(code or 0), "stdout": stdout.getvalue(), "stderr": stderr.getvalue()}


def main() -> None:
    """Answer until stdin ends."""
    answers = sys.stdout
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
