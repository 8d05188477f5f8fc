"""Why runs wait for a pool that has instances to spare."""

from __future__ import annotations

from .checks import check_network
from .facts import Facts
from .findings import Finding, Severity
from .pool.checks import check_pool

__all__ = ["why_waiting"]

# Without these, agents still fetch their work: runs start, and fail or lack their logs.
_NOT_IN_THE_WAY = ("AzureMonitor", "AzureContainerRegistry", "PrivateEndpoint")


def why_waiting(facts: Facts) -> list[Finding]:
    """What keeps the pool's instances from taking runs: errors only if there are any, else what may do so."""
    found = [
        finding for finding in [*check_pool(facts), *check_network(facts)] if not finding.code.endswith(_NOT_IN_THE_WAY)
    ]
    for severity in (Severity.ERROR, Severity.WARNING):
        if matching := [finding for finding in found if finding.severity is severity]:
            return matching
    return []
