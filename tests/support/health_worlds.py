"""Worlds for the checks of a pool's health: what ARM would answer, as data, and what the checks must say about it.

`worlds/bases.yaml` holds whole worlds. Every other file holds worlds by name: a `base`, the `changes` to it (a JSON
merge patch, RFC 7396: null removes, lists are replaced), `expect` (all findings but the good ones: severity by code),
and optionally `ok` (codes of good findings) and `says` (text that a finding must hold somewhere, by code).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from azext_acrpool.client.active_runs import ActiveRun
from azext_acrpool.client.pools import as_pool_model, read_pool
from azext_acrpool.client.registries import RegistryId
from azext_acrpool.client.runs import as_run_model
from azext_acrpool.dockerfile.model import AskedBuild
from azext_acrpool.health.facts import Dockerfile, Facts, FirewallFacts, Missing, Unreadable
from azext_acrpool.health.reading.documents import (
    read_dns_zone,
    read_nsg,
    read_permissions,
    read_registry,
    read_route_table,
    read_subnet,
    read_vnet,
)
from azext_acrpool.health.reading.facts import describe_run
from azext_acrpool.health.reading.firewall_documents import Policy, read_firewall
from azext_acrpool.pool import Pool

__all__ = ["HealthWorld", "load_worlds", "merge_patch", "read_facts"]

_BASES = "bases.yaml"


@dataclass(frozen=True)
class HealthWorld:
    """A world's documents, and what is expected of the checks there."""

    name: str
    documents: Mapping[str, Any]
    expect: Mapping[str, str] = field(default_factory=dict)
    ok: tuple[str, ...] = ()
    says: Mapping[str, str] = field(default_factory=dict)


def load_worlds(folder: Path) -> list[HealthWorld]:
    """All worlds of the folder, those of the bases among them."""
    bases = _load(folder / _BASES)
    worlds = [HealthWorld(name, documents) for name, documents in bases.items()]
    for path in sorted(folder.glob("*.yaml")):
        if path.name == _BASES:
            continue
        for name, world in _load(path).items():
            documents = merge_patch(bases[world["base"]], world.get("changes") or {})
            worlds.append(
                HealthWorld(
                    f"{path.stem}: {name}",
                    documents,
                    world.get("expect") or {},
                    tuple(world.get("ok") or ()),
                    world.get("says") or {},
                )
            )
    return worlds


def _load(path: Path) -> dict[str, Any]:
    # Every worker reads all of them. PyYAML is built without its faster loader where there is no libyaml.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), loader)
    return loaded


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def read_facts(documents: Mapping[str, Any]) -> Facts:
    """The facts that these documents hold. `{unreadable: action}` and `{missing: id}` stand for 403 and 404."""
    where = documents["where"]
    registry_id = RegistryId(where["subscription"], where["group"], where["registry"])
    wanted = documents.get("wanted")
    dockerfile = documents.get("dockerfile")
    timeouts = documents.get("timeouts") or {}
    now = datetime.fromisoformat(documents["now"])
    return Facts(
        now=now,
        registry_id=registry_id,
        registry=_fact(documents["registry"], read_registry),
        pool=Pool(**wanted, registry="myregistry") if wanted else _fact(documents["pool"], _read_pool),
        pools=_fact(documents.get("pools", []), lambda bodies: tuple(map(_read_pool, bodies))),
        offered_regions=_fact(documents.get("regions", {}), dict),
        queue_count=_fact(documents.get("queue", {"count": 0}), lambda body: body["count"]),
        runs=_fact(
            documents.get("runs", []),
            lambda bodies: tuple(
                describe_run(ActiveRun(as_run_model(body), now), timeouts.get(body["properties"]["runId"]))
                for body in bodies
            ),
        ),
        subnet=_optional(documents, "subnet", read_subnet),
        vnet=_optional(documents, "vnet", read_vnet),
        nsg=_optional(documents, "nsg", read_nsg),
        route_table=_optional(documents, "routeTable", read_route_table),
        firewalls={
            address: _fact(document, _read_firewall) for address, document in (documents.get("firewalls") or {}).items()
        },
        permissions=_fact(documents.get("permissions", [{"actions": ["*"]}]), read_permissions),
        dockerfile=_dockerfile(dockerfile, documents.get("buildArgs") or {}, documents.get("buildOptions") or {}),
        dns_zone=_optional(documents, "dnsZone", read_dns_zone),
        endpoint_networks=tuple(documents["endpointNetworks"]) if "endpointNetworks" in documents else None,
        caller=documents.get("caller", ""),
        firewall_commands=documents.get("firewallCommands", False),
    )


def _dockerfile(text: str | None, arguments: Mapping[str, str], options: Mapping[str, Any]) -> Dockerfile | None:
    return Dockerfile("Dockerfile", text.encode(), AskedBuild(arguments, secrets=None, **options)) if text else None


def _fact(document: Any, read: Any) -> Any:
    if isinstance(document, Mapping) and "unreadable" in document:
        return Unreadable(document["unreadable"])
    if isinstance(document, Mapping) and "missing" in document:
        return Missing(document["missing"])
    return read(document)


def _optional(documents: Mapping[str, Any], key: str, read: Any) -> Any:
    return _fact(documents[key], read) if key in documents else None


def _read_firewall(document: Mapping[str, Any]) -> FirewallFacts:
    policies = [Policy(policy["id"], policy.get("groups") or []) for policy in document.get("policies") or []]
    return read_firewall(document["firewall"], policies, document.get("ipGroups") or {})


def _read_pool(body: Mapping[str, Any]) -> Pool:
    return read_pool(as_pool_model(body), "myregistry")
