"""Go's package `strings`, where Python differs."""

from __future__ import annotations

import pytest
from acr_emulator.golang.strings import fields, to_lower, trim_space


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" a\tb\r\nc ", ["a", "b", "c"]),
        ("a\u3000b\x85c\u2003d\u200be", ["a", "b", "c", "d\u200be"]),
        ("a\x1cb\x1fc", ["a\x1cb\x1fc"]),
        ("", []),
    ],
)
def test_cuts_at_what_go_takes_for_blanks(text: str, expected: list[str]) -> None:
    assert fields(text) == expected


def test_trims_what_go_takes_for_blanks() -> None:
    assert trim_space("\u2007\u3000 \x1fa\x1f\n\v") == "\x1fa\x1f"


def test_makes_one_small_letter_of_each() -> None:
    assert to_lower("\u0130A\u212a") == "iak"
