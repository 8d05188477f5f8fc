"""What the steps of a task file call the images that they build and push, as far as that can be told here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from ...references import filled_in, name_objection
from ...wording import printable
from ..console.errors import UsageError
from .step_dockerfiles import plain_yaml

__all__ = ["require_image_names"]

# What a shell on the agent makes something else of; aliases ($ID) are the service's, and known to `name_objection`.
_FOR_A_SHELL: Final = re.compile(r"\$[^A-Za-z0-9]|[`%\\]")
# A task file may choose another sign for its aliases.
_OTHER_ALIASES: Final = re.compile(r"^\s*directive\s*:", re.MULTILINE)
_TAG: Final = ("-t", "--tag")


def require_image_names(definition: str) -> None:
    """Raise UsageError if a task's definition names an image that it can neither build nor push.

    Only what the agent refuses whatever is filled in: what is no task, or none before the service has rendered it, is
    left to the service.
    """
    if _OTHER_ALIASES.search(definition):
        return
    for name in _image_names(plain_yaml(filled_in(definition))):
        objection = None if _FOR_A_SHELL.search(name) else name_objection(name)
        if objection:
            raise UsageError(
                f"The task's steps name an image '{printable(name)}', which cannot be one: {objection}.",
                "Name images as REPOSITORY:TAG, for example: $Registry/samples/hello:v1",
            )


def _image_names(task: Any) -> Iterator[str]:
    steps = task.get("steps") if isinstance(task, Mapping) else None
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, Mapping):
            yield from _tags(step.get("build"))
            pushed = step.get("push")
            yield from (name for name in pushed if isinstance(name, str)) if isinstance(pushed, list) else ()


def _tags(build: Any) -> Iterator[str]:
    """The values of `-t` in a line of arguments for `docker build`, each a word of its own or behind a `=`."""
    try:
        words = shlex.split(build) if isinstance(build, str) else []
    except ValueError:
        return
    for word, following in pairwise([*words, ""]):
        option, equals, value = word.partition("=")
        if option in _TAG:
            yield value if equals else following
