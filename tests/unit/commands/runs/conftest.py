"""What the tests of builds and runs share."""

from __future__ import annotations

from pathlib import Path

import pytest
from run_azure import Azure


@pytest.fixture
def azure() -> Azure:
    return Azure()


@pytest.fixture
def context(tmp_path: Path) -> str:
    """A folder that can be built."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    return str(tmp_path)
