"""The small parts of every sentence: commands to type, counts, durations, sizes, text that may hold anything.

Pure; each is said in one way everywhere.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

__all__ = [
    "ACTING",
    "PlacedName",
    "az_command",
    "clock_face",
    "counted",
    "escaped",
    "format_bytes",
    "format_duration",
    "harmless",
    "harmless_in_pipelines",
    "is_plain",
    "listed",
    "place_of",
    "printable",
    "quoted",
]

# Names of a list in a sentence.
_LISTED = 5
_PLAIN = re.compile(r"[\w./:=@+-]+", re.ASCII)
_PLAIN_FOR_ALL = re.compile(r"[A-Za-z0-9_./:@,+=%-]*")
# What double quotes do not take the meaning from, in one shell or another.
_ALIVE_IN_QUOTES = frozenset('"$`\\!%')


class PlacedName(str):
    """A name that is not found by itself everywhere; `place` are the options that say where, for a command to type.

    It goes wherever a text does. What makes another text of it, as `lower` does, loses the place.
    """

    __slots__ = ("place",)
    place: Mapping[str, str]

    def __new__(cls, name: str, place: Mapping[str, str]) -> PlacedName:
        placed = super().__new__(cls, name)
        placed.place = place
        return placed


def place_of(name: str) -> Mapping[str, str]:
    """The place of a name, if it has one."""
    return name.place if isinstance(name, PlacedName) else {}


def is_plain(text: str) -> bool:
    """Whether a text is itself, and one word, to a shell, to YAML and in a template.

    >>> is_plain("registry.example/app:1.2"), is_plain("hello world"), is_plain("")
    (True, False, True)
    """
    return _PLAIN_FOR_ALL.fullmatch(text) is not None


def az_command(words: str, *arguments: str) -> str:
    """`az` with its command's words and its arguments, to paste into a shell, whichever it is.

    Arguments that a shell would not read plainly are quoted: in double quotes, which bash, PowerShell and cmd read
    alike, as nearly all names in Azure allow; else as a POSIX shell needs it. A PlacedName brings its place along.

    >>> az_command("acr update", "--name", "myregistry", "--resource-group", "group (old)")
    'az acr update --name myregistry --resource-group "group (old)"'
    >>> az_command("acr agentpool show", "-r", PlacedName("myregistry", {"-g": "mygroup"}), "-n", "mypool")
    'az acr agentpool show -r myregistry -g mygroup -n mypool'
    >>> az_command("acr agentpool wait", "--custom", "tags.a=='$x'")
    'az acr agentpool wait --custom \\'tags.a==\\'"\\'"\\'$x\\'"\\'"\\'\\''
    """
    return " ".join(["az", words, *map(quoted, _with_places(arguments))])


def _with_places(arguments: tuple[str, ...]) -> Iterator[str]:
    """The arguments, each name that has a place followed by what says so, unless an argument does already."""
    for argument in arguments:
        yield argument
        for option, value in place_of(argument).items():
            if option not in arguments:
                yield from (option, value)


def quoted(argument: str) -> str:
    """An argument as it is typed, in whichever shell."""
    if _PLAIN.fullmatch(argument):
        return argument
    return shlex.quote(argument) if _ALIVE_IN_QUOTES & set(argument) else f'"{argument}"'


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number of things. `plural` is needed only where it is not the noun with an s.

    >>> counted(1, "instance"), counted(1200, "file"), counted(2, "address", "addresses")
    ('1 instance', '1,200 files', '2 addresses')
    """
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def listed(names: Sequence[str]) -> str:
    """A list in a sentence: a few of the names, and how many more there are.

    >>> listed(["cf1", "cf2"]), listed([f"cf{number}" for number in range(1, 2001)])
    ('cf1, cf2', 'cf1, cf2, cf3, cf4, cf5 and 1,995 more')
    """
    shown = ", ".join(names[:_LISTED])
    more = len(names) - _LISTED
    return f"{shown} and {more:,} more" if more > 0 else shown


def format_duration(seconds: float) -> str:
    """The two largest units of whole seconds, minutes and hours.

    >>> format_duration(9.7), format_duration(80.4), format_duration(3900)
    ('9 s', '1 min 20 s', '1 h 5 min')
    """
    minutes, rest = divmod(int(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def clock_face(seconds: float) -> str:
    """Hours, minutes and whole seconds, for a column of a table.

    >>> clock_face(3725)
    '01:02:05'
    """
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}"


def format_bytes(count: float) -> str:
    """Decimal units, as link rates have them.

    >>> format_bytes(999), format_bytes(1500), format_bytes(82_000_000)
    ('999 B', '1.5 kB', '82.0 MB')
    """
    if count < 1000:
        return f"{count:.0f} B"
    for unit in ("kB", "MB"):
        count /= 1000
        if count < 999.95:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:.1f} GB"


@lru_cache(maxsize=4096)
def escaped(char: str) -> str:
    """A character as Python writes it that shows it by its number."""
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # an undecodable byte, as os.fsdecode hands it out
        return f"\\x{code - 0xDC00:02x}"
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")


# As in a regular expression's brackets, the characters that act instead of being shown, or end a line for some readers
# and not for others: control characters (C0, DEL, C1) but tab, line feed and carriage return, line separators, what
# turns the direction of writing (Unicode's Bidi_Control), halves of surrogate pairs.
ACTING = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff"
_ACTING_IN_MESSAGES = re.compile(rf"[\r{ACTING}]")
_BEFORE_NUMBER_SIGN = re.compile("#(?=#)")


def harmless(text: str) -> str:
    r"""`text` of whoever it is, for a terminal: lines, tabs and all writing stay, what would act is shown as escapes.

    >>> print(harmless("Done.\r\n\x1b]0;title\x07"))
    Done.
    \x1b]0;title\x07
    """
    return _ACTING_IN_MESSAGES.sub(lambda found: escaped(found[0]), text.replace("\r\n", "\n"))


def harmless_in_pipelines(text: str) -> str:
    """`text` without two number signs side by side: Azure Pipelines takes `##vso[` for a command anywhere in a line.

    >>> harmless_in_pipelines("a ###vso[task.complete]")
    'a # # #vso[task.complete]'
    """
    return _BEFORE_NUMBER_SIGN.sub("# ", text)


def printable(text: str) -> str:
    """A path or name for a message: nothing in it acts, ends the line or is invisible."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else escaped(char) for char in text)
