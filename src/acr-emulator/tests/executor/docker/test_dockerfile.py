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
        ("FR\\\nOM a\nR\\\n# comment\nUN \\\nx\n", ["RUN x"]),
        ("FROM a\nRUN x\\\\\nCMD y", ["RUN x\\CMD y"]),
        ("FR\\\n# comment\n\nO\\\nM a\nRUN\\\n x", ["RUN x"]),
        ("\n\nFROM a\n\n# remark \\\nRUN x", ["RUN x"]),
        ("FROM a\nONBUILD COPY . /src", ["ONBUILD COPY . /src"]),
        ("FROM a\nONBUILD\tCOPY --new=1 . /src", ["ONBUILD COPY --new=1 . /src"]),
        ("FROM a\nONBUILD NEW x", ["ONBUILD NEW x"]),
        ("FROM a\nRUN\vx\fy", ["RUN x\fy"]),
    ],
)
def test_lines_are_joined_as_docker_joins_them(text: str, expected: list[str]) -> None:
    assert instructions(text) == expected


def test_a_broken_keyword_is_in_its_first_line() -> None:
    (stage,) = parse("# comment\nFR\\\nOM a\nRUN x\n").stages
    assert (stage.origin.text, stage.origin.line, stage.instructions[0].line) == ("FROM a", 2, 4)


def test_two_escapes_continue_no_line_for_buildkit() -> None:
    (stage,) = parse("FROM a\nRUN x\\\\\nCMD y", by_buildkit=True).stages
    assert [instruction.text for instruction in stage.instructions] == ["RUN x\\\\", "CMD y"]


def test_heredocs_belong_to_their_instruction() -> None:
    text = (
        "FROM a\nCOPY <<one <<-'two' /dst/\nRUN not an instruction\none\n\tindented\n\ttwo\n"
        "RUN <<EOF\nFROM b\nEOF\nCMD x\n"
    )
    (stage,) = parse(text, by_buildkit=True).stages
    assert [instruction.name for instruction in stage.instructions] == ["COPY", "RUN", "CMD"]
    documents = stage.instructions[0].heredocs
    assert [(document.name, document.text, document.is_expanded) for document in documents] == [
        ("one", "RUN not an instruction\n", True),
        ("two", "indented\n", False),
    ]
    assert stage.instructions[2].line == 10


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("RUN cat <<A 3<<B", ["A", "B"]),
        ("RUN --mount=type=cache,target=/x \\\n  cat <<A", ["A"]),
        ('RU\\\nN <<E"O"F', ["EOF"]),
        ("RUN x=$(cat <<A)", ["A)"]),
        ("RUN cat <<A>/f", ["A>/f"]),
        ("ONBUILD RUN <<A", ["A"]),
        ('RUN cat <<"A B"', ["A B"]),
        ("RUN cat << 'A' >/f", ["A"]),
        ("RUN <<   A", ["A"]),
        ("RUN cat <<A ${x:-y z} ${x?} $x", ["A"]),
        ("RUN cat <<$A", ["$A"]),
        ("RUN cat <<A\\\\", ["A\\"]),
        ("RUN cat <<A ${x", []),
        ("RUN cat <<A ${x:-y", []),
        ("RUN cat <<-", []),
        ("RUN cat <<- A", []),
        ("RUN echo $((1 << 2)) <<A", ["A"]),
        ("RUN echo $((1 << 2))", []),
        ("RUN cat <<", []),
        ("RUN grep x <<<word", []),
        ("RUN grep x <<< word", []),
        ("RUN cat<<A", []),
        ("RUN echo '<<A' \"<<A\"", []),
        ("RUN echo $((1<<2))", []),
        ("RUN echo it's <<A", []),
        ('RUN ["cat", "<<A"]', []),
        ("CMD cat <<A", []),
        ("ENV X=<<A", []),
    ],
)
def test_heredocs_are_found_as_buildkit_finds_them(line: str, names: list[str]) -> None:
    text = f"FROM a\n{line}\n" + "".join(f"text\n{name}\n" for name in names) + "CMD x\n"
    *_, instruction, last = parse(text, by_buildkit=True).stages[0].instructions
    assert [document.name for document in instruction.heredocs] == names
    assert (last.name, last.value) == ("CMD", "x")


