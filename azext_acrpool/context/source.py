"""Finding the context root, the Dockerfile and the ignore file, as Docker does and as scripts for az expect it."""

from __future__ import annotations

import codecs
import os
import stat
import sys
import unicodedata
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from ..files import is_file, look_at, read_file, read_stream
from ..wording import printable
from .agents_view import (
    CLASSIC,
    NO_TIME,
    Builder,
    DockerfileJudge,
    FoundDockerfile,
    IgnoreRules,
    MemoryFile,
    adapted,
    below,
    plan_sending,
    read_renamed,
    renamed,
)
from .errors import ContextNotFoundError, DockerfileNotFoundError, UnusableFileError
from .hiding import IGNORE_FILE
from .ignore.dockerignore import DockerIgnore
from .ignore.selection import Selection
from .link_targets import archived_target, leaves

__all__ = ["LEFT_OUT_NAMES", "BuildContext", "ContextOptions", "MemoryFile", "current_folder", "prepare"]

# Not sent unless an exception (`!`) of the ignore file spells the name. az's own never sends these; Docker does.
LEFT_OUT_NAMES = (".git", ".svn", ".hg", ".bzr", ".venv")

_STANDARD_INPUT = "-"
_FROM_OUTSIDE = "the Dockerfile, from outside the context"


def current_folder() -> Path:
    """The current folder; where it was deleted, the path that the system looks relative ones up from all the same."""
    try:
        return Path.cwd()
    except OSError:
        return Path()


@dataclass(frozen=True)
class ContextOptions:
    """What the user asked for.

    `source` is the folder to send, or a link to it; `dockerfile` the value of `--file`, None when it was not given, `-`
    for standard input, which `stdin` is then read for. Relative paths start from `cwd`. `needs_dockerfile` is False for
    `az acr run`, which has none. `always_sent` are paths below the source, slash-separated, that are sent even when
    ignored (a task file), `never_sent` such that are not, whatever the rules say. `judge` looks at the Dockerfile,
    which `builder` is to build.
    """

    source: Path
    dockerfile: str | None = None
    cwd: Path = field(default_factory=current_folder)
    stdin: BinaryIO | None = None
    needs_dockerfile: bool = True
    always_sent: tuple[str, ...] = ()
    never_sent: tuple[str, ...] = ()
    judge: DockerfileJudge | None = None
    builder: Builder = CLASSIC


@dataclass(frozen=True)
class BuildContext:
    """A context that is ready to be packed.

    `root` is the folder, without links in its path. `dockerfile_name` is the path of the Dockerfile in the archive (the
    `dockerFilePath` of a run request), "" without one. `ignore_file` is the one in use, None without one. `selection`
    says what is sent of the tree, `extra_files` what is in the archive besides. `notes` are what the user should know
    about the choices made, one sentence or two each. `dockerfile` is the path of the Dockerfile here, None for none.
    """

    root: Path
    dockerfile_name: str
    ignore_file: Path | None
    selection: Selection
    extra_files: tuple[MemoryFile, ...] = ()
    notes: tuple[str, ...] = ()
    dockerfile: Path | None = None


def prepare(options: ContextOptions) -> BuildContext:
    """Find everything that packing needs; reads the ignore file, and a Dockerfile from outside the context.

    Raises ContextNotFoundError when the source is not a folder, DockerfileNotFoundError when there is no Dockerfile,
    DockerIgnoreError when the ignore file has a malformed pattern, UnusableFileError when one of them cannot be read,
    and what the judge of the Dockerfile raises.
    """
    try:
        return _prepare(options)
    except OSError as error:
        raise UnusableFileError(str(error.filename or options.source), error.strerror or str(error)) from error


def _prepare(options: ContextOptions) -> BuildContext:
    """As `prepare`; what the system says of a path comes out as its OSError."""
    source = options.cwd / options.source
    status = look_at(source)
    if status is None or not stat.S_ISDIR(status.st_mode):
        what = "does not exist" if status is None else "is not a folder"
        raise ContextNotFoundError(f"The source location '{printable(str(options.source))}' {what}.")
    root = Path(os.path.realpath(source))
    notes: list[str] = []
    dockerfile = _find_dockerfile(options, root, notes) if options.needs_dockerfile else FoundDockerfile(None)
    rules = _read_rules(_find_ignore_file(options, root, dockerfile, notes), root)
    if options.judge is not None:
        dockerfile = adapted(dockerfile, root, options.judge)
    sending = plan_sending(dockerfile, rules, root, options.builder)
    return BuildContext(
        root=root,
        dockerfile_name=sending.dockerfile_name,
        ignore_file=rules.path,
        selection=_selection(
            rules.ignore, {*options.always_sent, *sending.always}, {*options.never_sent, *sending.never}
        ),
        extra_files=sending.extra,
        notes=tuple(notes),
        dockerfile=dockerfile.path,
    )


