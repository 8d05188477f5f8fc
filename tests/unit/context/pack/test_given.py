"""Archives as contexts: what is sent of them, and which are refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whole_messages import raises

from azext_acrpool.context import ContextError, NotInArchiveError, UnusableArchiveError
from azext_acrpool.context.pack.given import copy_archive, list_archive, prepare_archive
from azext_acrpool.context.pack.given_content import ArchiveContext

LONG = "folder/" + "n" * 300
CONTENT = os.urandom(700_000)
ABSOLUTE = (
    "'folder/absolute' -> '/usr/bin/env': links to absolute paths are sent as they are. Should the run end with "
    "'failed to download context', leave them out of the archive."
)


def member(name: str, content: bytes = b"", *, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, len(content), target
    return info


def tar(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def good(form: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive with a Dockerfile and one of each kind."""
    return tar(
        (member("./", kind=tarfile.DIRTYPE), b""),
        (member("./Dockerfile", b"FROM scratch\n"), b"FROM scratch\n"),
        (member(LONG, CONTENT), CONTENT),
        (member("folder/link", kind=tarfile.SYMTYPE, target="../Dockerfile"), b""),
        (member("folder/absolute", kind=tarfile.SYMTYPE, target="/usr/bin/env"), b""),
        (member("same", kind=tarfile.LNKTYPE, target="./Dockerfile"), b""),
        form=form,
    )


def from_stdin(data: bytes, dockerfile: str | None = "") -> ArchiveContext:
    return prepare_archive(None, io.BytesIO(data), dockerfile)


def sent(context: ArchiveContext) -> bytes:
    parts: list[bytes] = []
    copy_archive(context, parts.append)
    return b"".join(parts)


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("compress", [bytes, bz2.compress, lzma.compress])
def test_what_is_no_gzip_is_compressed_anew(compress: Callable[[bytes], bytes], form: int) -> None:
    data = good(form)
    assert gzip.decompress(sent(from_stdin(compress(data)))) == data


def test_a_gzip_is_sent_byte_for_byte_from_a_file_as_often_as_wanted(tmp_path: Path) -> None:
    data = gzip.compress(good()[:1000]) + gzip.compress(good()[1000:]) + bytes(100)
    (tmp_path / "c.tgz").write_bytes(data)
    context = prepare_archive(tmp_path / "c.tgz", None, "")
    assert sent(context) == sent(context) == data


def test_what_it_holds_is_counted_and_listed() -> None:
    parts: list[bytes] = []
    stats = copy_archive(from_stdin(good()), parts.append)
    assert (stats.files, stats.folders, stats.links) == (3, 1, 2)
    assert stats.content_bytes == len(CONTENT) + len(b"FROM scratch\n")
    assert stats.archive_bytes == sum(map(len, parts))
    listing = list_archive(from_stdin(good()))
    assert [(file.path, file.content_bytes) for file in listing.files] == [
        ("Dockerfile", 13),
        (LONG, len(CONTENT)),
        ("folder/link", 0),
        ("folder/absolute", 0),
        ("same", 0),
    ]
    assert {file.reason for file in listing.files} == {"in the archive"}
    assert listing.folders == 1
    assert listing.notes == stats.notes == (ABSOLUTE,)


def test_what_looks_wrong_in_an_archive_is_left_out_of_it() -> None:
    data = tar((member("Dockerfile"), b""), (member("src/.env"), b""), (member("node_modules/x"), b""))
    listing = list_archive(from_stdin(data))
    assert listing.warnings == (
        "What looks like a secret is sent: 'src/.env'. If it is one, leave it out of the archive.",
        "'node_modules' is sent, which is usually made anew by the build. If so, leave it out of the archive.",
    )
    assert listing.notes == ()


def test_an_archive_of_unix_v7_and_a_sparse_file_of_gnu() -> None:
    info = member("Dockerfile", b"FROM scratch\n")
    old = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    old[257:512] = bytes(255)
    old[148:156] = b"%06o\0 " % (sum(old[:148]) + sum(old[156:]) + 8 * 32)
    v7 = bytes(old) + b"FROM scratch\n".ljust(512, b"\0") + bytes(1024)
    assert gzip.decompress(sent(from_stdin(v7))) == v7
    sparse = bytearray(member("sparse", kind=b"S").tobuf(tarfile.GNU_FORMAT))
    sparse[482] = 1
    sparse[148:156] = b"%06o\0 " % (sum(sparse[:148]) + sum(sparse[156:]) + 8 * 32)
    assert [file.path for file in list_archive(from_stdin(bytes(sparse) + bytes(512) + v7)).files] == [
        "sparse",
        "Dockerfile",
    ]


