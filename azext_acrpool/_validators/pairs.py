"""Options whose values are NAME=VALUE: build arguments, values for a task's definition, tags."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any, Final

from ..commands.command import errors_shown
from ..commands.console.errors import UsageError
from ..commands.console.values import require_line, require_text
from ..commands.opening import narrator_for
from ..wording import printable

__all__ = [
    "read_build_arguments",
    "validate_build_arguments",
    "validate_secret_build_arguments",
    "validate_secret_task_values",
    "validate_tags",
    "validate_task_values",
]

# ARM's limits (documentation of "Use tags to organize your Azure resources").
_MOST_TAGS: Final = 50
_LONGEST_TAG_NAME: Final = 512
_LONGEST_TAG_VALUE: Final = 256
_FORBIDDEN_IN_TAG_NAMES: Final = "<>%&\\?/"


@errors_shown()
def validate_build_arguments(cmd: Any, namespace: Any) -> None:
    """`--build-arg NAME=VALUE`, or NAME for the value of that environment variable."""
    if namespace.arg is not None:
        namespace.arg = read_build_arguments(cmd, namespace.arg, is_secret=False)


@errors_shown()
def validate_secret_build_arguments(cmd: Any, namespace: Any) -> None:
    """`--secret-build-arg NAME=VALUE`, or NAME for the value of that environment variable."""
    if namespace.secret_arg is not None:
        namespace.secret_arg = read_build_arguments(cmd, namespace.secret_arg, is_secret=True)


def read_build_arguments(cmd: Any, texts: Iterable[str], *, is_secret: bool) -> list[dict[str, Any]]:
    """Each NAME=VALUE or NAME as a run request's `Argument`: name, value, isSecret. Raises UsageError."""
    return [_read_build_argument(cmd, text, is_secret=is_secret) for text in texts if text]


def _read_build_argument(cmd: Any, text: str, *, is_secret: bool) -> dict[str, Any]:
    name, equals, value = text.partition("=")
    _require_name("A build argument", name)
    if not equals:
        found = os.environ.get(name)
        if found is None:
            narrator_for(cmd.cli_ctx).warn(
                f"Build argument {name} is empty: there is no environment variable of that name."
            )
        value = found or ""
    require_text(f"The value of build argument {name}", value)
    return {"type": "Argument", "name": name, "value": value, "isSecret": is_secret}


@errors_shown()
def validate_task_values(namespace: Any) -> None:
    """`--set NAME[=VALUE]`."""
    namespace.set_value = _read_task_values("--set", namespace.set_value, is_secret=False)


@errors_shown()
def validate_secret_task_values(namespace: Any) -> None:
    """`--set-secret NAME[=VALUE]`."""
    namespace.set_secret = _read_task_values("--set-secret", namespace.set_secret, is_secret=True)


def _read_task_values(option: str, texts: list[str] | None, *, is_secret: bool) -> list[dict[str, Any]] | None:
    """Each as a run request's `SetValue`: name, value, isSecret."""
    if texts is None:
        return None
    return [_read_task_value(option, text, is_secret=is_secret) for text in texts if text]


def _read_task_value(option: str, text: str, *, is_secret: bool) -> dict[str, Any]:
    name, _, value = text.partition("=")
    _require_name(option, name)
    require_text(f"The value of {option} {name}", value)
    return {"type": "SetValue", "name": name, "value": value, "isSecret": is_secret}


def _require_name(what: str, name: str) -> None:
    """The name of a variable. Which ones a Dockerfile or a template can use is theirs to say; blanks, neither can."""
    require_line(what, name)
    if not name or re.search(r"\s", name):
        raise UsageError(f"{what} must have a name without blanks before its '=', as NAME=VALUE.")


@errors_shown()
def validate_tags(namespace: Any) -> None:
    """`--tags NAME[=VALUE] ..`, within ARM's limits; `''` alone for no tags."""
    from azure.cli.core.commands.validators import validate_tags as read_tags

    read_tags(namespace)
    tags = namespace.tags or {}
    if len(tags) > _MOST_TAGS:
        raise UsageError(f"{len(tags)} --tags are too many: a resource has at most {_MOST_TAGS}.")
    for name, value in tags.items():
        _require_tag(name, value)


def _require_tag(name: str, value: str) -> None:
    require_text("A name in --tags", name)
    require_text("A value in --tags", value)
    shown = printable(name)
    if not name:
        raise UsageError("A tag in --tags has no name.", "Give tags as NAME=VALUE, divided by blanks.")
    if len(name) > _LONGEST_TAG_NAME or len(value) > _LONGEST_TAG_VALUE:
        raise UsageError(
            f"Tag '{shown[:40]}' is too long: names have at most {_LONGEST_TAG_NAME} characters, values "
            f"{_LONGEST_TAG_VALUE}."
        )
    if set(name) & set(_FORBIDDEN_IN_TAG_NAMES) or not name.isprintable():
        raise UsageError(
            f"'{shown}' cannot be the name of a tag: it must hold none of {' '.join(_FORBIDDEN_IN_TAG_NAMES)} and no "
            "control characters."
        )
