"""From a folder to an archive: what is in it, when the tree bites and when it changes."""

from __future__ import annotations

import errno
import gzip
import io
import os
import socket
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from whole_messages import raises

from azext_acrpool.context import (
    BuildContext,
    ContextOptions,
    FileChangedError,
    Progress,
    UnreadableError,
    prepare,
    write_archive,
)
from azext_acrpool.context.pack.archive import ArchiveStats, measure
from azext_acrpool.context.pack.folder import Folder, FolderOpener, extended_path, folder_opener, is_junction
from azext_acrpool.context.pack.listing import list_context
from azext_acrpool.context.pack.skips import Skips
from azext_acrpool.context.pack.tarstream import TarStream
from azext_acrpool.context.pack.walk import walk

UNREADABLE = "Cannot read '{}': {}. Make it readable, or list it in .dockerignore if the build does not need it."
CHANGED = "'{}' {} while it was packed. Try again when nothing writes to it, or list it in .dockerignore."

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def context_of(root: Path) -> BuildContext:
    return prepare(ContextOptions(root, needs_dockerfile=False))


# Gives the opener of the folders below a root.
OpenRoot = Callable[[str], FolderOpener]


def packed(context: BuildContext, open_root: OpenRoot = folder_opener) -> tuple[bytes, ArchiveStats]:
    pieces: list[bytes] = []
    stats = write_archive(context, pieces.append, open_root=open_root)
    return b"".join(pieces), stats


def members(archive: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(archive), encoding="utf-8", errors="surrogateescape") as tar:
        return {member.name: member for member in tar}


