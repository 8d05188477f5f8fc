"""The steps that are found in logs, however these are cut, and the marks around them."""

from __future__ import annotations

import itertools
from io import StringIO

import pytest
import run_logs
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.commands.console.log_printer import LogPrinter
from azext_acrpool.commands.runs.annotations.failure import FailureReader
from azext_acrpool.commands.runs.annotations.markup import markup_for
from azext_acrpool.commands.runs.annotations.printer import FoldingPrinter
from azext_acrpool.commands.runs.options import AnnotationStyle

LOGS = {
    name: getattr(run_logs, name)
    for name in (
        "CLASSIC_FAILS",
        "CLASSIC_SUCCEEDS",
        "CLASSIC_PUSH_FAILS",
        "SCAN_FAILS",
        "BUILDKIT_FAILS",
        "TASK_FAILS",
    )
}
LOG_LINES = st.lists(
    st.one_of(
        st.sampled_from([line for log in LOGS.values() for line in log.splitlines()]),
        st.sampled_from(
            ["", "Step", "Step 2/1 : ", "#7 x", "#7 [x", "------", "-----", "10%\r20%", "2026/03/01 12", "#"]
        ),
        st.text("Step 1/:#[]-2026\r", max_size=12),
    ),
    max_size=20,
).map("\n".join)


def pieces_of(log: str, cuts: list[int]) -> list[str]:
    bounds = [0, *sorted(cut for cut in cuts if cut <= len(log)), len(log)]
    return [log[start:end] for start, end in itertools.pairwise(bounds)]


def folded(*pieces: str, style: str = "github") -> str:
    markup, stream = markup_for(AnnotationStyle(style)), StringIO()
    printer = FoldingPrinter(LogPrinter(stream, raw=True), markup, FailureReader())
    for piece in pieces:
        printer.write(piece)
    printer.finish()
    printer.finish()
    return stream.getvalue()


def is_mark(line: str) -> bool:
    return line.startswith(("::group::", "::endgroup::"))


def outline(log: str) -> list[str]:
    """The titles of the groups, and of what stands in none, the first words of its first line."""
    lines, places = folded(log).splitlines(), []
    is_open = False
    for before, line in itertools.pairwise(["::endgroup::", *lines]):
        if line.startswith("::group::"):
            places.append(line.removeprefix("::group::")[:60])
        elif not is_open and before == "::endgroup::" and not is_mark(line):
            places.append(f"- {line[:40]}")
        is_open = line.startswith("::group::") or (is_open and line != "::endgroup::")
    return places


CLASSIC_STEPS = [
    "Step 1/4 : ARG VERSION=20",
    "Step 2/4 : FROM node:${VERSION}-alpine",
    "Step 3/4 : COPY package.json /src/",
    "Step 4/4 : RUN cd /src &&     npm test",
]
BEGIN = "- 2026/03/01 12:00:01 Downloading source c"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "CLASSIC_FAILS",
            [BEGIN, "Executing step ID: build", *CLASSIC_STEPS, "- The command '/bin/sh -c cd /src &&     n"],
        ),
        (
            "CLASSIC_SUCCEEDS",
            [
                BEGIN,
                "Executing step ID: build",
                *CLASSIC_STEPS,
                "- Successfully built 1c35c4412082",
                "Executing step ID: push",
                "- 2026/03/01 12:00:12 Step ID: build marke",
            ],
        ),
        (
            "CLASSIC_PUSH_FAILS",
            [
                BEGIN,
                "Executing step ID: build",
                *CLASSIC_STEPS,
                "- Successfully built 1c35c4412082",
                "Executing step ID: push",
                "- failed to run step ID: push: failed to p",
            ],
        ),
        ("SCAN_FAILS", [BEGIN, "Executing step ID: build", "- failed to run step ID: build: failed to "]),
        (
            "BUILDKIT_FAILS",
            [
                BEGIN,
                "Executing step ID: build",
                "#1 [internal] load build definition from Dockerfile",
                "#2 [internal] load metadata for docker.io/library/node:20-alp",
                "#3 importing cache manifest from myregistry.azurecr.io/app:ca",
                "#4 [base 1/3] FROM docker.io/library/node:20-alpine@sha256:bf",
                "#5 [internal] load build context",
                "#4 [base 1/3] FROM docker.io/library/node:20-alpine@sha256:bf",
                "#6 [base 2/3] COPY package.json /src/",
                "#7 [base 3/3] RUN cd /src &&     npm test",
                "- ------",
            ],
        ),
        (
            "TASK_FAILS",
            [
                "- 2026/03/01 12:00:01 Alias support enable",
                "Executing step ID: lint",
                "- 2026/03/01 12:00:03 Successfully execute",
                "Executing step ID: unit",
                "- 2026/03/01 12:00:05 Container failed dur",
            ],
        ),
    ],
)
def test_each_step_is_folded_and_what_failed_is_not(name: str, expected: list[str]) -> None:
    assert outline(LOGS[name]) == [place[:60] for place in expected]