def _find_dockerfile(options: ContextOptions, root: Path, notes: list[str]) -> FoundDockerfile:
    if options.dockerfile == _STANDARD_INPUT:
        return _from_standard_input(options.stdin, root)
    found = _default_dockerfile(root, options) if not options.dockerfile else _given_dockerfile(options, root, notes)
    real = Path(os.path.realpath(found))
    name = below(root, real)
    if name is not None:
        return FoundDockerfile(found, listed_path(root, name))
    extra = read_renamed(real, root, _FROM_OUTSIDE)
    link = _refused_link(found, root)
    if link:
        notes.append(f"'{printable(link)}' leads out of the folder: what it leads to is built, the link is not sent.")
    return FoundDockerfile(found, extra.name, (extra,), link)


def _refused_link(found: Path, root: Path) -> str:
    name = below(root, found)
    if name is None or not found.is_symlink() or not leaves(name, archived_target(str(found.readlink()))):
        return ""
    return name


def _default_dockerfile(root: Path, options: ContextOptions) -> Path:
    """Docker takes the second name only where nothing at all has the first."""
    source = printable(str(options.source))
    for name in ("Dockerfile", "dockerfile"):
        if is_file(root / name):
            return root / name
        if look_at(root / name, follow=False):
            raise DockerfileNotFoundError(
                f"'{name}' in '{source}' {_what_it_is(root / name)}. Name another Dockerfile with --file."
            )
    for name in _alike(root, ("dockerfile", "containerfile")):
        path = printable(str(options.source / name))
        raise DockerfileNotFoundError(
            f"There is no Dockerfile in '{source}', but '{printable(name)}'. To build that, give --file '{path}'."
        )
    raise DockerfileNotFoundError(
        f"There is no Dockerfile in '{source}'. Name one with --file, or '-' to read it from standard input."
    )


def _what_it_is(path: Path) -> str:
    """What is at `path`, which is no file: the end of a sentence."""
    status = look_at(path)
    if status is None:
        return f"is a link to '{printable(str(path.readlink()))}', where nothing is"
    return "is a folder" if stat.S_ISDIR(status.st_mode) else "is not a file"


def _given_dockerfile(options: ContextOptions, root: Path, notes: list[str]) -> Path:
    """Docker and az's own look in the current folder; az's help says below the context, which is tried second."""
    given = options.dockerfile or ""
    here, there = options.cwd / given, root / given
    if is_file(here):
        if _is_another(there, here):
            notes.append(
                f"--file '{printable(given)}' is in the current folder and in the context. The one in the current "
                f"folder is used, as Docker does. For the other, pass '{printable(str(there))}'."
            )
        return here
    if is_file(there):
        notes.append(
            f"--file '{printable(given)}' is not in the current folder; the one in the context is used, "
            f"'{printable(str(there))}'."
        )
        return there
    for place in (here, there):
        if look_at(place, follow=False):
            raise DockerfileNotFoundError(f"--file '{printable(given)}' {_what_it_is(place)}.{_advice(place)}")
    places = " or ".join(dict.fromkeys(f"'{printable(str(place))}'" for place in (here, there)))
    raise DockerfileNotFoundError(f"There is no Dockerfile at {places}.")


def _advice(path: Path) -> str:
    """What to do about what is given for a Dockerfile and is no file."""
    status = look_at(path)
    if status and stat.S_ISFIFO(status.st_mode):
        return " To read the Dockerfile from a pipe, give --file - and let standard input be that pipe."
    return " Name the Dockerfile in it." if status and stat.S_ISDIR(status.st_mode) else ""


def _is_another(path: Path, file: Path) -> bool:
    """Whether there is another file at `path`, where docker does not look: nothing there is an error."""
    try:
        return is_file(path) and not file.samefile(path)
    except OSError:
        return False


def _from_standard_input(stdin: BinaryIO | None, root: Path) -> FoundDockerfile:
    try:
        content = b"" if stdin is None else read_stream(stdin)
    except OSError as error:
        raise UnusableFileError("standard input", error.strerror or str(error)) from error
    if not content.strip():
        raise DockerfileNotFoundError("--file - reads the Dockerfile from standard input, which is empty.")
    extra = renamed(content, root, _FROM_OUTSIDE, NO_TIME)
    return FoundDockerfile(None, extra.name, (extra,))


