"""Errors of packing and uploading a build context.

    ContextError
    ├── ContextNotFoundError     the source location is not a folder
    ├── DockerfileNotFoundError  no Dockerfile where it was looked for
    ├── DockerIgnoreError        a malformed pattern; names file and line
    ├── UnusableFileError        a Dockerfile or ignore file that cannot be looked at or read, or is far too large
    ├── UnusableArchiveError     a given archive that is none, is damaged, or would not be unpacked
    ├── NotInArchiveError        a given archive lacks the Dockerfile or task file
    ├── UnreadableError          a file that should be sent cannot be read
    ├── LeavingLinksError        links that lead out of the context, which the service refuses
    ├── FileChangedError         a file shrank, or changed its type, while it was packed
    └── UploadError              the storage account did not take the archive
        └── UploadRefusedError   ... and said why (HTTP status and error code)

No message ever holds an upload URL: its query is a credential.
"""

from __future__ import annotations

from ..wording import counted, printable

__all__ = [
    "STANDARD_INPUT",
    "ContextError",
    "ContextNotFoundError",
    "DockerIgnoreError",
    "DockerfileNotFoundError",
    "FileChangedError",
    "LeavingLinksError",
    "NotInArchiveError",
    "UnreadableError",
    "UnusableArchiveError",
    "UnusableFileError",
    "UploadError",
    "UploadRefusedError",
]


STANDARD_INPUT = "-"


class ContextError(Exception):
    """A build context cannot be packed or uploaded. `str()` is a message for the user."""


class ContextNotFoundError(ContextError):
    """The source location does not exist or is not a folder."""


class DockerfileNotFoundError(ContextError):
    """The Dockerfile is in none of the places where it is looked for."""


class DockerIgnoreError(ContextError):
    """A pattern that Docker refuses too.

    `file` is the ignore file as the user would name it, `line` the line's number, counted from 1, `pattern` the line
    as written, `reason` what is wrong with it.
    """

    def __init__(self, file: str, line: int, pattern: str, reason: str) -> None:
        self.file = file
        self.line = line
        self.pattern = pattern
        self.reason = reason
        super().__init__(f"{printable(file)}, line {line}: malformed pattern '{printable(pattern)}': {reason}.")


class UnusableFileError(ContextError):
    """What decides about the context cannot be read: the source location itself, a Dockerfile, an ignore file."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        super().__init__(f"'{printable(path)}' cannot be used: {reason}.")


class UnusableArchiveError(ContextError):
    """An archive that was given as the context (STANDARD_INPUT if it came from there) cannot be sent."""

    def __init__(self, archive: str, reason: str) -> None:
        super().__init__(f"The archive {_shown(archive)} cannot be used: {reason}.")


class NotInArchiveError(ContextError):
    """An archive that was given as the context lacks what the command line names, or means, in it, with `option`."""

    def __init__(self, archive: str, path: str, option: str) -> None:
        super().__init__(
            f"There is no '{printable(path)}' in the archive {_shown(archive)}. "
            f"Files in it are named by their paths there, with {option}."
        )


def _shown(archive: str) -> str:
    return "on standard input" if archive == STANDARD_INPUT else f"'{printable(archive)}'"


class UnreadableError(ContextError):
    """A file or folder that belongs to the context cannot be read.

    `required`: it is sent whatever the rules say, so that a rule would be no way out.
    """

    def __init__(self, path: str, reason: str, *, required: bool = False) -> None:
        self.path = path
        way_out = "" if required else ", or list it in .dockerignore if the build does not need it"
        super().__init__(f"Cannot read '{printable(path)}': {reason}. Make it readable{way_out}.")


class LeavingLinksError(ContextError):
    """Links that lead out of the context: `count` of them, of which `named` shows the first.

    `required`: all are sent whatever the rules say, as in UnreadableError.
    """

    def __init__(self, count: int, named: str, *, required: bool = False) -> None:
        self.count = count
        way_out = "" if required else ", or list it in .dockerignore if the build does not need it"
        super().__init__(
            f"{counted(count, 'symbolic link')} cannot be sent: {named}. The service refuses all of a context in which "
            f"a link leads out of the folder. Replace such a link with what it leads to{way_out}."
        )


class FileChangedError(ContextError):
    """A file changed while it was packed, so that there is no consistent archive. `required`: as in UnreadableError."""

    def __init__(self, path: str, what: str, *, required: bool = False) -> None:
        self.path = path
        way_out = "" if required else ", or list it in .dockerignore"
        super().__init__(
            f"'{printable(path)}' {what} while it was packed. Try again when nothing writes to it{way_out}."
        )


class UploadError(ContextError):
    """The upload failed. Nothing was committed: the blob does not exist."""


class UploadRefusedError(UploadError):
    """The storage account refused a request.

    `status` is the HTTP status, `code` the value of `x-ms-error-code`, empty when it was not sent.
    """

    def __init__(self, message: str, *, status: int, code: str) -> None:
        self.status = status
        self.code = code
        super().__init__(message)
