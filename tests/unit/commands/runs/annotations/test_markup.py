"""What is written for a CI service to read: nobody's text ends its line, or begins another command."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.commands.runs.annotations.markup import Markup, Note, markup_for
from azext_acrpool.commands.runs.options import AnnotationStyle


def markup(style: str) -> Markup:
    return markup_for(AnnotationStyle(style))


HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(["::", "::error::", "]", ";", "%", "%0A", "%25", "%AZP25", ",", "="]),
        st.sampled_from(["#", "##vso[", "##[error]"]),
        st.sampled_from(["\n", "\r", "\r\n", "\x1b[31m", "\u2028", "\x85", "\u202e", "\ud800"]),
        st.text(max_size=3),
    ),
    max_size=12,
).map("".join)


PLACED = Note("error", "Run cf1 ended as Failed", "exit status 1", "sub/Dockerfile", 3)


@pytest.mark.parametrize(
    ("style", "note", "line"),
    [
        ("github", PLACED, "::error file=sub/Dockerfile,line=3,title=Run cf1 ended as Failed::exit status 1"),
        (
            "azure",
            PLACED,
            (
                "##vso[task.logissue type=error;sourcepath=sub/Dockerfile;linenumber=3;]"
                "Run cf1 ended as Failed: exit status 1"
            ),
        ),
        ("github", Note("warning", "A", "b"), "::warning title=A::b"),
        ("azure", Note("warning", "A", "b"), "##vso[task.logissue type=warning;]A: b"),
        ("github", Note("error", "A", "b", "Dockerfile"), "::error file=Dockerfile,title=A::b"),
        ("azure", Note("error", "A", "b", "Dockerfile"), "##vso[task.logissue type=error;sourcepath=Dockerfile;]A: b"),
        # Without a file, a line is nowhere.
        ("github", Note("error", "A", "b", "", 3), "::error title=A::b"),
        ("azure", Note("error", "A", "b", "", 3), "##vso[task.logissue type=error;]A: b"),
        (
            "github",
            Note("error", "a:b,c%d", "50% of a:b,c", "x,y:z%/Dockerfile", 1),
            "::error file=x%2Cy%3Az%25/Dockerfile,line=1,title=a%3Ab%2Cc%25d::50%25 of a:b,c",
        ),
        (
            "azure",
            Note("error", "a]b;c", "50% of ]", "x;y]z%/Dockerfile", 1),
            "##vso[task.logissue type=error;sourcepath=x%3By%5Dz%AZP25/Dockerfile;linenumber=1;]a]b;c: 50%AZP25 of ]",
        ),
        ("github", Note("error", "A", "one\r\n::stop-commands::x"), "::error title=A::one\\r\\n::stop-commands::x"),
    ],
)
def test_notes_are_escaped_by_the_rules_of_the_service(style: str, note: Note, line: str) -> None:
    assert markup(style).note(note) == line


def test_what_is_too_long_to_be_read_is_cut() -> None:
    assert markup("github").group("x" * 1000) == f"::group::{'x' * 199}…"
    assert markup("github").note(Note("error", "A", "y" * 5000)) == f"::error title=A::{'y' * 1999}…"


def test_an_azure_group_holds_no_other_command() -> None:
    title = "Step 1/1 : RUN echo '##vso[task.setvariable variable=a]b' '##[error]c' ###vso[d]"
    assert markup("azure").group(title) == (
        "##[group]Step 1/1 : RUN echo '# #vso[task.setvariable variable=a]b' '# #[error]c' # # #vso[d]"
    )


# As actions/runner reads a line (src/Runner.Common/ActionCommand.cs).
_GITHUB_COMMAND = re.compile(r"::(?P<command>\w+)(?: (?P<properties>.*?))?::(?P<data>.*)")
# As azure-pipelines-agent does (src/Agent.Sdk/CommandPlugin, Command.cs).
_AZURE_COMMAND = re.compile(r"##vso\[(?P<command>[\w.]+) (?P<properties>[^\]]*)\](?P<data>.*)")


@given(HOSTILE, HOSTILE, HOSTILE, st.integers(1, 9999))
def test_a_github_note_is_one_command_whatever_the_texts(title: str, message: str, file: str, line: int) -> None:
    written = markup("github").note(Note("error", title, message, f"a{file}", line))
    assert len(written.splitlines()) == 1
    found = _GITHUB_COMMAND.fullmatch(written)
    assert found is not None
    properties = [entry.partition("=") for entry in found["properties"].split(",")]
    assert (found["command"], [name for name, _, _ in properties]) == ("error", ["file", "line", "title"])
    assert properties[1][2] == str(line)


@given(HOSTILE, HOSTILE, HOSTILE, st.integers(1, 9999))
def test_an_azure_note_is_one_command_whatever_the_texts(title: str, message: str, file: str, line: int) -> None:
    written = markup("azure").note(Note("error", title, message, f"a{file}", line))
    assert len(written.splitlines()) == 1
    found = _AZURE_COMMAND.match(written)
    assert found is not None
    names = [entry.partition("=")[0] for entry in found["properties"].split(";")]
    assert (found.start(), found["command"], names) == (0, "task.logissue", ["type", "sourcepath", "linenumber", ""])


@given(st.sampled_from(["github", "azure"]), HOSTILE)
def test_a_group_is_one_line_whatever_its_title(style: str, title: str) -> None:
    written = markup(style).group(title)
    assert len(written.splitlines()) == 1
    mark = {"github": "::group::", "azure": "##[group]"}[style]
    assert written.startswith(mark)
    assert "##" not in written.removeprefix(mark) or style == "github"
