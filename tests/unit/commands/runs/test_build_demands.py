"""`az acr build` with BuildKit: what cannot be is told before anything is asked, what may not be meant before it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from docker_recorder import task_text
from run_azure import Azure

from azext_acrpool.commands.runs.buildkit.secrets import BuildSecret

QUEUED = "WARNING: Queued a build with ID: cf1"


def argument(name: str, value: str, *, secret: bool = False) -> dict[str, Any]:
    return {"type": "Argument", "name": name, "value": value, "isSecret": secret}


RENAME = "Give the argument another name in the Dockerfile."
RENAME_SECRET = "Give the argument another name in the Dockerfile, or give the value as a build secret (--secret)."
CLIENT = "is a setting of docker's client itself, through whose environment it would go"
NO_VARIABLE = "its name is none of an environment variable, by which it would go"
SMALLER = "Put what is large into the build context, or let the build fetch it."
OTHER_PATH = "Give the Dockerfile another name, or build from a folder, of which it is sent under another one."


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"cache": "registry", "image_names": None},
            ["--cache needs --image: the cache is kept in the repository of the first image.", "Give --image."],
        ),
        (
            {"buildkit": True, "platform": "Windows/amd64"},
            ["BuildKit does not build for Windows.", "Leave out --buildkit, --cache and --secret."],
        ),
        (
            {"cache": "off", "arg": [argument("PATH", "/my bin")]},
            [f"The value of build argument PATH cannot have blanks with BuildKit: PATH {CLIENT}.", RENAME],
        ),
        (
            {"buildkit": True, "arg": [argument("a-b", "1\n2")]},
            [f"The value of build argument a-b cannot have blanks with BuildKit: {NO_VARIABLE}.", RENAME],
        ),
        (
            {"buildkit": True, "secret_arg": [argument("DOCKER_HOST", "x", secret=True)]},
            [f"Build argument DOCKER_HOST cannot be secret with BuildKit: DOCKER_HOST {CLIENT}.", RENAME_SECRET],
        ),
        (
            {"buildkit": True, "secret_arg": [argument("npm.token", "x", secret=True)]},
            [f"Build argument npm.token cannot be secret with BuildKit: {NO_VARIABLE}.", RENAME_SECRET],
        ),
        ({"buildkit": True, "target": "two words"}, ["--target 'two words' cannot be the name of a build stage."]),
        ({"buildkit": True, "target": "-x"}, ["--target '-x' cannot be the name of a build stage."]),
        (
            {"buildkit": True, "docker_file_path": "my Dockerfile"},
            [
                "--file 'my Dockerfile' cannot be told to BuildKit: it holds a blank, or what a shell reads otherwise.",
                OTHER_PATH,
            ],
        ),
        (
            {"buildkit": True, "docker_file_path": "-"},
            ["--file - cannot be used with a remote source: the agent has none of your standard input."],
        ),
        (
            {"buildkit": True, "arg": [argument("A", "x " * 40_000)], "secret": [BuildSecret("tok", "'" * 11_000)]},
            ["Build arguments and secrets take 124.2 kB together; an agent takes at most 122.9 kB of them.", SMALLER],
        ),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_told_before_anything_is_asked(
    azure: Azure, options: dict[str, Any], told: list[str]
) -> None:
    finished = azure.build(**options)
    assert (finished.exit_code, finished.told, azure.asked) == (2, told, [])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"buildkit": True, "arg": [argument("A", '"hello world"'), argument("B", "'x'"), argument("C", "'")]},
            ["Build arguments A, B: with BuildKit, the quotes are a part of the value, as no shell takes them off."],
        ),
        (
            {"buildkit": True, "arg": [argument("A", "'x'")]},
            ["Build argument A: with BuildKit, the quotes are a part of the value, as no shell takes them off."],
        ),
        (
            {"cache": "registry", "no_push": True},
            ["--no-push keeps the image from the registry, but not the cache of --cache."],
        ),
        (
            {"cache": "registry", "image_names": ["app-{{.Run.ID}}:v1"]},
            ["--cache: the repository of the first --image changes from build to build, and so does the cache."],
        ),
        (
            {"cache": "registry", "image_names": ["team{{.Run.Date}}/app:v1", "app"]},
            ["--cache: the repository of the first --image changes from build to build, and so does the cache."],
        ),
        ({"cache": "registry", "image_names": ['{{.Run.Registry}}/app:{{ now | date "15:04/05" }}']}, []),
        ({"arg": [argument("A", "'hello world'")]}, []),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_what_may_not_be_meant_is_remarked_on(azure: Azure, options: dict[str, Any], told: list[str]) -> None:
    assert azure.build(**options, no_wait=True).told == [*told, QUEUED]


def test_a_dockerfile_whose_name_the_agent_would_misread_is_sent_under_another(azure: Azure, tmp_path: Path) -> None:
    (tmp_path / "my Dockerfile").write_text("FROM scratch\n")
    finished = azure.build(str(tmp_path), docker_file_path="my Dockerfile", buildkit=True, no_wait=True)
    assert finished.exit_code == 0, finished.told
    assert azure.contexts[0].dockerfile_name in task_text(azure.request)
    assert azure.contexts[0].dockerfile_name.startswith(".acrpool-")


def test_the_rest_of_the_request_is_that_of_a_plain_build(azure: Azure, context: str) -> None:
    options = {
        "agent_pool_name": "mypool",
        "timeout": 900,
        "platform": "linux/arm64",
        "log_template": "logs:{{.Run.ID}}",
        "source_acr_auth_id": "[caller]",
    }
    azure.build(context, **options, no_wait=True)
    azure.build(context, **options, no_wait=True, buildkit=True)
    plain, task = azure.sent("POST /scheduleRun")
    replaced = ("arguments", "imageNames", "isPushEnabled", "dockerFilePath")
    assert {**task, "type": plain["type"]} == {
        **{name: value for name, value in plain.items() if name not in replaced},
        "encodedTaskContent": task["encodedTaskContent"],
        "values": [],
    }
    assert task["type"] == "EncodedTaskRunRequest"
