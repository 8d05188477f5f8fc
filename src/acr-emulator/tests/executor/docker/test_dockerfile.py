"""Dockerfiles: what Docker reads out of them, and what it refuses."""

from __future__ import annotations

import pytest
from acr_emulator.executor.docker.dockerfile import parse
from acr_emulator.executor.errors import DockerfileError


def instructions(text: str) -> list[str]:
    return [instruction.text for stage in parse(text).stages for instruction in stage.instructions]


def test_stages_have_bases_names_and_instructions() -> None:
    parsed = parse("ARG V=1\nFROM a AS Builder\nRUN x\nfrom b:${V}\ncopy --from=builder /x /y\n")
    assert [argument.value for argument in parsed.arguments] == ["V=1"]
    assert [(stage.base, stage.name) for stage in parsed.stages] == [("a", "builder"), ("b:${V}", None)]
    copy = parsed.stages[1].instructions[0]
    assert (copy.name, copy.flag("from"), copy.words(), copy.line) == ("COPY", "builder", ["/x", "/y"], 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN x \\\n  && y\n", ["RUN x   && y"]),
        ("FROM a\nRUN x \\\n# comment\n\n  && y\n", ["RUN x   && y"]),
        ("# escape=`\nFROM a\nRUN dir C:\\ `\n  /s\n", ["RUN dir C:\\   /s"]),
        ("# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN x\\\nRUN y\n", ["RUN x\\", "RUN y"]),
        ("FROM a\n  # indented comment\n  RUN x\n", ["RUN x"]),
        ("FROM a\r\nRUN x\r\n", ["RUN x"]),
        ("\ufeffFROM a\nRUN x", ["RUN x"]),
        ("FROM a\nRUN x \\", ["RUN x"]),
        ("FROM a\nONBUILD COPY . /src", ["ONBUILD COPY . /src"]),
    ],
)
def test_lines_are_joined_as_docker_joins_them(text: str, expected: list[str]) -> None:
    assert instructions(text) == expected


def test_heredocs_belong_to_their_instruction() -> None:
    text = (
        "FROM a\nCOPY <<one <<-'two' /dst/\nRUN not an instruction\none\n\tindented\n\ttwo\n"
        "RUN <<EOF\nFROM b\nEOF\nCMD x\n"
    )
    (stage,) = parse(text).stages
    assert [instruction.name for instruction in stage.instructions] == ["COPY", "RUN", "CMD"]
    assert stage.instructions[0].heredocs == (("one", "RUN not an instruction\n"), ("two", "indented\n"))
    assert stage.instructions[2].line == 10


def test_flags_are_apart_from_arguments() -> None:
    text = (
        'FROM --platform=linux/arm64 a\nCOPY --chown=1:2 --chmod=755 --link --exclude=*.md ["a b", "c"]\n'
        "RUN --mount=type=cache x"
    )
    (stage,) = parse(text).stages
    copy, run = stage.instructions
    assert stage.origin.flag("platform") == "linux/arm64"
    assert dict(copy.flags) == {"chown": "1:2", "chmod": "755", "link": "", "exclude": "*.md"}
    assert copy.words() == ["a b", "c"]
    assert (copy.needs_buildkit, run.needs_buildkit, stage.origin.needs_buildkit) == ("chmod", "mount", None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the Dockerfile (Dockerfile) cannot be empty"),
        ("# nothing\n", "file with no instructions"),
        ("FROM a\nFOO x", "dockerfile parse error line 2: unknown instruction: FOO"),
        ("FROM a\n\n\nCOPY x", "line 4: COPY requires at least two arguments, but only one was provided"),
        ("FROM a b", "line 1: FROM requires either one or three arguments"),
        ("FROM a AS 1x", 'line 1: invalid name for build stage: "1x"'),
        ("RUN x\nFROM a", "line 1: no build stage in current context"),
        ("ARG x\n", "no build stage in current context"),
        ("FROM a\nCOPY --frm=b x y", "line 2: unknown flag: frm"),
        ("FROM a\nRUN <<EOF\nx", "line 2: unterminated heredoc"),
        ("FROM a\nONBUILD FROM b", "line 2: FROM isn't allowed as an ONBUILD trigger"),
        ("FROM a\nONBUILD FOO b", "line 2: unknown instruction: FOO"),
        ("# escape=x\nFROM a", "invalid escape token 'x'"),
        ("FROM a\nRUN <<X\nfoo\nX\nFOO x", "line 5: unknown instruction: FOO"),
    ],
)
def test_errors_name_the_line_and_the_reason(text: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse(text)
    assert message in str(caught.value)
