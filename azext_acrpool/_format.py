"""Tables. Columns are those of az's own commands."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from .client.run_status import is_queued
from .clock import Clock, SystemClock
from .wording import clock_face, harmless, printable

__all__ = [
    "Row",
    "agentpool_output_format",
    "autoscale_deployment_output_format",
    "autoscale_policy_output_format",
    "autoscale_run_output_format",
    "build_output_format",
    "colored_severity",
    "credential_output_format",
    "health_output_format",
    "identity_output_format",
    "pool_runs_output_format",
    "run_list_output_format",
    "run_output_format",
    "task_output_format",
    "timer_output_format",
]

# az's own prints a space where there is no value.
_NOTHING = " "

Row = dict[str, str]


def agentpool_output_format(result: Any) -> list[Row]:
    """Rows for agent pools. Those of more than one registry get the registry's name in front.

    A queue's length, which is all that it is, is no pool's count; what a deletion says is a sentence.
    """
    items = _items(result)
    registries = {_registry_of(item).lower() for item in items}
    return [_pool_result_row(item, with_registry=len(registries) > 1) for item in items if item is not None]


def autoscale_policy_output_format(result: Any) -> list[Row]:
    """Rows for the autoscale policies of agent pools."""
    return [_policy_row(item) for item in _items(result) if item]


def autoscale_run_output_format(result: Any) -> list[Row]:
    """Rows for evaluations of autoscale policies."""
    return [_evaluation_row(item) for item in _items(result) if item]


def autoscale_deployment_output_format(result: Any) -> list[Row]:
    """A row for the task that evaluates a registry's autoscale policies."""
    return [_deployment_row(item) for item in _items(result) if item]


def build_output_format(result: Any) -> list[Row]:
    """Rows for the run of a build, or for the files that --dry-run lists."""
    if isinstance(result, Mapping) and "biggestFiles" in result:
        return [{"PATH": printable(file["path"]), "BYTES": str(file["bytes"])} for file in result["files"]]
    return [_run_row(run, "BUILD ID") for run in _items(result)]


def run_output_format(result: Any) -> list[Row]:
    """Rows for runs."""
    return [_run_row(run, "RUN ID") for run in _items(result)]


def run_list_output_format(result: Any, *, clock: Clock | None = None) -> list[Row]:
    """Rows for runs that are listed: az's own columns, then how long each waited for an agent, and its agent pool."""
    now = (clock or SystemClock()).now()
    return [_listed_run_row(run, now) for run in _items(result)]


def pool_runs_output_format(result: Any) -> list[Row]:
    """Rows for the queued and active runs of agent pools. Those of more than one get the pool's name in front."""
    runs = _items(result)
    pools = {_value(run, "agentPoolName").lower() for run in runs}
    return [_pool_run_row(run, with_pool=len(pools) > 1) for run in runs]


def task_output_format(result: Any) -> list[Row]:
    """Rows for tasks."""
    return [_task_row(task) for task in _items(result)]


def credential_output_format(result: Any) -> list[Row]:
    """Rows for a task's credentials, which come by login server."""
    return [_credential_row(server, login) for server, login in (result or {}).items()]


def timer_output_format(result: Any) -> list[Row]:
    """Rows for the timers of a task."""
    return [
        {"NAME": _value(timer, "name"), "STATUS": _value(timer, "status"), "SCHEDULE": _value(timer, "schedule")}
        for timer in _items(result or [])
    ]


def identity_output_format(result: Any) -> list[Row]:
    """One row for the identities of a task; the resource IDs of user-assigned ones stand below each other."""
    return [_identity_row(identity) for identity in _items(result)]


# SGR codes: bold red, yellow, cyan, green.
_COLORS = {"error": "1;31", "warning": "33", "not checked": "36", "ok": "32"}
# What tells the findings of several pools from each other.
_POOL_OF_FINDING = {"registryName": "REGISTRY", "agentPoolName": "AGENT POOL"}
# What the other columns of a health table take at most.
_BESIDE_MESSAGE = 52


def health_output_format(result: Any, *, columns: int | None = None, colored: bool = False) -> list[Row]:
    """Rows for health findings, all of them and whole. Those of more than one pool get its name in front.

    `columns` is how wide a terminal is; messages are wrapped to fit into it.
    """
    findings = _items(result)
    several = [key for key in _POOL_OF_FINDING if len({_value(finding, key).lower() for finding in findings}) > 1]
    return [
        {**{_POOL_OF_FINDING[key]: _value(finding, key) for key in several}, **_health_row(finding, columns, colored)}
        for finding in findings
    ]


