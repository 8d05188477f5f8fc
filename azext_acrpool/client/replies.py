"""Reading replies: the one place where JSON is checked against what the service's protocol says it is.

The protocol is written down as types: the SDK's models, and `TypedDict`s for what the SDK has no model of. A reply
whose members are of other types than these, or that lacks one which a TypedDict requires, raises InvalidReplyError,
which names the member; members that nobody has declared are left alone, and null stands for one that is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints, is_typeddict

from .errors import InvalidReplyError

__all__ = ["in_utc", "parse_json", "read_json", "read_model", "text_of"]

T = TypeVar("T")
ModelT = TypeVar("ModelT", bound=Mapping[str, Any])

# No reply of ARM's is nested deeper than some ten levels; what reads one may call itself for each.
_DEEPEST = 100
_NAMES: dict[Any, str] = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}


def parse_json(text: str, what: str) -> Any:
    """The JSON in the body of a reply to a request for `what`, None if it is empty. Raises InvalidReplyError."""
    if not text.strip():
        return None
    try:
        body = json.loads(text)
    except RecursionError:
        raise _too_deep(what) from None
    except ValueError as error:
        raise InvalidReplyError(f"The reply to a request for {what} is not JSON.") from error
    level, depth = [body], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise _too_deep(what)
        level = [child for item in level for child in _children(item)]
    return body


def _children(item: Any) -> Any:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()


def _too_deep(what: str) -> InvalidReplyError:
    return InvalidReplyError(f"The reply to a request for {what} is nested deeper than any of the service's.")


def read_json(kind: type[T], body: Any, what: str) -> T:
    """`body` once it is sure that it is a `kind`: a TypedDict, a list of them, or a plain type.

    Raises InvalidReplyError; `what` says in its message what was asked for ("an agent pool").
    """
    try:
        _check(body, kind, "")
    except _WrongTypeError as wrong:
        raise InvalidReplyError(
            f"The reply to a request for {what} is not as the service's protocol says: {wrong}."
        ) from None
    value: T = body
    return value


def read_model(kind: type[ModelT], body: Any, what: str) -> ModelT:
    """One of the SDK's models of `body`, once it is sure that each member is what the model says.

    The models themselves check nothing: they fail later, wherever a member is used. Raises InvalidReplyError.
    """
    make: Callable[[Any], ModelT] = kind
    return make(read_json(kind, body, what))


class _WrongTypeError(Exception):
    def __init__(self, path: str, value: Any, wanted: str) -> None:
        super().__init__(f"{f'its member {path!r}' if path else 'it'} is {_describe(value)}, not {wanted}")


def _describe(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list) else _NAMES.get(type(value), "something else")


def text_of(value: str | Enum | None) -> str:
    """What the service wrote where the SDK has made a member of an enumeration of it; "" for nothing.

    >>> text_of("Premium"), text_of(None)
    ('Premium', '')
    """
    return str(value.value if isinstance(value, Enum) else value or "")


def in_utc(moment: datetime | None) -> datetime | None:
    """A moment of the service's as one that can be compared with others: without a time zone it is in UTC."""
    return moment.replace(tzinfo=timezone.utc) if moment and moment.tzinfo is None else moment


def _check(value: Any, kind: Any, path: str) -> None:
    """Raise _WrongTypeError unless `value` is a `kind`; `path` is where it stands."""
    origin = get_origin(kind)
    if kind is Any or kind is object:
        return
    if origin in (Union, UnionType):
        _check_union(value, kind, path)
    elif origin is list:
        _require(value, list, path, "a list")
        for index, item in enumerate(value):
            _check(item, get_args(kind)[0], f"{path}[{index}]")
    elif origin is dict or kind is dict:
        _require(value, Mapping, path, "an object")
        for name, item in value.items() if origin else ():
            _check(item, get_args(kind)[1], _below(path, name))
    elif _is_record(kind):
        _check_members(value, kind, path)
    else:
        _check_plain(value, kind, path)


def _check_union(value: Any, kind: Any, path: str) -> None:
    """None fits an optional member; of several kinds, one must fit, and the first is what a message asks for."""
    if value is None and NoneType in get_args(kind):
        return
    kinds = [each for each in get_args(kind) if each is not NoneType]
    if not any(_fits(value, each, path) for each in kinds[1:]):
        _check(value, kinds[0], path)


def _fits(value: Any, kind: Any, path: str) -> bool:
    try:
        _check(value, kind, path)
    except _WrongTypeError:
        return False
    return True


def _check_members(value: Any, kind: Any, path: str) -> None:
    _require(value, Mapping, path, "an object")
    members = _members(kind)
    for name in _required(kind):
        if value.get(name) is None:
            raise _WrongTypeError(_below(path, name), None, _wanted(members[name]))
    for name, item in value.items():
        if name in members and item is not None:
            _check(item, members[name], _below(path, name))


def _check_plain(value: Any, kind: Any, path: str) -> None:
    if kind is datetime:
        if not isinstance(value, str) or not _is_time(value):
            raise _WrongTypeError(path, value, "a time")
    elif get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Enum)):
        _require(value, str, path, _NAMES[str])
    elif kind is float:
        _require(value, (int, float), path, _NAMES[float])
    else:
        _require(value, kind, path, _NAMES[kind])
    if isinstance(value, bool) and kind is not bool:
        raise _WrongTypeError(path, value, _NAMES[kind])


def _wanted(kind: Any) -> str:
    """What a message asks for where a member is missing."""
    return _NAMES.get(kind) or ("a list" if get_origin(kind) is list else "an object")


def _required(kind: Any) -> Iterable[str]:
    """The members that a record must have. The SDK's models say that of none, as a request may leave out any."""
    return sorted(kind.__required_keys__) if is_typeddict(kind) else ()


def _require(value: Any, kind: Any, path: str, wanted: str) -> None:
    if not isinstance(value, kind):
        raise _WrongTypeError(path, value, wanted)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is_record(kind: Any) -> bool:
    return is_typeddict(kind) or (isinstance(kind, type) and issubclass(kind, Mapping))


@cache
def _members(kind: Any) -> dict[str, Any]:
    """The types of a record's members, by their names in JSON."""
    if is_typeddict(kind):
        return get_type_hints(kind)
    from azure.mgmt.containerregistrytasks import models

    hints = get_type_hints(kind, localns={"_models": models})
    return {_json_name(name): hint for name, hint in hints.items() if not name.startswith("_")}


def _json_name(attribute: str) -> str:
    """What the SDK calls `agent_pool_name` is agentPoolName in JSON; `values_property` stands for values."""
    first, *others = attribute.removesuffix("_property").split("_")
    return first + "".join(word.capitalize() for word in others)


# RFC 3339 as the SDK reads it: a time zone may be left out; Azure writes fractions of seven digits.
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE)


def _is_time(text: str) -> bool:
    """Whether the SDK can make a moment in UTC of a text."""
    match = _TIME.fullmatch(text)
    if not match:
        return False
    zone = match[2] or "Z"
    offset = "+00:00" if zone in "Zz" else f"{zone[:3]}:{zone[-2:]}"
    try:
        # A moment near the ends of the calendar may not exist in UTC.
        datetime.fromisoformat(match[1].upper() + offset).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return False
    return True
