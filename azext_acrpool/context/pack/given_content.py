"""What an archive holds that comes as a context: whether the service takes it, and its Dockerfile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ...files import LONGEST_TEXT
from ...wording import printable
from ..agents_view import DockerfileJudge
from ..errors import NotInArchiveError, UnusableArchiveError
from ..ignore.pattern import clean
from ..link_targets import leaves
from ..progress import Progress
from .first_few import FirstFew
from .links import about_absolute, shown_link
from .tarscan import Keeper, Member, MemberKind, TarScan
from .unpacking import Compression, Unpacker

__all__ = ["ArchiveContent", "ArchiveContext", "KeptFile", "inside"]


@dataclass(frozen=True)
class ArchiveContext:
    """An archive that is ready to be sent.

    `root` is where it is, as the user would name it, `-` for standard input. `open` gives its pieces from the
    beginning. `dockerfile_name` is the path of the Dockerfile in it, "" without one, `judge` who looks at that;
    `required` are the paths of all that must be in it, with the options that name them. `other_dockerfile` is what
    is built if the archive has no file of the first name. `is_gone_once_read`: its pieces can be had once.
    """

    root: str
    open: Callable[[], Iterator[bytes]]
    compression: Compression
    dockerfile_name: str = ""
    required: Mapping[str, str] = field(default_factory=dict)
    other_dockerfile: str = ""
    is_gone_once_read: bool = False
    judge: DockerfileJudge | None = None
    ignore_file: None = None
    notes: tuple[str, ...] = ()


@dataclass
class ArchiveContent:
    """What an archive holds, as far as it was read. Every member is judged; `note` is told of it."""

    context: ArchiveContext
    note: Callable[[Member], None] = lambda _: None
    files: int = 0
    folders: int = 0
    links: int = 0
    content_bytes: int = 0
    missing: dict[str, tuple[str, str]] = field(init=False)
    dockerfile_name: str = field(init=False)

    def __post_init__(self) -> None:
        self.dockerfile_name = self.context.dockerfile_name
        self.missing = {_named(path): (path, option) for path, option in self.context.required.items()}
        self._unpacker = Unpacker(self.context.compression)
        self._scan = TarScan(self._judge)
        self._has_all = False
        self._absolute = FirstFew()
        self._has_other_dockerfile = False
        self._kept: dict[str, KeptFile] = {}

    def take(self, piece: bytes) -> Iterator[bytes]:
        """Read the next bytes of the file; gives what they unpack to."""
        try:
            for unpacked in self._unpacker.feed(b"" if self._has_all else piece):
                self._scan.feed(unpacked)
                yield unpacked
        except ValueError as error:
            self._has_all = self._is_past_the_end
            if not self._has_all:
                raise self._unusable(str(error)) from error

    @property
    def _is_past_the_end(self) -> bool:
        """Whether no more counts: whoever unpacks an archive reads no further than to its end."""
        return self._scan.is_over and self._unpacker.is_past_a_stream

    def finish(self) -> None:
        """There is no more of the file."""
        if not (self._is_past_the_end or (self._unpacker.is_whole and self._scan.is_whole)):
            raise self._unusable("its end is missing")
        if self._has_other_dockerfile and self.dockerfile_name in self.missing:
            del self.missing[self.dockerfile_name]
            self.dockerfile_name = self.context.other_dockerfile
        for path, option in self.missing.values():
            raise NotInArchiveError(self.context.root, path, option)
        kept = self._kept.get(_named(self.dockerfile_name))
        if self.context.judge is not None and kept is not None:
            self.context.judge.require_as_it_is(bytes(kept.content))

    @property
    def dockerfile(self) -> KeptFile | None:
        """What there is until now of the first name; None if it is not all there, or no file that can be looked at."""
        kept = self._kept.get(_named(self.context.dockerfile_name))
        return kept if kept is not None and kept.is_whole else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell about what was read."""
        return about_absolute(self._absolute, "leave them out of the archive")

    def progress(self, archive_bytes: int) -> Progress:
        """How far it is."""
        return Progress(files=self.files, content_bytes=self.content_bytes, archive_bytes=archive_bytes)

    def _unusable(self, reason: str) -> UnusableArchiveError:
        return UnusableArchiveError(self.context.root, reason)

    def _judge(self, member: Member) -> Keeper | None:
        path, shown = inside(member.name), printable(member.name)
        if path is None:
            raise self._unusable(f"'{shown}' in it leads out of it, which the service refuses")
        if _leaves(member, path):
            raise self._unusable(
                f"the {member.kind.value} '{shown}' in it leads to '{printable(member.target)}', out of it, which the "
                "service refuses"
            )
        if member.kind is not MemberKind.FOLDER:
            self.missing.pop(path, None)
            self._has_other_dockerfile |= path == self.context.other_dockerfile
        self.files += member.kind in (MemberKind.FILE, MemberKind.HARD_LINK)
        self.folders += member.kind is MemberKind.FOLDER
        if member.kind is MemberKind.LINK:
            self.links += 1
            if member.target.startswith("/"):
                self._absolute.add(shown_link(path, member.target))
        self.content_bytes += member.size
        self.note(member)
        return self._keeper(path, member)

    def _keeper(self, path: str, member: Member) -> Keeper | None:
        """Who keeps the content of what may be the Dockerfile; of several files of a name, the last counts."""
        if path not in (_named(self.context.dockerfile_name), self.context.other_dockerfile):
            return None
        self._kept.pop(path, None)
        if self.context.judge is None or member.kind is not MemberKind.FILE or member.size > LONGEST_TEXT:
            return None
        kept = self._kept[path] = KeptFile(member.size)
        return kept.content.extend


@dataclass
class KeptFile:
    """What is kept of a file of `size` bytes."""

    size: int
    content: bytearray = field(default_factory=bytearray)

    @property
    def is_whole(self) -> bool:
        return len(self.content) == self.size


def inside(name: str) -> str | None:
    """A name below the root of an archive, as others spell it, too; None for one that leads out.

    As moby's `Unpack` has it: a rooted name begins at the archive's root, which `..` does not leave then.
    """
    path = clean(name)
    return None if f"{path}/".startswith("../") else path.lstrip("/") or "."


def _named(path: str) -> str:
    """What a member is called that a user names by this path.

    A rooted one is that of none: the service, which is given it as it was typed, may start elsewhere.
    """
    return path if path.startswith("/") else inside(path) or path


def _leaves(member: Member, path: str) -> bool:
    """Whether a link leads out, as whoever unpacks it judges.

    A hard link starts at the archive's root, also an absolute one, but then `..` leaves it.
    """
    if member.kind is MemberKind.HARD_LINK:
        return inside(member.target.lstrip("/")) is None
    return member.kind is MemberKind.LINK and leaves(path, member.target)
