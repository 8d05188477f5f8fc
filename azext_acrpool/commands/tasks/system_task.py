"""The system task, which stands for all quick runs of a registry: which options it has a use for."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from ..console.errors import UsageError
from ..console.values import is_typed
from ..runs.definition import is_null_context
from .options import TaskOptions, listed, option_name

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["QUICK_TASK", "refuse_all_but_state"]

QUICK_TASK: Final = "quicktask"
_STATE: Final = ("status", "timeout", "log_template")
_NAMES: Final = tuple(field.name for field in fields(TaskOptions))
# An empty list of identities asks for one.
_MEANT_IF_EMPTY: Final = "assign_identity"


def refuse_all_but_state(options: DataclassInstance, what: str) -> None:
    """Raise UsageError if the user asks of a task without a step for more than it has.

    `options` are those of `task create` or `update`, `what` is the task in a sentence. az's own sends the state alone,
    and says nothing of the rest.
    """
    allowed = (*_NAMES, *_STATE, "is_system_task")
    names = [field.name for field in fields(options) if field.name not in allowed]
    unused = [option_name(name) for name in names if _asks_for_something(name, getattr(options, name))]
    if unused:
        raise UsageError(
            f"{listed(unused)} cannot be used with {what}, which has no step, triggers, agents and identities of its "
            "own.",
            f"What such a task has is {listed([option_name(name) for name in _STATE])}: leave out the rest.",
        )


def _asks_for_something(name: str, value: Any) -> bool:
    if not is_typed(value):
        return False
    if name == "context_path" and is_null_context(value):
        return False
    return bool(value) or name == _MEANT_IF_EMPTY
