"""Secrets do not survive in any spelling, and what is no secret does."""

from __future__ import annotations

import base64
import html
import json
import shlex
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from azext_acrpool.client.masking import Mask

PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nab\n-----END KEY-----\n"


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("hunter22", "bad token: hunter22.", "bad token: ***."),
        ("hunter22", "hunter22hunter22", "***"),
        ("hunter22", "Hunter 22", "Hunter 22"),
        ("a\nbcd", r'{"value":"a\nbcd"}', '{"value":"***"}'),
        ("café/x", r'"caf\u00e9\/x" "caf\u00E9/x" "café\/x"', '"***" "***" "***"'),
        ('say "no"', r'"{\"a\":\"say \\\"no\\\"\"}"', r'"{\"a\":\"***\"}"'),
        # As .NET and Go write JSON.
        ("a+b<c>&'d", r'"a\u002Bb\u003Cc\u003E\u0026\u0027d" "a+b\u003cc\u003e\u0026\'d"', '"***" "***"'),
        ("😀 key", r'"\ud83d\ude00 key" "\uD83D\uDE00\u0020key"', '"***" "***"'),
        ("p@ss/w rd!", "p%40ss%2Fw%20rd%21 p%40ss%2fw+rd! p@ss/w%20rd%21", "*** *** ***"),
        ("größe/1", "gr%C3%B6%C3%9Fe%2F1 gr%c3%b6ße/1 gr%25C3%25B6%25C3%259Fe%252F1", "*** *** ***"),
        ("a/b c", r'"https:\/\/host?x=a\/b%20c" "a%2fb+c"', r'"https:\/\/host?x=***" "***"'),
        ("it's $x", "'it'\\''s $x' 'it'\"'\"'s $x' \"it's \\$x\" 'it''s $x'", "'***' '***' \"***\" '***'"),
        ("hunter22", "aHVudGVyMjI= aHVudGVyMjI", "*** ***"),
        ("hunter22??>>", "aHVudGVyMjI_Pz4- aHVudGVyMjI/Pz4+ aHVudGVyMjI%2FPz4%2B", "*** *** ***"),
        ("hunter22", "Basic " + base64.b64encode(b"me:hunter22").decode(), "Basic bWU6***"),
        ("a<b&c", "<p>a&lt;b&amp;c</p>", "<p>***</p>"),
        (PEM, "MIIEvQIBADANBgkqhkiG9w0 is no key, ab is", "*** is no key, ab is"),
        (PEM, json.dumps(PEM), '"***"'),
        (" hunter22\n", "'hunter22'", "'***'"),
        # One to three characters.
        ("123", "PIN 123 is wrong, run 1234", "PIN *** is wrong, run 1234"),
        ("ab", "KEY=ab KEY='ab' YWI= about", "KEY=*** KEY='***' *** about"),
        ("ab", r'"\nab"', r'"\n***"'),
        ("a", "a bad wall", "*** bad wall"),
        # Blank.
        (" \n", "a \n b", "a \n b"),
        ("", "text", "text"),
    ],
)
def test_what_is_blotted_out(secret: str, text: str, shown: str) -> None:
    assert Mask([secret])(text) == shown


def test_the_longest_secret_goes_as_a_whole() -> None:
    assert Mask(["abcd", "abcdefgh", "ghij"])("abcd abcdefgh abcdefghij") == "*** *** ***"


def in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def in_unicode_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def in_double_quotes(text: str) -> str:
    return "".join(f"\\{char}" if char in '"\\$`' else char for char in text)


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def urlsafe_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": in_json,
    "JSON with other writing": in_unicode_json,
    "JSON with slashes": lambda text: in_json(text).replace("/", "\\/"),
    "JSON in JSON": lambda text: in_json(in_json(text)),
    "JSON in JSON with other writing": lambda text: in_unicode_json(in_unicode_json(text)),
    "JSON, every unit": lambda text: "".join(
        f"\\u{unit.hex()}" for unit in map(bytes, zip(*[iter(text.encode("utf-16-be"))] * 2, strict=True))
    ),
    "query": lambda text: quote(text, safe=""),
    "path": quote,
    "form": quote_plus,
    "query in lower case": lambda text: "".join(
        char if char.isascii() and char.isalnum() else "".join(f"%{byte:02x}" for byte in char.encode())
        for char in text
    ),
    "query in query": lambda text: quote(quote(text, safe=""), safe=""),
    "query in JSON": lambda text: in_json(quote(text)),
    "JSON in query": lambda text: quote(in_json(text), safe=""),
    "single quotes": lambda text: text.replace("'", "'\\''"),
    "shlex": shlex.quote,
    "double quotes": in_double_quotes,
    "HTML": html.escape,
    "base64": base64_of,
    "base64 for URLs": urlsafe_of,
    "base64 without padding": lambda text: base64_of(text).rstrip("="),
    "base64 for URLs without padding": lambda text: urlsafe_of(text).rstrip("="),
    "base64 in query": lambda text: quote(base64_of(text), safe=""),
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
# Half of them of what is written in another way somewhere.
SECRETS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\\"'/%+ \n\té😀$`&=?"), min_size=4)


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@given(before=TEXT, secret=SECRETS, after=TEXT)
@example(before="\\", secret="\n\\%2", after="%")
@example(before="%", secret="25\n ", after="\\")
@example(before="\\", secret="😀000", after="")
def test_no_secret_survives(spell: Callable[[str], str], before: str, secret: str, after: str) -> None:
    assume(len(secret.strip()) >= 4 and "*" not in secret)
    spelled = spell(secret)
    shown = Mask([secret])(f"{before}{spelled}{after}")
    assert spelled not in shown
    assert secret not in shown


@given(st.text(st.characters()), st.lists(st.text(st.characters()), max_size=5))
def test_no_text_and_no_secret_make_it_fail(text: str, secrets: list[str]) -> None:
    Mask(secrets)(text)


@given(st.text(st.characters()))
def test_what_holds_no_secret_stays(text: str) -> None:
    assume("hunter22" not in text)
    assert Mask(["hunter22"])(text) == text


LONG = ["a" * 1000 + "b", "\\" * 500, "\n".join(f"line {number} of a key" for number in range(40))]


@pytest.mark.parametrize("secret", LONG, ids=lambda secret: secret[:6])
@pytest.mark.parametrize("piece", ["a", "\\", "%255C", "\\u005c"])
def test_hostile_text_takes_no_longer_than_another(secret: str, piece: str) -> None:
    """What compares a secret with each part of the text takes minutes."""
    text, mask = piece * (300_000 // len(piece)), Mask([secret])
    begin = time.process_time()
    mask(text)
    assert time.process_time() - begin < 10
