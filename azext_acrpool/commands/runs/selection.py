"""Which of a registry's runs a command is about: those of a task, those that pushed an image, and so on."""

from __future__ import annotations

from dataclasses import dataclass

from azure.cli.core import azclierror

from ...client.errors import AcrError, NotFoundError
from ...client.registries import RegistryId, split_login_server
from ...client.run_listing import RunFilter
from ...wording import az_command, printable
from ..console.errors import CommandError, ExitCode, UsageError
from ..session import RegistryOptions, Session

__all__ = ["SelectionOptions", "select_runs"]

_LATEST = "latest"


@dataclass(frozen=True, kw_only=True)
class SelectionOptions(RegistryOptions):
    """Options that say which runs. As with az's own, an empty text selects nothing."""

    task_name: str | None = None
    image: str | None = None


def select_runs(
    session: Session, options: SelectionOptions, *, status: str = "", pool: str = ""
) -> tuple[RegistryId, RunFilter]:
    """The registry, and which of its runs are meant. Raises CommandError, AcrErrors.

    Runs are found by the manifest that an image is now, as az's own finds them. A registry that does not say which that
    is is not needed for those that pushed its tag, whatever that has become since; that it did not is told.
    """
    wanted = {"task": options.task_name or "", "status": status, "pool": pool}
    if not options.image:
        return session.locate_registry(options), RunFilter(**wanted)
    _require_no_registry(options.image, options.registry_name)
    repository, tag, digest = _parse_image(options.image)
    if digest:
        return session.locate_registry(options), RunFilter(**wanted, manifest=f"{repository}@{digest}")
    registry = session.find_registry(options)
    try:
        digest = session.web.manifest_digest(registry.login_server, repository, tag)
    except NotFoundError as error:
        raise _image_missing(registry, repository, tag) from error
    except AcrError as error:
        session.narrator.warn(
            f"Which manifest '{repository}:{tag}' is now could not be found out, so these are the runs that pushed that"
            f" tag, whatever it is by now. {error.message}"
        )
        return registry, RunFilter(**wanted, pushed=f"{repository}:{tag}")
    return registry, RunFilter(**wanted, manifest=f"{repository}@{digest}")


def _require_no_registry(image: str, registry_name: str) -> None:
    """Raise UsageError if the image is named as docker does, with the registry's login server in front of it."""
    server, _, in_registry = image.partition("/")
    name, suffix = split_login_server(server)
    if suffix and in_registry and name.lower() == split_login_server(registry_name)[0].lower():
        raise UsageError(
            f"'{printable(image)}' begins with the registry's login server, which is no part of a name in it.",
            f"Leave it out: --image {printable(in_registry)}",
        )


def _parse_image(image: str) -> tuple[str, str, str]:
    """Repository, tag and digest of REPOSITORY[:TAG] or REPOSITORY@DIGEST, as az's own reads it. Raises UsageError."""
    repository, at, digest = image.partition("@")
    tag = _LATEST
    if not at:
        repository, colon, tag = image.partition(":")
        tag = tag if colon else _LATEST
    if not repository or not (digest if at else tag) or ":" in (repository + tag) or "/" in tag or "@" in digest:
        raise UsageError(
            f"'{printable(image)}' cannot be the name of an image in the registry.",
            "Give it as REPOSITORY[:TAG] or REPOSITORY@DIGEST, without the registry.",
        )
    return repository, tag, digest


def _image_missing(registry: RegistryId, repository: str, tag: str) -> CommandError:
    # This command of az's own has no resource group.
    tags = az_command("acr repository show-tags", "-n", str(registry.name), "--repository", repository)
    return CommandError(
        azclierror.ResourceNotFoundError(
            f"Could not find image '{repository}:{tag}' in registry '{registry.name}'.",
            [
                f"List the tags of the repository with: {tags}",
                "Runs that pushed an image that has been deleted are found by its digest: --image REPOSITORY@DIGEST",
            ],
        ),
        ExitCode.NOT_FOUND,
    )
