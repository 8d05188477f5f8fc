"""What is sent, compared with what the Docker client itself sends for the same folder.

The client's classic builder sends the context as a tar to the daemon's socket, here a small recording daemon. The cases
are random, and the same in every run: `ACRPOOL_DOCKER_CASES` of them (the default is a quick subset) from number
`ACRPOOL_DOCKER_FIRST` on.

Differences that are meant, each checked for below:

- The classic builder enters an ignored folder only if the text of an exception starts with the folder's path, so that
  `!**/keep` finds nothing in ignored folders (moby issue 30018). BuildKit, Docker's default, enters it, and so do we.
- The classic builder leaves out the folders that hold re-included files (unpacking creates them with default modes).
  BuildKit sends them, and so do we.
- Docker compiles a pattern's regular expression when it first compares it with a file, and refuses a bad one only then.
  We refuse it at once.
- In older versions of the matcher (client 28 has one), `+()|{}` are operators in patterns with wildcards. We follow the
  later version, where they stand for themselves; the client is given such patterns with these characters escaped.
- Docker sends named pipes as such; we skip them.
"""

from __future__ import annotations

import io
import os
import random
import re
import shutil
import socketserver
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from docker_agent import classic_builder_sends

from azext_acrpool.context import ContextOptions, DockerIgnoreError, prepare
from azext_acrpool.context.ignore.dockerignore import DockerIgnore
from azext_acrpool.context.ignore.go_regexp import GoRegexpError
from azext_acrpool.context.ignore.pattern import MatchType, Pattern, PatternError
from azext_acrpool.context.pack.folder import folder_opener
from azext_acrpool.context.pack.skips import Skips
from azext_acrpool.context.pack.walk import FolderEntry, walk

DOCKER = shutil.which("docker") or ""
CASES = int(os.environ.get("ACRPOOL_DOCKER_CASES", "200"))
FIRST = int(os.environ.get("ACRPOOL_DOCKER_FIRST", "0"))
pytestmark = pytest.mark.skipif(not DOCKER, reason="there is no Docker client on this machine")


@dataclass(frozen=True)
class Sent:
    """What the client sent, or its error message."""

    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    dockerfile: str = ""
    error: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    requests: list[tuple[str, bytes]]

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        body = bytearray()
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        self.requests.append((self.path, bytes(body)))
        self._answer(b'{"stream":"done"}\n')

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Api-Version", "1.50")
        self.send_header("OSType", "linux")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        with suppress(BrokenPipeError):  # the client does not wait for all answers
            self.end_headers()
            self.wfile.write(body)

    def address_string(self) -> str:
        return "docker"

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


