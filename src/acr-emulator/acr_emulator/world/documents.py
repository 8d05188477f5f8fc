"""ARM resources as documents: those of the world file, and what requests have made of them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["NESTED", "DocumentStore", "resource_type"]

NESTED = {
    "microsoft.network/virtualnetworks": "subnets",
    "microsoft.network/networksecuritygroups": "securityRules",
    "microsoft.network/routetables": "routes",
}
"""Resources whose body holds resources of their own, as a list under this property. Types in lower case."""


def resource_type(resource_id: str) -> str:
    """Namespace and type: `Microsoft.Network/virtualNetworks/subnets` for a subnet's ID, "" outside any provider."""
    _, _, kind = resource_id.rpartition("/providers/")
    namespace, *names = kind.split("/")
    return "/".join([namespace, *names[::2]]) if kind != resource_id else ""


class DocumentStore:
    """Documents by resource ID, in any case. What is nested in another resource is a document of its own too."""

    def __init__(self) -> None:
        self._documents: dict[str, dict[str, Any]] = {}

    def __contains__(self, resource_id: str) -> bool:
        return _key(resource_id) in self._documents

    def put(self, resource_id: str, body: Mapping[str, Any]) -> None:
        """Create or replace a resource, and what is nested in it with it."""
        resource_id = "/" + resource_id.strip("/")
        document = copy.deepcopy({key: value for key, value in body.items() if key not in ("id", "name", "type")})
        known = self._documents.get(_key(resource_id))
        if known:
            resource_id = str(known["id"])
        names = {"id": resource_id, "name": resource_id.rpartition("/")[2]}
        self._documents[_key(resource_id)] = {**names, "type": resource_type(resource_id), **document}
        collection = self._nested(resource_id)
        properties = document.get("properties")
        if collection and isinstance(properties, dict):
            self._replace_nested(f"{resource_id}/{collection}", properties.pop(collection, None) or [])

    def _replace_nested(self, collection_id: str, items: list[Any]) -> None:
        wanted = {str(item["name"]): item for item in items if isinstance(item, dict) and item.get("name")}
        for child in self.children(collection_id):
            if str(child["name"]).lower() not in {name.lower() for name in wanted}:
                self.delete(child["id"])
        for name, item in wanted.items():
            self.put(f"{collection_id}/{name}", item)

    def get(self, resource_id: str) -> dict[str, Any] | None:
        """The resource with all that is nested in it, None if there is none."""
        document = self._documents.get(_key(resource_id))
        if document is None:
            return None
        shown = copy.deepcopy(document)
        if collection := self._nested(resource_id):
            shown.setdefault("properties", {})[collection] = list(self.children(f"{document['id']}/{collection}"))
        return shown

    def ids(self) -> list[str]:
        """Of all resources."""
        return [str(document["id"]) for document in self._documents.values()]

    def children(self, collection_id: str) -> Iterator[dict[str, Any]]:
        """The resources right below a collection such as `.../virtualNetworks` or `.../subnets`."""
        prefix = _key(collection_id) + "/"
        for key, document in list(self._documents.items()):
            if key.startswith(prefix) and "/" not in key[len(prefix) :]:
                yield self.get(document["id"]) or document

    def of_type(self, kind: str) -> Iterator[dict[str, Any]]:
        """All resources of a type such as `Microsoft.Network/privateEndpoints`."""
        for document in list(self._documents.values()):
            if str(document["type"]).lower() == kind.lower():
                yield self.get(document["id"]) or document

    def delete(self, resource_id: str) -> bool:
        """Remove a resource and everything below it; whether it was there."""
        key = _key(resource_id)
        found = key in self._documents
        for other in [other for other in self._documents if other == key or other.startswith(key + "/")]:
            del self._documents[other]
        return found

    @staticmethod
    def _nested(resource_id: str) -> str | None:
        return NESTED.get(resource_type(resource_id).lower())


def _key(resource_id: str) -> str:
    return "/" + resource_id.strip("/").lower()
