"""Multi-step tasks in the check executor."""

from __future__ import annotations

import base64
import io
import tarfile
from datetime import datetime, timezone
from typing import Any

import pytest
from acr_emulator.executor import CheckExecutor, Job, LogLine, Outcome
from acr_emulator.executor.errors import StoppedError

STARTED = datetime(2025, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
FAILED = "failed during run, err: exit status 1"
SERVER = "myregistry.azurecr.io"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def execute(
    request: dict[str, Any], files: dict[str, str] | None = None, *, is_logged_in: bool = True
) -> tuple[list[LogLine], Outcome]:
    source = None
    if files is not None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for name, text in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text.encode()))
        source = buffer.getvalue()
    job = Job("ca1", request, SERVER, STARTED, source, "nightly", is_logged_in=is_logged_in)
    *lines, outcome = CheckExecutor().execute(job)
    assert isinstance(outcome, Outcome)
    return [line for line in lines if isinstance(line, LogLine)], outcome


def texts(lines: list[LogLine]) -> list[str]:
    """The lines without date and time."""
    return [line.text.removeprefix(line.text[:20]) if line.text[:4] == "2025" else line.text for line in lines]


def task(text: str, files: dict[str, str] | None = None, **request: Any) -> tuple[list[str], Outcome]:
    lines, outcome = execute({"type": "EncodedTaskRunRequest", "encodedTaskContent": encoded(text), **request}, files)
    return texts(lines), outcome


def executed(lines: list[str]) -> list[str]:
    return [line.split("Executing step ID: ")[1].split(".")[0] for line in lines if "Executing step ID" in line]


def refusal(text: str, **request: Any) -> str:
    """What a run says that ends before its first step."""
    lines, outcome = task(text, **request)
    assert outcome == Outcome("Failed", FAILED)
    assert lines[-1].endswith(f"Error: {FAILED}")
    return "\n".join(lines[:-2])


def test_a_command_reads_like_one_in_azure() -> None:
    lines, outcome = task("version: v1.1.0\nsteps:\n  - cmd: bash echo hello\n    timeout: 77\n")
    assert lines == [
        (
            "Alias support enabled for version >= 1.1.0, please see https://aka.ms/acr/tasks/task-aliases for more "
            "information."
        ),
        "Creating Docker network: acb_default_network, driver: 'bridge'",
        "Successfully set up Docker network: acb_default_network",
        "Setting up Docker configuration...",
        "Successfully set up Docker configuration",
        "Logging in to registry: myregistry.azurecr.io",
        "Successfully logged into myregistry.azurecr.io",
        "Executing step ID: acb_step_0. Timeout(sec): 77, Working directory: '', Network: 'acb_default_network'",
        "Launching container with name: acb_step_0",
        "hello",
        "Successfully executed container: acb_step_0",
        "Step ID: acb_step_0 marked as successful (elapsed time in seconds: 1.000000)",
        "",
        "Run ID: ca1 was successful after 2s",
    ]
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
    assert (
        "Step ID: acb_step_0 encountered an error: exit status 3, but is set to ignore errors. Continuing..." in lines
    )
    assert outcome.status == "Succeeded"


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("bash echo $A $B", ""),
        ("bash -c 'echo $A $B'", "task step"),
        ('bash echo "a&b"', "a&b"),
        ("bash echo one && echo two", "one\ntwo"),
        ("--env A=own bash -c 'echo $A'", "own"),
        ("bash -c 'echo a; exit 0; echo b'", "a"),
        ("bash sleep 5", ""),
    ],
)
def test_what_commands_print(command: str, printed: str) -> None:
    """The line is first read by the agent's own shell, which knows nothing of the step's environment."""
    lines, _ = task(f"env: [A=task, B=task]\nsteps:\n  - cmd: {command}\n    env: [B=step]\n")
    start = lines.index("Launching container with name: acb_step_0") + 1
    end = lines.index("Successfully executed container: acb_step_0")
    assert "\n".join(lines[start:end]) == printed


