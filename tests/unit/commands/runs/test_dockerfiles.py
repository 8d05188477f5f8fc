"""The Dockerfile of a build is read before it is sent."""

from __future__ import annotations

import io
import tarfile
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from run_azure import Azure

from azext_acrpool.commands.runs.dockerfiles import asked_build
from azext_acrpool.context import BuildContext
from azext_acrpool.dockerfile.model import AskedBuild

MOUNTS = "FROM alpine\nRUN --mount=type=cache,target=/c true\nRUN --mount=type=tmpfs,target=/t true\nCOPY --link a /\n"
MOUNTS_REFUSED = [
    "Dockerfile line 2: RUN --mount=type=cache,target=/c true: RUN --mount is an option that only BuildKit has.",
    "Dockerfile line 3: RUN --mount=type=tmpfs,target=/t true: RUN --mount is an option that only BuildKit has.",
    "Dockerfile line 4: COPY --link a /: COPY --link is an option that only BuildKit has.",
    "Build with --buildkit.",
]
PLATFORM = "FROM --platform=$BUILDPLATFORM alpine AS build\n"
PLATFORM_CHANGED = "Dockerfile line 1: --platform=$BUILDPLATFORM is left out, which is the agents' own platform anyway."
SENT = "Sent 1 file (0 B) as 0 B in 0.0 s (0 B/s)"
QUEUED = "WARNING: Queued a build with ID: cf1"


def write(folder: str, text: str) -> None:
    (Path(folder) / "Dockerfile").write_text(text)


def archive(text: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text.encode()))
    return stream.getvalue()


@pytest.mark.parametrize("dry_run", [False, True])
def test_all_that_is_wrong_is_told_before_anything_is_sent(azure: Azure, context: str, dry_run: bool) -> None:
    write(context, MOUNTS)
    finished = azure.build(context, dry_run=dry_run)
    assert (finished.exit_code, finished.told) == (2, MOUNTS_REFUSED)
    assert not azure.uploads
    assert azure.asked == ([] if dry_run else ["GET /"])


def test_what_helps_is_told_with_each_line_where_it_is_not_the_same(azure: Azure, context: str) -> None:
    write(context, "FROM alpine\nRUN python3 <<EOF\nfrom os import path\nEOF\n")
    finished = azure.build(context)
    assert finished.exit_code == 2
    assert finished.told == [
        (
            "Dockerfile line 2: RUN python3 <<EOF: <<EOF begins a here-document, which only BuildKit knows. Build with"
            " --buildkit."
        ),
        (
            "Dockerfile line 3: from os import path: the agent's scanner takes nothing but 'FROM image' and 'FROM image"
            " AS name' in a line that begins with FROM. Have the line begin with another word, or put the text into a"
            " file of its own and copy that."
        ),
    ]


def test_what_needs_buildkit_is_built_with_it(azure: Azure, context: str) -> None:
    write(context, MOUNTS)
    assert azure.build(context, buildkit=True).exit_code == 0


def test_a_secret_that_is_not_given_is_told(azure: Azure, context: str) -> None:
    write(context, "FROM alpine\nRUN --mount=type=secret,id=token,required=true true\n")
    finished = azure.build(context, buildkit=True)
    assert finished.exit_code == 2
    assert finished.told == [
        "Dockerfile line 2: RUN --mount=type=secret,id=token,required=true true: build secret 'token' is not given.",
        "Give it: --secret id=token,src=FILE.",
    ]


@pytest.mark.parametrize("buildkit", [False, True])
def test_what_can_be_mended_is_sent_mended_and_told(azure: Azure, context: str, buildkit: bool) -> None:
    write(context, PLATFORM)
    finished = azure.build(context, no_wait=True, buildkit=buildkit)
    assert (finished.exit_code, finished.told) == (0, [f"Adapted to the agent: {PLATFORM_CHANGED}", SENT, QUEUED])
    (sent,) = azure.contexts
    assert isinstance(sent, BuildContext)
    copy = next(file for file in sent.extra_files if file.name == sent.dockerfile_name)
    assert copy.content == b"FROM alpine AS build\n"
    assert (Path(context) / "Dockerfile").read_text() == PLATFORM
    if buildkit:
        assert f"-f {copy.name} ." in b64decode(azure.request["encodedTaskContent"]).decode()
    else:
        assert azure.request["dockerFilePath"] == copy.name


def test_a_dry_run_lists_the_copy_and_notes_the_change(azure: Azure, context: str) -> None:
    write(context, PLATFORM)
    finished = azure.build(context, dry_run=True)
    name = finished.result["dockerfile"]
    assert name.startswith(".acrpool-")
    assert finished.result["notes"] == [f"Adapted to the agent: {PLATFORM_CHANGED}"]
    assert {file["path"] for file in finished.result["files"]} == {"Dockerfile", ".dockerignore", name}
    assert finished.told[0] == f"Adapted to the agent: {PLATFORM_CHANGED}"


