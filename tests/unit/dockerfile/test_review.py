"""What is said of a Dockerfile before it is sent, and what is changed in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azext_acrpool.dockerfile.model import AskedBuild, Objection, Review
from azext_acrpool.dockerfile.review import review_dockerfile

PLAIN = AskedBuild()
BUILDKIT = AskedBuild(buildkit=True)
FOR_ARM = AskedBuild(buildkit=True, platform="linux/arm64")
SECRET = frozenset({"TOKEN"})

OWN = "which is the agents' own platform anyway"
BROKEN = "FROM is broken after FR, so that the agent's scanner, which cannot read it, does not see it"
NO_OPTIONS = "the agent's scanner knows no options of FROM, such as --platform"
MOVED = "is moved to the end of line {}, which it continues"


def review(text: str, build: AskedBuild = PLAIN) -> Review:
    return review_dockerfile(text.encode(), build)


def adapted(text: str, build: AskedBuild = PLAIN) -> tuple[str, tuple[str, ...]]:
    found = review(text, build)
    assert not found.objections
    assert found.adapted is not None
    return found.adapted.decode(), found.changes


def objection(text: str, build: AskedBuild = PLAIN) -> Objection:
    found = review(text, build)
    assert found.adapted is None
    (only,) = found.objections
    return only


@pytest.mark.parametrize(
    ("text", "build"),
    [
        ("FROM debian\n", PLAIN),
        ("\ufeff# syntax=x\nFROM debian AS a\r\nFROM a\r\n", PLAIN),
        ("FROM debian\nRUN echo \\\nFROM debian\n", PLAIN),
        ("FROM debian AS a\nRUN echo \\\nfrom a\n", PLAIN),
        ("FROM debian\nRUN echo \\\nFROM scratch\n", PLAIN),
        ("FROM debian\nRUN echo \\\narg x\n", PLAIN),
        ("FROM debian\nCOPY --from=busybox a b\nRUN echo \\\nFROM docker.io/library/busybox:latest\n", PLAIN),
        ("FROM debian AS a\nFROM --platform=linux/arm64 debian\n", replace(PLAIN, target="a")),
        ("FROM a AS Last\n", replace(PLAIN, target="last")),
        ("ARG V\nFROM debian:$V\n", replace(PLAIN, arguments={"V": "12"})),
        ("ARG V\nFROM debian:$V\n", replace(PLAIN, arguments={"V": '"12"'})),
        ("ARG V\nFROM debian:$V\n", replace(PLAIN, arguments={"V": "{{.Run.ID}}"})),
        ("ARG TOKEN\nFROM debian:$TOKEN\n", replace(PLAIN, arguments={"TOKEN": "x"}, unseen_arguments=SECRET)),
        ("FROM docker.io/debian\nFROM localhost:5000/x\n", PLAIN),
        # What BuildKit takes for a here-document are instructions without it.
        ("FROM a\nRUN cat <<CMD\nFROM alpine AS q\nCMD\nFROM q\n", PLAIN),
        ("FROM a\nRUN cat <<EOF >/x\nRUN b\nFROM alpine AS q\nRUN b \\\nEOF\nFROM q\n", PLAIN),
        ("FROM localhost:5000/x@sha256:" + "0" * 64 + "\n", BUILDKIT),
        ("FROM docker.io/library/debian\nFROM x AS unused\nFROM debian\n", BUILDKIT),
        ("FROM debian:12\nRUN <<EOF\nFROM debian:12\nEOF\n# syntax=docker/dockerfile:1\n", BUILDKIT),
    ],
)
def test_leaves_alone_what_an_agent_builds(text: str, build: AskedBuild) -> None:
    found = review(text, build)
    assert (found.objections, found.adapted, found.changes) == ((), None, ())
    assert found.target == build.target


@pytest.mark.parametrize(
    ("text", "build", "expected", "changes"),
    [
        (
            "FROM --platform=$BUILDPLATFORM golang AS build\r\nFROM --platform=linux/amd64 debian\r\n",
            PLAIN,
            "FROM golang AS build\r\nFROM debian\r\n",
            (
                f"Dockerfile line 1: --platform=$BUILDPLATFORM is left out, {OWN}",
                f"Dockerfile line 2: --platform=linux/amd64 is left out, {OWN}",
            ),
        ),
        (
            "FROM --platform=$TARGETPLATFORM debian AS a\nFROM --platform=$BUILDPLATFORM a\n",
            FOR_ARM,
            "FROM debian AS a\nFROM a\n",
            (
                "Dockerfile line 1: --platform=$TARGETPLATFORM is left out, which is the platform of the build anyway",
                (
                    "Dockerfile line 2: --platform=$BUILDPLATFORM is left out, "
                    "which has no effect on a stage that is built on another"
                ),
            ),
        ),
        (
            "\ufefffrom debian\\\n  # the base\n\n  as Base\nFROM base\nRUN true\n",
            PLAIN,
            "\ufefffrom debian AS Base\n  # the base\n\n\nFROM Base\nRUN true\n",
            (
                "Dockerfile line 1: FROM is put on one line",
                "Dockerfile line 5: the stage is written out: Base",
            ),
        ),
        (
            'ARG A=1 V=12\nARG W=${V}-slim\nFROM debian:${W:-x}\nFROM "alpine:$V"\n',
            PLAIN,
            "ARG A=1 V=12\nARG W=${V}-slim\nFROM debian:12-slim\nFROM alpine:12\n",
            (
                "Dockerfile line 3: the image is written out: debian:12-slim",
                "Dockerfile line 4: the image is written out: alpine:12",
            ),
        ),
        (
            "FROM debian\nARG V=:2\nFROM alpine$V\n",
            PLAIN,
            "FROM debian\nARG V=:2\nFROM alpine\n",
            ("Dockerfile line 3: the image is written out: alpine",),
        ),
        (
            "FROM base-$TARGETARCH\nFROM alpine\n",
            FOR_ARM,
            "FROM base-arm64\nFROM alpine\n",
            ("Dockerfile line 1: the image is written out: base-arm64",),
        ),
        (
            "FROM docker.io/golang:1 AS a\nFROM index.docker.io/debian\n",
            BUILDKIT,
            "FROM golang:1 AS a\nFROM debian\n",
            (
                "Dockerfile line 1: the image is written out: golang:1",
                "Dockerfile line 2: the image is written out: debian",
            ),
        ),
        (
            'FROM debian\nRUN psql -c "SELECT * \\\n  FROM users \\\n# all of them\n\n  from FROM #x"\nRUN b\n',
            PLAIN,
            'FROM debian\nRUN psql -c "SELECT *   FROM\\\n users   from FROM #x"\n# all of them\n\n\nRUN b\n',
            (
                f"Dockerfile line 3: FROM {MOVED.format(2)}",
                f'Dockerfile line 6: from FROM #x" {MOVED.format(3)}',
            ),
        ),
        (
            "# escape=`\nFROM mcr.microsoft.com/windows/nanoserver `\n  AS w\nRUN sql `\nFROM\\x `\nFROM t `\n go\n",
            replace(PLAIN, platform="windows/amd64"),
            "# escape=`\nFROM mcr.microsoft.com/windows/nanoserver AS w\n\nRUN sql `\nFROM\\x FROM`\n t `\n go\n",
            (
                "Dockerfile line 2: FROM is put on one line",
                f"Dockerfile line 6: FROM {MOVED.format(5)}",
            ),
        ),
        (
            "FROM\\\n debian AS \\\n base\nFROM base\n",
            PLAIN,
            "FROM debian AS base\n\n\nFROM base\n",
            ("Dockerfile line 1: FROM is put on one line",),
        ),
        (
            "FROM alpine AS final\n\nFROM --platform=$BUILDPLATFORM golang AS build\nFROM build AS more\nFROM final\n",
            FOR_ARM,
            (
                "FROM alpine AS final\nFR\\\nOM --platform=$BUILDPLATFORM golang AS build\nFR\\\nOM build AS more\n"
                "FROM final\n"
            ),
            (f"Dockerfile line 3: {BROKEN}", f"Dockerfile line 4: {BROKEN}"),
        ),
        (
            "ARG TOKEN\nFROM debian:$TOKEN\nFROM alpine\n",
            replace(BUILDKIT, arguments={"TOKEN": "hush"}, unseen_arguments=SECRET),
            "ARG TOKEN\nFR\\\nOM debian:$TOKEN\nFROM alpine\n",
            (f"Dockerfile line 2: {BROKEN}",),
        ),
    ],
)
def test_writes_an_equal_text_that_the_scanner_takes(
    text: str, build: AskedBuild, expected: str | None, changes: tuple[str, ...]
) -> None:
    assert adapted(text, build) == (expected, changes)


@pytest.mark.parametrize(
    ("text", "target", "told", "expected", "changes"),
    [
        ("FROM a AS Foo\nFROM b\nFROM c AS bar\n", "foo", "Foo", None, ()),
        ("FROM a AS Foo\nFROM b\nFROM c AS bar\n", "0", "Foo", None, ()),
        (
            "FROM a AS Foo\nFROM b\nFROM c AS bar\n",
            "1",
            "acrpool-target",
            "FROM a AS Foo\nFROM b AS acrpool-target\nFROM c AS bar\n",
            ("Dockerfile line 2: the stage is named acrpool-target",),
        ),
        (
            "FROM a\nRUN acrpool-target\n",
            "0",
            "acrpool-target-2",
            "FROM a AS acrpool-target-2\nRUN acrpool-target\n",
            ("Dockerfile line 1: the stage is named acrpool-target-2",),
        ),
    ],
)
def test_tells_the_agent_the_target_as_it_is_spelled(
    text: str, target: str, told: str, expected: str | None, changes: tuple[str, ...]
) -> None:
    found = review(text, replace(PLAIN, target=target))
    first = f"--target {target} is given as {told}, which the agent's scanner knows"
    assert found == Review((), expected.encode() if expected else None, (first, *changes), (), told)


def test_bytes_that_are_no_text_survive() -> None:
    text = b"FROM --platform=linux/amd64 a\n# \xff\xe9\nRUN echo \xff \\\n  FROM x\xfe \\\n  y\n"
    found = review_dockerfile(text, PLAIN)
    assert found.adapted == b"FROM a\n# \xff\xe9\nRUN echo \xff   FROM\\\n x\xfe \\\n  y\n"


@pytest.mark.parametrize(
    ("text", "build", "expected"),
    [
        (
            "FROM debian # why\n",
            PLAIN,
            Objection(
                1,
                "FROM debian # why",
                "FROM takes an image, and after it nothing but AS and a name",
                "Write FROM IMAGE or FROM IMAGE AS NAME; a comment needs a line of its own.",
            ),
        ),
        (
            "FROM alpine:$TARGETARCH\n",
            PLAIN,
            Objection(
                1,
                "FROM alpine:$TARGETARCH",
                "'alpine:' is no valid reference of an image, as TARGETARCH has no value there",
                "Give its value, --build-arg TARGETARCH=.., or a default, ARG TARGETARCH=.. before the first FROM, "
                "or build with --buildkit, which knows it.",
                needs_buildkit=True,
            ),
        ),
        (
            "FROM debian\nRUN python <<EOF\nfrom os import x\nfrom sys import y\nEOF\n",
            BUILDKIT,
            Objection(
                3,
                "from os import x",
                "the agent's scanner takes nothing but 'FROM image' and 'FROM image AS name' in a line that begins "
                "with FROM",
                "Have the line begin with another word, or put the text into a file of its own and copy that.",
            ),
        ),
        (
            "FROM debian\nRUN psql <<EOF\nSELECT *\nFROM users\nEOF\n",
            BUILDKIT,
            Objection(
                4,
                "FROM users",
                "the agent's scanner takes 'users' for an image here, which the build does not have: the agent asks "
                "for its digest in the end",
                "Have the line begin with another word, or put the text into a file of its own and copy that.",
            ),
        ),
        (
            "FROM --platform=linux/arm64 debian\n",
            BUILDKIT,
            Objection(
                1,
                "FROM --platform=linux/arm64 debian",
                NO_OPTIONS,
                "Leave --platform out, and name the image of that platform by its digest: FROM IMAGE@sha256:..",
            ),
        ),
        (
            "FROM --platform=$BUILDPLATFORM debian\nFROM x\n",
            replace(PLAIN, platform="linux/arm64"),
            Objection(
                1,
                "FROM --platform=$BUILDPLATFORM debian",
                NO_OPTIONS,
                "Build with --buildkit, which knows the platform.",
                needs_buildkit=True,
            ),
        ),
        (
            "ARG TOKEN\nFROM debian:$TOKEN\n",
            replace(BUILDKIT, arguments={"TOKEN": "hush"}, unseen_arguments=SECRET),
            Objection(
                2,
                "FROM debian:$TOKEN",
                "the agent's scanner finds no image here: 'debian:' is no valid reference of an image",
                "Write the image as it is, or give its build argument in plain: --build-arg NAME=VALUE.",
            ),
        ),
        (
            "FROM localhost:5000/x\n",
            BUILDKIT,
            Objection(
                1,
                "FROM localhost:5000/x",
                "the agent asks the wrong registry for the digest of 'localhost:5000/x'",
                "Name its registry by a host with a dot in it, or the image by its digest.",
            ),
        ),
        (
            "FROM a AS One\nFROM b AS Two\n",
            replace(PLAIN, target="three"),
            Objection(0, "", "it has no stage three, which --target asks for", "Its stages are One, Two."),
        ),
        (
            "",
            PLAIN,
            Objection(0, "", "it has no FROM, which every Dockerfile needs", "Is it the right file? See --file."),
        ),
    ],
)
def test_objects_once_with_line_reason_and_remedy(text: str, build: AskedBuild, expected: Objection) -> None:
    assert objection(text, build) == expected


def test_objects_to_a_line_that_nobody_takes() -> None:
    found = objection("FROM a\nRUN " + "x" * 65536 + "\n")
    assert (found.line, found.reason) == (
        2,
        "a line of 64 KiB or more is one that neither docker nor the agent's scanner takes",
    )


def test_all_objections_come_at_once_and_nothing_is_changed_then() -> None:
    found = review("FROM --platform=linux/amd64 a\nFROM b c\nRUN --mount=type=cache,target=/x y\n")
    assert [(one.line, one.needs_buildkit) for one in found.objections] == [(2, False), (3, True)]
    assert (found.adapted, found.changes) == (None, ())


def test_secrets_are_in_no_sentence() -> None:
    build = AskedBuild(arguments={"TOKEN": "Hush"}, unseen_arguments=SECRET)
    text = "ARG TOKEN\nFROM debian:1${TOKEN:-}/$TOKEN\nFROM $TOKEN\nRUN echo \\\nFROM x:$TOKEN$TOKEN\n"
    for asked in (build, replace(build, buildkit=True), replace(build, arguments={"TOKEN": "hush"})):
        found = review(text, asked)
        assert found.objections or found.changes
        assert "hush" not in repr(found).lower()


def test_a_default_that_a_secret_replaces_is_hidden_or_a_remark() -> None:
    build = replace(BUILDKIT, arguments={"TOKEN": "hush"}, unseen_arguments=SECRET)
    assert adapted("ARG TOKEN=1\nFROM a:$TOKEN\nFROM b\n", build)[0] == "ARG TOKEN=1\nFR\\\nOM a:$TOKEN\nFROM b\n"
    only = review("ARG TOKEN=1\nFROM a:$TOKEN\n", build)
    assert (only.objections, only.adapted, len(only.remarks)) == ((), None, 1)


def test_what_may_be_in_a_registry_is_a_remark() -> None:
    found = review("# syntax=docker/dockerfile:1\nFROM debian\nRUN <<EOF\nFROM alpine:3\nEOF\n", BUILDKIT)
    assert found == Review(
        remarks=(
            (
                "Dockerfile line 4: FROM alpine:3: the agent's scanner takes 'alpine:3' for an image here, which the "
                "build does not have: the agent asks for its digest in the end, and the build fails if it is not in "
                "its registry."
            ),
        )
    )


def test_a_text_for_another_frontend_is_judged_by_the_scanner_alone() -> None:
    text = "# syntax=example.com/frontend\nUSE x\nFROM debian # why\n"
    found = review(text, BUILDKIT)
    assert [(one.line, one.text) for one in found.objections] == [(3, "FROM debian # why")]


def test_a_frontend_does_not_count_without_buildkit() -> None:
    text = "# syntax=example.com/frontend\nFROM --platform=$BUILDPLATFORM debian\n"
    assert adapted(text)[0] == "# syntax=example.com/frontend\nFROM debian\n"


def test_a_name_of_a_stage_that_another_has_fails_a_plain_build_that_comes_to_it() -> None:
    text = "FROM debian AS one\nFROM alpine AS One\n"
    assert objection(text) == Objection(
        2,
        "FROM alpine AS One",
        "an earlier stage is called One too, which only BuildKit takes",
        "Give one of them another name, or build with --buildkit.",
        needs_buildkit=True,
    )
    assert review(text, replace(PLAIN, target="one")) == Review(target="one")
    assert review("FROM debian AS one\nFROM alpine\n") == Review()
    assert not review(text, BUILDKIT).objections


def test_machines_that_build_for_windows_are_windows() -> None:
    text = "FROM --platform=$BUILDPLATFORM mcr.microsoft.com/windows/nanoserver\n"
    assert adapted(text, replace(PLAIN, platform="windows/amd64"))[0] == "FROM mcr.microsoft.com/windows/nanoserver\n"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n" + "RUN b \\\n" + "FROM c \\\n" * 8000 + "d\n",
        "FROM a AS s0\n" + "".join(f"FROM S{number} AS S{number + 1}\n" for number in range(2500)),
        "FROM --platform=linux/arm64 a AS s\n" + "FROM s\n" * 2500,
        "FROM a\nRUN <<E\n" + "FROM b\n" * 8000 + "E\n",
        "FROM a\n" + "RUN <<E\n" * 8000,
        "FROM a\n" * 5000,
        "FROM a\n" * 1_000_000,
        "FROM a\n" + "RUN cat <<E\n" * 500_000,
    ],
    ids=["continued", "stages", "hidden", "heredoc", "heredocs", "froms", "endless-froms", "endless-heredocs"],
)
@pytest.mark.parametrize("build", [PLAIN, BUILDKIT], ids=["plain", "buildkit"])
def test_hostile_texts_come_to_an_end(text: str, build: AskedBuild) -> None:
    assert isinstance(review(text, build), Review)


def test_what_is_longer_than_any_dockerfile_is_built_without_a_look() -> None:
    text = "FROM a\nRUN b\n" * 20_000 + "NONE"
    remark = "Dockerfile: it has more than 30000 lines, so that it is not looked into before the build."
    assert review(text, replace(PLAIN, target="x")) == Review(remarks=(remark,), target="x", is_looked_into=False)


FRAGMENTS = [
    *(
        b"FROM ",
        b"from",
        b"ARG ",
        b"RUN ",
        b"COPY ",
        b"<<EOF",
        b"\nEOF\n",
        b"a",
        b" AS ",
        b"b",
        b"--platform=",
        b"$V",
        b"${V:-",
    ),
    *(
        b"}",
        b"\\",
        b"\\\n",
        b"\n",
        b"\n",
        b"\r\n",
        b"#",
        b" ",
        b"'",
        b'"',
        b"\xff",
        b"\xe2\x80\x83",
        b"\xef\xbb\xbf",
        b"=",
        b"1",
        b"`",
    ),
    *(b"# escape=`\n", b"# syntax=x\n", b"\x00", b"@", b":", b"/", b"linux/arm64", b"OM"),
]


@settings(derandomize=True, max_examples=120)
@given(
    st.lists(st.sampled_from(FRAGMENTS), max_size=25),
    st.booleans(),
    st.sampled_from(["", "b", "B", "0", "x"]),
    st.sampled_from(["linux/amd64", "linux/arm64", "windows/amd64"]),
)
def test_any_bytes_are_reviewed_and_what_was_adapted_is_left_alone(
    fragments: list[bytes], buildkit: bool, target: str, platform: str
) -> None:
    build = AskedBuild({"V": "1"}, target=target, platform=platform, buildkit=buildkit)
    found = review_dockerfile(b"FROM a AS b\n" + b"".join(fragments), build)
    if found.adapted is not None:
        again = review_dockerfile(found.adapted, replace(build, target=found.target))
        assert (again.objections, again.adapted, again.target) == ((), None, found.target)
