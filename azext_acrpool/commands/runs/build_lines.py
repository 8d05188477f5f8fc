"""Lines of arguments for `docker build`, as a task's build step has them: what docker reads there, and the scanner."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from posixpath import normpath
from typing import Final

from ...dockerfile.model import AskedBuild

__all__ = ["SOME_VALUE", "UNKNOWN", "BuildLine", "read_build_line"]

# Stands for what only the service can fill in. In no path that anybody types.
UNKNOWN: Final = "\uf8ff"
# What stands for such a value where a Dockerfile is read: a template of the service's is known to be one there.
SOME_VALUE: Final = "{{.Run.ID}}"
# One letter each, which may stand together behind one "-".
_SHORT_WITHOUT_VALUE: Final = "Dq"
_WITHOUT_VALUE: Final = frozenset(
    (
        *("--check", "--compress", "--disable-content-trust", "--force-rm", "--load", "--no-cache", "--pull", "--push"),
        *("--quiet", "--rm", "--squash", *(f"-{letter}" for letter in _SHORT_WITHOUT_VALUE)),
    )
)
_FILE: Final = ("--file", "-f")
_LONG: Final = {"-f": "--file"}
# With these, a Dockerfile does not say all of what its build has.
_FROM_ELSEWHERE: Final = ("--allow", "--build-context", "--ssh")
_REMOTE: Final = re.compile(r"https?://|git://|git@|github\.com/|oci://", re.IGNORECASE)
# A build argument as one names it; a line that is continued behind the option gives a "\\" there.
_NAME: Final = re.compile(r"\w+|'\w+'|\"\w+\"", re.ASCII)
# What the scanner takes off the ends of words.
_QUOTES: Final = "'\""
# To a shell, nothing.
_CONTINUED: Final = "\\\n"
# More than words, to a shell.
_FOR_A_SHELL: Final = re.compile(r"[;&|<>`]|\$[({]")


@dataclass(frozen=True)
class BuildLine:
    """What a line says. `dockerfile` is "" for the default one, `arguments` are None for a value from the environment.

    `told` are the build arguments that the agent's scanner finds, as it finds them; `is_target_told`: it finds the
    target; `is_dockerfile_told`: it reads the Dockerfile that docker builds. `is_plain`: nothing else has a say in what
    is built, such as another program in the same line.
    """

    dockerfile: str = ""
    context: str = "."
    target: str = ""
    platform: str = ""
    arguments: Mapping[str, str | None] = field(default_factory=dict)
    secrets: frozenset[str] | None = frozenset()
    told: Mapping[str, str | None] = field(default_factory=dict)
    is_target_told: bool = False
    is_dockerfile_told: bool = True
    is_plain: bool = True

    @property
    def is_remote(self) -> bool:
        """Whether the agent fetches what is built, the Dockerfile too."""
        return _REMOTE.match(self.context) is not None

    @property
    def is_known(self) -> bool:
        """Whether what is built, and who for, is known before the service fills anything in."""
        return self.is_plain and not any(map(_is_unknown, (self.target, self.platform)))

    @property
    def refused_arguments(self) -> tuple[str, ...]:
        """Names of build arguments that fail the run, as the scanner finds no value (acb, scan/dependencies.go)."""
        return tuple(name for name, value in self.told.items() if value is None and _NAME.fullmatch(name))

    def asked(self, platform: str, *, buildkit: bool) -> AskedBuild:
        """What the line asks of a Dockerfile; `platform` is that of the run."""
        names = self.arguments.keys()
        untold = frozenset(name for name in names if name not in self.told)
        return AskedBuild(
            arguments={name: self._value(name, buildkit=buildkit) for name in names},
            unseen_arguments=untold if buildkit else frozenset(),
            target=self.target,
            platform=self.platform or platform,
            buildkit=buildkit,
            secrets=self.secrets,
        )

    def _value(self, name: str, *, buildkit: bool) -> str:
        """What docker and the scanner know alike; of what they do not, nothing is to be said."""
        value = self.arguments[name]
        is_agreed = self.told[name] == value if name in self.told else buildkit
        return value if value is not None and is_agreed and not _is_unknown(value) else SOME_VALUE


def read_build_line(line: str) -> BuildLine:
    """What a line of arguments for `docker build` says."""
    contexts: list[str] = []
    given: dict[str, list[str]] = {}
    words = iter(_words(line))
    for word in words:
        option, equals, value = _option(word)
        if word == "--":
            contexts += words
        elif not option:
            contexts.append(word)
        elif option not in _WITHOUT_VALUE:
            given.setdefault(_LONG.get(option, option), []).append(value if equals else next(words, ""))
    raw = list(pairwise([*line.split(), ""]))
    dockerfile, context = given.get("--file", [""])[-1], contexts[-1] if contexts else "."
    target, told_targets = given.get("--target", [""])[-1], [word for option, word in raw if option == "--target"]
    return BuildLine(
        dockerfile=dockerfile,
        context=context,
        target=target,
        platform=given.get("--platform", [""])[-1],
        arguments=dict(map(_argument, given.get("--build-arg", ()))),
        secrets=_secrets(given.get("--secret", ())),
        told=dict(_argument(following) for word, following in raw if word == "--build-arg"),
        is_target_told=[word.strip(_QUOTES) for word in told_targets][-1:] == [target],
        is_dockerfile_told=_is_told(dockerfile, context, line.split()),
        is_plain=len(contexts) == 1 and not _FOR_A_SHELL.search(line) and not given.keys() & set(_FROM_ELSEWHERE),
    )


def _is_told(dockerfile: str, context: str, raw: list[str]) -> bool:
    """Whether the scanner finds both in the words of a line, or that which counts (acb, builder/parse.go).

    It takes the last word for the context that neither begins with a `-` nor follows one that does.
    """
    told_dockerfile, told_context = "", "."
    for previous, word in pairwise(["", *raw]):
        if previous in _FILE:
            told_dockerfile = word.strip(_QUOTES)
        elif not previous.startswith("-") and not word.startswith("-"):
            told_context = word.strip(_QUOTES)
    is_named_here = bool(dockerfile) and not _REMOTE.match(context)
    return told_dockerfile == dockerfile and (is_named_here or normpath(told_context) == normpath(context))


def _is_unknown(text: str) -> bool:
    return UNKNOWN in text or "$" in text


def _argument(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    return name, value if equals else None


def _secrets(specs: Iterable[str]) -> frozenset[str] | None:
    """The IDs of `--secret`; None if they are not all known."""
    found = []
    for spec in specs:
        fields = dict(map(_argument, spec.split(",")))
        secret = fields.get("id")
        if not secret or _is_unknown(spec):
            return None
        found.append(secret)
    return frozenset(found)


def _option(word: str) -> tuple[str, bool, str]:
    """The option that a word is, as docker reads it: its name ("" if it is none), whether it has a value, and that.

    Of short ones in one word, only the last can have a value, which may follow without a `=`.
    """
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return name, bool(equals), value
    if not word.startswith("-") or word == "-":
        return "", False, ""
    letters = word[1:].lstrip(_SHORT_WITHOUT_VALUE)
    if not letters or letters.startswith("="):
        return f"-{_SHORT_WITHOUT_VALUE[0]}", False, ""
    return f"-{letters[0]}", len(letters) > 1, letters[1:].removeprefix("=")


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line.replace(_CONTINUED, ""))
    except ValueError:
        return line.split()
