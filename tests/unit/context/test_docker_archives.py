"""What is in the archive, header by header, and what `COPY` sees of it, compared with the Docker client.

`ACRPOOL_DOCKER_TREES` random trees with ignore rules, the same in every run, from number `ACRPOOL_DOCKER_FIRST` on. As
each start of the client takes long, `TREES` of them lie side by side in one context, with one ignore file for all.
They hold hard and symbolic links, capabilities (if root runs this), odd names, modes and times.

Three archives are made of each context: the client's own; ours; and what the client, as on an agent, makes of ours once
that is unpacked. The first two hold the same. The first and the third show the same to `COPY`, whatever the Dockerfile
is: in the context or from outside, ignored or not, a hard link or a symbolic one.

Differences that are meant: those of `test_docker_client.py`, and the name, mode and time of what is added for a
Dockerfile from outside.
"""

from __future__ import annotations

import io
import os
import posixpath
import random
import tarfile
import tempfile
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from docker_agent import classic_builder_sends, hidden_by_daemon
from docker_cases import compiled, for_client, mutated, random_tree
from docker_client import DOCKER, DockerClient, Sent

from azext_acrpool.context import BuildContext, ContextOptions, prepare, write_archive
from azext_acrpool.context.ignore.dockerignore import DockerIgnore

