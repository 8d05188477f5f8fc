"""What a task does: the step of a new task, and the change of an existing one's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, BinaryIO

from ...web import redact
from ..console.errors import UsageError
from ..runs.definition import encoded, encoded_definition, is_null_context, is_task_file, read_text
from ..runs.remote import read_remote
from .step_kinds import StepKind, asked_for, kind_of, require_usable, require_usable_file, unknown_step

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import (
        Argument,
        SetValue,
        TaskStepProperties,
        TaskStepUpdateParameters,
    )

__all__ = ["StepOptions", "changed_step", "check_context", "effective_context", "effective_token", "new_step"]


@dataclass(frozen=True, kw_only=True)
class StepOptions:
    """The options that decide what a task does, under the names that az's own gives them; None: not given.

    `arg`, `secret_arg`, `set_value` and `set_secret` come as the request's objects, `timeout` in seconds.
    """

    context_path: str | None = None
    file: str | None = None
    cmd_value: str | None = None
    git_access_token: str | None = None
    image_names: list[str] | None = None
    timeout: int | None = None
    values: str | None = None
    no_push: bool | None = None
    no_cache: bool | None = None
    arg: list[Mapping[str, Any]] | None = None
    secret_arg: list[Mapping[str, Any]] | None = None
    set_value: list[Mapping[str, Any]] | None = None
    set_secret: list[Mapping[str, Any]] | None = None
    target: str | None = None

    @property
    def arguments(self) -> list[Argument] | None:
        """All build arguments."""
        from azure.mgmt.containerregistrytasks.models import Argument

        if self.arg is None and self.secret_arg is None:
            return None
        return [Argument(item) for item in (*(self.arg or ()), *(self.secret_arg or ()))]

    @property
    def set_values(self) -> list[SetValue] | None:
        """All values for the task's definition."""
        from azure.mgmt.containerregistrytasks.models import SetValue

        if self.set_value is None and self.set_secret is None:
            return None
        return [SetValue(item) for item in (*(self.set_value or ()), *(self.set_secret or ()))]


def check_context(context: str | None, tell: Callable[[str], None]) -> None:
    """Refuse a task's source that the agents cannot read as it is written, and tell what may not be meant.

    Raises UsageError. What does not look remote is left to the service.
    """
    remote = read_remote(context) if context and not is_null_context(context) else None
    if remote and remote.doubt:
        tell(f"'{redact(remote.location)}' {remote.doubt}.")


def new_step(options: StepOptions, stdin: BinaryIO | None) -> TaskStepProperties:
    """The step of a new task. Reads the task's definition if it is sent along. Raises UsageError."""
    from azure.mgmt.containerregistrytasks.models import DockerBuildStep, EncodedTaskStep, FileTaskStep

    if options.cmd_value and options.file:
        raise UsageError("--cmd and --file cannot both say what the task does; leave one out.")
    kind, file = _kind_of_new(options), options.file or ""
    require_usable(options, kind)
    require_usable_file(file, kind)
    if kind is StepKind.ENCODED:
        return EncodedTaskStep(
            encoded_task_content=encoded_definition(options.cmd_value, options.file, options.timeout, stdin),
            encoded_values_content=_encoded_values(options, stdin),
            context_access_token=options.git_access_token,
            values_property=options.set_values or [],
        )
    if kind is StepKind.FILE:
        return FileTaskStep(
            task_file_path=file,
            values_file_path=options.values,
            context_path=options.context_path,
            context_access_token=options.git_access_token,
            values_property=options.set_values or [],
        )
    return DockerBuildStep(
        image_names=options.image_names,
        is_push_enabled=not options.no_push,
        no_cache=options.no_cache,
        docker_file_path=file,
        arguments=options.arguments or [],
        context_path=options.context_path,
        context_access_token=options.git_access_token,
        target=options.target,
    )


def _encoded_values(options: StepOptions, stdin: BinaryIO | None) -> str | None:
    """The file with values beside a definition that is sent along, in base64. Raises UsageError."""
    if not options.values:
        return None
    return encoded(
        read_text("file with values", options.values, stdin, "Without a source, --values names a local file.")
    )


def _kind_of_new(options: StepOptions) -> StepKind:
    if is_null_context(options.context_path):
        return StepKind.ENCODED
    if not options.file:
        raise UsageError(
            "--file is missing: the Dockerfile or task file in the context. "
            "A command (--cmd) needs --context /dev/null."
        )
    return StepKind.FILE if is_task_file(options.file) else StepKind.DOCKER


