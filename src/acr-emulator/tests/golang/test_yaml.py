"""YAML as go-yaml v2 reads it: values, texts of errors, and bounds."""

from __future__ import annotations

import math
from typing import Any

import pytest
from acr_emulator.golang.errors import YamlError
from acr_emulator.golang.types import UINT64, GoMap, type_of
from acr_emulator.golang.yaml import (
    ANY,
    BOOL,
    IGNORED,
    INT,
    STRING,
    MapOf,
    PointerTo,
    SliceOf,
    Struct,
    decode,
    load,
)

STEP = Struct("graph.Step", {"id": STRING, "timeout": INT, "keep": BOOL, "when": SliceOf(STRING), "chan": IGNORED})
TASK = Struct("graph.Task", {"steps": SliceOf(PointerTo(STEP)), "env": SliceOf(STRING), "secret": MapOf(STRING)})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y", True),
        ("off", False),
        ("YES", True),
        ("'yes'", "yes"),
        ("yEs", "yEs"),
        ("~", None),
        ("NULL", None),
        ("", None),
        ("010", 8),
        ("0o17", 15),
        ("08", 8.0),
        ("0b11", 3),
        ("-0b11", -3),
        ("0x1F", 31),
        ("+5", 5),
        ("1_000", 1000),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        (".5_0", ".5_0"),
        ("-", [None]),
        ("-.inf", -math.inf),
        ("1e999", "1e999"),
        ("18446744073709551616", 2.0**64),
        ("-9223372036854775809", -(2.0**63)),
        ("0x1G", "0x1G"),
        ("1:30", "1:30"),
        ("2001-01-01", "2001-01-01"),
        ("!!str 5", "5"),
        ("!!int '7'", 7),
        ("!!float 3", 3.0),
        ("!!binary aGVsbG8=", "hello"),
        ("!own 5", "5"),
        ("! 5", "5"),
        ("!<tag:yaml.org,2002:in%74> '5'", 5),
    ],
)
def test_a_scalar_is_a_word_a_number_or_text(text: str, value: Any) -> None:
    loaded = load(text)

    assert loaded == value
    assert type(loaded) is type(value)


def test_a_number_beyond_64_signed_bits_is_unsigned() -> None:
    number = load("18446744073709551615")

    assert number == 2**64 - 1
    assert type_of(number) == UINT64


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a:\tb\tc", {"a": "b\tc"}),
        ("{a:b, c: d}", {"a:b": None, "c": "d"}),
        ("{a:}", {"a:": None}),
        ("[a:b, http://x]", ["a:b", "http://x"]),
        ("a: |\n  x\n\n  y\n", {"a": "x\n\ny\n"}),
        ("a: |2-\t# remark\n    x\n", {"a": "  x"}),
        ("a: >-\n  x\n  y\n\n  z\n", {"a": "x y\nz"}),
        ("a: x\n  y\n\n  z", {"a": "x y\nz"}),
        ("a: 'it''s'\nb: \"x\\\n   y\\'\\u00e9\\x41\"", {"a": "it's", "b": "xy'éA"}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("a: 1\na: 2", {"a": 2}),
        ("5: a\nyes: b\n1.5: c", {5: "a", True: "b", 1.5: "c"}),
        ("a: &x [1]\nb: *x\nc: &x 2\nd: *x", {"a": [1], "b": [1], "c": 2, "d": 2}),
        ("a: &a {x: 1, z: 2}\nb: {x: 5, <<: *a, z: 3}", {"a": {"x": 1, "z": 2}, "b": {"x": 1, "z": 3}}),
        ("- &a {x: 1}\n- &b {x: 2, w: 3}\n- {<<: [*a, *b]}", [{"x": 1}, {"x": 2, "w": 3}, {"x": 1, "w": 3}]),
        ("steps: [1]\n---\n: broken", {"steps": [1]}),
        ("--- 5", 5),
        ("# only a remark", None),
    ],
)
def test_a_document_is_read_as_generic_values(text: str, value: Any) -> None:
    assert load(text) == value


