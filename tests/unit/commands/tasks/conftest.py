"""What the tests of the commands about tasks share."""

from __future__ import annotations

import pytest
from task_azure import TaskAzure


@pytest.fixture
def azure() -> TaskAzure:
    return TaskAzure()
