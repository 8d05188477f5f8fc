"""Progress as a line of text."""

from __future__ import annotations

import pytest

from azext_acrpool.context import Progress, Totals, format_progress, format_summary


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress(), "0 files, 0 B read, 0 B sent"),
        (Progress(1, 500, 0, 0, 0.1), "1 file, 500 B read, 0 B sent"),
        (
            Progress(1204, 51_200_000, 20_000_000, 17_000_000, 2.0),
            "1,204 files, 51.2 MB read, 17.0 MB sent, 8.5 MB/s",
        ),
        (
            Progress(1204, 50_000_000, 20_000_000, 10_000_000, 2.0, totals=Totals(20000, 100_000_000)),
            "1,204 of 20,000 files, 50.0 MB read, 10.0 MB sent, 5.0 MB/s, 6 s left",
        ),
        (
            Progress(20000, 100_000_000, 40_000_000, 10_000_000, 50.0, packed=True, totals=Totals(20000, 100_000_000)),
            "20,000 files, 100.0 MB read, 10.0 MB sent, 200.0 kB/s, 2 min 30 s left",
        ),
        (
            Progress(1, 10**12, 10**12, 10**9, 10.0, packed=True),
            "1 file, 1000.0 GB read, 1.0 GB sent, 100.0 MB/s, 2 h 46 min left",
        ),
    ],
)
def test_the_line_for_a_terminal(progress: Progress, line: str) -> None:
    assert format_progress(progress) == line


def test_the_line_for_the_end() -> None:
    final = Progress(20000, 82_000_000, 21_300_000, 21_300_000, 1.9, packed=True)
    assert format_summary(final) == "Sent 20,000 files (82.0 MB) as 21.3 MB in 1.9 s (11.2 MB/s)"
    assert format_summary(Progress(1, 5, 100, 100, 0.0)) == "Sent 1 file (5 B) as 100 B in 0.0 s (0 B/s)"
