"""The options that every command about a task has."""

from __future__ import annotations

from dataclasses import dataclass

from ..session import RegistryOptions

__all__ = ["TaskOptions"]


@dataclass(frozen=True, kw_only=True)
class TaskOptions(RegistryOptions):
    """Which task of which registry, under the names that az's own gives the options."""

    task_name: str
