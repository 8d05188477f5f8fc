"""Compares what the emulator answered with what Azure answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

__all__ = ["Difference", "body_differences", "header_differences", "missing_members"]

VOLATILE = frozenset(
    {
        "clientId",
        "clientSecretUrl",
        "createdAt",
        "createdBy",
        "createdOn",
        "creationDate",
        "createTime",
        "digest",
        "etag",
        "finishTime",
        "lastModifiedAt",
        "lastModifiedBy",
        "lastUpdatedTime",
        "logArtifactLink",
        "logLink",
        "principalId",
        "relativePath",
        "resourceGuid",
        "startTime",
        "tenantId",
        "updatedBy",
        "updatedOn",
        "uploadUrl",
    }
)
"""Members whose values are bound to differ from one day, user or build to the next; their types are not."""

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
DOMAIN_LABEL = re.compile(r"-[a-z0-9]{16}(?=\.)")
"""What is put behind a registry's name in its login server's: nobody knows how it is made."""

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NOT_COMPARED = ("date", "content-length")
LINKS = ("azure-asyncoperation", "location")
EXACT = ("retry-after", "x-ms-failure-cause")


@dataclass(frozen=True)
class Difference:
    """One thing that is not as Azure has it: where (`body.properties.count`, `header.location`), and what."""

    where: str
    what: str


def body_differences(expected: Any, actual: Any, where: str = "body") -> Iterator[Difference]:
    """Differences in members, in the types of values and, where they don't depend on the day, in the values."""
    if type(expected) is not type(actual):
        yield Difference(where, f"is {_type(actual)}, Azure has {_type(expected)}")
    elif isinstance(expected, dict):
        yield from _member_differences(expected, actual, where)
    elif isinstance(expected, list):
        if len(expected) != len(actual):
            yield Difference(where, f"has {len(actual)} elements, Azure's has {len(expected)}")
        for index, (one, other) in enumerate(zip(_ordered(expected), _ordered(actual), strict=False)):
            yield from body_differences(one, other, f"{where}[{index}]")
    elif not _same_value(where.rpartition(".")[2], expected, actual):
        yield Difference(where, f"is {actual!r}, Azure has {expected!r}")


def _ordered(items: list[Any]) -> list[Any]:
    """ARM's list of resources, whose items have no properties, has no order that anybody knows: IDs are one."""
    if all(isinstance(item, dict) and "id" in item and "type" in item and "properties" not in item for item in items):
        return sorted(items, key=lambda item: str(item["id"]).lower())
    return items


def _member_differences(expected: dict[str, Any], actual: dict[str, Any], where: str) -> Iterator[Difference]:
    for name in sorted(expected.keys() - actual.keys()):
        yield Difference(f"{where}.{name}", "is missing")
    for name in sorted(actual.keys() - expected.keys()):
        yield Difference(f"{where}.{name}", "is not in Azure's reply")
    for name in sorted(expected.keys() & actual.keys()):
        yield from body_differences(expected[name], actual[name], f"{where}.{name}")


def _same_value(name: str, expected: Any, actual: Any) -> bool:
    if name not in VOLATILE and not isinstance(expected, str):
        return bool(expected == actual)
    if name not in VOLATILE:
        return DOMAIN_LABEL.sub("-<label>", expected) == DOMAIN_LABEL.sub("-<label>", actual)
    return not isinstance(expected, str) or bool(TIME.fullmatch(expected)) == bool(TIME.fullmatch(actual))


def missing_members(expected: Any, actual: Any, where: str = "body") -> Iterator[Difference]:
    """Members of an example that a reply lacks or has as another type; values in examples mean nothing."""
    if type(expected) is not type(actual):
        yield Difference(where, f"is {_type(actual)}, the example has {_type(expected)}")
    elif isinstance(expected, dict):
        for name, value in expected.items():
            if name in actual:
                yield from missing_members(value, actual[name], f"{where}.{name}")
            else:
                yield Difference(f"{where}.{name}", "is missing")
    elif isinstance(expected, list):
        for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
            yield from missing_members(one, other, f"{where}[{index}]")


def header_differences(
    expected: Mapping[str, str], actual: Mapping[str, str], keeps_retry_after: bool
) -> Iterator[Difference]:
    """Differences in the headers that a recording names.

    With `keeps_retry_after` a `Retry-After` that the recording lacks is a difference too: Azure sent none.
    """
    for name, value in expected.items():
        where = f"header.{name}"
        if name in NOT_COMPARED:
            continue
        if name not in actual:
            yield Difference(where, "is missing")
        elif name in LINKS:
            yield from _link_differences(value, actual[name], where)
        elif name in EXACT and value != actual[name]:
            yield Difference(where, f"is {actual[name]!r}, Azure has {value!r}")
    if keeps_retry_after and "retry-after" in actual.keys() - expected.keys():
        yield Difference("header.retry-after", "is not in Azure's reply")


def _link_differences(expected: str, actual: str, where: str) -> Iterator[Difference]:
    one, other = urlsplit(expected), urlsplit(actual)
    paths = [GUID.sub("<guid>", parts.path) for parts in (one, other)]
    if paths[0] != paths[1]:
        yield Difference(where, f"has path {paths[1]}, Azure's has {paths[0]}")
    absent = dict(parse_qsl(one.query)).keys() - dict(parse_qsl(other.query)).keys()
    if absent:
        yield Difference(where, f"lacks {', '.join(sorted(absent))} in its query")


def _type(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else f"{type(value).__name__} {json.dumps(value)}"
