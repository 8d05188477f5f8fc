"""The definition of a multi-step task that is sent with a request: from a command, a file or stdin."""

from __future__ import annotations

import re
from base64 import b64decode
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.runs.definition import encoded_definition, is_task_file


def test_definition_of_a_command() -> None:
    text = b64decode(encoded_definition("bash echo", None, 60, None)).decode()
    assert text == (
        "version: v1.1.0\nsteps: \n  - cmd: bash echo\n    disableWorkingDirectoryOverride: true\n    timeout: 60\n"
    )


@pytest.mark.parametrize(
    "command",
    [
        "bash echo 'hello world'",
        'bash -c "echo a:b"',
        "{{.Run.Registry}}/hello:{{.Run.ID}} --x",
        "$Registry/hello:v1",
        "-v vol:/x mcr.microsoft.com/azure-cli az account show # remarks are cut off",
        "bash\n      -c 'a long one'",
        "gr\u00fc\u00df \U0001f600",
        '{{if eq .Values.x "1"}}bash{{else}}sh{{end}}',
        '"a: b"',
    ],
)
def test_commands_that_yaml_reads_as_one_are_sent_as_az_sends_them(command: str) -> None:
    text = b64decode(encoded_definition(command, None, None, None)).decode()
    assert text == (f"version: v1.1.0\nsteps: \n  - cmd: {command}\n    disableWorkingDirectoryOverride: true\n")


NOT_ONE = "--cmd cannot be sent: it becomes a part of a task's YAML as it is, and would not be one command there."


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        *(
            (command, NOT_ONE)
            for command in (
                "bash\n    timeout: 1",
                "bash\n  - cmd: other",
                "bash\nnetworks: []",
                "bash\n---\nsteps: []",
                "bash\necho",
                'bash -c "echo: hello',
                "bash a: b",
                "'bash",
                "[bash]",
                "{bash: 1}",
                "@bash",
                "*bash",
                " ",
                "# bash",
                "bash \x1b[31m",
                "[" * 5000,
            )
        ),
        ("bash \udc80", "--cmd cannot be sent: it holds a byte that is no text in UTF-8, as its character 6."),
        ("bash \0", "--cmd cannot be sent: it holds a NUL character, as its character 6."),
    ],
)
def test_commands_that_yaml_does_not_read_as_one(command: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        encoded_definition(command, None, 60, None)
    assert str(caught.value) == problem


@given(st.text(st.sampled_from("ab \n:#-'\"[]{}&*!|>%@`,?$") | st.characters(), max_size=20))
def test_every_command_is_one_step_or_refused(command: str) -> None:
    with suppress(UsageError):
        text = b64decode(encoded_definition(f"x{command}", None, 60, None)).decode()
        assert [list(step) for step in yaml.safe_load(re.sub(r"\{\{[^{}]*\}\}", "x", text))["steps"]] == [
            ["cmd", "disableWorkingDirectoryOverride", "timeout"]
        ]


def test_definition_of_a_file_has_one_kind_of_line_end(tmp_path: Path) -> None:
    (tmp_path / "task.yaml").write_bytes("steps:\r\n  - cmd: grüß\r\n".encode())
    encoded = encoded_definition(None, str(tmp_path / "task.yaml"), 60, None)
    assert b64decode(encoded).decode() == "steps:\n  - cmd: grüß\n"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The task file 'task.yaml' is empty."),
        (b"\xff\xfe", "The task file 'task.yaml' is not text in UTF-8."),
        (
            b"x" * (4 * 2**20 + 1),
            "The task file 'task.yaml' cannot be read: It has more than 4.2 MB, the most that is read.",
        ),
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
