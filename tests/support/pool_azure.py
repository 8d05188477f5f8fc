"""Azure as the commands about agent pools see it, and a session in front of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from knack.validators import DefaultStr
from scripted_arm import POOL_PATH, SUBSCRIPTION, RoutedTransport, arm_error, arm_over, pool_body, registry_body
from scripted_transport import Answer, Reply

from azext_acrpool.testing import FakeSession, Finished, JumpingClock

__all__ = ["MISSING", "NAMES", "NETWORK", "PROVIDER", "VNET", "PoolAzure", "listing"]

# The group as az fills it in from its defaults: commands to type need not name it then.
NAMES: dict[str, Any] = {
    "agent_pool_name": "mypool",
    "registry_name": "myregistry",
    "resource_group_name": DefaultStr("mygroup"),
}
MISSING = arm_error(404, "ResourceNotFound")
PROVIDER = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.ContainerRegistry"
NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/mygroup/providers/Microsoft.Network"
VNET = f"{NETWORK}/virtualNetworks/myvnet"

_METADATA = {"resourceTypes": [{"resourceType": "registries/agentPools", "locations": ["West US 2"]}]}
_STATUS = {"Azure-AsyncOperation": f"https://management.example{POOL_PATH}/operationStatuses/1?s=x"}


def listing(*items: dict[str, Any]) -> Reply:
    """A page that lists `items`, and the last one."""
    return Reply(200, {"value": list(items)})


class PoolAzure:
    """A registry without pools, in which a pool can be created, scaled and deleted at once; `changes` are other routes.

    `session` runs commands; `transport` tells what they asked.
    """

    def __init__(self, changes: Mapping[str, Answer | Iterable[Answer]] | None = None) -> None:
        self.transport = RoutedTransport(
            {
                "GET /registries/myregistry": Reply(200, registry_body()),
                "GET /providers/Microsoft.ContainerRegistry": Reply(200, _METADATA),
                "GET /agentPools": listing(),
                "PUT /agentPools/mypool": Reply(201, pool_body(state="Creating"), _STATUS),
                "PATCH /agentPools/mypool": Reply(201, pool_body(state="Updating"), _STATUS),
                "DELETE /agentPools/mypool": Reply(202, pool_body(state="Deleting")),
                "GET /operationStatuses/1": [Reply(200, {"status": "Creating"}), Reply(200, {"status": "Succeeded"})],
                "GET /agentPools/mypool": Reply(200, pool_body()),
                "GET /tasks": listing(),
                "GET /runs": listing(),
                **(changes or {}),
            }
        )
        clock = JumpingClock()
        self.session = FakeSession(arm_over(self.transport, clock), clock)

    def run(self, command: Callable[..., Any], **options: Any) -> Finished:
        """Run a command on `mypool` of `myregistry`."""
        return self.session.run(command, **{**NAMES, **options})

    def sent(self, method: str) -> Any:
        """The body of the only request with `method`."""
        (request,) = [request for request in self.transport.requests if request.method == method]
        return json.loads(request.content)
