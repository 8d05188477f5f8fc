"""What was there when a recording began, by what its own replies say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from acr_emulator.world import PoolSpec, RegistrySpec, ResourceSpec, SubscriptionSpec, World
from acr_emulator.world.documents import resource_type
from acr_emulator.world.regions import AGENT_POOL_REGIONS, REGISTRY_REGIONS
from contexts import contexts_of

__all__ = ["RUN_ID", "Setting", "setting_of"]

REGISTRIES = "microsoft.containerregistry/registries"
POOLS, TASKS, TASK_RUNS, RUNS = (f"{REGISTRIES}/{kind}" for kind in ("agentpools", "tasks", "taskruns", "runs"))
DOCUMENTS = ("microsoft.network/", "microsoft.managedidentity/")
GROUP = re.compile(r"(?P<id>/subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<name>[^/]+))", re.IGNORECASE)
IN_GROUP = re.compile(
    r"(?P<scope>/subscriptions/[^/]+/resourcegroups/[^/]+/providers/[^/]+)/(?P<names>.*?)(?:/providers/.*)?$", re.I
)
OBJECT_ID = re.compile(r"objectId=([0-9a-f-]{36})")
OWNER = ({"actions": ["*"], "notActions": []},)
"""What whoever made a recording may do: everything, but nothing with the content of repositories."""

RUN_ID = re.compile(r"(?P<prefix>[a-z]+)(?P<number>\d+)")

PLENTY = 10_000
"""vCPUs: a recording's quota is not known, and it was not reached."""

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """A world, its resource groups by ID, and the requests that complete it, each a method, a path and a body.

    Requests are to be sent after the interaction of their number, which makes what they need; those of -1 before all.
    `first_runs`: the first run that each registry is seen to number, by the registry's ID in lower case. `run_seconds`:
    how long each run took, by its ID. `contexts`: the files of remote contexts, by URL. `caller`: the IDs of whoever
    made the requests.
    """

    world: World
    groups: Mapping[str, Mapping[str, Any]]
    requests: Mapping[int, Sequence[tuple[str, str, Any]]]
    first_runs: Mapping[str, str]
    run_seconds: Mapping[str, float]
    contexts: Mapping[str, Mapping[str, str]]
    caller: frozenset[str]


@dataclass
class _Seen:
    """Resources by ID in lower case: when the recording makes them, or how those look that it finds."""

    made: dict[str, int] = field(default_factory=dict)
    found: dict[str, dict[str, Any]] = field(default_factory=dict)

    def find(self, body: Mapping[str, Any]) -> None:
        """Note a resource as a reply shows it, unless it is known.

        What a list left out, a later look completes; what is new since a look that showed the properties was made.
        """
        key = str(body["id"]).lower()
        known = self.found.setdefault(key, {}) if key not in self.made else None
        if known is None or "properties" in known:
            return
        for name, value in body.items():
            known.setdefault(name, value)


def setting_of(interactions: Sequence[Item]) -> Setting:
    """What the recording uses without making it."""
    seen = _Seen()
    for number, item in enumerate(interactions):
        _note(number, item, seen)
    groups = _groups(interactions)
    registries = [_registry(key, seen) for key in seen.found if _type(key) == REGISTRIES]
    documents = [body for key, body in seen.found.items() if _type(key).startswith(DOCUMENTS) and "properties" in body]
    locations = sorted({text for item in interactions for text in _locations(item)})
    subscriptions = dict.fromkeys(match["subscription"] for match in map(GROUP.match, _paths(interactions)) if match)
    world = World(
        subscriptions=tuple(SubscriptionSpec(name) for name in subscriptions) or (SubscriptionSpec(),),
        registries=tuple(registries),
        resources=tuple(ResourceSpec(str(body["id"]), body) for body in documents),
        agent_pool_regions=(*AGENT_POOL_REGIONS, *locations),
        registry_regions=(*REGISTRY_REGIONS, *locations),
        permissions=OWNER,
    )
    requests: dict[int, list[tuple[str, str, Any]]] = {}
    for key, body in seen.found.items():
        registry = key.partition("/registries/")[0] + "/registries/" + key.partition("/registries/")[2].split("/")[0]
        requests.setdefault(seen.made.get(registry, -1), []).extend(_completions(key, body))
    return Setting(
        world=world,
        groups=groups,
        requests=requests,
        first_runs=dict(_first_runs(interactions)),
        run_seconds=dict(_run_seconds(interactions)),
        contexts=contexts_of(interactions),
        caller=frozenset(_callers(interactions)),
    )


