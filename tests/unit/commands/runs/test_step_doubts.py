"""What is told of the build steps of a task whose Dockerfiles are here: the truth, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from run_azure import Azure

from azext_acrpool.commands.runs.build_lines import UNKNOWN, read_build_line
from azext_acrpool.commands.runs.run import run
from azext_acrpool.commands.runs.step_dockerfiles import step_dockerfiles
from azext_acrpool.commands.runs.step_doubts import step_doubts
from azext_acrpool.dockerfile.model import AskedBuild

MOUNT = "FROM scratch AS base\nFROM base\nRUN --mount=type=cache,target=/c true\n"
NEEDS_BUILDKIT = (
    "Step 'app' would fail with 'Dockerfile': line 3: RUN --mount=type=cache,target=/c true: RUN --mount is an option"
    " that only BuildKit has. Build with BuildKit: give the step env: [DOCKER_BUILDKIT=1]."
)


def told(folder: Path, text: str, values: dict[str, str] | None = None) -> list[str]:
    return list(step_doubts(folder, step_dockerfiles(text, values or {}), "linux/amd64"))


def task(line: str, *members: str, version: str = "v1.0.0") -> str:
    rest = "".join(f"    {member}\n" for member in members)
    return f"version: {version}\nsteps:\n  - id: app\n    build: {line}\n{rest}"


@pytest.mark.parametrize(
    "text",
    [
        task("-t {{.Run.Registry}}/a:{{.Run.ID}} ."),
        task("-t $Registry/a:$ID -f Dockerfile .", version="v1.1.0"),
        task("-t a .", "env: [DOCKER_BUILDKIT=0]"),
        task("-t a .", "env: [\"DOCKER_BUILDKIT='1'\"]"),
        task("-t a .", "env: [DOCKER_BUILDKIT=0]") + "env: [DOCKER_BUILDKIT=1]\n",
        task("-t a .", "cache: disabled"),
        task("-t a --target={{.Values.none}} ."),
        # A comment decides nothing.
        "{{/* a comment */}}\n" + task("-t a ."),
    ],
)
def test_a_step_that_needs_buildkit_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "Dockerfile").write_text(MOUNT)
    assert told(tmp_path, text) == [NEEDS_BUILDKIT]


@pytest.mark.parametrize(
    "text",
    [
        task("-t a .", "env: [DOCKER_BUILDKIT=1]"),
        task("-t a .", 'env: ["A={{.Run.ID}}", DOCKER_BUILDKIT=1]'),
        task("-t a .") + "env: [A=1, 'B=2,DOCKER_BUILDKIT=1']\n",
        task("-t a .", "cache: Enabled"),
        task("-t a --target base ."),
        task("-t a --target={{.Values.stage}} ."),
        task("-t a https://github.com/a/b.git"),
        task("-t a -f Dockerfile https://github.com/a/b.git"),
        task("-t a -f Other ."),
        # What the service, a shell or another option decides.
        task("-t a .", "env: ['DOCKER_BUILDKIT={{.Run.OS}}']"),
        task("-t a .", "env: ['{{.Run.OS}}']"),
        task("-t a .", "env: [DOCKER_BUILDKIT=0, DOCKER_BUILDKIT=1]"),
        task("-t a .", "cache: $cache"),
        task("-t a --target {{.Run.OS}} ."),
        task("-t a {{.Run.OS}} ."),
        task("-t a --target $STAGE ."),
        task("-t a . && echo"),
        task("-t a --build-context base=other ."),
        task("-t a --allow=security.insecure ."),
        task("-t a -f {{.Run.OS}}.Dockerfile ."),
        "{{ if .Values.x }}\n" + task("-t a .") + "{{ end }}\n",
    ],
)
def test_what_would_not_fail_and_what_is_not_known_is_not_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "Dockerfile").write_text(MOUNT)
    assert told(tmp_path, text, {"stage": "base"}) == []


@pytest.mark.parametrize(
    ("line", "is_told"),
    [
        ("-f D sub", True),
        ("--file 'D' sub", True),
        ("-f D --no-cache sub", True),
        ("--file=D sub", False),
        ("-fD sub", False),
        ("-t a sub", True),
        ("-t a ./sub/", True),
        ("-t a --no-cache sub", False),
        ("|\n      -t a \\\n      sub", True),
        ("|\n      -t a \\\n      -f \\\n      D sub", False),
    ],
)
def test_the_scanner_is_said_to_refuse_only_what_it_reads(tmp_path: Path, line: str, is_told: bool) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    for name in ("D", "sub/Dockerfile"):
        (tmp_path / name).write_text("FROM --platform=$BUILDPLATFORM alpine\nRUN --mount=type=cache,target=/c true\n")
    assert any("RUN --mount" in doubt for doubt in told(tmp_path, task(line)))
    assert any("$BUILDPLATFORM" in doubt for doubt in told(tmp_path, task(line, "cache: enabled"))) == is_told


def test_lines_of_one_reason_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "app").write_text("FROM scratch\nCOPY --link a /\nCOPY --link b /\n")
    (only,) = told(tmp_path, "steps: [build: -f docker/app .]")
    assert only == (
        "Step '1' would fail with 'docker/app': lines 2, 3: COPY --link a /: COPY --link is an option that only"
        " BuildKit has. Build with BuildKit: give the step env: [DOCKER_BUILDKIT=1]."
    )


def test_what_build_would_change_is_told_to_be_changed(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM --platform=$BUILDPLATFORM alpine\n")
    (only,) = told(tmp_path, task("-t a .", "env: [DOCKER_BUILDKIT=1]"))
    assert only == (
        "Step 'app' would fail with 'Dockerfile': the agent cannot read it as it is. It could, so changed: Dockerfile"
        " line 1: --platform=$BUILDPLATFORM is left out, which is the agents' own platform anyway."
    )


@pytest.mark.parametrize(
    ("argument", "members"),
    [
        ("--build-arg BASE={{.Run.ID}}", ()),
        ("--build-arg=BASE=$base", ()),
        ('--build-arg "BASE=a b"', ()),
        ("--build-arg BASE={{.Run.ID}}", ("env: [DOCKER_BUILDKIT=1]",)),
        ("--build-arg BASE=$base", ("env: [DOCKER_BUILDKIT=1]",)),
    ],
)
def test_what_depends_on_an_unknown_value_is_not_told(tmp_path: Path, argument: str, members: tuple[str, ...]) -> None:
    (tmp_path / "Dockerfile").write_text("ARG BASE\nFROM $BASE\n")
    assert told(tmp_path, task(f"{argument} -t a .", *members)) == []


def test_a_continued_line_names_no_argument_that_is_refused() -> None:
    line = read_build_line("--build-arg \\\n A=1 --build-arg 'B' --build-arg C .")
    assert (line.context, line.is_plain, line.refused_arguments) == (".", True, ("'B'", "C"))


def test_an_argument_that_the_scanner_refuses(tmp_path: Path) -> None:
    (only,) = told(tmp_path, task("-t a --build-arg TOKEN --build-arg=OTHER ."))
    assert only == (
        "Step 'app' would fail: the agent's scanner refuses --build-arg TOKEN, which has no value. Write"
        " --build-arg=TOKEN, and its value into the step's env."
    )


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("--build-arg A=1 --build-arg=B=2 .", AskedBuild({"A": "1", "B": "{{.Run.ID}}"})),
        ("--build-arg A='1' --platform linux/arm64 .", AskedBuild({"A": "{{.Run.ID}}"}, platform="linux/arm64")),
        (f"--build-arg A={UNKNOWN} --target=x .", AskedBuild({"A": "{{.Run.ID}}"}, target="x")),
        ("--secret id=a,src=/b --secret type=file,id=c .", AskedBuild(secrets=frozenset("ac"))),
        ("--secret src=/b .", AskedBuild(secrets=None)),
    ],
)
def test_what_a_line_asks_of_a_dockerfile(line: str, asked: AskedBuild) -> None:
    assert read_build_line(line).asked("linux/amd64", buildkit=False) == asked


@pytest.mark.parametrize(
    ("line", "is_told"),
    [("--target b .", True), ("--target 'b' .", True), ("--target=b .", False), ("--target B --target=b .", False)],
)
def test_the_scanner_may_know_of_another_target(line: str, is_told: bool) -> None:
    assert (read_build_line(line).target, read_build_line(line).is_target_told) == ("b", is_told)


def test_with_buildkit_an_argument_may_be_untold() -> None:
    line = read_build_line("--build-arg A=1 --build-arg=B='2 3' --build-arg=C .")
    assert line.asked("linux/amd64", buildkit=True) == AskedBuild(
        {"A": "1", "B": "2 3", "C": "{{.Run.ID}}"}, unseen_arguments=frozenset("BC"), buildkit=True
    )


def test_a_run_tells_what_its_steps_would_fail_for(azure: Azure, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(MOUNT)
    (tmp_path / "acb.yaml").write_text(task("-t a ."))
    finished = azure.call(run, source_location=str(tmp_path), no_wait=True)
    assert (finished.exit_code, finished.told[0]) == (0, f"WARNING: {NEEDS_BUILDKIT}")
