"""All checks of an agent pool's health, and the rounds in which they are asked.

A check looks at the facts and returns what it finds, None if it has nothing to say about such a pool. One that asks the
same of many things (each service, each route, each registry of base images) yields a finding for each of them.

The order is that in which things must be mended: what the caller may do, the registry, the network, and then the pool
in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from . import permissions, registry, registry_access
from .facts import Facts
from .findings import Finding, Severity, worst_first
from .images import base_images, readability
from .network import egress_routes, firewalls, outbound, subnet, vnet, way_out
from .plan import plan_fixes
from .pool import policy, queue, quota, state

__all__ = ["CHECKS", "check_before_create", "check_health", "why_waiting"]

_Check = Callable[[Facts], Finding | Iterator[Finding] | None]

_REGISTRY: tuple[_Check, ...] = (
    registry.check_registry,
    registry.check_registry_tier,
    registry.check_registry_state,
    registry.check_region,
    registry.check_role_assignment_mode,
)
_POOL: tuple[_Check, ...] = (
    state.check_pool,
    state.check_pool_state,
    state.check_pool_size,
    policy.check_policy,
)
_QUEUE: tuple[_Check, ...] = (
    queue.check_queue,
    queue.check_queue_count,
    queue.check_overdue_runs,
)
_NETWORK: tuple[_Check, ...] = (
    subnet.check_subnet_id,
    subnet.check_subscription,
    vnet.check_vnet,
    vnet.check_dns,
    vnet.check_subnet_region,
    subnet.check_subnet,
    subnet.check_subnet_room,
    subnet.check_subnet_delegation,
    way_out.check_service_endpoints,
    way_out.check_way_out,
    outbound.check_nsg,
    outbound.check_outbound,
    egress_routes.check_route_table,
    egress_routes.check_routes,
    firewalls.check_firewalls,
    egress_routes.check_learned_routes,
)
CHECKS: tuple[_Check, ...] = (
    permissions.check_permissions,
    *_REGISTRY,
    *_NETWORK,
    registry_access.check_registry_access,
    base_images.check_base_images,
    readability.check_dockerfile,
    quota.check_quota,
    *_POOL,
    *_QUEUE,
)
# What takes one round of requests beside those that create makes anyway.
_BEFORE_CREATE: tuple[_Check, ...] = (
    registry.check_registry,
    registry.check_registry_tier,
    registry.check_region,
    *_NETWORK,
    quota.check_quota,
)

# Without these, agents still fetch their work: runs start, and fail or lack their logs.
_NOT_IN_THE_WAY = (
    *("AzureMonitor", "BlocksLogs", "BlockLogs"),
    *("AzureContainerRegistry", "BlocksRegistry", "BlockRegistry", "PrivateEndpoint"),
)


def check_health(facts: Facts) -> list[Finding]:
    """Every finding, worst first, and in the order of the checks among those that are equally bad.

    All commands that mend something may be run from the first to the last, or those of the errors alone.
    """
    return plan_fixes(facts, worst_first(_ask(CHECKS, facts)), list(_refusals(facts)))


def check_before_create(facts: Facts) -> list[Finding]:
    """What is found about creating the wanted pool in its registry and subnet, in the same order."""
    return plan_fixes(facts, worst_first(_ask(_BEFORE_CREATE, facts)))


def why_waiting(facts: Facts) -> list[Finding]:
    """What keeps the pool's instances from taking runs: errors only if there are any, else what may do so."""
    found = [finding for finding in _ask((*_POOL, *_NETWORK), facts) if _keeps_waiting(finding)]
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    return errors or [finding for finding in found if finding.severity is Severity.WARNING]


def _refusals(facts: Facts) -> Iterator[Finding]:
    """What create would refuse a failed pool for that is made again. Whether there is room is judged with its state."""
    failed = facts.existing
    if failed is None or not failed.is_failed:
        return
    asked = (check for check in _BEFORE_CREATE if check is not subnet.check_subnet_room)
    for finding in _ask(asked, replace(facts, pool=state.made_again(failed))):
        if finding.severity is Severity.ERROR:
            yield finding


def _keeps_waiting(finding: Finding) -> bool:
    only_others = finding.subjects and all(subject in _NOT_IN_THE_WAY for subject in finding.subjects)
    return not only_others and not finding.code.endswith(_NOT_IN_THE_WAY)


def _ask(checks: Iterable[_Check], facts: Facts) -> Iterator[Finding]:
    for check in checks:
        found = check(facts)
        if isinstance(found, Finding):
            yield found
        elif found is not None:
            yield from found
