"""One plan out of what each check proposes: commands that may be run one after another, as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from .facts import Facts, NsgFacts
from .findings import Finding, Opening
from .fixes import CHANGE_POOLS, DELETE_POOLS
from .network.outbound_rules import plan_rules
from .permissions import find_lacking, give_role, role_grants

__all__ = ["plan_fixes"]


def plan_fixes(facts: Facts, findings: Sequence[Finding], refusals: Sequence[Finding] = ()) -> list[Finding]:
    """The findings, in their order, with the commands that mend them: each command once, where it is first needed.

    `refusals` are for what create would refuse to make the pool again, once it is deleted.
    A command may need those before it, and none after it. Commands about the registry and its pools that the caller may
    not run are no fix, unless one before them gives the permission: then the recommendation says what is to be run by
    somebody else. What the caller may do to the network is not known.
    """
    rules = _plan_rules(facts, findings)
    permitted = [_with_permissions(facts, _with_rules(finding, rules)) for finding in findings]
    refusing = [_with_permissions(facts, _with_rules(finding, rules)) for finding in refusals]
    hindering = [finding for finding in permitted if finding.hinders]
    return list(_each_once(_leave_choice(_after(hindering, refusing, finding)) for finding in permitted))


def _plan_rules(facts: Facts, findings: Iterable[Finding]) -> Mapping[Opening, tuple[str, ...]]:
    """The rules that let traffic through: their priorities and names are taken from one list."""
    if not isinstance(facts.nsg, NsgFacts):
        return {}
    return plan_rules(facts, facts.nsg, (opening for finding in findings for opening in finding.openings))


def _with_rules(finding: Finding, plans: Mapping[Opening, tuple[str, ...]]) -> Finding:
    if not all(opening in plans for opening in finding.openings):
        return replace(finding, recommendation=finding.otherwise, fix=())
    commands = (command for opening in finding.openings for command in plans[opening])
    return replace(finding, fix=tuple(dict.fromkeys((*commands, *finding.fix))))


def _with_permissions(facts: Facts, finding: Finding) -> Finding:
    lacking = find_lacking(facts, finding.actions) if finding.fix else []
    if not lacking:
        return finding
    role = give_role(facts)
    if role and role_grants(lacking):
        return replace(finding, fix=(*role, *finding.fix))
    return replace(
        finding,
        recommendation=f"{finding.recommendation} You lack {', '.join(lacking)} for that. Somebody who has it types:"
        f" {'; then: '.join(finding.fix)}",
        fix=(),
    )


def _after(hindering: Sequence[Finding], refusing: Sequence[Finding], finding: Finding) -> Finding:
    """A change of a pool comes after what mends all that hinders it, and is no fix where something is left of that.

    What deletes a pool must be able to create it again.
    """
    if not set(CHANGE_POOLS) & set(finding.actions) or not finding.fix:
        return finding
    before = [*hindering, *refusing] if set(DELETE_POOLS) & set(finding.actions) else hindering
    if left := dict.fromkeys(other.code for other in before if not other.fix):
        see = f"{finding.recommendation} See first what is said here of {' and '.join(left)}."
        return replace(finding, recommendation=see, fix=())
    first = (command for other in before for command in other.fix)
    return replace(finding, fix=(*first, *finding.fix))


def _leave_choice(finding: Finding) -> Finding:
    """Nobody's script decides: what somebody has to choose is told, and is no fix."""
    if not finding.by_choice or not finding.fix:
        return finding
    advice = f"{finding.recommendation.rstrip('.')}: {'; then: '.join(finding.fix)}"
    return replace(finding, recommendation=advice, fix=())


def _each_once(findings: Iterable[Finding]) -> Iterable[Finding]:
    said: dict[str, str] = {}
    for finding in findings:
        new = tuple(command for command in finding.fix if command not in said)
        elsewhere = dict.fromkeys(said[command] for command in finding.fix if command in said)
        said.update((command, finding.code) for command in new)
        advice = finding.recommendation
        if elsewhere and not new:
            advice = f"{advice} What does that stands at {', '.join(elsewhere)}.".strip()
        yield replace(finding, recommendation=advice, fix=new)
