"""The tables of `az acr agentpool autoscale`: each fits a terminal of 80 columns."""

from __future__ import annotations

from typing import Any

import pytest

from azext_acrpool._format import autoscale_deployment_output_format, autoscale_run_output_format

EVALUATED: dict[str, Any] = {
    "agentPoolName": "mypool",
    "action": "none",
    "count": 1,
    "targetCount": 1,
    "minCount": 0,
    "maxCount": 4,
    "queuedRuns": 0,
    "runningRuns": 1,
    "reason": "1 running run needs 1 instance",
    "problem": "",
}
ROW = {"NAME": "mypool", "COUNT": "1", "MIN": "0", "MAX": "4", "QUEUED": "0", "RUNNING": "1", "ACTION": "none"}


@pytest.mark.parametrize(
    ("changes", "cells"),
    [
        ({}, {}),
        ({"action": "scaleOut", "targetCount": 3, "queuedRuns": 2}, {"QUEUED": "2", "ACTION": "scaleOut to 3"}),
        ({"action": "scaleIn", "targetCount": 0}, {"ACTION": "scaleIn to 0"}),
        (
            {"problem": "No.", "minCount": None, "maxCount": None, "queuedRuns": None, "runningRuns": None},
            {"MIN": " ", "MAX": " ", "QUEUED": " ", "RUNNING": " ", "ACTION": "(a problem)"},
        ),
    ],
    ids=["nothing", "out", "in", "problem"],
)
def test_evaluations(changes: dict[str, Any], cells: dict[str, str]) -> None:
    assert autoscale_run_output_format([{**EVALUATED, **changes}, EVALUATED]) == [{**ROW, **cells}, ROW]


DEPLOYED: dict[str, Any] = {
    "deployed": True,
    "taskName": "acrpool-autoscale",
    "status": "Enabled",
    "every": "10m",
    "nextRun": "2026-03-01T12:10:00+00:00",
    "hasRole": True,
    "lastRun": {"runId": "cf1", "status": "Succeeded"},
}
DEPLOYED_ROW = {
    "TASK": "acrpool-autoscale",
    "STATUS": "Enabled",
    "EVERY": "10m",
    "NEXT RUN": "2026-03-01T12:10:00Z",
    "LAST RUN": "Succeeded",
    "ROLE": "yes",
}


@pytest.mark.parametrize(
    ("changes", "cells"),
    [
        ({}, {}),
        (
            {"status": "Disabled", "nextRun": None, "hasRole": False, "lastRun": None},
            {"STATUS": "Disabled", "NEXT RUN": " ", "LAST RUN": " ", "ROLE": "no"},
        ),
        ({"hasRole": None}, {"ROLE": " "}),
    ],
    ids=["works", "disabled", "role not known"],
)
def test_a_deployment(changes: dict[str, Any], cells: dict[str, str]) -> None:
    assert autoscale_deployment_output_format({**DEPLOYED, **changes}) == [{**DEPLOYED_ROW, **cells}]


def test_no_deployment() -> None:
    cells = {"STATUS": "(not deployed)", **dict.fromkeys(("EVERY", "NEXT RUN", "LAST RUN", "ROLE"), " ")}
    result = {"deployed": False, "registryName": "myregistry", "taskName": "acrpool-autoscale", "agentPools": []}
    assert autoscale_deployment_output_format(result) == [{**DEPLOYED_ROW, **cells}]
    assert autoscale_deployment_output_format(None) == []


def test_rows_fit_a_narrow_terminal() -> None:
    longest = {**EVALUATED, "agentPoolName": "p" * 20, "action": "scaleOut", "targetCount": 9999, "count": 9999}
    bounds = {"minCount": 9999, "maxCount": 9999}
    for row in (
        autoscale_run_output_format({**longest, **bounds})[0],
        autoscale_deployment_output_format({**DEPLOYED, "status": "Disabled"})[0],
    ):
        assert len("  ".join(cell.ljust(len(title)) for title, cell in row.items())) <= 80
