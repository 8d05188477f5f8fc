"""Multi-step tasks in the check executor."""

from __future__ import annotations

import base64
import io
import tarfile
from datetime import datetime, timezone
from typing import Any

import pytest
from acr_emulator.executor import CheckExecutor, Job, LogLine, Outcome
from acr_emulator.executor.errors import TaskFileError
from acr_emulator.executor.taskfile import parse_task

STARTED = datetime(2025, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
FAILED = "failed during run, err: exit status 1"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def execute(
    request: dict[str, Any], files: dict[str, str] | None = None, *, is_logged_in: bool = True
) -> tuple[list[str], Outcome]:
    source = None
    if files is not None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for name, text in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text.encode()))
        source = buffer.getvalue()
    job = Job("ca1", request, "myregistry.azurecr.io", STARTED, source, "nightly", is_logged_in=is_logged_in)
    *lines, outcome = CheckExecutor().execute(job)
    assert isinstance(outcome, Outcome)
    return [line.text for line in lines if isinstance(line, LogLine)], outcome


def task(text: str, files: dict[str, str] | None = None, **request: Any) -> tuple[list[str], Outcome]:
    return execute({"type": "EncodedTaskRunRequest", "encodedTaskContent": encoded(text), **request}, files)


def executed(lines: list[str]) -> list[str]:
    return [line.split("Executing step ID: ")[1].split(".")[0] for line in lines if "Executing step ID" in line]


def test_a_command_prints_and_ends_like_one_in_azure() -> None:
    lines, outcome = task("version: v1.1.0\nsteps:\n  - cmd: bash echo hello\n    timeout: 77\n")
    for expected in (
        "Alias support enabled for version >= 1.1.0",
        "Creating Docker network: acb_default_network, driver: 'bridge'",
        "Executing step ID: acb_step_0. Timeout(sec): 77, Working directory: '', Network: 'acb_default_network'",
        "Launching container with name: acb_step_0",
        "Successfully executed container: acb_step_0",
        "Step ID: acb_step_0 marked as successful (elapsed time in seconds: 1.000000)",
    ):
        assert any(expected in line for line in lines), expected
    assert "hello" in lines
    assert outcome == Outcome("Succeeded")


@pytest.mark.parametrize(
    ("command", "code"),
    [("bash exit 3", 3), ("bash -c 'exit 4'", 4), ("alpine sh -c false", 1), ("mcr.microsoft.com/x/y:1 false", 1)],
)
def test_a_command_that_fails_fails_the_run(command: str, code: int) -> None:
    lines, outcome = task(f"steps:\n  - cmd: {command}\n  - cmd: bash echo never\n")
    assert f"failed to run step ID: acb_step_0: exit status {code}" in lines
    assert outcome == Outcome("Failed", FAILED)
    assert executed(lines) == ["acb_step_0"]


def test_ignored_errors_do_not_stop_the_run() -> None:
    lines, outcome = task("steps:\n  - cmd: bash exit 3\n    ignoreErrors: true\n  - cmd: bash echo on\n")
    assert "on" in lines
    assert any("encountered an error: exit status 3, but is set to ignore errors" in line for line in lines)
    assert outcome.status == "Succeeded"


def test_environment_and_start_delay() -> None:
    text = "env: [A=task, B=task]\nsteps:\n  - cmd: bash echo $A $B\n    env: [B=step]\n    startDelay: 30\n"
    request = {"type": "EncodedTask", "encodedTaskContent": encoded(text)}
    events = list(CheckExecutor().execute(Job("ca1", request, "r.azurecr.io", STARTED)))
    assert any(isinstance(event, LogLine) and event.text == "task step" for event in events)
    assert any(event.seconds_before == 30 for event in events)


def test_build_and_push() -> None:
    text = """
version: v1.1.0
steps:
  - id: build
    build: -t $Registry/app:$ID -f docker/Dockerfile --build-arg V=1 .
  - push: ["$Registry/app:$ID"]
"""
    lines, outcome = task(text, {"docker/Dockerfile": "FROM alpine\nARG V\nCOPY x /\nRUN echo v$V", "x": "1"})
    assert "v1" in lines
    (image,) = outcome.output_images
    assert (image.registry, image.repository, image.tag) == ("myregistry.azurecr.io", "app", "ca1")
    assert [dependency.type for dependency in outcome.base_image_dependencies] == ["Runtime"]


