"""Run many az command lines in this one process and print what each of them sent, as JSON.

Reads a list from standard input: `arguments` (the command line), `tasks` (what the registries' tasks are beforehand, by
path below the subscription, null for none) and `stdin`. Prints a list of `code`, `stdout`, `stderr` and `sent`, which
are the requests that changed or queued something. Runs with or without the extension, as the environment says.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from ssl import create_default_context
from typing import Any

from azure.cli.core import get_default_cli

URL = os.environ["ACR_EMULATOR_URL"]
TRUST = create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
# What the emulator takes for a token.
TOKEN = "Bearer eyJ0ZXN0Ijp0cnVlfQ"
CHANGES = ("/schedulerun", "/tasks/")


def ask(method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": TOKEN, "Content-Type": "application/json"}
    request = urllib.request.Request(URL + path, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, context=TRUST, timeout=60) as reply:
            text = reply.read()
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{method} {path}: {error.read().decode()}") from error
    return json.loads(text) if text else None


def prepare_tasks(tasks: dict[str, Any]) -> None:
    for path, body in tasks.items():
        target = f"{path}?api-version=2025-03-01-preview"
        ask("DELETE", target) if body is None else ask("PUT", target, body)
    ask("DELETE", "/_emulator/journal")


def sent() -> list[dict[str, Any]]:
    return [
        {"method": entry["method"], "path": entry["path"].lower(), "body": entry["body"]}
        for entry in ask("GET", "/_emulator/journal")
        if entry["method"] in ("PUT", "PATCH", "POST")
        and any(part in entry["path"].lower() for part in CHANGES)
        and not entry["path"].lower().endswith("/listdetails")
    ]


@contextlib.contextmanager
def standard_streams(text: str) -> Iterator[tuple[io.StringIO, io.StringIO]]:
    """stdin that holds text, and stdout and stderr that keep what is written."""
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8")
    stdout, stderr = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            yield stdout, stderr
    finally:
        sys.stdin = before


def invoke(cli: Any, arguments: list[str], stdin: str) -> dict[str, Any]:
    with standard_streams(stdin) as (stdout, stderr):
        # az's handlers hold the stderr of the first command line.
        for name in ("cli", "az_command_data_logger"):
            logging.getLogger(name).handlers.clear()
        try:
            code = cli.invoke(arguments, out_file=stdout)
        except SystemExit as stop:
            code = stop.code
    return {"code": code or 0, "stdout": stdout.getvalue(), "stderr": stderr.getvalue()}


def main() -> None:
    cli = get_default_cli()
    results = []
    for line in json.load(sys.stdin):
        prepare_tasks(line["tasks"])
        results.append({**invoke(cli, line["arguments"], line["stdin"]), "sent": sent()})
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
