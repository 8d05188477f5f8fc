"""The commands about tasks over a scripted ARM."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from task_azure import Azure


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Azure:
    return Azure(monkeypatch)


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """What the user was told so far: narration and recommendations are written, az logs its errors."""
    return lambda: capsys.readouterr().err + "\n".join(record.message for record in caplog.records)