def test_time_passes_in_a_step_as_it_says() -> None:
    text = "steps:\n  - cmd: bash sleep 20\n    startDelay: 30\n"
    lines, _ = execute({"type": "EncodedTask", "encodedTaskContent": encoded(text)})
    assert sum(line.seconds_before for line in lines) > 50
    assert "Step ID: acb_step_0 marked as successful (elapsed time in seconds: 20.000000)" in texts(lines)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (
            "cmd: bash false\n    retries: 1\n    retryDelay: 7",
            [
                "Launching container with name: s",
                "Container failed during run: s, waiting 7 seconds before retrying...",
                "Launching container with name: s",
                "Container failed during run: s. No retries remaining.",
                "failed to run step ID: s: exit status 1",
            ],
        ),
        (
            "cmd: bash -c 'echo flaky; false'\n    retries: 1\n    retryOnErrors: [other]",
            [
                "Launching container with name: s",
                "flaky",
                "Container failed during run: s. No retries remaining.",
                "failed to run step ID: s: exit status 1",
            ],
        ),
        (
            "cmd: bash false\n    repeat: 1",
            [
                *["Launching container with name: s", "Container failed during run: s. No retries remaining."] * 2,
                "failed to run step ID: s: exit status 1, exit status 1",
            ],
        ),
        (
            "cmd: bash sleep 90\n    timeout: 60",
            [
                "Launching container with name: s",
                "Container failed during run: s. No retries remaining.",
                "failed to run step ID: s: timed out",
            ],
        ),
        (
            "cmd: bash true\n    keep: true\n    repeat: 1",
            [
                "Launching container with name: s",
                "Successfully executed container: s",
                "Launching container with name: s",
                (
                    'docker: Error response from daemon: Conflict. The container name "/s" is already in use by '
                    'container "043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89". You have to remove '
                    "(or rename) that container to be able to reuse that name."
                ),
                "See 'docker run --help'.",
                "Container failed during run: s. No retries remaining.",
                "failed to run step ID: s: exit status 125",
            ],
        ),
        (
            "cmd: bash true\n    network: kept",
            [
                "Launching container with name: s",
                "docker: Error response from daemon: network kept not found.",
                "See 'docker run --help'.",
                "Container failed during run: s. No retries remaining.",
                "failed to run step ID: s: exit status 125",
            ],
        ),
    ],
)
def test_how_a_step_fails(step: str, expected: list[str]) -> None:
    lines, outcome = task(f"steps:\n  - id: s\n    {step}\n")
    start = lines.index("Launching container with name: s")
    assert lines[start:-2] == expected
    assert outcome.status == "Failed"


def test_steps_that_wait_for_the_same_run_at_the_same_time() -> None:
    text = (
        "steps:\n  - {id: slow, cmd: bash sleep 10, when: ['-']}\n  - {id: quick, cmd: bash sleep 3, when: ['-']}\n"
        "  - {id: last, cmd: bash echo done, when: [slow, quick]}\n"
    )
    request = {"type": "EncodedTask", "encodedTaskContent": encoded(text)}
    lines, outcome = execute(request)
    ends = [line.split("container: ")[1] for line in texts(lines) if "Successfully executed" in line]
    assert (executed(texts(lines)), ends) == (["slow", "quick", "last"], ["quick", "slow", "last"])
    assert sum(line.seconds_before for line in lines) == pytest.approx(13.5, abs=1)
    assert outcome.status == "Succeeded"


def test_a_step_that_waits_for_one_step_twice_never_starts() -> None:
    text = "steps:\n  - {id: a, cmd: bash echo a}\n  - {id: b, cmd: bash echo b, when: [a, a]}\n"
    lines, _ = execute({"type": "EncodedTask", "encodedTaskContent": encoded(text)})
    assert max(line.seconds_before for line in lines) > 24 * 3600, "no run may take that long"
    assert executed(texts(lines)) == ["a"]


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
    assert (image.registry, image.repository, image.tag) == (SERVER, "app", "ca1")
    start = lines.index("The following dependencies were found:")
    (base,) = outcome.base_image_dependencies
    assert lines[start + 1 : -2] == [
        "",
        "- image:",
        f"    registry: {SERVER}",
        "    repository: app",
        "    tag: ca1",
        f"    digest: {image.digest}",
        "  runtime-dependency:",
        "    registry: registry.hub.docker.com",
        "    repository: library/alpine",
        "    tag: latest",
        f"    digest: {base.image.digest}",
        "  git: {}",
    ]