def test_images_that_are_built_but_not_pushed_are_not_outputs() -> None:
    _lines, outcome = task("steps:\n  - build: -t app .\n", {"Dockerfile": "FROM a"})
    assert outcome.output_images == ()


def test_pushing_what_nobody_built_fails_after_three_attempts() -> None:
    lines, outcome = task("steps:\n  - push: [other:1]\n")
    assert sum("Pushing image: myregistry.azurecr.io/other:1, attempt" in line for line in lines) == 3
    assert "failed to run step ID: acb_step_0: failed to push images successfully" in lines
    assert outcome.status == "Failed"


def test_a_push_to_a_registry_that_nothing_logs_the_run_in_to_is_refused() -> None:
    text = "steps:\n  - build: -t app:1 .\n  - push: [app:1]\n"
    request = {
        "type": "FileTaskRunRequest",
        "taskFilePath": "acb.yaml",
        "credentials": {"customRegistries": {"other.azurecr.io": {}}},
    }
    lines, outcome = execute(request, {"acb.yaml": text, "Dockerfile": "FROM a"}, is_logged_in=False)
    refusal = "unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information."
    assert (lines.count(refusal), outcome.status, outcome.output_images) == (3, "Failed", ())
    credentials = {"customRegistries": {"myregistry.azurecr.io": {"identity": "[system]"}}}
    _, outcome = execute(
        {**request, "credentials": credentials}, {"acb.yaml": text, "Dockerfile": "FROM a"}, is_logged_in=False
    )
    assert outcome.status == "Succeeded"
    assert [line.split("registry: ")[1] for line in lines if "Logging in" in line] == ["other.azurecr.io"]


@pytest.mark.parametrize(
    ("step", "succeeds"),
    [
        ("build: -t a .", False),
        ("build: -t a .\n    env: [DOCKER_BUILDKIT=1]", True),
        ("build: -t a .\n    cache: enabled", True),
    ],
)
def test_buildkit_has_to_be_asked_for(step: str, succeeds: bool) -> None:
    dockerfile = (
        "FROM a AS unused\nCOPY missing /\nFROM a\nCOPY --chmod=700 x /\nCOPY <<E /f\ntext\nE\n"
        "RUN --mount=type=ssh make"
    )
    _lines, outcome = task(f"steps:\n  - {step}\n", {"Dockerfile": dockerfile, "x": ""})
    assert (outcome.status == "Succeeded") is succeeds


@pytest.mark.parametrize(
    ("build", "files", "succeeds"),
    [
        ("-t a sub", {"sub/Dockerfile": "FROM a\nCOPY x /", "sub/x": ""}, True),
        ("-t a sub", {"sub/Dockerfile": "FROM a\nCOPY y /", "y": ""}, False),
        ("-t a missing", {"Dockerfile": "FROM a"}, False),
        ("-t a -f Dockerfile sub", {"Dockerfile": "FROM a\nCOPY x /", "sub/x": ""}, True),
        ("-t a -f nowhere .", {"Dockerfile": "FROM a"}, False),
        ("-t a https://github.com/org/app.git", {}, True),
        ("-t a", {"Dockerfile": "FROM a"}, False),
    ],
)
def test_build_contexts(build: str, files: dict[str, str], succeeds: bool) -> None:
    _lines, outcome = task(f"steps:\n  - build: {build}\n", files)
    assert (outcome.status == "Succeeded") is succeeds


def test_values_come_from_file_and_request() -> None:
    """The published example of a task run, with a value of the request's own."""
    lines, _outcome = task(
        "steps: \n  - cmd: {{ .Values.command }}\n  - cmd: bash echo {{.Values.who}} {{ .Run.TaskName }}\n",
        encodedValuesContent=encoded("command: bash echo {{.Run.Registry}}\nwho: file\n"),
        values=[{"name": "who", "value": "request"}],
    )
    assert "myregistry.azurecr.io" in lines
    assert "request nightly" in lines


def test_secret_values_appear_nowhere() -> None:
    values = [{"name": "t", "value": "tok-123", "isSecret": True}]
    lines, _outcome = task("steps:\n  - cmd: bash echo {{.Values.t}}\n", values=values)
    assert "***" in lines
    assert not any("tok-123" in line for line in lines)


