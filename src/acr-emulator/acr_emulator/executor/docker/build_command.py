"""`docker build` and `docker buildx build`: their command line, and what their client checks before it builds."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ...acb.contexts import is_git, is_url
from ...acb.references import ReferenceFormatError
from ..archive import ContextArchive
from ..errors import BuildFailedError
from ..run_faults import RunFaults
from ..workspace import ASSUMED_DOCKERFILE, Folder, Workspace
from .arguments import AGENT_PLATFORM
from .build import BuildOptions, DockerBuild
from .caches import CacheError, CachePlace, RegistryCaches, read_places
from .client_secrets import SecretError, read_secrets
from .dockerfile import parse
from .flags import CommandLine, FlagError, Flags, parse_bool
from .ignore import parse_ignore_file
from .images import UNAUTHORIZED
from .names import ImageName, parse_name
from .run_step import RunOptions
from .usage import UsageError, usage_error

__all__ = ["Build", "Builder", "Situation", "prepare_build"]

BUILDKIT_SWITCH = "DOCKER_BUILDKIT"
IGNORE_FILE = ".dockerignore"
DEFAULT_DOCKERFILE = "Dockerfile"
NO_EXPORT = (
    "Cache export is not supported for the docker driver.\n"
    "Switch to a different driver, or turn on the containerd image store, and try again.\n"
    "Learn more at https://docs.docker.com/go/build-cache-backends/"
)
NO_MANIFEST_LISTS = "docker exporter does not currently support exporting manifest lists"
ONE_PLATFORM = "the emulator builds for one platform at a time"
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
class Situation:
    """Where a client runs: its environment, its working directory, and the files of volumes by absolute path."""

    environment: Mapping[str, str]
    directory: str
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Builder:
    """Who builds. One that `is_container` was set up by `buildx create`; else it is the daemon itself.

    `logins` are the registries that it may write to, `faults` what goes wrong with its pulls.
    """

    with_buildx: bool = False
    is_container: bool = False
    caches: RegistryCaches = field(default_factory=RegistryCaches)
    logins: Collection[str] = ()
    faults: RunFaults = field(default_factory=RunFaults)


@dataclass(frozen=True)
class Build:
    """A build that can be carried out, the names that its image gets, and what becomes of it.

    It `is_loaded` into the agent's images, is pushed at once, and its layers go to `exports`. `notices` come first.
    """

    build: DockerBuild
    names: tuple[ImageName, ...]
    pushes: bool
    is_loaded: bool = True
    exports: tuple[CachePlace, ...] = ()
    notices: tuple[str, ...] = ()


def prepare_build(words: Sequence[str], situation: Situation, workspace: Workspace, builder: Builder) -> Build:
    """Read the words after `build`.

    Raises UsageError for a wrong line, BuildFailedError and DockerfileError for what cannot be built.
    """
    command = "docker buildx build" if builder.with_buildx else "docker build"
    try:
        line = (BUILDX if builder.with_buildx else BUILD).parse(words)
        names = tuple(_tag(text) for text in line.values("tag"))
    except FlagError as error:
        raise UsageError(f"{error}\nSee '{command} --help'.", 125) from error
    if len(line.arguments) != 1:
        raise usage_error(command, "exactly 1 argument", "PATH | URL | -", "Build an image from a Dockerfile")
    buildkit = builder.with_buildx or _wants_buildkit(situation.environment)
    directory = situation.directory
    folder = _context(line.arguments[0], directory, workspace)
    dockerfile_path, dockerfile = _dockerfile(line, directory, workspace, folder)
    is_loaded = not builder.is_container or line.is_on("load") or "type=docker" in line.last("output")
    cached, notices = _imported(line, builder)
    options = BuildOptions(
        arguments=_arguments(line.values("build-arg"), situation.environment),
        target=line.last("target"),
        tags=tuple(name.familiar for name in names),
        platform=_platform(line, builder, is_loaded),
        buildkit=buildkit,
        origin=folder.origin,
        run=_run_options(line, situation, workspace, builder) if buildkit else RunOptions(),
        cached=cached,
        faults=builder.faults,
    )
    ignore_files = [f"{dockerfile_path}.dockerignore"] if buildkit else []
    context = _sent(folder, [*ignore_files, posixpath.join(directory, line.arguments[0], IGNORE_FILE)], workspace)
    build = DockerBuild(parse(dockerfile, by_buildkit=buildkit), context, options)
    return Build(build, names, line.is_on("push"), is_loaded, _exports(line, builder), notices)


def _imported(line: CommandLine, builder: Builder) -> tuple[frozenset[str], tuple[str, ...]]:
    """The layers of all caches that are named, and what is said of these."""
    layers: frozenset[str] = frozenset()
    notices: list[str] = []
    if not builder.with_buildx or line.is_on("no-cache"):
        return layers, ()
    for place in _places(line.values("cache-from")):
        if place.name is None:
            continue
        found = builder.caches.find(place.name) if place.name.registry in builder.logins else None
        notices.append(f"importing cache manifest from {place.name.familiar}")
        if found is None:
            # BuildKit goes on without it.
            notices.append(f"ERROR: failed to configure registry cache importer: {place.name}: not found")
        layers |= found or frozenset()
    return layers, tuple(notices)


def _exports(line: CommandLine, builder: Builder) -> tuple[CachePlace, ...]:
    places = _places(line.values("cache-to")) if builder.with_buildx else ()
    if not builder.is_container and any(place.type != "inline" for place in places):
        raise BuildFailedError(NO_EXPORT)
    for place in places:
        if place.name is not None and place.name.registry not in builder.logins:
            # That it fails is documented; the words are assumed.
            raise BuildFailedError(f"failed to solve: error writing layer blob: {UNAUTHORIZED}")
    return places


def _places(options: Sequence[str]) -> tuple[CachePlace, ...]:
    try:
        return read_places(options)
    except CacheError as error:
        raise BuildFailedError(str(error)) from error


def _platform(line: CommandLine, builder: Builder, is_loaded: bool) -> str:
    platform = line.last("platform", AGENT_PLATFORM)
    if builder.with_buildx and "," in platform:
        raise BuildFailedError(NO_MANIFEST_LISTS if builder.is_container and is_loaded else ONE_PLATFORM)
    return platform


def _run_options(line: CommandLine, situation: Situation, workspace: Workspace, builder: Builder) -> RunOptions:
    def read(path: str) -> bytes | None:
        text = situation.files.get(path)
        return workspace.read(path) if text is None else text.encode(errors="surrogateescape")

    specs = line.values("secret")
    try:
        secrets = read_secrets(specs, situation.environment, situation.directory, read)
    except SecretError as error:
        problem = str(error) if builder.with_buildx else f"could not parse secrets: [{' '.join(specs)}]: {error}"
        raise BuildFailedError(problem) from error
    ssh = {text.partition("=")[0] for text in line.values("ssh")}
    return RunOptions(secrets, ssh, line.values("allow"))


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
