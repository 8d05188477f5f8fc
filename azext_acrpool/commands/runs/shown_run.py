"""A run as az shows it, from ARM's own JSON: what az makes of the SDK's model, at a hundredth of the time.

az reads each member through the model. Here the model says once what becomes of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from types import NoneType
from typing import Any, Final, get_args, get_origin

from ...client.replies import members_of
from ...client.runs import as_run_model

__all__ = ["shown_run"]

_Show = Callable[[Any], Any]
# As the service writes them, in UTC.
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(?:Z|\+00:00)")
_NO_FRACTION: Final = "000000"


class _UnusualError(Exception):
    """What only the SDK itself can make something of."""


def shown_run(run: Mapping[str, Any]) -> dict[str, Any]:
    """What az prints of a run; its members have the types of the SDK's model already (`client.replies`)."""
    from azure.mgmt.containerregistrytasks.models import Run

    try:
        members = _shown_members(Run, run)
    except _UnusualError:
        return _shown_by_az(run)
    # az leaves this level out.
    properties = members.pop("properties")
    return {**(properties or _nothing_of("properties")), **members}


def _shown_by_az(run: Mapping[str, Any]) -> dict[str, Any]:
    from azure.cli.core.util import todict

    shown: dict[str, Any] = todict(as_run_model(run))
    return shown


@cache
def _nothing_of(member: str) -> dict[str, None]:
    from azure.mgmt.containerregistrytasks.models import Run

    return dict.fromkeys(members_of(_bare(members_of(Run)[member])))


def _shown_members(kind: Any, body: Mapping[str, Any]) -> dict[str, Any]:
    """Every member that the model has, None where there is none; members that it does not have are left out, by az."""
    return {name: None if (value := body.get(name)) is None else show(value) for name, show in _plan(kind)}


@cache
def _plan(kind: Any) -> tuple[tuple[str, _Show], ...]:
    return tuple((name, _shower(_bare(hint))) for name, hint in members_of(kind).items())


def _shower(kind: Any) -> _Show:
    if kind is datetime:
        return _time
    if get_origin(kind) is list:
        show = _shower(_bare(get_args(kind)[0]))
        return lambda items: [None if item is None else show(item) for item in items]
    if isinstance(kind, type) and issubclass(kind, Mapping):
        return lambda body: _shown_members(kind, body)
    return lambda value: value


def _bare(hint: Any) -> Any:
    """The type of a member that may be missing; of a text that may be a member of an enumeration, the text."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    return kinds[0] if kinds and get_origin(hint) is not list else hint


def _time(text: str) -> str:
    """As Python writes a moment, which has six decimals or none."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise _UnusualError
    fraction = (match[2] or "").ljust(6, "0")
    return match[1] + (f".{fraction}" if fraction != _NO_FRACTION else "") + "+00:00"
