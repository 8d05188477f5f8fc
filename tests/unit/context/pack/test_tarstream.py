"""Tar headers, read back by Python's tarfile and by GNU tar."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from azext_acrpool.context.pack.tarstream import END, header


def read(archive: bytes) -> tarfile.TarInfo:
    with tarfile.open(fileobj=io.BytesIO(archive), encoding="utf-8", errors="surrogateescape") as tar:
        member = tar.next()
        assert member is not None
        return member


NAME_BYTES = st.binary(min_size=1, max_size=300).filter(lambda name: b"\0" not in name and not name.endswith(b"/"))
FOLDERS = st.lists(st.text("ab é", min_size=1, max_size=90), min_size=1, max_size=6)
PATHS = st.one_of(NAME_BYTES, FOLDERS.map(lambda parts: "/".join(parts).encode()))


@given(PATHS, st.integers(0, 0o7777), st.integers(-(2**33), 2**40))
@example(b"a" * 100, 0o644, 0)
@example(b"a" * 101, 0o644, 0)
@example(b"a" * 155 + b"/" + b"b" * 100, 0o644, 0)
@example(b"a" * 156 + b"/" + b"b" * 100, 0o644, 0)
@example(b"/" + b"b" * 100, 0o644, 0)
@example("é".encode() * 49, 0o644, 0o77777777777 + 1)
def test_tarfile_reads_what_was_written(name: bytes, mode: int, mtime: int) -> None:
    member = read(header(name, b"0", mode=mode, mtime=mtime) + END)
    assert member.name.encode("utf-8", "surrogateescape") == name
    assert (member.mode, member.mtime, member.size, member.type) == (mode, mtime, 0, tarfile.REGTYPE)
    assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")


@given(PATHS)
def test_tarfile_reads_links(target: bytes) -> None:
    member = read(header(b"link", b"2", mode=0o777, mtime=0, target=target) + END)
    assert member.issym()
    assert member.linkname.encode("utf-8", "surrogateescape") == target


@pytest.mark.parametrize("size", [1, (8 << 30) - 1, 8 << 30, 1 << 50])
def test_sizes_of_any_length(size: int) -> None:
    archive = header(b"big", b"0", mode=0o644, mtime=0, size=size)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.next()
    assert member is not None
    assert member.size == size


def test_a_plain_header_is_that_of_tarfile() -> None:
    info = tarfile.TarInfo("src/main.py")
    info.size, info.mtime, info.mode = 1234, 1_700_000_000, 0o755
    ours = header(b"src/main.py", b"0", mode=0o755, mtime=1_700_000_000, size=1234)
    assert ours == info.tobuf(tarfile.USTAR_FORMAT)


@pytest.mark.parametrize("length", range(80, 125))
def test_pax_records_count_their_own_length(length: int) -> None:
    name = "é".encode() + b"x" * length
    assert read(header(name, b"0", mode=0o644, mtime=0) + END).name.encode() == name


@pytest.mark.skipif(not shutil.which("tar"), reason="there is no tar on this machine")
@pytest.mark.parametrize("name", [
    b"plain", b"a" * 200, b"d/" * 600 + b"f", "é/日本".encode(), b"caf\xe9", b"-rf", b" ",
    b"x" * 99 + b"/" + b"y" * 100,
])  # fmt: skip
def test_tar_reads_what_was_written(name: bytes) -> None:
    archive = header(name, b"0", mode=0o640, mtime=1_700_000_000, size=5) + b"hello".ljust(512, b"\0") + END
    command = ["tar", "--quoting-style=literal", "--show-transformed-names", "-tf", "-"]
    environment = {**os.environ, "LC_ALL": "C"}
    listed = subprocess.run(command, input=archive, capture_output=True, check=True, env=environment)
    assert listed.stdout == name + b"\n"
    content = subprocess.run(["tar", "-xOf", "-"], input=archive, capture_output=True, check=True)
    assert content.stdout == b"hello"