def test_images_that_are_built_but_not_pushed_are_not_outputs() -> None:
    _lines, outcome = task("steps:\n  - build: -t app .\n", {"Dockerfile": "FROM a"})
    assert outcome == Outcome("Succeeded", None, (), outcome.base_image_dependencies)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (f"{SERVER}/other:1", f"An image does not exist locally with the tag: {SERVER}/other"),
        ("app:1", "denied: requested access to the resource is denied"),
        (
            "else.azurecr.io/app:1",
            "unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information.",
        ),
        ("'no name'", "invalid reference format"),
    ],
)
def test_a_push_that_fails_is_tried_three_times(name: str, told: str) -> None:
    """A step's names go to docker as they are: without a registry they are Docker Hub's."""
    build = f"-t {SERVER}/app -t app:1 -t else.azurecr.io/app:1 ."
    lines, outcome = task(f"steps:\n  - build: {build}\n  - push: [{name}]\n", {"Dockerfile": "FROM a"})
    assert sum("Pushing image: " in line for line in lines) == 3
    assert lines.count(told) == 3
    assert "failed to run step ID: acb_step_1: failed to push images successfully" in lines
    assert outcome == Outcome("Failed", FAILED)


def test_a_push_to_a_registry_that_nothing_logs_the_run_in_to_is_refused() -> None:
    text = f"steps:\n  - build: -t {SERVER}/app:1 .\n  - push: ['{SERVER}/app:1']\n"
    request = {
        "type": "FileTaskRunRequest",
        "taskFilePath": "acb.yaml",
        "credentials": {"customRegistries": {"other.azurecr.io": {}}},
    }
    lines, outcome = execute(request, {"acb.yaml": text, "Dockerfile": "FROM a"}, is_logged_in=False)
    refusal = "unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information."
    assert (texts(lines).count(refusal), outcome.status, outcome.output_images) == (3, "Failed", ())
    credentials = {"customRegistries": {SERVER: {"identity": "[system]"}}}
    _, outcome = execute(
        {**request, "credentials": credentials}, {"acb.yaml": text, "Dockerfile": "FROM a"}, is_logged_in=False
    )
    assert outcome.status == "Succeeded"
    assert [line.split("registry: ")[1] for line in texts(lines) if "Logging in" in line] == ["other.azurecr.io"]


@pytest.mark.parametrize(
    ("step", "succeeds"),
    [
        ("build: -t a .", False),
        ("build: -t a .\n    env: [DOCKER_BUILDKIT=1]", True),
        ("build: -t a .\n    env: [DOCKER_BUILDKIT=1, DOCKER_BUILDKIT=0]", False),
        ("build: -t a .\n    env: ['DOCKER_BUILDKIT=\"1\"']", False),
        ("build: -t a .\n    cache: enabled", True),
    ],
)
def test_buildkit_has_to_be_asked_for(step: str, succeeds: bool) -> None:
    dockerfile = (
        "FROM a AS unused\nCOPY missing /\nFROM a\nCOPY --chmod=700 x /\nCOPY none* /\nCOPY <<E /f\ntext\nE\n"
        "RUN --mount=type=ssh make"
    )
    _lines, outcome = task(f"steps:\n  - {step}\n", {"Dockerfile": dockerfile, "x": ""})
    assert (outcome.status == "Succeeded") is succeeds


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("RUN <<E\necho a\necho b\nE\n", ["a", "b"]),
        ("RUN <<-E\n\techo a\n\tE\n", ["a"]),
        ("RUN <<E cat\nit's $((1 + 1))\nE\n", ["it's 2"]),
        ("RUN cat <<'E' && cat <<F\n$a\nE\nb\nF\n", ["$a", "b"]),
        ('RUN python3 <<E\nprint("it\'s")\nE\n', []),
        ('RUN <<E\n#!/usr/bin/env python3\nprint("it\'s")\nE\n', []),
        ("RUN <<E\n#!/bin/bash -e\necho a\nE\n", ["a"]),
    ],
)
def test_here_documents_are_scripts_or_what_a_command_reads(line: str, printed: list[str]) -> None:
    step = "steps:\n  - build: -t a .\n    env: [DOCKER_BUILDKIT=1]\n"
    lines, outcome = task(step, {"Dockerfile": f"FROM a\n{line}"})
    assert outcome.status == "Succeeded", lines
    start = next(index for index, text in enumerate(lines) if "Running in" in text)
    end = next(index for index, text in enumerate(lines) if "Removing intermediate" in text)
    assert lines[start + 1 : end] == printed


