"""What `COPY` sees on the agent is what `docker build` shows."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from docker_agent import seen_by_copy, unpacked

from azext_acrpool.context import BuildContext, ContextOptions, check_links, prepare, write_archive

DOCKERFILE = b"FROM scratch\nCOPY . /\n"


def make(root: Path, **files: str) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def packed(context: BuildContext) -> bytes:
    archive = bytearray()
    write_archive(context, archive.extend)
    return bytes(archive)


def copied(root: Path, dockerfile: str | None = None, stdin: bytes = DOCKERFILE) -> dict[str, bytes]:
    """What `COPY . /` copies: the content of files, `-> TARGET` for links, `/` for folders."""
    context = prepare(ContextOptions(root, dockerfile, cwd=root, stdin=io.BytesIO(stdin)))
    archive = packed(context)
    assert unpacked(archive)[context.dockerfile_name].content.startswith(b"FROM scratch\n")
    return {
        name: seen.content
        if seen.kind == "file"
        else b"/"
        if seen.kind == "folder"
        else os.fsencode(f"-> {seen.target}")
        for name, seen in seen_by_copy(archive, context.dockerfile_name).items()
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A context of a file and a folder with one; a Dockerfile is beside it."""
    make(tmp_path, **{"outside": "FROM scratch\n", "ctx/a": "a", "ctx/src/b": "b"})
    return tmp_path / "ctx"


TREE = {"a": b"a", "src": b"/", "src/b": b"b"}
FROM_OUTSIDE = pytest.mark.parametrize("dockerfile", ["../outside", "-"])


@FROM_OUTSIDE
def test_a_dockerfile_from_outside_is_not_seen(root: Path, dockerfile: str) -> None:
    assert copied(root, dockerfile) == TREE


@FROM_OUTSIDE
@pytest.mark.parametrize("rules", ["src", "src\n", "src\r\n!*", "\ufeffsrc\n!.acrpool*\n# no line end"])
def test_a_dockerfile_from_outside_is_not_seen_whatever_the_rules(root: Path, dockerfile: str, rules: str) -> None:
    make(root, **{".dockerignore": rules})
    seen = copied(root, dockerfile)
    assert seen.keys() - {"src", "src/b"} == {"a", ".dockerignore"}
    # As with docker's client, a line with the name of the Dockerfile follows.
    before, added, end = seen[".dockerignore"].decode().rsplit("\n", 2)
    assert (before.replace("\r\n", "\n"), end) == (rules.replace("\r\n", "\n"), "")
    assert added.startswith(".acrpool-")


@FROM_OUTSIDE
def test_rules_that_hide_themselves_and_a_dockerfile_from_outside(root: Path, dockerfile: str) -> None:
    make(root, **{".dockerignore": ".*\n"})
    assert copied(root, dockerfile) == TREE


@pytest.mark.parametrize("rules", ["Dockerfile", "*\n!a\n!src", "Docker*\n!a", "Dockerfile\nnone"])
def test_an_ignored_dockerfile_is_built_and_not_seen(root: Path, rules: str) -> None:
    make(root, **{"Dockerfile": "FROM scratch\n", ".dockerignore": f"{rules}\n.dockerignore\n"})
    assert copied(root) == TREE


def test_without_a_rule_for_them_both_are_seen(root: Path) -> None:
    make(root, **{"Dockerfile": "FROM scratch\n", ".dockerignore": "none\n"})
    assert copied(root) == {**TREE, "Dockerfile": b"FROM scratch\n", ".dockerignore": b"none\n"}


@pytest.mark.parametrize(
    ("rules", "hidden"),
    [
        ("none", set()),
        ("Dockerfile", {"Dockerfile"}),
        ("Dockerfile.dockerignore", {"Dockerfile.dockerignore"}),
        ("Dockerfile*", {"Dockerfile", "Dockerfile.dockerignore"}),
        ("Dockerfile*\n!Dockerfile", {"Dockerfile.dockerignore"}),
        ("*\n!a\n!src", {"Dockerfile", "Dockerfile.dockerignore"}),
        ("Dockerfile\n!src/**", {"Dockerfile"}),
    ],
)
@pytest.mark.parametrize("other", [None, "a\nsrc\n!Dockerfile\n", "[\n"])
def test_an_ignore_file_of_the_dockerfiles_own(root: Path, rules: str, hidden: set[str], other: str | None) -> None:
    """The folder's `.dockerignore` is neither read nor, as it would be read on the agent, sent."""
    own = {"Dockerfile": "FROM scratch\n", "Dockerfile.dockerignore": rules}
    make(root, **own, **({".dockerignore": other} if other is not None else {}))
    seen = {**TREE, **{name: content.encode() for name, content in own.items()}}
    assert copied(root) == {name: content for name, content in seen.items() if name not in hidden}


