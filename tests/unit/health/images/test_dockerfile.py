"""Which images a build pulls, from its Dockerfile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.health.images.dockerfile import registry_host, repository_path, required_images


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("FROM python", ["python"]),
        ("from python:3.12 as base\nFROM base\n", ["python:3.12"]),
        ("FROM a AS one\nFROM b AS two\nFROM ONE\nCOPY --from=two /x /x\nCOPY --from=0 /y /y\n", ["a", "b"]),
        ("FROM scratch\n", []),
        ("FROM a\nFROM a\n", ["a"]),
        ("FROM --platform=$BUILDPLATFORM golang:1 AS build\n", ["golang:1"]),
        ("# FROM commented\nFROM a # not a comment\n", ["a"]),
        ("ARG VERSION=3.12\nFROM python:$VERSION\n", ["python:3.12"]),
        ("ARG VERSION=3.12\nFROM python:${VERSION}-slim\n", ["python:3.12-slim"]),
        ('ARG A="x" B=y\nFROM $A/$B\n', ["x/y"]),
        ("ARG A=1\nARG B=${A}.2\nFROM python:${B}\n", ["python:1.2"]),
        ("FROM python:${VERSION:-3.11}\n", ["python:3.11"]),
        ("ARG VERSION=\nFROM python:${VERSION:-3.11}\n", ["python:3.11"]),
        ("ARG SLIM=yes\nFROM python:3${SLIM:+-slim}\n", ["python:3-slim"]),
        ("FROM base-$TARGETARCH\n", ["base-amd64"]),
        ("FROM a\nARG VERSION=2\nRUN echo FROM x\n", ["a"]),
        ("FROM \\\n  python:3 \\\n# in between\n  AS base\nFROM base\n", ["python:3"]),
        ("# escape=`\nFROM `\n  a\nRUN dir C:\\\nFROM b\n", ["a", "b"]),
        (
            "FROM a\nRUN <<EOF\nFROM heredoc\nEOF\nCOPY <<-'X' <<Y /there/\nFROM one\n\tX\nFROM two\nY\nFROM b\n",
            ["a", "b"],
        ),
        ("FROM a\nCOPY --chown=1 --from=ghcr.io/org/tool:1 /t /t\n", ["a", "ghcr.io/org/tool:1"]),
        ("FROM a\nRUN --mount=type=bind,from=b,target=/b --mount=type=cache,target=/c make\n", ["a", "b"]),
        ("\ufeffFROM a\r\nFROM b\r\n", ["a", "b"]),
        ("FROM registry:5000/a@sha256:abc\n", ["registry:5000/a@sha256:abc"]),
        ("FROM\ta\tAS\tone\nCOPY\t--from=b\t/x\t/x\nFROM one\n", ["a", "b"]),
        ("FROM a\\\n AS one\nFROM o\\\nne\n", ["a"]),
        ("FROM a\\ \t\n:1\nRUN dir C:\\\\\nFROM b\n", ["a:1", "b"]),
        ("FROM a\x0bb\u2028\n", ["a"]),
        ("ARG V=1\nFROM a:\\$V\n", ["a:$V"]),
        ("ARG V=1\nFROM a$$V\n", ["aV"]),
        ("FROM 'a':\"1\"\n", ["a:1"]),
        ("ARG V=1\nFROM '$V'\nFROM \"$V\\$V\"\n", ["$V", "1$V"]),
        ('ARG V=\'1 2\' W="a\\"b" X=c\\ d\nFROM $V\nFROM $W\nFROM $X\n', ["1 2", 'a"b', "c d"]),
        (
            "ARG V=1.2.3\nFROM a:${V%.*}\nFROM a:${V%%.*}\nFROM a:${V#*.}\nFROM a:${V##*.}\n",
            ["a:1.2", "a:1", "a:2.3", "a:3"],
        ),
        ("ARG V=1.2.3\nFROM a:${V/./-}\nFROM a:${V//./-}\nFROM a:${V/2*/x}\n", ["a:1-2.3", "a:1-2-3", "a:1.x"]),
        ("ARG V=a/b\nFROM ${V/\\//-}\nFROM ${V%\\/?}\n", ["a-b", "a"]),
        ("ARG V=1\nFROM a:${V?needed}\nFROM b:${V:-${W}}\nFROM c${X-${V}}\n", ["a:1", "b:1", "c1"]),
        ("FROM ''\nFROM a${\nFROM b${V\nFROM c${V!x}\nFROM \"d\nFROM e\n", ["e"]),
        ("# escape=`\nARG V=1\nFROM a:`$V\\b\n", ["a:$V\\b"]),
        ("FROM\n", []),
        ("", []),
    ],
)
def test_images_are_those_that_the_builder_pulls(text: str, images: list[str]) -> None:
    assert [image.reference for image in required_images(text)] == images


def test_build_arguments_replace_defaults_but_only_of_declared_ones() -> None:
    text = "ARG BASE=python\nFROM $BASE\nFROM $OTHER\n"
    base, other = required_images(text, {"BASE": "debian", "OTHER": "ignored"})
    assert (base.reference, base.line) == ("debian", 2)
    assert other.unresolved == ("OTHER",)


def test_an_argument_without_a_value_is_told() -> None:
    (image,) = required_images("ARG BASE\nFROM ${BASE}:1\n")
    assert image.unresolved == ("BASE",)


def test_values_that_double_line_by_line_end_as_unresolved() -> None:
    lines = ["ARG A0=abcd", *(f"ARG A{number}=$A{number - 1}$A{number - 1}" for number in range(1, 64)), "FROM $A63"]
    (image,) = required_images("\n".join(lines))
    assert (image.reference, image.unresolved) == ("", ("A63",))


def test_a_value_that_is_too_long_is_none() -> None:
    (image,) = required_images("ARG BASE\nFROM $BASE:1\n", {"BASE": "x" * 4097})
    assert (image.reference, image.unresolved) == (":1", ("BASE",))


@pytest.mark.parametrize("piece", ["${a-", "a=", 'a="', "$", "{", "'"])
def test_no_line_takes_long(piece: str) -> None:
    lines = [f"{keyword}{piece * 200_000}" for keyword in ("ARG ", "FROM ", "COPY --from=", "RUN --mount=")]
    assert required_images("\n".join([*lines, "FROM b"]))[-1].reference == "b"


@given(st.text("ab$\\{}:-+=\"' \n#`<", max_size=40) | st.text(max_size=40))
def test_every_text_has_images_or_none(text: str) -> None:
    for line in (f"ARG A={text}\nFROM $A", f"FROM {text}", f"COPY --from={text} a b", f"RUN --mount={text}", text):
        required_images(line)


@pytest.mark.parametrize(
    ("reference", "host", "path"),
    [
        ("python", "docker.io", "library/python"),
        ("org/app:1", "docker.io", "org/app:1"),
        ("docker.io/python", "docker.io", "library/python"),
        ("index.docker.io/org/app", "docker.io", "org/app"),
        ("MCR.microsoft.com/dotnet/sdk:8.0", "mcr.microsoft.com", "dotnet/sdk:8.0"),
        ("localhost/app", "localhost", "app"),
        ("registry:5000/app@sha256:0", "registry:5000", "app@sha256:0"),
    ],
)
def test_a_reference_without_a_host_is_docker_hubs(reference: str, host: str, path: str) -> None:
    assert registry_host(reference) == host
    assert repository_path(reference) == path
