"""The types of a task file, as go-yaml decodes into them, and how they become the model.

A key is the field's own, else the field's name in small letters: so acb's internal fields can be written too. Those
that acb always overwrites are only checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from ...golang.yaml import BOOL, IGNORED, INT, STRING, Kind, MapOf, PointerTo, Scalar, SliceOf, Struct
from .model import Mount, Network, Secret, Step, Task, Volume

__all__ = ["TASK", "model_from"]

STRINGS = SliceOf(STRING)
INTS = SliceOf(INT)
Fields = Mapping[str, tuple[str, Kind]]
"""The attribute of the model and the type, by the key. An empty attribute: the value is not kept."""

MOUNT_FIELDS: Fields = {"name": ("name", STRING), "mountPath": ("path", STRING)}
VOLUME_FIELDS: Fields = {"name": ("name", STRING), "secret": ("secret", MapOf(STRING))}
NETWORK_FIELDS: Fields = {
    "name": ("name", STRING),
    "ipv6": ("is_ipv6", BOOL),
    "driver": ("driver", STRING),
    "skipCreation": ("is_external", BOOL),
    "isDefault": ("is_default", BOOL),
}
SECRET_FIELDS: Fields = {
    "id": ("id", STRING),
    "keyvault": ("key_vault", STRING),
    "clientID": ("client_id", STRING),
    "aadresourceid": ("aad_resource_id", STRING),
    "resolvedvalue": ("", STRING),
    "resolvedchan": ("", Scalar("chan bool")),
    "timeoutchan": ("", Scalar("chan struct {}")),
}


def _struct(name: str, fields: Fields) -> Struct:
    return Struct(name, {key: kind for key, (_, kind) in fields.items()})


def _list(name: str, fields: Fields) -> SliceOf:
    return SliceOf(PointerTo(_struct(name, fields)))


STEP_FIELDS: Fields = {
    "id": ("id", STRING),
    "cmd": ("command", STRING),
    "build": ("build", STRING),
    "workingDirectory": ("working_directory", STRING),
    "entryPoint": ("entry_point", STRING),
    "user": ("user", STRING),
    "network": ("network", STRING),
    "isolation": ("isolation", STRING),
    "cpus": ("cpus", STRING),
    "cache": ("cache", STRING),
    "volumeMounts": ("mounts", _list("volume.Mount", MOUNT_FIELDS)),
    "push": ("push", STRINGS),
    "env": ("environment", STRINGS),
    "expose": ("exposed", STRINGS),
    "ports": ("ports", STRINGS),
    "when": ("when", STRINGS),
    "exitedWith": ("exited_with", INTS),
    "exitedWithout": ("exited_without", INTS),
    "timeout": ("timeout", INT),
    "startDelay": ("start_delay", INT),
    "retryDelay": ("retry_delay", INT),
    "retries": ("retries", INT),
    "retryOnErrors": ("retry_on_errors", STRINGS),
    "cmdDownloadRetries": ("download_retries", INT),
    "cmdDownloadRetryDelay": ("download_retry_delay", INT),
    "repeat": ("repeat", INT),
    "keep": ("is_kept", BOOL),
    "detach": ("is_detached", BOOL),
    "privileged": ("is_privileged", BOOL),
    "ignoreErrors": ("ignores_errors", BOOL),
    "disableWorkingDirectoryOverride": ("keeps_image_directory", BOOL),
    "pull": ("is_pulled", BOOL),
    "tags": ("tags", STRINGS),
    "buildargs": ("build_arguments", STRINGS),
    "defaultbuildcachetag": ("cache_tag", STRING),
    "completedchan": ("", IGNORED),
}
TASK_FIELDS: Fields = {
    "steps": ("steps", _list("graph.Step", STEP_FIELDS)),
    "stepTimeout": ("step_timeout", INT),
    "secrets": ("secrets", _list("secretmgmt.Secret", SECRET_FIELDS)),
    "networks": ("networks", _list("graph.Network", NETWORK_FIELDS)),
    "volumes": ("volumes", _list("volume.Volume", VOLUME_FIELDS)),
    "env": ("environment", STRINGS),
    "workingDirectory": ("working_directory", STRING),
    "version": ("version", STRING),
    "registryname": ("", STRING),
    "registry": ("", STRING),
    "taskname": ("", STRING),
    "isbuildtask": ("is_quick_build", BOOL),
    "initbuildkitcontainer": ("uses_build_cache", BOOL),
}
TASK = _struct("graph.Task", TASK_FIELDS)

Model = TypeVar("Model", Mount, Network, Secret, Step, Task, Volume)
FIELDS: Mapping[type[Any], Fields] = {
    Mount: MOUNT_FIELDS,
    Network: NETWORK_FIELDS,
    Secret: SECRET_FIELDS,
    Step: STEP_FIELDS,
    Task: TASK_FIELDS,
    Volume: VOLUME_FIELDS,
}


def model_from(model: type[Model], document: Mapping[str, Any]) -> Model:
    """A part of the model, of what was decoded or of parts of the model in its place."""
    fields = FIELDS[model]
    values: dict[str, Any] = {
        fields[key][0]: tuple(value) if isinstance(value, list) else value
        for key, value in document.items()
        if fields[key][0]
    }
    return model(**values)
