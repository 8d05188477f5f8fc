"""`az acr build`: pack a context, queue a build, follow it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ...client.registries import Registry
from ...dockerfile.model import AskedBuild
from ...wording import printable
from ..command import command
from ..console.errors import UsageError
from ..console.narrator import Narrator
from ..session import Session
from .build_demands import asked_task, remark_on
from .build_options import BuildOptions
from .buildkit.request import task_request
from .built_steps import BUILD_STEP
from .context import LocalContext
from .definition import STANDARD_INPUT
from .dockerfiles import DockerfileReview, asked_build
from .dry_run import dry_run
from .follow import queue_and_follow
from .images import tell_of_other_registries
from .metadata import claim_metadata_file
from .preparation import prepare_run
from .queue import RunOrder, Submission
from .request import LEND_PERMISSIONS, abac_refusal, abac_warning, parse_platform
from .source import ArchiveSource, LocalSource, parse_source

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import DockerBuildRequest, Run

__all__ = ["build", "build_request"]


@command(BuildOptions)
def build(session: Session, options: BuildOptions) -> Run | dict[str, Any] | None:
    """Queue a build and follow it: the log goes to stdout, the exit code is the build's.

    Returns what would be sent with `dry_run`, the queued run with `no_wait`, the finished one unless the log is on
    stdout, nothing otherwise.
    """
    # What is wrong whatever the registry is, before anything is asked.
    options.require_sound(options.agent_pool_name)
    parse_platform(options.platform)
    claim_metadata_file(options, dry_run=options.dry_run)
    source = parse_source(options.source_location)
    asked = asked_task(options, source) if options.uses_buildkit else None
    review = DockerfileReview(_asked_build(options), session.narrator.say)
    prepare = partial(_prepare_context, options, review, session)
    if options.dry_run:
        return dry_run(session, source, prepare)
    registry = session.find_managed_registry(options, "builds")
    request = build_request(options, abac=registry.uses_abac)
    _require_access(options, registry)
    _warn(options, registry, session.narrator)
    pushes = tuple(options.image_names or ()) if options.pushes else ()
    submission = Submission.begin(session, registry, options.agent_pool_name, options, queued="build", pushes=pushes)
    prepared = prepare_run(submission, source, prepare)
    request.source_location = prepared.location
    request.docker_file_path = prepared.dockerfile_path or request.docker_file_path
    request.target = review.target or request.target
    sent = request if asked is None else task_request(request, asked, registry.login_server)
    dockerfile = review.built(prepared.context.dockerfile, prepared.dockerfile_path) if prepared.context else None
    submission = replace(submission, dockerfiles={BUILD_STEP: dockerfile} if dockerfile else {})
    return queue_and_follow(submission, lambda: RunOrder(sent), prepared.pool)


def _asked_build(options: BuildOptions) -> AskedBuild:
    return asked_build(
        [*(options.arg or ()), *(options.secret_arg or ())],
        target=options.target,
        platform=options.platform,
        buildkit=options.uses_buildkit,
        secrets=(secret.id for secret in options.secret or ()),
    )


def _prepare_context(
    options: BuildOptions, review: DockerfileReview, session: Session, source: LocalSource | ArchiveSource
) -> LocalContext:
    if isinstance(source, LocalSource):
        context = LocalContext.prepare(source.folder, options.docker_file_path or None, session, review)
        _warn_of_sent_secrets(options, context, session.narrator)
        return context
    if options.docker_file_path == STANDARD_INPUT:
        raise UsageError(
            "--file names a Dockerfile in the archive; it cannot be read from standard input.",
            "Put the Dockerfile into the archive, or unpack the archive and give the folder.",
        )
    return LocalContext.prepare_archive(source, options.docker_file_path, session, review=review)


def _warn_of_sent_secrets(options: BuildOptions, context: LocalContext, narrator: Narrator) -> None:
    """Say which secrets the build would find in its context, where a COPY takes them into the image."""
    for secret in options.secret or ():
        path = context.path_of(secret.file) if secret.file else None
        if path is not None:
            narrator.warn(
                f"The file of secret '{secret.id}' is sent in the build context, too:"
                f" add '{printable(path)}' to the ignore file."
            )


def build_request(options: BuildOptions, *, abac: bool) -> DockerBuildRequest:
    """The request for a build, without its source. Raises UsageError. No CPU count is sent: a pool's tier sets it."""
    from azure.mgmt.containerregistrytasks.models import DockerBuildRequest

    return DockerBuildRequest(
        agent_pool_name=options.agent_pool_name,
        image_names=options.image_names,
        is_push_enabled=options.pushes,
        platform=parse_platform(options.platform),
        docker_file_path=options.docker_file_path or "Dockerfile",
        timeout=options.timeout,
        arguments=[*(options.arg or ()), *(options.secret_arg or ())],
        target=options.target,
        credentials=options.source_registry_auth.credentials(uses_abac=abac),
        log_template=options.log_template,
    )


def _require_access(options: BuildOptions, registry: Registry) -> None:
    """Raise UsageError for a build whose push the registry is sure to refuse: of the image, or of its cache."""
    refused = [("--image", "--no-push")] * options.pushes + [("--cache", "--cache off")] * options.caches
    if refused and registry.uses_abac and options.source_registry_auth.grants_nothing(uses_abac=True):
        what, instead = zip(*refused, strict=True)
        raise UsageError(
            f"{abac_refusal(registry.name, 'a build')}: it cannot push {' and '.join(what)}.",
            f"Lend it yours with: {LEND_PERMISSIONS}",
            f"Or build without pushing: {' '.join(instead)}",
        )


def _warn(options: BuildOptions, registry: Registry, narrator: Narrator) -> None:
    auth = options.source_registry_auth
    if registry.uses_abac and auth.identity is None and auth.grants_nothing(uses_abac=True):
        narrator.say(abac_warning(registry.name, "a build"))
    elif (options.pushes or options.caches) and auth.grants_nothing(uses_abac=registry.uses_abac):
        narrator.say(f"With --auth-mode None nothing logs the build in to registry '{registry.name}' for its push.")
    warning = options.source_registry_auth.warning(uses_abac=registry.uses_abac)
    if warning:
        narrator.say(warning)
    if not options.image_names and not options.no_push:
        narrator.say("No --image is given: the image is built, but not pushed.")
    if options.pushes and any(".Build.ID" in name for name in options.image_names or ()):
        narrator.say("{{.Build.ID}} in --image is no longer replaced by the service; use {{.Run.ID}}.")
    tell_of_other_registries(options.image_names or (), registry, narrator)
    if options.uses_buildkit:
        remark_on(options, narrator)
