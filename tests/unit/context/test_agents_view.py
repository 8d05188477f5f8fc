"""What `COPY` sees on the agent is what `docker build` shows: with BuildKit, and of a Dockerfile that was adapted."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker_agent import Seen, seen_by_copy, shown_by_buildkit, tree_of, unpacked

from azext_acrpool.context import BuildContext, Builder, ContextOptions, check_links, prepare, write_archive

BUILDKIT = Builder(is_buildkit=True)
DOCKERFILE = "FROM scratch\nCOPY . /\n"
ADAPTED = b"FROM scratch\n# adapted\nCOPY . /\n"


@dataclass(frozen=True)
class Adapting:
    """A judge that has every Dockerfile changed."""

    content: bytes | None = ADAPTED

    def adapt(self, content: bytes) -> bytes | None:
        assert content == DOCKERFILE.encode()
        return self.content

    def accepts(self, content: bytes) -> bool:
        raise AssertionError(f"{content!r} is of no archive")

    def require_as_it_is(self, content: bytes) -> None:
        raise AssertionError(f"{content!r} is of no archive")


def make(root: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content.startswith("-> "):
            path.symlink_to(content.removeprefix("-> "))
        else:
            path.write_text(content)


def prepared(
    root: Path, dockerfile: str | None = None, *, builder: Builder = BUILDKIT, judge: Adapting | None = None
) -> BuildContext:
    stdin = io.BytesIO(DOCKERFILE.encode())
    return prepare(ContextOptions(root, dockerfile, cwd=root, stdin=stdin, builder=builder, judge=judge))


def packed(context: BuildContext) -> bytes:
    archive = bytearray()
    assert check_links(context) == ()
    write_archive(context, archive.extend)
    return bytes(archive)


def seen_on_the_agent(context: BuildContext, built: bytes = DOCKERFILE.encode()) -> dict[str, Seen]:
    """What BuildKit shows there; it finds the Dockerfile."""
    tree = unpacked(packed(context))
    assert tree[context.dockerfile_name].content == built
    return shown_by_buildkit(tree, context.dockerfile_name)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A context of a file and two folders; a Dockerfile is beside it."""
    make(tmp_path, {"outside": DOCKERFILE, "ctx/a": "a", "ctx/src/b": "b", "ctx/docker/x": "x"})
    return tmp_path / "ctx"


LINKS = pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege for links")
RULES = (
    "none",
    "src",
    "Dockerfile",
    "Dockerfile*",
    "*\n!a",
    "*\n!a\n!Docker*",
    "*ignore",
    ".*\n",
    "docker/*",
    "docker",
)
# Where the Dockerfile is, and the ignore files that there may be of its own.
PLACES = (("Dockerfile", "Dockerfile"), ("docker/app", "docker/app"), ("docker/app", "Dockerfile"))


@pytest.mark.parametrize("common", [None, *RULES])
@pytest.mark.parametrize("own", [None, "src\n", "*ignore\nDockerfile\n", "*\n!src\n", "docker\n"])
@pytest.mark.parametrize(("name", "beside"), PLACES)
def test_buildkit_shows_what_it_shows_here(
    root: Path, common: str | None, own: str | None, name: str, beside: str
) -> None:
    rules = {".dockerignore": common, f"{beside}.dockerignore": own}
    make(root, {name: DOCKERFILE, **{file: text for file, text in rules.items() if text is not None}})
    shown = shown_by_buildkit(tree_of(root), name)
    assert seen_on_the_agent(prepared(root, name)) == shown
    assert seen_on_the_agent(prepared(root, name, judge=Adapting()), ADAPTED) == shown


@pytest.mark.parametrize("common", [None, *RULES])
@pytest.mark.parametrize("own", [None, "a\n"])
@pytest.mark.parametrize("dockerfile", ["../outside", "-"])
def test_buildkit_shows_nothing_of_a_dockerfile_from_outside(
    root: Path, common: str | None, own: str | None, dockerfile: str
) -> None:
    if own is not None:
        make(root.parent, {"outside.dockerignore": own})
    if common is not None:
        make(root, {".dockerignore": common})
    here = tree_of(root)
    if own is not None and dockerfile != "-":
        # As if they were in the folder, and not seen.
        here["outside.dockerignore"] = Seen("file", 0o644, f"{own}outside*".encode())
    assert seen_on_the_agent(prepared(root, dockerfile)) == shown_by_buildkit(here, "outside")


@LINKS
def test_buildkit_reads_the_rules_beside_a_link_to_the_dockerfile(root: Path) -> None:
    """Those beside what it leads to are for whoever names that."""
    make(root, {"docker/app": DOCKERFILE, "docker/app.dockerignore": "a\n", "Dockerfile": "-> docker/app"})
    assert seen_on_the_agent(prepared(root)) == shown_by_buildkit(tree_of(root), "Dockerfile")
    make(root, {"Dockerfile.dockerignore": "src\n"})
    assert seen_on_the_agent(prepared(root)) == shown_by_buildkit(tree_of(root), "Dockerfile")


