"""Dockerfiles taken apart: lines, directives, continuations, comments, here-documents."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azext_acrpool.dockerfile.instructions import read_dockerfile, written_line
from azext_acrpool.dockerfile.model import Heredoc, Instruction


def shown(instruction: Instruction) -> str:
    """`first-last KEYWORD rest`, and its here-documents as `name@first-end`, with `!` if they are not ended."""
    documents = (
        f"{one.name}@{one.first_line}-{one.end_line}{'' if one.is_ended else '!'}" for one in instruction.heredocs
    )
    return " ".join([f"{instruction.line}-{instruction.last_line}", instruction.keyword, instruction.rest, *documents])


@pytest.mark.parametrize(
    ("text", "instructions"),
    [
        ("FROM a", ["1-1 FROM a"]),
        ("from\ta\tas\tb\n", ["1-1 FROM a\tas\tb"]),
        ("  RUN   a   b  \n", ["1-1 RUN a   b"]),
        ("\ufeffFROM a\r\nRUN b\r\n", ["1-1 FROM a", "2-2 RUN b"]),
        ("# c\n\n  # d\nFROM a\n\n", ["4-4 FROM a"]),
        ("RUN a \\\n  b\\\nc\nRUN d\n", ["1-3 RUN a   bc", "4-4 RUN d"]),
        ("RUN a \\  \n# c\n\n   \n  b\n", ["1-5 RUN a   b"]),
        ("RUN a \\\n# c \\\nb\n", ["1-3 RUN a b"]),
        ("# c \\\nFROM a\n", ["2-2 FROM a"]),
        ("RUN a \\\n", ["1-1 RUN a"]),
        ("RUN a\\\\\nRUN b\n", ["1-1 RUN a\\\\", "2-2 RUN b"]),
        ("\\\nFROM a\n", ["1-2 FROM a"]),
        ("# escape=`\nRUN a `\n  b\\\nRUN c\n", ["2-3 RUN a   b\\", "4-4 RUN c"]),
        ("#\n# escape=`\nRUN a `\nRUN b\n", ["3-3 RUN a `", "4-4 RUN b"]),
        ("# escape=x\nRUN a \\\n b\n", ["2-3 RUN a  b"]),
        ("ONBUILD run a\n", ["1-1 ONBUILD run a"]),
        ("INCLUDE+ x\n}\n", ["1-1 INCLUDE+ x", "2-2 } "]),
        ("FROM\u3000a\n", ["1-1 FROM\u3000A "]),
        ("\xa0FROM a\xa0\n", ["1-1 FROM a"]),
        ("\x1cFROM a\n", ["1-1 \x1cFROM a"]),
        ("", []),
        ("\n", []),
        ("\ufeff", []),
    ],
)
def test_lines_become_instructions_as_docker_has_them(text: str, instructions: list[str]) -> None:
    assert [shown(one) for one in read_dockerfile(text).instructions] == instructions


@pytest.mark.parametrize(
    ("line", "body", "documents"),
    [
        ("RUN <<EOF", "a\nEOF", ["EOF@2-3"]),
        ("RUN <<EOF", "EOF", ["EOF@2-2"]),
        ("RUN <<EOF", "EOF \n EOF\nEOF", ["EOF@2-4"]),
        ("RUN <<EOF", "\tEOF\nEOF", ["EOF@2-3"]),
        ("RUN <<-EOF", "a\n\t\tEOF", ["EOF@2-3"]),
        ("RUN cat <<'E' <<-\"F\" > x", "a\nE\nb\n\tF", ["E@2-3", "F@4-5"]),
        ("RUN cat 3<<EOF", "a\nEOF", ["EOF@2-3"]),
        ("RUN cat <<E\\OF", "a\nEOF", ["EOF@2-3"]),
        ("RUN cat <<E'O'F", "a\nEOF", ["EOF@2-3"]),
        ("RUN cat <<'A B'", "a\nA B", ["A B@2-3"]),
        ("RUN (cat <<EOF)", "a\nEOF)", ["EOF)@2-3"]),
        ("RUN cat <<$X", "a\n$X", ["$X@2-3"]),
        ('RUN echo "${A:-b}" <<EOF', "a\nEOF", ["EOF@2-3"]),
        ("RUN echo ${A:-b <<EOF c}", "a\nEOF", ["EOF@2-3"]),
        ("RUN <<EOF \\\n  cat", "a\nEOF", ["EOF@3-4"]),
        ("COPY <<a <<b /x/", "1\na\n2\nb", ["a@2-3", "b@4-5"]),
        ("ADD --chown=1 <<a /x", "1\na", ["a@2-3"]),
        ("onbuild run <<EOF", "a\nEOF", ["EOF@2-3"]),
        ("RUN --mount=type=cache,target=/x <<EOF", "a\nEOF", ["EOF@2-3"]),
        ("RUN [not json <<EOF", "a\nEOF", ["EOF@2-3"]),
        ("RUN cat << 'EOF' > /x", "a\nEOF", ["EOF@2-3"]),
        ("RUN echo $((1 << 2)) <<A", "a\nA", ["A@2-3"]),
        ("RUN <<  A << B", "a\nA\nb\nB", ["A@2-3", "B@4-5"]),
        ("RUN <<A <<B", "a\nA\nb", ["A@2-3", "B@4-6!"]),
        ("RUN <<A", "a", ["A@2-4!"]),
    ],
)
def test_here_documents_are_those_that_buildkit_finds(line: str, body: str, documents: list[str]) -> None:
    first, *others = read_dockerfile(f"{line}\n{body}\nFROM last\n").instructions
    assert shown(first).endswith(" ".join(["", *documents]))
    assert len(first.heredocs) == len(documents)
    if not documents[-1].endswith("!"):
        assert [one.keyword for one in others] == ["FROM"]


@pytest.mark.parametrize(
    "line",
    [
        "RUN cat <<<EOF",
        "RUN echo $((1 << 2)) << A",
        "RUN cat <<- EOF",
        "RUN cat <<-",
        "RUN cat <<",
        "RUN cat <<< EOF",
        "RUN echo '<<' EOF",
        "RUN echo '<<EOF'",
        'RUN echo "<<EOF"',
        "RUN echo \\<<EOF",
        "RUN echo it's <<EOF",
        'RUN echo " <<EOF',
        "RUN echo $((1<<EOF))",
        "RUN echo x<<EOF",
        "RUN echo ${a[@]} <<EOF",
        "RUN echo ${#a} <<EOF",
        "RUN echo ${} <<EOF",
        "RUN cat <<''",
        'RUN ["cat", "<<EOF"]',
        'RUN ["cat"] <<EOF',
        'RUN --network=none ["cat"] <<EOF',
        "CMD cat <<EOF",
        "ENV A=<<EOF",
        "ONBUILD ONBUILD RUN <<EOF",
    ],
)
def test_other_words_begin_no_here_document(line: str) -> None:
    dockerfile = read_dockerfile(f"{line}\nFROM a\nEOF\n")
    assert [(one.keyword, one.heredocs) for one in dockerfile.instructions][1:] == [("FROM", ()), ("EOF", ())]
    assert dockerfile.instructions[0].heredocs == ()


def test_without_an_end_the_lines_of_a_here_document_are_instructions() -> None:
    dockerfile = read_dockerfile("RUN cat <<EOF\nFROM a\nRUN b\n")
    assert [shown(one) for one in dockerfile.instructions] == ["1-1 RUN cat <<EOF EOF@2-4!", "2-2 FROM a", "3-3 RUN b"]
    assert dockerfile.instructions[0].heredocs == (Heredoc("EOF", 2, 4, is_ended=False),)


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        ("# syntax=docker/dockerfile:1\n", {"syntax": ("docker/dockerfile:1", 1)}),
        ("#Syntax = a b \r\n# ESCAPE=`\n", {"syntax": ("a b", 1), "escape": ("`", 2)}),
        ("\ufeff  # check=skip=all\n", {"check": ("skip=all", 1)}),
        ("\n# syntax=a\n", {}),
        ("# comment\n# syntax=a\n", {}),
        ("# other=1\n# syntax=a\n", {}),
        ("FROM a\n# syntax=a\n", {}),
        ("# syntax=a\n# syntax=b\n# escape=`\n", {"syntax": ("a", 1)}),
        ("#!/usr/bin/env x\n# syntax=a\n", {}),
        ("# syntax=\n", {}),
    ],
)
def test_directives_come_before_anything_else(text: str, directives: dict[str, tuple[str, int]]) -> None:
    assert read_dockerfile(text).directives == directives


def test_a_line_is_shown_as_written_and_cut() -> None:
    dockerfile = read_dockerfile(f"  RUN a\x1b[31m \\\n{'x' * 100}\n")
    assert written_line(dockerfile, 1) == "RUN a\\x1b[31m \\"
    assert written_line(dockerfile, 2) == f"{'x' * 79}…"
    assert written_line(dockerfile, 0) == ""


MANY = 300_000


@pytest.mark.parametrize(
    "text",
    [
        "RUN << " + "'" * MANY,
        "RUN << " + "\\" * MANY,
        "RUN << " + "${a-" * (MANY // 4),
        "RUN << " + "${a-b}" * (MANY // 6),
        "RUN << " + "a " * (MANY // 2),
        "RUN << " + "." * MANY,
        "RUN " + "[" * MANY + "<<",
        "RUN --a=" + '"a' * (MANY // 2) + "<<",
        "RUN <<X\n" * 20_000,
        "RUN " + "<<X " * 20_000,
        "RUN a" + "\\\n" * 100_000 + "b",
        "RUN" + " " * MANY + "x" + " " * MANY,
        "# a=b\n" * 60_000,
    ],
    ids=lambda text: f"{text[:12]!r}..",
)
def test_no_text_takes_long(text: str) -> None:
    assert read_dockerfile(text + "\nFROM a\n").instructions[-1].keyword == "FROM"


@settings(derandomize=True)
@given(st.text("aF<EO\"'\\`$\n\r\t #-{}:", max_size=60) | st.text(max_size=60))
def test_every_text_is_taken_apart_and_no_line_twice(text: str) -> None:
    for source in (text, f"RUN <<E {text}", f"# escape=`\n{text}"):
        dockerfile = read_dockerfile(source)
        last = 0
        for instruction in dockerfile.instructions:
            assert last < instruction.line <= instruction.last_line <= len(dockerfile.lines)
            last = instruction.last_line
            for heredoc in instruction.heredocs:
                assert last < heredoc.first_line <= heredoc.end_line <= len(dockerfile.lines) + 1
                last = heredoc.end_line if heredoc.is_ended else last
