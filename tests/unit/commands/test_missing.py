"""What is said of something that is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from knack.validators import DefaultStr
from pool_azure import PoolAzure
from scripted_arm import SUBSCRIPTION, arm_error, registry_body
from scripted_transport import Reply

from azext_acrpool.commands.agentpool.create import create_pool
from azext_acrpool.commands.agentpool.delete import delete_pool
from azext_acrpool.commands.agentpool.show import list_pools, list_runs, show_pool
from azext_acrpool.commands.agentpool.update import update_pool
from azext_acrpool.commands.agentpool.wait import wait_for_pool

NO_REGISTRY = arm_error(
    404,
    "ResourceNotFound",
    "The Resource 'Microsoft.ContainerRegistry/registries/myregistry' under resource group 'other' was not found.",
)
NO_GROUP = arm_error(404, "ResourceGroupNotFound", "Resource group 'other' could not be found.")
NO_POOL = arm_error(404, "ResourceNotFound")
FOUND = Reply(200, {"value": [registry_body()]})
NOWHERE = Reply(200, {"value": []})
AGAIN = "Registry 'myregistry' is in resource group 'mygroup'. Type the command again with: -g mygroup"
LIST = "List the registries of this subscription with: az acr list -o table"
SWITCH = (
    "Is it in another subscription? List yours with `az account list -o table`, choose one with"
    " `az account set -s SUBSCRIPTION` or --subscription."
)


def without(reply: Reply, resources: Reply) -> PoolAzure:
    """Where everything about the registry in the group gets this reply."""
    routes = ("GET /registries/myregistry", "GET /agentPools", "GET /agentPools/mypool", "DELETE /agentPools/mypool")
    return PoolAzure({**dict.fromkeys((*routes, "GET /runs"), reply), "GET /resources": resources})


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (show_pool, {}),
        (create_pool, {}),
        (update_pool, {"count": 2}),
        (delete_pool, {"yes": True}),
        (wait_for_pool, {"created": True}),
        (list_runs, {}),
    ],
)
@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (
            NO_REGISTRY,
            f"Could not find a registry named 'myregistry' in resource group 'other' of subscription '{SUBSCRIPTION}'.",
        ),
        (NO_GROUP, f"Could not find a resource group named 'other' in subscription '{SUBSCRIPTION}'."),
    ],
)
def test_a_404_that_is_not_about_the_pool(
    command: Callable[..., Any], options: dict[str, Any], reply: Reply, told: str
) -> None:
    finished = without(reply, FOUND).run(command, resource_group_name="other", **options)
    assert (finished.exit_code, finished.told) == (3, [told, AGAIN])


def test_a_registry_that_is_in_no_group() -> None:
    finished = without(NO_REGISTRY, NOWHERE).run(show_pool, resource_group_name="other")
    assert (finished.exit_code, finished.told[1:]) == (3, [LIST, SWITCH])


def test_what_cannot_be_found_out_is_left_out() -> None:
    finished = without(NO_REGISTRY, arm_error(403, "AuthorizationFailed")).run(show_pool, resource_group_name="other")
    assert (finished.exit_code, finished.told[1:]) == (3, [LIST, SWITCH])


def test_a_group_from_the_defaults() -> None:
    finished = without(NO_GROUP, FOUND).run(show_pool, resource_group_name=DefaultStr("other"))
    assert (finished.exit_code, finished.told) == (
        3,
        [
            f"Could not find a resource group named 'other' (from az's defaults) in subscription '{SUBSCRIPTION}'.",
            AGAIN,
            "Or set the default with: az config set defaults.group=mygroup",
        ],
    )


def test_a_registry_from_the_defaults() -> None:
    names = {"registry_name": DefaultStr("myregistry"), "resource_group_name": None}
    finished = without(NO_REGISTRY, NOWHERE).run(show_pool, **names)
    assert (finished.exit_code, finished.told) == (
        3,
        [
            f"Could not find a registry named 'myregistry' (from az's defaults) in subscription '{SUBSCRIPTION}'.",
            LIST,
            SWITCH,
            (
                "Registry 'myregistry' comes from az's defaults. Name another with -r, or set the default with:"
                " az config set defaults.acr=REGISTRY"
            ),
        ],
    )


def test_a_pool_of_a_registry_from_the_defaults() -> None:
    finished = PoolAzure({"GET /agentPools/mypool": NO_POOL}).run(show_pool, registry_name=DefaultStr("myregistry"))
    assert (finished.exit_code, finished.told) == (
        3,
        [
            "Could not find an agent pool named 'mypool' in registry 'myregistry'.",
            "List the registry's agent pools with: az acr agentpool list -r myregistry -o table",
            (
                "Registry 'myregistry' comes from az's defaults. Name another with -r, or set the default with:"
                " az config set defaults.acr=REGISTRY"
            ),
        ],
    )


def test_a_pool_of_a_group_that_was_typed_is_listed_there() -> None:
    finished = PoolAzure({"GET /agentPools/mypool": NO_POOL}).run(show_pool, resource_group_name="mygroup")
    assert finished.told[1] == (
        "List the registry's agent pools with: az acr agentpool list -r myregistry -g mygroup -o table"
    )


def test_a_subscription_that_is_not_there() -> None:
    azure = PoolAzure({"GET /resources": arm_error(404, "SubscriptionNotFound")})
    finished = azure.session.run(list_pools, registry_name="myregistry")
    assert (finished.exit_code, finished.told) == (3, [f"Could not find subscription '{SUBSCRIPTION}'.", SWITCH])
