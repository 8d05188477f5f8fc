"""How Go's fmt, strconv and encoding/json write values."""

from __future__ import annotations

import math
from typing import Any

import pytest
from acr_emulator.golang.errors import GoError
from acr_emulator.golang.formatting import sprint, sprintf, sprintln
from acr_emulator.golang.json import marshal, marshal_indent
from acr_emulator.golang.numbers import format_float, parse_float, parse_int, parse_uint
from acr_emulator.golang.quoting import quote, unquote
from acr_emulator.golang.types import BYTES, INTS, STRINGS, UINT8, GoMap, GoSlice, Sized, Struct, Type, int64


@pytest.mark.parametrize(
    ("template", "arguments", "text"),
    [
        ("%d %s %v %t", [5, "a", None, True], "5 a <nil> true"),
        ("%05d|%-5d|%5d|%+d|% d|%05d", [42, 42, 42, 42, 42, -42], "00042|42   |   42|+42| 42|-0042"),
        (
            "%x %X %o %b %c %U %q %#x %#o",
            [255, 255, 8, 5, 97, 0x1F600, 97, 255, 8],
            "ff FF 10 101 a U+1F600 'a' 0xff 010",
        ),
        ("%.3d %8.3d|", [7, 7], "007      007|"),
        (
            "%f %.2f %e %g %8.3f %G",
            [1.5, 2.345, 1500.0, 1e21, 3.14159, 1e-7],
            "1.500000 2.35 1.500000e+03 1e+21    3.142 1E-07",
        ),
        ("%v %v %v %v", [1e6, 100000.0, 1e-5, math.inf], "1e+06 100000 1e-05 +Inf"),
        (
            "%s|%10s|%-10s|%.2s|%q|%x|% x|%#q",
            ["a", "b", "c", "def", 'e"\n', "hi", "hi", "raw"],
            'a|         b|c         |de|"e\\"\\n"|6869|68 69|`raw`',
        ),
        ("%v %d %s", [[1, "a", None], GoSlice([1, 2], INTS), GoSlice(["x", "y"], STRINGS)], "[1 a <nil>] [1 2] [x y]"),
        ("%v %+v", [{"b": 1, "a": [2]}, GoMap({2: "x", "k": None})], "map[a:[2] b:1] map[2:x k:<nil>]"),
        ("%s %x", [GoSlice([104, 105], BYTES), GoSlice([104, 105], BYTES)], "hi 6869"),
        ("%T %T %T %T %T", [1, int64(1), "a", [], None], "int int64 string []interface {} <nil>"),
        ("%v %+v", [Struct(Type("t.S", "struct"), {"A": 1}), Struct(Type("*t.S", "ptr"), {"A": 1})], "{1} &{A:1}"),
        (
            "%#v %#v %#v",
            ["a", GoSlice([1], INTS), {"k": None}],
            '"a" []int{1} map[string]interface {}{"k":interface {}(nil)}',
        ),
        ("%d %s %t %z", ["hi", 5, "x", 1.5], "%!d(string=hi) %!s(int=5) %!t(string=x) %!z(float64=1.5)"),
        ("%s %d %v", [None, None, None], "%!s(<nil>) %!d(<nil>) <nil>"),
        ("%5s %5v %d", [[None], [None], {"a": None}], "[<nil>] [<nil>] map[%!d(string=a):<nil>]"),
        ("%5s|%-5s|%05z|%+s", [42, 42, -42, 42], "%!s(int=   42)|%!s(int=42   )|%!z(int=-0042)|%!s(int=+42)"),
        ("%.1z %5t %.0t", ["text", "x", 2.5], "%!z(string=t) %!t(string=    x) %!t(float64=2)"),
        ("%f %5z", [GoSlice([9], BYTES), GoSlice([9], BYTES)], "[%!f(uint8=9)] [%!z(uint8=    9)]"),
        ("%w %#w", [[1], ["a"]], '%!w([]interface {}=[1]) %!w([]interface {}=[]interface {}{"a"})'),
        ("[%.0d] [%3.0d] [%#.0o]", [0, 0, 0], "[] [   ] []"),
        ("%#g %#.3g %#.0f %#e", [0.5, 2.0, 3.0, 1.0], "0.500000 2.00 3. 1.000000e+00"),
        ("%#5v|%#5v", ["a", GoSlice([1], INTS)], '  "a"|[]int{    1}'),
        ("%[x][1]d %[2][1]d", [5], "%!d(BADINDEX) %![(BADINDEX)1]d"),
        ("%.*d", [-1, 5], "%!(BADPREC)5"),
        ("%d %d", [1], "1 %!d(MISSING)"),
        ("%d", [1, "x", None], "1%!(EXTRA string=x, <nil>)"),
        ("100%% %", [], "100% %!(NOVERB)"),
        ("%[2]d %[1]d %d", [1, 2], "2 1 2"),
        ("%[3]d %[x]d", [1, 2], "%!d(BADINDEX) %!d(BADINDEX)"),
        ("%*d|%-*d|%.*f", [5, 1, 5, 2, 2, 3.14159], "    1|2    |3.14"),
        ("%*d", ["x", 1], "%!(BADWIDTH)1"),
        ("%v %.1f", [1 + 2j, 1 - 2j], "(1+2i) (1.0-2.0i)"),
        ("%v %d %x", [Sized(300, UINT8), Sized(-1, UINT8), Sized(10, UINT8)], "44 255 a"),
    ],
    ids=range(34),
)
def test_sprintf(template: str, arguments: list[Any], text: str) -> None:
    assert sprintf(template, arguments) == text


