"""`.dockerignore`: what docker's client does not send."""

from __future__ import annotations

import pytest
from acr_emulator.executor.docker.ignore import parse_ignore_file
from acr_emulator.executor.errors import BuildFailedError


def includes(lines: str, path: str) -> bool:
    return parse_ignore_file(lines.encode()).includes(path)


@pytest.mark.parametrize(
    ("lines", "path", "expected"),
    [
        ("", "a", True),
        ("# a\n\n   \n", "a", True),
        ("a", "a", False),
        ("a", "a/b/c", False),
        ("a", "b/a", True),
        ("/a", "a", False),
        ("a/", "a/b", False),
        ("./a/../b", "b", False),
        ("  a  ", "a", False),
        ("\ufeffa", "a", False),
        ("a\r", "a", False),
        ("*.md", "x.md", False),
        ("*.md", "docs/x.md", True),
        ("*/*.md", "docs/x.md", False),
        ("**/*.md", "x.md", False),
        ("**/*.md", "docs/deep/x.md", False),
        ("docs/**", "docs/deep/x.md", False),
        ("docs/**", "docs", True),
        ("**", "x/y", False),
        ("**file", "dir/file", False),
        ("a**/*.txt", "a/dir/dir/file.txt", False),
        ("a/*.txt**", "a/file.txt", False),
        ("[a-c].txt", "b.txt", False),
        ("[^a-c].txt", "b.txt", True),
        ("?.txt", "ab.txt", True),
        ("c++", "c++", False),
        ("*\n!keep", "keep", True),
        ("*\n!keep", "other", False),
        ("!keep\n*", "keep", False),
        ("docs\n!docs/README.md", "docs/README.md", True),
        ("docs\n!docs/README.md", "docs/other.md", False),
        ("docs\n!**/README.md", "docs/README.md", False),
        ("docs/*\n!**/README.md", "docs/README.md", True),
        ("*\n!src/**\nsrc/secret", "src/secret/key", False),
        ("*\n!src/**\nsrc/secret", "src/a/b", True),
    ],
)
def test_the_last_pattern_that_matches_decides(lines: str, path: str, expected: bool) -> None:
    assert includes(lines, path) is expected


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("!", 'error checking context: illegal exclusion pattern: "!"'),
        ("a\n[", "error checking context: syntax error in pattern"),
        ("[z-a]", "error checking context: syntax error in pattern"),
        ("a\\", "error checking context: syntax error in pattern"),
        ("x\n" * 2001, "the emulator reads at most 2000 patterns of a .dockerignore"),
        ("x" * 65536, "error checking context: error reading .dockerignore: bufio.Scanner: token too long"),
    ],
)
def test_what_docker_refuses(lines: str, message: str) -> None:
    with pytest.raises(BuildFailedError) as caught:
        parse_ignore_file(lines.encode())
    assert str(caught.value) == message


def test_no_pattern_takes_long() -> None:
    assert includes("*a" * 40 + "b", "a" * 200)
    assert includes("**/a" * 40 + "/b", "a/" * 1000 + "c")
