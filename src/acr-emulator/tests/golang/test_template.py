"""Go's templates: what they print, and what they refuse in which words."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from acr_emulator.golang.errors import GoError, TemplateExecutionError, TemplateParseError
from acr_emulator.golang.sprig import functions
from acr_emulator.golang.template import render
from acr_emulator.golang.types import INTS, STRING, GoMap, GoSlice, map_of

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
FUNCTIONS = functions(lambda: NOW)


def data() -> dict[str, Any]:
    return {
        "X": "x",
        "I": 17,
        "Zero": 0.0,
        "SI": GoSlice([3, 4, 5], INTS),
        "L": ["a", 1, None],
        "M": {"one": 1, "nested": {"deep": "down"}},
        "Names": GoMap({"a": "b"}, map_of(STRING, STRING)),
        "Any": GoMap({"k": 1, 2: "two"}),
        "Nil": None,
    }


def filled(text: str) -> str:
    return render("t", text, data(), FUNCTIONS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("some text", "some text"),
        ("-{{.X}}-{{ .I }}-", "-x-17-"),
        ("{{.Nope}}|{{.Nil}}|{{.Names.nope}}|{{.M.nested.deep}}", "<no value>|<no value>||down"),
        ("{{$x := .I}}{{$x}}{{$x = 3}}{{$x}}", "173"),
        ("{{$x := 1}}{{if true}}{{$x := 2}}{{if true}}{{$x = 3}}{{end}}{{$x}}{{end}}{{$x}}", "31"),
        ("{{if .Zero}}a{{else if .Nil}}b{{else if .X}}c{{else}}d{{end}}", "c"),
        ("{{if and true 1 `hi` | not}}TRUE{{else}}FALSE{{end}}", "FALSE"),
        ("{{with $y := .I}}{{$y}},{{.}}{{end}}{{with .Nil}}x{{else with .X}}{{.}}{{end}}", "17,17x"),
        ("{{range $i, $e := .SI}}{{$i}}={{$e}} {{end}}", "0=3 1=4 2=5 "),
        ("{{range $k, $v := .M.nested}}{{$k}}:{{$v}}{{end}}{{range .Nil}}x{{else}}none{{end}}", "deep:downnone"),
        ("{{range 3}}{{if eq . 1}}{{continue}}{{end}}{{.}}{{end}}", "02"),
        ("{{range add 1 1}}{{printf `%T ` .}}{{else}}no{{end}}{{range 0}}{{else}}none{{end}}", "int64 int64 none"),
        ("{{range .SI}}{{if eq . 5}}{{break}}{{end}}{{.}}{{end}}", "34"),
        ("{{$k := 0}}{{range $k = .SI}}{{end}}{{$k}}", "5"),
        ("{{range .L}}<{{.}}>{{end}}", "<a><1><<no value>>"),
        ('{{define "x"}}[{{.}}]{{end}}{{template "x" .I}}{{template "x"}}', "[17][<no value>]"),
        ('{{block "b" .X}}<{{.}}>{{end}}', "<x>"),
        ("x \n{{- 3 -}} \n y", "x3y"),
        ("{{- /* gone */ -}} y{{/* a\nb */}}", "y"),
        ("{{\n.X\n|\nprintf\n}}", "x"),
        ("{{1 | printf `%d-%d` 2}}", "2-1"),
        ("{{(index .SI 0) | printf `%03d`}}", "003"),
        ("{{printf `%d %s %g %T` 127 `hello` 7-3i 1.5}}", "127 hello (7-3i) float64"),
        ("{{print 1 2 `a` `b` 3 nil}}|{{println 1 `a`}}", "1 2ab3 <nil>|1 a\n"),
        ("{{'a'}} {{0x1F}} {{010}} {{0b11}} {{1_000}} {{1e3}} {{1.50}} {{-3}}", "97 31 8 3 1000 1000 1.5 -3"),
        ('{{"q\\t\\u00e9\\x41\\101\\""}}{{`r\\n`}}', 'q\téAA"r\\n'),
        ("{{and 1 0}} {{and 1 1}} {{or 0 `x`}} {{or 0 0}} {{or 1 (fail `no`)}}", "0 1 x 0 1"),
        ("{{len .SI}} {{len `é`}} {{len .M}}", "3 2 2"),
        (
            "{{index .SI 1}} {{index .M `one`}} {{index .L 0}} {{index .Any 2}} {{index .M `no`}}",
            "4 1 a two <no value>",
        ),
        ("{{slice .SI 1 2}} {{slice .SI 1}}", "[4] [4 5]"),
        (
            "{{eq 1 1}} {{eq `a` `b` `a`}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt `b` `a`}} {{ge 1.5 2.5}}",
            "true " * 6 + "false",
        ),
        ("{{eq nil .Nil}} {{eq .M nil}}", "true false"),
        ('{{html `<a href="x">\'&`}}', "&lt;a href=&#34;x&#34;&gt;&#39;&amp;"),
        ('{{js `It\'d <be> "nice" = &`}}', 'It\\\'d \\u003Cbe\\u003E \\"nice\\" \\u003D \\u0026'),
        ("{{urlquery `http://a b/?c=d`}} {{html .Nil}}", "http%3A%2F%2Fa+b%2F%3Fc%3Dd &lt;no value&gt;"),
        ("{{.Any}} {{.Any.k}}", "map[2:two k:1] 1"),
        ("{{now.Year}} {{(now).Format `2006`}} {{(semver `1.2.3-rc`).Prerelease}}", "2026 2026 rc"),
    ],
)
def test_what_a_template_prints(text: str, expected: str) -> None:
    assert filled(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{}}", "1: missing value for command"),
        ("a\n{{\n}}", "3: missing value for command"),
        ("hello{{range", "1: unclosed action"),
        ("{{\n.X", "2: unclosed action started at t:1"),
        ('{{\n\n"x', "3: unterminated quoted string in action started at t:1"),
        ("{{end}}", "1: unexpected {{end}}"),
        ("{{if .X}}1{{else}}2{{else}}3{{end}}", "1: expected end; found {{else}}"),
        ("\nhello{{range .x}}{{else}}\n", "3: unexpected EOF"),
        ("{{undefined}}", '1: function "undefined" not defined'),
        ("{{with $x := 4}}{{end}}{{$x}}", '1: undefined variable "$x"'),
        ("{{template .X}}", '1: unexpected ".X" in template clause'),
        ("{{template}}", '1: unexpected "}}" in template clause'),
        ("{{printf 3, 4}}", '1: unexpected "," in operand'),
        ("{{with $v, $u := 3}}{{end}}", "1: too many declarations in with"),
        ("{{range $u, 3 := 3}}{{end}}", "1: range can only initialize variables"),
        ("{{printf (printf .).}}", "1: unexpected <.> in operand"),
        ('{{printf "a long string" if}}', "1: unexpected <if> in operand"),
        ('{{12 "a long string"12}}', '1: unexpected "12" in operand'),
        ("{{range .}}{{else}}{{break}}{{end}}", "1: {{break}} outside {{range}}"),
        ("{{range .SI}}{{continue 1}}{{end}}", '1: unexpected "1" in {{continue}}'),
        ("{{$x:=.}}{{$x+2}}", "1: bad character U+002B '+'"),
        ("{{true.E}}", '1: unexpected . after term "true"'),
        ("{{.|12|printf}}", "1: non executable command in pipeline stage 2"),
        ("{{printf ( ) }}", "1: missing value for parenthesized pipeline"),
        ('{{block "a" .}}x{{else}}{{end}}', "1: unexpected {{else}} in block clause"),
        ('{{define "a"}}x{{end}}{{define "a"}}y{{end}}', '1: template: multiple definition of template "a"'),
        ('{{if true}}{{define "a"}}{{end}}{{end}}', "1: unexpected <define> in command"),
        ('{{"a\\q"}}', "1: invalid syntax"),
        ("{{'ab'}}", "1: malformed character constant: 'ab'"),
        ("{{'}}", "1: unterminated character constant"),
        ("{{`x}}", "1: unterminated raw quoted string"),
        ("{{99999999999999999999}}", '1: integer overflow: "99999999999999999999"'),
        ("{{0xg}}", '1: bad number syntax: "0xg"'),
        ("{{1+2}}", '1: bad number syntax: "1+2"'),
        ("{{#}}", '1: unexpected "#" in command'),
        ("{{\x01}}", "1: unrecognized character in action: U+0001"),
        ("{{.X:y}}", "1: expected :="),
        ("{{.X}", "1: bad character U+007D '}'"),
        ("{{nope} }}", "1: bad character U+007D '}'"),
        ("{{ ) }}", "1: unexpected right paren"),
        ("{{ ( }}", "1: unclosed left paren"),
        ("{{/* x */ }}", "1: comment ends before closing delimiter"),
        ("{{/* x }}", "1: unclosed comment"),
        ("{{" + "(" * 1000 + "1" + ")" * 1000 + "}}", "1: max expression depth exceeded"),
        ("{{.}}" * 20_000, "1: the emulator allows no more than 50000 words in a template"),
    ],
    ids=range(45),
)
def test_what_is_no_template(text: str, problem: str) -> None:
    with pytest.raises(TemplateParseError) as refusal:
        filled(text)
    assert str(refusal.value) == f"template: t:{problem}"


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("{{nil}}", "1:2: <nil>", "nil is not a command"),
        ("\n é{{.X.Y.Z}}", "2:7: <.X.Y.Z>", "can't evaluate field Y in type interface {}"),
        ("{{.Nope.Deep}}", "1:7: <.Nope.Deep>", "nil pointer evaluating interface {}.Deep"),
        ("{{.Names.a.b}}", "1:8: <.Names.a.b>", "can't evaluate field b in type string"),
        ("{{.M.one 1}}", "1:4: <.M.one>", "one is not a method but has arguments"),
        ("{{1 2}}", "1:2: <1>", "can't give argument to non-function 1"),
        ("{{(1) 2}}", "1:2: <(1) 2>", "can't give argument to non-function 1"),
        ('{{template "no"}}', '1:11: <{{template "no"}}>', 'template "no" not defined'),
        ("{{range true}}{{end}}", "1:8: <true>", "range can't iterate over true"),
        ("{{range $i, $j := 3}}{{end}}", "1:18: <3>", "can't use 3 to iterate over more than one variable"),
        ("{{or 1 ($z := 2)}}{{$z}}", "1:20: <$z>", "undefined variable: $z"),
        ("{{index .SI 3}}", "1:2: <index .SI 3>", "error calling index: reflect: slice index out of range"),
        ("{{index .SI 10}}", "1:2: <index .SI 10>", "error calling index: index out of range: 10"),
        (
            "{{index .SI .M.nested.deep}}",
            "1:2: <index .SI .M.nested.deep>",
            "error calling index: cannot index slice/array with type string",
        ),
        ("{{index .SI `a`}}", "1:2: <index .SI `a`>", "error calling index: cannot index slice/array with type string"),
        ("{{index .M nil}}", "1:2: <index .M nil>", "error calling index: value is nil; should be of type string"),
        ("{{index .M 1}}", "1:2: <index .M 1>", "error calling index: value has type int; should be string"),
        ("{{index nil 1}}", "1:2: <index nil 1>", "error calling index: index of untyped nil"),
        ("{{index 1 1}}", "1:2: <index 1 1>", "error calling index: can't index item of type int"),
        ("{{len 3}}", "1:2: <len 3>", "error calling len: len of type int"),
        ("{{len .Nil}}", "1:2: <len .Nil>", "error calling len: len of nil pointer"),
        ("{{len nil}}", "1:2: <len nil>", "error calling len: reflect: call of reflect.Value.Type on zero Value"),
        ("{{call nil}}", "1:2: <call nil>", "error calling call: call of nil"),
        ("{{1 | call}}", "1:6: <call>", "error calling call: non-function <int Value> of type int"),
        ("{{eq 1}}", "1:2: <eq 1>", "error calling eq: missing argument for comparison"),
        ("{{eq 1 1.0}}", "1:2: <eq 1 1.0>", "error calling eq: incompatible types for comparison: int and float64"),
        (
            "{{eq .L .L}}",
            "1:2: <eq .L .L>",
            "error calling eq: non-comparable type [a %!s(int=1) <nil>]: []interface {}",
        ),
        ("{{lt true false}}", "1:2: <lt true false>", "error calling lt: invalid type for comparison"),
        ("{{lt .Nil 1}}", "1:2: <lt .Nil 1>", "error calling lt: invalid type for comparison"),
        ("{{not 1 2}}", "1:2: <not>", "wrong number of args for not: want 1 got 2"),
        ("{{printf}}", "1:2: <printf>", "wrong number of args for printf: want at least 1 got 0"),
        ("{{printf 3}}", "1:9: <3>", "expected string; found 3"),
        ("{{repeat 2.5 `x`}}", "1:9: <2.5>", "expected integer; found 2.5"),
        ("{{ternary 1 2 3}}", "1:14: <3>", "expected bool; found 3"),
        ("{{upper .SI}}", "1:8: <.SI>", "wrong type for value; expected string; got []int"),
        ("{{upper .Nil}}", "1:8: <.Nil>", "wrong type for value; expected string; got interface {}"),
        ("{{first (list) | upper}}", "1:17: <upper>", "invalid value; expected string"),
        ("{{lower nil}}", "1:8: <nil>", "cannot assign nil to string"),
        ("{{unixEpoch `x`}}", "1:12: <`x`>", "can't handle `x` for arg of type time.Time"),
        ("{{0x8000000000000000}}", "1:2: <0x8000000000000000>", "0x8000000000000000 overflows int"),
        ("{{(nil).X}}", "1:3: <nil>", "nil is not a command"),
    ],
    ids=range(41),
)
def test_what_fails_while_a_template_runs(text: str, place: str, problem: str) -> None:
    location, _, node = place.partition(": ")
    with pytest.raises(TemplateExecutionError) as refusal:
        filled(text)
    assert str(refusal.value) == f'template: t:{location}: executing "t" at {node}: {problem}'


def test_an_error_in_a_template_that_is_called_names_that_template() -> None:
    with pytest.raises(TemplateExecutionError) as refusal:
        filled('{{define "inner"}}{{.no.way}}{{end}}{{template "inner" .}}')
    place = 'template: t:1:23: executing "inner" at <.no.way>'
    assert str(refusal.value) == f"{place}: nil pointer evaluating interface {{}}.way"


@pytest.mark.parametrize(
    "text",
    [
        '{{define "x"}}{{template "x"}}{{end}}{{template "x"}}',
        "{{range until 1000}}{{range until 1000}}{{range until 1000}}x{{end}}{{end}}{{end}}",
        "{{$x := `x`}}{{range until 100}}{{$x = print $x $x}}{{end}}",
        "{{$x := repeat 16000000 `x`}}{{$l := list}}{{range until 1000}}{{$l = append $l $x}}{{end}}{{$l}}",
        "{{$x := dict}}{{$_ := set $x `a` $x}}{{$x}}",
        "{{$x := dict}}{{$_ := set $x `a` $x}}{{toJson $x}}",
        "{{repeat 1000000000 `x`}}",
        "{{until 1000000000}}",
        "{{untilStep 0 9223372036854775807 1}}",
        "{{randAlphaNum 1000000000}}",
        "{{replace `` (repeat 100000 `x`) (repeat 1000 `y`)}}",
        "{{wrapWith 1 (repeat 100000 `b`) (repeat 100000 `b`)}}",
        "{{regexMatch `(a*)*b` (repeat 1000000 `a`)}}",
        "{{regexMatch (repeat 30 `a{1000}`) `a`}}",
    ],
    ids=range(14),
)
def test_templates_without_end_or_of_gigabytes_are_refused(text: str) -> None:
    with pytest.raises(GoError):
        filled(text)


def test_the_slices_of_go_do_not_take_numbers_of_a_values_file() -> None:
    """Those are held as interface {}, into which it does not look; sprig's function of the same name does."""
    with pytest.raises(TemplateExecutionError) as refusal:
        render("t", "{{slice .X .M.one}}", data(), {})
    assert str(refusal.value).endswith("error calling slice: cannot index slice/array with type interface {}")
