"""The table of task files: steps, or the refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from acr_emulator.acb.commands import (
    buildkitd_line,
    network_arguments,
    pull_arguments,
    scan_arguments_of,
    secret_lines,
    step_line,
    volume_line,
)
from acr_emulator.acb.errors import AcbError, AcbPanicError
from acr_emulator.acb.exec import LoadedTask, load_task
from acr_emulator.acb.rendering import without_remarks
from acr_emulator.acb.task import ROOT, Order, Step, Task, TaskOptions, order_of
from fake_docker import docker_calls
from render_table import FILE, renderer_of
from tables import Case, Table

__all__ = ["PLAN"]

DRY_RUN_SECONDS = 20
SCANNER = "acb_dep_scanner_*"
STEP_MEMBERS = {
    "working_directory": "workingDirectory",
    "environment": "env",
    "command": "cmd",
    "entry_point": "entryPoint",
    "exposed": "expose",
    "exited_with": "exitedWith",
    "exited_without": "exitedWithout",
    "start_delay": "startDelay",
    "retry_delay": "retryDelay",
    "retry_on_errors": "retryOnErrors",
    "download_retries": "cmdDownloadRetries",
    "download_retry_delay": "cmdDownloadRetryDelay",
    "is_kept": "keep",
    "is_detached": "detach",
    "is_privileged": "privileged",
    "ignores_errors": "ignoreErrors",
    "keeps_image_directory": "disableWorkingDirectoryOverride",
    "is_pulled": "pull",
    "build_arguments": "buildArgs",
    "cache_tag": "cacheTag",
}
"""What the table calls the attributes of a step, if otherwise."""
TOPICS_WITH_CALLS = ("build", "cmd", "container", "directory", "env")
ALWAYS = ("env", "id", "network", "retries", "retryDelay", "timeout", "when", "workingDirectory")
ALWAYS_OF_BUILDS = ("buildArgs", "tags")


def answer(case: Case) -> Mapping[str, Any]:
    """What the emulator makes of a case, in the form of `expected`."""
    try:
        loaded = _loaded(case)
        order = order_of(loaded.task.steps)
    except AcbPanicError as error:
        return {"panic": str(error), "exit": 2}
    except AcbError as error:
        return {"error": str(error)}
    home_volume = case["options"].get("homevol", "")
    started = _started(loaded.task, order)
    return {
        **_members(loaded, order),
        **_commands(loaded.task, home_volume, started),
        **_course(loaded.task, order, started),
        **_calls(case, loaded.task, home_volume),
    }


def _loaded(case: Case) -> LoadedTask:
    options = case["options"]
    return load_task(
        FILE,
        without_remarks(case["task"]),
        TaskOptions(
            options.get("registry", ""),
            options.get("name", ""),
            options.get("working_directory", ""),
            options.get("network", ""),
            tuple(case["env"]),
        ),
        renderer_of(case).task,
        lambda path: None,
    )


def _members(loaded: LoadedTask, order: Order) -> dict[str, Any]:
    task = loaded.task
    networks = [
        {
            "name": network.name,
            "driver": network.driver,
            "ipv6": network.is_ipv6,
            "skipCreation": network.is_external,
            "isDefault": network.is_default,
        }
        for network in task.networks
    ]
    members: dict[str, Any] = {
        "aliases": loaded.has_aliases,
        "env": list(task.environment),
        "initBuildkitContainer": task.uses_build_cache,
        "networks": networks,
        "runsAfter": {step: sorted(before) for step, before in order.runs_after.items()},
        "stepTimeout": task.step_timeout,
        "steps": [_step_members(step) for step in task.steps],
        "taskName": task.name,
        "version": task.version,
    }
    if task.volumes:
        members["volumes"] = [{"name": volume.name, "secret": volume.secret} for volume in task.volumes]
    return members


def _step_members(step: Step) -> dict[str, Any]:
    """The members of a step: those that every step of its kind has, and those that say something."""
    values = {STEP_MEMBERS.get(field.name, field.name): getattr(step, field.name) for field in fields(step)}
    values["volumeMounts"] = [{"name": mount.name, "mountPath": mount.path} for mount in values.pop("mounts")]
    always = (*ALWAYS, *ALWAYS_OF_BUILDS) if step.kind == "build" else ALWAYS
    members = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if name in always or value
    }
    members["kind"] = step.kind
    if step.kind == "build":
        members |= {"usesBuildkit": step.uses_buildkit, "usesBuildCache": step.uses_build_cache}
    return members


def _started(task: Task, order: Order) -> list[str]:
    """The steps that start within a dry run of 20 seconds, in which only their delays take time."""
    ends: dict[str, int] = {ROOT: 0}
    delays = {step.id: max(step.start_delay, 0) for step in task.steps}
    while ready := [step for step in order.ready(ends) if _start(order, ends, delays, step) < DRY_RUN_SECONDS]:
        ends |= {step: _start(order, ends, delays, step) for step in ready}
    return [step for step in ends if step != ROOT]


def _start(order: Order, ends: Mapping[str, int], delays: Mapping[str, int], step: str) -> int:
    return max(ends[before] for before in order.runs_after[step]) + delays[step]


def _course(task: Task, order: Order, started: list[str]) -> dict[str, Any]:
    members: dict[str, Any] = {"neverReady": dict(order.never_ready)} if order.never_ready else {}
    if len(started) < len(task.steps):
        return {**members, "run": {"exit": None, "hangs": True}}
    awaited = [step for before in order.runs_after.values() for step in before]
    return {"order": started} if len(awaited) == len(set(awaited)) else {}


def _commands(task: Task, home_volume: str, started: list[str]) -> dict[str, Any]:
    setup = [" ".join(network_arguments(network)) for network in task.networks if not network.is_external]
    try:
        for volume in task.volumes:
            lines = [*secret_lines(volume), volume_line(volume, home_volume)]
            setup += [f"/bin/sh -c {line}" for line in lines]
    except AcbError as error:
        return {"setup": setup, "shell": {}, "run": {"exit": 1, "error": str(error)}}
    steps = [step for step in task.steps if step.id in started]
    commands = {
        "setup": setup,
        "buildkitd": buildkitd_line(home_volume) if task.uses_build_cache else None,
        "scan": {step.id: _scan_line(step, home_volume) for step in steps if step.build},
        "pull": [" ".join(pull_arguments(step)) for step in steps if step.command and step.is_pulled],
    }
    shell = {step.id: step_line(step, home_volume).rstrip() for step in steps if not step.push}
    return {**{name: value for name, value in commands.items() if value}, "shell": shell}


def _calls(case: Case, task: Task, home_volume: str) -> dict[str, Any]:
    """What docker is called with, for the topics for which the table has it."""
    if case["topic"] not in TOPICS_WITH_CALLS:
        return {}
    return {"docker": {step.id: docker_calls(step_line(step, home_volume)) for step in task.steps if not step.push}}


def _scan_line(step: Step, home_volume: str) -> str:
    return " ".join(scan_arguments_of(step, SCANNER, home_volume, ()))


PLAN = Table("plan", "plan.json", "cases", answer)
