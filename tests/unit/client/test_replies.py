"""Reading replies: whatever JSON comes, it is either what the protocol says, or an error that names the member."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from enum import Enum
from types import UnionType
from typing import Any, Literal, TypedDict, Union, get_args, get_origin, get_type_hints

import pytest
from azure.mgmt.containerregistrytasks import models
from azure.mgmt.containerregistrytasks.models import AgentPool, Run, Task
from hypothesis import example, given
from hypothesis import strategies as st
from scripted_arm import pool_body
from task_azure import task_body
from whole_messages import raises

from azext_acrpool.client import replies
from azext_acrpool.client.errors import InvalidReplyError
from azext_acrpool.client.replies import in_utc, parse_json, read_json, read_model, text_of

# All that the SDK can make of JSON.
MODELS = [kind for name, kind in sorted(vars(models).items()) if isinstance(kind, type) and issubclass(kind, Mapping)]
MOMENT = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def declared(kind: type) -> dict[str, Any]:
    """The attributes of one of the SDK's models, and what they are declared to be."""
    hints = get_type_hints(kind, localns={"_models": models})
    return {name: hint for name, hint in hints.items() if not name.startswith("_")}


SAMPLES: dict[Any, tuple[Any, Any]] = {
    Any: ("anything", "anything"),
    str: ("text", "text"),
    int: (7, 7),
    bool: (True, True),
    float: (0.5, 0.5),
    datetime: ("2026-03-01T12:00:00Z", MOMENT),
}


def sample(hint: Any) -> tuple[Any, Any]:
    """JSON that is of the declared kind, and what the SDK shows for it."""
    if get_origin(hint) is Literal:
        # It says which kind of several a model is.
        return (text_of(get_args(hint)[0]),) * 2
    kinds = parts(hint)
    hint = str if str in kinds else kinds[0]
    if get_origin(hint) is list:
        inner, shown = sample(get_args(hint)[0])
        return [inner], [shown]
    if get_origin(hint) is dict:
        inner, shown = sample(get_args(hint)[1])
        return {"key": inner}, {"key": shown}
    return ({}, {}) if is_model(hint) else SAMPLES[hint]


def parts(hint: Any) -> list[Any]:
    """The kinds in a declaration, None apart; enumerations and literals count as text."""
    if get_origin(hint) in (Union, UnionType):
        return [kind for part in get_args(hint) if part is not type(None) for kind in parts(part)]
    is_text = get_origin(hint) is Literal or (isinstance(hint, type) and issubclass(hint, (str, Enum)))
    return [str if is_text else hint]


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Mapping) and get_origin(kind) is None


MEMBERS = [(kind, attribute) for kind in MODELS for attribute in declared(kind)]


@pytest.mark.parametrize(("kind", "attribute"), MEMBERS, ids=[f"{kind.__name__}.{name}" for kind, name in MEMBERS])
def test_each_member_is_looked_for_where_the_sdk_reads_it(kind: type[Any], attribute: str) -> None:
    value, shown = sample(declared(kind)[attribute])
    name = replies._json_name(attribute)
    assert getattr(read_model(kind, {name: value}, "a model"), attribute) == shown


ODD: list[Any] = ["text", 7, 0.5, True, [], {}, [[]], {"a": []}]


@pytest.mark.parametrize(("kind", "attribute"), MEMBERS, ids=[f"{kind.__name__}.{name}" for kind, name in MEMBERS])
def test_no_member_is_of_another_kind_than_declared(kind: type[Any], attribute: str) -> None:
    """What is let through reads as the SDK declares it; all else is refused."""
    name, fitting = replies._json_name(attribute), sample(declared(kind)[attribute])[0]
    for value in ODD:
        if fits(value, declared(kind)[attribute]):
            read_model(kind, {name: value}, "a model")
        else:
            with pytest.raises(InvalidReplyError):
                read_model(kind, {name: value}, "a model")
    read_model(kind, {name: fitting}, "a model")
    read_model(kind, {name: None}, "a model")


