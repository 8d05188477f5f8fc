"""`az acr build`: pack a context, queue a build, follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ...client.registries import Registry
from ..command import command
from ..console.errors import UsageError
from ..console.narrator import Narrator
from ..session import RegistryOptions, Session
from .context import LocalContext
from .definition import STANDARD_INPUT
from .dry_run import dry_run
from .follow import queue_and_follow
from .images import tell_of_other_registries
from .options import FollowOptions
from .preparation import prepare_run
from .queue import Submission
from .request import LEND_PERMISSIONS, SourceRegistryAuth, abac_refusal, abac_warning, parse_platform
from .source import ArchiveSource, LocalSource, parse_source

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import DockerBuildRequest, Run

__all__ = ["BuildOptions", "build", "build_request"]


@dataclass(frozen=True, kw_only=True)
class BuildOptions(RegistryOptions, FollowOptions):
    """The options of `az acr build`, under the names that az's own gives them.

    `arg` and `secret_arg` come as the request's Argument objects, `timeout` in seconds.
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

    @property
    def source_registry_auth(self) -> SourceRegistryAuth:
        """How the build logs in to its registry."""
        return SourceRegistryAuth(self.auth_mode, self.source_acr_auth_id)


@command(BuildOptions)
def build(session: Session, options: BuildOptions) -> Run | dict[str, Any] | None:
    """Queue a build and follow it: the log goes to stdout, the exit code is the build's.

    Returns what would be sent with `dry_run`, the queued run with `no_wait`, the finished one unless the log is on
    stdout, nothing otherwise.
    """
    source = parse_source(options.source_location)
    prepare = partial(_prepare_context, options, session)
    # What is wrong whatever the registry is, before anything is asked.
    options.require_sound(options.agent_pool_name)
    parse_platform(options.platform)
    if options.dry_run:
        return dry_run(session, source, prepare)
    registry = session.find_managed_registry(options, "builds")
    request = build_request(options, abac=registry.uses_abac)
    _require_access(options, registry)
    _warn(options, registry, session.narrator)
    submission = Submission.begin(session, registry, options.agent_pool_name, options)
    prepared = prepare_run(submission, source, prepare)
    request.source_location = prepared.location
    request.docker_file_path = prepared.dockerfile_path or request.docker_file_path
    return queue_and_follow(submission, request, prepared.pool)


def _prepare_context(options: BuildOptions, session: Session, source: LocalSource | ArchiveSource) -> LocalContext:
    if isinstance(source, LocalSource):
        return LocalContext.prepare(source.folder, options.docker_file_path or None, session)
    if options.docker_file_path == STANDARD_INPUT:
        raise UsageError(
            "--file names a Dockerfile in the archive; it cannot be read from standard input.",
            "Put the Dockerfile into the archive, or unpack the archive and give the folder.",
        )
    return LocalContext.prepare_archive(source, options.docker_file_path, session)


def build_request(options: BuildOptions, *, abac: bool) -> DockerBuildRequest:
    """The request for a build, without its source. Raises UsageError. No CPU count is sent: a pool's tier sets it."""
    from azure.mgmt.containerregistrytasks.models import DockerBuildRequest

    return DockerBuildRequest(
        agent_pool_name=options.agent_pool_name,
        image_names=options.image_names,
        is_push_enabled=_pushes(options),
        platform=parse_platform(options.platform),
        docker_file_path=options.docker_file_path or "Dockerfile",
        timeout=options.timeout,
        arguments=[*(options.arg or ()), *(options.secret_arg or ())],
        target=options.target,
        credentials=options.source_registry_auth.credentials(uses_abac=abac),
        log_template=options.log_template,
    )


def _pushes(options: BuildOptions) -> bool:
    return bool(options.image_names) and not options.no_push


def _require_access(options: BuildOptions, registry: Registry) -> None:
    """Raise UsageError for a build whose push the registry is sure to refuse."""
    if registry.uses_abac and _pushes(options) and options.source_registry_auth.grants_nothing(uses_abac=True):
        raise UsageError(
            f"{abac_refusal(registry.name, 'a build')}: it cannot push --image.",
            f"Lend it yours with: {LEND_PERMISSIONS}",
            "Or build without pushing: --no-push",
        )


def _warn(options: BuildOptions, registry: Registry, narrator: Narrator) -> None:
    auth = options.source_registry_auth
    if registry.uses_abac and auth.identity is None and auth.grants_nothing(uses_abac=True):
        narrator.say(abac_warning(registry.name, "a build"))
    elif _pushes(options) and auth.grants_nothing(uses_abac=registry.uses_abac):
        narrator.say(f"With --auth-mode None nothing logs the build in to registry '{registry.name}' for its push.")
    warning = options.source_registry_auth.warning(uses_abac=registry.uses_abac)
    if warning:
        narrator.say(warning)
    if not options.image_names and not options.no_push:
        narrator.say("No --image is given: the image is built, but not pushed.")
    if _pushes(options) and any(".Build.ID" in name for name in options.image_names or ()):
        narrator.say("{{.Build.ID}} in --image is no longer replaced by the service; use {{.Run.ID}}.")
    tell_of_other_registries(options.image_names or (), registry, narrator)
