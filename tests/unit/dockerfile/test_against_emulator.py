"""Generated Dockerfiles, read here and by the emulator's docker, which is another implementation."""

from __future__ import annotations

import io
import tarfile

import pytest
from acr_emulator.executor.archive import ContextArchive
from acr_emulator.executor.docker.build import BuildOptions, DockerBuild
from acr_emulator.executor.docker.dockerfile import parse
from acr_emulator.executor.errors import BuildFailedError, DockerfileError
from hypothesis import given, settings
from hypothesis import strategies as st

from azext_acrpool.dockerfile.instructions import read_dockerfile
from azext_acrpool.dockerfile.model import AskedBuild
from azext_acrpool.dockerfile.needs import needs_of_buildkit
from azext_acrpool.dockerfile.refusals import refusals_of_docker
from azext_acrpool.dockerfile.stages import read_stages

# What is between the words of an instruction, and what is before and behind it.
GAPS = [" ", "  ", "\t", " \\\n", " \\\n  ", " \\\n# why\n  ", " \\\n\n "]
MARGINS = ["", "", "  ", "# FROM nothing\n", "\n", "#\n"]
RUNS = ["RUN true", "run echo FROM x", "RUN echo '<<EOF'", "RUN cat <<<EOF", 'RUN ["true"]', "RUN echo a\\ b"]
HEREDOCS = ["RUN <<EOF\n{}\nEOF", "RUN cat <<'A' <<-B\n{}\nA\n\tFROM x\n\tB", "COPY <<EOF /x/\n{}\nFROM y\nEOF"]
BODIES = ["", "echo hi", "FROM users AS u", "# comment", "continued \\", "  EOF", "<<EOF"]
PLAIN = ["COPY a /x/", 'COPY ["a", "/x/"]', "ADD --chown=1:1 a /x/", "ENV A=1 \\\n B=2", "ARG V=9", "WORKDIR /w"]
NEEDING = [
    "RUN --mount=type=cache,target=/c true",
    "RUN --network=none true",
    "COPY --chmod=755 a /x/",
    "COPY --link a /x/",
    "ADD --checksum=sha256:1 a /x/",
]
IMAGES = ["debian", "alpine:1$V", "alpine:${V:-4}", "'os'", '"quay.io/a/b":${W:-1}', "t.azurecr.io/os:1${V:+v}$V"]


@st.composite
def dockerfiles(draw: st.DrawFn, instructions: list[str]) -> str:
    """Some stages, some of which are built on others, of instructions in all the ways in which they are written."""
    lines = draw(st.lists(st.sampled_from(["ARG V=3", 'ARG W="2"', "ARG V", "arg V=$W"]), max_size=3))
    for number in range(draw(st.integers(1, 3))):
        image = draw(st.sampled_from([*IMAGES, *(f"stage{before}" for before in range(number))]))
        name = draw(st.sampled_from([f" AS stage{number}", f" as Stage{number}"]))
        lines.append(f"FROM {image}{name}")
        lines += draw(st.lists(st.sampled_from(instructions), max_size=3))
    bodies = st.sampled_from(BODIES)
    written = (line.format(draw(bodies)) if line in HEREDOCS else spread(draw, line) for line in lines)
    margins = st.sampled_from(MARGINS)
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return "".join(f"{draw(margins)}{line}\n" for line in written).replace("\n", end)


def spread(draw: st.DrawFn, line: str) -> str:
    """The first blank of a line, which is outside quotes, in another form."""
    return line.replace(" ", draw(st.sampled_from(GAPS)), 1)


@settings(derandomize=True, max_examples=100)
@given(dockerfiles([*RUNS, *HEREDOCS, *PLAIN, *NEEDING]))
def test_the_emulators_docker_reads_the_same_instructions(text: str) -> None:
    theirs = parse(text, by_buildkit=True)
    instructions = [
        *theirs.arguments,
        *(one for stage in theirs.stages for one in (stage.origin, *stage.instructions)),
    ]
    ours = read_dockerfile(text)
    assert [(one.keyword, one.line) for one in ours.instructions] == [(one.name, one.line) for one in instructions]
    assert [one.rest.split() for one in ours.instructions] == [one.value.split() for one in instructions]
    for our, their in zip(ours.instructions, instructions, strict=True):
        bodies = ["\n".join(ours.lines[one.first_line - 1 : one.end_line - 1]) for one in our.heredocs]
        assert bodies == [one.body.removesuffix("\n") for one in their.heredocs]
        assert [one.name for one in our.heredocs] == [one.name for one in their.heredocs]
    stages = read_stages(ours, AskedBuild())
    assert [(stage.written, stage.name) for stage in stages] == [(stage.base, stage.name) for stage in theirs.stages]
    assert [stage.fault for stage in stages if stage.fault] == []
    assert refusals_of_docker(ours, AskedBuild(buildkit=True)) == ()


def context() -> ContextArchive:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return ContextArchive(buffer.getvalue())


CONTEXT = context()


def builds(text: str, target: str = "") -> bool:
    """Does the emulator's docker build it without BuildKit?"""
    try:
        list(DockerBuild(parse(text), CONTEXT, BuildOptions(target=target)).run())
    except (BuildFailedError, DockerfileError):
        return False
    return True


@settings(derandomize=True, max_examples=100)
@given(dockerfiles([*RUNS, *HEREDOCS, *PLAIN, *NEEDING]), st.sampled_from(["", "", "stage0", "STAGE0"]))
def test_a_build_fails_without_buildkit_if_that_is_told_and_only_then(text: str, target: str) -> None:
    told = needs_of_buildkit(read_dockerfile(text), AskedBuild(target=target))
    assert bool(told) is not builds(text, target)


@pytest.mark.parametrize("line", [*RUNS, *PLAIN])
def test_what_builds_needs_nothing(line: str) -> None:
    text = f"FROM debian\n{line}\n"
    assert builds(text)
    assert needs_of_buildkit(read_dockerfile(text), AskedBuild()) == ()


@pytest.mark.parametrize("line", [*NEEDING, *(heredoc.format("echo") for heredoc in HEREDOCS)])
def test_what_needs_buildkit_fails_without_it(line: str) -> None:
    text = f"FROM debian\n{line}\n"
    assert not builds(text)
    (objection,) = needs_of_buildkit(read_dockerfile(text), AskedBuild())
    assert objection.line == 2
