"""The definition of a multi-step task that is sent with a request: from a command, a file or stdin."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO
from pathlib import Path

import pytest

from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.runs.definition import encoded_definition, is_task_file


def test_definition_of_a_command() -> None:
    text = b64decode(encoded_definition("bash echo", None, 60, None)).decode()
    assert text == (
        "version: v1.1.0\nsteps: \n  - cmd: bash echo\n    disableWorkingDirectoryOverride: true\n    timeout: 60\n"
    )


def test_definition_of_a_file_has_one_kind_of_line_end(tmp_path: Path) -> None:
    (tmp_path / "task.yaml").write_bytes("steps:\r\n  - cmd: grüß\r\n".encode())
    encoded = encoded_definition(None, str(tmp_path / "task.yaml"), 60, None)
    assert b64decode(encoded).decode() == "steps:\n  - cmd: grüß\n"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The task file 'task.yaml' is empty."),
        (b"\xff\xfe", "The task file 'task.yaml' is not text in UTF-8."),
        (None, "There is no task file 'task.yaml'. Name one with --file, or give a command with --cmd."),
    ],
)
def test_definition_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("task.yaml").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        encoded_definition(None, "task.yaml", None, None)
    assert str(caught.value) == problem


@pytest.mark.parametrize("stdin", [BytesIO(b""), None], ids=["empty", "closed"])
def test_definition_from_an_empty_standard_input(stdin: BytesIO | None) -> None:
    with pytest.raises(UsageError, match=r"^The task file standard input is empty\.$"):
        encoded_definition(None, "-", None, stdin)


@pytest.mark.parametrize(
    ("file", "expected"), [("acb.yaml", True), ("a/b.yml", True), ("Dockerfile", False), ("x.Dockerfile", False)]
)
def test_task_files(file: str, expected: bool) -> None:
    assert is_task_file(file) is expected