@pytest.mark.parametrize(
    ("rules", "seen"),
    [
        ("docker", set()),
        ("docker/*", {"docker"}),
        ("docker/app", {"docker", "docker/app.dockerignore", "docker/x"}),
        ("docker/app*", {"docker", "docker/x"}),
        ("docker\n!docker/x", {"docker", "docker/x"}),
        ("docker\n!docker/app", {"docker", "docker/app"}),
        ("**/app", {"docker", "docker/app.dockerignore", "docker/x"}),
    ],
)
def test_an_ignored_dockerfile_in_a_folder_leaves_no_trace(root: Path, rules: str, seen: set[str]) -> None:
    make(root, **{"docker/app": "FROM scratch\n", "docker/app.dockerignore": rules, "docker/x": "x"})
    assert copied(root, "docker/app").keys() == TREE.keys() | seen


def test_an_ignore_file_beside_a_dockerfile_outside(root: Path) -> None:
    make(root.parent, **{"outside.dockerignore": "src\n"})
    make(root, **{".dockerignore": "a\n"})
    assert copied(root, "../outside") == {"a": b"a"}


@pytest.mark.parametrize(("rules", "seen"), [("src\n", {"a", "outside.dockerignore"}), ("src\noutside*\n", {"a"})])
def test_an_ignore_file_where_az_looks_for_it(root: Path, rules: str, seen: set[str]) -> None:
    make(root, **{"outside.dockerignore": rules})
    context = prepare(ContextOptions(root, "outside", cwd=root.parent))
    assert seen_by_copy(packed(context), context.dockerfile_name).keys() == seen


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("own_rules", [False, True])
@pytest.mark.parametrize(
    "name", ["a[b]", "a*", "a?", "a\\b", "!a", "#a", " a", "a ", "a\nb", "\udcff", "a\tb", "docker/[x]"]
)
def test_an_ignored_dockerfile_of_any_name_is_found(root: Path, name: str, own_rules: bool) -> None:
    rules = {f"{name}.dockerignore": "*\n!src"} if own_rules else {".dockerignore": "*\n!src"}
    make(root, **{name: "FROM scratch\n"}, **rules)
    assert copied(root, name) == {"src": b"/", "src/b": b"b"}


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege for links")
def test_a_dockerfile_that_is_a_link(root: Path) -> None:
    make(root, **{"docker/app": "FROM scratch\n", ".dockerignore": ".dockerignore\ndocker/app\n"})
    (root / "Dockerfile").symlink_to("docker/app")
    assert copied(root) == {**TREE, "Dockerfile": b"-> docker/app", "docker": b"/"}


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege for links")
def test_a_dockerfile_that_is_a_link_out_of_the_folder(root: Path) -> None:
    """The service would refuse the link, and docker needs none."""
    (root / "Dockerfile").symlink_to("../outside")
    context = prepare(ContextOptions(root))
    assert context.notes == ("'Dockerfile' leads out of the folder: what it leads to is built, the link is not sent.",)
    assert check_links(context) == ()
    assert copied(root) == TREE


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege for links")
@pytest.mark.parametrize("target", ["../rules", "{root}/../rules", "src/rules", "{root}/a-rules", "rules"])
def test_an_ignore_file_that_is_a_link(root: Path, target: str) -> None:
    """Where the link would lead nowhere on the agent, the file is sent in its place."""
    path = root / target.format(root=root)
    path.write_text("Dockerfile\nsrc\n*rules\n.dockerignore\n")
    make(root, Dockerfile="FROM scratch\n")
    (root / ".dockerignore").symlink_to(target.format(root=root))
    assert copied(root) == {"a": b"a"}


def test_what_is_added_is_the_same_each_time_and_not_of_1970(root: Path) -> None:
    for dockerfile in ("-", "../outside"):
        archives = set()
        for _ in range(2):
            context = prepare(ContextOptions(root, dockerfile, cwd=root, stdin=io.BytesIO(DOCKERFILE)))
            assert all(file.mtime > 315_532_800 for file in context.extra_files)  # 1980, when times of zip begin
            archives.add(packed(context))
        assert len(archives) == 1


def test_a_run_has_no_dockerfile_to_hide(root: Path) -> None:
    make(root, **{".dockerignore": "src\n", "acb.yaml": "steps: []\n"})
    context = prepare(ContextOptions(root, needs_dockerfile=False, always_sent=("acb.yaml",)))
    assert unpacked(packed(context)).keys() == {"a", ".dockerignore", "acb.yaml"}
