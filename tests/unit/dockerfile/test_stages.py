"""The stages of a Dockerfile, their images, and which of them a build carries out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azext_acrpool.dockerfile.instructions import read_dockerfile
from azext_acrpool.dockerfile.model import AskedBuild, Stage
from azext_acrpool.dockerfile.stages import executed_stages, read_stages

PLAIN = AskedBuild()
BUILDKIT = AskedBuild(buildkit=True)


def stages_of(text: str, build: AskedBuild = PLAIN) -> tuple[Stage, ...]:
    return read_stages(read_dockerfile(text), build)


def test_a_stage_says_what_is_written_and_what_is_meant() -> None:
    text = "ARG V=1\nFROM --platform=$BUILDPLATFORM \\\n  golang:${V} AS Build\n"
    (stage,) = stages_of(text, BUILDKIT)
    assert (stage.number, stage.name, stage.written, stage.image) == (0, "build", "golang:${V}", "golang:1")
    assert (stage.platform, stage.asked_platform, stage.fault) == ("$BUILDPLATFORM", "linux/amd64", "")
    assert (stage.instruction.line, stage.instruction.last_line) == (2, 3)


@pytest.mark.parametrize(
    ("text", "arguments", "image"),
    [
        ("FROM 'a':\"1\"", {}, "a:1"),
        ("ARG A=1 B=2\nFROM $A$B", {}, "12"),
        ("ARG A=1 B=${A}2\nFROM $B", {}, "12"),
        ("ARG A=1\nARG B=$A.2\nFROM x:$B", {}, "x:1.2"),
        ("ARG A=1\nARG B=$A.2\nFROM x:$B", {"A": "3"}, "x:3.2"),
        ("ARG A=1\nFROM x:$A", {"A": '"2" $B'}, 'x:"2" $B'),
        ("ARG A\nFROM x:$A", {"A": "2"}, "x:2"),
        ("ARG A=1\nARG A=2\nFROM x:$A", {}, "x:2"),
        ("ARG A='1 2' B=\"3\" C=\\$A\nFROM $A$B$C", {}, "1 23$A"),
        ("FROM x${A:-1}${A-2}${A:+3}", {}, "x12"),
        ("ARG A=1.2\nFROM x:${A%.*}${A/./-}", {}, "x:11-2"),
        ("FROM x${A-1}", {"A": "undeclared"}, "x1"),
        ("FROM x${A-1}\nARG A=late", {}, "x1"),
        ("# escape=`\nARG A=1\nFROM x:$A`$A", {}, "x:1$A"),
    ],
)
@pytest.mark.parametrize("build", [PLAIN, BUILDKIT], ids=["plain", "buildkit"])
def test_images_have_the_builds_values(build: AskedBuild, text: str, arguments: dict[str, str], image: str) -> None:
    (stage,) = stages_of(text, replace(build, arguments=arguments))
    assert (stage.image, stage.fault) == (image, "")


def test_only_buildkit_gives_the_platforms() -> None:
    text = "FROM x:$BUILDPLATFORM-$BUILDARCH-$TARGETPLATFORM-$TARGETOS-$TARGETARCH-$TARGETVARIANT-$TARGETSTAGE\n"
    arm = AskedBuild(platform="linux/arm64/v8", buildkit=True)
    (stage,) = stages_of(text, arm)
    assert stage.image == "x:linux/amd64-amd64-linux/arm64/v8-linux-arm64-v8-default"
    (stage,) = stages_of(text, replace(arm, arguments={"TARGETARCH": "mine"}))
    assert stage.image == "x:linux/amd64-amd64-linux/arm64/v8-linux-mine-v8-default"
    (stage,) = stages_of(text, replace(arm, buildkit=False, arguments={"TARGETARCH": "undeclared"}))
    assert stage.image == "x:------"
    assert stage.unresolved[-1] == "TARGETSTAGE"
    (stage,) = stages_of("ARG TARGETARCH=own\nFROM x:$TARGETARCH")
    assert stage.image == "x:own"


def test_an_argument_that_is_declared_anew_has_no_default_without_buildkit() -> None:
    dockerfile = read_dockerfile("ARG V=1\nARG W=$V\nARG V\nFROM a:$V$W\n")
    assert read_stages(dockerfile, AskedBuild())[0].unresolved == ("V",)
    assert read_stages(dockerfile, AskedBuild(arguments={"V": "2"}))[0].image == "a:22"
    assert read_stages(dockerfile, AskedBuild(buildkit=True))[0].image == "a:11"


def test_arguments_without_a_value_are_named() -> None:
    (stage,) = stages_of("ARG A\nFROM x:$A$B${C:-d}\n")
    assert (stage.image, stage.unresolved) == ("x:d", ("A", "B"))


SHAPE = "FROM takes an image, and after it nothing but AS and a name"
NAME = "a stage's name begins with a letter and holds letters, digits, '_', '.' and '-' only"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("FROM", "FROM names no image"),
        ("FROM --platform=linux/amd64", "FROM names no image"),
        ("FROM a b", SHAPE),
        ("FROM a # the base", SHAPE),
        ("FROM a AS", SHAPE),
        ("FROM a AS b c", SHAPE),
        ("FROM a to b", SHAPE),
        ("FROM a AS 1b", NAME),
        ('FROM a AS "b"', NAME),
        ("FROM a AS b/c", NAME),
        ("FROM --platform a", "--platform has no '=' and value"),
        ("FROM --Platform=x a", "--platform is the only option that FROM has"),
        ("FROM --platform=x --platform=y a", "--platform is there twice"),
        ("FROM ''", "its image is empty"),
        ("FROM $NONE", "its image is empty"),
        ("FROM a:${", "docker cannot take 'a:${' apart: after ${ there is no name that docker takes"),
        ("FROM a:'1", "docker cannot take 'a:'1' apart: a single quote is not closed"),
        ("FROM --platform=${ a", "docker cannot take '${' apart: after ${ there is no name that docker takes"),
    ],
)
@pytest.mark.parametrize("build", [PLAIN, BUILDKIT], ids=["plain", "buildkit"])
def test_what_docker_refuses_of_from_is_its_fault(build: AskedBuild, line: str, fault: str) -> None:
    (stage,) = stages_of(line, build)
    assert stage.fault == fault


def test_a_platform_without_a_value_is_a_fault_for_buildkit() -> None:
    (stage,) = stages_of("FROM --platform=$NONE a", BUILDKIT)
    assert stage.fault == "its platform is empty"


def test_dockers_own_builder_does_not_look_into_images_after_the_target() -> None:
    text = "FROM a AS one\nFROM ${ AS two\nFROM a b\n"
    target = replace(PLAIN, target="ONE")
    assert [bool(stage.fault) for stage in stages_of(text, target)] == [False, False, True]
    assert [bool(stage.fault) for stage in stages_of(text, replace(target, buildkit=True))] == [False, True, True]


STAGES = """\
FROM a AS one
FROM b AS two
COPY --from=one / /
FROM TWO AS three
FROM c AS two
RUN --mount=type=bind,from=0,target=/x true
FROM d
FROM e AS last
COPY --from=image --from=2 / /
"""


@pytest.mark.parametrize(
    ("target", "buildkit", "numbers"),
    [
        ("", False, {0, 1, 2, 3, 4, 5}),
        ("", True, {0, 1, 2, 5}),
        ("Last", True, {0, 1, 2, 5}),
        ("one", False, {0}),
        ("two", False, {0, 1}),
        ("two", True, {0, 3}),
        ("three", False, {0, 1, 2}),
        ("three", True, {0, 1, 2}),
        ("4", False, {0, 1, 2, 3, 4}),
        ("4", True, {4}),
        ("none", False, set()),
        ("none", True, set()),
        ("6", True, set()),
    ],
)
def test_stages_that_a_build_carries_out(target: str, buildkit: bool, numbers: set[int]) -> None:
    dockerfile = read_dockerfile(STAGES)
    build = AskedBuild(target=target, buildkit=buildkit)
    assert executed_stages(dockerfile, read_stages(dockerfile, build), build) == numbers


def test_no_number_of_stages_or_arguments_takes_long() -> None:
    chain = "".join(f"FROM s{number} AS s{number + 1}\nCOPY --from=s{number} / /\n" for number in range(20_000))
    arguments = "ARG A0=ab\n" + "".join(f"ARG A{number + 1}=$A{number}$A{number}\n" for number in range(20_000))
    dockerfile = read_dockerfile(arguments + chain)
    assert len(executed_stages(dockerfile, read_stages(dockerfile, BUILDKIT), BUILDKIT)) == 20_000
