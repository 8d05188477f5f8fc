"""Builds by BuildKit in encoded tasks: secrets, mounts, platforms, and the cache in a registry."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

import pytest
from acr_emulator.executor import CheckExecutor, Job, LogLine, Outcome
from archives import archive_of

STARTED = datetime(2025, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
SERVER = "myregistry.azurecr.io"
STEP = "version: v1.0.0\nsteps:\n  - id: build\n    build: {line}\n    env:\n      - DOCKER_BUILDKIT=1\n{env}"
CACHED_STEP = STEP + "    cache: enabled\n"
SECRET = "--secret=id=tok,env=S -t {{.Run.Registry}}/app:1 ."
LITERAL = "!!binary {{ printf \"S='%s'\" (.Values.s | replace \"'\" \"'\\\\''\") | b64enc }}"


def run(
    step: str, files: dict[str, str], executor: CheckExecutor | None = None, **request: Any
) -> tuple[list[LogLine], Outcome]:
    is_logged_in = request.pop("is_logged_in", True)
    content = base64.b64encode(step.encode()).decode()
    whole = {"type": "EncodedTaskRunRequest", "encodedTaskContent": content, **request}
    job = Job("ca1", whole, SERVER, STARTED, archive_of(files), is_logged_in=is_logged_in)
    *lines, outcome = (executor or CheckExecutor()).execute(job)
    assert isinstance(outcome, Outcome)
    return [line for line in lines if isinstance(line, LogLine)], outcome


def build(dockerfile: str, *names: str, line: str = "-t app .", **request: Any) -> tuple[list[str], Outcome]:
    files = {"Dockerfile": dockerfile, **dict.fromkeys(names, "content")}
    lines, outcome = run(STEP.format(line=line, env=""), files, **request)
    return [text.text for text in lines], outcome


def printed(lines: Iterable[str]) -> list[str]:
    """What containers of RUN print."""
    text = "\n".join(lines)
    parts = re.findall(r" ---> Running in \w+\n(.*?)\n? ?(?:Removing intermediate|$)", text, re.DOTALL)
    return [line for part in parts for line in part.split("\n") if line]


def failure(dockerfile: str, *names: str, **request: Any) -> str:
    """The line that the client prints last of a build that fails."""
    lines, outcome = build(dockerfile, *names, **request)
    assert outcome.status == "Failed", lines
    return lines[next(index for index, text in enumerate(lines) if "No retries remaining" in text) - 1]


def values(**secrets: str) -> list[dict[str, object]]:
    return [{"name": name, "value": value, "isSecret": True} for name, value in secrets.items()]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("RUN --mount=type=secret,id=tok cat /run/secrets/tok && echo .", "[s3].\n"),
        ("RUN --mount=type=secret,id=tok,target=/etc/t cat /etc/t && echo .", "[s3].\n"),
        ("RUN --mount=type=secret,id=tok,env=T echo $T", "[s3]\n"),
        ("RUN --mount=type=secret,id=tok,env=T test ! -e /run/secrets/tok && echo none", "none\n"),
        ("RUN --mount=type=secret,id=other cat /run/secrets/other || echo none", "none\n"),
        ("RUN --mount=type=secret,id=other,env=T echo ${T-unset}", "unset\n"),
        ("RUN --mount=type=secret,id=tok true\nRUN cat /run/secrets/tok; echo gone", "gone\n"),
    ],
)
def test_a_secret_is_there_for_the_command_that_mounts_it(command: str, expected: str) -> None:
    step = STEP.format(line=SECRET, env=f"      - {LITERAL}\n")
    # The log hides the value as a whole; here it is all but the brackets.
    lines, outcome = run(step, {"Dockerfile": f"FROM a\n{command}\n"}, values=values(s="[s3]"))
    assert outcome.status == "Succeeded", lines
    shown = [line for line in printed(line.text for line in lines) if not line.startswith("cat: ")]
    assert "".join(f"{line}\n" for line in shown) == expected.replace("[s3]", "***")


@pytest.mark.parametrize(
    "value", ["it's", "two\nlines\n", 'a"b', "$HOME `id` \\", "{{.Run.ID}}", "#x", "a  b\tc", "ü😀"]
)
def test_any_text_comes_through_a_value_of_a_task_into_the_environment(value: str) -> None:
    dockerfile = 'FROM a\nARG X\nRUN --mount=type=secret,id=tok,env=T test "$T" = "$X" || exit 3\n'
    line = SECRET.replace("-t", "--build-arg=X -t")
    step = STEP.format(line=line, env=f"      - {LITERAL}\n      - {LITERAL.replace('S=', 'X=')}\n")
    lines, outcome = run(step, {"Dockerfile": dockerfile}, values=values(s=value))
    assert outcome.status == "Succeeded", lines


def test_a_secret_that_is_required_has_to_be_given() -> None:
    dockerfile = "FROM a\nRUN --mount=type=secret,id=tok,required cat /run/secrets/tok\n"
    assert failure(dockerfile) == "failed to solve: secret tok: not found"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "--secret id=a,src=nope .",
            "could not parse secrets: [id=a,src=nope]: failed to stat nope: stat nope: no such file or directory",
        ),
        ("--secret a .", "could not parse secrets: [a]: invalid field 'a' must be a key=value pair"),
        ("--target nope .", 'failed to solve: target stage "nope" could not be found'),
        ("--target 0 .", 'failed to solve: target stage "0" could not be found'),
    ],
)
def test_what_the_client_or_buildkit_refuses(line: str, message: str) -> None:
    assert failure("FROM a AS one\nRUN true\n", line=line) == message


@pytest.mark.parametrize(
    ("instruction", "message"),
    [
        ("RUN --mount=type=disk x", 'unsupported mount type "disk"'),
        ("RUN --mount=type=cache x", 'invalid mount target "/"'),
        (
            "RUN --mount=target=/x,src=nope x",
            'failed to compute cache key: failed to calculate checksum of ref: "/nope": not found',
        ),
        (
            "RUN --mount=from=$X,target=/x x",
            "dockerfile parse error on line 2: 'from' doesn't support variable expansion, define alias stage instead",
        ),
        ("RUN --network=lan x", 'dockerfile parse error on line 2: invalid network mode "lan"'),
        ("RUN --network=host x", "failed to load LLB: network.host is not allowed"),
        ("RUN --security=insecure x", "failed to load LLB: security.insecure is not allowed"),
        ("RUN --mount=type=ssh,required x", 'no SSH key "default" forwarded from the client'),
        ("RUN exit 3", 'process "/bin/sh -c exit 3" did not complete successfully: exit code: 3'),
    ],
)
def test_what_buildkit_does_not_build(instruction: str, message: str) -> None:
    assert failure(f"FROM a\n{instruction}\n") == f"failed to solve: {message}"


def test_a_platform_has_to_be_one() -> None:
    # acb's scanner lets no such line pass in a build.
    step = "steps:\n  - cmd: docker build .\n    env: [DOCKER_BUILDKIT=1]\n"
    lines, outcome = run(step, {"Dockerfile": "FROM --platform=$NOPE a\n"})
    assert outcome.status == "Failed"
    assert "failed to solve: empty platform value from expression $NOPE" in [line.text for line in lines]


@pytest.mark.parametrize(
    "instruction",
    [
        "RUN --mount=type=cache,target=/x --mount=type=tmpfs,target=/y,size=1g --network=none make",
        "RUN --mount=target=/x,src=a.txt --mount=type=ssh,id=k make",
        "COPY --link --chmod=755 --parents --exclude=*.md a.txt /x/",
        "ADD --keep-git-dir --unpack --checksum=sha256:11 https://example.com/x /x",
        "RUN --security=sandbox --mount=type=bind,from=b,target=/x make",
    ],
)
def test_what_buildkit_builds(instruction: str) -> None:
    lines, outcome = build(f"FROM a\n{instruction}\n", "a.txt")
    assert outcome.status == "Succeeded", lines


def test_files_of_heredocs_are_there() -> None:
    dockerfile = (
        "FROM a\nARG WHO=you\nWORKDIR /w\nCOPY <<A <<'B' ./d/\nhello $WHO, it's \"late\"\nA\n$WHO\nB\n"
        "RUN cat d/A /w/d/B\nRUN cat /w/d/A; echo changed\n"
    )
    lines, outcome = build(dockerfile)
    assert outcome.status == "Succeeded", lines
    assert printed(lines) == ['hello you, it\'s "late"', "$WHO", "changed"]


def test_a_heredoc_is_a_script_or_a_part_of_one() -> None:
    dockerfile = "FROM a\nRUN << 'A'\n\techo $((1 << 2))\nA\nRUN cat <<-A << B\n\tone\n\tA\ntwo\nB\n"
    lines, outcome = build(dockerfile)
    assert outcome.status == "Succeeded", lines
    assert printed(lines) == ["4", "two"]


def test_platforms_are_those_of_the_agent_and_of_the_target() -> None:
    names = [f"{prefix}{part}" for prefix in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "ARCH", "VARIANT")]
    arguments = "".join(f"ARG {name}\n" for name in names)
    shown = " ".join(f"${{{name}:-none}}" for name in names)
    dockerfile = f"FROM --platform=$BUILDPLATFORM a\n{arguments}RUN echo {shown}\n"
    # acb's scanner refuses such a line; it takes the words of a step that is no build as they are.
    step = "steps:\n  - cmd: docker build --platform linux/arm/v7 .\n    env: [DOCKER_BUILDKIT=1]\n"
    lines, outcome = run(step, {"Dockerfile": dockerfile})
    assert outcome.status == "Succeeded", lines
    expected = "linux/amd64 linux amd64 none linux/arm/v7 linux arm v7"
    assert printed(line.text for line in lines) == [expected]


def test_only_stages_that_are_needed_are_built() -> None:
    dockerfile = (
        "FROM a AS unused\nRUN exit 1\nFROM a AS tools\nRUN echo tools\nFROM a AS Final\n"
        "RUN --mount=from=tools,target=/t echo final\n"
    )
    lines, outcome = build(dockerfile, line="--target FINAL .")
    assert outcome.status == "Succeeded", lines
    assert printed(lines) == ["tools", "final"]


@pytest.mark.parametrize(
    "dockerfile", ["FROM a\nARG V=1\nARG V", "FROM a AS one\nARG V=1\nFROM one", "ARG V=1\nFROM a\nARG V"]
)
def test_an_argument_keeps_its_value(dockerfile: str) -> None:
    lines, outcome = build(f"{dockerfile}\nRUN echo ${{V-unset}}\n")
    assert outcome.status == "Succeeded", lines
    assert printed(lines) == ["1"]


def test_of_two_stages_of_one_name_the_last_one_counts() -> None:
    lines, outcome = build("FROM a AS one\nRUN false\nFROM a AS one\nRUN echo two\n", line="--target one .")
    assert outcome.status == "Succeeded", lines
    assert printed(lines) == ["two"]


class TestCache:
    DOCKERFILE = "FROM a AS one\nCOPY x /\nRUN echo one\nFROM b\nARG A=1\nCOPY --from=one /x /\nRUN echo two\n"

    def built(self, executor: CheckExecutor, x: str = "1", line: str = "", **request: Any) -> tuple[list[str], float]:
        """What is run, or cached, and the seconds that all takes."""
        step = CACHED_STEP.format(line=f"{line} -t {SERVER}/app:1 .", env="")
        lines, outcome = run(step, {"Dockerfile": self.DOCKERFILE, "x": x}, executor, **request)
        assert outcome.status == "Succeeded", lines
        texts = [line.text for line in lines]
        return [text for text in texts if text in ("one", "two", " ---> CACHED")], sum(
            line.seconds_before for line in lines
        )

    def test_the_second_build_of_the_same_takes_its_layers_from_the_registry(self) -> None:
        executor = CheckExecutor()
        first, seconds = self.built(executor)
        second, fewer_seconds = self.built(executor)
        assert (first, second) == (["one", "two"], [" ---> CACHED"] * 4)
        assert fewer_seconds < seconds
        assert self.built(CheckExecutor())[0] == ["one", "two"]

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"x": "2"}, ["one", "two"]),
            ({"line": "--build-arg A=2"}, [" ---> CACHED"] * 3 + ["two"]),
            ({"line": "--no-cache"}, ["one", "two"]),
            ({"line": "--platform linux/arm64"}, ["one", "two"]),
        ],
        ids=["another file", "another argument", "no cache", "another platform"],
    )
    def test_what_has_changed_is_built_and_all_that_comes_after_it(
        self, change: dict[str, str], expected: list[str]
    ) -> None:
        executor = CheckExecutor()
        self.built(executor)
        assert self.built(executor, **change)[0] == expected

    def test_a_build_that_fails_leaves_the_cache_as_it_was(self) -> None:
        executor = CheckExecutor()
        step = CACHED_STEP.format(line=f"-t {SERVER}/app:1 .", env="")
        lines, outcome = run(step, {"Dockerfile": f"{self.DOCKERFILE}RUN false\n", "x": "1"}, executor)
        assert outcome.status == "Failed"
        failed = 'ERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1'
        assert failed in [line.text for line in lines]
        assert self.built(executor)[0] == ["one", "two"]

    def test_the_log_tells_where_the_cache_is(self) -> None:
        executor = CheckExecutor()
        step = CACHED_STEP.format(line=f"-t {SERVER}/app:1 .", env="")
        files = {"Dockerfile": "FROM a\nRUN true\n"}
        place = f"{SERVER}/app:cache_quickrun_build"
        importing = f"importing cache manifest from {place}"
        missing = f"ERROR: failed to configure registry cache importer: {place}: not found"
        for expected in (
            [importing, missing, "exporting cache to registry"],
            [importing, "exporting cache to registry"],
        ):
            lines, _outcome = run(step, files, executor)
            texts = [line.text for line in lines]
            assert [
                text for text in texts if "importing" in text or "importer" in text or "exporting" in text
            ] == expected

    def test_a_registry_that_the_agent_may_not_write_to_gets_no_cache(self) -> None:
        step = CACHED_STEP.format(line=f"-t {SERVER}/app:1 .", env="")
        lines, outcome = run(step, {"Dockerfile": "FROM a\n"}, is_logged_in=False)
        assert outcome.status == "Failed"
        assert any("error writing layer blob: unauthorized" in line.text for line in lines)

    def test_the_daemon_itself_exports_no_cache(self) -> None:
        step = f"steps:\n  - cmd: docker buildx build --cache-to type=registry,ref={SERVER}/app:c .\n"
        lines, outcome = run(step, {"Dockerfile": "FROM a\n"})
        assert outcome.status == "Failed"
        assert "ERROR: Cache export is not supported for the docker driver." in [line.text for line in lines]

    def test_images_are_pushed_as_those_of_other_builds(self) -> None:
        push = f"  - id: push\n    push: [{SERVER}/app:1]\n    when: [build]\n"
        step = CACHED_STEP.format(line=f"-t {SERVER}/app:1 .", env="") + push
        _lines, outcome = run(step, {"Dockerfile": "FROM a\nRUN true\n"})
        assert [(image.repository, image.tag) for image in outcome.output_images] == [("app", "1")]
        assert outcome.output_images[0].digest is not None
        bases = [(base.type, base.image.repository) for base in outcome.base_image_dependencies]
        assert bases == [("Runtime", "library/a")]


def test_what_acb_alone_takes_for_a_base_fails_the_run_after_a_good_build() -> None:
    dockerfile = 'FROM a AS other\nFROM b\nRUN <<EOF\nsql "\nFROM users\n"\nEOF\n'
    lines, outcome = build(dockerfile)
    assert outcome.status == "Failed"
    assert "Successfully tagged app:latest" in lines
    missing = "registry.hub.docker.com/library/users:latest: not found"
    assert lines[-3] == f"Failed to Resolve the reference 'users:latest': {missing}"
