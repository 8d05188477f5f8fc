"""All checks of an agent pool's health."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .facts import Facts
from .findings import Finding, Severity
from .images.base_images import check_base_images
from .network.egress_routes import check_routes
from .network.outbound import check_outbound
from .network.subnet import check_subnet
from .permissions import check_permissions
from .pool.checks import check_pool, check_runs
from .pool_quota import check_pool_quota
from .registry import check_registry

__all__ = ["check_health", "check_network", "has_errors"]

_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.NOT_CHECKED, Severity.OK)
_NETWORK_CHECKS = (check_subnet, check_outbound, check_routes)
_CHECKS = (
    check_registry,
    check_pool,
    check_runs,
    check_pool_quota,
    *_NETWORK_CHECKS,
    check_base_images,
    check_permissions,
)


def check_health(facts: Facts) -> list[Finding]:
    """Every finding, worst first, and in the order of the checks among those that are equally bad."""
    return _run(_CHECKS, facts)


def check_network(facts: Facts) -> list[Finding]:
    """What is found about the pool's subnet, its rules and its routes, in the same order."""
    return _run(_NETWORK_CHECKS, facts)


def _run(checks: Sequence[Callable[[Facts], list[Finding]]], facts: Facts) -> list[Finding]:
    found = [finding for check in checks for finding in check(facts)]
    return sorted(found, key=lambda finding: _WORST_FIRST.index(finding.severity))


def has_errors(findings: Sequence[Finding]) -> bool:
    """Whether something will not work."""
    return any(finding.severity is Severity.ERROR for finding in findings)
