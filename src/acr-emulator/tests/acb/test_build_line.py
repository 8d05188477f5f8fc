"""What acb reads in a line of arguments for `docker build`."""

from __future__ import annotations

import pytest
from acr_emulator.acb.build_line import BuildLine, parse_build_line, replace_context, with_prefixed_tags

GIT = "https://github.com/acme/x.git"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", BuildLine("", "", ".", (), ())),
        (
            "-f D -t a:1 --tag b --build-arg A=1 --target t sub",
            BuildLine("D", "t", "sub", ("a:1", "b"), ("A=1",)),
        ),
        ("--file=D --tag=a -tb --target=t --build-arg=A=1 .", BuildLine("", "", ".", (), ())),
        ("-f 'D' --target \"t\" -t 'a:1' --build-arg 'A=1' 'sub'", BuildLine("D", "t", "sub", ("'a:1'",), ("'A=1'",))),
        ("--no-cache sub", BuildLine("", "", ".", (), ())),
        (f"--pull {GIT}", BuildLine("", "", ".", (), ())),
        ("--build-arg A='two words' sub", BuildLine("", "", "sub", (), ("A='two",))),
        ("sub --build-arg A='two words'", BuildLine("", "", "words", (), ("A='two",))),
        ("-t .", BuildLine("", "", ".", (".",), ())),
        ("-t a\x1fb .", BuildLine("", "", ".", ("a\x1fb",), ())),
    ],
)
def test_cuts_a_line_at_blanks(line: str, expected: BuildLine) -> None:
    assert parse_build_line(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"-f D -t a  {GIT}", "-f D -t a ."),
        (f"{GIT} -f D", ". -f D"),
        (f"--build-arg A=two words {GIT}", f"--build-arg A=two . {GIT}"),
        (f"--no-cache {GIT}", f"--no-cache {GIT}"),
    ],
)
def test_puts_the_fetched_context_in_place_of_the_first_free_word(line: str, expected: str) -> None:
    assert replace_context(line, ".") == expected


def test_puts_the_registry_before_the_words_that_follow_an_option_for_tags() -> None:
    line = "-t a:1  --tag other.io/b -t 'c' --build-arg -t d ."
    assert with_prefixed_tags(line, "team.azurecr.io", ["other.io"]) == (
        "-t team.azurecr.io/a:1 --tag other.io/b -t team.azurecr.io/'c' --build-arg -t team.azurecr.io/d ."
    )
