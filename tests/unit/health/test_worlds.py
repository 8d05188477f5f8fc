"""The checks in worlds that are data: a sound one, every single fault, and combinations that tell something."""

from __future__ import annotations

import ast
import re
from dataclasses import astuple
from pathlib import Path

import pytest
from health_worlds import HealthWorld, load_worlds, read_facts

from azext_acrpool import health
from azext_acrpool.health.checks import check_health
from azext_acrpool.health.findings import Finding, Severity, has_errors

ROOT = Path(__file__).parents[3]
WORLDS = load_worlds(Path(__file__).with_name("worlds"))
ORDER = [Severity.ERROR, Severity.WARNING, Severity.NOT_CHECKED, Severity.OK]


def found_in(world: HealthWorld) -> list[Finding]:
    return check_health(read_facts(world.documents))


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_the_checks_find_what_is_wrong_and_nothing_else(world: HealthWorld) -> None:
    found = found_in(world)

    assert {
        finding.code: finding.severity.value for finding in found if finding.severity is not Severity.OK
    } == world.expect
    assert set(world.ok) <= {finding.code for finding in found if finding.severity is Severity.OK}
    assert has_errors(found) == ("error" in world.expect.values())
    for code, text in world.says.items():
        told = [str(astuple(finding)) for finding in found if finding.code == code]
        assert any(text in words for words in told), told


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_findings_are_complete_and_come_worst_first(world: HealthWorld) -> None:
    found = found_in(world)

    ranks = [ORDER.index(finding.severity) for finding in found]
    assert ranks == sorted(ranks)
    for finding in found:
        assert finding.check, finding.code
        assert finding.message.endswith("."), finding.message
        if finding.severity in (Severity.ERROR, Severity.WARNING):
            assert finding.evidence, finding.code
            assert finding.fix or finding.recommendation, finding.code
        for command in finding.fix:
            assert command.startswith("az "), command
            assert "None" not in command, command


def bad_codes() -> set[str]:
    """The codes of all findings that the checks build and that are not good, as the sources say them.

    One that ends differently for each service or operation has ".." there. The pre-flight's own, which are about what a
    user typed, are left out.
    """
    sources = Path(health.__file__).parent
    trees = [ast.parse(path.read_bytes()) for path in sources.rglob("*.py") if path.name != "preflight.py"]
    codes = set()
    for call in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if "code" in given and ast.unparse(given.get("severity", call)) != "Severity.OK":
            codes |= code_texts(given["code"])
    return codes


def code_texts(expression: ast.expr) -> set[str]:
    match expression:
        case ast.Constant(value=str(code)):
            return {code}
        case ast.IfExp(body=one, orelse=other):
            return code_texts(one) | code_texts(other)
        case ast.JoinedStr(values=[ast.Constant(value=str(stem)), *_]):
            return {f"{stem}.."}
        case ast.Name(id="code") | ast.Attribute(attr="code"):  # handed on from where it is said
            return set()
    raise AssertionError(f"which codes are these? {ast.unparse(expression)}")


def documented_codes() -> set[str]:
    """The codes in the first column of the table of findings."""
    _, _, table = (ROOT / "docs" / "network.md").read_text(encoding="utf-8").partition("\n## Findings\n")
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {code for row in rows for code in re.findall("`([^`]+)`", row)}


def test_every_code_that_can_be_bad_has_a_world() -> None:
    shown = {code for world in WORLDS for code in world.expect}
    codes = bad_codes()

    assert len(codes) > 40
    unseen = {code for code in codes if not any(fits(code, one) for one in shown)}
    assert unseen == set()
    assert {one for one in shown if not any(fits(code, one) for code in codes)} == set()
    assert len(WORLDS) >= 40


def fits(code: str, shown: str) -> bool:
    return shown.startswith(code[:-2]) if code.endswith("..") else shown == code


def test_the_documentation_names_every_code_and_no_other() -> None:
    assert documented_codes() == bad_codes()
