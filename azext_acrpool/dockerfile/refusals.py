"""What docker refuses of a Dockerfile, with BuildKit and without, as soon as it reads it.

Source: frontend/dockerfile/parser and instructions of BuildKit. That of FROM itself is in the stages' faults.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from ..wording import printable
from .ages import doubtful_lines
from .expansion import ExpansionError, IntricateWordError, expand_word
from .frontends import names_another_frontend
from .heredocs import is_json
from .instructions import KEYWORDS, written_line
from .model import AskedBuild, Dockerfile, Instruction, Objection
from .stages import bodies_of, executed_stages, read_stages
from .words import BLANKS, split_flags, split_keyword, split_words

__all__ = ["refusals_of_docker"]

_MAY_BE_ALONE = ("RUN", "CMD", "ENTRYPOINT", "FROM")
_NO_TRIGGERS = ("FROM", "MAINTAINER", "ONBUILD")
_NEEDS_PERMISSION = (("security", "insecure"), ("network", "host"))
_LONGEST_SHOWN = 30


def refusals_of_docker(dockerfile: Dockerfile, build: AskedBuild) -> tuple[Objection, ...]:
    """The lines that docker refuses, the first one of each kind. Faults of FROM are not among them.

    Nothing is said of a text whose syntax line names another frontend, which may know more, nor without BuildKit of one
    that docker 20.10 reads in another way.
    """
    if names_another_frontend(dockerfile) or (not build.buildkit and doubtful_lines(dockerfile)):
        return ()
    unended = _unended_heredoc(dockerfile) if build.buildkit else None
    if unended is not None:
        # Docker goes no further, and what follows may be meant as the here-document.
        return (unended,)
    kinds = (_wrong_escape, _unknown_instruction, _before_first_stage, _without_arguments, _wrong_trigger)
    found = [next(kind(dockerfile), None) for kind in kinds]
    found += [next(_wrong_arguments(dockerfile, build), None), next(_without_permission(dockerfile, build), None)]
    return tuple(sorted((objection for objection in found if objection), key=lambda objection: objection.line))


def _refused(dockerfile: Dockerfile, line: int, reason: str, remedy: str) -> Objection:
    return Objection(line, written_line(dockerfile, line), reason, remedy)


def _unended_heredoc(dockerfile: Dockerfile) -> Objection | None:
    for instruction in dockerfile.instructions:
        for heredoc in instruction.heredocs:
            if not heredoc.is_ended:
                name = printable(heredoc.name[:_LONGEST_SHOWN])
                reason = f"its here-document is not ended: no line is {name} and nothing else"
                remedy = "End it. If none is meant, put '<<' in quotes."
                return _refused(dockerfile, instruction.line, reason, remedy)
    return None


def _wrong_escape(dockerfile: Dockerfile) -> Iterator[Objection]:
    character, line = dockerfile.directives.get("escape", ("\\", 0))
    if character not in ("\\", "`"):
        yield _refused(dockerfile, line, "the escape character can be \\ or ` only", "Write one of them.")


def _unknown_instruction(dockerfile: Dockerfile) -> Iterator[Objection]:
    for instruction in dockerfile.instructions:
        if instruction.keyword not in KEYWORDS:
            keyword = instruction.keyword[:_LONGEST_SHOWN]
            reason = f"docker knows no instruction {printable(keyword)}" if keyword else "there is no instruction in it"
            similar = get_close_matches(keyword, sorted(KEYWORDS), 1)
            remedy = f"Is {similar[0]} meant? " if similar else ""
            remedy += f"A line that continues the one before needs a {dockerfile.escape} at the end of that."
            yield _refused(dockerfile, instruction.line, reason, remedy)


def _before_first_stage(dockerfile: Dockerfile) -> Iterator[Objection]:
    for instruction in dockerfile.instructions:
        if instruction.keyword == "FROM":
            return
        if instruction.keyword in KEYWORDS and instruction.keyword != "ARG":
            reason = f"{instruction.keyword} stands before the first FROM, where only ARG may"
            yield _refused(dockerfile, instruction.line, reason, "Put it after a FROM.")


def _without_arguments(dockerfile: Dockerfile) -> Iterator[Objection]:
    for instruction in dockerfile.instructions:
        if instruction.keyword in KEYWORDS and not instruction.rest and instruction.keyword not in _MAY_BE_ALONE:
            reason = f"after {instruction.keyword} there is nothing"
            yield _refused(dockerfile, instruction.line, reason, "Write what it is for, or leave the line out.")
        elif _has_one_word(instruction):
            reason = f"{instruction.keyword} needs a source and a destination"
            yield _refused(dockerfile, instruction.line, reason, "Write both.")


def _has_one_word(instruction: Instruction) -> bool:
    if instruction.keyword not in ("ADD", "COPY"):
        return False
    rest = split_flags(instruction.rest)[1]
    return not is_json(rest) and len(BLANKS.split(rest, maxsplit=1)) < 2


def _wrong_trigger(dockerfile: Dockerfile) -> Iterator[Objection]:
    for instruction in dockerfile.instructions:
        trigger = split_keyword(instruction.rest)[0] if instruction.keyword == "ONBUILD" else ""
        if trigger in _NO_TRIGGERS:
            yield _refused(dockerfile, instruction.line, f"ONBUILD takes no {trigger}", "Leave the line out.")


def _wrong_arguments(dockerfile: Dockerfile, build: AskedBuild) -> Iterator[Objection]:
    """ARG lines before the first FROM, whose values docker works out at once."""
    for instruction in dockerfile.instructions:
        if instruction.keyword == "FROM":
            return
        for word in split_words(instruction.rest, dockerfile.escape) if instruction.keyword == "ARG" else ():
            name, _, default = word.partition("=")
            reason = "" if name in build.arguments else _unreadable(default, dockerfile.escape)
            if not name or reason:
                remedy = "Write ARG NAME=VALUE, without blanks around '='."
                yield _refused(dockerfile, instruction.line, reason or "ARG has no name before '='", remedy)


def _without_permission(dockerfile: Dockerfile, build: AskedBuild) -> Iterator[Objection]:
    """RUN that BuildKit carries out only for a build with `--allow`, which an agent's build has not.

    Source: https://docs.docker.com/reference/dockerfile/#run---security
    """
    if not build.buildkit:
        return
    executed = executed_stages(dockerfile, read_stages(dockerfile, build), build)
    for number, body in enumerate(bodies_of(dockerfile)):
        for instruction in body if number in executed else ():
            flags = split_flags(instruction.rest)[0] if instruction.keyword == "RUN" else ()
            for name, value in flags:
                if (name, value) in _NEEDS_PERMISSION:
                    reason = f"a build on an agent has no permission for --{name}={value}"
                    yield _refused(dockerfile, instruction.line, reason, "Do without it.")


def _unreadable(default: str, escape: str) -> str:
    """Why docker cannot read a value, whatever the variables in it are."""
    try:
        expand_word(default, {}, escape)
    except IntricateWordError:
        return ""
    except ExpansionError as error:
        return f"docker cannot take '{printable(default[:_LONGEST_SHOWN])}' apart: {error}"
    return ""
