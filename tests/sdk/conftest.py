"""An emulator in a process of its own, for Azure's SDKs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from az_harness import Emulator


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The default world, in which everything is quick."""
    options = ("--pool-seconds", "0.2", "--retry-after", "1", "--agent-speed", "20")
    with Emulator(tmp_path_factory.mktemp("emulator"), options) as emulator:
        yield emulator