def fits(value: Any, hint: Any) -> bool:
    """Whether one of ODD is of a declared kind, told once more: none of them holds what any model declares."""
    kinds = parts(hint)
    if Any in kinds:
        return True
    if isinstance(value, dict):
        dicts = [get_args(kind)[1] for kind in kinds if get_origin(kind) is dict]
        return any(map(is_model, kinds)) or any(all(fits(item, kind) for item in value.values()) for kind in dicts)
    if isinstance(value, list):
        lists = [get_args(kind)[0] for kind in kinds if get_origin(kind) is list]
        return any(all(fits(item, kind) for item in value) for kind in lists)
    return type(value) in kinds or (type(value) is int and float in kinds)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=8,
)


@st.composite
def nearly(draw: st.DrawFn, kind: type) -> dict[str, Any]:
    """JSON with the members of a model, of any kind."""
    names = sorted(replies.members_of(kind))
    return draw(st.dictionaries(st.sampled_from(names) if names else st.text(), JSON | st.just({}), max_size=4))


@given(data=st.data(), kind=st.sampled_from(MODELS))
def test_any_json_is_a_model_or_an_invalid_reply(data: st.DataObject, kind: type[Any]) -> None:
    body = data.draw(JSON | nearly(kind))
    try:
        model = read_model(kind, body, "a model")
    except InvalidReplyError:
        return
    for attribute, hint in declared(kind).items():
        value = getattr(model, attribute)
        assert not isinstance(value, str) or {str, Any} & {*parts(hint)}


@given(body=st.recursive(JSON, lambda inner: st.fixed_dictionaries({"properties": inner})))
@pytest.mark.parametrize("kind", [AgentPool, Run, Task])
def test_any_json_in_place_of_the_properties_is_readable_or_an_invalid_reply(kind: type[Any], body: Any) -> None:
    try:
        model = read_model(kind, body, "a model")
    except InvalidReplyError:
        return
    # Their members stand in `properties`, and may be asked for on the model itself.
    assert model.provisioning_state is None or isinstance(model.provisioning_state, str)


NOT_SO = "The reply to a request for a thing is not as the service's protocol says: "


@pytest.mark.parametrize(
    ("kind", "body", "wrong"),
    [
        (AgentPool, [], "it is a list, not an object"),
        (AgentPool, None, "it is null, not an object"),
        (AgentPool, "x", "it is text, not an object"),
        (AgentPool, {"name": 5}, "its member 'name' is a whole number, not text"),
        (AgentPool, {"properties": "x"}, "its member 'properties' is text, not an object"),
        (AgentPool, pool_body(count="2"), "its member 'properties.count' is text, not a whole number"),
        (AgentPool, pool_body(count=2.5), "its member 'properties.count' is a number, not a whole number"),
        (AgentPool, pool_body(count=True), "its member 'properties.count' is true or false, not a whole number"),
        (AgentPool, pool_body(tags={"a": {}}), "its member 'tags.a' is an object, not text"),
        (
            Run,
            {"properties": {"outputImages": [{"tag": "v1"}, {"tag": []}]}},
            "its member 'properties.outputImages[1].tag' is a list, not text",
        ),
        (Run, {"properties": {"createTime": "yesterday"}}, "its member 'properties.createTime' is text, not a time"),
        (Run, {"properties": {"createTime": 5}}, "its member 'properties.createTime' is a whole number, not a time"),
        (Task, task_body(timeout="soon"), "its member 'properties.timeout' is text, not a whole number"),
    ],
)
def test_a_member_of_another_kind_is_named(kind: type[Any], body: Any, wrong: str) -> None:
    with raises(InvalidReplyError, f"{NOT_SO}{wrong}."):
        read_model(kind, body, "a thing")


class Inner(TypedDict, total=False):
    size: float


class Page(TypedDict, total=False):
    value: list[Inner]
    anything: Any
    label: str | int
    sizes: dict[str, list[Inner]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"value": None, "label": None, "undeclared": [1]},
        {"value": [], "anything": [{}], "label": "x"},
        {"value": [{}, {"size": 1}, {"size": 1.5}, {"size": None}], "label": 5},
    ],
)
def test_what_is_as_declared_comes_back_as_it_is(body: dict[str, Any]) -> None:
    assert read_json(Page, body, "a thing") is body


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"value": {}}, "its member 'value' is an object, not a list"),
        ({"value": [None]}, "its member 'value[0]' is null, not an object"),
        ({"value": [{}, {"size": "x"}]}, "its member 'value[1].size' is text, not a number"),
        ({"value": [{"size": True}]}, "its member 'value[0].size' is true or false, not a number"),
        ({"label": []}, "its member 'label' is a list, not text"),
        ({"sizes": {"a": [], "b": [{}, {"size": []}]}}, "its member 'sizes.b[1].size' is a list, not a number"),
    ],
)
def test_what_is_not_as_declared_is_named(body: dict[str, Any], wrong: str) -> None:
    with raises(InvalidReplyError, f"{NOT_SO}{wrong}."):
        read_json(Page, body, "a thing")


