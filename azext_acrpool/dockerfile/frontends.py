"""Who is to read a Dockerfile: its syntax line. Source: DetectSyntax in frontend/dockerfile/parser of BuildKit."""

from __future__ import annotations

import re

from .model import Dockerfile

__all__ = ["names_another_frontend", "syntax_line"]

_DOCKERS = re.compile(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?:[:@].*)?")
_ELSEWHERE = re.compile(r"//\s*syntax\s*=\s*(\S+)", re.IGNORECASE)


def syntax_line(dockerfile: Dockerfile) -> tuple[str, int]:
    """The frontend's image and the line that names it; "" and 0 for docker's own without a line.

    Other languages have `// syntax=` in their first line. (BuildKit takes a member of JSON, too; that is no Dockerfile
    for whoever reads one.)
    """
    if "syntax" in dockerfile.directives:
        text, line = dockerfile.directives["syntax"]
        return text.split(maxsplit=1)[0], line
    match = _ELSEWHERE.match(dockerfile.lines[0]) if dockerfile.lines else None
    return (match[1], 1) if match else ("", 0)


def names_another_frontend(dockerfile: Dockerfile) -> bool:
    """Is the text for another frontend than docker's, which may be in another language?"""
    name, _ = syntax_line(dockerfile)
    return bool(name) and _DOCKERS.fullmatch(name) is None
