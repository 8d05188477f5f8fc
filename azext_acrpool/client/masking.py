"""Blotting secrets out of text, in whatever spelling they come back: a service quotes them in JSON, a proxy in URLs, a
shell in quotes, a log in base64.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote, quote_plus

__all__ = ["Mask"]

_MASK = "***"
# A secret this short is part of too many words: it is a secret only where it stands alone.
_SHORT = 4
# The lines of a secret are secrets of their own, unless they are as short as ordinary words.
_SHORTEST_LINE = 8
# Shorter parts of base64 are parts of ordinary words.
_SHORTEST_BASE64 = 8
# JSON within JSON, JSON within a URL, a URL within a URL.
_DEPTH = 2


class Mask:
    r"""Blots secrets out of text, in time that grows with the text's length and no faster.

    Found are: the secret as it is, without the blanks around it, and line by line; in JSON and in URLs, also one within
    the other; in the quotes of shells; in HTML; in base64, also as part of more. Of a secret of 1 to 3 characters only
    what stands alone is blotted out ("PIN 123 is wrong", but not "12345"): more would spoil every sentence, and so tell
    what the secret is. A blank secret is none.

    >>> Mask(["a b\nc"])(r'bad: "a b\nc", a+b%0Ac, YSBiCmM=')
    'bad: "***", ***, ***'
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {needle for secret in secrets for needle in _needles(secret)}
        self._needles = sorted(found, key=lambda needle: (-len(needle.text), needle))

    def __call__(self, text: str) -> str:
        """`text` with three asterisks for each secret in it."""
        if not self._needles:
            return text
        found = [
            (reading.starts[start], reading.starts[end])
            for reading in _readings(text)
            for needle in self._needles
            for start, end in needle.find(reading.text)
        ]
        return _blotted(text, sorted(found))


def _blotted(text: str, places: Iterable[tuple[int, int]]) -> str:
    """`text` with one mask for each run of `places` (from, to) that overlap or touch; they come in order."""
    pieces: list[str] = []
    done = -1
    for start, end in places:
        if start > done:
            pieces += (text[max(done, 0) : start], _MASK)
        done = max(done, end)
    return "".join(pieces) + text[max(done, 0) :]


class _Needle(NamedTuple):
    """A spelling that is looked for. `alone`: only where it is no part of a word."""

    text: str
    alone: bool

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """From where to where it stands in `text`."""
        start = text.find(self.text)
        while start >= 0:
            end = start + len(self.text)
            if not (self.alone and (_is_word(text[start - 1 : start]) or _is_word(text[end : end + 1]))):
                yield start, end
            start = text.find(self.text, end)


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _needles(secret: str) -> Iterator[_Needle]:
    whole = {text for text in (secret, secret.strip()) if text.strip()}
    lines = {line.strip() for line in secret.splitlines()}
    for text in whole | {line for line in lines if len(line) >= _SHORTEST_LINE}:
        for spelling in {*_quoted(text), *_in_json(text), *_in_urls(text), *_in_base64(text)}:
            yield _Needle(spelling, alone=len(text) < _SHORT)


def _quoted(text: str) -> Iterator[str]:
    """As text stands in prose, in the quotes of shells, and in HTML."""
    yield text
    for quote_mark, written in (("'", "'\\''"), ("'", "'\"'\"'"), ("'", "''"), ('"', '""')):
        yield text.replace(quote_mark, written)
    yield re.sub(r'(["\\$`])', r"\\\1", text)
    yield html.escape(text)


def _in_json(text: str) -> Iterator[str]:
    """As the usual writers of JSON have it, once and twice. `_readings` find what others write."""
    for ascii_only in (True, False):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        for written in (once, once.replace("/", "\\/")):
            yield written
            yield json.dumps(written, ensure_ascii=ascii_only)[1:-1]


def _in_urls(text: str) -> Iterator[str]:
    """As a path and as a query, with digits of either case. `_readings` find what others write."""
    data = text.encode("utf-8", "surrogatepass")
    # A blank is a plus in queries; `_readings` do not know whether they read one.
    yield text.replace(" ", "+")
    for written in (quote(data, safe=""), quote(data), quote_plus(data)):
        yield written
        yield re.sub("%..", lambda code: code[0].lower(), written)


def _in_base64(text: str) -> Iterator[str]:
    """With and without padding, and what base64 of more than the text has of it, wherever the text stands in it."""
    data = text.encode("utf-8", "surrogatepass")
    for encode in (b64encode, urlsafe_b64encode):
        padded = encode(data).decode()
        yield padded
        yield padded.rstrip("=")
        for shift, foreign in enumerate((0, 2, 3)):
            own = encode(bytes(shift) + data).decode()[foreign : (shift + len(data)) * 8 // 6]
            if len(own) >= _SHORTEST_BASE64:
                yield own


class _Reading(NamedTuple):
    """A text as it reads once it is decoded, and where in the original each of its characters, and its end, starts."""

    text: str
    starts: Sequence[int]


def _readings(text: str) -> Iterator[_Reading]:
    """`text` as it is, and decoded in each way and order that there is, if there is anything to decode."""
    level = [_Reading(text, range(len(text) + 1))]
    yield from level
    for _ in range(_DEPTH):
        decoded = [_decoded(reading, *way) for reading in level for way in _WAYS if way[0].search(reading.text)]
        level = [_decoded(reading, _HALVES, _join) for reading in decoded]
        yield from level


def _decoded(reading: _Reading, code: re.Pattern[str], decode: Callable[[str], Iterable[tuple[str, int]]]) -> _Reading:
    pieces: list[str] = []
    starts: list[int] = []
    done = 0
    for found in code.finditer(reading.text):
        pieces.append(reading.text[done : found.start()])
        starts.extend(reading.starts[done : found.start()])
        for char, offset in decode(found[0]):
            pieces.append(char)
            starts.append(reading.starts[found.start() + offset])
        done = found.end()
    pieces.append(reading.text[done:])
    starts.extend(reading.starts[done:])
    return _Reading("".join(pieces), starts)


_BACKSLASH = re.compile(r"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b", "0": "\0"}


def _unescape(written: str) -> Iterable[tuple[str, int]]:
    """The character, or half of one, that JSON, a shell or Python means by a backslash and what follows."""
    if len(written) > 2:
        return ((chr(int(written[2:], 16)), 0),)
    return ((_LETTERS.get(written[1], written[1]), 0),)


# Characters that JSON has in two codes. One of them may have come to light later than the other.
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def _join(halves: str) -> Iterable[tuple[str, int]]:
    return ((halves.encode("utf-16-be", "surrogatepass").decode("utf-16-be"), 0),)


_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")


def _unquote(written: str) -> Iterator[tuple[str, int]]:
    """The characters that a run of percent codes means, and where in it each starts."""
    offset = 0
    for char in bytes.fromhex(written.replace("%", "")).decode("utf-8", "surrogateescape"):
        yield char, offset
        offset += 3 * len(char.encode("utf-8", "surrogateescape"))


_WAYS = ((_BACKSLASH, _unescape), (_PERCENT, _unquote))
