"""What a task may be, how a PATCH changes it, and what of it a GET shows.

Recorded: merging, the empty `credentials` that is not echoed, a null that removes a customRegistries key. Reported: a
PATCH without `agentPoolName` clears it; cpu together with a pool is refused; the text about supported CPU values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..acb.references import is_reference
from ..agents.timers import is_valid_schedule
from .errors import ArmError, invalid_content, invalid_input
from .messages import named_items, required, section

__all__ = [
    "check_agent",
    "check_image_names",
    "check_task",
    "merged",
    "unknown_pool",
    "with_defaults",
    "without_secrets",
]

TASK_NAME = re.compile(r"[a-zA-Z0-9-_]{5,50}")
SUPPORTED_CPU = 2
STEP_FIELDS = {"Docker": "dockerFilePath", "FileTask": "taskFilePath", "EncodedTask": "encodedTaskContent"}
QUICK_TASK = "quicktask"
FILLED_IN = re.compile(r"\{\{[^{}]*\}\}|\$[A-Za-z0-9]+")
"""What a run puts into the name of an image."""
HOST = re.compile(r"(?:localhost|[^/:]*\.[^/:]*|[^/]*:[0-9]+)/")


def check_task(name: str, properties: Mapping[str, Any], *, allow_cpu_with_pool: bool) -> None:
    """Refuse what a task may not be. Raises ArmError."""
    if not TASK_NAME.fullmatch(name):
        raise invalid_input("taskCreateParameters", f"Name:'{name}' must be 5 to 50 letters, digits, hyphens or _.")
    check_agent(properties, "taskCreateParameters", allow_cpu_with_pool=allow_cpu_with_pool)
    section(properties, "credentials")
    if not (properties.get("isSystemTask") and name.lower() == QUICK_TASK):
        _check_step(section(properties, "step"))
        check_image_names(section(properties, "step"), "taskCreateParameters", "DockerBuildStep")
        required(section(properties, "platform"), "os", "platform")
    for trigger in named_items(section(properties, "trigger"), "timerTriggers"):
        if not is_valid_schedule(trigger.get("schedule")):
            raise invalid_input("taskCreateParameters", f"Schedule:'{trigger.get('schedule')}' is no cron expression.")
    named_items(section(properties, "trigger"), "sourceTriggers")


def check_agent(properties: Mapping[str, Any], parameters: str, *, allow_cpu_with_pool: bool = False) -> None:
    """The rules on cpu, which hold for tasks and for runs. Raises ArmError."""
    cpu = section(properties, "agentConfiguration").get("cpu")
    if cpu is None:
        return
    if properties.get("agentPoolName") and not allow_cpu_with_pool:
        text = "AgentProperties:The CPU core count can't be set together with an agent pool."
        raise invalid_input(parameters, text)
    if cpu != SUPPORTED_CPU:
        text = f"AgentProperties:Invalid value for CPU core count. The supported values are ({SUPPORTED_CPU})"
        raise invalid_input(parameters, text)


def check_image_names(body: Mapping[str, Any], parameters: str, kind: str) -> None:
    """Refuse what no image can be called, whatever a run fills in (reported of runs, assumed of tasks).

    Raises ArmError. Whether a name may begin with a registry is assumed.
    """
    names = body.get("imageNames")
    for name in names if isinstance(names, list) else ():
        filled = FILLED_IN.sub("x", str(name))
        # The service puts its registry before a name: what has none is all repository.
        if "@" in filled or not is_reference(filled if HOST.match(filled) else f"registry/{filled}"):
            raise invalid_input(
                parameters,
                f"{kind}:Image name '{name}' is invalid. The acceptable patterns are 'repository' or 'repository:tag'.",
            )


def _check_step(step: Mapping[str, Any]) -> None:
    kind = step.get("type")
    if kind not in STEP_FIELDS:
        raise invalid_content(f"'type' of 'step' must be one of {', '.join(STEP_FIELDS)}.")
    required(step, STEP_FIELDS[kind], "step")


def with_defaults(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A new task's properties, completed (values as recorded; a task on a pool gets no cpu: assumed)."""
    on_pool = bool(properties.get("agentPoolName"))
    defaults: dict[str, Any] = {"status": "Enabled", "timeout": 3600, "isSystemTask": False}
    if not on_pool and not section(properties, "agentConfiguration"):
        defaults["agentConfiguration"] = {"cpu": SUPPORTED_CPU}
    return {**defaults, **{key: value for key, value in properties.items() if value is not None}}


def merged(properties: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """A task's properties after a PATCH of `properties`. A step of another type replaces the old one (assumed)."""
    result: dict[str, Any] = _merge(properties, patch)
    if "agentPoolName" not in patch:
        result.pop("agentPoolName", None)
    step, new_step = section(properties, "step"), section(patch, "step")
    if new_step.get("type", step.get("type")) != step.get("type"):
        result["step"] = dict(new_step)
    if result.get("agentPoolName") and not section(patch, "agentConfiguration").get("cpu"):
        # Assumed: moving a task onto a pool drops the default cpu that it was created with.
        result.pop("agentConfiguration", None)
    elif not result.get("agentPoolName"):
        result.setdefault("agentConfiguration", {"cpu": SUPPORTED_CPU})
    return result


def _merge(old: Any, new: Any) -> Any:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        result = dict(old)
        for key, value in new.items():
            if value is None:
                result.pop(key, None)
            else:
                result[key] = _merge(result.get(key), value)
        return result
    if isinstance(new, Mapping):
        return {key: _merge(None, value) for key, value in new.items() if value is not None}
    if isinstance(new, list) and isinstance(old, list) and _allnamed_items(old) and _allnamed_items(new):
        by_name = {item["name"]: item for item in old}
        for item in new:
            by_name[item["name"]] = _merge(by_name.get(item["name"]), item)
        return list(by_name.values())
    return new


def _allnamed_items(items: list[Any]) -> bool:
    """Triggers merge by name. Build arguments have names too, but a `value` beside them, and are replaced."""
    return bool(items) and all(isinstance(item, Mapping) and "name" in item and "value" not in item for item in items)


def without_secrets(value: Any) -> Any:
    """What a GET shows: no tokens, no values beside `isSecret`, no opaque credential values (assumed in detail)."""
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    secret = value.get("isSecret") is True or str(value.get("type", "")).lower() == "opaque"
    hidden = {"contextAccessToken", "sourceControlAuthProperties"} | ({"value"} if secret else set())
    return {key: without_secrets(item) for key, item in value.items() if key not in hidden}


def unknown_pool(name: str) -> ArmError:
    """A pool that is not in the registry (assumed)."""
    return ArmError(404, "AgentPoolNotFound", f"Agent pool '{name}' was not found in the registry.", target="request")