def colored_severity(severity: str, colored: bool = True) -> str:
    """A finding's severity, in its color for a terminal that shows colors."""
    color = _COLORS.get(severity)
    return f"\x1b[{color}m{severity}\x1b[0m" if colored and color else severity


def _health_row(finding: Any, columns: int | None, colored: bool) -> Row:
    severity, message = _value(finding, "severity"), _value(finding, "message", show=harmless)
    if columns:
        message = "\n".join(textwrap.wrap(message, max(columns - _BESIDE_MESSAGE, 30)))
    return {
        "SEVERITY": colored_severity(severity, colored),
        "CHECK": _value(finding, "check"),
        "FOUND": message,
    }


def _items(result: Any) -> list[Any]:
    """What is shown: one thing, a list, or a list of what several --ids gave."""
    if not isinstance(result, list):
        return [result]
    return [item for part in result for item in _items(part)]


def _pool_result_row(result: Any, *, with_registry: bool) -> Row:
    if isinstance(result, str):
        return {"RESULT": printable(result)}
    if set(result) == {"count"}:
        return {"QUEUED": _value(result, "count")}
    return _pool_row(result, with_registry=with_registry)


def _pool_row(pool: Any, *, with_registry: bool) -> Row:
    row = {"REGISTRY": _registry_of(pool)} if with_registry else {}
    return {
        **row,
        "NAME": _value(pool, "name"),
        "COUNT": _value(pool, "count"),
        "TIER": _value(pool, "tier"),
        "STATE": _value(pool, "provisioningState"),
        "VNET": _value(pool, "virtualNetworkSubnetResourceId"),
        "OS": _value(pool, "os"),
    }


def _registry_of(pool: Any) -> str:
    _, _, rest = _value(pool, "id").partition("/registries/")
    return rest.partition("/")[0]


def _policy_row(shown: Any) -> Row:
    """The bounds of now, if the result says them; else those that hold without a schedule."""
    bounds = shown.get("bounds") or shown.get("policy")
    idle = _value(shown, "policy", "idleMinutes")
    return {
        "NAME": _value(shown, "agentPoolName"),
        "COUNT": _value(shown, "count"),
        "MIN": _value(bounds, "minCount"),
        "MAX": _value(bounds, "maxCount"),
        "IDLE": _NOTHING if idle == _NOTHING else f"{idle} min",
        "NOW": _asked_for(shown),
    }


def _asked_for(shown: Any) -> str:
    """What an evaluation comes to, if the result says it."""
    return _action(shown.get("now") or {}) if shown.get("enabled") else "(no policy)"


def _action(evaluation: Any) -> str:
    """What an evaluation comes to; why is on stderr."""
    if _value(evaluation, "problem") != _NOTHING:
        return "(a problem)"
    action = _value(evaluation, "action")
    return action if action in (_NOTHING, "none") else f"{action} to {_value(evaluation, 'targetCount')}"


def _evaluation_row(evaluation: Any) -> Row:
    return {
        "NAME": _value(evaluation, "agentPoolName"),
        "COUNT": _value(evaluation, "count"),
        "MIN": _value(evaluation, "minCount"),
        "MAX": _value(evaluation, "maxCount"),
        "QUEUED": _value(evaluation, "queuedRuns"),
        "RUNNING": _value(evaluation, "runningRuns"),
        "ACTION": _action(evaluation),
    }


def _deployment_row(deployment: Any) -> Row:
    has_role = deployment.get("hasRole")
    return {
        "TASK": _value(deployment, "taskName"),
        "STATUS": _value(deployment, "status") if deployment.get("deployed") else "(not deployed)",
        "EVERY": _value(deployment, "every"),
        "NEXT RUN": _time(_value(deployment, "nextRun")),
        "LAST RUN": _value(deployment, "lastRun", "status"),
        "ROLE": _NOTHING if has_role is None else "yes" if has_role else "no",
    }


def _task_row(task: Any) -> Row:
    return {
        "NAME": _value(task, "name"),
        "PLATFORM": _value(task, "platform", "os"),
        "STATUS": _value(task, "status"),
        "SOURCE REPOSITORY": _value(task, "step", "contextPath"),
        "TRIGGERS": ", ".join(_triggers(task.get("trigger") or {})) or _NOTHING,
    }


