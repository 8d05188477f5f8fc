"""`acb exec` up to where it runs: a task file with its aliases replaced, rendered, read and completed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .aliases import expand_command, replace_aliases
from .errors import AcbError
from .task import Task, TaskOptions, plan_task

__all__ = ["ALIAS_NOTICE", "LoadedTask", "load_task"]

ALIAS_NOTICE = (
    "Alias support enabled for version >= 1.1.0, please see https://aka.ms/acr/tasks/task-aliases for more information."
)
"""What acb logs before it loads a task that uses aliases."""


@dataclass(frozen=True)
class LoadedTask:
    """A task, the text that it was read from, and whether aliases were on."""

    task: Task
    rendered: str
    has_aliases: bool


def load_task(
    name: str,
    text: str,
    options: TaskOptions,
    render: Callable[[str, str], str],
    read_source: Callable[[str], str | None],
) -> LoadedTask:
    """Load a task file (without its lines that begin with `#`).

    `render(name, text)` renders a template, `name` is that of the file; `read_source(path)` gives the text of a file in
    the agent's working directory, None for one that is not there. Raises AcbError with all that acb ends with.
    """
    replaced = replace_aliases(text, render, read_source)
    try:
        rendered = render(name, replaced.text)
    except AcbError as error:
        raise error.within("unable to render task") from error
    task = plan_task(rendered, options)
    steps = tuple(replace(step, command=expand_command(step.command, replaced.aliases)) for step in task.steps)
    return LoadedTask(replace(task, steps=steps), rendered, replaced.is_on)