def time_in(text: str) -> Any:
    """What the SDK makes of a text that shall be a moment."""
    return Run({"properties": {"createTime": text}}).create_time


# As Azure writes them, with up to nine digits for a fraction of a second; years, months .. may be out of range.
TIMES = st.from_regex(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9]"
    r"(\.[0-9]{0,9})?([Zz]|[+-][0-2][0-9]:?[0-5][0-9])?",
    fullmatch=True,
)


@given(TIMES | st.text(max_size=30))
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-14:00")
@example("2026-02-30T12:00:00Z")
@example("2026-03-01T24:00:00Z")
@example("2026-03-01T12:00:60Z")
@example("2026-03-01T12:00:00.+14:00")
@example("\u0662\u0660\u0662\u0666-03-01T12:00:00Z")
@example("2026-03-01T12:00:00Z\n")
def test_what_is_let_through_as_a_time_is_one_to_the_sdk(text: str) -> None:
    if replies._is_time(text):
        moment = in_utc(time_in(text))
        assert moment is not None
        assert moment.astimezone(timezone.utc) - MOMENT is not None


@given(
    moment=st.datetimes(timezones=st.just(timezone.utc)),
    zone=st.sampled_from(["Z", "z", "+00:00", "+0000", ""]),
    digits=st.integers(0, 9),
)
def test_each_moment_is_let_through_in_each_form_that_services_write(moment: datetime, zone: str, digits: int) -> None:
    fraction = f".{moment.microsecond:06}000"[: digits + 1] if digits else ""
    text = f"{moment.replace(microsecond=0, tzinfo=None).isoformat()}{fraction}{zone}"
    read_model(Run, {"properties": {"createTime": text}}, "a run")
    read = in_utc(time_in(text))
    assert read is not None
    assert abs(read - moment) < timedelta(seconds=1)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-03-01", "2026-03-01 12:00:00Z", "12:00:00", "1772366400"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with raises(InvalidReplyError, f"{NOT_SO}its member 'properties.createTime' is text, not a time."):
        read_model(Run, {"properties": {"createTime": text}}, "a thing")


@pytest.mark.parametrize(("text", "body"), [("", None), (" \r\n", None), ("null", None), ("{}", {}), ("[1]", [1])])
def test_a_body_that_is_json_or_empty(text: str, body: Any) -> None:
    assert parse_json(text, "a thing") == body


@pytest.mark.parametrize("text", ["<html>", "{", '{"a": 1', "{} {}", "Infinit", "'a'", "\ufeff", "9" * 5000])
def test_a_body_that_is_not_json(text: str) -> None:
    with raises(InvalidReplyError, "The reply to a request for a thing is not JSON."):
        parse_json(text, "a thing")


@pytest.mark.parametrize(
    ("opening", "innermost", "closing"), [("[", "", "]"), ('{"a":', "1", "}"), ('[{"a":', "1", "}]")]
)
def test_a_body_is_read_to_the_depth_that_replies_may_have(opening: str, innermost: str, closing: str) -> None:
    levels = 99 if len(closing) == 1 else 49
    assert parse_json(opening * levels + innermost + closing * levels, "a thing")
    for deeper in (levels + 2, 5_000, 200_000):
        with raises(
            InvalidReplyError, "The reply to a request for a thing is nested deeper than any of the service's."
        ):
            parse_json(opening * deeper + innermost + closing * deeper, "a thing")


@given(JSON)
def test_any_json_of_a_usual_depth_comes_back_as_it_was_sent(body: Any) -> None:
    assert parse_json(json.dumps(body), "a thing") == body


def test_text_of_an_enumeration_is_what_the_service_wrote() -> None:
    assert [text_of(value) for value in (models.OS.LINUX, "Plan9", None, "")] == ["Linux", "Plan9", "", ""]