def test_a_target_is_told_as_the_agent_knows_it(azure: Azure, context: str) -> None:
    write(context, "FROM alpine AS build\nRUN true\nFROM build AS test\nFROM scratch\nCOPY --from=build /etc /\n")
    assert azure.build(context, target="0", no_wait=True).exit_code == 0
    assert azure.request["target"] == "build"
    assert azure.request["dockerFilePath"] == "Dockerfile"


@pytest.mark.parametrize("target", ["{{.Run.ID}}", "$STAGE"])
def test_a_target_that_is_not_known_here_is_left_to_the_service(azure: Azure, context: str, target: str) -> None:
    write(context, MOUNTS)
    assert azure.build(context, target=target, no_wait=True).exit_code == 0
    assert azure.request["target"] == target


@pytest.mark.parametrize("source", ["file", "-"])
def test_an_archive_is_refused_for_its_dockerfile(azure: Azure, tmp_path: Path, source: str) -> None:
    path = tmp_path / "a.tgz"
    path.write_bytes(archive(MOUNTS))
    azure.session.stdin = path.read_bytes()
    finished = azure.build(str(path) if source == "file" else source, dry_run=source == "-")
    assert (finished.exit_code, finished.told) == (2, MOUNTS_REFUSED)
    assert not azure.uploads


def test_nothing_is_changed_in_an_archive(azure: Azure, tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    path.write_bytes(archive(PLATFORM))
    finished = azure.build(str(path))
    assert (finished.exit_code, finished.told) == (
        2,
        [
            "The agent cannot read the Dockerfile in the archive as it is, which needs these changes:",
            PLATFORM_CHANGED,
            "Change it so in the archive.",
            "Or give the unpacked folder as the source location: a changed copy of the Dockerfile is sent then.",
        ],
    )
    assert not azure.uploads


def test_a_dockerfile_on_standard_input_is_mended(azure: Azure, context: str) -> None:
    azure.session.stdin = PLATFORM.encode()
    finished = azure.build(context, docker_file_path="-", no_wait=True)
    assert finished.told == [f"Adapted to the agent: {PLATFORM_CHANGED}", SENT, QUEUED]
    assert azure.build("-", no_wait=True).told == [
        f"Adapted to the agent: {PLATFORM_CHANGED}",
        "Standard input is no archive, and taken for a Dockerfile that needs no other file, as Docker takes it.",
        SENT,
        QUEUED,
    ]


def test_a_secret_goes_into_no_copy(azure: Azure, context: str) -> None:
    """The scanner is told of it, and so reads a plain name; an equal Dockerfile would hold the value."""
    secret = {"type": "Argument", "name": "TAG", "value": "s3cret", "isSecret": True}
    write(context, "ARG TAG\nFROM alpine:$TAG\n")
    assert azure.build(context, secret_arg=[secret], no_wait=True).exit_code == 0
    write(context, "ARG TAG\nFROM alpine:${TAG:-3}\n")
    finished = azure.build(context, secret_arg=[secret], no_wait=True)
    assert finished.exit_code == 2
    assert "s3cret" not in finished.stderr


def argument(name: str, value: str, *, is_secret: bool = False) -> dict[str, Any]:
    return {"type": "Argument", "name": name, "value": value, "isSecret": is_secret}


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, AskedBuild()),
        ({"platform": "linux/arm/v7"}, AskedBuild(platform="linux/arm/v7")),
        ({"platform": "linux/x86"}, AskedBuild(platform="linux/386")),
        ({"platform": "windows"}, AskedBuild(platform="windows/amd64")),
        ({"target": "x", "buildkit": True}, AskedBuild(target="x", buildkit=True)),
        ({"buildkit": True, "secrets": ["a"]}, AskedBuild(buildkit=True, secrets=frozenset("a"))),
    ],
)
def test_what_is_asked_of_a_dockerfile(options: dict[str, Any], asked: AskedBuild) -> None:
    assert asked_build([], **options) == asked


@pytest.mark.parametrize(("buildkit", "unseen"), [(False, {"SECRET"}), (True, {"SECRET", "BLANKS"})])
def test_the_scanner_is_not_told_of_all_arguments(buildkit: bool, unseen: set[str]) -> None:
    given = [argument("A", "{{.Run.ID}}"), argument("BLANKS", "a b"), argument("SECRET", "x", is_secret=True)]
    asked = asked_build(given, buildkit=buildkit)
    assert asked.arguments == {"A": "{{.Run.ID}}", "BLANKS": "a b", "SECRET": "x"}
    assert asked.unseen_arguments == unseen
