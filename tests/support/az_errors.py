"""What az itself has printed about an error."""

from __future__ import annotations

import logging

import pytest


def printed_errors(log: pytest.LogCaptureFixture) -> list[str]:
    """The messages of the errors that az printed; its own data collection logs each a second time."""
    printed = [record for record in log.records if record.name == "cli.azure.cli.core.azclierror"]
    return [record.getMessage() for record in printed if record.levelno == logging.ERROR]