def test_sprint_and_sprintln() -> None:
    assert sprint([1, 2, "a", "b", 3.0, True, None]) == "1 2a b3 true <nil>".replace("a b", "ab")
    assert sprintln([1, "a", None]) == "1 a <nil>\n"


@pytest.mark.parametrize(
    ("value", "shortest", "scientific", "plain"),
    [
        (0.0, "0", "0e+00", "0"),
        (-0.5, "-0.5", "-5e-01", "-0.5"),
        (1234567.0, "1.234567e+06", "1.234567e+06", "1234567"),
        (0.0001, "0.0001", "1e-04", "0.0001"),
        (5e-324, "5e-324", "5e-324", "0." + "0" * 323 + "5"),
        (math.nan, "NaN", "NaN", "NaN"),
        (-math.inf, "-Inf", "-Inf", "-Inf"),
    ],
    ids=range(7),
)
def test_floating_point_numbers_have_the_fewest_digits(
    value: float, shortest: str, scientific: str, plain: str
) -> None:
    assert [format_float(value, form) for form in "gef"] == [shortest, scientific, plain]


@pytest.mark.parametrize(
    ("text", "signed", "unsigned", "floating"),
    [
        ("10", 10, 10, 10.0),
        ("-10", -10, None, -10.0),
        ("+5", 5, None, 5.0),
        ("0x1F", 31, 31, None),
        ("0b101", 5, 5, None),
        ("0o17", 15, 15, None),
        ("017", 15, 15, 17.0),
        ("08", None, None, 8.0),
        ("1_000", 1000, 1000, 1000.0),
        (".1_5", None, None, 0.15),
        ("1__0", None, None, None),
        ("_1", None, None, None),
        ("9223372036854775808", None, 2**63, 2.0**63),
        ("18446744073709551616", None, None, 2.0**64),
        ("1e3", None, None, 1000.0),
        ("0x1p4", None, None, 16.0),
        ("1e400", None, None, None),
        (".5", None, None, 0.5),
        ("inf", None, None, math.inf),
        ("", None, None, None),
        ("1 ", None, None, None),
        ("\u0661", None, None, None),
    ],
    ids=range(22),
)
def test_reading_numbers(text: str, signed: int | None, unsigned: int | None, floating: float | None) -> None:
    assert (parse_int(text, 0), parse_uint(text, 0), parse_float(text)) == (signed, unsigned, floating)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a", '"a"'),
        ("\a\b\f\n\r\t\v\\\"'", '"\\a\\b\\f\\n\\r\\t\\v\\\\\\"\'"'),
        ("\x00\x1f\x7f", '"\\x00\\x1f\\x7f"'),
        ("é☺\U0001f600", '"é☺\U0001f600"'),
        ("\u200b\ufeff\xa0", '"\\u200b\\ufeff\\u00a0"'),
        ("\U000e0001", '"\\U000e0001"'),
        (b"\xff\xc3".decode(errors="surrogateescape"), '"\\xff\\xc3"'),
    ],
    ids=range(7),
)
def test_quoted_strings_can_be_read_again(text: str, quoted: str) -> None:
    assert quote(text) == quoted
    assert unquote(quoted) == text


@pytest.mark.parametrize("literal", ['"\\q"', '"\\x4"', '"\\u12"', '"\\ud800"', '"\\400"', '"a\nb"', '"a"b"', '"\\\'"'])
def test_what_is_no_string_literal(literal: str) -> None:
    with pytest.raises(GoError, match=r"^invalid syntax$"):
        unquote(literal)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None, 1.5, "x"]}, '{"a":[true,null,1.5,"x"],"b":1}'),
        ('<a>&\u2028\x01\t"', '"\\u003ca\\u003e\\u0026\\u2028\\u0001\\t\\""'),
        ([1e21, 1e-7, 100.0, int64(5)], "[1e+21,1e-7,100,5]"),
        (b"\xff\xef\xbf\xbd".decode(errors="surrogateescape"), '"\\ufffd\ufffd"'),
        ([GoSlice([], STRINGS, is_nil=True), GoSlice([], STRINGS)], "[null,[]]"),
        (Struct(Type("t.S", "struct"), {"A": "x"}), '{"A":"x"}'),
    ],
    ids=range(6),
)
def test_json(value: Any, text: str) -> None:
    assert marshal(value) == text


def test_indented_json() -> None:
    assert marshal_indent({"a": [1, {}], "b": []}, "", "  ") == '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}'


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"a": GoMap({"k": 1})}, "json: unsupported type: map[interface {}]interface {}"),
        (math.inf, "json: unsupported value: +Inf"),
        ([1j], "json: unsupported type: complex128"),
    ],
    ids=range(3),
)
def test_what_json_cannot_hold(value: Any, problem: str) -> None:
    with pytest.raises(GoError) as refusal:
        marshal(value)
    assert str(refusal.value) == problem
