"""A task that is served to the commands under test, and changed by others meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

from azure.core.rest import HttpRequest
from scripted_transport import Reply

from azext_acrpool.client.secrets import without_secrets
from azext_acrpool.testing import EPOCH

__all__ = ["ServedTask", "timer"]

Change = Callable[[dict[str, Any]], object]


def timer(name: str, schedule: str = "0 21 * * *", status: str = "Enabled") -> dict[str, str]:
    """A timer as ARM shows it."""
    return {"name": name, "schedule": schedule, "status": status}


class ServedTask:
    """A task that merges what PATCH brings, and is what PUT brings.

    `meanwhile` are changes that somebody else makes: by number, right before that request for the task is answered, or
    by method, after the answer. `losses` are what comes of so many PUTs and PATCHes instead of their replies, after
    they were carried out if `carries_out`.
    """

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = deepcopy(body)
        self.requests: list[str] = []
        self.meanwhile: dict[int | str, Change] = {}
        self.losses: list[Reply | Exception] = []
        self.carries_out = True
        self._changes = 0

    @property
    def properties(self) -> dict[str, Any]:
        """The task's properties as they are now."""
        properties: dict[str, Any] = self.body["properties"]
        return properties

    def answer(self, request: HttpRequest, action: list[str]) -> Reply:
        """The reply to a request for the task, whose path ends in `action`."""
        self.requests.append(" ".join([request.method, *action]))
        if change := self.meanwhile.get(len(self.requests)):
            self.change(change)
        if request.method in ("PUT", "PATCH"):
            loss = self.losses.pop(0) if self.losses else None
            if loss is None or self.carries_out:
                sent = json.loads(request.content)
                self.change(lambda body: _replace(body, sent) if request.method == "PUT" else _merge(body, sent))
            if isinstance(loss, Exception):
                raise loss
            if loss:
                return loss
        reply = Reply(200, deepcopy(self.body) if action else without_secrets(self.body))
        if change := self.meanwhile.get(request.method):
            self.change(change)
        return reply

    def change(self, change: Change) -> None:
        """Change the task's body, which ARM notes."""
        change(self.body)
        self._changes += 1
        moment = EPOCH + timedelta(seconds=self._changes)
        self.body["systemData"] = {"lastModifiedAt": moment.isoformat()}


def _replace(body: dict[str, Any], sent: dict[str, Any]) -> None:
    kept = {key: body[key] for key in ("id", "name")}
    body.clear()
    body.update(kept, **sent)


def _merge(body: dict[str, Any], sent: dict[str, Any]) -> None:
    if "identity" in sent:
        body["identity"] = _merged_identity(body.get("identity") or {}, sent["identity"])
    if "properties" not in sent:
        return
    timers = sent["properties"].get("trigger", {}).get("timerTriggers", ())
    for change in timers:
        triggers = body["properties"].setdefault("trigger", {}).setdefault("timerTriggers", [])
        same = [each for each in triggers if each["name"] == change["name"]]
        same[0].update(change) if same else triggers.append(dict(change))
    body["properties"].pop("agentPoolName", None)
    if "agentPoolName" in sent["properties"]:
        body["properties"]["agentPoolName"] = sent["properties"]["agentPoolName"]


def _merged_identity(before: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    users = {**before.get("userAssignedIdentities", {}), **sent.get("userAssignedIdentities", {})}
    kept = {name: {"clientId": f"client of {name}"} for name, user in users.items() if user is not None}
    return {"type": sent["type"], **({"userAssignedIdentities": kept} if "UserAssigned" in sent["type"] else {})}
