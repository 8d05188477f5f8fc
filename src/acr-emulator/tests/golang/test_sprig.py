"""sprig's functions in templates. Most inputs and results are those of sprig's own tests and documentation."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest
from acr_emulator.golang.errors import GoError, TemplateExecutionError
from acr_emulator.golang.sprig import functions
from acr_emulator.golang.template import render
from cryptography import x509

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
FUNCTIONS = functions(lambda: NOW)


def filled(text: str) -> str:
    return render("t", text, {"Nil": None}, FUNCTIONS)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('upper "straße"', "STRAßE"),
        ('lower "ÀB"', "àb"),
        ('title "two words o\'neil"', "Two Words O'Neil"),
        ('untitle "First Try"', "first try"),
        ('swapcase "First Try"', "fIRST tRY"),
        ('trim "\\t a \\n"', "a"),
        ('trimAll "$" "$5.00$"', "5.00"),
        ('trimall "" " a "', " a "),
        ('trimSuffix "-" "hello-" | trimPrefix "h"', "ello"),
        ('nospace "a b\tc"', "abc"),
        ('initials "First Try"', "FT"),
        ('abbrev 5 "hello world"', "he..."),
        ('abbrev 3 "hello"', "hello"),
        ('abbrevboth 5 10 "1234 5678 9123"', "...5678..."),
        ('trunc 5 "hello world"', "hello"),
        ('substr 0 5 "hello world"', "hello"),
        ('substr -1 3 "hello"', "hel"),
        ('substr 2 -1 "hello"', "llo"),
        ('repeat 3 "ab"', "ababab"),
        ('replace "a" "" "banana"', "bnn"),
        ('plural "one" "many" 1', "one"),
        ('plural "one" "many" 2', "many"),
        ('snakecase "FirstName"', "first_name"),
        ('snakecase "HTTPServer"', "http_server"),
        ('snakecase "NoHTTPS"', "no_https"),
        ('snakecase "GO PATH"', "go_path"),
        ('snakecase "HTTP20xOK"', "http_20x_ok"),
        ('snakecase "Duration2m3s"', "duration_2m3s"),
        ('snakecase "Bld4Floor3rd"', "bld4_floor_3rd"),
        ('kebabcase "FirstName"', "first-name"),
        ('kebabcase "http2xx"', "http-2xx"),
        ('camelcase "http_server"', "HttpServer"),
        ('camelcase "_complex__case_"', "_Complex_Case_"),
        ('camelcase "some words-too"', "SomeWordsToo"),
        ('wrap 5 "Hello World"', "Hello\nWorld"),
        ('wrap 3 "abcdef gh"', "abcdef\ngh"),
        ('wrapWith 5 "\t" "Hello World abcdefgh"', "Hello\tWorld\tabcde\tfgh"),
        ('contains "fox" "brown fox"', "true"),
        ('hasPrefix "a" "ab" | and (hasSuffix "b" "ab")', "true"),
        ('quote "foo" nil 3', '"foo" "3"'),
        ('squote "foo" nil 3', "'foo' '3'"),
        ('cat "a" nil 3 "b"', "a 3 b"),
        ('indent 2 "a\\nb"', "  a\n  b"),
        ('nindent 2 "a"', "\n  a"),
        ("toString 1.5", "1.5"),
        ('toStrings (list 1 nil "a") | join "-"', "1-a"),
        ('join "-" 5', "5"),
        ('(split "$" "foo$bar$baz")._1', "bar"),
        ('(splitn "$" 2 "foo$bar$baz")._1', "bar$baz"),
        ('splitList "," "a,b,,c"', "[a b  c]"),
        ('splitList "" "aé"', "[a é]"),
        ("hello", "Hello!"),
    ],
    ids=range(52),
)
def test_text(action: str, expected: str) -> None:
    assert filled(f"{{{{{action}}}}}") == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('list 1 "a" | len', "2"),
        ("first (list 1 2) | add (last (list 1 2))", "3"),
        ("rest (list 1 2 3)", "[2 3]"),
        ("initial (list 1 2 3)", "[1 2]"),
        ("first (list)", "<no value>"),
        ("rest (list) | toJson", "null"),
        ("append (list 1) 2 | prepend 0", None),
        ("prepend (append (list 1) 2) 0", "[0 1 2]"),
        ('push (until 2) "a"', "[0 1 a]"),
        ("reverse (list 1 2 3)", "[3 2 1]"),
        ('uniq (list 1 1 "1" 2.0 2)', "[1 1 2 2]"),
        ("without (list 1 2 3) 1 3", "[2]"),
        ("has 2 (list 1 2)", "true"),
        ("has 2 nil", "false"),
        ('compact (list 1 "" nil 0 "a")', "[1 a]"),
        ("concat (list 1) (until 2)", "[1 0 1]"),
        ("slice (list 1 2 3) 1", "[2 3]"),
        ('slice (list 1 2 3) 1 "2"', "[2]"),
        ("slice (list) 1", "<no value>"),
        ('sortAlpha (list "b" 3 "a")', "[3 a b]"),
        ('sortAlpha "x"', "[x]"),
        ('dict "a" 1 "b"', "map[a:1 b:]"),
        ('(set (dict "a" 1) "b" 2).b', "2"),
        ('unset (dict "a" 1) "a"', "map[]"),
        ('hasKey (dict "a" nil) "a"', "true"),
        ('pluck "a" (dict "a" 1) (dict "b" 2) (dict "a" 3)', "[1 3]"),
        ('keys (dict "b" 1 "a" 2) | sortAlpha', "[a b]"),
        ('values (dict "b" 1)', "[1]"),
        ('pick (dict "a" 1 "b" 2) "b" "c"', "map[b:2]"),
        ('omit (dict "a" 1 "b" 2) "b" "c"', "map[a:1]"),
        ('merge (dict "a" 1 "m" (dict "x" 1)) (dict "a" 2 "b" 3 "m" (dict "y" 2))', "map[a:1 b:3 m:map[x:1 y:2]]"),
        ('merge nil (dict "a" 1)', "map[a:1]"),
        ("mergeOverwrite nil nil", "map[]"),
        ('mergeOverwrite (dict "a" 1 "c" 4) (dict "a" 2 "c" "")', "map[a:2 c:4]"),
        ('deepCopy (dict "a" (list (add 1 1)))', "map[a:[2]]"),
    ],
    ids=range(35),
)
def test_lists_and_dictionaries(action: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(TemplateExecutionError, match="Cannot prepend on type int"):
            filled(f"{{{{{action}}}}}")
    else:
        assert filled(f"{{{{{action}}}}}") == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('add 1 "2" 3.9 true nil', "7"),
        ("add1 5", "6"),
        ("sub 5 7", "-2"),
        ("div 7 -2", "-3"),
        ("mod -7 2", "-1"),
        ('mul 2 3 "4"', "24"),
        ("add 9223372036854775807 1", "-9223372036854775808"),
        ('max 1 "5" 3', "5"),
        ("biggest 1 2 | min 0", "0"),
        ("ceil 1.2 | add 0", "2"),
        ("ceil -0.5", "-0"),
        ('floor "1.9"', "1"),
        ("round 123.5555 3", "123.556"),
        ("round 123.49999999 0", "123"),
        ("round 2.55 1 .3", "2.6"),
        ("round -1.5 0", "-2"),
        ('int "12"', "12"),
        ('int64 "1.5"', "0"),
        ("int 1e300", "-9223372036854775808"),
        ('float64 "1.5" | printf "%T %v" 1', "int 1.5"),
        ('atoi "x"', "0"),
        ("toDecimal 777", "511"),
        ('toDecimal "9"', "0"),
        ("until 3", "[0 1 2]"),
        ("until -2", "[0 -1]"),
        ("untilStep 0 10 3", "[0 3 6 9]"),
        ("untilStep 3 0 1", "[]"),
        ('printf "%T" (add 1 2)', "int64"),
        ('printf "%T" (until 1)', "[]int"),
    ],
    ids=range(29),
)
def test_numbers(action: str, expected: str) -> None:
    assert filled(f"{{{{{action}}}}}") == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('default "x" .Nil', "x"),
        ('default "x"', "x"),
        (".Nil | default 0", "0"),
        ('default "x" false', "x"),
        ('default "x" (list 0)', "[0]"),
        ("empty (dict)", "true"),
        ("empty now", "false"),
        ('coalesce 0 "" nil "a" "b"', "a"),
        ("coalesce 0", "<no value>"),
        ('ternary "a" "b" true', "a"),
        ('toJson (dict "a" (list 1 nil "<"))', '{"a":[1,null,"\\u003c"]}'),
        ("toPrettyJson (list 1)", "[\n  1\n]"),
        ("toJson 1i", ""),
        ("typeOf (dict)", "map[string]interface {}"),
        ("typeOf nil", "<nil>"),
        ('typeIs "string" "a"', "true"),
        ('typeIsLike "semver.Version" (semver "1.0.0")', "true"),
        ("kindOf (list)", "slice"),
        ('kindIs "int64" (add 1 1)', "true"),
        ('deepEqual (list 1 (dict "a" 1)) (list 1 (dict "a" 1))', "true"),
        ("deepEqual 1 (add 0 1)", "false"),
        ('b64enc "hé" | b64dec', "hé"),
        ('b64dec "YQ"', "illegal base64 data at input byte 0"),
        ('b64dec "YQ=x"', "illegal base64 data at input byte 3"),
        ('b64dec "Y\\nQ=="', "a"),
        ('b64dec "YQ==x"', "illegal base64 data at input byte 4"),
        ('b32enc "ab" | b32dec', "ab"),
        ('b32dec "a"', "illegal base32 data at input byte 0"),
        ('sha1sum "a"', "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ('sha256sum "" | trunc 8', "e3b0c442"),
        ('adler32sum "hello"', "103547413"),
        ('derivePassword 1 "long" "password" "user" "example.com"', "ZedaFaxcZaso9*"),
        ('derivePassword 1 "maximum" "password" "user" "example.com"', "pf4zS1LjCg&LjhsZ7T2~"),
        ('derivePassword 1 "pin" "password" "user" "example.com"', "6685"),
        ('derivePassword 1 "none" "p" "u" "s"', "cannot find password template none"),
        ('decryptAES "secretkey" (encryptAES "secretkey" "plaintext")', "plaintext"),
        ('base "/a/b.c/" | ext', ".c"),
        ('dir "/a/b/c"', "/a/b"),
        ('clean "/a/../b//c/."', "/b/c"),
        ('isAbs "a"', "false"),
        ('env "HOME"', ""),
        ('expandenv "a${HOME}b$HOME"', "ab"),
        ('getHostByName "127.0.0.1"', "127.0.0.1"),
        ('regexMatch "^[a-z]+$" "abc"', "true"),
        ('regexMatch "(" "abc"', "false"),
        ('regexFind "[0-9]+" "v12"', "12"),
        ('regexFindAll "[2,4,6,8]" "123456789" 2', "[2 4]"),
        ('regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W"', "-W-xxW-"),
        ('regexReplaceAllLiteral "a(x*)b" "-ab-axxb-" "${1}"', "-${1}-${1}-"),
        ('regexSplit "z+" "pizza" -1', "[pi a]"),
        ('(urlParse "http://admin:pw@h.x:81/p/q?c=d#f").userinfo', "admin:pw"),
        ('(urlParse "http://admin:pw@h.x:81/p/q?c=d#f").hostname', "h.x"),
        ('urlJoin (urlParse "https://h.x:81/p%20q?c=d#f")', "https://h.x:81/p%20q?c=d#f"),
        ('urlJoin (dict "scheme" "mailto" "opaque" "a@b")', "mailto:a@b"),
        ('fail "x" | len', None),
    ],
    ids=range(55),
)
def test_everything_else(action: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(TemplateExecutionError, match=r": error calling fail: x$"):
            filled(f"{{{{{action}}}}}")
    else:
        assert filled(f"{{{{{action}}}}}") == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('now | date "2006-01-02 15:04"', "2026-03-04 05:06"),
        ('date "2006-01-02" 0', "1970-01-01"),
        ('date "2006" "no date"', "2026"),
        ("htmlDate 0", "1970-01-01"),
        ('dateInZone "15:04 MST" now "Europe/Berlin"', "06:06 CET"),
        ('date_in_zone "15:04 MST" now "No/Where"', "05:06 UTC"),
        ('htmlDateInZone 86399 "America/New_York"', "1970-01-01"),
        ('dateModify "-1.5h" now | date "15:04"', "03:36"),
        ('date_modify "x" now | date "15:04"', "05:06"),
        ("ago now", "0s"),
        ("ago 1772600000", "12m47s"),
        ('toDate "2006-01-02" "2017-12-31" | date "02/01/2006"', "31/12/2017"),
        ('toDate "2006-01-02" "x"', "0001-01-01 00:00:00 +0000 UTC"),
        ("unixEpoch now", "1772600767"),
    ],
    ids=range(14),
)
def test_dates(action: str, expected: str) -> None:
    assert filled(f"{{{{{action}}}}}") == expected


@pytest.mark.parametrize(
    ("constraint", "version", "fits"),
    [
        ("1.2.3", "v1.2.3", True),
        ("=1.2", "1.2.9", False),
        ("!=1.2.3", "1.2.4", True),
        ("!=4.x", "4.1.0", False),
        (">1.1", "4.1.0", True),
        (">1.1", "1.1.0", False),
        (">0", "0.0.1", True),
        ("<1.1", "0.1.0", True),
        ("<1.x", "1.9.0", True),
        (">=1.1", "1.1.0", True),
        ("<=1.1", "1.1.1", False),
        ("~1.2.3", "1.2.9", True),
        ("~1.2.3", "1.3.0", False),
        ("~>2.x", "2.9.0", True),
        ("^1.2", "1.9.0", True),
        ("^1.2", "2.0.0", False),
        ("*", "4.5.6", True),
        (">= 1.2, < 3.0.0 || >= 4.2.3", "4.2.3", True),
        (">= 1.2, < 3.0.0 || >= 4.2.3", "3.5.0", False),
        ("1.2 - 2.4.5", "2.4.0", True),
        (">1.0.0", "1.1.0-beta", False),
        (">1.0.0-alpha", "1.1.0-beta", True),
    ],
    ids=range(22),
)
def test_versions(constraint: str, version: str, fits: bool) -> None:
    assert filled(f'{{{{semverCompare "{constraint}" "{version}"}}}}') == str(fits).lower()


def test_a_version_has_parts_and_methods() -> None:
    text = "{{$v := semver `v1.2.3-rc.1+b5`}}{{$v}} {{$v.Major}}.{{$v.Minor}}.{{$v.Patch}} {{$v.Prerelease}}"
    assert filled(text) == "1.2.3-rc.1+b5 1.2.3 rc.1"
    assert filled('{{(semver "1.2.3").Compare (semver "1.2.3-x")}}') == "1"


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("randAlphaNum 20", "[A-Za-z0-9]{20}"),
        ("randAlpha 5", "[A-Za-z]{5}"),
        ("randNumeric 5", "[0-9]{5}"),
        ("randAscii 5", "[ -~]{5}"),
        ("randAlpha -1", ""),
        ("uuidv4", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ('shuffle "aab" | len', "3"),
    ],
)
def test_what_is_made_by_chance_has_a_form(action: str, form: str) -> None:
    assert re.fullmatch(form, filled(f"{{{{{action}}}}}"))


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ("div 1 0", "error calling div: runtime error: integer divide by zero"),
        ('substr 2 9 "abc"', "error calling substr: runtime error: slice bounds out of range [:9] with length 3"),
        ('substr 2 1 "abc"', "error calling substr: runtime error: slice bounds out of range [2:1]"),
        ('trunc -1 "abc"', "error calling trunc: runtime error: slice bounds out of range [:-1]"),
        ('repeat -1 "abc"', "error calling repeat: strings: negative Repeat count"),
        ("first nil", "error calling first: runtime error: invalid memory address or nil pointer dereference"),
        ("first 5", "error calling first: Cannot find first on type int"),
        ('append "a" 1', "error calling append: Cannot push on type string"),
        ("slice (list 1) 0 5", "error calling slice: reflect.Value.Slice: slice index out of bounds"),
        ('set nil "a" 1', "error calling set: assignment to entry in nil map"),
        ('semver "x"', "error calling semver: Invalid Semantic Version"),
        ('semverCompare "x.y.z.w" "1"', "error calling semverCompare: improper constraint: x.y.z.w"),
        (
            'urlParse "http://a b/"',
            'error calling urlParse: unable to parse url: parse "http://a b/": invalid character " " in host name',
        ),
        (
            'urlJoin (dict "host" 5)',
            "error calling urlJoin: unable to parse host key, must be of type string, but int found",
        ),
        (
            'decryptAES "k" "YQ=="',
            "error calling decryptAES: runtime error: slice bounds out of range [:16] with capacity 1",
        ),
        ('buildCustomCert "#" ""', "error calling buildCustomCert: unable to decode base64 certificate"),
        (
            'genSelfSignedCert "x" (list 1) nil 1',
            "error calling genSelfSignedCert: error parsing ip: 1 is not a string",
        ),
        (
            'getHostByName "example.org"',
            "error calling getHostByName: the emulator does not ask the network for the address of example.org",
        ),
    ],
    ids=range(18),
)
def test_refusals(action: str, problem: str) -> None:
    with pytest.raises(GoError) as refusal:
        filled(f"{{{{{action}}}}}")
    assert str(refusal.value) == f'template: t:1:2: executing "t" at <{action}>: {problem}'


def test_certificates_are_signed_by_their_authority() -> None:
    text = '{{$ca := genCA "root" 3}}{{(genSignedCert "leaf" (list "10.0.0.1") (list "a.b") 2 $ca).Cert}}{{$ca.Cert}}'
    leaf, root = x509.load_pem_x509_certificates(filled(text).encode())
    leaf.verify_directly_issued_by(root)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.b"]
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days == 2


def test_keys_are_of_the_kind_asked_for() -> None:
    assert filled('{{genPrivateKey "ecdsa" | trunc 30}}') == "-----BEGIN EC PRIVATE KEY-----"
    assert filled('{{genPrivateKey "x"}}') == "Unknown type x"
