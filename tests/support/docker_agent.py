"""What `COPY . /` sees of an archive on an agent: docker's classic client, which is run there on what was unpacked, and
the daemon.

Written from moby's sources: `ReadDockerignore`, `TrimBuildFilesFromExcludes` and `TarWithOptions` on the client's side,
`removeDockerfile` of builder/remotecontext/detect.go on the daemon's. What a single rule matches is asked from
`DockerIgnore`, which is compared with moby's cases and with the client elsewhere.

For BuildKit, from moby/buildkit: `ReadEntrypoint` and `dockerIgnorePatterns` of frontend/dockerui.
"""

from __future__ import annotations

import io
import os
import posixpath
import stat
import tarfile
from dataclasses import dataclass
from pathlib import Path

from azext_acrpool.context.ignore.dockerignore import DockerIgnore

__all__ = [
    "Seen",
    "classic_builder_sends",
    "hidden_by_daemon",
    "seen_by_copy",
    "shown_by_buildkit",
    "tree_of",
    "unpacked",
]

IGNORE_FILE = ".dockerignore"


@dataclass(frozen=True)
class Seen:
    """One name as it is after unpacking: `content` of a file, `target` of a symbolic link."""

    kind: str
    mode: int
    content: bytes = b""
    target: str = ""
    capability: str = ""


def unpacked(archive: bytes) -> dict[str, Seen]:
    """The tree that the service makes of an archive. Folders that the archive only implies are there, with 0755."""
    tree: dict[str, Seen] = {}
    with tarfile.open(fileobj=io.BytesIO(archive), encoding="utf-8", errors="surrogateescape") as tar:
        for member in tar:
            assert member.name not in tree, f"{member.name!r} is in the archive twice"
            for parent in _parents(member.name):
                tree.setdefault(parent, Seen("folder", 0o755))
            tree[member.name] = _seen(tar, member, tree)
    return tree


def _seen(tar: tarfile.TarFile, member: tarfile.TarInfo, tree: dict[str, Seen]) -> Seen:
    if member.islnk():
        assert member.size == 0
        return tree[member.linkname]  # a KeyError if it is not in the archive before
    if member.issym():
        target = posixpath.normpath(f"/r/{posixpath.dirname(member.name)}/{member.linkname}")
        assert f"{target}/".startswith("/r/"), f"{member.name!r} leads out of the archive"
        return Seen("link", member.mode, target=member.linkname)
    if member.isdir():
        return Seen("folder", member.mode)
    file = tar.extractfile(member)
    assert file is not None, f"{member.name!r} is nothing that a context holds"
    capability = member.pax_headers.get("SCHILY.xattr.security.capability", "")
    return Seen("file", member.mode, file.read(), capability=capability)


def seen_by_copy(archive: bytes, dockerfile: str) -> dict[str, Seen]:
    """What `COPY . /` sees when `dockerfile` is built. Fails if docker would not find that."""
    return _daemon(_client(unpacked(archive), dockerfile), dockerfile)


def shown_by_buildkit(tree: dict[str, Seen], dockerfile: str) -> dict[str, Seen]:
    """What `COPY . /` sees of a tree when BuildKit builds `dockerfile`, which need not be in the tree.

    The rules are those beside the Dockerfile, else the common ones.
    """
    own = f"{dockerfile}{IGNORE_FILE}"
    ignore = DockerIgnore.from_lines(_rules(tree, own if own in tree else IGNORE_FILE))
    shown: dict[str, Seen] = {}
    for name, seen in tree.items():
        if not ignore.excludes(name):
            for parent in _parents(name):
                shown.setdefault(parent, tree[parent])
            shown[name] = seen
    return shown


def tree_of(root: Path) -> dict[str, Seen]:
    """A folder of this machine; links are not followed."""
    tree: dict[str, Seen] = {}
    for path in sorted(root.rglob("*")):
        name, mode = path.relative_to(root).as_posix(), path.lstat().st_mode
        if path.is_symlink():
            tree[name] = Seen("link", stat.S_IMODE(mode), target=str(path.readlink()))
        elif path.is_dir():
            tree[name] = Seen("folder", stat.S_IMODE(mode))
        else:
            tree[name] = Seen("file", stat.S_IMODE(mode), path.read_bytes())
    return tree


def _client(tree: dict[str, Seen], dockerfile: str) -> dict[str, Seen]:
    """What the client sends of a folder: no excluded folders, but for those that unpacking implies."""
    lines = _rules(tree)
    ignore = DockerIgnore.from_lines(lines)
    kept = [f"!{name}" for name in (IGNORE_FILE, dockerfile) if ignore.excludes(name)]
    ignore = DockerIgnore.from_lines([*lines, *kept])
    sent: dict[str, Seen] = {}
    for name, seen in tree.items():
        if not ignore.excludes(name) and classic_builder_sends(name, ignore):
            for parent in _parents(name):
                sent.setdefault(parent, Seen("folder", 0o755))
            sent[name] = seen
    assert dockerfile in sent, f"Cannot locate specified Dockerfile: {dockerfile}"
    return sent


def _daemon(tree: dict[str, Seen], dockerfile: str) -> dict[str, Seen]:
    hidden = hidden_by_daemon(_rules(tree), dockerfile)
    return {name: seen for name, seen in tree.items() if name not in hidden}


def hidden_by_daemon(lines: list[str], dockerfile: str) -> set[str]:
    """What the daemon takes out of what it was sent, by the lines of the `.dockerignore` in that."""
    ignore = DockerIgnore.from_lines(lines)
    return {name for name in (IGNORE_FILE, dockerfile) if ignore.excludes(name)}


def classic_builder_sends(path: str, ignore: DockerIgnore) -> bool:
    """Whether the classic builder gets as far as `path`: moby's rule for entering ignored folders.

    `ignore` are the rules as the client has them, as this goes by the text of patterns.
    """
    exceptions = [rule.pattern.text + "/" for rule in ignore.rules if rule.exception]
    for folder in _parents(path):
        if ignore.excludes(folder) and not any(text.startswith(folder + "/") for text in exceptions):
            return False
    return True


def _rules(tree: dict[str, Seen], name: str = IGNORE_FILE) -> list[str]:
    """The lines of an ignore file of a tree; links to it are followed within the tree."""
    for _ in range(40):
        seen = tree.get(name)
        if seen is None:
            return []
        if seen.kind != "link":
            return os.fsdecode(seen.content).split("\n")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(name), seen.target))
    return []


def _parents(path: str) -> list[str]:
    """The folders above a path, the outermost first."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]
