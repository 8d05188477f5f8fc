"""What acb itself reads in a line of arguments for `docker build`.

It cuts the line at blanks, before any shell has seen it, and knows an option only as a word of its own: neither
`--file=x` nor `-tx` (acb, builder/parse.go and util/parse.go).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from ..golang.strings import fields
from .references import with_registry

__all__ = ["BuildLine", "parse_build_line", "replace_context", "trim_quotes", "with_prefixed_tags"]

FILE_OPTIONS = ("-f", "--file")
TAG_OPTIONS = ("-t", "--tag")


@dataclass(frozen=True)
class BuildLine:
    """What the scanner is told; `dockerfile` and `target` are empty if not named. Quotes stay in the lists."""

    dockerfile: str
    target: str
    context: str
    tags: tuple[str, ...]
    build_arguments: tuple[str, ...]


def parse_build_line(line: str) -> BuildLine:
    """Read what acb reads. The context is the last word that is no option and does not follow one, by default `.`."""
    dockerfile = target = ""
    context = "."
    previous = ""
    for word in fields(line):
        if previous in FILE_OPTIONS:
            dockerfile = trim_quotes(word)
        elif previous == "--target":
            target = trim_quotes(word)
        elif _is_free(previous, word):
            context = trim_quotes(word)
        previous = word
    return BuildLine(dockerfile, target, context, _values(line, TAG_OPTIONS), _values(line, ("--build-arg",)))


def replace_context(line: str, context: str) -> str:
    """The line with `context` in place of its *first* word that is no option and does not follow one.

    acb does so after it has fetched a remote context, so it hits another word where a build argument holds a blank.
    """
    words = fields(line)
    for index, word in enumerate(words):
        if _is_free(words[index - 1] if index else "", word):
            words[index] = context
            return " ".join(words)
    return line


def with_prefixed_tags(line: str, registry: str, known_registries: Iterable[str]) -> str:
    """A quick build's line with the registry before its tags; blanks between words become one each."""
    known = tuple(known_registries)
    words = fields(line)
    for index in range(1, len(words)):
        if words[index - 1] in TAG_OPTIONS:
            words[index] = with_registry(words[index], registry, known)
    return " ".join(words)


def trim_quotes(text: str) -> str:
    """`text` without any quotes at its ends, matching or not (acb, util/trim.go)."""
    return text.strip("'\"")


def _is_free(previous: str, word: str) -> bool:
    return not previous.startswith("-") and not word.startswith("-")


def _values(line: str, options: tuple[str, ...]) -> tuple[str, ...]:
    words = fields(line)
    return tuple(word for previous, word in pairwise(words) if previous in options)