@LINKS
@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore"])
@pytest.mark.parametrize("target", ["../rules", "src/rules", "rules"])
def test_buildkit_finds_rules_that_are_a_link(root: Path, name: str, target: str) -> None:
    make(root, {"Dockerfile": DOCKERFILE, target: "src\n*rules\n*ignore\n", name: f"-> {target}"})
    assert set(seen_on_the_agent(prepared(root))) == {"a", "docker", "docker/x", "Dockerfile"}


def test_a_dockerfile_that_buildkit_cannot_be_told_of_goes_under_another_name(root: Path) -> None:
    make(root, {"my app": DOCKERFILE, ".dockerignore": "src\n"})
    context = prepared(root, "my app", builder=Builder(is_buildkit=True, can_name=lambda name: " " not in name))
    assert context.dockerfile_name.startswith(".acrpool-")
    assert seen_on_the_agent(context) == shown_by_buildkit(tree_of(root), "my app")


def test_a_dockerfile_and_rules_that_buildkit_finds_are_sent_as_they_are(root: Path) -> None:
    make(root, {"Dockerfile": DOCKERFILE, "Dockerfile.dockerignore": "*ignore\nDockerfile\n"})
    context = prepared(root)
    assert (context.dockerfile_name, context.extra_files) == ("Dockerfile", ())
    assert {"Dockerfile", "Dockerfile.dockerignore"} <= set(unpacked(packed(context)))


@pytest.mark.parametrize("rules", [None, "none", "src", "Dockerfile", "*\n!a", "*\n!a\n!Docker*", ".*\n"])
@pytest.mark.parametrize("own", [False, True], ids=["common", "of its own"])
def test_the_classic_builder_shows_the_same_of_an_adapted_dockerfile(root: Path, rules: str | None, own: bool) -> None:
    """But for the line in `.dockerignore` that hides the copy, as docker's client adds one for a Dockerfile outside."""
    make(root, {"Dockerfile": DOCKERFILE})
    if rules is not None:
        make(root, {"Dockerfile.dockerignore" if own else ".dockerignore": rules})
    plain, changed = prepared(root, builder=Builder()), prepared(root, builder=Builder(), judge=Adapting())
    archive = packed(changed)
    assert unpacked(archive)[changed.dockerfile_name].content == ADAPTED
    seen = seen_by_copy(archive, changed.dockerfile_name)
    expected = seen_by_copy(packed(plain), plain.dockerfile_name)
    if ".dockerignore" in expected:
        line = f"\n{changed.dockerfile_name}\n".encode()
        assert seen.pop(".dockerignore").content == expected.pop(".dockerignore").content + line
    assert seen == expected


@pytest.mark.parametrize("builder", [Builder(), BUILDKIT], ids=["classic", "buildkit"])
@pytest.mark.parametrize("dockerfile", [None, "../outside", "-"])
def test_an_adapted_dockerfile_is_the_same_each_time(root: Path, builder: Builder, dockerfile: str | None) -> None:
    make(root, {"Dockerfile": DOCKERFILE, ".dockerignore": "src\n"})
    contexts = [prepared(root, dockerfile, builder=builder, judge=Adapting()) for _ in range(2)]
    assert packed(contexts[0]) == packed(contexts[1])
    assert contexts[0].dockerfile_name == ".acrpool-44924a70ca0a.Dockerfile"


def test_a_name_of_our_own_has_no_rules_in_the_folder(root: Path) -> None:
    theirs = ".acrpool-44924a70ca0a.Dockerfile.dockerignore"
    make(root, {"Dockerfile": DOCKERFILE, theirs: "src\n"})
    context = prepared(root, judge=Adapting())
    assert context.dockerfile_name == ".acrpool-44924a70ca0a-2.Dockerfile"
    assert theirs in seen_on_the_agent(context, ADAPTED)


def test_without_a_change_the_archive_is_the_same(root: Path) -> None:
    make(root, {"Dockerfile": DOCKERFILE, ".dockerignore": "src\n"})
    judged = prepared(root, builder=Builder(), judge=Adapting(None))
    assert packed(judged) == packed(prepared(root, builder=Builder()))


def test_what_a_judge_raises_comes_through(root: Path) -> None:
    class Refusing(Adapting):
        def adapt(self, content: bytes) -> bytes | None:
            raise LookupError(content.decode())

    make(root, {"Dockerfile": DOCKERFILE})
    with pytest.raises(LookupError, match="FROM scratch"):
        prepared(root, judge=Refusing())
