"""A context that comes as an archive: sent as it is, and looked at on the way.

What is a gzip is sent byte for byte, what is compressed otherwise or not at all is compressed anew. Nothing in it is
trusted: what the service would refuse after the upload is an error before the blob is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ...files import LONGEST_TEXT
from ..agents_view import DockerfileJudge
from ..errors import STANDARD_INPUT, UnusableArchiveError
from ..progress import Progress
from ..source import BuildContext
from .archive import ArchiveStats
from .given_content import ArchiveContent, ArchiveContext, KeptFile, inside
from .gzipstream import Deflate, GzipStream, fast_deflate, worker_count
from .listing import ContextListing, ListedFile, list_files
from .tarscan import BLOCK, Member, MemberKind, is_header
from .tarstream import CHUNK_BYTES, END, header
from .unpacking import Compression, compression_of

__all__ = ["AnyContext", "copy_archive", "is_archive", "list_archive", "prepare_archive"]

_PIECE_BYTES = 256 << 10
_DEFAULT_DOCKERFILE, _OTHER_DOCKERFILE = "Dockerfile", "dockerfile"
_FILE_OPTION = "--file"
_NO_TAR = {
    **dict.fromkeys((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"), "a zip file"),
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"\x04\x22\x4d\x18": "compressed with lz4",
    b"\x5d\0\0": "compressed with lzma",
    b"\x1f\x9d": "compressed with compress (.Z)",
    b"7z\xbc\xaf": "a 7z file",
    b"Rar!\x1a\x07": "a RAR file",
}
_AS_TAR = "it must be a tar archive, plain or compressed with gzip, bzip2 or xz"

AnyContext = BuildContext | ArchiveContext


def is_archive(beginning: bytes) -> bool:
    """Whether a file that begins so (with 512 bytes, if it has them) is taken for an archive, and not for a text."""
    known = any(beginning.startswith(mark) for mark in _NO_TAR) or compression_of(beginning) is not Compression.NONE
    return known or is_header(beginning[:BLOCK])


def prepare_archive(
    path: Path | None,
    stdin: BinaryIO | None,
    dockerfile: str | None,
    *,
    required: Mapping[str, str] | None = None,
    judge: DockerfileJudge | None = None,
) -> ArchiveContext:
    """Look at the beginning of the archive at `path`, or of `stdin` without one.

    `dockerfile` is the path of the Dockerfile in it, "" for the default, None where there is none to be; `required` are
    the paths of what else must be in it, with the options that name them. As with
    `docker build -`, a text on stdin is the Dockerfile of a context with nothing else in it, if none is named. `judge`
    looks at the Dockerfile: here if that can be, else while the archive is read. Raises UnusableArchiveError,
    NotInArchiveError, and what the judge raises.
    """
    name = STANDARD_INPUT if path is None else str(path)
    pieces = _Pieces(path, stdin, name)
    beginning = pieces.beginning()
    if not beginning:
        raise UnusableArchiveError(name, "it is empty")
    if path is None and dockerfile == "" and not is_archive(beginning):
        return _lone_dockerfile(pieces, judge)
    for mark, what in _NO_TAR.items():
        if beginning.startswith(mark):
            raise UnusableArchiveError(name, f"it is {what}, and {_AS_TAR}")
    compression = compression_of(beginning)
    if compression is Compression.NONE and not is_header(beginning[:BLOCK]):
        raise UnusableArchiveError(name, f"it is none: {_AS_TAR}")
    dockerfile_name = "" if dockerfile is None else inside(dockerfile or _DEFAULT_DOCKERFILE) or dockerfile
    own = {dockerfile_name: _FILE_OPTION} if dockerfile_name else {}
    context = ArchiveContext(
        root=name,
        open=pieces,
        compression=compression,
        dockerfile_name=dockerfile_name,
        required=own | dict(required or {}),
        other_dockerfile=_OTHER_DOCKERFILE if dockerfile == "" else "",
        is_gone_once_read=path is None,
        judge=judge,
    )
    if judge is not None and not context.is_gone_once_read:
        _look_ahead(context, judge)
    return context


def _look_ahead(context: ArchiveContext, judge: DockerfileJudge) -> None:
    """Look at the Dockerfile, as far as it takes to know that it will do. What comes later is met on the way."""
    content = ArchiveContent(context)
    judged: KeptFile | None = None
    for piece in context.open():
        for _ in content.take(piece):
            pass
        dockerfile = content.dockerfile
        if dockerfile is not None and dockerfile is not judged:
            judged = dockerfile
            if judge.accepts(bytes(dockerfile.content)):
                return
    content.finish()


class _Pieces:
    """The pieces of a file, or once those of a stream."""

    def __init__(self, path: Path | None, stdin: BinaryIO | None, name: str) -> None:
        self._path = path
        self._stdin = stdin
        self._name = name
        self._read: bytes | None = b""

    def beginning(self) -> bytes:
        """The first bytes, at least a header's if there are as many."""
        if self._path is not None:
            return next(self(), b"")
        beginning = bytearray()
        while len(beginning) < BLOCK and (piece := self._next(self._stdin)):
            beginning += piece
        self._read = bytes(beginning)
        return self._read

    def __call__(self) -> Iterator[bytes]:
        """All pieces. Raises UnusableArchiveError when they cannot be read."""
        if self._path is None:
            if self._read is None:
                raise UnusableArchiveError(self._name, "it cannot be read twice")
            beginning, self._read = self._read, None
            yield beginning
            yield from iter(lambda: self._next(self._stdin), b"")
            return
        try:
            with self._path.open("rb") as file:
                yield from iter(lambda: self._next(file), b"")
        except OSError as error:
            raise UnusableArchiveError(self._name, error.strerror or str(error)) from error

    def _next(self, stream: BinaryIO | None) -> bytes:
        if stream is None:
            return b""
        # What a pipe has is taken as it comes.
        read = getattr(stream, "read1", stream.read)
        try:
            return bytes(read(_PIECE_BYTES))
        except OSError as error:
            raise UnusableArchiveError(self._name, error.strerror or str(error)) from error


