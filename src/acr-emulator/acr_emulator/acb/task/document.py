"""Reads a task file: its YAML, and what acb checks of secrets, volumes and mounts before anything else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...golang.errors import YamlError
from ...golang.strings import fields
from ...golang.yaml import decode
from ..errors import AcbError, AcbPanicError
from .model import Mount, Network, Secret, Step, Task, Volume
from .schema import TASK, model_from

__all__ = ["contains_space", "read_task"]

VOLUME_NAME = re.compile("[a-zA-Z0-9_-]+")
SECRET_FILE_NAME = re.compile("[a-zA-Z0-9_.-]+")
GUID = re.compile("[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\\1){3}[0-9a-f]{12}", re.IGNORECASE)
URN_PREFIX = "urn:uuid:"
NIL_POINTER = "runtime error: invalid memory address or nil pointer dereference"

Entries = Sequence[Mapping[str, Any] | None]


def read_task(text: str) -> Task:
    """The task that a rendered file holds, as it is written. Raises AcbError; AcbPanicError for an empty entry."""
    try:
        document = decode(text, TASK)
    except YamlError as error:
        raise AcbError(str(error)) from error
    secrets = _secrets(document.get("secrets", ()))
    volumes = _volumes(document.get("volumes", ()))
    steps = [_step(entry, volumes) for entry in _present(document.get("steps", ()))]
    networks = [model_from(Network, entry) for entry in _present(document.get("networks", ()))]
    parts = {"secrets": secrets, "volumes": volumes, "steps": steps, "networks": networks}
    return model_from(Task, {**document, **parts})


def contains_space(text: str) -> bool:
    """Whether Go finds a blank in a text."""
    return "".join(fields(text)) != text


def _present(entries: Entries) -> Iterator[Mapping[str, Any]]:
    """The entries of a list. An empty one (`- `) is a nil pointer, at which acb crashes."""
    for entry in entries:
        if entry is None:
            raise AcbPanicError(NIL_POINTER)
        yield entry


def _secrets(entries: Entries) -> list[Secret]:
    secrets: dict[str, Secret] = {}
    for entry in _present(entries):
        secret = model_from(Secret, entry)
        if not secret.id:
            raise AcbError("secret is missing an ID as well as auto-generated ID")
        if problem := _secret_problem(secret):
            raise AcbError(f"failed to validate secret with ID: {secret.id}: {problem}")
        if secret.id in secrets:
            raise AcbError(f"duplicate secret found with ID: {secret.id}")
        secrets[secret.id] = secret
    return list(secrets.values())


def _secret_problem(secret: Secret) -> str | None:
    if contains_space(secret.id):
        return "secret ID cannot contain spaces"
    if not secret.key_vault and not secret.aad_resource_id:
        return (
            "secret should contain either keyvault property for vault secret, "
            "or msi clientID/aadResourceId for msi authentication"
        )
    if secret.client_id and not _is_guid(secret.client_id):
        return "msi client ID is not a valid guid"
    return None


def _is_guid(text: str) -> bool:
    """Whether google/uuid takes a text: also after `urn:uuid:`, and between any two characters."""
    if len(text) == len(URN_PREFIX) + 36 and text.lower().startswith(URN_PREFIX):
        return GUID.fullmatch(text, len(URN_PREFIX)) is not None
    return GUID.fullmatch(text[1:-1] if len(text) == 38 else text) is not None


def _volumes(entries: Entries) -> list[Volume]:
    volumes: dict[str, Volume] = {}
    for entry in _present(entries):
        volume = model_from(Volume, entry)
        if problem := _volume_problem(volume):
            raise AcbError(problem)
        if volume.name in volumes:
            raise AcbError("volume with duplicate name found")
        volumes[volume.name] = volume
    return list(volumes.values())


def _volume_problem(volume: Volume) -> str | None:
    if not volume.name:
        return "volume name is empty"
    if VOLUME_NAME.fullmatch(volume.name) is None:
        return "volume name is not well formed. Only use alphanumeric and - _"
    if volume.secret is None:
        return "currently only support for source type secret"
    return next(filter(None, map(_file_problem, volume.secret)), None) if volume.secret else "secret is empty"


def _file_problem(name: str) -> str | None:
    if not name:
        return "secret name provided for value is empty"
    if SECRET_FILE_NAME.fullmatch(name) is None:
        return f"file name, {name}, is not well formed. Only use alphanumeric and - _ ."
    return None


def _step(entry: Mapping[str, Any], volumes: Iterable[Volume]) -> Step:
    names = {volume.name for volume in volumes}
    mounts: list[Mount] = []
    for mount_entry in _present(entry.get("volumeMounts", ())):
        mount = model_from(Mount, mount_entry)
        if mount.name not in names:
            raise AcbError(f"mount name, {mount.name}, does not correspond to a volume")
        mounts.append(mount)
    return model_from(Step, {**entry, "volumeMounts": mounts})
