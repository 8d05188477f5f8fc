"""The command line of `acb build`, which the emulator has no use for: taken apart as urfave/cli 1.22 does."""

from __future__ import annotations

from collections.abc import Sequence

from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.quick_build import QuickBuild

__all__ = ["parse_build_arguments"]

SWITCHES = {"pull": "pulls", "no-cache": "ignores_cache", "push": "pushes"}
TEXTS = {
    "file": "dockerfile",
    "f": "dockerfile",
    "working-directory": "working_directory",
    "target": "target",
    "isolation": "isolation",
    "platform": "platform",
}
LISTS = {
    "tag": "tags",
    "t": "tags",
    "build-arg": "build_arguments",
    "secret-build-arg": "secret_build_arguments",
    "label": "labels",
}

WORDS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
NAMES = frozenset({*SWITCHES, *TEXTS, *LISTS})


def parse_build_arguments(words: Sequence[str], registry: str, credentials: Sequence[str]) -> QuickBuild:
    """What acb is told. Raises AcbError for an option that it does not know, or that lacks its value."""
    values: dict[str, object] = {}
    lists: dict[str, tuple[str, ...]] = {}
    rest = _reordered(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        name, equals, value = word.lstrip("-").partition("=")
        if name in SWITCHES:
            values[SWITCHES[name]] = _truth(name, value) if equals else True
            continue
        if name not in TEXTS and name not in LISTS:
            raise AcbError(f"flag provided but not defined: -{name}")
        if not equals:
            if not rest:
                raise AcbError(f"flag needs an argument: -{name}")
            value = rest.pop(0)
        if name in LISTS:
            lists[LISTS[name]] = (*lists.get(LISTS[name], ()), value)
        else:
            values[TEXTS[name]] = value
    context = rest[0] if rest else ""
    return QuickBuild(context, registry=registry, credentials=tuple(credentials), **values, **lists)  # type: ignore[arg-type]


def _truth(name: str, text: str) -> bool:
    """What Go takes for a boolean."""
    if text not in WORDS:
        raise AcbError(f'invalid boolean value "{text}" for -{name}: parse error')
    return WORDS[text]


def _reordered(words: Sequence[str]) -> list[str]:
    """Options before all else, each with the next word unless that begins with `-`, whether it takes one or not."""
    options: list[str] = []
    others: list[str] = []
    may_be_value = False
    for index, word in enumerate(words):
        if word == "--":
            others += words[index:]
            break
        if may_be_value and not word.startswith("-"):
            may_be_value = False
            options.append(word)
        elif word.startswith("-") and word.removeprefix("-").removeprefix("-").partition("=")[0] in NAMES:
            options.append(word)
            may_be_value = "=" not in word
        else:
            others.append(word)
    return options + others
