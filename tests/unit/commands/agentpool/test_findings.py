"""What commands make of findings: a result, what is said beside it, and an exit code."""

from __future__ import annotations

import json

import pytest

from azext_acrpool._format import health_output_format
from azext_acrpool.commands.agentpool.findings import as_data, finding_lines, report
from azext_acrpool.health.findings import Finding, Severity

BLOCKED = Finding(
    code="NsgBlocksStorage",
    severity=Severity.ERROR,
    check="NSG: Storage",
    message="It blocks Storage.",
    evidence="mynsg",
    recommendation="Allow it.",
    fix=("az one", "az two"),
)
LATE = Finding(
    code="PoolBusy",
    severity=Severity.WARNING,
    check="Pool state",
    message="It is being updated.",
    recommendation="Wait.",
)
UNREAD = Finding(code="NsgNotChecked", severity=Severity.NOT_CHECKED, check="NSG", message="Not checked: needs read.")
FINE = Finding(code="RegistryPremium", severity=Severity.OK, check="Registry tier", message="The registry is Premium.")
ALL = [BLOCKED, LATE, UNREAD, FINE]


def test_the_data_hold_everything() -> None:
    assert json.loads(json.dumps(as_data(BLOCKED))) == {
        "severity": "error",
        "code": "NsgBlocksStorage",
        "check": "NSG: Storage",
        "message": "It blocks Storage.",
        "evidence": "mynsg",
        "recommendation": "Allow it.",
        "fix": ["az one", "az two"],
    }


@pytest.mark.parametrize(("findings", "code"), [(ALL, 1), ([LATE, UNREAD, FINE], 0), ([], 0)])
def test_only_errors_fail(findings: list[Finding], code: int) -> None:
    result = report(findings)
    assert (result.data, result.exit_code) == ([as_data(finding) for finding in findings], code)


def test_a_terminal_gets_a_table_that_fits_it() -> None:
    result = report(ALL)
    assert result.table is not None
    rows = result.table(100, True)(result.data)
    assert rows == health_output_format(result.data, columns=100, colored=True)
    assert rows != health_output_format(result.data)


def test_commands_that_mend_follow_a_table() -> None:
    assert list(report(ALL).remarks) == list(finding_lines(ALL))


def test_lines_name_the_commands_and_count() -> None:
    assert "\n".join(finding_lines(ALL)).strip().splitlines() == [
        "NsgBlocksStorage: Allow it.",
        "    az one",
        "    az two",
        "",
        "PoolBusy: Wait.",
        "",
        "1 error, 1 warning, 1 not checked, 1 ok",
    ]