def test_a_mapping_of_generic_values_is_marked_as_one_with_keys_of_any_type() -> None:
    assert isinstance(load("a: {b: 1}")["a"], GoMap)
    assert type(decode("a: {b: 1}", MapOf(ANY))) is dict


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: b: c", "mapping values are not allowed in this context"),
        ("x: 1\na: b: c", "line 2: mapping values are not allowed in this context"),
        ("a: b\nc", "line 3: could not find expected ':'"),
        ("a: b\nc\n", "line 3: could not find expected ':'"),
        ("x:\n\t- a", "line 2: found character that cannot start any token"),
        ("- a\n\tb: c", "line 2: found a tab character that violates indentation"),
        ("a: |\n\tx", "line 2: found a tab character where an indentation space is expected"),
        ("a: |0\n x", "found an indentation indicator equal to 0"),
        ("a: |x", "did not find expected comment or line break"),
        ("a: - b", "block sequence entries are not allowed in this context"),
        ("a: ? b", "mapping keys are not allowed in this context"),
        ('a: "\\q"', "found unknown escape character"),
        ('a: "\\u00g0"', "did not find expected hexdecimal number"),
        ('a: "\\ud800"', "found invalid Unicode character escape code"),
        ('a: "x', "found unexpected end of stream"),
        ("a: 'x\n--- y'", "line 2: found unexpected document indicator"),
        ("a: @x", "found character that cannot start any token"),
        ("a: *", "did not find expected alphabetic or numeric character"),
        ("a: !<x", "did not find the expected '>'"),
        ("a: !!,\n{b", "line 3: could not find expected ':'"),
        ("a: b\n[c\n d]: e", "line 3: could not find expected ':'"),
        ("a: !! b", "did not find expected tag URI"),
        ("a: !#", "did not find expected whitespace or line break"),
        ("a: !x%zz b", "did not find URI escaped octet"),
        ("%x\n", "found unknown directive name"),
        ("%\n", "could not find expected directive name"),
        ("%x:\n", "found unexpected non-alphabetical character"),
        ("%YAML 1.2\n---\na", "found incompatible YAML document"),
        ("# x\n%YAML 1.2\n---\na", "line 1: found incompatible YAML document"),
        ("%YAML 1.2\nno document", "found incompatible YAML document"),
        ("%YAML 1.2\n%YAML 1.2\n---\na", "found incompatible YAML document"),
        ("%YAML 1.1\n%YAML 1.1\n---\na", "line 1: found duplicate %YAML directive"),
        ("%YAML 1.1\na", "line 1: did not find expected <document start>"),
        ("a: !x!y z", "found undefined tag handle"),
        ("steps:\n  - cmd: x\n - cmd: y\n", "line 2: did not find expected key"),
        ("- a\nb: c", "line 1: did not find expected '-' indicator"),
        ("a: [1,2\nb: c", "line 1: did not find expected ',' or ']'"),
        ("a: {x: 1\nb", "line 2: did not find expected ',' or '}'"),
        ("...", "did not find expected node content"),
        ("a\x01b", "control characters are not allowed"),
        ("b: *x", "unknown anchor 'x' referenced"),
        ("a: &a [*a]", "anchor 'a' value contains itself"),
        ("a: {<<: 1}", "map merge requires map or sequence of maps as the value"),
        ("a: !!int x", "cannot decode !!str `x` as a !!int"),
        ("a: !!binary '?'", "!!binary value contains invalid base64 data"),
        ("v: {{.x}}", 'invalid map key: map[interface {}]interface {}{".x":interface {}(nil)}'),
        ("? [a, 1]\n: b", 'invalid map key: []interface {}{"a", 1}'),
    ],
)
def test_what_cannot_be_read_is_named_in_go_yamls_words(text: str, error: str) -> None:
    with pytest.raises(YamlError) as raised:
        load(text)

    assert str(raised.value) == f"yaml: {error}"


