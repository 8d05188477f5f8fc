"""Uploaded archives: what is in them counts, what reaches out of them is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable

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
    assert archive.read_text("a/b.txt") == "hello"


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
    assert archive.read_text("hard") == "x"
    assert archive.read_text("real/through") == "y", "an entry below a link lands where the link points"
    assert archive.read_text("../real/file") is None


def test_a_part_of_the_tree_is_a_context_of_its_own() -> None:
    archive = ContextArchive(packed(member("sub/Dockerfile", b"FROM a"), member("other", b"")))
    part = archive.below_directory("sub")
    assert part is not None
    assert list(part.paths()) == ["Dockerfile"]
    assert part.read_text("Dockerfile") == "FROM a"
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