def _lone_dockerfile(pieces: _Pieces, judge: DockerfileJudge | None) -> ArchiveContext:
    content = bytearray()
    for piece in pieces():
        content += piece
        if len(content) > LONGEST_TEXT:
            raise UnusableArchiveError(STANDARD_INPUT, f"it is none, and too long for a Dockerfile; {_AS_TAR}")
    if b"\0" in content:
        raise UnusableArchiveError(
            STANDARD_INPUT, f"it is neither one nor a Dockerfile in UTF-8, as it holds NUL bytes; {_AS_TAR}"
        )
    adapted = judge.adapt(bytes(content)) if judge is not None else None
    content = content if adapted is None else bytearray(adapted)
    name = _DEFAULT_DOCKERFILE.encode()
    padding = bytes(-len(content) % BLOCK)
    archive = header(name, b"0", mode=0o644, mtime=0, size=len(content)) + content + padding + END
    return ArchiveContext(
        root=STANDARD_INPUT,
        open=lambda: iter([archive]),
        compression=Compression.NONE,
        dockerfile_name=_DEFAULT_DOCKERFILE,
        notes=(
            "Standard input is no archive, and taken for a Dockerfile that needs no other file, as Docker takes it.",
        ),
    )


def copy_archive(
    context: ArchiveContext,
    sink: Callable[[bytes], None],
    *,
    choose_deflate: Callable[[], Deflate] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    workers: int | None = None,
) -> ArchiveStats:
    """Hand the archive to `sink` as a `.tar.gz`. Arguments are those of `write_archive`.

    Raises UnusableArchiveError, NotInArchiveError; what `sink` took until then is not to be used.
    """
    content, counted = ArchiveContent(context), _Counted(sink)
    fastest = fast_deflate()
    anew = None
    if context.compression is not Compression.GZIP:
        anew = _Recompression(GzipStream(counted, choose_deflate or (lambda: fastest), workers or worker_count()))
    try:
        for piece in context.open():
            for unpacked in content.take(piece):
                if anew is not None:
                    anew.write(unpacked)
            if anew is None:
                counted(piece)
            if on_progress is not None:
                on_progress(content.progress(counted.bytes))
        content.finish()
        if anew is not None:
            anew.finish()
    finally:
        if anew is not None:
            anew.close()
    return ArchiveStats(
        content.files,
        content.folders,
        content.links,
        content.content_bytes,
        counted.bytes,
        content.notes,
        content.dockerfile_name,
    )


class _Counted:
    """A sink that counts what goes into it."""

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self.bytes = 0
        self._sink = sink

    def __call__(self, data: bytes) -> None:
        self.bytes += len(data)
        self._sink(data)


class _Recompression:
    """Compresses in chunks of one size, so that the same archive gives the same bytes: what a pipe has is chance."""

    def __init__(self, gzip: GzipStream) -> None:
        self._gzip = gzip
        self._gathered = bytearray()
        self.close = gzip.close

    def write(self, data: bytes) -> None:
        self._gathered += data
        while len(self._gathered) >= CHUNK_BYTES:
            self._gzip.write(bytes(self._gathered[:CHUNK_BYTES]))
            del self._gathered[:CHUNK_BYTES]

    def finish(self) -> None:
        self._gzip.write(bytes(self._gathered))
        self._gzip.finish()


def list_archive(context: ArchiveContext) -> ContextListing:
    """What `copy_archive` would send. Raises as that does."""
    listed: list[ListedFile] = []

    def note(member: Member) -> None:
        if member.kind is not MemberKind.FOLDER:
            listed.append(ListedFile(inside(member.name) or member.name, member.size, "in the archive"))

    content = ArchiveContent(context, note)
    for piece in context.open():
        for _ in content.take(piece):
            pass
    content.finish()
    listing = list_files(listed, content.folders, in_archive=True)
    return replace(listing, notes=content.notes, dockerfile_name=content.dockerfile_name)
