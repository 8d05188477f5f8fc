"""`docker build` and `docker buildx build`: their command line, and what their client checks before it builds."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...acb.contexts import is_git, is_url
from ...acb.references import ReferenceFormatError
from ..archive import ContextArchive
from ..errors import BuildFailedError
from ..workspace import ASSUMED_DOCKERFILE, Folder, Workspace
from .build import BuildOptions, DockerBuild
from .dockerfile import parse
from .flags import CommandLine, FlagError, Flags, parse_bool
from .ignore import parse_ignore_file
from .names import ImageName, parse_name
from .usage import UsageError, usage_error

__all__ = ["Build", "prepare_build"]

BUILDKIT_SWITCH = "DOCKER_BUILDKIT"
IGNORE_FILE = ".dockerignore"
DEFAULT_DOCKERFILE = "Dockerfile"
VALUES = (
    "add-host build-arg cache-from cgroup-parent cpu-period cpu-quota cpu-shares cpuset-cpus cpuset-mems file iidfile "
    "isolation label memory memory-swap network output platform progress secret security-opt shm-size ssh tag target "
    "ulimit"
)
SWITCHES = "compress disable-content-trust force-rm no-cache pull quiet rm squash stream"
LETTERS = {"c": "cpu-shares", "f": "file", "m": "memory", "o": "output", "q": "quiet", "t": "tag"}
BUILD = Flags(frozenset(VALUES.split()), frozenset(SWITCHES.split()), LETTERS)
"""The options of `docker build` 20.10. Those for BuildKit alone do nothing without it."""

BUILDX_VALUES = (
    "allow build-context builder cache-to metadata-file no-cache-filter attest sbom provenance annotation call"
)
BUILDX = Flags(
    BUILD.with_value | set(BUILDX_VALUES.split()), BUILD.switches | {"load", "push", "check", "debug"}, LETTERS
)


@dataclass(frozen=True)
class Build:
    """A build that can be carried out, the names that its image gets, and whether it is pushed under them at once."""

    build: DockerBuild
    names: tuple[ImageName, ...]
    pushes: bool


def prepare_build(
    words: Sequence[str], environment: Mapping[str, str], directory: str, workspace: Workspace, *, with_buildx: bool
) -> Build:
    """Read the words after `build`, as given to a client in `directory`.

    Raises UsageError for a wrong line, BuildFailedError and DockerfileError for what cannot be built.
    """
    command = "docker buildx build" if with_buildx else "docker build"
    try:
        line = (BUILDX if with_buildx else BUILD).parse(words)
        names = tuple(_tag(text) for text in line.values("tag"))
    except FlagError as error:
        raise UsageError(f"{error}\nSee '{command} --help'.", 125) from error
    if len(line.arguments) != 1:
        raise usage_error(command, "exactly 1 argument", "PATH | URL | -", "Build an image from a Dockerfile")
    buildkit = with_buildx or _wants_buildkit(environment)
    folder = _context(line.arguments[0], directory, workspace)
    dockerfile_path, dockerfile = _dockerfile(line, directory, workspace, folder)
    options = BuildOptions(
        arguments=_arguments(line.values("build-arg"), environment),
        target=line.last("target"),
        tags=tuple(name.familiar for name in names),
        platform=line.last("platform", "linux/amd64"),
        buildkit=buildkit,
        origin=folder.origin,
    )
    ignore_files = [f"{dockerfile_path}.dockerignore"] if buildkit else []
    context = _sent(folder, [*ignore_files, posixpath.join(directory, line.arguments[0], IGNORE_FILE)], workspace)
    return Build(DockerBuild(parse(dockerfile), context, options), names, line.is_on("push"))


def _tag(text: str) -> ImageName:
    try:
        return parse_name(text)
    except ReferenceFormatError as error:
        raise FlagError(f'invalid argument "{text}" for "-t, --tag" flag: {error}') from error


def _wants_buildkit(environment: Mapping[str, str]) -> bool:
    value = environment.get(BUILDKIT_SWITCH, "")
    wanted = parse_bool(value) if value else False
    if wanted is None:
        raise BuildFailedError(
            f'{BUILDKIT_SWITCH} environment variable expects boolean value: strconv.ParseBool: parsing "{value}": '
            "invalid syntax"
        )
    return wanted


def _context(context: str, directory: str, workspace: Workspace) -> Folder:
    if is_url(context) or is_git(context):
        return Folder(ContextArchive.empty(), context)
    path = posixpath.join(directory, context)
    folder = workspace.folder(path)
    if context == "-":
        raise BuildFailedError("Error response from daemon: the Dockerfile (Dockerfile) cannot be empty")
    if folder is None and workspace.has(path):
        raise BuildFailedError(f"unable to prepare context: context must be a directory: {posixpath.normpath(path)}")
    if folder is None:
        raise BuildFailedError(f'unable to prepare context: path "{context}" not found')
    return folder


def _dockerfile(line: CommandLine, directory: str, workspace: Workspace, folder: Folder) -> tuple[str, str]:
    """The Dockerfile's path and text: after -f from the working directory, else in the context."""
    given = line.last("file")
    in_context = posixpath.join(directory, line.arguments[0], DEFAULT_DOCKERFILE)
    path = posixpath.normpath(posixpath.join(directory, given) if given else in_context)
    if folder.origin:
        return path, ASSUMED_DOCKERFILE.decode()
    content = workspace.read(path)
    if content is None and not given:
        # The client takes a file in small letters for want of another.
        content = workspace.read(posixpath.join(posixpath.dirname(path), DEFAULT_DOCKERFILE.lower()))
    if content is None:
        raise BuildFailedError(
            f"unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat {path}: "
            "no such file or directory"
        )
    return path, content.decode("utf-8", "replace")


def _arguments(entries: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Build arguments by name; without a value they come from the client's environment, if it is there."""
    arguments: dict[str, str] = {}
    for entry in entries:
        name, equals, value = entry.partition("=")
        if equals or name in environment:
            arguments[name] = value if equals else environment[name]
    return arguments


def _sent(folder: Folder, ignore_files: Sequence[str], workspace: Workspace) -> ContextArchive:
    """What COPY and ADD see: all that the first of `ignore_files` which is there does not hide."""
    if folder.origin:
        return folder.archive
    content = next((content for path in ignore_files if (content := workspace.read(path)) is not None), None)
    return folder.archive if content is None else folder.archive.only(parse_ignore_file(content).includes)
