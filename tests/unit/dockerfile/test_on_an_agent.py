"""Dockerfiles of all kinds on the emulator's agent: what is objected to fails there, what is mended does not."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime, timezone

from acr_emulator.executor import CheckExecutor, Job, LogLine, Outcome
from acr_emulator.executor.docker.dockerfile import Dockerfile, parse
from archives import archive_of
from hypothesis import given, settings
from hypothesis import strategies as st

from azext_acrpool.dockerfile.model import AskedBuild
from azext_acrpool.dockerfile.review import review_dockerfile

STARTED = datetime(2025, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
NAMES = ("build", "base", "final", "extra")
IMAGES = [
    *(
        "debian",
        "debian:12",
        "alpine:$V",
        "alpine:${V:-3}",
        "node:1${W}",
        "team.azurecr.io/x:1$W",
        "scratch",
        "x${V:+:1}",
    ),
    *('"debian"', "debian${U:-:1}", '"alpine:1$V"', "${S:-build}", "docker.io/library/golang", *NAMES, "Base", "BUILD"),
]
PLATFORMS = ["$BUILDPLATFORM", "linux/amd64", "$TARGETPLATFORM", "${BUILDPLATFORM:-linux/amd64}", "linux/arm64"]
ARGUMENTS = ["ARG V=1", "ARG V=1 W=2", "ARG W=$V", 'ARG V="3"', "ARG \\\nV=4", "ARG U=u", "ARG A", "arg W=${V:-7}"]
GAPS = [" ", " ", " ", " ", " \\\n", " \\\n# why\n", " \\\n\n  "]
PIECES = [
    *("FROM users WHERE x", "FROM users", "FROM users AS u", "from os import y", "FROM", "ARG", "arg 1", "ARG V=9"),
    *("echo", "  FROM debian", "FROM FROM", "FROM #x", "\tFROM a b", "FROM build", "from\tx AS debian", "ARG FROM"),
]
JOINTS = [" \\\n", "\\\n", " \\ \n", " \\\n# comment\n", " \\\n\n"]
HEREDOC_LINES = ["FROM users", "from os import x", "echo", "ARG V=2", "FROM", "echo FROM x"]


def request_of(build: AskedBuild, target: str) -> dict[str, object]:
    if not build.buildkit:
        arguments = [{"name": name, "value": value} for name, value in build.arguments.items()]
        request: dict[str, object] = {
            "type": "DockerBuildRequest",
            "imageNames": ["app:v1"],
            "dockerFilePath": "Dockerfile",
            "isPushEnabled": True,
            "arguments": arguments,
            "target": target,
        }
        if build.platform != "linux/amd64":
            request["platform"] = {"os": "linux", "architecture": "arm64"}
        return request
    words = [
        f"--build-arg={name}" if name in build.unseen_arguments else f"--build-arg {name}={value}"
        for name, value in build.arguments.items()
    ]
    words += [f"--platform {build.platform} -t {{{{.Run.Registry}}}}/app:v1"]
    words += [f"--target {target}"] if target else []
    environment = "".join(f', "{name}={build.arguments[name]}"' for name in build.unseen_arguments)
    task = (
        f"version: v1.0.0\nsteps:\n  - build: '{' '.join(words)} -f Dockerfile .'\n"
        f'    env: ["DOCKER_BUILDKIT=1"{environment}]\n  - push: ["{{{{.Run.Registry}}}}/app:v1"]\n'
    )
    return {"type": "EncodedTaskRunRequest", "encodedTaskContent": base64.b64encode(task.encode()).decode()}


def builds(content: bytes, build: AskedBuild, target: str) -> bool:
    """Whether a run of it succeeds."""
    source = archive_of({"Dockerfile": content, "a": ""})
    job = Job("cf1", request_of(build, target), "team.azurecr.io", STARTED, source)
    *lines, outcome = CheckExecutor().execute(job)
    assert isinstance(outcome, Outcome)
    assert all(isinstance(line, LogLine) for line in lines)
    return outcome.status == "Succeeded"


@st.composite
def froms(draw: st.DrawFn, name: str) -> str:
    words = [draw(st.sampled_from(["FROM", "FROM", "from"]))]
    if draw(st.integers(0, 3)) == 0:
        words.append(f"--platform={draw(st.sampled_from(PLATFORMS))}")
    words.append(draw(st.sampled_from(IMAGES)))
    if draw(st.booleans()):
        words += [draw(st.sampled_from(["AS", "as"])), draw(st.sampled_from([name, name.capitalize(), name.upper()]))]
    text = words[0] + "".join(draw(st.sampled_from(GAPS)) + word for word in words[1:])
    if draw(st.integers(0, 15)) == 0:
        return text.replace("FROM", "FR\\\nOM")
    return text


@st.composite
def runs(draw: st.DrawFn) -> str:
    pieces = draw(st.lists(st.tuples(st.sampled_from(JOINTS), st.sampled_from(PIECES)), max_size=4))
    return f"RUN true && echo{''.join(joint + piece for joint, piece in pieces)}"


@st.composite
def dockerfiles(draw: st.DrawFn, heredocs: bool) -> str:
    parts = draw(st.lists(st.sampled_from(ARGUMENTS), max_size=3))
    heredoc = st.lists(st.sampled_from(HEREDOC_LINES), max_size=3).map(
        lambda lines: "\n".join(["RUN <<EOF", *lines, "EOF"])
    )
    instructions = [
        runs(),
        runs(),
        st.sampled_from([*ARGUMENTS, "COPY --from=busybox a b"]),
        *([heredoc] if heredocs else []),
    ]
    for name in draw(st.permutations(NAMES))[: draw(st.integers(1, 4))]:
        parts.append(draw(froms(name)))
        parts += draw(st.lists(st.one_of(instructions), max_size=2))
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return "\n".join([*parts, ""]).replace("\n", end)


def arguments_of() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(["V", "W"]), st.sampled_from(["5", "v6"]), max_size=2)


TARGETS = st.sampled_from(["", "", "", "build", "BUILD", "Base", "0", "1", "final"])
ASKED = st.sampled_from(["linux/amd64", "linux/amd64", "linux/arm64"])


def steps_of(parsed: Dockerfile) -> Sequence[object]:
    """What docker does for a Dockerfile, images and platforms aside, which are compared by what comes of the build."""
    return [
        [argument.text for argument in parsed.arguments],
        [[(one.text, one.heredocs) for one in stage.instructions] for stage in parsed.stages],
    ]


@settings(derandomize=True, max_examples=80)
@given(dockerfiles(heredocs=False), arguments_of(), TARGETS, ASKED)
def test_a_plain_build_fails_where_that_is_said_and_nowhere_else(
    text: str, arguments: dict[str, str], target: str, platform: str
) -> None:
    build = AskedBuild(arguments=arguments, target=target, platform=platform)
    found = review_dockerfile(text.encode(), build)
    if found.objections:
        assert not builds(text.encode(), build, target)
        return
    assert builds(found.adapted or text.encode(), build, found.target)
    # The emulator's docker takes the number of a stage, which no docker does.
    if (found.adapted is not None or found.target != target) and not target.isdecimal():
        assert not builds(text.encode(), build, target)
    if found.adapted is not None:
        assert steps_of(parse(found.adapted.decode())) == steps_of(parse(text))


@settings(derandomize=True, max_examples=60)
@given(dockerfiles(heredocs=True), arguments_of(), st.booleans(), TARGETS, ASKED)
def test_a_build_with_buildkit_succeeds_where_nothing_is_said(
    text: str, arguments: dict[str, str], is_secret: bool, target: str, platform: str
) -> None:
    unseen = frozenset(arguments) if is_secret else frozenset()
    build = AskedBuild(arguments, unseen, target, platform, buildkit=True)
    found = review_dockerfile(text.encode(), build)
    if not found.objections and not any("fails if it is not in its registry" in remark for remark in found.remarks):
        assert builds(found.adapted or text.encode(), build, found.target)
    if found.adapted is not None:
        assert steps_of(parse(found.adapted.decode(), by_buildkit=True)) == steps_of(parse(text, by_buildkit=True))
