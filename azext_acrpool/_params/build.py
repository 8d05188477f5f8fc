"""Arguments of `az acr build` and `az acr run`."""

from __future__ import annotations

from typing import Any

from .common import (
    Arguments,
    abbreviation,
    declare_build_arguments,
    declare_following,
    declare_image_names,
    declare_log_template,
    declare_platform_and_login,
    declare_registry,
    declare_run_login,
    declare_target,
    declare_values,
)

__all__ = ["ARGUMENTS"]

_SOURCES = (
    "a local folder ('.') or tar archive ('context.tar.gz', or '-' for standard input), a Git repository"
    " ('https://github.com/ORG/REPO.git#BRANCH:FOLDER'), a remote tarball ('https://HOST/context.tar.gz') or an OCI"
    " artifact in a registry ('oci://REGISTRY.azurecr.io/REPOSITORY:TAG')"
)


def _declare_pool(c: Any) -> None:
    from .._validators import validate_pool_of_run

    c.argument(
        "agent_pool_name",
        options_list=["--agent-pool"],
        is_preview=True,
        help="Name of the agent pool to run on. By default, agents shared by all registries.",
        validator=validate_pool_of_run,
    )


def _declare_build(c: Any) -> None:
    from argcomplete.completers import FilesCompleter

    from .._validators import sendable

    c.positional("source_location", help=f"What to build: {_SOURCES}.", completer=FilesCompleter())
    c.argument(
        "docker_file_path",
        options_list=["--file", "-f"],
        help="Path of the Dockerfile. By default, the Dockerfile at the root of the source location.",
        validator=sendable("docker_file_path", "--file"),
    )
    declare_build_arguments(c, ["--build-arg", abbreviation(c, "--build")], ["--secret-build-arg"])
    declare_target(c)
    declare_image_names(c)
    c.argument("no_push", action="store_true", help="Do not push the image to the registry.")
    c.argument(
        "dry_run",
        action="store_true",
        help="Tell what would be sent, and build nothing. With --verbose, every path and the rule that decided.",
    )
    _declare_buildkit(c)


def _declare_buildkit(c: Any) -> None:
    """Declare what az's own build does not have, since the service has it only for tasks."""
    from .._validators import cache_place, validate_build_secrets

    group = "BuildKit"
    c.argument(
        "buildkit",
        action="store_true",
        is_preview=True,
        arg_group=group,
        help="Build with BuildKit, for Dockerfiles with RUN --mount, here-documents, COPY --link and the like.",
    )
    c.argument(
        "cache",
        nargs="?",
        const="registry",
        is_preview=True,
        arg_group=group,
        type=cache_place,
        completer=_complete_cache,
        help="Where layers are kept for the next build: registry (beside the image, in the repository of the first"
        " --image) or off. With no value, registry. Builds with BuildKit.",
    )
    c.argument(
        "secret",
        action="append",
        is_preview=True,
        arg_group=group,
        validator=validate_build_secrets,
        help="Secret for RUN --mount=type=secret, as id=NAME, id=NAME,src=FILE or id=NAME,env=VARIABLE. May be"
        " repeated. Builds with BuildKit.",
    )


def _complete_cache(prefix: str, **_: object) -> list[str]:
    from .._validators import CACHES

    return [value for value in CACHES if value.startswith(prefix)]


def _declare_run(c: Any) -> None:
    from argcomplete.completers import FilesCompleter

    from .._validators import sendable

    c.positional(
        "source_location",
        nargs="?",
        help=f"What to run with: {_SOURCES}, or /dev/null for none. May be left out with --cmd, which needs none.",
        completer=FilesCompleter(),
    )
    c.argument(
        "file",
        options_list=["--file", "-f"],
        help="Path of the task file in the source, by default acb.yaml; '-' reads it from standard input. With"
        " /dev/null as the source, or if it lies outside the folder that is the source, a local file.",
        validator=sendable("file", "--file"),
    )
    c.argument(
        "values",
        help="Path in the source of the file with values for the task's definition. A local file where the task file"
        " is one.",
        validator=sendable("values", "--values"),
    )
    c.argument(
        "cmd_value",
        options_list=["--cmd"],
        help="Command to run in a container, without a source: an image with its arguments, and options of"
        " `docker run` before it.",
        validator=sendable("cmd_value", "--cmd"),
    )
    declare_values(c)


_BOTH = ("acr build", "acr run")

ARGUMENTS = (
    Arguments(_BOTH, declare_registry),
    Arguments(_BOTH, _declare_pool),
    Arguments(_BOTH, declare_platform_and_login),
    Arguments(_BOTH, declare_run_login),
    Arguments(_BOTH, declare_log_template),
    Arguments(_BOTH, declare_following),
    Arguments(("acr build",), _declare_build),
    Arguments(("acr run",), _declare_run),
)