def _note(number: int, item: Item, seen: _Seen) -> None:
    path = urlsplit(item["uri"]).path.rstrip("/")
    if item["status"] >= 400:
        return
    for resource_id in _resources_in(path):
        is_whole_path = resource_id.lower() == path.lower()
        if is_whole_path and item["method"] == "PUT" and resource_id.lower() not in seen.found:
            seen.made.setdefault(resource_id.lower(), number)
        else:
            seen.find({"id": resource_id})
    for body in _bodies(item.get("body")):
        if not (item["method"] == "PUT" and str(body["id"]).lower() in seen.made):
            seen.find(body)


def _resources_in(path: str) -> Iterator[str]:
    """The resources that a path goes through: of `.../registries/r/agentPools/p/x` r and p."""
    match = IN_GROUP.match(path)
    if match is None:
        return
    names = match["names"].split("/")
    for length in range(2, len(names) + 1, 2):
        resource_id = f"{match['scope']}/{'/'.join(names[:length])}"
        if _type(resource_id) in (REGISTRIES, POOLS, TASKS, TASK_RUNS) or _type(resource_id).startswith(DOCUMENTS):
            yield resource_id


def _bodies(body: Any) -> Iterator[Mapping[str, Any]]:
    """The resources in a reply."""
    if isinstance(body, dict) and isinstance(body.get("value"), list):
        for item in body["value"]:
            yield from _bodies(item)
    elif isinstance(body, dict) and isinstance(body.get("id"), str) and "/providers/" in body["id"]:
        yield body


def _paths(interactions: Sequence[Item]) -> Iterator[str]:
    for item in interactions:
        yield urlsplit(item["uri"]).path
        for body in _bodies(item.get("body")):
            yield str(body["id"])


def _type(resource_id: str) -> str:
    return resource_type(resource_id).lower()


def _groups(interactions: Sequence[Item]) -> dict[str, dict[str, Any]]:
    """The resource groups that are not made, with what is said of them."""
    made: set[str] = set()
    groups: dict[str, dict[str, Any]] = {}
    for path in _paths(interactions):
        if match := GROUP.match(path):
            groups.setdefault(match["id"].lower(), {"location": "westus"})
    for item in interactions:
        path = urlsplit(item["uri"]).path.rstrip("/").lower()
        if GROUP.fullmatch(path) and item["status"] in (200, 201) and path not in made:
            made |= {path} if item["status"] == 201 else set()
            groups[path] = {key: item["body"][key] for key in ("location", "tags") if key in item["body"]}
    return {group: body for group, body in groups.items() if group not in made}


def _registry(key: str, seen: _Seen) -> RegistrySpec:
    body = seen.found[key]
    match = GROUP.match(str(body["id"]))
    assert match is not None
    children = {name: child for name, child in seen.found.items() if name.startswith(f"{key}/")}
    of_children = next((child["location"] for child in children.values() if "location" in child), "westus2")
    # Lists show the newest first, wherever they come from.
    pools = sorted((child for name, child in children.items() if _type(name) == POOLS), key=_created)
    return RegistrySpec(
        name=str(body["id"]).rpartition("/")[2],
        resource_group=match["name"],
        subscription_id=match["subscription"],
        location=str(body.get("location", of_children)),
        sku=str((body.get("sku") or {}).get("name", "Premium")),
        tags=body.get("tags") or {},
        pools=tuple(map(_pool, pools)),
        standard_vcpu_quota=PLENTY,
        isolated_vcpu_quota=PLENTY,
    )


