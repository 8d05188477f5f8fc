"""Which checks are asked when, and what is told of what they find."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from azext_acrpool import health
from azext_acrpool.client.registries import RegistryId
from azext_acrpool.health import checks
from azext_acrpool.health.checks import CHECKS, check_before_create, check_health, why_waiting
from azext_acrpool.health.facts import (
    Dockerfile,
    Facts,
    NsgFacts,
    RegistryFacts,
    ResourceId,
    SecurityRule,
    SubnetFacts,
    Unreadable,
)
from azext_acrpool.health.findings import Finding, Severity, has_errors, worst_first
from azext_acrpool.pool import Pool

WHERE = ResourceId("s", "mygroup", "myregistry")
SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n"
FINE = Facts(
    now=datetime(2026, 1, 15, tzinfo=timezone.utc),
    registry_id=RegistryId("s", "mygroup", "myregistry"),
    registry=RegistryFacts(WHERE, "westus2"),
    pool=Pool("mypool", "myregistry", "S1", 1),
    offered_regions={"westus2": "West US 2", "eastus": "East US"},
)
DENY = SecurityRule("DenyAll", 200, "Deny")


def bad(findings: list[Finding]) -> dict[str, Severity]:
    return {finding.code: finding.severity for finding in findings if finding.severity is not Severity.OK}


def finding(code: str, severity: Severity) -> Finding:
    return Finding(code=code, severity=severity, check="", message="")


def test_findings_come_worst_first_and_else_in_their_order() -> None:
    given = [
        finding("a", Severity.OK),
        finding("b", Severity.WARNING),
        finding("c", Severity.NOT_CHECKED),
        finding("d", Severity.ERROR),
        finding("e", Severity.WARNING),
    ]
    assert [found.code for found in worst_first(given)] == ["d", "b", "e", "c", "a"]
    assert has_errors(given)
    assert not has_errors(given[:3])


def test_nothing_speaks_against_a_fine_pool() -> None:
    assert [found.code for found in check_before_create(FINE)] == [
        "RegistryPremium",
        "RegionOffersAgentPools",
        "VcpuQuota",
    ]


def test_before_a_create_nobody_asks_about_permissions_and_the_registrys_firewall() -> None:
    closed = replace(RegistryFacts(WHERE, "westus2"), public_access=False, state="Updating")
    facts = replace(FINE, registry=closed, permissions=())
    assert bad(check_before_create(facts)) == {}
    assert {"RegistryBusy", "RegistryBlocksTasks", "MayNotCreate"} <= set(bad(check_health(facts)))


def test_all_that_speaks_against_a_create_is_told_at_once() -> None:
    facts = replace(
        FINE,
        registry=RegistryFacts(WHERE, "uksouth", sku="Basic"),
        pool=Pool("mypool", "myregistry", "I6", 1, subnet_id=SUBNET.replace("/s/", "/other/")),
        subnet=SubnetFacts(ResourceId("other", "g", "n", "v"), ("10.0.0.0/29",), delegations=("Microsoft.Web",)),
    )
    assert bad(check_before_create(facts)) == {
        "RegistryNotPremium": Severity.ERROR,
        "RegionWithoutAgentPools": Severity.ERROR,
        "SubnetDelegated": Severity.ERROR,
        "VcpuQuotaExceeded": Severity.WARNING,
        "SubnetInOtherSubscription": Severity.WARNING,
    }


def test_without_the_pools_the_quota_is_not_judged() -> None:
    pool = Pool("mypool", "myregistry", "I6", 9)
    unknown = Unreadable(permission="Microsoft.ContainerRegistry/registries/agentpools/read")
    assert bad(check_before_create(replace(FINE, pool=pool, pools=unknown))) == {
        "QuotaNotChecked": Severity.NOT_CHECKED
    }


EXISTING = replace(
    FINE,
    pool=Pool("mypool", "myregistry", "S1", 1, state="Succeeded", subnet_id=SUBNET),
    subnet=SubnetFacts(ResourceId("s", "g", "n", "v"), ("10.0.0.0/24",)),
)


@pytest.mark.parametrize(
    ("state", "rules", "told"),
    [
        ("Succeeded", (), {}),
        ("Succeeded", (replace(DENY, destinations=("AzureMonitor",)),), {}),
        ("Succeeded", (replace(DENY, destinations=("AzureContainerRegistry",)),), {}),
        ("Canceled", (), {"PoolCanceled": Severity.WARNING}),
        (
            "Canceled",
            (replace(DENY, destinations=("Storage",)),),
            {"NsgBlocksStorage": Severity.ERROR},
        ),
        ("Failed", (), {"PoolFailed": Severity.ERROR}),
    ],
)
def test_why_runs_wait_is_told_by_errors_and_else_by_warnings(
    state: str, rules: tuple[SecurityRule, ...], told: dict[str, Severity]
) -> None:
    pool = EXISTING.existing
    assert pool is not None
    facts = replace(EXISTING, pool=replace(pool, state=state), nsg=NsgFacts(ResourceId("s", "g", "nsg"), rules))
    assert bad(why_waiting(facts)) == told


def check_functions() -> list[str]:
    """All functions of the package that look at facts and are called a check."""
    found = []
    for described in pkgutil.walk_packages(health.__path__, f"{health.__name__}."):
        module = importlib.import_module(described.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            annotations = [parameter.annotation for parameter in inspect.signature(function).parameters.values()]
            if name.startswith("check_") and annotations == ["Facts"] and function.__module__ == module.__name__:
                found.append(f"{module.__name__}.{name}")
    return found


def test_every_check_is_in_the_table_once() -> None:
    rounds = [f"{checks.__name__}.{name}" for name in ("check_health", "check_before_create")]
    asked = [f"{check.__module__}.{check.__name__}" for check in CHECKS]
    assert sorted([*asked, *rounds]) == sorted(check_functions())


def test_of_a_dockerfile_that_is_too_long_for_a_look_nobody_says_that_it_builds() -> None:
    found = check_health(replace(FINE, dockerfile=Dockerfile("Dockerfile", b"FROM scratch\n#\n" * 20_000)))
    assert [finding.code for finding in found if finding.check == "Dockerfile"] == ["DockerfileRemark"]
