"""What names a subnet, where it may be, and how many machines fit into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from azext_acrpool.client.registries import RegistryId
from azext_acrpool.health.facts import Facts, ResourceId, SubnetFacts, Unreadable
from azext_acrpool.health.findings import Finding, Severity
from azext_acrpool.health.network.subnet import check_subscription, free_addresses, invalid_subnet_id
from azext_acrpool.pool import Pool

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
SUBNET = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n"
POOL = Pool("mypool", "myregistry", "S1", 1)


@pytest.mark.parametrize(
    "subnet_id",
    [None, SUBNET, SUBNET.upper(), SUBNET + "/", SUBNET.replace("Microsoft.Network", "Microsoft.ClassicNetwork")],
)
def test_ids_of_subnets(subnet_id: str | None) -> None:
    assert invalid_subnet_id(subnet_id) is None


@pytest.mark.parametrize(
    "subnet_id",
    [
        "mysubnet",
        SUBNET.rpartition("/subnets")[0],
        SUBNET + "/ipConfigurations/x",
        SUBNET.replace("virtualNetworks", "loadBalancers"),
        SUBNET.replace("/v/", "//"),
    ],
)
def test_ids_of_something_else(subnet_id: str) -> None:
    assert invalid_subnet_id(subnet_id) == Finding(
        code="InvalidSubnetId",
        severity=Severity.ERROR,
        check="Subnet",
        message=f"'{subnet_id}' is not the resource ID of a subnet, which looks like"
        " /subscriptions/../resourceGroups/../providers/Microsoft.Network/virtualNetworks/../subnets/..",
        evidence=subnet_id,
        recommendation='To list those that there are: az network vnet list --query "[].subnets[].id" -o tsv',
    )


def facts(subnet_id: str | None) -> Facts:
    return Facts(
        now=datetime(2026, 1, 15, tzinfo=timezone.utc),
        registry_id=RegistryId(SUBSCRIPTION, "mygroup", "myregistry"),
        registry=Unreadable(),
        pool=replace(POOL, subnet_id=subnet_id),
    )


def test_subnet_of_another_subscription_is_a_warning() -> None:
    elsewhere = SUBNET.replace(SUBSCRIPTION, "other")
    assert check_subscription(facts(elsewhere)) == Finding(
        code="SubnetInOtherSubscription",
        severity=Severity.WARNING,
        check="Subnet",
        message=f"The subnet is in subscription other, the registry in {SUBSCRIPTION}. Whether the service accepts that"
        " is not documented.",
        evidence=elsewhere,
        recommendation="If the create fails, use a subnet in the registry's subscription.",
    )


@pytest.mark.parametrize("subnet_id", [None, "mysubnet", SUBNET, SUBNET.upper()])
def test_of_a_subnet_beside_the_registry_or_of_none_nothing_is_said(subnet_id: str | None) -> None:
    assert check_subscription(facts(subnet_id)) is None


@pytest.mark.parametrize(
    ("prefixes", "used", "free"),
    [
        (("10.0.0.0/24",), 2, 256 - 5 - 2),
        (("10.0.0.0/29", "10.0.0.8/29", "fd00::/64"), 0, 16 - 10),
    ],
)
def test_azure_keeps_five_addresses_of_each_ipv4_network(prefixes: tuple[str, ...], used: int, free: int) -> None:
    assert free_addresses(SubnetFacts(ResourceId("s", "g", "n", "v"), prefixes, used)) == free