def _created(body: Mapping[str, Any]) -> str:
    return str((body.get("systemData") or {}).get("createdAt", ""))


def _pool(body: Mapping[str, Any]) -> PoolSpec:
    properties = body.get("properties") or {}
    state = str(properties.get("provisioningState", "Succeeded"))
    return PoolSpec(
        name=str(body["id"]).rpartition("/")[2],
        tier=str(properties.get("tier", "S1")),
        count=int(properties.get("count", 1)),
        state=state if state in ("Succeeded", "Failed") else "Succeeded",
        subnet_id=properties.get("virtualNetworkSubnetResourceId"),
        tags=body.get("tags") or {},
    )


def _completions(key: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """What of a resource only requests can bring about."""
    written = {name: body[name] for name in ("location", "tags", "identity") if body.get(name)}
    properties = body.get("properties") or {}
    if _type(key) == REGISTRIES and properties:
        yield "PATCH", f"{body['id']}?api-version=2026-09-01-preview", {**written, "properties": properties}
    if _type(key) == TASKS and properties:
        yield "PUT", f"{body['id']}?api-version=2019-06-01-preview", {**written, "properties": properties}
    if _type(key) == TASK_RUNS and properties:
        asked = {name: properties[name] for name in ("runRequest", "forceUpdateTag") if name in properties}
        yield "PUT", f"{body['id']}?api-version=2019-06-01-preview", {**written, "properties": asked}


def _locations(item: Item) -> Iterator[str]:
    for body in _bodies(item.get("body")):
        if isinstance(body.get("location"), str):
            yield body["location"]


def _runs(interactions: Sequence[Item]) -> Iterator[Mapping[str, Any]]:
    for item in interactions:
        for body in _bodies(item.get("body")):
            yield from _runs_in(body)


def _runs_in(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if _type(str(body["id"])) == RUNS:
        yield body
    if _type(str(body["id"])) == TASK_RUNS and (result := (body.get("properties") or {}).get("runResult")):
        yield result


def _first_runs(interactions: Sequence[Item]) -> Iterator[tuple[str, str]]:
    """The first ID that is given to a run of each registry."""
    lowest: dict[str, tuple[int, str]] = {}
    for run in _runs(interactions):
        registry = str(run["id"]).lower().rpartition("/runs/")[0]
        match = RUN_ID.fullmatch(str(run["name"]))
        if match is not None:
            found = (int(match["number"]), str(run["name"]))
            lowest[registry] = min(found, lowest.get(registry, found))
    yield from ((registry, name) for registry, (_, name) in lowest.items())


def _run_seconds(interactions: Sequence[Item]) -> Iterator[tuple[str, float]]:
    for run in _runs(interactions):
        properties = run.get("properties") or {}
        if "startTime" in properties and "finishTime" in properties:
            started, finished = (_seconds(properties[name]) for name in ("startTime", "finishTime"))
            yield str(run["id"]).lower(), finished - started


def _seconds(text: str) -> float:
    """A time of the service, whose fraction has up to seven digits, as seconds."""
    whole, _, rest = text.partition(".")
    fraction = re.match(r"\d*", rest)
    return datetime.fromisoformat(whole[:19]).timestamp() + float(f"0.{fraction[0] if fraction else ''}0")


def _callers(interactions: Sequence[Item]) -> Iterator[str]:
    """The object IDs of whoever made the requests: in a header, and as the one who changed a role assignment."""
    for item in interactions:
        if match := OBJECT_ID.search(item["headers"].get("x-ms-operation-identifier", "")):
            yield match[1]
        if "/roleassignments/" in item["uri"].lower() and item["method"] == "PUT" and item["status"] < 300:
            yield str(item["body"]["properties"]["updatedBy"])
