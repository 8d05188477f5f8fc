"""The small parts of what is said."""

from __future__ import annotations

import pytest

from azext_acrpool.wording import format_duration


@pytest.mark.parametrize(("seconds", "text"), [(0.9, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3725.2, "1 h 2 min")])
def test_durations(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
