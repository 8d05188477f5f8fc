"""Names of runs, which the service gives."""

from __future__ import annotations

import re
from typing import Any

from ..commands.command import errors_shown
from ..commands.console.errors import UsageError
from ..commands.console.values import require_text
from ..wording import PlacedName, az_command, printable

__all__ = ["validate_run_id", "validate_run_id_or_none", "validate_run_ids"]


@errors_shown()
def validate_run_id(namespace: Any) -> None:
    """The ID of a run, if one is given."""
    if namespace.run_id is not None:
        namespace.run_id = _run_id(namespace, namespace.run_id)


@errors_shown()
def validate_run_id_or_none(namespace: Any) -> None:
    """The ID of a run, if one is given; an empty text is none."""
    namespace.run_id = _run_id(namespace, namespace.run_id) if namespace.run_id else None


@errors_shown()
def validate_run_ids(namespace: Any) -> None:
    """The IDs of several runs."""
    namespace.run_id = [_run_id(namespace, given) for given in namespace.run_id]


def _run_id(namespace: Any, given: str) -> str:
    require_text("The ID of a run", given)
    run_id = given.strip()
    if re.fullmatch(r"[a-zA-Z0-9_-]+", run_id):
        return run_id
    named = re.search(r"/runs/([a-zA-Z0-9_-]+)$", run_id)
    if named:
        raise UsageError(
            f"'{printable(run_id)}' is the resource ID of a run, where its run ID is wanted.",
            f"Give it with: --run-id {named[1]}",
        )
    registry = PlacedName(printable(namespace.registry_name or "REGISTRY"), {})
    raise UsageError(
        f"'{printable(run_id)}' cannot be the ID of a run, which looks like cf1.",
        f"List the registry's runs with: {az_command('acr task list-runs', '-r', registry, '-o', 'table')}",
    )
