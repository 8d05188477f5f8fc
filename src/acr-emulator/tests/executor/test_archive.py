"""Uploaded archives: what is in them counts, what reaches out of them is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from acr_emulator.executor.archive import ContextArchive
from acr_emulator.executor.errors import ContextError
from hypothesis import given, settings
from hypothesis import strategies as st


def member(
    name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(content)
    return info, content


def packed(*members: tuple[tarfile.TarInfo, bytes], compress: Callable[[bytes], bytes] = gzip.compress) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return compress(buffer.getvalue())


@pytest.mark.parametrize("compress", [bytes, gzip.compress, lzma.compress, bz2.compress])
def test_any_compression_docker_knows_is_read(compress: Callable[[bytes], bytes]) -> None:
    archive = ContextArchive(packed(member("./a/b.txt", b"hello"), compress=compress))
    assert list(archive.paths()) == ["a", "a/b.txt"]
    assert archive.read("a/b.txt", 99) == b"hello"


def test_names_are_cleaned_like_paths() -> None:
    archive = ContextArchive(
        packed(member("/../abs", b"1"), member("./x/../y", b"2"), member("d//e/", kind=tarfile.DIRTYPE))
    )
    assert list(archive.paths()) == ["abs", "d", "d/e", "y"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (member("../outside"), '"../outside" is outside of "/workspace"'),
        (member("a/../../outside"), "is outside of"),
        (member("link", kind=tarfile.SYMTYPE, link="../secret"), 'invalid symlink "/workspace/link" -> "../secret"'),
        (member("a/link", kind=tarfile.SYMTYPE, link="../../secret"), "invalid symlink"),
        (member("hard", kind=tarfile.LNKTYPE, link="../secret"), "invalid hardlink"),
        (member("hard", kind=tarfile.LNKTYPE, link="missing"), "no such file or directory"),
    ],
)
def test_nothing_may_leave_the_root(bad: tuple[tarfile.TarInfo, bytes], message: str) -> None:
    with pytest.raises(ContextError) as caught:
        ContextArchive(packed(bad))
    assert message in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"not an archive", b"\x1f\x8b\x08broken"])
def test_what_is_no_archive_is_told(data: bytes) -> None:
    with pytest.raises(ContextError) as caught:
        ContextArchive(data)
    assert "failed to download context" in str(caught.value)


def test_a_truncated_upload_is_told() -> None:
    whole = packed(member("big", bytes(range(256)) * 4000))
    with pytest.raises(ContextError):
        ContextArchive(whole[: len(whole) // 2])


def test_links_are_followed_within_the_root() -> None:
    archive = ContextArchive(
        packed(
            member("real/file", b"x"),
            member("relative", kind=tarfile.SYMTYPE, link="real/file"),
            member("absolute", kind=tarfile.SYMTYPE, link="/real"),
            member("dangling", kind=tarfile.SYMTYPE, link="/etc/passwd"),
            member("circle", kind=tarfile.SYMTYPE, link="circle"),
            member("hard", kind=tarfile.LNKTYPE, link="real/file"),
            member("absolute/through", b"y"),
        )
    )
    assert archive.resolve("relative") == "real/file"
    assert archive.resolve("absolute/file") == "real/file"
    assert archive.resolve("real/../relative") == "real/file"
    assert archive.resolve("dangling") is None
    assert archive.resolve("circle") is None
    assert archive.read("hard", 99) == b"x"
    assert archive.read("real/through", 99) == b"y", "an entry below a link lands where the link points"
    assert archive.read("../real/file", 99) is None


def test_a_part_of_the_tree_is_a_context_of_its_own() -> None:
    archive = ContextArchive(packed(member("sub/Dockerfile", b"FROM a"), member("other", b"")))
    part = archive.below_directory("sub")
    assert part is not None
    assert list(part.paths()) == ["Dockerfile"]
    assert part.read("Dockerfile", 99) == b"FROM a"
    assert archive.below_directory("missing") is None
    assert archive.below_directory("other") is None
    assert archive.below_directory("./") is archive


def test_size_is_that_of_an_uncompressed_tar() -> None:
    assert ContextArchive(packed(member("Dockerfile", b"x"))).size == 512 + 512 + 1024


@settings(deadline=None)
@given(st.dictionaries(st.text("ab./", min_size=1, max_size=6), st.binary(max_size=20), max_size=5))
def test_no_set_of_names_breaks_the_index(files: dict[str, bytes]) -> None:
    try:
        archive = ContextArchive(packed(*(member(name, content) for name, content in files.items())))
    except ContextError:
        assert any(".." in name for name in files)
        return
    for path in archive.paths():
        assert ".." not in path.split("/")
        assert not path.startswith("/")


def test_a_gigabyte_takes_no_memory_and_can_be_stopped(tmp_path: Path) -> None:
    """4 MB of gzip that hold 1 GB: read in pieces, until the reader is told to stop."""
    path = tmp_path / "bomb.tar.gz"
    info = tarfile.TarInfo("Dockerfile")
    info.size = 2**30
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(info.tobuf())
        for _ in range(64):
            stream.write(bytes(2**20))
    steps = 0

    class StoppedError(Exception):
        pass

    def stop_in_the_end() -> None:
        nonlocal steps
        steps += 1
        if steps == 200:
            raise StoppedError

    tracemalloc.start()
    with pytest.raises(StoppedError):
        ContextArchive(path, stop_in_the_end)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


def sparse(size: int) -> bytes:
    """A header that claims a file of `size` bytes, and nothing of it."""
    info = tarfile.TarInfo("big")
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


def header(kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(header(tarfile.XHDTYPE, 2**20) + bytes(2**20), "a header that is too long", id="extended-header"),
        pytest.param(
            header(tarfile.GNUTYPE_LONGNAME, 2**20) + bytes(2**20), "a header that is too long", id="long-name"
        ),
        pytest.param(header(tarfile.XHDTYPE, 512) * 5000, "", id="headers-of-headers"),
        pytest.param(sparse(2**40) + bytes(2**20), "unexpected end of data", id="file-of-a-terabyte"),
        pytest.param(packed(member("a/" * 3000 + "b", b"x"), compress=bytes), "file name too long", id="deep-path"),
        pytest.param(packed(member("a" * 256, b"x"), compress=bytes), "file name too long", id="long-part"),
        pytest.param(
            packed(member("a", kind=tarfile.SYMTYPE, link="b" * 5000), compress=bytes),
            "file name too long",
            id="long-link",
        ),
    ],
)
def test_archives_that_would_take_too_much_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(ContextError) as caught:
        ContextArchive(gzip.compress(data))
    assert message in str(caught.value)


def test_more_names_than_memory_holds_are_refused() -> None:
    deep = "/".join(["d" * 200] * 18)
    names = (member(f"{index:x}/{deep}") for index in range(2000))
    with pytest.raises(ContextError, match="the emulator unpacks at most"):
        ContextArchive(packed(*names, compress=bytes))


def test_only_what_is_included_stays() -> None:
    archive = ContextArchive(packed(member("a/b/c", b"1"), member("a/d", b"2"), member("e", b"3")))
    part = archive.only(lambda path: path in ("a/b/c", "e"))
    assert list(part.paths()) == ["a", "a/b", "a/b/c", "e"]
    assert part.read("a/b/c", 99) == b"1"
    assert part.read("a/d", 99) is None


def test_no_more_of_a_file_is_read_than_asked_for() -> None:
    assert ContextArchive(packed(member("a", b"12345"))).read("a", 3) == b"123"