@pytest.mark.parametrize(
    ("text", "value"),
    [("\ufeffa: 1", {"a": 1}), ("a: 1\n\ufeffb: 2", {"a": 1, "\ufeffb": 2}), ("\n\ufeffb: 2", {"\ufeffb": 2})],
    ids=["at the start", "before a key", "in the second line"],
)
def test_a_byte_order_mark_is_one_only_at_the_start_of_the_text(text: str, value: Any) -> None:
    assert load(text) == value


def test_a_directive_after_the_first_document_is_not_looked_at() -> None:
    assert load("---\n%YAML 1.2\na: 1") is None


def test_a_struct_takes_what_its_fields_are_called_and_leaves_the_rest() -> None:
    text = (
        "steps:\n- {id: 5, timeout: 5.9, keep: on, when: , Id: no, chan: {a: 1}}\n- \n- NULL\n"
        "env: [1.10, yes, ~]\nsecret: {1: 010}\nsecret: {b: ''}\nother: 1\n"
    )

    assert decode(text, TASK) == {
        "steps": [{"id": "5", "timeout": 5, "keep": True, "when": [], "chan": None}, None, {}],
        "env": ["1.10", "yes", ""],
        "secret": {"1": "010", "b": ""},
    }


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("text", ["line 1: cannot unmarshal !!str `text` into graph.Task"]),
        ("[]", ["line 1: cannot unmarshal !!seq into graph.Task"]),
        ("!!map text", ["line 1: cannot unmarshal !!maptext into graph.Task"]),
        ("steps: {id: x}", ["line 1: cannot unmarshal !!map into []*graph.Step"]),
        ("steps:\n- 'null'", ["line 2: cannot unmarshal !!str `null` into *graph.Step"]),
        ("steps:\n- text that is long", ["line 2: cannot unmarshal !!str `text th...` into graph.Step"]),
        (
            "steps:\n- when: a\n  timeout: true\n  keep: 1",
            [
                "line 2: cannot unmarshal !!str `a` into []string",
                "line 3: cannot unmarshal !!bool `true` into int",
                "line 4: cannot unmarshal !!int `1` into bool",
            ],
        ),
        ("steps: [{timeout: 2001-01-01}]", ["line 1: cannot unmarshal !!timestamp `2001-01-01` into int"]),
        (
            "steps: [{timeout: .nan, id: [a]}]",
            [
                "line 1: cannot unmarshal !!float `.nan` into int",
                "line 1: cannot unmarshal !!seq into string",
            ],
        ),
        ("steps: [{timeout: 9223372036854775808}]", ["line 1: cannot unmarshal !!int `9223372...` into int"]),
        (
            "env:\n- {a: b}\n- [c]",
            [
                "line 2: cannot unmarshal !!map into string",
                "line 3: cannot unmarshal !!seq into string",
            ],
        ),
        ("secret: 5", ["line 1: cannot unmarshal !!int `5` into map[string]string"]),
        ("secret: {[a]: b}", ["line 1: cannot unmarshal !!seq into string"]),
        ("secret: ééééééé", ["line 1: cannot unmarshal !!str `ééé\ufffd...` into map[string]string"]),
        ("{a: b}: c", ["line 1: cannot unmarshal !!map into string"]),
    ],
)
def test_values_that_do_not_fit_their_types_are_all_named(text: str, problems: list[str]) -> None:
    with pytest.raises(YamlError) as raised:
        decode(text, TASK)

    assert str(raised.value) == "\n  ".join(["yaml: unmarshal errors:", *problems])


def test_a_document_of_aliases_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]

    with pytest.raises(YamlError, match=r"^yaml: document contains excessive aliasing$"):
        load("\n".join(lines))


@pytest.mark.parametrize("text", ["[" * 2000, "- " * 2000 + "x", "{a: " * 2000], ids=["flow", "block", "mappings"])
def test_a_document_that_is_nested_too_deep_is_refused(text: str) -> None:
    with pytest.raises(YamlError, match=r"^yaml: exceeded max depth of 100$"):
        load(text)


def test_aliases_that_nest_too_deep_are_refused() -> None:
    lines = ["a0: &a0 x", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 300))]

    with pytest.raises(YamlError, match=r"^yaml: exceeded max depth of 150$"):
        load("\n".join(lines))
