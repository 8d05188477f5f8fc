"""``az acr build``: pack a context, queue a build, follow it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.cli.core import azclierror

from ...client.pools import AgentPools
from ...client.registries import Registry, find_registry
from ...client.runs import Runs
from ...clock import SystemClock
from ..console.errors import ExitCode, fail, fail_usage, reports_errors
from ..console.interrupts import Interrupts
from ..console.narrator import Narrator, narrator_for
from ..registry_rules import require_managed, uses_abac
from ..session import arm_client
from .context import LocalContext
from .dry_run import dry_run
from .ending import FollowedRun
from .options import FollowOptions
from .pool import PoolCheck
from .provided_source import provide_source, read_source
from .queue import RunQueue
from .queue_and_follow import queue_and_follow
from .request import OptionError, SourceRegistryAuth, parse_platform, takes_options

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import DockerBuildRequest, Run

__all__ = ["BuildOptions", "build", "build_request"]


@dataclass(frozen=True, kw_only=True)
class BuildOptions(FollowOptions):
    """The options of ``az acr build``, under the names that az's own gives them.

    ``arg`` and ``secret_arg`` come as the request's Argument objects, ``timeout`` in seconds.
    """

    registry_name: str
    source_location: str
    image_names: list[str] | None = None
    resource_group_name: str | None = None
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


@reports_errors
@takes_options(BuildOptions)
def build(cmd: Any, options: BuildOptions) -> "Run | dict[str, Any] | None":
    """Queue a build and follow it: the log goes to stdout, the exit code is the build's.

    Returns what would be sent with ``dry_run``, the queued run with ``no_wait``, the finished one unless the log is on
    stdout, nothing otherwise.
    """
    narrator, clock = narrator_for(cmd.cli_ctx), SystemClock()
    source = read_source(options.source_location)
    _check_options(options)
    if options.dry_run:
        return dry_run(cmd.cli_ctx, source, partial(_prepare_context, options, narrator))
    with Interrupts() as interrupts:
        arm = arm_client(cmd.cli_ctx)
        registry = find_registry(arm, options.registry_name, options.resource_group_name)
        require_managed(registry, "builds")
        request = _checked_request(options, registry)
        _warn(options, registry, narrator)
        runs = Runs(arm, registry, clock)
        check = PoolCheck.for_run(AgentPools(arm), registry, options.agent_pool_name, narrator, options)
        provided = provide_source(source, partial(_prepare_context, options, narrator), check, runs)
        request.source_location = provided.location
        request.docker_file_path = provided.dockerfile_path or request.docker_file_path
        queue = RunQueue(runs, registry.name, str(provided.pool or ""), narrator, clock, check.target)
        accept = partial(_require_own_images, options)
        return queue_and_follow(request, queue, options, interrupts, accept)


def _prepare_context(options: BuildOptions, narrator: Narrator, folder: Path) -> LocalContext:
    return LocalContext.prepare(folder, options.docker_file_path or None, narrator)


def build_request(options: BuildOptions, *, abac: bool) -> "DockerBuildRequest":
    """The request for a build, without its source. Raises OptionError. No CPU count is sent: a pool's tier sets it."""
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


def _check_options(options: BuildOptions) -> None:
    """Refuse what is wrong whatever the registry is, before anything is asked."""
    options.require_sound(options.agent_pool_name)
    try:
        parse_platform(options.platform)
    except OptionError as error:
        fail_usage(str(error))


def _checked_request(options: BuildOptions, registry: Registry) -> "DockerBuildRequest":
    try:
        return build_request(options, abac=uses_abac(registry))
    except OptionError as error:
        fail_usage(str(error))


def _warn(options: BuildOptions, registry: Registry, narrator: Narrator) -> None:
    warning = options.source_registry_auth.warning(uses_abac=uses_abac(registry))
    if warning:
        narrator.say(warning)
    if not options.image_names and not options.no_push:
        narrator.say("No --image is given: the image is built, but not pushed.")
    if _pushes(options) and any(".Build.ID" in name for name in options.image_names or ()):
        narrator.say("{{.Build.ID}} in --image is no longer replaced by the service; use {{.Run.ID}}.")


def _require_own_images(options: BuildOptions, followed: FollowedRun, final: "Run") -> None:
    """A run that was taken for this build because its reply was lost must have built this build's images."""
    wanted = {_repository(name) for name in options.image_names or () if "{{" not in name.rpartition(":")[0]}
    built = {str(image.repository) for image in final.output_images or () if image.repository}
    if followed.found_again and _pushes(options) and built and not wanted <= built:
        fail(
            azclierror.AzureResponseError(
                f"Run {followed.run_id} succeeded, but built {', '.join(sorted(built))}: it is somebody else's. The "
                "reply to the request that queued this build was lost.",
                f"See whether there is a run of yours: az acr task list-runs -r {followed.registry_name} -o table",
            ),
            ExitCode.FAILED,
        )


def _repository(image_name: str) -> str:
    """An image name without registry, tag and digest."""
    path = image_name.partition("@")[0]
    host, slash, rest = path.partition("/")
    if slash and ("." in host or ":" in host):
        path = rest
    return path.partition(":")[0]
