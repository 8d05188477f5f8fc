"""Sends the requests of published examples, and compares the replies' members."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acr_emulator.world import PoolSpec, RegistrySpec, SubscriptionSpec, World
from acr_emulator.world.regions import AGENT_POOL_REGIONS
from asgi_exchange import Reply
from comparison import Difference, header_differences, missing_members
from emulated_azure import EmulatedAzure

__all__ = ["Example", "example_differences", "load_examples"]

GROUPS = {
    "AgentPools": ("/agentPools", "agentPoolName"),
    "Registries": ("", "registryName"),
    "Runs": ("/runs", "runId"),
    "TaskRuns": ("/taskRuns", "taskRunName"),
    "Tasks": ("/tasks", "taskName"),
}
"""Of an operation's name the first part: the collection, and the parameter that names one of its resources."""

METHODS = {"Create": "PUT", "Update": "PATCH", "Get": "GET", "Delete": "DELETE", "List": "GET"}
ACTIONS = {
    "Cancel": "cancel",
    "GetBuildSourceUploadUrl": "listBuildSourceUploadUrl",
    "GetDetails": "listDetails",
    "GetLogSasUrl": "listLogSasUrl",
    "GetQueueStatus": "listQueueStatus",
    "ScheduleRun": "scheduleRun",
}
RUN = {"type": "EncodedTaskRunRequest", "encodedTaskContent": "c3RlcHM6", "platform": {"os": "Linux"}}
STEP = {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6"}


@dataclass(frozen=True)
class Example:
    """A published example: operation, as in `AgentPoolsCreate`, perhaps with `_more` behind it; its file's content."""

    name: str
    document: Mapping[str, Any]

    @property
    def parameters(self) -> Mapping[str, Any]:
        parameters: Mapping[str, Any] = self.document["parameters"]
        return parameters

    @property
    def body(self) -> Any:
        """The parameter that is an object."""
        return next((value for value in self.parameters.values() if isinstance(value, dict)), None)


def load_examples(folder: Path) -> list[Example]:
    """The examples of a folder, none where there is no such folder."""
    return [Example(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.json"))]


def example_differences(example: Example) -> list[Difference]:
    """What of the example's reply is not in the emulator's; values in examples mean nothing."""
    group, verb = _operation(example)
    parameters = example.parameters
    body = example.body or {}
    location = str(body.get("location", "West US"))
    pools = (PoolSpec(parameters["agentPoolName"]),) if group == "AgentPools" and verb != "Create" else ()
    registry = RegistrySpec(
        parameters["registryName"], parameters["resourceGroupName"], parameters["subscriptionId"], location, pools=pools
    )
    world = World(
        (SubscriptionSpec(registry.subscription_id),),
        (registry,),
        agent_pool_regions=(*AGENT_POOL_REGIONS, location),
    )
    with EmulatedAzure(world) as azure:
        reply = _send(azure, group, verb, example)
    expected = example.document["responses"].get(str(reply.status))
    if expected is None:
        return [Difference("status", f"is {reply.status}: {reply.content.decode()[:300]}")]
    differences = list(missing_members(expected["body"], reply.body)) if "body" in expected else []
    headers = {name.lower(): value for name, value in expected.get("headers", {}).items()}
    return [*differences, *header_differences(headers, reply.headers, keeps_retry_after=False)]


def _operation(example: Example) -> tuple[str, str]:
    name = example.name.replace("_", "")
    group = max((prefix for prefix in GROUPS if name.startswith(prefix)), key=len)
    rest = name.removeprefix(group)
    return group, max((verb for verb in (*METHODS, *ACTIONS) if rest.startswith(verb)), key=len)


def _send(azure: EmulatedAzure, group: str, verb: str, example: Example) -> Reply:
    (registry,) = azure.emulator.services.state.registries
    collection, parameter = GROUPS[group]
    name = example.parameters.get(parameter, "")
    resource = f"{registry.id}{collection}/{name}" if collection else registry.id
    if verb != "Create":
        _make(azure, group, registry.id, resource)
    url = f"{registry.id}{collection}" if verb == "List" else resource
    url = f"{url}/{ACTIONS[verb]}" if verb in ACTIONS else url
    return azure.request(
        METHODS.get(verb, "POST"), f"{url}?api-version={example.parameters['api-version']}", example.body
    )


def _make(azure: EmulatedAzure, group: str, registry_id: str, resource: str) -> None:
    """What the example works on."""
    location = azure.emulator.services.state.registries[0].spec.location
    if group == "Tasks":
        azure.put(resource, {"location": location, "properties": {"platform": {"os": "Linux"}, "step": STEP}})
    if group == "TaskRuns":
        azure.put(resource, {"location": location, "properties": {"runRequest": RUN}})
    if group == "Runs":
        (registry,) = azure.emulator.services.state.registries
        azure.post(f"{registry_id}/scheduleRun", RUN)
        (run,) = registry.runs.values()
        run.id = resource.rpartition("/")[2]
        registry.runs = {run.id.lower(): run}
