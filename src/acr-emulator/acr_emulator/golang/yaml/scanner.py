"""PyYAML's scanner and parser, where it differs from go-yaml's: tabs, `{a:}`, escapes, the end of the text.

Errors are PyYAML's classes with go-yaml's words; `problems` makes the whole text.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

import yaml
from yaml.error import Mark
from yaml.events import Event
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner, ScannerError, SimpleKey
from yaml.tokens import DirectiveToken, ScalarToken, StreamEndToken, TagToken

from .escapes import ESCAPE_LENGTHS, ESCAPES

__all__ = ["EventReader"]

BREAKS = "\r\n\x85\u2028\u2029"
SPACES = re.compile(" *")
BLANKS = re.compile("[ \t]*")
PLAIN_IN_BLOCK = re.compile(rf"(?:[^\0 \t{BREAKS}:]|:(?![\0 \t{BREAKS}]))+")
PLAIN_IN_FLOW = re.compile(rf"(?:[^\0 \t{BREAKS}:,?\[\]{{}}]|:(?![\0 \t{BREAKS}]))+")
QUOTED = {True: re.compile(rf"[^\0 \t{BREAKS}\"\\]+"), False: re.compile(rf"(?:[^\0 \t{BREAKS}']|'')+")}
REST_OF_LINE = re.compile(rf"[^\0{BREAKS}]*")
INDICATORS = re.compile("[-+][0-9]?|[0-9][-+]?")
NAME = re.compile("[0-9A-Za-z_-]*")
TAG_HANDLE = re.compile("![0-9A-Za-z_-]*!")
URI = re.compile(r"[0-9A-Za-z_;/?:@&=+$,.!~*'()\[\]%-]*")
LONGEST_KEY = 1024
GO_YAML_VERSION = (1, 1)
REFUSED_VERSION = (0, 0)
DOCUMENT_INDICATOR = re.compile(rf"(?:---|\.\.\.)[\0 \t{BREAKS}]")


class EventReader(Reader, Scanner, Parser):
    """Reads text into PyYAML's events. Raises yaml.MarkedYAMLError and yaml.reader.ReaderError."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def next_event(self) -> Event:
        """The next event; not to be called after the end of the stream."""
        event: Event = self.get_event()  # type: ignore[no-untyped-call]
        return event

    def need_more_tokens(self) -> bool:
        """Whether the first token that waits may still turn out to be a key."""
        if not self.tokens:
            return not self.done
        level = next((level for level, key in self._keys() if key.token_number == self.tokens_taken), None)
        return level is not None and self._is_key_possible(level) and not self.done

    def stale_possible_simple_keys(self) -> None:
        """Nothing: go-yaml looks at a key only when it matters, see `_is_key_possible`."""

    def fetch_value(self) -> None:
        """A colon; the key before it may be too far away."""
        self._is_key_possible(self.flow_level)
        super().fetch_value()

    def fetch_stream_end(self) -> None:
        """The end counts as a line of its own, as libyaml has it."""
        if self.column:
            self.column = 0
            self.line += 1
        self.unwind_indent(-1)
        self.remove_possible_simple_key()
        self.allow_simple_key = False
        mark = self.get_mark()
        self.tokens.append(StreamEndToken(mark, mark))
        self.done = True

    def scan_to_next_token(self) -> None:
        """Skips blanks, comments and line breaks; tabs where no simple key may start.

        A byte order mark counts as one at the start of the text alone.
        """
        if self.index == 0 and self.peek() == "\ufeff":
            self.forward()
        while True:
            while self.peek() == " " or (self.peek() == "\t" and (self.flow_level or not self.allow_simple_key)):
                self.forward()
            if self.peek() == "#":
                self._take(REST_OF_LINE)
            if not self._take_line_break():
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_directive(self) -> DirectiveToken:
        """A directive. PyYAML's parser refuses another major version than 1, go-yaml's all but 1.1."""
        token: DirectiveToken = super().scan_directive()
        if token.name == "YAML" and token.value != GO_YAML_VERSION:
            token.value = REFUSED_VERSION
        return token

    def scan_directive_name(self, start_mark: Mark) -> str:
        """Only `%YAML` and `%TAG` are known."""
        name = self._take(NAME)
        if not name:
            problem = "could not find expected directive name"
        elif self.peek() not in f"\0 \t{BREAKS}":
            problem = "found unexpected non-alphabetical character"
        elif name not in ("YAML", "TAG"):
            problem = "found unknown directive name"
        else:
            return name
        raise self._error("while scanning a directive", start_mark, problem)

    def scan_tag(self) -> TagToken:
        """`!suffix`, `!handle!suffix`, `!<uri>`, or `!` alone."""
        start = self.get_mark()
        handle: str | None = None
        if self.peek(1) == "<":
            self.forward(2)
            suffix = self._take_uri(start)
            if self.peek() != ">":
                raise self._error("while scanning a tag", start, "did not find the expected '>'")
            self.forward()
        elif handle := self._take(TAG_HANDLE):
            suffix = self._take_uri(start)
        else:
            self.forward()
            suffix = self._unescaped(self._take(URI), start)
            handle, suffix = ("!", suffix) if suffix else (None, "!")
        if self.peek() not in f"\0 \t{BREAKS}":
            raise self._error("while scanning a tag", start, "did not find expected whitespace or line break")
        return TagToken((handle, suffix), start, self.get_mark())

    def scan_plain(self) -> ScalarToken:
        """A plain scalar may hold tabs, and in a flow collection a colon before anything but a blank."""
        start = end = self.get_mark()
        indent = self.indent + 1
        pattern = PLAIN_IN_FLOW if self.flow_level else PLAIN_IN_BLOCK
        parts: list[str] = []
        gap = ""
        has_break = False
        while not self._is_at_document_indicator() and self.peek() != "#":
            if text := self._take(pattern):
                parts += [gap, text]
                gap = ""
                has_break = False
                end = self.get_mark()
            if self.peek() not in f" \t{BREAKS}":
                break
            gap, has_break = self._take_gap(indent, start)
            if not self.flow_level and self.column < indent:
                break
        if has_break:
            self.allow_simple_key = True
        return ScalarToken("".join(parts), True, start, end)

    def scan_flow_scalar_non_spaces(self, double: bool, start_mark: Mark) -> list[str]:
        """Text within quotes up to a blank or the quote, escapes resolved."""
        parts: list[str] = []
        while True:
            if text := self._take(QUOTED[double]):
                parts.append(text if double else text.replace("''", "'"))
            elif double and self.peek() == "\\":
                if self.peek(1) in BREAKS:
                    self.forward()
                    self._take_line_break()
                    return [*parts, *self.scan_flow_scalar_breaks(double, start_mark)]
                parts.append(self._take_escape(start_mark))
            else:
                return parts

    def scan_block_scalar_indicators(self, start_mark: Mark) -> tuple[bool | None, int | None]:
        """Of `|2-`: whether trailing breaks are kept (None: one of them), and the indentation if it is said."""
        text = self._take(INDICATORS)
        if "0" in text:
            problem = "found an indentation indicator equal to 0"
            raise self._error("while scanning a block scalar", start_mark, problem)
        digits = text.strip("+-")
        return (None if text == digits else "+" in text), (int(digits) if digits else None)

    def scan_block_scalar_ignored_line(self, start_mark: Mark) -> None:
        """The rest of the line with `|` or `>`: blanks and a comment."""
        self._take(BLANKS)
        super().scan_block_scalar_ignored_line(start_mark)

    def scan_block_scalar_indentation(self) -> tuple[list[str], int, Mark]:
        """The line breaks before the first line of a block scalar, and the longest indentation."""
        mark = self.get_mark()
        breaks: list[str] = []
        longest = 0
        end = mark
        while True:
            self._take(SPACES)
            longest = max(longest, self.column)
            self._refuse_tab(mark)
            if not (line_break := self._take_line_break()):
                return breaks, longest, end
            breaks.append(line_break)
            end = self.get_mark()

    def scan_block_scalar_breaks(self, indent: int) -> tuple[list[str], Mark]:
        """The line breaks and the indentation before a further line of a block scalar."""
        breaks: list[str] = []
        mark = end = self.get_mark()
        while True:
            while self.column < indent and self.peek() == " ":
                self.forward()
            if self.column < indent:
                self._refuse_tab(mark)
            if not (line_break := self._take_line_break()):
                return breaks, end
            breaks.append(line_break)
            end = self.get_mark()

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.buffer, self.pointer)
        text = found[0] if found else ""
        self.forward(len(text))
        return text

    def _take_line_break(self) -> str:
        line_break: str = self.scan_line_break()  # type: ignore[no-untyped-call]
        return line_break

    def _keys(self) -> list[tuple[int, SimpleKey]]:
        return list(self.possible_simple_keys.items())

    def _is_key_possible(self, level: int) -> bool:
        """Whether the key that may have begun on a flow level still can be one: on one line, in 1024 characters.

        Raises ScannerError for one that is too far away, if there must be a key.
        """
        key = self.possible_simple_keys.get(level)
        if key is None:
            return False
        if key.line == self.line and self.index - key.index <= LONGEST_KEY:
            return True
        if key.required:
            raise self._error("while scanning a simple key", key.mark, "could not find expected ':'")
        del self.possible_simple_keys[level]
        return False

    def _take_uri(self, start: Mark) -> str:
        uri = self._take(URI)
        if not uri:
            raise self._error("while parsing a tag", start, "did not find expected tag URI")
        return self._unescaped(uri, start)

    def _unescaped(self, uri: str, start: Mark) -> str:
        if re.search("%(?![0-9A-Fa-f]{2})", uri):
            raise self._error("while parsing a tag", start, "did not find URI escaped octet")
        try:
            return unquote(uri, errors="strict")
        except UnicodeDecodeError as error:
            raise self._error("while parsing a tag", start, "found an incorrect leading UTF-8 octet") from error

    def _is_at_document_indicator(self) -> bool:
        return self.column == 0 and DOCUMENT_INDICATOR.match(self.buffer, self.pointer) is not None

    def _take_gap(self, indent: int, start: Mark) -> tuple[str, bool]:
        """The blanks between two parts of a plain scalar, folded; whether there was a line break among them."""
        blanks = self._take(BLANKS)
        if not (first := self._take_line_break()):
            return blanks, False
        more: list[str] = []
        while self.peek() in f" \t{BREAKS}":
            if self.peek() == "\t" and self.column < indent:
                raise self._error(
                    "while scanning a plain scalar", start, "found a tab character that violates indentation"
                )
            if line_break := self._take_line_break():
                more.append(line_break)
            else:
                self.forward()
        if first != "\n":
            return first + "".join(more), True
        return "".join(more) or " ", True

    def _take_escape(self, start: Mark) -> str:
        letter = self.peek(1)
        length = ESCAPE_LENGTHS.get(letter)
        if length is None:
            if letter not in ESCAPES:
                raise self._error("while parsing a quoted scalar", start, "found unknown escape character")
            self.forward(2)
            return ESCAPES[letter]
        self.forward(2)
        digits = self.prefix(length)
        if re.fullmatch(rf"[0-9A-Fa-f]{{{length}}}", digits) is None:
            raise self._error("while parsing a quoted scalar", start, "did not find expected hexdecimal number")
        code = int(digits, 16)
        if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
            raise self._error("while parsing a quoted scalar", start, "found invalid Unicode character escape code")
        self.forward(length)
        return chr(code)

    def _refuse_tab(self, start: Mark) -> None:
        if self.peek() == "\t":
            problem = "found a tab character where an indentation space is expected"
            raise self._error("while scanning a block scalar", start, problem)

    def _error(self, context: str, start: Mark, problem: str) -> yaml.MarkedYAMLError:
        return ScannerError(context, start, problem, self.get_mark())
