"""Lists in pages with a nextLink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from .errors import ArmError, invalid_content
from .messages import ArmCall, Reply

__all__ = ["page"]

Item = TypeVar("Item")


def page(call: ArmCall, items: Sequence[Item], show: Callable[[Item], Any] = lambda item: item) -> Reply:
    """One page of `items`, from `$skiptoken` on: as many as the world's page size and what is left of `$top` allow.

    `show` makes the body of each item on the page, and of no other. `$top` limits the whole list over all its pages,
    as az documents its `--top`. Raises ArmError for a bad number.
    """
    start = _number(call, "$skiptoken", 0)
    wanted = min(_number(call, "$top", len(items)), len(items) - start)
    size = min(wanted, call.services.state.world.page_size)
    body: dict[str, Any] = {"value": [show(item) for item in items[start : start + size]]}
    if size < wanted:
        query = {**call.query, "$skiptoken": str(start + size)}
        if "$top" in query:
            query["$top"] = str(wanted - size)
        body["nextLink"] = f"{call.services.base_url}{call.path}?{urlencode(query)}"
    return Reply(200, body)


def _number(call: ArmCall, key: str, default: int) -> int:
    text = call.query.get(key)
    if text is None:
        return default
    if not text.isdecimal():
        raise ArmError(400, "InvalidQueryParameterValue", str(invalid_content(f"'{key}' must be a number.")))
    return int(text)
