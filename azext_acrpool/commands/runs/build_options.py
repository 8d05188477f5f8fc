"""What may be asked of a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..session import RegistryOptions
from .buildkit.secrets import BuildSecret
from .options import FollowOptions
from .request import SourceRegistryAuth

__all__ = ["BuildOptions"]


@dataclass(frozen=True, kw_only=True)
class BuildOptions(RegistryOptions, FollowOptions):
    """The options of `az acr build`, under the names that az's own gives them.

    `arg` and `secret_arg` come as the request's Argument objects, `timeout` in seconds; `cache` is `registry` or `off`,
    `secret` comes read.
    """

    source_location: str
    image_names: list[str] | None = None
    agent_pool_name: str | None = None
    timeout: int | None = None
    arg: list[Mapping[str, Any]] | None = None
    secret_arg: list[Mapping[str, Any]] | None = None
    docker_file_path: str = ""
    no_push: bool = False
    dry_run: bool = False
    platform: str | None = None
    target: str | None = None
    auth_mode: str | None = None
    log_template: str | None = None
    source_acr_auth_id: str | None = None
    buildkit: bool = False
    cache: str | None = None
    secret: list[BuildSecret] | None = None

    @property
    def uses_buildkit(self) -> bool:
        """Whether the build is one of BuildKit's: asked for by itself, or by what only BuildKit has."""
        return self.buildkit or self.cache is not None or bool(self.secret)

    @property
    def caches(self) -> bool:
        """Whether layers are kept in the registry from build to build."""
        return self.cache == "registry"

    @property
    def source_registry_auth(self) -> SourceRegistryAuth:
        """How the build logs in to its registry."""
        return SourceRegistryAuth(self.auth_mode, self.source_acr_auth_id)

    @property
    def pushes(self) -> bool:
        """Whether the image is to go to the registry."""
        return bool(self.image_names) and not self.no_push