@pytest.mark.parametrize(
    ("build", "files", "succeeds"),
    [
        ("-t a sub", {"sub/Dockerfile": "FROM a\nCOPY x /", "sub/x": ""}, True),
        ("-t a sub", {"sub/Dockerfile": "FROM a\nCOPY y /", "y": ""}, False),
        ("-t a missing", {"Dockerfile": "FROM a"}, False),
        ("-t a -f Dockerfile sub", {"Dockerfile": "FROM a\nCOPY x /", "sub/x": ""}, True),
        ("-t a -f nowhere .", {"Dockerfile": "FROM a"}, False),
        ("-t a https://github.com/org/app.git", {}, True),
        ("-t a https://github.com/org/app.git#main:src", {}, True),
        ("-t a", {"Dockerfile": "FROM a"}, False),
    ],
)
def test_build_contexts(build: str, files: dict[str, str], succeeds: bool) -> None:
    _lines, outcome = task(f"steps:\n  - build: {build}\n", files)
    assert (outcome.status == "Succeeded") is succeeds


def test_secret_volumes_are_filled_before_the_steps() -> None:
    volume = "volumes:\n  - name: keys\n    secret: {token: aHVudGVyMg==}\n"
    step = "steps:\n  - cmd: bash cat /run/keys/token\n    volumeMounts: [{name: keys, mountPath: /run/keys}]\n"
    lines, outcome = task(volume + step)
    assert lines.index("Volume source keys successfully created") < lines.index(
        "Executing step ID: acb_step_0. Timeout(sec): 600, Working directory: '', Network: 'acb_default_network'"
    )
    assert "hunter2" in lines
    assert outcome.status == "Succeeded"
    wrong = "volumes:\n  - name: keys\n    secret: {token: plain text}\n" + step
    assert task(wrong)[0][-3] == ("failed to decode Base64 value. please make sure value provided is Base64 encoded")


def test_values_come_from_file_and_request() -> None:
    lines, _outcome = task(
        "steps: \n  - cmd: {{ .Values.command }}\n  - cmd: bash echo {{.Values.who}} {{ .Run.TaskName }}\n",
        encodedValuesContent=encoded("command: bash echo from the file\nwho: file\n"),
        values=[{"name": "who", "value": "request"}],
    )
    assert "from the file" in lines
    assert "request nightly" in lines


def test_secret_values_appear_nowhere() -> None:
    values = [{"name": "t", "value": "tok-123", "isSecret": True}]
    lines, _outcome = task("steps:\n  - cmd: bash echo {{.Values.t}}\n", values=values)
    assert "***" in lines
    assert not any("tok-123" in line for line in lines)


def test_secrets_of_key_vaults_are_made_up_and_said_to_be() -> None:
    text = (
        "secrets:\n  - {id: token, keyvault: 'https://mine.vault.azure.net/secrets/token'}\n"
        "steps:\n  - cmd: bash echo {{.Secrets.token}}\n"
    )
    lines, outcome = task(text)
    assert "The emulator has no key vaults: the value of the secret token is made up" in lines
    assert "***" in lines
    assert outcome.status == "Succeeded"


