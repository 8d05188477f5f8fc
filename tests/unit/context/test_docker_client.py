"""Which files are sent, compared with what the Docker client itself sends for the same folder.

The client's classic builder sends the context as a tar to the daemon's socket, here a small recording daemon. The cases
are random, and the same in every run: `ACRPOOL_DOCKER_CASES` of them (the default is a quick subset) from number
`ACRPOOL_DOCKER_FIRST` on. Each has an ignore file and a client of its own; what is in the archive is compared
in `test_docker_archives.py`, for many trees at a time.

Differences that are meant, each checked for below:

- The classic builder enters an ignored folder only if the text of an exception starts with the folder's path, so that
  `!**/keep` finds nothing in ignored folders (moby issue 30018). BuildKit, Docker's default, enters it, and so do we.
- The classic builder leaves out the folders that hold re-included files (unpacking creates them with default modes).
  BuildKit sends them, and so do we.
- Docker compiles a pattern's regular expression when it first compares it with a file, and refuses a bad one only then.
  We refuse it at once.
- In older versions of the matcher (client 28 has one), `+()|{}` are operators in patterns with wildcards. We follow the
  later version, where they stand for themselves; the client is given such patterns with these characters escaped.
- Docker sends named pipes as such; we skip them.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_agent import classic_builder_sends
from docker_cases import for_client, random_rule, random_tree
from docker_client import DOCKER, DockerClient

from azext_acrpool.context import ContextOptions, DockerIgnoreError, prepare
from azext_acrpool.context.ignore.dockerignore import DockerIgnore
from azext_acrpool.context.ignore.go_regexp import GoRegexpError
from azext_acrpool.context.ignore.pattern import Pattern, PatternError
from azext_acrpool.context.pack.folder import folder_opener
from azext_acrpool.context.pack.skips import Skips
from azext_acrpool.context.pack.walk import FolderEntry, walk

CASES = int(os.environ.get("ACRPOOL_DOCKER_CASES", "200"))
FIRST = int(os.environ.get("ACRPOOL_DOCKER_FIRST", "0"))
pytestmark = pytest.mark.skipif(not DOCKER, reason="there is no Docker client on this machine")


@pytest.fixture(scope="module")
def docker() -> Iterator[DockerClient]:
    with tempfile.TemporaryDirectory(prefix="docker-") as home:
        client = DockerClient(Path(home))
        yield client
        client.close()


def write_tree(root: Path, files: list[str], rules: list[str]) -> None:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (root / "Dockerfile").write_text("FROM scratch\n")
    write_rules(root, rules)


def write_rules(root: Path, rules: list[str]) -> None:
    (root / ".dockerignore").write_bytes(os.fsencode("\n".join(rules)))


def what_we_send(root: Path) -> tuple[set[str], set[str]]:
    """Files and folders that belong to the archive."""
    context = prepare(ContextOptions(root, cwd=root))
    files: set[str] = set()
    folders: set[str] = set()
    for entry in walk(folder_opener(str(context.root)), context.selection, Skips()):
        (folders if isinstance(entry, FolderEntry) else files).add(entry.path)
    return files, folders


def is_refused_late(rules: list[str]) -> bool:
    """Whether a pattern is one that Docker refuses only when it uses it: fine for filepath.Match, not for regexp."""
    for rule in rules:
        try:
            DockerIgnore.from_lines([rule])
        except DockerIgnoreError as error:
            if not is_regexp_error(error):
                return False
    return True


def is_regexp_error(error: DockerIgnoreError) -> bool:
    pattern = error.pattern.removeprefix("!").strip()
    try:
        Pattern(pattern)
    except PatternError as refused:
        return isinstance(refused.__context__, GoRegexpError)
    return False


@pytest.mark.parametrize("batch", range(max(1, CASES // 50)))
def test_random_trees_and_rules_give_the_same_context(docker: DockerClient, tmp_path: Path, batch: int) -> None:
    for number in range(FIRST + batch * 50, FIRST + batch * 50 + min(50, CASES)):
        rng = random.Random(number)
        files = random_tree(rng)
        lines = "\n".join(random_rule(rng, files) for _ in range(rng.randint(1, 7)))
        rules = lines.split("\n")  # some names hold line feeds
        root = tmp_path / str(number)
        root.mkdir()
        clients_rules = [for_client(rule) for rule in rules]
        write_tree(root, files, clients_rules)
        sent = docker.build("-q", ".", cwd=root)
        write_rules(root, rules)
        try:
            our_files, our_folders = what_we_send(root)
        except DockerIgnoreError:
            assert "syntax error" in sent.error or "illegal exclusion" in sent.error or is_refused_late(rules), (
                number, rules, sent.error)  # fmt: skip
            continue
        assert not sent.error, (number, rules, sent.error)
        ignore = DockerIgnore.from_lines(clients_rules)
        reached = {path for path in our_files if classic_builder_sends(path, ignore)} | {"Dockerfile", ".dockerignore"}
        assert reached == sent.files, (number, rules, reached ^ sent.files)
        folders = {path for path in our_folders if classic_builder_sends(path, ignore) and not ignore.excludes(path)}
        assert folders == sent.folders, (number, rules, folders ^ sent.folders)
        shutil.rmtree(root)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("here", "ctx/inside", "ctx/sub/inside", "ctx/dockerfile", "ctx/target"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("FROM scratch\n")
    (tmp_path / "ctx/link").symlink_to("target")
    (tmp_path / "elsewhere").symlink_to("ctx", target_is_directory=True)
    return tmp_path


@pytest.mark.parametrize(
    ("dockerfile", "context", "cwd"),
    [
        (None, "ctx", "."),
        (None, ".", "ctx"),
        ("inside", ".", "ctx"),
        ("sub/inside", ".", "ctx"),
        ("ctx/sub/inside", "ctx", "."),
        ("ctx/link", "ctx", "."),
        ("elsewhere/inside", "elsewhere", "."),
        ("../inside", "..", "ctx/sub"),
    ],
)
def test_dash_f_is_found_where_the_client_finds_it(
    docker: DockerClient, folder: Path, dockerfile: str | None, context: str, cwd: str
) -> None:
    arguments = ["-f", dockerfile] if dockerfile else []
    sent = docker.build(*arguments, context, cwd=folder / cwd)
    assert not sent.error
    ours = prepare(ContextOptions(Path(context), dockerfile, cwd=folder / cwd))
    assert ours.dockerfile_name == sent.dockerfile
    assert ours.notes == ()


def test_dash_f_below_the_context_only_is_ours_alone(docker: DockerClient, folder: Path) -> None:
    """The help of az says so: the client does not look there, and we say that we did."""
    assert "no such file" in docker.build("-f", "sub/inside", "ctx", cwd=folder).error
    ours = prepare(ContextOptions(Path("ctx"), "sub/inside", cwd=folder))
    assert ours.dockerfile_name == "sub/inside"
    assert len(ours.notes) == 1


def test_files_of_every_kind(docker: DockerClient, folder: Path) -> None:
    root = folder / "ctx"
    (root / "hard").hardlink_to(root / "target")
    (root / "dangling").symlink_to("/nowhere")
    (root / "empty").mkdir()
    os.mkfifo(root / "pipe")
    sent = docker.build(".", cwd=root)
    files, folders = what_we_send(root)
    assert files == sent.files - {"pipe"}
    assert folders == sent.folders
