"""Reading replies: the one place where JSON is checked against what the service's protocol says it is.

The protocol is written down as types: the SDK's models, and `TypedDict`s for what the SDK has no model of. A reply
whose members are of other types than these, or that lacks one which a TypedDict requires, raises InvalidReplyError,
which names the member; members that nobody has declared are left alone, and null stands for one that is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timezone
from enum import Enum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints, is_typeddict

from .errors import InvalidReplyError

__all__ = ["in_utc", "known_moment", "members_of", "parse_json", "read_json", "read_model", "text_of"]

T = TypeVar("T")
ModelT = TypeVar("ModelT", bound=Mapping[str, Any])
_Check = Callable[[Any], None]

# No reply of ARM's is nested deeper than some ten levels; what reads one may call itself for each.
_DEEPEST = 100
# Whether something is a Mapping takes Python long to tell; nearly all are dicts.
_OBJECT = (dict, Mapping)
# Those that computers count time from and to: nothing here happened before or reckons on what comes after.
_FIRST_YEAR, _YEAR_AFTER_LAST = 1970, 9000
_NAMES: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    datetime: "a time",
}


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
        _check_of(kind)(body)
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
    """What stands where something else is wanted; `path` grows on the way out of what it stands in."""

    def __init__(self, value: Any, wanted: str, path: str = "") -> None:
        super().__init__(value, wanted)
        self.value, self.wanted, self.path = value, wanted, path

    def __str__(self) -> str:
        path = self.path.removeprefix(".")
        return f"{f'its member {path!r}' if path else 'it'} is {_describe(self.value)}, not {self.wanted}"


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


def known_moment(moment: datetime | None) -> datetime | None:
    """The same as one that can be reckoned from; None for one at the ends of the calendar.

    The year 1 is what .NET has where it has no time.
    """
    return in_utc(moment) if moment and _FIRST_YEAR <= moment.year < _YEAR_AFTER_LAST else None


def _check_of(kind: Any) -> _Check:
    """What raises _WrongTypeError for all that is not a `kind`: types are read once, not for each value."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any or kind is object:
        return lambda value: None
    if origin in (Union, UnionType):
        return _check_of_union(inner)
    if origin is list:
        item = _check_of(inner[0])
        return lambda value: _check_parts(enumerate(_required(value, list, "a list")), lambda _: item)
    if origin is dict or kind is dict:
        member = _check_of(inner[1] if inner else Any)
        return lambda value: _check_parts(_required(value, _OBJECT, "an object").items(), lambda _: member)
    # What a record has is read when there is one: it may hold others of its kind.
    return partial(_check_record, kind) if _is_record(kind) else _check_of_plain(kind)


def _check_of_union(kinds: Collection[Any]) -> _Check:
    """None fits an optional member; of several kinds, one must fit, and the first is what a message asks for."""
    first, *others = (_check_of(kind) for kind in kinds if kind is not NoneType)

    def check(value: Any) -> None:
        if value is None and NoneType in kinds:
            return
        try:
            first(value)
        except _WrongTypeError:
            if not any(_fits(value, other) for other in others):
                raise

    return check


def _fits(value: Any, check: _Check) -> bool:
    try:
        check(value)
    except _WrongTypeError:
        return False
    return True


def _check_record(kind: Any, value: Any) -> None:
    _required(value, _OBJECT, "an object")
    needed, checks = _checks_of_record(kind)
    for name in needed:
        if value.get(name) is None:
            raise _WrongTypeError(None, _wanted(members_of(kind)[name]), f".{name}")
    _check_parts(((name, item) for name, item in value.items() if name in checks and item is not None), checks.get)


@cache
def _checks_of_record(kind: Any) -> tuple[list[str], dict[Any, _Check]]:
    """The members that a record must have, and the check of each that it may have.

    The SDK's models say of none that it must be there, as a request may leave out any.
    """
    needed = sorted(kind.__required_keys__) if is_typeddict(kind) else []
    return needed, {name: _check_of(member) for name, member in members_of(kind).items()}


def _check_parts(parts: Iterable[tuple[Any, Any]], check_of: Callable[[Any], Any]) -> None:
    """Check each part of something, which are in it by their names or numbers."""
    for place, part in parts:
        try:
            check_of(place)(part)
        except _WrongTypeError as wrong:
            wrong.path = (f"[{place}]" if isinstance(place, int) else f".{place}") + wrong.path
            raise


def _check_of_plain(kind: Any) -> _Check:
    if get_origin(kind) is Literal or issubclass(kind, Enum):
        kind = str
    types: Any = {float: (int, float), datetime: str}.get(kind, kind)
    wanted = _NAMES[kind]

    def check(value: Any) -> None:
        # To Python, true and false are whole numbers.
        is_of_type = isinstance(value, types) and (kind is bool or not isinstance(value, bool))
        if not is_of_type or (kind is datetime and not _is_time(value)):
            raise _WrongTypeError(value, wanted)

    return check


def _wanted(kind: Any) -> str:
    """What a message asks for where a member is missing."""
    return _NAMES.get(kind) or ("a list" if get_origin(kind) is list else "an object")


def _required(value: Any, kind: Any, wanted: str) -> Any:
    if not isinstance(value, kind):
        raise _WrongTypeError(value, wanted)
    return value


def _is_record(kind: Any) -> bool:
    return is_typeddict(kind) or (isinstance(kind, type) and issubclass(kind, Mapping))


@cache
def members_of(kind: Any) -> dict[str, Any]:
    """The types of a record's members, by their names in JSON: of a TypedDict, or of one of the SDK's models."""
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
