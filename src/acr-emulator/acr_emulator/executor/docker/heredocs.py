"""Here-documents of a Dockerfile, exactly as BuildKit's parser finds them; the classic builder knows none.

Only RUN, COPY and ADD have some, and those in their JSON form have none. The whole instruction, its continued lines
joined, is split into words as BuildKit's shell lexer does; a word that begins with `<<` names a here-document
(moby/buildkit, frontend/dockerfile/parser). So `<<<x`, `"<<x"`, `cat<<x`, `<<- x` and `$((1<<2))` are none, and
`$(cat <<EOF)` waits for a line `EOF)`. After `<<` there may be blanks since 0.22 (moby/buildkit#5817); as an agent may
have an older one, such a here-document that no line ends is taken for none: `$((1 << 2))`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .words import SubstitutionError, json_words, split_words, unquote

__all__ = ["Heredoc", "UnterminatedHeredocError", "files_of", "heredoc_of", "read_heredocs"]

TAKES_HEREDOCS = re.compile(
    r"\s*(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s+(?:--\S*\s+)*(?P<arguments>.*)", re.IGNORECASE | re.DOTALL
)
WORD = re.compile(r"\d*<<(?P<dash>-?)(?P<blanks>\s*)(?P<name>[^<]*)")
LONE_SIGN = re.compile(r"\d*<<")
QUOTES = re.compile("['\"]")
LEADING_TABS = re.compile(r"^\t+", re.MULTILINE)


class UnterminatedHeredocError(Exception):
    """A here-document that no line ends."""


@dataclass(frozen=True)
class Heredoc:
    """A here-document. `body` is as written, each line with its end.

    With `is_expanded` COPY and ADD replace variables in it; with `strips_tabs` the tabs that lines begin with go.
    With `has_blanks` its name follows some.
    """

    name: str
    is_expanded: bool
    strips_tabs: bool
    body: str = ""
    has_blanks: bool = False

    @property
    def text(self) -> str:
        """What it comes to, but for variables."""
        return LEADING_TABS.sub("", self.body) if self.strips_tabs else self.body

    def is_ended_by(self, line: str) -> bool:
        """Whether a line, without its end, is the last one."""
        return (line.lstrip("\t") if self.strips_tabs else line) == self.name


def heredoc_of(word: str) -> Heredoc | None:
    """The here-document that a word names, still without its body; None if the word names none."""
    match = WORD.fullmatch(word)
    name = None if match is None or len(split_words(match["name"])) != 1 else _unquoted(match["name"])
    if match is None or name is None:
        return None
    is_expanded = QUOTES.search(match["name"]) is None
    return Heredoc(name, is_expanded, bool(match["dash"]), has_blanks=bool(match["blanks"]))


def read_heredocs(
    instruction: str, lines: Sequence[str], position: int, last_places: Mapping[str, int]
) -> tuple[tuple[Heredoc, ...], int]:
    """The here-documents of an instruction whose last line is before `position`, and the position after them.

    `last_places` tells where each of `lines` stands last. Raises UnterminatedHeredocError.
    """
    found: list[Heredoc] = []
    for heredoc in _started(instruction):
        if heredoc.has_blanks and last_places.get(heredoc.name, -1) < position:
            continue
        body: list[str] = []
        while True:
            if position >= len(lines):
                raise UnterminatedHeredocError
            line = lines[position]
            position += 1
            if heredoc.is_ended_by(line.rstrip("\r")):
                break
            body.append(f"{line}\n")
        found.append(replace(heredoc, body="".join(body)))
    return tuple(found), position


def files_of(
    words: Iterable[str], heredocs: Iterable[Heredoc], expand_word: Callable[[str], str], escape: str
) -> Iterator[tuple[str, str]]:
    """Names and texts of the files that COPY or ADD makes of here-documents among its sources.

    `expand_word` replaces variables, and takes quotes and escapes away; `escape` is what escapes.
    """
    documents = {document.name: document for document in heredocs}
    for word in words:
        named = heredoc_of(word)
        document = None if named is None else documents.get(named.name)
        if document is not None:
            text = document.text
            # Quotes mean nothing in a here-document.
            yield (
                document.name,
                expand_word(QUOTES.sub(lambda quote: f"{escape}{quote[0]}", text)) if document.is_expanded else text,
            )


def _started(instruction: str) -> list[Heredoc]:
    match = TAKES_HEREDOCS.fullmatch(instruction)
    if match is None or "<<" not in instruction:
        return []
    if json_words(match["arguments"]) is not None:
        return []
    # A line that the lexer cannot read, such as one with a lone quote or `${`, has none.
    if _unquoted(instruction) is None:
        return []
    words = iter(split_words(instruction))
    joined = (f"{word} {next(words, '')}" if LONE_SIGN.fullmatch(word) else word for word in words)
    return [heredoc for word in joined if (heredoc := heredoc_of(word)) is not None]


def _unquoted(text: str) -> str | None:
    """A text without its quotes and escapes, variables as they are; None if these or quotes have no end."""
    try:
        return unquote(text)
    except SubstitutionError:
        return None
