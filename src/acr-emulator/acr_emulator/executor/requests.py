"""What a run request, or a task's step, says to acb."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ..acb.program.setup import Credential
from ..acb.quick_build import QuickBuild
from ..acb.variables import RenderOptions
from .errors import RunFailedError
from .model import Job

__all__ = ["credentials", "decoded", "home_volume", "pairs", "quick_build", "render_options", "secrets"]

DEFAULT_DOCKERFILE = "Dockerfile"
IDENTITY_USER = "00000000-0000-0000-0000-000000000000"
"""Whom ACR takes a token from instead of a password."""

IDENTITY_CREDENTIAL = "made up"


def home_volume(job: Job) -> str:
    """The name of the volume that a run's steps share: made of the run's ID, so that it is the same each time."""
    return f"acb_vol_{uuid5(NAMESPACE_URL, f'{job.login_server}/{job.run_id}')}"


def render_options(job: Job) -> RenderOptions:
    """What templates may name. Commits, branches and triggers are unknown to a run that nobody has triggered."""
    platform = job.request.get("platform") or {}
    return RenderOptions(
        run_id=job.run_id,
        date=job.started_at,
        registry=job.login_server,
        shared_volume=home_volume(job),
        os=str(platform.get("os") or "linux").lower(),
        architecture=str(platform.get("architecture") or "amd64").lower(),
        task_name=job.task_name,
    )


def credentials(job: Job) -> list[Credential]:
    """The registries that the agent has credentials of: the run's own first. Those of an identity are made up."""
    registries: dict[str, Mapping[str, Any] | None] = {job.login_server: None} if job.is_logged_in else {}
    registries.update((job.request.get("credentials") or {}).get("customRegistries") or {})
    return [
        Credential(
            registry, _value(given, "userName") or IDENTITY_USER, _value(given, "password") or IDENTITY_CREDENTIAL
        )
        for registry, given in registries.items()
    ]


def _value(given: Mapping[str, Any] | None, member: str) -> str:
    return str(((given or {}).get(member) or {}).get("value") or "")


def quick_build(job: Job, context: str) -> QuickBuild:
    """What acb is told of a DockerBuild request."""
    request = job.request
    names = tuple(str(name) for name in request.get("imageNames") or ())
    return QuickBuild(
        context=context,
        dockerfile=str(request.get("dockerFilePath") or DEFAULT_DOCKERFILE),
        tags=names,
        build_arguments=tuple(pairs(request.get("arguments"), secret=False)),
        secret_build_arguments=tuple(pairs(request.get("arguments"), secret=True)),
        target=str(request.get("target") or ""),
        ignores_cache=bool(request.get("noCache")),
        pushes=bool(request.get("isPushEnabled", True) and names),
        registry=job.login_server,
        credentials=tuple(map(_as_json, credentials(job))),
    )


def _as_json(credential: Credential) -> str:
    members = {
        "registry": credential.registry,
        "username": credential.user,
        "userNameProviderType": "opaque",
        "password": credential.password,
        "passwordProviderType": "opaque",
    }
    return json.dumps(members)


def pairs(rows: Iterable[Mapping[str, Any]] | None, *, secret: bool | None = None) -> list[str]:
    """`NAME=VALUE` for each row; with `secret` only those that are, or are not."""
    return [
        f"{row.get('name', '')}={row.get('value', '')}"
        for row in rows or ()
        if secret is None or bool(row.get("isSecret")) is secret
    ]


def secrets(request: Mapping[str, Any]) -> list[str]:
    """Every value in a request that its log must not show."""
    rows = [*(request.get("arguments") or ()), *(request.get("values") or ())]
    values = [str(row.get("value", "")) for row in rows if row.get("isSecret")]
    for registry in ((request.get("credentials") or {}).get("customRegistries") or {}).values():
        password = (registry or {}).get("password") or {}
        if password.get("type") != "Vaultsecret":
            values.append(str(password.get("value") or ""))
    return [*values, str(request.get("contextAccessToken") or "")]


def decoded(content: object, what: str) -> str:
    """A text that is sent as base64. Raises RunFailedError."""
    try:
        return base64.b64decode(str(content or ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise RunFailedError(f"failed to decode the {what} content: {error}") from error