def test_the_dockerfile_is_named_by_its_path_in_the_archive() -> None:
    assert from_stdin(good()).dockerfile_name == "Dockerfile"
    context = from_stdin(good(), "./folder/../same")
    assert context.dockerfile_name == "same"
    assert sent(context)
    assert sent(from_stdin(good(), None))


@pytest.mark.parametrize("name", ["/Dockerfile", "//Dockerfile", "/../Dockerfile", "/../../a/../Dockerfile"])
@pytest.mark.parametrize("named", ["", "Dockerfile", "/Dockerfile"])
def test_absolute_names_begin_at_the_root_of_the_archive(name: str, named: str) -> None:
    data = tar(
        (member("/", kind=tarfile.DIRTYPE), b""),
        (member(name, b"FROM scratch\n"), b"FROM scratch\n"),
        (member("/same", kind=tarfile.LNKTYPE, target="/Dockerfile"), b""),
    )
    context = from_stdin(data, named)
    assert context.dockerfile_name == "Dockerfile"
    assert [file.path for file in list_archive(context).files] == ["Dockerfile", "same"]
    assert gzip.decompress(sent(from_stdin(data, named))) == data


def test_a_task_file_is_not_named_by_an_absolute_path() -> None:
    with raises(
        NotInArchiveError,
        "There is no '/same' in the archive on standard input. Files in it are named by their paths there, with "
        "--file.",
    ):
        sent(prepare_archive(None, io.BytesIO(good()), None, required={"/same": "--file"}))


def test_a_dockerfile_in_lower_case_is_built_where_there_is_no_other() -> None:
    lower, upper = (member("./dockerfile"), b""), (member("Dockerfile"), b"")
    for data, built in (
        (tar(lower), "dockerfile"),
        (tar(lower, upper), "Dockerfile"),
        (tar(upper, lower), "Dockerfile"),
    ):
        assert copy_archive(from_stdin(data), lambda _: None).dockerfile_name == built
        assert list_archive(from_stdin(data)).dockerfile_name == built
    for named in ("Dockerfile", "./Dockerfile", "DOCKERFILE"):
        with pytest.raises(NotInArchiveError):
            sent(from_stdin(tar(lower), named))


def test_what_must_be_in_it_is_looked_for() -> None:
    with raises(
        NotInArchiveError,
        "There is no 'x/Dockerfile' in the archive on standard input. Files in it are named by their paths there, with "
        "--file.",
    ):
        sent(from_stdin(good(), "x/Dockerfile"))
    with raises(
        NotInArchiveError,
        "There is no 'values.yaml' in the archive on standard input. Files in it are named by their paths there, with "
        "--values.",
    ):
        sent(prepare_archive(None, io.BytesIO(good()), None, required={"same": "--file", "values.yaml": "--values"}))


def test_a_text_on_standard_input_is_the_dockerfile_of_an_empty_context() -> None:
    context = from_stdin(b"FROM scratch\nRUN x\n")
    assert context.notes == (
        "Standard input is no archive, and taken for a Dockerfile that needs no other file, as Docker takes it.",
    )
    with tarfile.open(fileobj=io.BytesIO(sent(context))) as archive:
        assert archive.getnames() == [context.dockerfile_name] == ["Dockerfile"]
        content = archive.extractfile("Dockerfile")
        assert content is not None
        assert content.read() == b"FROM scratch\nRUN x\n"