def test_a_backslash_at_the_end_of_a_word_escapes_nothing() -> None:
    (stage,) = parse("# escape=`\nFROM a\nRUN cat <<A\\\nx\nA\nCMD x\n", by_buildkit=True).stages
    assert [instruction.name for instruction in stage.instructions] == ["RUN", "CMD"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('["a b", "c"]', ["a b", "c"]),
        ('["a b", "c"] d', ["a b", "c"]),
        ("[a b]", ["[a", "b]"]),
        ("[" * 60000 + " b", ["[" * 60000, "b"]),
    ],
    ids=["json", "what follows", "no json", "deep"],
)
def test_arguments_in_json_are_read_as_docker_reads_them(arguments: str, words: list[str]) -> None:
    (copy,) = parse(f"FROM a\nCOPY {arguments}").stages[0].instructions
    assert copy.words() == words


def test_the_classic_builder_knows_no_heredocs() -> None:
    with pytest.raises(DockerfileError) as caught:
        parse("FROM a\nRUN <<EOF\nset -e\nEOF\n")
    assert str(caught.value) == "Error response from daemon: dockerfile parse error line 3: unknown instruction: SET"


def test_flags_are_apart_from_arguments() -> None:
    text = (
        'FROM --platform=linux/arm64 a\nCOPY --chown=1:2 --chmod=755 --link --exclude=*.md ["a b", "c"]\n'
        "RUN --mount=type=cache x"
    )
    (stage,) = parse(text, by_buildkit=True).stages
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
        ("FROM a\nCOPY --frm=b x y", "line 2: Unknown flag: frm"),
        ("FROM a\nONBUILD FROM b", "line 2: FROM isn't allowed as an ONBUILD trigger"),
        ("FROM a\nONBUILD\tfrom b", "line 2: FROM isn't allowed as an ONBUILD trigger"),
        ("FROM a\nONBUILD ONBUILD RUN x", "line 2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
        ("FROM a\nRUN\u00a0x", "line 2: unknown instruction: RUN\u00a0X"),
        ("FROM a\nCOPY a\u00a0b", "line 2: COPY requires at least two arguments, but only one was provided"),
        ("FROM a\u00a0AS b c", "line 1: FROM requires either one or three arguments"),
        ("# escape=x\nFROM a", "invalid escape token 'x'"),
        ("FROM a\nCOPY --link a b", "line 2: Unknown flag: link"),
        ("FROM a\nRUN --network=none x", "line 2: Unknown flag: network"),
        ("FROM a\nCMD --x y", "line 2: Unknown flag: x"),
        ("FROM a\nCOPY --from=a --from=b x y", "line 2: Duplicate flag specified: from"),
        ("FROM a\nCOPY --chown x y z", "line 2: Missing a value on flag: chown"),
    ],
)
def test_errors_name_the_line_and_the_reason(text: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the Dockerfile cannot be empty"),
        ("# nothing\n", "file with no instructions"),
        ("FROM a\nRUN <<EOF\nx", "dockerfile parse error on line 2: unterminated heredoc"),
        ("FROM a\nRUN <<X\nfoo\nX\nfoo x", "dockerfile parse error on line 5: unknown instruction: foo"),
        ("FROM a\nCOPY a <<X\nX", "dockerfile parse error on line 2: COPY cannot accept a heredoc as a destination"),
        ("FROM a\nCOPY --frm=b x y", "dockerfile parse error on line 2: unknown flag: frm"),
        (
            "FROM a\nCOPY --link=maybe x y",
            "dockerfile parse error on line 2: expecting boolean value for flag link, not: maybe",
        ),
        ("RUN x\nFROM a", "no build stage in current context"),
    ],
)
def test_buildkit_words_its_errors_otherwise(text: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse(text, by_buildkit=True)
    assert str(caught.value) == f"failed to solve: {message}"


@pytest.mark.parametrize(
    ("value", "flags"),
    [
        ("--mount=type=bind,target='/a b' x", ["type=bind,target=/a b"]),
        ("--mount=a --mount=b -- --mount=c", ["a", "b"]),
        ('--mount="type=cache,target=/x" \\\n --mount=y z', ["type=cache,target=/x", "y"]),
    ],
)
def test_flags_may_have_quotes_and_be_repeated(value: str, flags: list[str]) -> None:
    (instruction,) = parse(f"FROM a\nRUN {value}", by_buildkit=True).stages[0].instructions
    assert instruction.flag_values("mount") == flags


def test_any_number_of_flags_is_read_in_time() -> None:
    text = "FROM a\nRUN " + "--mount=x \\\n" * 40000 + "<<EOF\nx\nEOF\n"
    (instruction,) = parse(text, by_buildkit=True).stages[0].instructions
    assert len(instruction.flags) == 40000
