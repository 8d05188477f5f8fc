"""What kinds of steps a task may have, and which options each of them has a use for.

An option that nothing would come of is refused, in place of being left out in silence: what was typed would not happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from azure.cli.core import azclierror

from ...wording import az_command, printable
from ..console.errors import CommandError, UsageError
from ..runs.definition import NULL_CONTEXT, STANDARD_INPUT, is_dockerfile
from .options import listed, option_name

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import TaskStepProperties, TaskStepUpdateParameters

__all__ = [
    "StepKind",
    "asked_for",
    "kind_of",
    "require_usable",
    "require_usable_file",
    "require_usable_in_run",
    "unknown_step",
]


class StepKind(str, Enum):
    """The service's names of what a task does."""

    DOCKER = "Docker"
    FILE = "FileTask"
    ENCODED = "EncodedTask"


# Members by which a step is told whose type the service leaves out.
_MEMBERS = {
    "dockerFilePath": StepKind.DOCKER,
    "taskFilePath": StepKind.FILE,
    "encodedTaskContent": StepKind.ENCODED,
}
_OF_BUILDS = ("image_names", "no_push", "no_cache", "arg", "secret_arg", "target")
_OF_DEFINITIONS = ("set_value", "set_secret", "values")


def kind_of(step: TaskStepProperties | TaskStepUpdateParameters) -> StepKind | None:
    """What a task's step is; None for one that is not known here."""
    if step.type:
        return next((kind for kind in StepKind if kind.value == step.type), None)
    return next((kind for member, kind in _MEMBERS.items() if step.get(member) is not None), None)


def unknown_step(step: TaskStepProperties, task: str) -> CommandError:
    """What is said of a change to a step that is not known here."""
    return CommandError(
        azclierror.ValidationError(
            f"Task '{task}' has a step of an unknown type ('{printable(str(step.type))}'), which cannot be changed.",
            "Change its other properties, or create it again.",
        )
    )


def asked_for(options: object, names: Sequence[str]) -> list[str]:
    """Those of the options `names` that the user gave and that something should come of, as they are typed.

    What asks for nothing is as good as not there: `--no-push false`, an empty value.
    """
    return [option_name(name) for name in names if getattr(options, name, None)]


def require_usable(options: object, kind: StepKind) -> None:
    """Raise UsageError for options of a step that `kind` has no use for.

    `options` is a StepOptions, or what has some of its members. Source: the members of the service's steps and run
    requests.
    """
    if kind is StepKind.DOCKER:
        _refuse(
            asked_for(options, _OF_DEFINITIONS),
            "with a Dockerfile, which takes no values of a task file",
            "Give build arguments with --arg, or name a task file (.yaml) with --file.",
        )
    elif kind is StepKind.FILE:
        _refuse(
            asked_for(options, _OF_BUILDS),
            "with a task file: its build steps say such things themselves",
            "Write it into the task file, which can take values from --set; or name a Dockerfile with --file.",
        )
    else:
        _refuse(
            asked_for(options, _OF_BUILDS),
            "without a source (--context /dev/null): what runs is a command or a task file, and no Dockerfile is built",
            "To build a Dockerfile, give its source with --context, and its path there with --file.",
        )


def require_usable_file(file: str | None, kind: StepKind) -> None:
    """Raise UsageError for a --file that is not what a step of that kind starts from."""
    if kind is not StepKind.ENCODED and file == STANDARD_INPUT:
        raise UsageError(
            "--file - cannot be used with a source: a task is read from standard input without one.",
            "Give --context /dev/null with it, or name a file of the source.",
        )
    if kind is StepKind.ENCODED and file and is_dockerfile(file):
        raise UsageError(
            f"--file {printable(file)} cannot be used without a source (--context /dev/null): it is taken for a task"
            " file there, and no Dockerfile is built.",
            "To build a Dockerfile, give its source with --context, and its path there with --file.",
        )


def require_usable_in_run(options: object, step: TaskStepProperties | None, registry: str, task: str) -> None:
    """Raise UsageError for options of `task run` that a run of the task's step has no use for."""
    kind = kind_of(step) if step else None
    file = getattr(options, "file", None)
    if file and (kind is StepKind.ENCODED or file == STANDARD_INPUT):
        which = ("-r", registry, "-n", task, "-f", file)
        raise UsageError(
            f"--file {printable(file)} cannot be used with the run of a task whose definition is in the task itself: "
            "that is what would run."
            if kind is StepKind.ENCODED
            else "--file - cannot be used with the run of a task, which reads nothing from standard input.",
            f"To change the task: {az_command('acr task update', *which, '-c', NULL_CONTEXT)}",
            f"To run the file once: {az_command('acr run', '-r', registry, '-f', file, NULL_CONTEXT)}",
        )
    if kind in (StepKind.FILE, StepKind.ENCODED):
        _refuse(
            asked_for(options, ("arg", "secret_arg", "target")),
            "with the run of a task that builds no Dockerfile",
            "Give values for the task's definition with --set.",
        )


def _refuse(options: Sequence[str], why: str, recommendation: str) -> None:
    if options:
        raise UsageError(f"{listed(options)} cannot be used {why}.", recommendation)
