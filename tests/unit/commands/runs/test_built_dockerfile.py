"""Which line of a Dockerfile a log is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from azext_acrpool.commands.runs.built_dockerfile import BuiltDockerfile

TEXT = b"""\
# syntax=docker/dockerfile:1
ARG VERSION=20

FROM node:${VERSION}-alpine AS base
# Tests
RUN cd /src && \\
    npm test
COPY <<END /notes
RUN nothing
END
run npm ci
FROM base
RUN npm ci
"""


def built(written: bytes = TEXT, sent: bytes = TEXT, *, buildkit: bool = False) -> BuiltDockerfile:
    return BuiltDockerfile(Path("/src/Dockerfile"), written, sent, "sub/Dockerfile", buildkit)


@pytest.mark.parametrize(
    ("number", "total", "text", "line"),
    [
        (1, 5, "ARG VERSION=20", 2),
        (2, 5, "FROM node:${VERSION}-alpine AS base", 4),
        (3, 5, "RUN cd /src &&     npm test", 6),
        # With --target there are fewer steps than instructions.
        (3, 3, "RUN cd /src &&     npm test", 6),
        (3, 5, "COPY a b", 0),
        (0, 5, "ARG VERSION=20", 0),
        (4, 3, "RUN a", 0),
        (3, 6, "RUN a", 6),
        (7, 9, "LABEL a=b", 0),
    ],
)
def test_dockers_own_builder_counts_instructions(number: int, total: int, text: str, line: int) -> None:
    written = TEXT.replace(b"COPY <<END /notes\nRUN nothing\nEND\n", b"")
    assert built(written).line_of_step(number, total, text) == line


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("Dockerfile", 6, 6),
        ("sub/Dockerfile", 7, 7),
        ("", 9, 9),
        ("other.Dockerfile", 6, 0),
        ("Dockerfile", 11, 11),
        ("Dockerfile", 3, 3),
    ],
)
def test_buildkit_names_a_line(name: str, line: int, expected: int) -> None:
    assert built(buildkit=True).line_of_sent(name, line) == expected


def test_what_is_sent_in_its_place_may_have_other_lines() -> None:
    sent = TEXT.replace(b"FROM node", b"FR\\\nOM node")
    assert built(sent=sent, buildkit=True).line_of_sent("Dockerfile", 7) == 6
    assert built(sent=sent, buildkit=True).line_of_sent("Dockerfile", 8) == 6
    assert built(sent=sent, buildkit=True).line_of_sent("Dockerfile", 1) == 0
    assert built(sent=b"FROM scratch\n", buildkit=True).line_of_sent("Dockerfile", 1) == 0


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("RUN cd /src &&     npm test", 6),
        ("RUN cd /src && npm...", 6),
        ("FROM base", 12),
        ("RUN npm ci", 0),
        ("RUN npm", 0),
        ("", 0),
    ],
    ids=["whole", "cut", "other", "twice", "a beginning", "none"],
)
def test_an_instruction_is_found_by_its_text_if_there_is_one_only(text: str, line: int) -> None:
    assert built(buildkit=True).line_of_text(text) == line