def effective_context(options: StepOptions, step: TaskStepProperties) -> str | None:
    """Where a changed task finds its source: where it did unless the user says otherwise; None for nowhere."""
    if options.context_path is None:
        return step.context_path
    return None if is_null_context(options.context_path) else options.context_path


def effective_token(options: StepOptions, step: TaskStepProperties) -> str | None:
    """The token for a changed task's source: the one that it had unless the user gives another."""
    return step.context_access_token if options.git_access_token is None else options.git_access_token


def changed_step(
    step: TaskStepProperties, options: StepOptions, stdin: BinaryIO | None, task: str
) -> TaskStepUpdateParameters | None:
    """The change of the step of the task of that name; None for a step that is not known and shall stay as it is.

    Reads the task's definition if it is sent along. Raises CommandError.
    """
    if options.cmd_value and options.file:
        raise UsageError("--cmd and --file cannot both say what the task does; leave one out.")
    kind = _kind_of_changed(step, options)
    if kind is None:
        if asked_for(options, [field.name for field in fields(StepOptions) if field.name != "timeout"]):
            raise unknown_step(step, task)
        return None
    require_usable(options, kind)
    require_usable_file(options.file, kind)
    context, token = effective_context(options, step), effective_token(options, step)
    if kind is StepKind.ENCODED:
        return _changed_encoded_step(step, options, context, stdin)
    if kind is StepKind.FILE:
        return _changed_file_step(options, context, token)
    return _changed_docker_step(step, options, context, token)


def _kind_of_changed(step: TaskStepProperties, options: StepOptions) -> StepKind | None:
    """What the step is once it is changed; None for one that is not known. Raises UsageError."""
    before = kind_of(step)
    if is_null_context(options.context_path):
        if before is not StepKind.ENCODED and not (options.cmd_value or options.file):
            raise UsageError("--context /dev/null leaves the task nothing to run: give --cmd or --file with it.")
        return StepKind.ENCODED
    if before is StepKind.ENCODED and options.context_path is None and not (options.file and step.context_path):
        return StepKind.ENCODED
    if options.context_path == "":
        raise UsageError("--context is empty: give the task's source, or leave it out to keep the one that it has.")
    if options.cmd_value:
        raise UsageError("--cmd needs --context /dev/null: the task has a source, whose files it runs.")
    if options.file:
        return StepKind.FILE if is_task_file(options.file) else StepKind.DOCKER
    if before is StepKind.ENCODED:
        raise UsageError("--file is missing: the Dockerfile or task file in the new context.")
    return before


def _changed_encoded_step(
    step: TaskStepProperties, options: StepOptions, context: str | None, stdin: BinaryIO | None
) -> TaskStepUpdateParameters:
    from azure.mgmt.containerregistrytasks.models import EncodedTaskStepUpdateParameters

    if options.cmd_value is not None or options.file is not None:
        content = encoded_definition(options.cmd_value, options.file, options.timeout, stdin)
    elif options.timeout is not None and context is None:
        raise UsageError(
            "--timeout alone cannot be changed: it is part of the task's definition. "
            "Give --cmd or --file again with it."
        )
    else:
        content = step.get("encodedTaskContent")
    return EncodedTaskStepUpdateParameters(
        encoded_task_content=content,
        encoded_values_content=_encoded_values(options, stdin),
        context_path=context,
        context_access_token=effective_token(options, step),
        values_property=options.set_values,
    )


def _changed_file_step(options: StepOptions, context: str | None, token: str | None) -> TaskStepUpdateParameters:
    from azure.mgmt.containerregistrytasks.models import FileTaskStepUpdateParameters

    return FileTaskStepUpdateParameters(
        task_file_path=options.file,
        values_file_path=options.values,
        context_path=context,
        context_access_token=token,
        values_property=options.set_values,
    )


def _changed_docker_step(
    step: TaskStepProperties, options: StepOptions, context: str | None, token: str | None
) -> TaskStepUpdateParameters:
    from azure.mgmt.containerregistrytasks.models import DockerBuildStepUpdateParameters

    # az's own turns the push on whenever --no-push is not given; what is not named must stay as it is.
    unnamed = None if kind_of(step) is StepKind.DOCKER else True
    return DockerBuildStepUpdateParameters(
        image_names=options.image_names,
        is_push_enabled=unnamed if options.no_push is None else not options.no_push,
        no_cache=options.no_cache,
        docker_file_path=options.file,
        arguments=options.arguments,
        context_path=context,
        context_access_token=token,
        target=options.target,
    )