def content(archive: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        file = tar.extractfile(name)
        assert file is not None
        return file.read()


def write(path: Path, data: bytes = b"x", mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)
    return path


@pytest.fixture(params=[True, False], ids=["descriptors", "paths"])
def open_root(request: pytest.FixtureRequest) -> OpenRoot:
    """Both ways to open folders: with descriptors, and with paths as on Windows."""
    if request.param and os.open not in os.supports_dir_fd:
        pytest.skip("this system cannot open files relative to a folder")
    return partial(folder_opener, use_descriptors=bool(request.param))


class Interfered:
    """An open folder in which something happens before a file in it is opened."""

    def __init__(self, folder: Folder, name: str, before: Callable[[], object]) -> None:
        self._folder = folder
        self._name = name
        self._before = before

    def scan(self) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        return self._folder.scan()

    def status(self) -> os.stat_result:
        return self._folder.status()

    def open_file(self, name: str) -> int:
        if name == self._name:
            self._before()
        return self._folder.open_file(name)

    def link_target(self, name: str) -> str:
        return self._folder.link_target(name)

    def link_status(self, name: str) -> os.stat_result:
        return self._folder.link_status(name)

    def close(self) -> None:
        self._folder.close()


def interfering(name: str, before: Callable[[], object], open_root: OpenRoot = folder_opener) -> OpenRoot:
    """Opens folders as `open_root` does; `before` is called before the file `name` is opened."""

    def open_interfered(root: str) -> FolderOpener:
        opener = open_root(root)
        return lambda path: Interfered(opener(path), name, before)

    return open_interfered


def test_an_archive_holds_the_tree(tmp_path: Path, open_root: OpenRoot) -> None:
    write(tmp_path / "bin/run.sh", b"#!/bin/sh\n", 0o755)
    write(tmp_path / "empty", b"", 0o600)
    write(tmp_path / "big", b"0123456789abcdef" * 200_000)
    (tmp_path / "empty-folder").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("../outside/secret")
    (tmp_path / "folder-link").symlink_to("bin", target_is_directory=True)
    os.utime(tmp_path / "empty", (1_600_000_000.9, 1_600_000_000.9))
    archive, stats = packed(context_of(tmp_path), open_root)
    found = members(archive)
    assert list(found) == ["big", "empty", "folder-link", "link", "bin", "bin/run.sh", "empty-folder"]
    assert content(archive, "big") == b"0123456789abcdef" * 200_000
    assert (found["link"].type, found["link"].linkname) == (tarfile.SYMTYPE, "../outside/secret")
    assert found["folder-link"].issym()
    assert (found["empty"].mtime, found["bin/run.sh"].mode, found["empty-folder"].mode) == (1_600_000_000, 0o755, 0o700)
    assert all((m.uid, m.gid, m.uname, m.gname) == (0, 0, "", "") for m in found.values())
    assert (stats.files, stats.folders, stats.links) == (3, 2, 2)
    assert (stats.content_bytes, stats.archive_bytes) == (3_200_010, len(archive))


def test_exceptions_reach_into_ignored_folders(tmp_path: Path, open_root: OpenRoot) -> None:
    for name in ("lib/a.py", "lib/b.js", "lib/deep/c.py", "lib/other/d.js", "e.js"):
        write(tmp_path / name)
    write(tmp_path / ".dockerignore", b"**\n!**/*.py\n")
    found = members(packed(context_of(tmp_path), open_root)[0])
    assert set(found) == {".dockerignore", "lib", "lib/a.py", "lib/deep", "lib/deep/c.py"}


def test_ignored_folders_that_no_exception_reaches_are_not_entered(tmp_path: Path) -> None:
    write(tmp_path / "node_modules/x/y")
    write(tmp_path / "src/a")
    write(tmp_path / "cache/keep/a")
    write(tmp_path / "cache/drop/a")
    write(tmp_path / ".dockerignore", b"node_modules\ncache\n!cache/keep\n")
    opened: list[str] = []

    def recording(root: str) -> FolderOpener:
        opener = folder_opener(root)

        def open_folder(path: str) -> Folder:
            opened.append(path)
            return opener(path)

        return open_folder

    packed(context_of(tmp_path), recording)
    assert opened == ["", "cache", "cache/keep", "src"]


def test_the_dockerfile_and_the_ignore_file_are_sent_even_when_ignored(tmp_path: Path) -> None:
    write(tmp_path / "docker/.venv/app", b"FROM scratch\n")
    write(tmp_path / "docker/other")
    write(tmp_path / ".dockerignore", b"**\n")
    context = prepare(ContextOptions(tmp_path, "docker/.venv/app", cwd=tmp_path))
    found = members(packed(context)[0])
    assert {name for name, member in found.items() if member.isfile()} == {".dockerignore", "docker/.venv/app"}


def test_version_control_is_left_out_with_a_note(tmp_path: Path) -> None:
    for name in (".git/config", "sub/.git", ".venv/bin/python", ".gitignore", "x/.hg/a", "y/.svn/a"):
        write(tmp_path / name)
    archive, stats = packed(context_of(tmp_path))
    assert {name for name, member in members(archive).items() if member.isfile()} == {".gitignore"}
    note = (
        "'.git', '.venv', 'sub/.git' and 2 more: not sent, as version control folders and .venv are not unless the "
        "ignore file has an exception for them, such as '!**/.git'."
    )
    assert stats.notes == (note,)


def test_version_control_that_a_rule_names_makes_no_note(tmp_path: Path) -> None:
    write(tmp_path / ".git/config")
    write(tmp_path / ".dockerignore", b".git\n!**/config\n")
    archive, stats = packed(context_of(tmp_path))
    assert set(members(archive)) == {".dockerignore"}
    assert stats.notes == ()
    write(tmp_path / ".dockerignore", b"!.git\n")
    assert set(members(packed(context_of(tmp_path))[0])) == {".dockerignore", ".git", ".git/config"}


@pytest.mark.parametrize(
    ("rules", "left_out"),
    [
        # The rules say all that there is to say about one of them, and nothing about the other.
        (".git/*\n!.git/HEAD\n", ["src/.git"]),
        ("**/.git\n!.git/HEAD\n", []),
        ("!.git/HEAD\n", [".git/config", "src/.git"]),
        ("!**/.git/HEAD\n", [".git/config", "src/.git/config"]),
        ("!**/.git\n", []),
    ],
)
def test_version_control_is_noted_unless_a_rule_of_the_user_excludes_it(
    tmp_path: Path, rules: str, left_out: list[str]
) -> None:
    for name in (".git/HEAD", ".git/config", "src/.git/HEAD", "src/.git/config"):
        write(tmp_path / name)
    write(tmp_path / ".dockerignore", rules.encode())
    archive, stats = packed(context_of(tmp_path))
    assert ".git/HEAD" in members(archive) or ".git/HEAD" not in rules
    names = ", ".join(f"'{name}'" for name in left_out)
    note = (
        f"{names}: not sent, as version control folders and .venv are not unless the ignore file has an exception for "
        "them, such as '!**/.git'."
    )
    assert stats.notes == ((note,) if left_out else ())
    assert list_context(context_of(tmp_path), reasons=True).notes == stats.notes


def test_a_context_that_is_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real/a")
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    assert set(members(packed(context_of(tmp_path / "link"))[0])) == {"a"}


def kinds(archive: bytes) -> dict[str, str]:
    """What each name is, but for folders: a file, `= NAME` for another name of one, `-> TARGET` for a symbolic link."""
    found = {}
    for name, member in members(archive).items():
        if not member.isdir():
            found[name] = (
                f"= {member.linkname}" if member.islnk() else f"-> {member.linkname}" if member.issym() else ""
            )
    return found


@posix
def test_a_file_of_several_names_is_sent_once(tmp_path: Path, open_root: OpenRoot) -> None:
    write(tmp_path / "b/first", os.urandom(2_000_000), 0o640)
    for number in range(9):
        (tmp_path / f"b/other-{number}").hardlink_to(tmp_path / "b/first")
    write(tmp_path / "c/deep/single")
    archive, stats = packed(context_of(tmp_path), open_root)
    others = {f"b/other-{number}": "= b/first" for number in range(9)}
    assert kinds(archive) == {"b/first": "", **others, "c/deep/single": ""}
    assert content(archive, "b/other-8") == (tmp_path / "b/first").read_bytes()
    assert (members(archive)["b/other-8"].size, members(archive)["b/other-8"].mode) == (0, 0o640)
    assert (stats.files, stats.content_bytes) == (11, 2_000_001)
    assert stats.archive_bytes < 2_100_000


@posix
def test_a_file_whose_first_name_is_not_sent(tmp_path: Path) -> None:
    write(tmp_path / "a", b"same")
    for name in ("b", "c"):
        (tmp_path / name).hardlink_to(tmp_path / "a")
    (tmp_path / "z").hardlink_to(write(tmp_path.parent / f"{tmp_path.name}-outside"))
    write(tmp_path / ".dockerignore", b"a\n")
    archive, _ = packed(context_of(tmp_path))
    assert kinds(archive) == {".dockerignore": "", "b": "", "c": "= b", "z": ""}
    assert content(archive, "c") == b"same"


@posix
def test_a_symbolic_link_of_several_names(tmp_path: Path, open_root: OpenRoot) -> None:
    (tmp_path / "a").symlink_to("target")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    assert kinds(packed(context_of(tmp_path), open_root)[0]) == {"a": "-> target", "b": "= a"}


@posix
def test_names_of_any_length_share_a_file(tmp_path: Path) -> None:
    first = write(tmp_path / ("é" * 100) / "first")
    (tmp_path / ("é" * 100) / ("z" * 200)).hardlink_to(first)
    archive, _ = packed(context_of(tmp_path))
    assert kinds(archive) == {"é" * 100 + "/first": "", "é" * 100 + "/" + "z" * 200: "= " + "é" * 100 + "/first"}


@posix
def test_a_name_that_is_given_to_another_file_while_packing_is_that_file(tmp_path: Path, open_root: OpenRoot) -> None:
    write(tmp_path / "a", b"first")
    victim = tmp_path / "b"
    victim.hardlink_to(tmp_path / "a")

    def replace() -> None:
        victim.unlink()
        write(victim, b"another")

    archive, _ = packed(context_of(tmp_path), interfering("b", replace, open_root))
    assert kinds(archive) == {"a": "", "b": ""}
    assert (content(archive, "a"), content(archive, "b")) == (b"first", b"another")


@posix
def test_a_dockerfile_of_several_names(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").hardlink_to(write(tmp_path / "App.Dockerfile", b"FROM scratch\n"))
    write(tmp_path / ".dockerignore", b"Dockerfile\n")
    archive, _ = packed(prepare(ContextOptions(tmp_path)))
    assert kinds(archive) == {".dockerignore": "", "App.Dockerfile": "", "Dockerfile": "= App.Dockerfile"}


def capabilities(archive: bytes) -> dict[str, bytes]:
    key = "SCHILY.xattr.security.capability"
    return {
        name: member.pax_headers[key].encode("utf-8", "surrogateescape")
        for name, member in members(archive).items()
        if key in member.pax_headers
    }


# The bytes that `setcap cap_net_raw=ep` writes, and what it writes in a user namespace whose root is user 1000.
NET_RAW = bytes.fromhex("0100000200200000000000000000000000000000")
NET_RAW_OF_1000 = bytes.fromhex("0100000300200000000000000000000000000000e8030000")


@pytest.fixture
def set_capability() -> Callable[[Path, bytes], None]:
    """Gives a file a capability, where that can be done."""

    def set_one(path: Path, capability: bytes) -> None:
        if sys.platform != "linux":
            pytest.skip("capabilities are Linux's")
        try:
            os.setxattr(path, "security.capability", capability)
        except OSError as error:
            pytest.skip(f"this user cannot give files capabilities here: {error}")

    return set_one


def test_capabilities_are_sent(tmp_path: Path, set_capability: Callable[[Path, bytes], None]) -> None:
    set_capability(write(tmp_path / "ping", mode=0o755), NET_RAW)
    (tmp_path / "pong").hardlink_to(tmp_path / "ping")
    set_capability(write(tmp_path / "é" / ("x" * 200), os.urandom(3_000_000)), NET_RAW)
    write(tmp_path / "plain", mode=0o755)
    archive, _ = packed(context_of(tmp_path))
    assert capabilities(archive) == {"ping": NET_RAW, "pong": NET_RAW, "é/" + "x" * 200: NET_RAW}
    assert content(archive, "é/" + "x" * 200) == (tmp_path / "é" / ("x" * 200)).read_bytes()


def test_the_root_user_of_a_capability_is_not_sent(
    tmp_path: Path, set_capability: Callable[[Path, bytes], None]
) -> None:
    set_capability(write(tmp_path / "ping", mode=0o755), NET_RAW_OF_1000)
    assert capabilities(packed(context_of(tmp_path))[0]) == {"ping": NET_RAW}


@posix
def test_sockets_and_pipes_are_skipped_with_a_note(
    tmp_path: Path, open_root: OpenRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        archive, stats = packed(context_of(tmp_path), open_root)
    assert members(archive) == {}
    cannot_be = "not sent, as sockets, named pipes and devices cannot be."
    # In the order in which the system lists them.
    assert stats.notes in ((f"'pipe', 'socket': {cannot_be}",), (f"'socket', 'pipe': {cannot_be}",))


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS file systems take UTF-8 only")
def test_names_are_bytes(tmp_path: Path) -> None:
    names = [b"caf\xe9", "日本".encode(), b"a\nb", b"-rf", b" ", b"\x01", b"n" * 255, b"\xff\xfe" * 100]
    for name in names:
        write(tmp_path / os.fsdecode(name))
    archive, _ = packed(context_of(tmp_path))
    assert {os.fsencode(name) for name in members(archive)} == set(names)


@pytest.fixture
def deletable(tmp_path: Path) -> Iterator[Path]:
    """A folder that may hold what pytest itself cannot remove."""
    folder = tmp_path / "deep"
    folder.mkdir()
    yield folder
    subprocess.run(["rm", "-rf", folder], check=True)


@posix
def test_folders_of_any_depth_and_length(deletable: Path) -> None:
    depth, name = 1100, "folder-with-a-rather-long-name"
    descriptor = os.open(deletable, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=descriptor)
        following = os.open(name, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = following
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
    os.close(descriptor)
    context = context_of(deletable)
    archive, stats = packed(context)
    assert (stats.files, stats.folders) == (1, depth)
    assert max(members(archive), key=len) == f"{name}/" * depth + "file"
    totals = measure(context)
    assert totals is not None
    assert totals.files == 1


def test_the_same_tree_gives_the_same_bytes_with_any_number_of_threads(tmp_path: Path) -> None:
    rng_bytes = os.urandom(3_000_000)
    for name in ("a", "b/c", "b/d"):
        write(tmp_path / "1" / name, rng_bytes)
    for name in ("b/d", "b/c", "a"):  # the other way round, so that folders list them in another order
        write(tmp_path / "2" / name, rng_bytes)
    for path in (*tmp_path.rglob("*"),):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    first, second = bytearray(), bytearray()
    write_archive(context_of(tmp_path / "1"), first.extend, workers=1)
    write_archive(context_of(tmp_path / "2"), second.extend, workers=7)
    assert first == second


def test_where_modes_mean_nothing_all_is_executable(tmp_path: Path) -> None:
    write(tmp_path / "a", mode=0o600)
    entries = walk(folder_opener(str(tmp_path)), context_of(tmp_path).selection, Skips())
    tar = b"".join(TarStream(Skips(), keep_modes=False).chunks(entries, ()))
    assert members(tar)["a"].mode == 0o755


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root reads everything")
def test_unreadable_for_real(tmp_path: Path) -> None:
    write(tmp_path / "secret", mode=0)
    with raises(UnreadableError, UNREADABLE.format("secret", "Permission denied")):
        packed(context_of(tmp_path))


class Refusing:
    """Opens everything but some paths."""

    def __init__(self, root: str, refused: dict[str, int]) -> None:
        self._opener = folder_opener(root)
        self._refused = refused

    def __call__(self, path: str) -> Folder:
        if path in self._refused:
            raise OSError(self._refused[path], os.strerror(self._refused[path]))
        return self._opener(path)


@pytest.mark.parametrize(
    ("rules", "code", "outcome"),
    [
        (b"", errno.EACCES, UnreadableError),
        (b"closed\n", errno.EACCES, ()),
        (
            b"closed\n!closed/a\n",
            errno.EACCES,
            ("'closed': cannot be read; it is ignored, but exceptions ('!') below it have no effect.",),
        ),
        (b"", errno.ENOENT, ("'closed': not sent, as it vanished while the context was packed.",)),
        (b"", errno.ELOOP, ("'closed': not sent, as it vanished while the context was packed.",)),
    ],
)
def test_folders_that_cannot_be_opened(
    tmp_path: Path, rules: bytes, code: int, outcome: type[Exception] | tuple[str, ...]
) -> None:
    write(tmp_path / "closed/a")
    write(tmp_path / ".dockerignore", rules)

    def refusing(root: str) -> FolderOpener:
        return Refusing(root, {"closed": code})

    if isinstance(outcome, tuple):
        archive, stats = packed(context_of(tmp_path), refusing)
        assert set(members(archive)) == {".dockerignore"}
        assert stats.notes == outcome
    else:
        with raises(outcome, UNREADABLE.format("closed", "Permission denied")):
            packed(context_of(tmp_path), refusing)


@pytest.mark.parametrize("rules", [b"", b"closed\n", b"*\n!closed/a\n"])
@pytest.mark.parametrize(
    ("code", "error", "told"),
    [
        (errno.EACCES, UnreadableError, "Cannot read 'closed': Permission denied. Make it readable."),
        (
            errno.ENOENT,
            FileChangedError,
            "'closed' vanished while it was packed. Try again when nothing writes to it.",
        ),
    ],
)
def test_a_folder_that_holds_what_is_always_sent_must_open(
    tmp_path: Path, rules: bytes, code: int, error: type[Exception], told: str
) -> None:
    write(tmp_path / "closed/t.yaml")
    write(tmp_path / ".dockerignore", rules)
    context = prepare(ContextOptions(tmp_path, needs_dockerfile=False, always_sent=("closed/t.yaml",)))
    with raises(error, told):
        packed(context, lambda root: Refusing(root, {"closed": code}))


def test_what_is_always_sent_must_not_vanish(tmp_path: Path) -> None:
    task = write(tmp_path / "t.yaml")
    context = prepare(ContextOptions(tmp_path, needs_dockerfile=False, always_sent=("t.yaml",)))
    with raises(FileChangedError, "'t.yaml' vanished while it was packed. Try again when nothing writes to it."):
        packed(context, interfering("t.yaml", task.unlink))


class Meddling:
    """Changes a file between the reading of its size and that of its content, where the system alone is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, change: Callable[[int], None]) -> None:
        original = os.fstat

        def fstat(descriptor: int) -> os.stat_result:
            status = original(descriptor)
            if stat.S_ISREG(status.st_mode):
                change(descriptor)
            return status

        monkeypatch.setattr(os, "fstat", fstat)


@pytest.mark.parametrize("size", [1000, 3_000_000])
def test_a_file_that_shrinks_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    victim = write(tmp_path / "victim", b"x" * size)
    Meddling(monkeypatch, lambda _: os.truncate(victim, 10))
    with raises(FileChangedError, CHANGED.format("victim", "became shorter")):
        packed(context_of(tmp_path))


@pytest.mark.parametrize("size", [0, 1000, 3_000_000])
def test_a_file_that_grows_is_packed_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    victim = write(tmp_path / "victim", b"x" * size)
    write(tmp_path / "z", b"after")

    def grow(_: int) -> None:
        with victim.open("ab") as file:
            file.write(b"more" * 1000)

    Meddling(monkeypatch, grow)
    archive, _ = packed(context_of(tmp_path))
    assert content(archive, "victim") == b"x" * size
    assert content(archive, "z")[:5] == b"after"


def test_a_file_that_vanishes_is_left_out_with_a_note(tmp_path: Path, open_root: OpenRoot) -> None:
    write(tmp_path / "a")
    victim = write(tmp_path / "victim")
    archive, stats = packed(context_of(tmp_path), interfering("victim", victim.unlink, open_root))
    assert set(members(archive)) == {"a"}
    assert stats.notes == ("'victim': not sent, as it vanished while the context was packed.",)


def test_a_dockerfile_that_vanishes_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile")
    context = prepare(ContextOptions(tmp_path))
    (tmp_path / "Dockerfile").unlink()
    with raises(FileChangedError, "'Dockerfile' vanished while it was packed. Try again when nothing writes to it."):
        packed(context)


def refuse() -> None:
    raise OSError(errno.EACCES, "Permission denied")


def test_a_dockerfile_that_cannot_be_read_is_not_said_to_be_ignorable(tmp_path: Path, open_root: OpenRoot) -> None:
    write(tmp_path / "Dockerfile")
    context = prepare(ContextOptions(tmp_path))
    with raises(UnreadableError, "Cannot read 'Dockerfile': Permission denied. Make it readable."):
        packed(context, interfering("Dockerfile", refuse, open_root))
    with raises(UnreadableError, UNREADABLE.format("a", "Permission denied")):
        packed(context_of(write(tmp_path / "a").parent), interfering("a", refuse, open_root))


def test_a_dockerfile_that_shrinks_is_not_said_to_be_ignorable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = write(tmp_path / "Dockerfile", b"x" * 1000)
    context = prepare(ContextOptions(tmp_path))
    Meddling(monkeypatch, lambda _: os.truncate(victim, 10))
    became = "'Dockerfile' became shorter while it was packed. Try again when nothing writes to it."
    with raises(FileChangedError, became):
        packed(context)


@posix
def test_a_file_that_becomes_a_link_is_not_followed(tmp_path: Path, open_root: OpenRoot) -> None:
    write(tmp_path / "secret")
    victim = write(tmp_path / "ctx/victim")

    def replace() -> None:
        victim.unlink()
        victim.symlink_to("../secret")

    with raises(UnreadableError, UNREADABLE.format("victim", os.strerror(errno.ELOOP))):
        packed(context_of(tmp_path / "ctx"), interfering("victim", replace, open_root))


@posix
def test_a_file_that_becomes_a_pipe_does_not_hang(tmp_path: Path, open_root: OpenRoot) -> None:
    victim = write(tmp_path / "victim")

    def replace() -> None:
        victim.unlink()
        os.mkfifo(victim)

    with raises(FileChangedError, CHANGED.format("victim", "was replaced by something that is not a file")):
        packed(context_of(tmp_path), interfering("victim", replace, open_root))


def test_progress_counts_up(tmp_path: Path) -> None:
    for number in range(4):
        write(tmp_path / str(number), os.urandom(1_500_000))
    seen: list[Progress] = []
    stats = write_archive(context_of(tmp_path), lambda _: None, on_progress=seen.append)
    assert [p.content_bytes for p in seen] == sorted({p.content_bytes for p in seen})
    assert seen[-1].content_bytes == stats.content_bytes == 6_000_000
    assert seen[-1].files == 4


def test_a_failing_sink_ends_packing_and_its_threads(tmp_path: Path) -> None:
    import threading

    for number in range(4):
        write(tmp_path / str(number), os.urandom(1_500_000))
    before = set(threading.enumerate())

    def full(_: bytes) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    with pytest.raises(OSError, match="disk full"):
        write_archive(context_of(tmp_path), full)
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=5)
        assert not thread.is_alive()


def test_measure_counts_what_is_packed(tmp_path: Path) -> None:
    write(tmp_path / "a", b"12345")
    write(tmp_path / "b/c", b"123")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "same").hardlink_to(tmp_path / "a")
    totals = measure(context_of(tmp_path))
    assert totals is not None
    assert (totals.files, totals.content_bytes) == (3, 8)
    assert measure(context_of(tmp_path), cancelled=lambda: True) is None


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_memory_is_bounded_whatever_the_size(tmp_path: Path) -> None:
    """600 MB in one sparse file and one file of noise: the peak stays far below 96 MiB over the idle process."""
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(500_000_000)
    write(tmp_path / "noise", os.urandom(1 << 20) * 100)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from azext_acrpool.context import ContextOptions, prepare, write_archive\n"
        "def peak(): return int(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
        "idle = peak()\n"
        "context = prepare(ContextOptions(Path(sys.argv[1]), needs_dockerfile=False))\n"
        "write_archive(context, len)\n"
        "print(peak() - idle)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, env=environment
    )
    assert 1024 < int(done.stdout) < 96 * 1024


def test_without_isal_the_archive_is_as_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a", b"text, text, text\n" * 300_000)
    with_isal, _ = packed(context_of(tmp_path))
    monkeypatch.setitem(sys.modules, "isal", None)
    without, _ = packed(context_of(tmp_path))
    assert gzip.decompress(without) == gzip.decompress(with_isal)
    assert len(without) < 200_000


def test_paths_on_windows_may_be_long() -> None:
    assert extended_path("C:\\src", windows=True) == "\\\\?\\C:\\src"
    assert extended_path("\\\\server\\share\\src", windows=True) == "\\\\?\\UNC\\server\\share\\src"
    assert extended_path("\\\\?\\C:\\src", windows=True) == "\\\\?\\C:\\src"
    assert extended_path("/src", windows=False) == "/src"


@pytest.mark.parametrize(("tag", "junction"), [(0xA0000003, True), (0xA000000C, False), (0, False)])
def test_junctions_are_links_on_windows(tag: int, junction: bool) -> None:
    entry = mock.create_autospec(os.DirEntry, instance=True)
    entry.stat.return_value = SimpleNamespace(st_reparse_tag=tag)
    assert is_junction(entry, windows=True) is junction
    assert not is_junction(entry, windows=False)