NO_TAR = "it is none: it must be a tar archive, plain or compressed with gzip, bzip2 or xz"
ZIP = "it is a zip file, and it must be a tar archive, plain or compressed with gzip, bzip2 or xz"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"PK\x03\x04xxx", ZIP),
        (good()[:300_000], "its end is missing"),
        (good()[:700], "its end is missing"),
        (gzip.compress(good())[:-3], "its end is missing"),
        (gzip.compress(good()[:300_000]), "its end is missing"),
        (bz2.compress(good())[:-3], "its end is missing"),
        (gzip.compress(b"no tar" * 1000), "a header is damaged"),
        (gzip.compress(good())[:200_000] + bytes(100) + gzip.compress(good())[200_100:], "it is damaged"),
        (gzip.compress(good()[:700]) + b"garbage", "it is damaged"),
        (lzma.compress(good()[:700]) + b"garbage", "it is damaged"),
        (gzip.compress(good()[:1536]) + b"garbage", "it is damaged"),
        (gzip.compress(good()) + gzip.compress(bytes(9999))[:-9], "its end is missing"),
        (good()[:1536] + b"x" * 512 + good()[1536:], "a header is damaged"),
        (tar((member("../x"), b"")), "'../x' in it leads out of it, which the service refuses"),
        (tar((member("a/../../\x1bx"), b"")), "'a/../../\\x1bx' in it leads out of it, which the service refuses"),
        (
            tar((member("a/x", kind=tarfile.SYMTYPE, target="../../x"), b"")),
            "the link 'a/x' in it leads to '../../x', out of it, which the service refuses",
        ),
        (
            tar((member("x", kind=tarfile.LNKTYPE, target="../x"), b"")),
            "the hard link 'x' in it leads to '../x', out of it, which the service refuses",
        ),
        (
            tar((member("x", kind=tarfile.LNKTYPE, target="/../x"), b"")),
            "the hard link 'x' in it leads to '/../x', out of it, which the service refuses",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_service_would_not_take_is_refused(data: bytes, reason: str) -> None:
    with raises(UnusableArchiveError, f"The archive on standard input cannot be used: {reason}."):
        sent(prepare_archive(None, io.BytesIO(data), None, required={"Dockerfile": "--file"}))


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("more", [b"\n", b"garbage" * 10_000, b"\0\0x", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0"])
def test_what_follows_the_end_of_a_compressed_archive_does_not_matter(
    compress: Callable[[bytes], bytes], more: bytes
) -> None:
    data = compress(good()) + more
    assert gzip.decompress(sent(from_stdin(compress(good())))) == good()
    assert sent(from_stdin(data)).startswith(b"\x1f\x8b")


@pytest.mark.parametrize(
    ("beginning", "what"),
    [
        (b"PK\x05\x06" + bytes(18), "a zip file"),
        (b"PK\x07\x08", "a zip file"),
        (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
        (b"\x04\x22\x4d\x18", "compressed with lz4"),
        (lzma.compress(good(), format=lzma.FORMAT_ALONE), "compressed with lzma"),
        (b"\x1f\x9d\x90", "compressed with compress (.Z)"),
        (b"7z\xbc\xaf", "a 7z file"),
        (b"Rar!\x1a\x07\x00", "a RAR file"),
        (b"Rar!\x1a\x07\x01\0", "a RAR file"),
    ],
    ids=["zip", "zip in parts", "zstd", "lz4", "lzma", "Z", "7z", "rar", "rar5"],
)
def test_other_archives_are_known(beginning: bytes, what: str, tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(beginning)
    reason = f"it is {what}, and it must be a tar archive, plain or compressed with gzip, bzip2 or xz"
    with raises(UnusableArchiveError, f"The archive on standard input cannot be used: {reason}."):
        from_stdin(beginning)
    with raises(UnusableArchiveError, f"The archive '{tmp_path / 'c'}' cannot be used: {reason}."):
        prepare_archive(tmp_path / "c", None, "")


@pytest.mark.parametrize(
    "data", ["FROM scratch\n".encode("utf-16"), b"FROM scratch\n\0", bytes(100), b"#" * 9999 + b"\0"]
)
def test_what_is_no_text_is_no_dockerfile(data: bytes) -> None:
    reason = (
        "it is neither one nor a Dockerfile in UTF-8, as it holds NUL bytes; it must be a tar archive, plain or "
        "compressed with gzip, bzip2 or xz"
    )
    with raises(UnusableArchiveError, f"The archive on standard input cannot be used: {reason}."):
        from_stdin(data)


def test_an_xz_that_takes_too_much_memory_is_not_called_damaged() -> None:
    xz = bytearray(lzma.compress(good()))
    # The size of the dictionary in the header of the first block, which has a checksum: 1 GiB.
    header = xz[12 : 12 + xz[12] * 4]
    header[4] = 36
    xz[12 : 12 + len(header) + 4] = header + zlib.crc32(header).to_bytes(4, "little")
    reason = "unpacking it takes more than 256 MiB of memory. Compress it with xz -9 or less, or with gzip"
    with raises(UnusableArchiveError, f"The archive on standard input cannot be used: {reason}."):
        sent(from_stdin(bytes(xz)))


def test_a_text_that_cannot_be_the_dockerfile_is_no_archive() -> None:
    with raises(UnusableArchiveError, f"The archive on standard input cannot be used: {NO_TAR}."):
        from_stdin(b"FROM scratch\n", "other.Dockerfile")


def with_size(record: bytes) -> bytes:
    """A Dockerfile whose size is in a pax record."""
    line = b" size=" + record + b"\n"
    length = next(number for number in range(1, 10_000) if number == len(line) + len(str(number)))
    records = b"%d" % length + line
    info = member("pax", records, kind=b"x")
    padded = records + bytes(-len(records) % 512)
    return info.tobuf(tarfile.USTAR_FORMAT) + padded + tar((member("Dockerfile", b"FROM scratch\n"), b"FROM scratch\n"))


def with_header_size(field: bytes) -> bytes:
    """A Dockerfile whose header has this in the place of its size."""
    header = bytearray(member("Dockerfile").tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = field.ljust(12, b"\0")
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(header[156:]) + 8 * 32)
    return bytes(header) + b"FROM scratch\n".ljust(512, b"\0") + bytes(1024)


DAMAGED_SIZES = [
    *(b"-1536", b"-1000000", b"-0", b"+13", b" 13", b"1_3", b"_0", b"0x5", b"abc", b"1.5", b"\xd9\xa3", b"\0"),
    *(b"9" * 19, b"9" * 50, b"9" * 5000, b"0" * 5000),
]


@pytest.mark.parametrize("size", DAMAGED_SIZES, ids=lambda size: repr(size[:30]))
def test_a_size_is_digits_and_not_too_many(size: bytes) -> None:
    with raises(UnusableArchiveError, "The archive on standard input cannot be used: a size is damaged."):
        sent(from_stdin(with_size(size)))


@pytest.mark.parametrize(
    "field",
    [b"-1", b"+15", b"1_5", b"0o15", b"18", b"zzzzzzzzzzz", b"1 5", b"\xff" * 12, b"\xc0", b"\x80" + b"\x7f" * 11],
    ids=repr,
)
def test_a_size_in_a_header_is_an_octal_number_or_a_binary_one(field: bytes) -> None:
    with raises(UnusableArchiveError, "The archive on standard input cannot be used: a size is damaged."):
        sent(from_stdin(with_header_size(field)))


@pytest.mark.parametrize(
    "data",
    [
        with_size(b"13"),
        with_size(b"0013"),
        with_size(b""),
        *map(with_header_size, (b"15", b"00000000015", b"  15 ", b"15\0junk", b"\x80" + bytes(10) + b"\x0d")),
    ],
)
def test_the_forms_that_a_size_has(data: bytes) -> None:
    assert [(file.path, file.content_bytes) for file in list_archive(from_stdin(data)).files] == [("Dockerfile", 13)]


@pytest.mark.parametrize("record", [b"1_0 a=bcde\n", b"-1 a=bcdef\n", b"+10 a=bcd\n", b" 11 a=bcde\n", b"1" * 5000])
def test_the_length_of_a_record_is_digits(record: bytes) -> None:
    data = member("pax", record, kind=b"x").tobuf(tarfile.USTAR_FORMAT) + record + bytes(-len(record) % 512) + good()
    reason = "a record about a name is damaged"
    with raises(UnusableArchiveError, f"The archive on standard input cannot be used: {reason}."):
        sent(from_stdin(data))


def test_a_name_without_end_is_not_read() -> None:
    info = member("x", kind=tarfile.GNUTYPE_LONGNAME)
    info.size = 1 << 30
    with raises(UnusableArchiveError, "The archive on standard input cannot be used: a name is too long."):
        sent(from_stdin(info.tobuf(tarfile.GNU_FORMAT), None))


def test_what_unpacks_to_far_more_is_unpacked_piece_by_piece() -> None:
    size = 64 << 20
    data = gzip.compress(tar((member("Dockerfile", bytes(size)), bytes(size))))
    pieces = list(from_stdin(data).open())
    assert sum(map(len, pieces)) == len(data) < size // 500
    assert sent(from_stdin(data)) == data


def test_standard_input_is_read_once() -> None:
    context = from_stdin(good())
    sent(context)
    with raises(
        UnusableArchiveError,
        "The archive on standard input cannot be used: it cannot be read twice.",
    ):
        sent(context)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "c.tar").write_bytes(good())
    context = prepare_archive(tmp_path / "c.tar", None, "")
    (tmp_path / "c.tar").unlink()
    with raises(UnusableArchiveError, f"The archive '{tmp_path / 'c.tar'}' cannot be used: No such file or directory."):
        sent(context)


@given(st.binary(max_size=2000) | st.binary(max_size=600).map(lambda data: good()[:1500] + data))
def test_no_bytes_are_a_traceback(data: bytes) -> None:
    with suppress(ContextError):
        sent(from_stdin(data))
    with suppress(ContextError):
        sent(from_stdin(gzip.compress(data)))


class RefusedError(Exception):
    """What a judge raises."""


class Judge:
    """Refuses Dockerfiles with `bad` in them, and puts another in the place of what holds `old`."""

    def __init__(self) -> None:
        self.asked = 0

    def adapt(self, content: bytes) -> bytes | None:
        self.require_as_it_is(content.replace(b"old", b""))
        return content.replace(b"old", b"new") if b"old" in content else None

    def accepts(self, content: bytes) -> bool:
        self.asked += 1
        return not (b"bad" in content or b"old" in content)

    def require_as_it_is(self, content: bytes) -> None:
        if b"bad" in content or b"old" in content:
            raise RefusedError(content.decode())


def files(*named: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    return tar(*((member(name, content), content) for name, content in named), form=form)


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize(
    ("dockerfile", "members"),
    [
        ("", [("a", CONTENT), ("Dockerfile", b"bad" * 500)]),
        ("", [("./Dockerfile", b"old")]),
        ("", [("dockerfile", b"bad"), ("a", b"a")]),
        ("./docker/app", [("Dockerfile", b"good"), ("docker/app", b"bad")]),
        # Whoever unpacks it keeps the last of a name.
        ("", [("Dockerfile", b"good"), ("Dockerfile", b"bad")]),
    ],
)
def test_a_dockerfile_in_an_archive_is_judged(
    tmp_path: Path, dockerfile: str, members: list[tuple[str, bytes]], form: int
) -> None:
    data = gzip.compress(files(*members, form=form))
    sent: list[bytes] = []
    with pytest.raises(RefusedError):
        copy_archive(prepare_archive(None, io.BytesIO(data), dockerfile, judge=Judge()), sent.append)
    path = tmp_path / "a.tgz"
    path.write_bytes(data)
    with pytest.raises(RefusedError):
        copy_archive(prepare_archive(path, None, dockerfile, judge=Judge()), sent.append)


@pytest.mark.parametrize(
    "members",
    [
        [("Dockerfile", b"good"), ("dockerfile", b"bad"), ("folder/Dockerfile", b"bad")],
        [("Dockerfile", b"bad"), ("a", CONTENT), ("Dockerfile", b"good")],
        [("Dockerfile", b"")],
        [("Dockerfile", b"bad" * 2_000_000)],
    ],
    ids=["others", "the last", "empty", "too big to be read"],
)
def test_an_archive_with_a_dockerfile_that_will_do_is_sent(tmp_path: Path, members: list[tuple[str, bytes]]) -> None:
    data = gzip.compress(files(*members))
    path = tmp_path / "a.tgz"
    path.write_bytes(data)
    sent = bytearray()
    copy_archive(prepare_archive(path, None, "", judge=Judge()), sent.extend)
    assert sent == data


def test_a_big_archive_is_looked_at_no_further_than_to_its_dockerfile(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    whole = files(("Dockerfile", b"good"), ("a", CONTENT * 10))
    path.write_bytes(whole[:-600_000])
    judge = Judge()
    context = prepare_archive(path, None, "", judge=judge)
    assert judge.asked == 1
    with pytest.raises(UnusableArchiveError, match="its end is missing"):
        list_archive(context)


def test_a_dockerfile_that_will_not_do_is_judged_once_however_much_follows(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(files(("Dockerfile", b"bad"), ("a", CONTENT * 10), ("Dockerfile", b"good"), ("b", CONTENT)))
    judge = Judge()
    prepare_archive(path, None, "", judge=judge)
    assert judge.asked == 2


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_dockerfile_that_is_a_link_in_an_archive_is_not_judged(kind: bytes) -> None:
    data = tar((member("app", b"bad"), b"bad"), (member("Dockerfile", kind=kind, target="app"), b""))
    assert copy_archive(prepare_archive(None, io.BytesIO(data), "", judge=Judge()), lambda _: None).dockerfile_name


def test_a_dockerfile_as_text_is_judged_and_changed() -> None:
    sent = bytearray()
    copy_archive(prepare_archive(None, io.BytesIO(b"FROM old"), "", judge=Judge()), sent.extend)
    with tarfile.open(fileobj=io.BytesIO(bytes(sent))) as archive:
        file = archive.extractfile("Dockerfile")
        assert file is not None
        assert file.read() == b"FROM new"
    with pytest.raises(RefusedError):
        prepare_archive(None, io.BytesIO(b"FROM bad"), "", judge=Judge())
