"""The context of a build: what kind it is, what is cloned for it, and where docker then runs.

The emulator fetches nothing; these are the rules by which acb would (util/url.go, scan/git.go, builder/builder.go).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..golang.quoting import quote
from ..golang.strings import to_lower
from ..golang.url import Url, UrlError, parse_url
from .build_line import parse_build_line, replace_context
from .errors import AcbError

__all__ = [
    "Clone",
    "clone_of",
    "context_warning",
    "folder_of",
    "is_artifact",
    "is_git",
    "is_local",
    "is_url",
    "located_build",
    "shown",
]

URL_PREFIXES = ("http://", "https://")
GIT_PREFIXES = ("git://", "github.com/", "git@")
USER = re.compile("(?<=://)[^/?#]*@")
QUERY = re.compile(r"\?[^#]*")
GIT_SUFFIX = re.compile(r"\.git(?:#.+)?\Z")
AZURE_DEVOPS_HOST = "dev.azure.com"
VSTS_SUFFIX = ".visualstudio.com"


@dataclass(frozen=True)
class Clone:
    """What acb clones: the address for git, the reference and the folder in it. Empty ones are git's own choice."""

    remote: str
    reference: str
    folder: str


def is_url(context: str) -> bool:
    """Whether a context is an address of HTTP; the scheme counts in lower case only."""
    return context.startswith(URL_PREFIXES)


def is_git(context: str) -> bool:
    """Whether a context is cloned with git."""
    if context.startswith(GIT_PREFIXES):
        return True
    return (is_url(context) and GIT_SUFFIX.search(context) is not None) or _is_azure_repository(context)


def is_artifact(context: str) -> bool:
    """Whether a context is pulled from a registry."""
    return to_lower(context).startswith("oci://")


def is_local(context: str) -> bool:
    """Whether a context is a folder; `ssh://`, `file://` and `HTTPS://` are folders to acb."""
    return not (is_url(context) or is_git(context) or is_artifact(context))


def clone_of(context: str) -> Clone:
    """What is cloned for a context of git. Raises AcbError for what is no URL.

    A user without a password is a token: git-lfs wants it as the password of a user, for whom acb invents a name.
    """
    if not context.startswith((*URL_PREFIXES, "git://", "git@")):
        context = f"https://{context}"
    if context.startswith("git@"):
        remote, _, fragment = context.partition("#")
    else:
        try:
            url = parse_url(context)
        except UrlError as error:
            problem = f"unable to 'git clone' to temporary context directory: parse {quote(shown(context))}: {error}"
            raise AcbError(problem) from error
        fragment = url.fragment
        remote = str(url.with_user("dummy", url.user) if url.user and url.password is None else url)
    reference, _, folder = fragment.partition(":")
    return Clone(remote, reference, folder)


def shown(context: str) -> str:
    """A context without what may be secret in its URL: user, token and query.

    >>> shown("https://token@example.com/x.tar?sig=secret#main")
    'https://example.com/x.tar#main'
    """
    return USER.sub("", QUERY.sub("", context))


def folder_of(context: str) -> str:
    """The folder of a checkout in which docker runs, `.` for its root.

    acb reads it once more than for the clone, and in fewer addresses: for `git@..#main:src` the scanner uses the folder
    and docker does not (acb, builder/parse.go).
    """
    lowered = to_lower(context)
    is_known = VSTS_SUFFIX in lowered or AZURE_DEVOPS_HOST in lowered or GIT_SUFFIX.search(context) is not None
    if not (is_url(context) and is_known and "#" in context):
        return "."
    parts = context.rpartition("#")[2].split(":")
    return parts[1] if len(parts) > 1 else "."


def located_build(line: str, step_id: str, working_directory: str) -> tuple[str, str]:
    """Where docker runs for a build, and its line: for a remote context in the step's own folder, with `.`."""
    context = parse_build_line(line).context
    if is_local(context):
        return working_directory, line
    directory = f"{step_id}/{folder_of(context)}" if is_git(context) else step_id
    return directory, replace_context(line, ".")


def context_warning(context: str) -> str | None:
    """The line that acb logs of a context which looks as if it were meant to be cloned."""
    lowered = to_lower(context)
    if "github" not in lowered or ".git" in lowered:
        return None
    return f"WARNING: {lowered} might not be valid context. Valid Git repositories should end with .git."


def _is_azure_repository(context: str) -> bool:
    try:
        url = parse_url(to_lower(context))
    except UrlError:
        return False
    is_azure_host = url.host == AZURE_DEVOPS_HOST or url.host.endswith(VSTS_SUFFIX)
    return url.scheme == "https" and is_azure_host and "/_git/" in url.path and not _has_parameters(url)


def _has_parameters(url: Url) -> bool:
    """Whether a query holds anything that Go takes for a parameter: a semicolon or a wrong escape drops it."""
    return any(
        part and ";" not in part and not re.search("%(?![0-9a-f]{2})", part) for part in (url.query or "").split("&")
    )
