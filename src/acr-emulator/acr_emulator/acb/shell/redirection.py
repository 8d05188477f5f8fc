"""Redirections of a command."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence

from .state import ShellState
from .streams import Budget, Input, Stream
from .tree import HereDocument, Redirect, Word

__all__ = ["RedirectionError", "redirected"]

OWN_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


class RedirectionError(Exception):
    """A redirection that cannot be; the text is the shell's, printed to `streams`, which those before it have made."""

    def __init__(self, text: str, streams: dict[int, Stream]) -> None:
        super().__init__(text)
        self.streams = streams


def redirected(
    streams: Mapping[int, Stream],
    redirects: Sequence[Redirect],
    text_of: Callable[[Word], str],
    state: ShellState,
    budget: Budget,
) -> dict[int, Stream]:
    """The streams of a command after its redirections. Raises RedirectionError."""
    result = dict(streams)
    for redirect in redirects:
        if isinstance(redirect.target, HereDocument):
            result[redirect.descriptor] = Input(text_of(redirect.target.body))
            continue
        target = text_of(redirect.target)
        try:
            if redirect.operator in ("<&", ">&"):
                _duplicate(result, redirect.descriptor, target)
            elif target in OWN_STREAMS and OWN_STREAMS[target] in result:
                result[redirect.descriptor] = result[OWN_STREAMS[target]]
            else:
                result[redirect.descriptor] = _opened(redirect.operator, target, state, budget)
        except _RefusalError as error:
            raise RedirectionError(str(error), result) from error
    return result


class _RefusalError(Exception):
    pass


def _duplicate(streams: dict[int, Stream], descriptor: int, target: str) -> None:
    if target == "-":
        streams.pop(descriptor, None)
    elif not (len(target) == 1 and target in "0123456789"):
        raise _RefusalError("Syntax error: Bad fd number")
    elif int(target) not in streams:
        raise _RefusalError(f"{target}: Bad file descriptor")
    else:
        streams[descriptor] = streams[int(target)]


def _opened(operator: str, target: str, state: ShellState, budget: Budget) -> Stream:
    path = posixpath.normpath(posixpath.join(state.directory, target))
    if operator == "<":
        source = state.files.open_input(path) if target else None
        if source is None:
            raise _RefusalError(f"cannot open {target}: No such file")
        return source
    if target and state.files.is_known_directory(path):
        raise _RefusalError(f"cannot create {target}: Is a directory")
    output = state.files.open_output(path, operator == ">>", budget) if target else None
    if output is None:
        raise _RefusalError(f"cannot create {target}: Directory nonexistent")
    return output