def _triggers(trigger: Mapping[str, Any]) -> Iterator[str]:
    if _is_enabled(trigger.get("baseImageTrigger")):
        yield "BASE_IMAGE"
    # As az's own, which shows only the first source trigger.
    if any(map(_is_enabled, (trigger.get("sourceTriggers") or ())[:1])):
        yield "SOURCE"
    if any(map(_is_enabled, trigger.get("timerTriggers") or ())):
        yield "TIMER"


def _is_enabled(trigger: Any) -> bool:
    return _value(trigger, "status").lower() == "enabled"


def _credential_row(server: str, login: Any) -> Row:
    return {
        "LOGIN SERVER": printable(server),
        "USERNAME": _value(login, "userName", "type"),
        "PASSWORD": _value(login, "password", "type"),
        "IDENTITY": _value(login, "identity"),
    }


def _identity_row(identity: Any) -> Row:
    users = (identity or {}).get("userAssignedIdentities") or ()
    return {
        "PRINCIPAL ID": _value(identity, "principalId"),
        "TENANT ID": _value(identity, "tenantId"),
        "TYPE": _value(identity, "type"),
        "USER ASSIGNED IDENTITIES": "\n".join(map(printable, users)) or _NOTHING,
    }


def _run_row(run: Any, id_title: str) -> Row:
    return {
        id_title: _value(run, "runId"),
        "TASK": _value(run, "task"),
        "PLATFORM": _value(run, "platform", "os"),
        "STATUS": _value(run, "status"),
        "TRIGGER": _trigger(run),
        "STARTED": _time(_value(run, "startTime")),
        "DURATION": _duration(_value(run, "startTime"), _value(run, "finishTime")),
    }


def _listed_run_row(run: Any, now: datetime) -> Row:
    return {
        **_run_row(run, "RUN ID"),
        "WAITED": _waited(run, now.replace(tzinfo=None)),
        "AGENT POOL": _value(run, "agentPoolName"),
    }


def _waited(run: Any, now: datetime) -> str:
    """From when a run was created until an agent took it, or until it was cancelled; until now if it is queued."""
    created = _parse_time(_value(run, "createTime"))
    taken = _parse_time(_value(run, "startTime")) or _parse_time(_value(run, "finishTime"))
    if taken is None and is_queued(_value(run, "status")):
        taken = now
    if created is None or taken is None:
        return _NOTHING
    # The clocks of two machines differ.
    return _clock_face(max(0.0, (taken - created).total_seconds()))


def _pool_run_row(run: Any, *, with_pool: bool) -> Row:
    row = {"AGENT POOL": _value(run, "agentPoolName")} if with_pool else {}
    return {
        **row,
        "RUN ID": _value(run, "runId"),
        "STATUS": _value(run, "status"),
        "TASK": _value(run, "task"),
        "TRIGGER": _trigger(run),
        "CREATED": _time(_value(run, "createTime")),
        "WAITED": _clock_face(run.get("waitedSeconds")),
        "RUNNING": _clock_face(run.get("runningSeconds")),
    }


def _value(item: Any, *path: str, show: Callable[[str], str] = printable) -> str:
    """What a service says there, for a cell of one line, unless `show` keeps several."""
    for key in path:
        item = item.get(key) if isinstance(item, Mapping) else None
    return show(str(item)) if item or item == 0 else _NOTHING


def _trigger(run: Any) -> str:
    event = _value(run, "sourceTrigger", "eventType")
    if event != _NOTHING:
        return event
    if _value(run, "timerTrigger") != _NOTHING:
        return "Timer"
    return "Image Update" if _value(run, "imageUpdateTrigger") != _NOTHING else "Manual"


def _time(text: str) -> str:
    parsed = _parse_time(text)
    return parsed.strftime("%Y-%m-%dT%H:%M:%SZ") if parsed else text


def _duration(start: str, finish: str) -> str:
    started, finished = _parse_time(start), _parse_time(finish)
    if started is None or finished is None:
        return _NOTHING
    return _clock_face((finished - started).total_seconds())


def _clock_face(duration: float | None) -> str:
    return _NOTHING if duration is None else clock_face(duration)


# All times of the service are in UTC; it writes seven decimals, one more than Python reads.
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?\d*(?:Z|\+00:00)?")


def _parse_time(text: str) -> datetime | None:
    match = _TIME.fullmatch(text)
    if not match:
        return None
    return datetime.fromisoformat(match[1] + (match[2] or ".0").ljust(7, "0"))