def test_a_task_file_in_the_source() -> None:
    request = {"type": "FileTaskRunRequest", "taskFilePath": "acb.yaml", "valuesFilePath": "values.yaml"}
    files = {"acb.yaml": "steps:\n - cmd: bash echo {{.Values.a}}\n", "values.yaml": "a: b\n"}
    lines, outcome = execute(request, files)
    assert "b" in texts(lines)
    assert outcome.status == "Succeeded"
    lines, outcome = execute({**request, "taskFilePath": "other.yaml"}, files)
    assert texts(lines)[-3] == "stat /workspace/other.yaml: no such file or directory"
    assert outcome == Outcome("Failed", FAILED)


def test_aliases_may_come_from_a_file_of_the_source() -> None:
    text = "version: v1.1.0\nalias:\n  src: [names.yaml]\nsteps:\n  - cmd: bash echo $who\n"
    request = {"type": "FileTaskRunRequest", "taskFilePath": "acb.yaml"}
    lines, _ = execute(request, {"acb.yaml": text, "names.yaml": "who: world\n"})
    assert "world" in texts(lines)


def test_a_remote_task_file_is_taken_on_trust() -> None:
    request = {"type": "FileTaskRunRequest", "taskFilePath": "acb.yaml", "sourceLocation": "https://github.com/a/b.git"}
    lines, outcome = execute(request)
    assert (
        "The emulator does not fetch https://github.com/a/b.git: a task file that succeeds is assumed to be there"
        in texts(lines)
    )
    assert outcome == Outcome("Succeeded")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "steps:\n  - cmd: [a\n",
            (
                "failed to unmarshal task before running: failed to deserialize task and validate: yaml: line 2: did "
                "not find expected ',' or ']'"
            ),
        ),
        (
            "steps:\n  - {cmd: a, push: [b]}\n",
            "failed to unmarshal task before running: step must only contain a single build, cmd, or push property",
        ),
        (
            "steps:\n  - {cmd: x, when: [b]}\n",
            "failed to unmarshal task before running: b does not exist as a vertex [from: b, to: acb_step_0]",
        ),
        (
            "steps:\n  - cmd: {{nope}}\n",
            (
                "unable to render task: error while rendering templates: failed to parse template: acb.yaml. Err: "
                'template: acb.yaml:2: function "nope" not defined'
            ),
        ),
    ],
)
def test_a_malformed_task_fails_the_run_with_the_agents_reason(text: str, message: str) -> None:
    assert refusal(text) == message


def test_content_that_is_not_base64_fails_the_run() -> None:
    lines, outcome = execute({"type": "EncodedTaskRunRequest", "encodedTaskContent": "%%%"})
    assert texts(lines)[-3].startswith("failed to decode the task content: ")
    assert outcome.status == "Failed"


def test_an_executor_that_is_told_to_stop_stops() -> None:
    request = {"type": "DockerBuildRequest", "imageNames": ["a"], "dockerFilePath": "Dockerfile"}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz"):
        pass
    job = Job("ca1", request, SERVER, STARTED, buffer.getvalue())
    job.stop.set()
    events = CheckExecutor().execute(job)
    assert next(events) == LogLine("2025/03/04 05:06:07 Downloading source code...")
    with pytest.raises(StoppedError):
        next(events)


def test_a_task_that_crashes_the_agent_ends_with_its_other_exit_code() -> None:
    _, outcome = task("steps:\n  -\n")
    assert outcome == Outcome("Failed", "failed during run, err: exit status 2")


def test_aliases_are_told_of_before_a_task_is_read() -> None:
    lines, _ = task("version: v1.1.0\nsteps:\n  - cmd: {{nope}}\n")
    assert lines[0].startswith("Alias support enabled for version >= 1.1.0")