class DockerClient:
    """The Docker client in front of a recording daemon."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._socket = home / "socket"
        self._requests: list[tuple[str, bytes]] = []
        handler = type("Handler", (_Handler,), {"requests": self._requests})
        self._server = socketserver.ThreadingUnixStreamServer(str(self._socket), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def build(self, *arguments: str, cwd: Path, stdin: bytes = b"") -> Sent:
        self._requests.clear()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._home),
            "DOCKER_HOST": f"unix://{self._socket}",
            "DOCKER_BUILDKIT": "0",
        }
        done = subprocess.run(
            [DOCKER, "build", *arguments], cwd=cwd, env=environment, input=stdin, capture_output=True, check=False
        )
        if done.returncode:
            return Sent(error=done.stderr.decode(errors="replace"))
        path, body = self._requests[-1]
        dockerfile = parse_qs(urlsplit(path).query)["dockerfile"][0]
        files: set[str] = set()
        folders: set[str] = set()
        with tarfile.open(fileobj=io.BytesIO(body), mode="r|", encoding="utf-8", errors="surrogateescape") as archive:
            for member in archive:
                (folders if member.isdir() else files).add(member.name)
        return Sent(frozenset(files), frozenset(folders), dockerfile)


@pytest.fixture(scope="module")
def docker() -> Iterator[DockerClient]:
    with tempfile.TemporaryDirectory(prefix="docker-") as home:
        client = DockerClient(Path(home))
        yield client
        client.close()


NAMES = (
    *("a", "b", "ab", "abc", "a.b", ".a", ".env", "a b", " a", "a ", "+", "a+b", "(x)", "$a", "a$", "[a]", "[", "]"),
    *("a]", "-a", "--", "-", "é", "e\u0301", "日本", "😀", "\\", "a\\b", "*", "?", "a*", "!a", "!", "#a", "^a", "a^"),
    *("{a}", "a|b", "~", "a\nb", "\t", "\x7f", "..a", "...", "keep", "node_modules", "README.md", "b.md", "dist"),
    *("\udcff", "a\udce9b", "\ufffd", "\ufeffa", "\u3000", "A", "1", "_", "a,b", "a=b", "%41", "'", '"', "a:b", "&"),
    *(";", "CON", "a\rb", "x1y", "\x1c"),
)  # fmt: skip
CLASSES = (
    *("[a]", "[ab]", "[a-c]", "[^a]", "[^a-c]", "[!a]", "[\\]]", "[\\-a]", "[é-日]", "[[:alpha:]]", "[[:^digit:]x]"),
    *("[.]", "[*]", "[?]", "[a*b]", "[\\d]", "[\\w]", "[^\\s]", "[a-]", "[]", "[z-a]", "[", "[^", "[a", "[-a]"),
    *("[[:nope:]]", "[\\\\]", "[+-.]"),
)  # fmt: skip
ESCAPES = (
    *("\\a", "\\*", "\\?", "\\[", "\\ ", "\\\\", "\\#", "\\!", "\\d", "\\w", "\\W", "\\D", "\\b", "\\Q", "\\E"),
    *("\\pL", "\\PL", "\\x41", "\\101", "\\0", "\\A", "\\z", "\\B", "\\n", "\\e", "\\k", "\\é", "\\pé", "\\", "\\/"),
    "\\-",
)  # fmt: skip
BEFORE = ("**/", "**", "*/", "/", "./", "//", "../", "a/../", "?", " ", "\t ", "\ufeff")
AFTER = ("/", "/**", "**", "/*", "/.", "/..", "//", " ", "\t", "\x1c", "/**/*", "\r")
MARKS = ("!", "!", "!", "! ", "!/", "!!", "./!", "#", " #")


def random_tree(rng: random.Random) -> list[str]:
    """Paths of files; some folders are deep, many names are used again at other depths."""
    names = rng.sample(NAMES, rng.randint(3, 9))
    paths: set[str] = set()
    for _ in range(rng.randint(4, 24)):
        paths.add("/".join(rng.choices(names, k=rng.choice((1, 1, 2, 2, 3, 3, 4)))))
    files: list[str] = []
    for path in sorted(paths, key=lambda path: (-path.count("/"), path)):  # what is a folder cannot be a file
        if not any(other.startswith(path + "/") for other in files):
            files.append(path)
    return files


def random_rule(rng: random.Random, files: list[str]) -> str:
    path = rng.choice(files)
    parts = path.split("/")[: rng.randint(1, 4)]
    rule = "/".join(_mutated(rng, part) for part in parts)
    if rng.random() < 0.3:
        rule = rng.choice(BEFORE) + rule
    if rng.random() < 0.3:
        rule = rule + rng.choice(AFTER)
    if rng.random() < 0.3:
        rule = rng.choice(MARKS) + rule
    return rule


def _mutated(rng: random.Random, name: str) -> str:
    choice = rng.random()
    if choice < 0.45:
        return name
    position = rng.randrange(len(name) + 1)
    piece = rng.choice((
        "*", "*", "*", "**", "**", "?", "?", "***", rng.choice(CLASSES), rng.choice(CLASSES), rng.choice(ESCAPES),
        rng.choice(NAMES),
    ))  # fmt: skip
    if choice < 0.6:
        return piece
    if choice < 0.8:
        return name[:position] + piece + name[position + 1 :]
    return name[:position] + piece + name[position:]


def write_tree(root: Path, files: list[str], rules: list[str]) -> None:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (root / "Dockerfile").write_text("FROM scratch\n")
    write_rules(root, rules)


def write_rules(root: Path, rules: list[str]) -> None:
    (root / ".dockerignore").write_bytes(os.fsencode("\n".join(rules)))


def for_client(rule: str) -> str:
    """The rule, with `+()|{}` escaped if it becomes a regular expression: the same for us, needed for old clients."""
    try:
        compiled = DockerIgnore.from_lines(["#", rule]).rules
    except DockerIgnoreError:
        return rule
    if not compiled or compiled[0].pattern.match_type is not MatchType.REGEXP:
        return rule
    return re.sub(r"\\.|[+()|{}]", lambda found: found[0] if len(found[0]) > 1 else "\\" + found[0], rule)


def what_we_send(root: Path) -> tuple[set[str], set[str]]:
    """Files and folders that belong to the archive."""
    context = prepare(ContextOptions(root, cwd=root))
    files: set[str] = set()
    folders: set[str] = set()
    for entry in walk(folder_opener(str(context.root)), context.selection, Skips()):
        (folders if isinstance(entry, FolderEntry) else files).add(entry.path)
    return files, folders


def is_refused_late(rules: list[str]) -> bool:
    """Whether a pattern is one that Docker refuses only when it uses it: fine for filepath.Match, not for regexp."""
    for rule in rules:
        try:
            DockerIgnore.from_lines([rule])
        except DockerIgnoreError as error:
            if not is_regexp_error(error):
                return False
    return True


def is_regexp_error(error: DockerIgnoreError) -> bool:
    pattern = error.pattern.removeprefix("!").strip()
    try:
        Pattern(pattern)
    except PatternError as refused:
        return isinstance(refused.__context__, GoRegexpError)
    return False


@pytest.mark.parametrize("batch", range(max(1, CASES // 50)))
def test_random_trees_and_rules_give_the_same_context(docker: DockerClient, tmp_path: Path, batch: int) -> None:
    for number in range(FIRST + batch * 50, FIRST + batch * 50 + min(50, CASES)):
        rng = random.Random(number)
        files = random_tree(rng)
        lines = "\n".join(random_rule(rng, files) for _ in range(rng.randint(1, 7)))
        rules = lines.split("\n")  # some names hold line feeds
        root = tmp_path / str(number)
        root.mkdir()
        clients_rules = [for_client(rule) for rule in rules]
        write_tree(root, files, clients_rules)
        sent = docker.build("-q", ".", cwd=root)
        write_rules(root, rules)
        try:
            our_files, our_folders = what_we_send(root)
        except DockerIgnoreError:
            assert "syntax error" in sent.error or "illegal exclusion" in sent.error or is_refused_late(rules), (
                number, rules, sent.error)  # fmt: skip
            continue
        assert not sent.error, (number, rules, sent.error)
        ignore = DockerIgnore.from_lines(clients_rules)
        reached = {path for path in our_files if classic_builder_sends(path, ignore)} | {"Dockerfile", ".dockerignore"}
        assert reached == sent.files, (number, rules, reached ^ sent.files)
        folders = {path for path in our_folders if classic_builder_sends(path, ignore) and not ignore.excludes(path)}
        assert folders == sent.folders, (number, rules, folders ^ sent.folders)
        shutil.rmtree(root)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("here", "ctx/inside", "ctx/sub/inside", "ctx/dockerfile", "ctx/target"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("FROM scratch\n")
    (tmp_path / "ctx/link").symlink_to("target")
    (tmp_path / "elsewhere").symlink_to("ctx", target_is_directory=True)
    return tmp_path


@pytest.mark.parametrize(
    ("dockerfile", "context", "cwd"),
    [
        (None, "ctx", "."),
        (None, ".", "ctx"),
        ("inside", ".", "ctx"),
        ("sub/inside", ".", "ctx"),
        ("ctx/sub/inside", "ctx", "."),
        ("ctx/link", "ctx", "."),
        ("elsewhere/inside", "elsewhere", "."),
        ("../inside", "..", "ctx/sub"),
    ],
)
def test_dash_f_is_found_where_the_client_finds_it(
    docker: DockerClient, folder: Path, dockerfile: str | None, context: str, cwd: str
) -> None:
    arguments = ["-f", dockerfile] if dockerfile else []
    sent = docker.build(*arguments, context, cwd=folder / cwd)
    assert not sent.error
    ours = prepare(ContextOptions(Path(context), dockerfile, cwd=folder / cwd))
    assert ours.dockerfile_name == sent.dockerfile
    assert ours.notes == ()


def test_dash_f_below_the_context_only_is_ours_alone(docker: DockerClient, folder: Path) -> None:
    """The help of az says so: the client does not look there, and we say that we did."""
    assert "no such file" in docker.build("-f", "sub/inside", "ctx", cwd=folder).error
    ours = prepare(ContextOptions(Path("ctx"), "sub/inside", cwd=folder))
    assert ours.dockerfile_name == "sub/inside"
    assert len(ours.notes) == 1


def test_files_of_every_kind(docker: DockerClient, folder: Path) -> None:
    root = folder / "ctx"
    (root / "hard").hardlink_to(root / "target")
    (root / "dangling").symlink_to("/nowhere")
    (root / "empty").mkdir()
    os.mkfifo(root / "pipe")
    sent = docker.build(".", cwd=root)
    files, folders = what_we_send(root)
    assert files == sent.files - {"pipe"}
    assert folders == sent.folders
