"""The options that every command about a task has, and what options are called where they are typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..session import RegistryOptions

__all__ = ["TaskOptions", "listed", "option_name"]

# Where az's name of an option is not that of its parameter.
_NAMES: Final = {
    "agent_pool_name": "--agent-pool",
    "cmd_value": "--cmd",
    "context_path": "--context",
    "image_names": "--image",
    "set_value": "--set",
}


@dataclass(frozen=True, kw_only=True)
class TaskOptions(RegistryOptions):
    """Which task of which registry, under the names that az's own gives the options."""

    task_name: str


def option_name(parameter: str) -> str:
    """What is typed for a parameter of a command.

    >>> option_name("image_names"), option_name("no_push")
    ('--image', '--no-push')
    """
    return _NAMES.get(parameter) or f"--{parameter.replace('_', '-')}"


def listed(options: Sequence[str]) -> str:
    """Several options in one sentence.

    >>> listed(["--a"]), listed(["--a", "--b", "--c"])
    ('--a', '--a, --b and --c')
    """
    return " and ".join(filter(None, (", ".join(options[:-1]), options[-1])))
