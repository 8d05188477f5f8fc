"""Reading what a user names: at most so much, and whatever the path is."""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from io import BytesIO, RawIOBase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.files import look_at, read_file, read_stream

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are Unix's")
needs_devices = pytest.mark.skipif(not Path("/dev/zero").exists(), reason="devices are Unix's")


class Endless(RawIOBase):
    """A stream without end, which counts what was read of it."""

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        buffer[:] = b"x" * len(buffer)
        self.given += len(buffer)
        return len(buffer)


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_files_up_to_the_limit_are_read_whole(tmp_path: Path, size: int) -> None:
    (tmp_path / "file").write_bytes(b"a" * size)
    assert read_file(tmp_path / "file", limit=100) == b"a" * size
    assert read_stream(BytesIO(b"a" * size), limit=100) == b"a" * size


def test_one_byte_more_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a" * 101)
    with pytest.raises(OSError, match="the most that is read") as caught:
        read_file(tmp_path / "file", limit=100)
    assert (caught.value.errno, caught.value.strerror) == (
        errno.EFBIG,
        "It has more than 100 B, the most that is read",
    )


def test_of_a_stream_without_end_no_more_than_the_limit_is_read() -> None:
    stream = Endless()
    with pytest.raises(OSError, match="It has more than"):
        read_stream(stream, limit=1000)  # type: ignore[arg-type]
    assert stream.given == 1001


@needs_devices
def test_a_device_without_end() -> None:
    with pytest.raises(OSError, match=r"It has more than 4\.2 MB, the most that is read"):
        read_file("/dev/zero")


@needs_pipes
def test_a_pipe_to_which_nobody_writes_is_empty(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_file(tmp_path / "pipe") == b""


@needs_pipes
def test_a_pipe_is_read_to_its_end() -> None:
    """As a shell hands over `<(command)`."""
    reader, writer = os.pipe()
    try:
        os.write(writer, b"FROM scratch\n")
        os.close(writer)
        assert read_file(f"/dev/fd/{reader}") == b"FROM scratch\n"
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing", os.strerror(errno.ENOENT)),
        ("x" * 5000, os.strerror(errno.ENAMETOOLONG)),
        ("a\0b", "It is no path (embedded null byte)"),
    ],
)
def test_what_cannot_be_opened_is_an_os_error(tmp_path: Path, path: str, reason: str) -> None:
    with pytest.raises(OSError, match=re.escape(reason)):
        read_file(f"{tmp_path}/{path}")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no such file")
def test_what_cannot_be_read_is_named() -> None:
    with pytest.raises(OSError, match=re.escape(os.strerror(errno.EIO))) as caught:
        read_file("/proc/self/mem")
    assert caught.value.filename == "/proc/self/mem"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises((IsADirectoryError, PermissionError)):
        read_file(tmp_path)


@pytest.mark.parametrize("path", ["missing", "file/below", "x" * 5000, "a\0b", "https://example.com/" + "a" * 300])
def test_where_nothing_is_or_can_be(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    assert look_at(tmp_path / path) is None


def test_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    status = look_at(tmp_path / "file")
    assert status is not None
    assert status.st_size == 3


def test_links_in_a_circle_are_not_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match=re.escape(os.strerror(errno.ELOOP))):
        look_at(tmp_path / "a")


@given(st.text(st.characters(), max_size=300))
def test_every_text_is_a_path_or_an_os_error(path: str) -> None:
    with suppress(OSError):
        look_at(Path(path))
        read_file(path)
