"""The option `--secret` of builds."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..commands.command import errors_shown
from ..commands.console.errors import UsageError
from ..commands.opening import narrator_for
from ..commands.runs.buildkit.secrets import read_secrets
from .pairs import read_build_arguments

__all__ = ["validate_build_secrets"]

_MEMBER: Final = re.compile(r"(?:id|src|source|env|type)(?:=|\Z)", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@errors_shown()
def validate_build_secrets(cmd: Any, namespace: Any) -> None:
    """`--secret id=NAME[,src=FILE|,env=VARIABLE]`, repeated: each as a BuildSecret.

    Read here, so that the command knows from its start on what it may not tell. A command line of az's own has
    secret build arguments there, and keeps them.
    """
    if namespace.secret is None:
        return
    # Of `--secret=--`, Python's parser before 3.13 makes an empty list.
    if not all(isinstance(spec, str) for spec in namespace.secret):
        raise UsageError("--secret has no value.")
    specs = [spec for spec in namespace.secret if spec]
    if specs and not namespace.buildkit and namespace.cache is None and _are_build_arguments(specs, os.environ):
        narrator_for(cmd.cli_ctx).say(
            "--secret is taken for --secret-build-arg: write that out, or give what RUN --mount=type=secret is to find"
            " as id=NAME."
        )
        # az validates in the order of the command's parameters, of which `secret_arg` comes before.
        namespace.secret_arg = [*(namespace.secret_arg or ()), *read_build_arguments(cmd, specs, is_secret=True)]
        specs = []
    namespace.secret = list(read_secrets(specs, os.environ))


def _are_build_arguments(specs: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether all are NAME=VALUE, or NAME of a variable; none is what docker would take for a secret, or a slip in it.

    az takes the beginning of an option for the option, and so `--secret` for `--secret-build-arg` while it was that.
    """
    for spec in specs:
        name, equals, _ = spec.partition("=")
        if not _NAME.fullmatch(name) or any(map(_MEMBER.match, spec.split(","))):
            return False
        if not equals and name not in environment:
            return False
    return True