def test_a_task_file_in_the_source() -> None:
    request = {"type": "FileTaskRunRequest", "taskFilePath": "acb.yaml", "valuesFilePath": "values.yaml"}
    lines, outcome = execute(
        request, {"acb.yaml": "steps:\n - cmd: bash echo {{.Values.a}}\n", "values.yaml": "a: b\n"}
    )
    assert "b" in lines
    assert outcome.status == "Succeeded"
    lines, outcome = execute({**request, "taskFilePath": "other.yaml"}, {"acb.yaml": ""})
    assert "failed to read other.yaml: open other.yaml: no such file or directory" in lines
    assert outcome == Outcome("Failed", FAILED)


def test_a_remote_task_file_is_taken_on_trust() -> None:
    request = {"type": "FileTaskRunRequest", "taskFilePath": "acb.yaml", "sourceLocation": "https://github.com/a/b.git"}
    lines, outcome = execute(request)
    assert any("a task file that succeeds is assumed there" in line for line in lines)
    assert outcome == Outcome("Succeeded")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps:\n  - cmd: a\n foo\n", "yaml: line "),
        ("steps:\n  - build:\n", "step is missing a cmd, build, or push property"),
        ("steps:\n  - {cmd: a, push: [b]}\n", "step must only contain a single build, cmd, or push property"),
        ("steps:\n  - {id: a b, cmd: x}\n", "step ID cannot contain spaces"),
        ("steps:\n  - {cmd: x, when: ['-', a]}\n", "step cannot contain other IDs in when"),
        ("steps:\n  - {id: a, cmd: x, when: [a]}\n", "Step ID: a is self-referenced"),
        ("steps:\n  - {cmd: x, when: [b]}\n", "b does not exist as a vertex"),
        ("steps:\n  - {id: a, cmd: x}\n  - {id: a, cmd: x}\n", "a already exists as a vertex"),
        ("steps:\n  - {id: a, cmd: x, when: [b]}\n  - {id: b, cmd: x, when: [a]}\n", "wait for each other in a circle"),
        ("version: v9\nsteps: []\n", 'invalid version specified: "v9"'),
        ("just text\n", "the task is not a mapping"),
        ("steps: text\n", "steps must be a list of mappings"),
        ("steps:\n  - {cmd: x, timeout: soon}\n", "cannot unmarshal 'soon'"),
        ("steps:\n  - {cmd: x, env: [novalue]}\n", "cannot parse step environment variable novalue correctly"),
        ("steps:\n  - cmd: '{{ range .Values }}x{{ end }}'\n", "is not supported by the emulator"),
    ],
)
def test_a_malformed_task_fails_the_run_with_the_reason(text: str, message: str) -> None:
    lines, outcome = task(text)
    assert message in lines[-3]
    assert outcome == Outcome("Failed", FAILED)


def test_content_that_is_not_base64_fails_the_run() -> None:
    lines, outcome = execute({"type": "EncodedTaskRunRequest", "encodedTaskContent": "%%%"})
    assert "failed to decode the task content" in lines[-3]
    assert outcome.status == "Failed"


@pytest.mark.parametrize(
    ("whens", "expected"),
    [
        ([None, None, None], "abc"),
        (["[b]", "['-']", "[a]"], "bac"),
        (["['-']", "[c]", "['-']"], "acb"),
        (["[c]", "[c]", "['-']"], "cab"),
    ],
)
def test_steps_wait_for_what_they_name(whens: list[str | None], expected: str) -> None:
    rows = [
        f"  - {{id: {name}, cmd: x{f', when: {when}' if when else ''}}}"
        for name, when in zip("abc", whens, strict=True)
    ]
    assert "".join(step.id for step in parse_task("steps:\n" + "\n".join(rows), {}).steps) == expected


def test_aliases_of_a_tasks_own() -> None:
    text = "version: v1.1.0\nalias:\n  values:\n    who: world\nsteps:\n  - cmd: bash echo hello $who\n"
    assert parse_task(text, {}).steps[0].argument == "bash echo hello world"


def test_parse_errors_are_of_one_type() -> None:
    with pytest.raises(TaskFileError):
        parse_task("steps: [", {})
