"""Which Dockerfiles a task's build steps name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.commands.runs.step_dockerfiles import StepDockerfiles, step_dockerfiles

DEFAULT = ("Dockerfile", "dockerfile")


def task(*lines: str) -> str:
    return "version: v1.1.0\nsteps:\n" + "".join(f"  - build: {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        (".", DEFAULT),
        ("-t {{.Run.Registry}}/hello:{{.Run.ID}} .", DEFAULT),
        ("-t hello sub", ("sub/Dockerfile", "sub/dockerfile")),
        ("-f docker/A.Dockerfile .", ("docker/A.Dockerfile",)),
        ("-fA .", ("A",)),
        ("--file A .", ("A",)),
        ("--file=./x/../A .", ("A",)),
        ("--file '/workspace/my file' .", ("my file",)),
        ('"-f my.Dockerfile ."', ("my.Dockerfile",)),
        ("['-f', A, .]", ("A",)),
        ("-f A --build-arg X=1 --no-cache -q sub", ("A",)),
        ("--build-arg X=1 --no-cache sub", ("sub/Dockerfile", "sub/dockerfile")),
        ("--pull -tname --label=a --progress plain sub", ("sub/Dockerfile", "sub/dockerfile")),
        ("-qf A .", ("A",)),
        ("-qfA .", ("A",)),
        ("-qf=A .", ("A",)),
        ("-q sub", ("sub/Dockerfile", "sub/dockerfile")),
        ("-q=true sub", ("sub/Dockerfile", "sub/dockerfile")),
        ("-qt name -m=1g sub", ("sub/Dockerfile", "sub/dockerfile")),
        ("--no-cache=true -- sub", ("sub/Dockerfile", "sub/dockerfile")),
        ("-f ../outside .", ()),
        ("https://github.com/a/b.git#main", ()),
        ("-f - .", ()),
    ],
)
def test_the_dockerfile_of_a_build_step(line: str, paths: tuple[str, ...]) -> None:
    assert step_dockerfiles(task(line), {}) == StepDockerfiles(paths)


def test_every_step_and_where_it_works() -> None:
    text = """
version: v1.1.0
workingDirectory: app
# {{ .Values.unused }
steps:
  - cmd: bash echo -f No.Dockerfile
  - id: a
    build: -f A .
  - build: -f B .
    workingDirectory: /workspace/b
  - build: -f A .
"""
    assert step_dockerfiles(text, {}) == StepDockerfiles(("app/A", "b/B"))


def test_values_are_filled_in_and_all_branches_looked_into() -> None:
    text = task("-f {{.Values.which}} .", "-f {{- .Values.missing -}}B .") + (
        "{{ if .Values.more }}\n  - build: -f C .\n{{ else }}\n  - build: -f D .\n{{ end }}\n"
    )
    assert step_dockerfiles(text, {"which": "A"}) == StepDockerfiles(("A", "B", "C", "D"))


@pytest.mark.parametrize(
    "text",
    [
        "x: &b {build: -t x -f a/D .}\nsteps: [{<<: *b}]",
        "x: &b {build: -t x -f a/D .}\nsteps:\n  - <<: [*b]\n    id: y",
        "x: &b {build: -f a/D .}\ny: &c {build: -f c/D .}\nsteps: [{<<: [*b, *c]}]",
        "x: &b {build: -f b/D .}\nsteps: [{<<: *b, build: -f a/D .}]",
        "x: &b {build: -f a/D .}\ny: &c {<<: *b, id: c}\nsteps: [{<<: *c}]",
        "x: &b {workingDirectory: a}\nsteps: [{<<: *b, build: -f D .}]",
        "x: &b\n  steps: [build: -f a/D .]\n<<: *b",
        "steps: [build: -f a/D .]\n---\nsteps: [build: -f b/D .]",
        "---\nsteps: [build: -f a/D .]\n---\n]",
    ],
)
def test_yaml_is_read_as_the_agent_reads_it(text: str) -> None:
    assert step_dockerfiles(text, {}) == StepDockerfiles(("a/D",))


@pytest.mark.parametrize(
    "text",
    [
        "version: v1.1.0\nalias: {values: {df: a/D}}\nsteps: [build: -f $df .]",
        "version: v1.1.0\nalias: {values: {d: a}}\nsteps: [{build: -f D ., workingDirectory: $d}]",
        "version: v1.1.0\nalias: {directive: '&', values: {d: a}}\nsteps: [build: '-f &d/D .']",
    ],
)
def test_the_aliases_of_a_task_are_filled_in(text: str) -> None:
    assert step_dockerfiles(text, {}) == StepDockerfiles(("a/D",))


@pytest.mark.parametrize(
    "text",
    [
        "version: v1.0.0\nalias: {values: {df: a/D}}\nsteps: [build: -f $df .]",
        "version: v1.1.0\nalias: {values: {df: a/D}}\nsteps: [build: -f $dfs .]",
        "version: v1.1.0\nalias: {src: [a.yaml]}\nsteps: [build: -f $df .]",
    ],
)
def test_other_aliases_only_the_service_can_fill_in(text: str) -> None:
    assert step_dockerfiles(text, {}) == StepDockerfiles((), is_complete=False)


def test_anchors_that_multiply_are_no_work() -> None:
    lists = "".join(f"b{level}: &b{level} [{f'*b{level - 1}, ' * 9}]\n" for level in range(1, 40))
    merges = "".join(f"m{level}: &m{level} {{<<: [{f'*m{level - 1}, ' * 9}]}}\n" for level in range(1, 40))
    text = f"b0: &b0 x\nm0: &m0 {{build: -f a/D .}}\n{lists}{merges}steps: [{{<<: *m39}}, {{build: *b39}}, &s [*s]]"
    assert step_dockerfiles(text, {}).paths[0] == "a/D"


@pytest.mark.parametrize("name", ["{{.Run.OS}}.Dockerfile", "$dockerfile", "{{ .Values.x | lower }}"])
def test_what_only_the_service_can_fill_in(name: str) -> None:
    assert step_dockerfiles(task(f"-f {name} .", "-f B ."), {"x": "A"}) == StepDockerfiles(("B",), is_complete=False)


@pytest.mark.parametrize("text", ["", "\0", "a: [", "steps: x", "- a", "steps:\n" + "  - build: .\n" * 20_000])
def test_what_is_no_task_that_can_be_read_here_is_left_to_the_service(text: str) -> None:
    assert step_dockerfiles(text, {}) == StepDockerfiles((), is_complete=False)


@given(st.text() | st.text().map("steps:\n  - build: {}\n".format), st.dictionaries(st.text(), st.text()))
def test_no_text_is_a_traceback(text: str, values: dict[str, str]) -> None:
    assert all(not path.startswith(("/", "../")) for path in step_dockerfiles(text, values).paths)
