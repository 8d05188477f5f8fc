"""What commands make of findings: a result, what is said beside it, and an exit code."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from health_worlds import HealthWorld, load_worlds, read_facts
from knack.output import format_table
from knack.util import CommandResultItem

from azext_acrpool._format import health_output_format
from azext_acrpool.commands.agentpool.findings import as_data, finding_lines, report
from azext_acrpool.health.checks import check_health
from azext_acrpool.health.findings import Finding, Severity

ROOT = Path(__file__).parents[4]
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
told_of = partial(report, registry="myregistry", pool="mypool")


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
    result = told_of(findings)
    names = {"agentPoolName": "mypool", "registryName": "myregistry"}
    assert (result.data, result.exit_code) == ([{**as_data(finding), **names} for finding in findings], code)


def test_a_pool_that_is_only_wanted_has_no_name() -> None:
    (found,) = report([FINE], registry="myregistry").data
    assert (found["agentPoolName"], found["registryName"]) == (None, "myregistry")


def shown(findings: list[Finding], columns: int = 100, *, verbose: bool = False) -> list[str]:
    """The lines of the table that az prints on a terminal."""
    result = told_of(findings, verbose=verbose)
    assert result.table is not None
    return str(
        format_table(CommandResultItem(result.data, table_transformer=result.table(columns, False)))
    ).splitlines()


def blocked(service: str, **changes: Any) -> Finding:
    return replace(BLOCKED, code=f"NsgBlocks{service}", check=f"NSG: {service} 443", subjects=(service,), **changes)


THREE = [blocked(service, brief="'mynsg' blocks ", fix=(f"az {service}",)) for service in ("A", "B", "C")]


def test_a_terminal_gets_a_line_for_each_cause_and_a_number_for_what_is_good() -> None:
    assert shown([*THREE, LATE, UNREAD, FINE, FINE]) == [
        "SEVERITY     CHECK       FOUND",
        "-----------  ----------  ----------------------",
        "error        NSG         'mynsg' blocks A, B, C",
        "warning      Pool state  It is being updated",
        "not checked  NSG         needs read",
        "ok                       2 checks ok",
    ]


def test_what_there_is_no_room_for_is_a_number() -> None:
    many = [blocked(f"Service{number}", brief="'mynsg' blocks ") for number in range(9)]
    assert shown(many, columns=75)[2:] == [
        "error       NSG      'mynsg' blocks Service0, Service1, Service2 and 6 more"
    ]


@pytest.mark.parametrize(
    ("message", "columns", "line"),
    [
        ("It is short.", 60, "It is short"),
        ("It is short. But why it is so is a story that does not fit.", 60, "It is short"),
        ("It is short: why it is so is a story that does not fit.", 60, "It is short"),
        ("It tells a story that does not fit into its line, or two.", 60, "It tells a story that does not fit .."),
        ("x" * 80, 60, "x" * 37 + ".."),
        ("It is short.", 10, "It is short"),
        ("\x1b[31m it acts.", 60, "\\x1b[31m it acts"),
    ],
)
def test_a_message_is_told_as_far_as_its_line_goes(message: str, columns: int, line: str) -> None:
    finding = Finding(code="A", severity=Severity.ERROR, check="NSG", message=message)
    assert shown([finding], columns)[2] == f"error       NSG      {line}"


def test_with_verbose_a_terminal_gets_all_of_it() -> None:
    result = told_of(ALL, verbose=True)
    assert result.table is not None
    assert result.table(100, True)(result.data) == health_output_format(result.data, columns=100, colored=True)
    assert len(shown(ALL, verbose=True)) == 2 + len(ALL)


def test_severities_have_colors_on_a_terminal_that_shows_them() -> None:
    result = told_of(ALL)
    assert result.table is not None
    assert [row["SEVERITY"] for row in result.table(100, True)(result.data)] == [
        "\x1b[1;31merror\x1b[0m",
        "\x1b[33mwarning\x1b[0m",
        "\x1b[36mnot checked\x1b[0m",
        "\x1b[32mok\x1b[0m",
    ]


WORLDS = load_worlds(ROOT / "tests" / "unit" / "health" / "worlds")


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_in_every_world_a_finding_is_a_line_of_100_columns_with_nothing_cut(world: HealthWorld) -> None:
    found = check_health(read_facts(world.documents))
    lines = shown(found)
    assert max(map(len, lines)) <= 100
    assert [line for line in lines if line.endswith("..")] == []
    assert len(lines) <= 3 + sum(finding.severity is not Severity.OK for finding in found)


def test_commands_that_mend_follow_a_table() -> None:
    assert list(told_of(ALL).remarks) == list(finding_lines(ALL))


def test_lines_name_the_commands_in_their_order_and_count() -> None:
    mine = replace(LATE, code="SubnetFull", recommendation="Use another.")
    assert "\n".join(
        finding_lines([*THREE, BLOCKED, mine, LATE, replace(LATE, code="B"), UNREAD, FINE])
    ).splitlines() == [
        "",
        "To mend:",
        "    az A",
        "    az B",
        "    az C",
        "    az one",
        "    az two",
        "",
        "Notes:",
        "    NsgBlocksA, NsgBlocksB, NsgBlocksC, NsgBlocksStorage: Allow it.",
        "    SubnetFull: Use another.",
        "    PoolBusy, B: Wait.",
        "    NsgNotChecked: needs read.",
        "",
        "4 errors, 3 warnings, 1 not checked, 1 ok",
    ]


def test_of_what_is_good_there_is_nothing_to_say_but_how_much() -> None:
    assert list(finding_lines([FINE])) == ["\n0 errors, 0 warnings, 0 not checked, 1 ok"]
