"""What docker refuses of a Dockerfile as soon as it reads it."""

from __future__ import annotations

import pytest

from azext_acrpool.dockerfile.instructions import read_dockerfile
from azext_acrpool.dockerfile.model import AskedBuild
from azext_acrpool.dockerfile.refusals import refusals_of_docker

CONTINUED = "A line that continues the one before needs a \\ at the end of that."


@pytest.mark.parametrize(
    ("text", "line", "reason", "remedy"),
    [
        ("FROM a\nRUM true\n", 2, "docker knows no instruction RUM", f"Is RUN meant? {CONTINUED}"),
        ("FROM a\nRUN true\n&& echo\n", 3, "docker knows no instruction &&", CONTINUED),
        ("FROM a\n\\\n", 2, "there is no instruction in it", CONTINUED),
        (
            "# escape=`\nFROM a\n&& b\n",
            3,
            "docker knows no instruction &&",
            "A line that continues the one before needs a ` at the end of that.",
        ),
        ("# escape=x\nFROM a\n", 1, "the escape character can be \\ or ` only", "Write one of them."),
        ("RUN true\nFROM a\n", 1, "RUN stands before the first FROM, where only ARG may", "Put it after a FROM."),
        ("FROM a\nENV\n", 2, "after ENV there is nothing", "Write what it is for, or leave the line out."),
        ("FROM a\nCOPY --from=b a\n", 2, "COPY needs a source and a destination", "Write both."),
        ("FROM a\nONBUILD from b\n", 2, "ONBUILD takes no FROM", "Leave the line out."),
        ("ARG V = 1\nFROM a\n", 1, "ARG has no name before '='", "Write ARG NAME=VALUE, without blanks around '='."),
        (
            "ARG A=${\nFROM a\n",
            1,
            "docker cannot take '${' apart: after ${ there is no name that docker takes",
            "Write ARG NAME=VALUE, without blanks around '='.",
        ),
    ],
)
@pytest.mark.parametrize("buildkit", [False, True], ids=["plain", "buildkit"])
def test_lines_that_docker_refuses(buildkit: bool, text: str, line: int, reason: str, remedy: str) -> None:
    (objection,) = refusals_of_docker(read_dockerfile(text), AskedBuild(buildkit=buildkit))
    assert (objection.line, objection.reason, objection.remedy) == (line, reason, remedy)
    assert not objection.needs_buildkit


def test_buildkit_refuses_a_here_document_without_its_end() -> None:
    dockerfile = read_dockerfile("FROM a\nRUN cat <<EOF\nRUM true\n")
    (objection,) = refusals_of_docker(dockerfile, AskedBuild(buildkit=True))
    assert (objection.line, objection.text) == (2, "RUN cat <<EOF")
    assert objection.reason == "its here-document is not ended: no line is EOF and nothing else"
    (objection,) = refusals_of_docker(dockerfile, AskedBuild())
    assert (objection.line, objection.reason) == (3, "docker knows no instruction RUM")


@pytest.mark.parametrize("option", ["--security=insecure", "--network=host"])
def test_what_needs_a_permission_is_refused_where_it_is_carried_out(option: str) -> None:
    dockerfile = read_dockerfile(f"FROM a AS one\nRUN --network=none true\nRUN {option} true\nFROM b AS two\n")
    (objection,) = refusals_of_docker(dockerfile, AskedBuild(buildkit=True, target="one"))
    assert (objection.line, objection.reason) == (3, f"a build on an agent has no permission for {option}")
    assert refusals_of_docker(dockerfile, AskedBuild(buildkit=True)) == ()
    assert refusals_of_docker(dockerfile, AskedBuild()) == ()


def test_lines_that_docker_20_10_may_join_are_not_refused_without_buildkit() -> None:
    dockerfile = read_dockerfile("FROM a\nRUN dir C:\\\\\n  && echo\n")
    assert refusals_of_docker(dockerfile, AskedBuild()) == ()
    (objection,) = refusals_of_docker(dockerfile, AskedBuild(buildkit=True))
    assert (objection.line, objection.reason) == (3, "docker knows no instruction &&")


@pytest.mark.parametrize(
    "text",
    [
        "ARG A\nARG B=1 C='2 3'\nFROM a\nRUN true\nCMD []\nRUN\n",
        'FROM a\nCOPY ["a", "b"]\nADD a b /c\nCOPY <<EOF /x\nnone\nEOF\nONBUILD RUN true\nMAINTAINER me\n',
        "ARG A=${\nARG B=1\nARG C=${B:?}\nARG B=\nFROM a\n",
        "# syntax=example/frontend\nINCLUDE x\nFROM a b c\n",
        "FROM a b c\n",
        "",
    ],
    ids=["short", "all", "given", "other language", "from", "empty"],
)
def test_what_docker_takes_or_others_tell_of_is_no_refusal(text: str) -> None:
    assert refusals_of_docker(read_dockerfile(text), AskedBuild(arguments={"A": "1"}, buildkit=True)) == ()
