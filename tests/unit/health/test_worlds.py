"""The checks in worlds that are data: a sound one, every single fault, and combinations that tell something."""

from __future__ import annotations

import re
from dataclasses import astuple
from pathlib import Path

import pytest
from health_worlds import HealthWorld, load_worlds, read_facts

from azext_acrpool.health.checks import check_health
from azext_acrpool.health.findings import Finding, Severity, has_errors

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


def test_every_code_that_can_be_bad_has_a_world() -> None:
    """Those of the pre-flight, which is about what a user typed, are not asked for."""
    sources = Path(__file__).parents[3] / "azext_acrpool" / "health"
    texts = {path.relative_to(sources).as_posix(): path.read_text(encoding="utf-8") for path in sources.rglob("*.py")}
    bad = re.compile(r'"([A-Z]\w+)",\s*(?:severity=)?(?:check=|Severity\.(?:ERROR|WARNING|NOT_CHECKED))')
    codes = {
        code
        for name, text in texts.items()
        if name not in ("preflight.py", "pool/state.py")
        for code in bad.findall(text)
    }
    shown = {code for world in WORLDS for code in world.expect}

    assert len(codes) > 20
    assert codes - shown == set()
    assert len(WORLDS) >= 40


def test_every_code_is_in_the_documentation() -> None:
    table = (Path(__file__).parents[3] / "docs" / "network.md").read_text(encoding="utf-8")
    documented = re.findall(r"`([A-Z][A-Za-z]+)(\.\.)?`", table)
    exact = {code for code, dots in documented if not dots}
    stems = tuple(code for code, dots in documented if dots)

    shown = {code for world in WORLDS for code in world.expect}

    assert {code for code in shown if code not in exact and not code.startswith(stems)} == set()