def test_azure_has_marks_of_its_own() -> None:
    assert folded("Step 1/1 : FROM scratch\n ---> \n", style="azure") == (
        "##[group]Step 1/1 : FROM scratch\nStep 1/1 : FROM scratch\n ---> \n##[endgroup]\n"
    )


@pytest.mark.parametrize(
    ("log", "printed"),
    [
        ("", ""),
        ("one\n", "one\n"),
        ("Step 1/1 : FROM", "::group::Step 1/1 : FROM\nStep 1/1 : FROM\n::endgroup::\n"),
        ("Step 1/1 : A\n10%\r", "::group::Step 1/1 : A\nStep 1/1 : A\n10%\r\n::endgroup::\n"),
        ("x Step 1/1 : A\n\rStep 1/1 : A\n", "x Step 1/1 : A\n\rStep 1/1 : A\n"),
        ("#5 of 7\n", "#5 of 7\n"),
        ("ERROR: none\n------\n", "ERROR: none\n------\n"),
    ],
    ids=["nothing", "no step", "no line end", "after a return", "within a line", "a number", "no report"],
)
def test_marks_stand_on_lines_of_their_own(log: str, printed: str) -> None:
    assert folded(log) == printed


def test_only_the_start_of_a_line_that_may_begin_a_step_waits() -> None:
    markup, stream = markup_for(AnnotationStyle.GITHUB), StringIO()
    printer = FoldingPrinter(LogPrinter(stream, raw=True), markup, FailureReader())
    shown = []
    for text in ("Compiling ..", " done\n", "St", "ill\nStep 1", "/1 : RUN x\n", "#" * 1000, "#5 ", "y" * 2000):
        printer.write(text)
        shown.append(stream.getvalue())
        stream.seek(0)
        stream.truncate()
    assert shown[:5] == ["Compiling ..", " done\n", "", "Still\n", "::group::Step 1/1 : RUN x\nStep 1/1 : RUN x\n"]
    assert "".join(shown[5:]) == "#" * 1001 + "5 " + "y" * 2000


@given(LOG_LINES, st.lists(st.integers(0, 400), max_size=8))
def test_the_log_is_what_is_left_without_the_marks(log: str, cuts: list[int]) -> None:
    log = f"{log}\n"
    lines = folded(*pieces_of(log, cuts)).split("\n")
    assert "\n".join(line for line in lines if not is_mark(line)) == log


@given(LOG_LINES, st.lists(st.integers(0, 400), max_size=8))
def test_groups_are_balanced_and_none_is_in_another(log: str, cuts: list[int]) -> None:
    marks = [line for line in folded(*pieces_of(log, cuts)).split("\n") if is_mark(line)]
    assert [mark == "::endgroup::" for mark in marks] == [False, True] * (len(marks) // 2)


@given(LOG_LINES, st.lists(st.integers(0, 400), max_size=8))
def test_the_same_steps_are_found_however_the_log_is_cut(log: str, cuts: list[int]) -> None:
    assert folded(*pieces_of(log, cuts)) == folded(log)
