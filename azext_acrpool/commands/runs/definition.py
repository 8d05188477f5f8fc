"""The definition of a multi-step task, as YAML that is sent with the request: from a command, a file or stdin."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from ...files import read_file, read_stream
from ...references import filled_in
from ...wording import printable
from ..console.errors import UsageError
from ..console.values import require_text
from .step_images import require_image_names

__all__ = [
    "DEFAULT_TASK_FILE",
    "NULL_CONTEXT",
    "STANDARD_INPUT",
    "decoded",
    "definition_text",
    "encoded",
    "encoded_definition",
    "is_dockerfile",
    "is_null_context",
    "is_task_file",
    "read_text",
]

DEFAULT_TASK_FILE: Final = "acb.yaml"
NULL_CONTEXT: Final = "/dev/null"
STANDARD_INPUT: Final = "-"
_WINDOWS_NULL: Final = "nul"
_STEP_MEMBERS: Final = ["cmd", "disableWorkingDirectoryOverride"]
# What az's own takes for a task file rather than a Dockerfile.
_TASK_FILE_ENDINGS: Final = (
    *(".yaml", ".yml", ".toml", ".json", ".sh", ".bash", ".zsh", ".ps1", ".ps", ".cmd", ".bat"),
    *(".ts", ".js", ".php", ".py", ".rb", ".lua"),
)


def is_null_context(context: str | None) -> bool:
    """Whether the user typed the context that stands for none, on Windows `nul`: what Git Bash makes of it there."""
    if context is None:
        return False
    typed = context.lower()
    return typed == NULL_CONTEXT or (typed == _WINDOWS_NULL and not Path(context).is_dir())


def is_task_file(file: str) -> bool:
    """Whether a file is taken for a task's definition; it is a Dockerfile otherwise."""
    return file.endswith(_TASK_FILE_ENDINGS)


def is_dockerfile(file: str) -> bool:
    """Whether a file is a Dockerfile by its name: `Dockerfile`, `Dockerfile.NAME` or `NAME.Dockerfile`.

    >>> [is_dockerfile(name) for name in ("Dockerfile", "docker/dockerfile.dev", "app.Dockerfile", "dockerfile.yaml")]
    [True, True, True, False]
    """
    name = file.replace("\\", "/").rpartition("/")[2].lower()
    return not is_task_file(name) and (
        name == "dockerfile" or name.startswith("dockerfile.") or name.endswith(".dockerfile")
    )


def encoded_definition(command: str | None, file: str | None, timeout: int | None, stdin: BinaryIO | None) -> str:
    """The definition in base64: as `definition_text`. Raises UsageError."""
    return encoded(definition_text(command, file, timeout, stdin))


def definition_text(command: str | None, file: str | None, timeout: int | None, stdin: BinaryIO | None) -> str:
    """The definition: a single step for `command`, or the text of `file` (`-` is `stdin`).

    `timeout` in seconds is the step's; a file says its own. Raises UsageError.
    """
    if command:
        return _single_step(command, timeout)
    text = read_text(
        "task file", file or DEFAULT_TASK_FILE, stdin, "Name one with --file, or give a command with --cmd."
    )
    require_image_names(text)
    return text


def encoded(text: str) -> str:
    """A text as requests hold it."""
    return b64encode(text.encode()).decode()


def decoded(content: object) -> str:
    """The text that a task holds; none of what is no text."""
    try:
        return b64decode(str(content or "")).decode()
    except ValueError:
        return ""


def _single_step(command: str, timeout: int | None) -> str:
    require_text("--cmd", command)
    text = _as_az_writes_it(command, timeout)
    # The service fills templates in before it reads the YAML.
    if not _is_single_step(filled_in(text)):
        raise UsageError(
            "--cmd cannot be sent: it becomes a part of a task's YAML as it is, and would not be one command there.",
            "Write it so that YAML reads it as one text (one line; ': ', ' #' and quotes as YAML has them), or give a "
            "task file with --file.",
        )
    return text


def _as_az_writes_it(command: str, timeout: int | None) -> str:
    # To the byte what az's own sends, the blank after "steps:" included.
    lines = ["version: v1.1.0", "steps: ", f"  - cmd: {command}", "    disableWorkingDirectoryOverride: true"]
    if timeout:
        lines.append(f"    timeout: {timeout}")
    return "\n".join(lines) + "\n"


def _is_single_step(text: str) -> bool:
    """Whether YAML reads a definition as one step that has a command, and nothing that came in with the command."""
    import yaml

    try:
        definition = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return False
    steps = dict(_members(definition)).get("steps")
    if not isinstance(steps, yaml.SequenceNode) or len(steps.value) != 1:
        return False
    members = list(_members(steps.value[0]))
    has_command = bool(members) and isinstance(members[0][1], yaml.ScalarNode) and bool(members[0][1].value)
    return has_command and [name for name, _ in members] in (_STEP_MEMBERS, [*_STEP_MEMBERS, "timeout"])


def _members(node: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of a YAML mapping; none of anything else."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield str(name.value), value


def read_text(what: str, file: str, stdin: BinaryIO | None, advice: str) -> str:
    """The text of a file, or of `stdin` if it is called `-`. Raises UsageError, with `advice` for a missing file."""
    from_stdin = file == STANDARD_INPUT
    shown = "standard input" if from_stdin else f"'{printable(file)}'"
    try:
        content = (read_stream(stdin) if stdin else b"") if from_stdin else read_file(file)
        text = content.decode("utf-8")
    except FileNotFoundError:
        raise UsageError(f"There is no {what} {shown}. {advice}") from None
    except OSError as error:
        raise UsageError(f"The {what} {shown} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"The {what} {shown} is not text in UTF-8.") from None
    if not text:
        raise UsageError(f"The {what} {shown} is empty.")
    return text.replace("\r\n", "\n")
