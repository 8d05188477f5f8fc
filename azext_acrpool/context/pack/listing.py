"""What a context would send, file by file, with the rule that decided and what looks wrong: no file is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ...wording import format_bytes, printable
from ..ignore.selection import Selection
from ..source import BuildContext
from .first_few import FirstFew
from .folder import folder_opener
from .hard_links import HardLinks
from .skips import Skip, Skips
from .walk import FileEntry, LinkEntry, walk

__all__ = [
    "ContextListing",
    "FolderSize",
    "IgnoredPath",
    "ListedFile",
    "biggest_folders",
    "list_context",
    "list_files",
    "suspicions",
]

LARGE_CONTEXT_BYTES = 2**30
# What to do about what is in an archive.
LEAVE_OUT = "leave it out of the archive"

# Where credentials usually are: environment files, private keys and key stores, logins of package managers and clouds.
_SECRET = re.compile(
    r"""(^|/)(
        \.env(\.(?!(example|sample|template|dist)$)[^/]+)?
      | id_(rsa|dsa|ecdsa|ed25519)
      | [^/]+\.(pem|key|pfx|p12|jks|keystore|kdbx|ppk)
      | \.(npmrc|pypirc|netrc|dockercfg|htpasswd|git-credentials|pgpass)
      | \.docker/config\.json
      | \.aws/credentials
      | \.azure/[^/]*(accessTokens|msal_token_cache)[^/]*
      | ([^/]*\.)?kubeconfig
      | \.kube/config
      | (client_)?secrets?\.(ya?ml|json|toml|ini)
      | [^/]*service[-_]account[^/]*\.json
      | terraform\.tfstate(\.[^/]*)?
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
# Folders that a build makes anew, or that it does not need: (name, what to think of it).
_MISTAKES = {
    "node_modules": "is usually made anew by the build",
    ".git": "holds the whole history of the repository",
    "__pycache__": "is made anew by Python",
    ".terraform": "is made anew by terraform init",
    "venv": "is a Python environment of this machine",
    ".venv": "is a Python environment of this machine",
}


@dataclass(frozen=True)
class ListedFile:
    """A file or symbolic link that is sent.

    `path` is that in the archive, `content_bytes` 0 for a link and for another name of a file before, `reason` the rule
    that let it through, as `FILE:LINE: RULE`, or why there is none; "" unless asked for.
    """

    path: str
    content_bytes: int
    reason: str = ""


@dataclass(frozen=True)
class IgnoredPath:
    """A file or folder that is not sent; an ignored folder stands for all that is in it."""

    path: str
    reason: str


@dataclass(frozen=True)
class FolderSize:
    """A folder and all that is sent of it and of what is below it."""

    path: str
    content_bytes: int
    files: int


@dataclass(frozen=True)
class ContextListing:
    """All that would be sent.

    `ignored` is what is not sent, empty unless reasons were asked for. `warnings` name what looks like a secret or a
    mistake, `notes` what is not sent although no rule excludes it. `dockerfile_name` is as in `ArchiveStats`.
    """

    files: tuple[ListedFile, ...]
    ignored: tuple[IgnoredPath, ...]
    folders: int
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    dockerfile_name: str = ""

    @property
    def content_bytes(self) -> int:
        """Bytes of all files, before compression."""
        return sum(file.content_bytes for file in self.files)


def list_context(context: BuildContext, *, reasons: bool = False) -> ContextListing:
    """List what `write_archive` would pack; with `reasons` also, more slowly, which rule decided about each path.

    Raises ContextErrors, see `walk`.
    """
    explain = _Explainer(context)
    skips = _NotedSkips() if reasons else Skips()
    files = [ListedFile(extra.name, len(extra.content), extra.why if reasons else "") for extra in context.extra_files]
    folders = 0
    hard_links = HardLinks()
    for entry in walk(folder_opener(str(context.root)), context.selection, skips):
        if isinstance(entry, FileEntry):
            size = _size(entry, hard_links)
            if size is not None:
                files.append(ListedFile(entry.path, size, explain(entry.path) if reasons else ""))
        else:
            folders += 1
    ignored = [IgnoredPath(path, explain(path)) for path in skips.paths] if isinstance(skips, _NotedSkips) else []
    return replace(list_files(files, folders), ignored=tuple(ignored), notes=skips.messages())


def list_files(files: Iterable[ListedFile], folders: int, *, in_archive: bool = False) -> ContextListing:
    """The listing of a context that holds these, and nothing else. `in_archive`: as `suspicions` has it."""
    listed = tuple(files)
    warnings = tuple(_warnings(listed, in_archive=in_archive))
    return ContextListing(listed, ignored=(), folders=folders, warnings=warnings, notes=())


class _NotedSkips(Skips):
    """Keeps every path that is not sent."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []

    def ignored(self, path: str) -> None:
        self.paths.append(path)

    def add(self, skip: Skip, path: str) -> None:
        super().add(skip, path)
        if skip is Skip.LEFT_OUT_NAME:
            self.paths.append(path)


class _Explainer:
    """Names the rule that decided about a path."""

    def __init__(self, context: BuildContext) -> None:
        self._selection: Selection = context.selection
        self._file = context.ignore_file.name if context.ignore_file else ""

    def __call__(self, path: str) -> str:
        if path in self._selection.always:
            return "always sent"
        verdict = self._selection.ignore.explain(path)
        if verdict.rule is not None and verdict.rule.line:
            return f"{self._file}:{verdict.rule.line}: {verdict.rule.text}"
        left_out = verdict.excluded or any(part in self._selection.left_out_names for part in path.split("/"))
        return "not sent by default" if left_out else "no rule"


def _size(entry: FileEntry, hard_links: HardLinks) -> int | None:
    """Bytes, None for a file that is gone by now."""
    if isinstance(entry, LinkEntry):
        return 0
    try:
        status = entry.folder.link_status(entry.name)
    except OSError:
        return None
    return status.st_size if hard_links.first_name(entry.path, status) is None else 0


def _warnings(files: Iterable[ListedFile], *, in_archive: bool) -> Iterator[str]:
    files = list(files)
    yield from suspicions((file.path for file in files), in_archive=in_archive)
    total = sum(file.content_bytes for file in files)
    if total > LARGE_CONTEXT_BYTES:
        yield f"The context holds {format_bytes(total)}. Is all of it needed?"


def suspicions(paths: Iterable[str], *, in_archive: bool = False) -> Iterator[str]:
    """A sentence for each kind of suspect among the paths of the files that are sent.

    `in_archive`: they are packed already, and no ignore file decides about them.
    """
    secrets = FirstFew()
    mistakes: dict[str, str] = {}
    for path in paths:
        if _SECRET.search(path):
            secrets.add(f"'{printable(path)}'")
        folders = path.split("/")[:-1]
        for depth, name in enumerate(folders, start=1):
            if name in _MISTAKES and name not in mistakes:
                mistakes[name] = "/".join(folders[:depth])
    if secrets.count:
        way_out = LEAVE_OUT if in_archive else "add it to the ignore file"
        yield f"What looks like a secret is sent: {secrets}. If it is one, {way_out}."
    for name, path in mistakes.items():
        way_out = LEAVE_OUT if in_archive else f"add '**/{name}' to the ignore file"
        yield f"'{printable(path)}' is sent, which {_MISTAKES[name]}. If so, {way_out}."


def biggest_folders(files: Iterable[ListedFile], most: int) -> list[FolderSize]:
    """The folders with the most bytes, largest first. Of a folder and its only content, the inner one is named."""
    sizes: dict[str, tuple[int, int]] = {}
    for file in files:
        parts = file.path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            content_bytes, count = sizes.get(folder, (0, 0))
            sizes[folder] = content_bytes + file.content_bytes, count + 1
    outer = {
        folder.rpartition("/")[0] for folder, size in sizes.items() if sizes.get(folder.rpartition("/")[0]) == size
    }
    found = [FolderSize(folder, *size) for folder, size in sizes.items() if folder not in outer]
    return sorted(found, key=lambda size: (-size.content_bytes, size.path))[:most]