TREES = 50
CONTEXTS = max(1, int(os.environ.get("ACRPOOL_DOCKER_TREES", "5000")) // TREES)
FIRST = int(os.environ.get("ACRPOOL_DOCKER_FIRST", "0"))
pytestmark = pytest.mark.skipif(not DOCKER, reason="there is no Docker client on this machine")

LONG_NAMES = ("n" * 100, "n" * 101, "x" * 255, "é" * 120, "a.", "b..", "." * 200)
MODES = (0o644, 0o644, 0o755, 0o600, 0o777, 0o4755, 0o2750, 0o1666, 0o444)
TIMES = (0, 1, 1_600_000_000, 1_600_000_000.9, 2**31, 2**33 + 7)
NET_RAW = bytes.fromhex("0100000200200000000000000000000000000000")
NET_RAW_OF_1000 = bytes.fromhex("0100000300200000000000000000000000000000e8030000")
CAPABILITY = "SCHILY.xattr.security.capability"


@pytest.fixture(scope="module")
def docker() -> Iterator[DockerClient]:
    with tempfile.TemporaryDirectory(prefix="docker-") as home:
        client = DockerClient(Path(home))
        yield client
        client.close()


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory where there is such a place: thousands of small files are made, read and removed."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="docker-", dir=memory) as folder:
        yield Path(folder)


class World:
    """A context in the making: `TREES` random trees, and rules about each."""

    def __init__(self, rng: random.Random, root: Path) -> None:
        self._rng = rng
        self._root = root
        self._made: list[Path] = []
        self.rules: list[str] = []
        for number in range(TREES):
            self._grow(f"{number:02}")
        for path in reversed([path for path in root.rglob("*") if not path.is_symlink()]):
            if path.is_dir():
                path.chmod(rng.choice((0o755, 0o755, 0o700, 0o1777, 0o2775)))
            time = rng.choice(TIMES)
            os.utime(path, (time, time))

    def _grow(self, tree: str) -> None:
        rng = self._rng
        files = random_tree(rng)
        if rng.random() < 0.5:
            files.append(rng.choice(LONG_NAMES))
        for file in files:
            path = self._root / tree / file
            path.parent.mkdir(parents=True, exist_ok=True)
            self._make(path)
        if rng.random() < 0.3:
            (self._root / tree / "empty").mkdir(exist_ok=True)
        for _ in range(rng.randint(0, 5)):
            self._add_rule(tree, rng.choice(files))

    def _make(self, path: Path) -> None:
        rng = self._rng
        choice = rng.random()
        if choice < 0.15 and self._made:
            os.link(rng.choice(self._made), path, follow_symlinks=False)
        elif choice < 0.3:
            path.symlink_to(self._target(path))
        else:
            path.write_bytes(rng.randbytes(rng.choice((0, 1, 100, 511, 512, 513))))
            path.chmod(rng.choice(MODES))
            if rng.random() < 0.03:
                give_capability(path, rng.choice((NET_RAW, NET_RAW_OF_1000)))
        self._made.append(path)

    def _target(self, path: Path) -> str:
        rng = self._rng
        inside = os.path.relpath(rng.choice(self._made), path.parent) if self._made else "."
        return rng.choice((inside, inside, "nowhere", "/usr/bin/env", "n" * 150, "é" * 60, ".", "\udcff"))

    def _add_rule(self, tree: str, file: str) -> None:
        rng = self._rng
        pattern = "/".join(mutated(rng, part) for part in file.split("/")[: rng.randint(1, 4)])
        start = rng.choice((f"{tree}/", f"{tree}/", f"/{tree}//", f"./{tree}/", f"{tree}/**/", "**/", f"*{tree[1]}/"))
        end = rng.choice(("", "", "", "/", "/*", "/**", " "))
        rule = for_client(f"{rng.choice(('', '', '!', ' !'))}{start}{pattern}{end}")
        if "\n" not in rule and compiled(rule) is not None:
            self.rules.append(rule)


def give_capability(path: Path, capability: bytes) -> None:
    if os.geteuid() == 0:
        os.setxattr(path, "security.capability", capability)


@dataclass(frozen=True)
class Dockerfile:
    """Which Dockerfile is built: its `--file`, and rules about it."""

    option: str | None
    rules: tuple[str, ...] = ()
    stdin: bytes = b""


def random_dockerfile(rng: random.Random, root: Path, *, from_standard_input: bool = True) -> Dockerfile:
    content = b"FROM scratch\nCOPY . /\n"
    own = rng.choice(((), (), (".dockerignore",), (".*",), ("!.*",)))
    where = rng.choice(("root", "root", "folder", "outside", "symbolic link", "hard link", "standard input"))
    if where == "standard input" and not from_standard_input:
        where = "outside"
    if where == "standard input":
        return Dockerfile("-", own, content)
    if where == "outside":
        (root.parent / f"{root.name}.Dockerfile").write_bytes(content)
        return Dockerfile(f"../{root.name}.Dockerfile", own)
    name = "docker/app" if where == "folder" else "Dockerfile"
    (root / "docker").mkdir()
    (root / (name if where in ("root", "folder") else "docker/real")).write_bytes(content)
    if where == "symbolic link":
        (root / name).symlink_to("docker/real")
    elif where == "hard link":
        (root / name).hardlink_to(root / "docker/real")
    about = rng.choice(((), (name,), ("*ocker*",), (name, f"!{name}"), ("docker", "Dockerfile"), ("docker/real",)))
    return Dockerfile(None if name == "Dockerfile" else name, own + about)


def write_rules(rng: random.Random, path: Path, rules: list[str]) -> None:
    start, end = rng.choice((("", "\n"), ("", "\r\n"), ("\ufeff", "\n"), ("# comment\n", "\n\n")))
    content = start + end.join(rules) + rng.choice(("", end))
    if rules or rng.random() < 0.5:
        path.write_bytes(os.fsencode(content))


def packed(context: BuildContext) -> Sent:
    archive = bytearray()
    write_archive(context, archive.extend)
    return Sent(bytes(archive), context.dockerfile_name)


@dataclass(frozen=True)
class Header:
    """All that an entry says. Of the names of one file, which depends on the order, all say the same here."""

    kind: str
    mode: int
    owner: tuple[int, int, str, str]
    mtime: float
    content: bytes
    target: str
    capability: str
    names: tuple[str, ...]


def headers(sent: Sent) -> dict[str, Header]:
    with tarfile.open(fileobj=io.BytesIO(sent.archive), encoding="utf-8", errors="surrogateescape") as tar:
        members = {member.name: member for member in tar}
        contents = {name: content(tar, member) for name, member in members.items()}
    first = {name: member.linkname if member.islnk() else name for name, member in members.items()}
    names: dict[str, list[str]] = {}
    for name in sorted(members):
        names.setdefault(first[name], []).append(name)
    return {
        name: Header(
            kind=("folder" if member.isdir() else "link" if members[first[name]].issym() else "file"),
            mode=member.mode,
            owner=(member.uid, member.gid, member.uname, member.gname),
            mtime=member.mtime,
            content=contents[first[name]],
            target=members[first[name]].linkname,
            capability=member.pax_headers.get(CAPABILITY, ""),
            names=tuple(names[first[name]]),
        )
        for name, member in members.items()
    }


def content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if not member.isreg():
        assert member.size == 0
        return b""
    file = tar.extractfile(member)
    assert file is not None
    return file.read()


def unpack(sent: Sent, root: Path) -> None:
    """As the service does, but that a folder's mode and time come last."""
    root.mkdir()
    folders: list[tarfile.TarInfo] = []
    with tarfile.open(fileobj=io.BytesIO(sent.archive), encoding="utf-8", errors="surrogateescape") as tar:
        for member in tar:
            path = root / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            if member.isdir():
                path.mkdir(exist_ok=True)
                folders.append(member)
            elif member.issym():
                path.symlink_to(member.linkname)
            elif member.islnk():
                os.link(root / member.linkname, path, follow_symlinks=False)
            else:
                path.write_bytes(content(tar, member))
                path.chmod(member.mode)
                if CAPABILITY in member.pax_headers:
                    give_capability(path, member.pax_headers[CAPABILITY].encode("utf-8", "surrogateescape"))
            os.utime(path, (member.mtime, member.mtime), follow_symlinks=False)
    for member in reversed(folders):
        (root / member.name).chmod(member.mode)
        os.utime(root / member.name, (member.mtime, member.mtime))


def reached(ours: dict[str, Header], rules: list[str], dockerfile: str) -> dict[str, Header]:
    """Of what we send, what the classic builder gets to: see `test_docker_client.py`."""
    kept = hidden_by_daemon(rules, dockerfile)
    ignore = DockerIgnore.from_lines([*rules, *(f"!{name}" for name in kept)])
    gets_into = cache(lambda folder: not folder or classic_builder_sends(f"{folder}/a", ignore))
    return only(
        ours,
        {
            name
            for name, header in ours.items()
            if gets_into(posixpath.dirname(name)) and not (header.kind == "folder" and ignore.excludes(name))
        },
    )


def shown(found: dict[str, Header], dockerfile: str) -> dict[str, Header]:
    """What `COPY` sees of what the daemon was sent."""
    return only(found, found.keys() - hidden_by_daemon(rules_of(found), dockerfile))


def only(found: dict[str, Header], kept: AbstractSet[str]) -> dict[str, Header]:
    return {
        name: replace(header, names=tuple(other for other in header.names if other in kept))
        for name, header in found.items()
        if name in kept
    }


def rules_of(found: dict[str, Header]) -> list[str]:
    return os.fsdecode(found[".dockerignore"].content).split("\n") if ".dockerignore" in found else []


def without_additions(found: dict[str, Header], dockerfile: str, *, added: bool) -> dict[str, Header]:
    """With what is added for a Dockerfile from outside in the same terms, whoever added it."""
    if not added:
        return found
    same = {name: header for name, header in found.items() if name not in (dockerfile, ".dockerignore")}
    for name, known in ((dockerfile, "THE DOCKERFILE"), (".dockerignore", ".dockerignore")):
        if name in found:
            text = found[name].content.replace(dockerfile.encode(), b"THE DOCKERFILE")
            same[known] = replace(found[name], mode=0, mtime=0, content=text, names=(known,))
    return same


def assert_alike(ours: dict[str, Header], theirs: dict[str, Header]) -> None:
    names = [name for name in sorted(ours.keys() | theirs.keys()) if ours.get(name) != theirs.get(name)]
    assert not names, "\n".join(f"{name!r}\n  {ours.get(name)}\n  {theirs.get(name)}" for name in names[:3])


@pytest.mark.parametrize("number", range(FIRST, FIRST + CONTEXTS))
def test_random_trees_are_packed_and_seen_as_by_docker(docker: DockerClient, place: Path, number: int) -> None:
    rng = random.Random(number)
    root = place / "context"
    root.mkdir()
    world = World(rng, root)
    dockerfile = random_dockerfile(rng, root)
    write_rules(rng, root / ".dockerignore", [*world.rules, *dockerfile.rules])
    context = prepare(ContextOptions(root, dockerfile.option, cwd=root, stdin=io.BytesIO(dockerfile.stdin)))
    added = bool(context.extra_files)
    ours = packed(context)
    arguments = ["-f", dockerfile.option] if dockerfile.option else []
    theirs = docker.build(*arguments, ".", cwd=root, stdin=dockerfile.stdin)
    assert not theirs.error

    in_ours, in_theirs = headers(ours), headers(theirs)
    assert_alike(
        without_additions(reached(in_ours, rules_of(in_ours), ours.dockerfile), ours.dockerfile, added=added),
        without_additions(in_theirs, theirs.dockerfile, added=added),
    )

    unpack(ours, place / "agent")
    agents = docker.build("-f", ours.dockerfile, ".", cwd=place / "agent")
    assert not agents.error
    assert_alike(
        without_additions(shown(headers(agents), ours.dockerfile), ours.dockerfile, added=added),
        without_additions(shown(in_theirs, theirs.dockerfile), theirs.dockerfile, added=added),
    )


@pytest.mark.parametrize("number", range(FIRST, FIRST + max(1, CONTEXTS // 10)))
def test_an_ignore_file_of_the_dockerfiles_own_shows_the_same(docker: DockerClient, place: Path, number: int) -> None:
    """The classic client does not know such files: it is given the same rules as `.dockerignore`."""
    rng = random.Random(number)
    root = place / "context"
    root.mkdir()
    world = World(rng, root)
    dockerfile = random_dockerfile(rng, root, from_standard_input=False)
    common, own = root / ".dockerignore", root / f"{dockerfile.option or 'Dockerfile'}.dockerignore"
    write_rules(rng, common, ["# always something", *world.rules, *dockerfile.rules])
    rules = os.fsdecode(common.read_bytes()).split("\n")
    arguments = ["-f", dockerfile.option] if dockerfile.option else []
    theirs = docker.build(*arguments, ".", cwd=root)
    assert not theirs.error
    status = own.parent.stat()
    common.rename(own)
    os.utime(own.parent, ns=(status.st_atime_ns, status.st_mtime_ns))
    common.write_text("Dockerfile\n0*\n!*\n")  # is not read
    ours = packed(prepare(ContextOptions(root, dockerfile.option, cwd=root)))

    unpack(ours, place / "agent")
    agents = docker.build("-f", ours.dockerfile, ".", cwd=place / "agent")
    assert not agents.error
    seen, expected = shown(headers(agents), ours.dockerfile), shown(headers(theirs), theirs.dockerfile)
    files_of_rules = {".dockerignore", f"{dockerfile.option or 'Dockerfile'}.dockerignore"}
    seen = reached(seen, rules, ours.dockerfile)
    assert_alike(only(seen, seen.keys() - files_of_rules), only(expected, expected.keys() - files_of_rules))
