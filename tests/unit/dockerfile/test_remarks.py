"""What is remarked on of a Dockerfile: what may not be meant, and fails no build."""

from __future__ import annotations

import pytest

from azext_acrpool.dockerfile.instructions import read_dockerfile
from azext_acrpool.dockerfile.model import AskedBuild
from azext_acrpool.dockerfile.needs import needs_of_buildkit
from azext_acrpool.dockerfile.remarks import remarks_on_buildkit

PLAIN = AskedBuild()
BUILDKIT = AskedBuild(buildkit=True)


@pytest.mark.parametrize("frontend", ["docker/dockerfile:1", "docker.io/docker/dockerfile", "example/frontend:1"])
def test_a_syntax_line_that_docker_can_do_without_is_remarked_on(frontend: str) -> None:
    dockerfile = read_dockerfile(f"# syntax={frontend}\nFROM a\n")
    assert needs_of_buildkit(dockerfile, PLAIN) == ()
    assert remarks_on_buildkit(dockerfile, PLAIN) == (
        f"Dockerfile line 1: # syntax={frontend}: that means something to BuildKit only.",
    )
    assert remarks_on_buildkit(dockerfile, BUILDKIT) == ()


EMPTY = "ARG TARGETARCH: TARGETARCH is empty here, as only BuildKit fills it in."
VALUE = "its value: --build-arg TARGETARCH=.."


@pytest.mark.parametrize(
    ("text", "build", "remarks"),
    [
        (
            "FROM a\nARG TARGETARCH\nFROM b\nARG TARGETARCH\n",
            PLAIN,
            [f"2: {EMPTY} Build with --buildkit, or give {VALUE}"],
        ),
        ("FROM a\nARG TARGETARCH\n", AskedBuild(platform="windows/amd64"), [f"2: {EMPTY} Give {VALUE}"]),
        ("FROM a\nARG TARGETARCH\n", AskedBuild({"TARGETARCH": "arm64"}), []),
        ("FROM a\nARG TARGETARCH\n", BUILDKIT, []),
        (
            "FROM a\nARG TARGETARCH=amd64\nARG TARGETARCH\n",
            PLAIN,
            [f"3: {EMPTY} Build with --buildkit, or give {VALUE}"],
        ),
        ("ARG TARGETARCH=amd64\nFROM a\nARG TARGETARCH\n", PLAIN, []),
        ("ARG TARGETARCH\nFROM a AS one\nFROM b\nARG TARGETARCH\n", AskedBuild(target="one"), []),
        ("FROM a\nARG A TARGETOS=x TARGETSTAGE\nENV TARGETARCH=1\n", PLAIN, []),
    ],
)
def test_arguments_that_only_buildkit_fills_in_are_remarked_on(
    text: str, build: AskedBuild, remarks: list[str]
) -> None:
    assert [*remarks_on_buildkit(read_dockerfile(text), build)] == [f"Dockerfile line {remark}" for remark in remarks]


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("COPY --link a b", "COPY --link"),
        ("ADD --checksum=sha256:1 a b", "ADD --checksum"),
        ("RUN <<EOF\necho\nEOF", "a here-document"),
    ],
)
def test_what_an_old_buildkit_does_not_know_is_remarked_on(lines: str, what: str) -> None:
    dockerfile = read_dockerfile(f"FROM a\n{lines}\nCOPY --link a b\n")
    why = f"docker 20.10 does not know {what} by itself, and an agent may have no newer one"
    remedy = "With '# syntax=docker/dockerfile:1' as the first line it fetches what knows it."
    assert remarks_on_buildkit(dockerfile, BUILDKIT) == (f"Dockerfile line 2: {dockerfile.lines[1]}: {why}. {remedy}",)
    known = read_dockerfile(f"# syntax=docker/dockerfile:1\nFROM a\n{lines}\n")
    assert remarks_on_buildkit(known, BUILDKIT) == ()
    assert remarks_on_buildkit(read_dockerfile("FROM a\nRUN --mount=type=cache,target=/x true\n"), BUILDKIT) == ()
