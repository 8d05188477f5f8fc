"""Random trees and ignore rules: names and patterns that are hard to get right, and nearly the same over and over."""

from __future__ import annotations

import random
import re
from functools import lru_cache

from azext_acrpool.context import DockerIgnoreError
from azext_acrpool.context.ignore.dockerignore import DockerIgnore
from azext_acrpool.context.ignore.pattern import MatchType

__all__ = ["NAMES", "compiled", "for_client", "mutated", "random_rule", "random_tree"]

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
    rule = "/".join(mutated(rng, part) for part in parts)
    if rng.random() < 0.3:
        rule = rng.choice(BEFORE) + rule
    if rng.random() < 0.3:
        rule = rule + rng.choice(AFTER)
    if rng.random() < 0.3:
        rule = rng.choice(MARKS) + rule
    return rule


def mutated(rng: random.Random, name: str) -> str:
    """A pattern that matches `name`, or nearly does."""
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


@lru_cache(maxsize=256)
def compiled(rule: str) -> DockerIgnore | None:
    """A rule by itself; None if it is refused."""
    try:
        return DockerIgnore.from_lines(["#", rule])
    except DockerIgnoreError:
        return None


def for_client(rule: str) -> str:
    """The rule, with `+()|{}` escaped if it becomes a regular expression: the same for us, needed for old clients."""
    ignore = compiled(rule)
    if ignore is None or not ignore.rules or ignore.rules[0].pattern.match_type is not MatchType.REGEXP:
        return rule
    return re.sub(r"\\.|[+()|{}]", lambda found: found[0] if len(found[0]) > 1 else "\\" + found[0], rule)