def _find_ignore_file(
    options: ContextOptions, root: Path, dockerfile: FoundDockerfile, notes: list[str]
) -> Path | None:
    """`<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore` in the root."""
    if dockerfile.path is not None:
        beside = dockerfile.path.with_name(dockerfile.path.name + IGNORE_FILE)
        if _is_ignore_file(beside):
            notes.append(f"'{printable(beside.name)}' beside the Dockerfile is used instead of '.dockerignore'.")
            return beside
        notes += _misspelled_beside(beside)
        in_root = root / f"{options.dockerfile or 'Dockerfile'}{IGNORE_FILE}"
        if _is_only_azs_ignore_file(in_root):
            notes.append(
                f"'{printable(str(in_root))}' is used instead of '.dockerignore', as az does. Docker looks for "
                f"'{printable(str(beside))}': move it there."
            )
            return in_root
    common = root / IGNORE_FILE
    if _is_ignore_file(common):
        return common
    notes += _misspelled(root)
    return None


def _is_ignore_file(path: Path) -> bool:
    """Whether an ignore file is there; only a name that is not there is none.

    Raises UnusableFileError for what is there and cannot be one, as nothing would be ignored then. A device can be one:
    a link to /dev/null has no rules.
    """
    status = look_at(path)
    if status is None:
        if look_at(path, follow=False) is not None:
            raise UnusableFileError(str(path), "It is a link to something that does not exist")
        return False
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISCHR(status.st_mode):
        raise UnusableFileError(str(path), "It is a folder" if stat.S_ISDIR(status.st_mode) else "It is not a file")
    return True


def _is_only_azs_ignore_file(path: Path) -> bool:
    """Whether an ignore file is where docker does not look: nothing there is an error."""
    try:
        return _is_ignore_file(path)
    except (OSError, UnusableFileError):
        return False


def _misspelled(root: Path) -> Iterator[str]:
    """What to tell about an ignore file that nobody reads."""
    for name in _alike(root, (IGNORE_FILE,)):
        yield f"'{printable(name)}' is not used: an ignore file is named '{IGNORE_FILE}', in lower case."


def _misspelled_beside(ignore_file: Path) -> Iterator[str]:
    """The same of one beside the Dockerfile, in a folder that nobody has to be able to list."""
    name = ignore_file.name.removesuffix(IGNORE_FILE)
    with suppress(OSError):
        for other in _alike(ignore_file.parent, (ignore_file.name.casefold(),)):
            # With another beginning, it is that of another Dockerfile.
            if name and other.startswith(name):
                yield (
                    f"'{printable(other)}' is not used: the ignore file of '{printable(name)}' is named "
                    f"'{printable(ignore_file.name)}', its ending in lower case."
                )


def _alike(root: Path, names: Container[str]) -> list[str]:
    """The entries of a folder that differ from `names`, which are in lower case, in case alone."""
    with os.scandir(root) as entries:
        return sorted(entry.name for entry in entries if entry.name.casefold() in names and entry.is_file())


def _selection(ignore: DockerIgnore, always: Iterable[str], never: Iterable[str]) -> Selection:
    rules = ignore.rules
    spelled = {name for rule in rules if rule.exception for name in rule.pattern.text.split("/")}
    # An exception such as "!.git/HEAD" is one to the folder's not being sent: that needs a rule of its own, before all.
    defaults = DockerIgnore.from_lines([f"**/{name}" for name in LEFT_OUT_NAMES if name in spelled]).rules
    first = [replace(rule, line=0) for rule in defaults]
    return Selection(
        ignore=DockerIgnore((*first, *rules)),
        always=frozenset(always),
        never=frozenset(never),
        left_out_names=frozenset(LEFT_OUT_NAMES) - spelled,
        rules_of_our_own=len(first),
    )


def _read_rules(path: Path | None, root: Path) -> IgnoreRules:
    if path is None:
        return IgnoreRules()
    content = read_file(path)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content:
        # Docker reads rules that match nothing, and sends what is to be ignored.
        raise UnusableFileError(str(path), "It is not in UTF-8 but in UTF-16, or holds NUL bytes. Save it as UTF-8")
    decoded = os.fsdecode(content) if os.name != "nt" else content.decode("utf-8", "surrogateescape")
    return IgnoreRules(path, below(root, path), content, DockerIgnore.from_lines(decoded.split("\n"), str(path)))


def listed_path(root: Path, path: str, *, folds_case: bool = sys.platform in ("win32", "darwin")) -> str:
    """`path` as the folders list it: where the archive is unpacked, `dockerfile` and `Dockerfile` differ.

    `folds_case`: whether the file system here finds names in another case.
    """
    if not folds_case:
        return path
    listed: list[str] = []
    for name in path.split("/"):
        names = [entry.name for entry in root.joinpath(*listed).iterdir()]
        alike = [other for other in names if _folded(other) == _folded(name)]
        listed.append(name if name in names or not alike else alike[0])
    return "/".join(listed)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
