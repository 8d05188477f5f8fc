"""Who may import whom: the contracts in pyproject.toml, as `lint-imports` checks them."""

from __future__ import annotations

from pathlib import Path

import pytest
from importlinter import configuration
from importlinter.application import use_cases

ROOT = Path(__file__).resolve().parents[2]


def test_imports_keep_to_their_floors(capsys: pytest.CaptureFixture[str]) -> None:
    configuration.configure()
    kept = use_cases.lint_imports(str(ROOT / "pyproject.toml"), cache_dir=None, no_logo=True)
    told = capsys.readouterr().out
    assert kept, f"These imports lead up, or in a circle:\n{told}"
