"""The definition of a multi-step task, as YAML that is sent with the request: from a command, a file or stdin."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import BinaryIO, Final

from ..console.errors import UsageError

__all__ = [
    "DEFAULT_TASK_FILE",
    "NULL_CONTEXT",
    "STANDARD_INPUT",
    "encoded_definition",
    "is_null_context",
    "is_task_file",
]

DEFAULT_TASK_FILE: Final = "acb.yaml"
NULL_CONTEXT: Final = "/dev/null"
STANDARD_INPUT: Final = "-"
# What az's own takes for a task file rather than a Dockerfile.
_TASK_FILE_ENDINGS: Final = (
    *(".yaml", ".yml", ".toml", ".json", ".sh", ".bash", ".zsh", ".ps1", ".ps", ".cmd", ".bat"),
    *(".ts", ".js", ".php", ".py", ".rb", ".lua"),
)


def is_null_context(context: str | None) -> bool:
    """Whether the user typed the context that stands for none."""
    return context is not None and context.lower() == NULL_CONTEXT


def is_task_file(file: str) -> bool:
    """Whether a file is taken for a task's definition; it is a Dockerfile otherwise."""
    return file.endswith(_TASK_FILE_ENDINGS)


def encoded_definition(command: str | None, file: str | None, timeout: int | None, stdin: BinaryIO | None) -> str:
    """The definition in base64: a single step for `command`, or the text of `file` (`-` is `stdin`).

    `timeout` in seconds is the step's; a file says its own. Raises UsageError.
    """
    text = _single_step(command, timeout) if command else _read(file or DEFAULT_TASK_FILE, stdin)
    return b64encode(text.encode()).decode()


def _single_step(command: str, timeout: int | None) -> str:
    # To the byte what az's own sends, the blank after "steps:" included.
    lines = ["version: v1.1.0", "steps: ", f"  - cmd: {command}", "    disableWorkingDirectoryOverride: true"]
    if timeout:
        lines.append(f"    timeout: {timeout}")
    return "\n".join(lines) + "\n"


def _read(file: str, stdin: BinaryIO | None) -> str:
    from_stdin = file == STANDARD_INPUT
    shown = "standard input" if from_stdin else f"'{file}'"
    try:
        content = (stdin.read() if stdin else b"") if from_stdin else Path(file).read_bytes()
        text = content.decode("utf-8")
    except FileNotFoundError:
        raise UsageError(
            f"There is no task file {shown}. Name one with --file, or give a command with --cmd."
        ) from None
    except OSError as error:
        raise UsageError(f"The task file {shown} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"The task file {shown} is not text in UTF-8.") from None
    if not text:
        raise UsageError(f"The task file {shown} is empty.")
    return text.replace("\r\n", "\n")
