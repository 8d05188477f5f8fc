"""Writing to what a user names: all of it or nothing, and whatever the path is."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.output_files import require_writable, take_away, write_whole

unix = pytest.mark.skipif(os.name != "posix", reason="links, pipes and devices are Unix's")
needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is full is Linux's")


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@given(st.binary(max_size=200_000))
def test_a_file_holds_what_was_written_and_nothing_else(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("folder")
    (folder / "file").write_bytes(b"old" * 100)
    write_whole(str(folder / "file"), data)
    assert (folder / "file").read_bytes() == data
    assert names(folder) == ["file"]


@unix
def test_a_file_is_new_and_has_a_new_ones_permissions(tmp_path: Path, umask: None) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "file").chmod(0o400)
    with (tmp_path / "file").open() as reader:
        write_whole(str(tmp_path / "file"), b"new")
        # Whoever reads it meanwhile has one or the other.
        assert reader.read() == "old"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


@unix
@pytest.mark.parametrize("exists", [True, False], ids=["file", "dangling"])
def test_the_file_that_a_link_leads_to_is_written(tmp_path: Path, exists: bool) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "file"
    if exists:
        target.write_text("old")
    (tmp_path / "link").symlink_to(target)
    link = str(tmp_path / "link")
    require_writable(link)
    take_away(link)
    assert not target.exists()
    write_whole(link, b"new")
    assert (tmp_path / "link").is_symlink()
    assert target.read_bytes() == b"new"


def test_to_look_leaves_everything_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    require_writable(str(tmp_path / "file"))
    require_writable(str(tmp_path / "new"))
    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_a_file_that_is_not_there_is_away_already(tmp_path: Path) -> None:
    take_away(str(tmp_path / "file"))


# Paths that cannot be written to, and why; what is in braces is there.
REFUSED = {
    "a folder": ("{folder}", errno.EISDIR),
    "a folder that is not there": ("{folder}/new/", errno.EISDIR),
    "in a folder that is not there": ("{folder}/new/file", errno.ENOENT),
    "below a file": ("{file}/file", errno.ENOTDIR),
    "a name that is too long": ("{folder}/" + "a" * 300, errno.ENAMETOOLONG),
    "links in a circle": ("{circle}", errno.ELOOP),
    "no path": ("a\0b", errno.EINVAL),
    "a descriptor that is closed": ("/dev/fd/987", errno.EBADF),
}


@unix
@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_written_to_is_an_error(tmp_path: Path, kind: str) -> None:
    circle, file = tmp_path / "circle", tmp_path / "file"
    circle.symlink_to(circle)
    file.write_text("")
    path, number = REFUSED[kind]
    path = path.format(folder=tmp_path, circle=circle, file=file)
    for attempt in (require_writable, lambda path: write_whole(path, b"x")):
        with pytest.raises(OSError, match=r".") as caught:
            attempt(path)
        assert caught.value.errno == number
        assert caught.value.strerror
    assert names(tmp_path) == ["circle", "file"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_nothing_can_be_added_to_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    tmp_path.chmod(0o500)
    for name in ("file", "new"):
        with pytest.raises(PermissionError):
            require_writable(str(tmp_path / name))


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file can grow beyond 1,000 bytes, as on a disk that is full."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_cannot_be_written_whole_leaves_the_file_as_it_was(tmp_path: Path, small_files: None) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(OSError, match="File too large"):
        write_whole(str(tmp_path / "file"), b"x" * 1001)
    assert (tmp_path / "file").read_text() == "old"
    assert names(tmp_path) == ["file"]


@needs_full_device
def test_a_device_is_written_to_as_it_is() -> None:
    require_writable("/dev/full")
    take_away("/dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        write_whole("/dev/full", b"x")
    write_whole("/dev/null", b"x")
    assert Path("/dev/null").is_char_device()


@unix
def test_a_named_pipe_gets_all_even_if_it_is_read_slowly(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    descriptor = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "rb") as pipe:
        require_writable(str(tmp_path / "pipe"))
        take_away(str(tmp_path / "pipe"))
        reader = Thread(target=lambda: read.append(pipe.read()))
        writer = Thread(target=write_whole, args=(str(tmp_path / "pipe"), b"x" * 300_000))
        writer.start()
        reader.start()
        writer.join()
        reader.join()
    assert read == [b"x" * 300_000]


@unix
def test_a_named_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match=r".") as caught:
        write_whole(str(tmp_path / "pipe"), b"x")
    assert caught.value.errno == errno.ENXIO


@unix
def test_a_descriptor_is_written_to_where_it_stands(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb", buffering=0) as file:
        path = f"/dev/fd/{file.fileno()}"
        file.write(b"before ")
        require_writable(path)
        take_away(path)
        write_whole(path, b"meanwhile ")
        file.write(b"after")
    assert (tmp_path / "file").read_bytes() == b"before meanwhile after"


@unix
@pytest.mark.parametrize("descriptor", [1, 2])
def test_the_file_that_output_goes_to_is_never_replaced(tmp_path: Path, descriptor: int) -> None:
    before = os.dup(descriptor)
    output = str(tmp_path / "output")
    try:
        with Path(output).open("wb", buffering=0) as file:
            os.dup2(file.fileno(), descriptor)
        os.write(descriptor, b"log ")
        take_away(output)
        write_whole(output, b"metadata ")
        os.write(descriptor, b"result")
    finally:
        os.dup2(before, descriptor)
        os.close(before)
    assert Path(output).read_bytes() == b"log metadata result"
