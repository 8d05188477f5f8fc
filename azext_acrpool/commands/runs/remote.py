"""What the agent makes of a source that is no folder here: a git repository, a download, an artifact, or nothing.

Its rules (github.com/Azure/acr-builder, util/url.go): what begins with git@, git:// or github.com/, an http URL whose
path ends in .git, perhaps with #REF:FOLDER behind it, and Azure Repos' own URLs without a query are repositories; every
other http URL is a download, which must be a tar archive; oci:// is an artifact. All but oci:// and the hosts of Azure
Repos is lower case. Whatever else is typed is a path on the agent, where nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple
from urllib.parse import parse_qs

from ...web import redact
from ...wording import printable
from ..console.errors import UsageError

__all__ = ["RemoteSource", "SourceKind", "is_url", "read_remote", "repaired"]


class SourceKind(str, Enum):
    """What the service does with a remote source."""

    GIT = "git"
    TARBALL = "tarball"
    OCI = "oci"


@dataclass(frozen=True)
class RemoteSource:
    """A location that the service reads by itself; sent as it was typed. `doubt`: why it may not be what was meant."""

    location: str
    kind: SourceKind
    doubt: str = ""


# One letter is a drive of Windows.
_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
_SCHEMES: Final = "Use a local folder, https://, git://, git@ or oci://."
_READABLE: Final = re.compile(r"https?://|git://|git@|github\.com/|oci://", re.IGNORECASE)
_IN_LOWER_CASE: Final = re.compile(r"https?://|git://|git@|github\.com/")
_GIT_SUFFIX: Final = re.compile(r"\.git(?:#.+)?$")
# A user and a password that, not encoded, may hold an @.
_HTTP: Final = re.compile(
    r"(https?)://(?:[^/?#]*@)?([^/?#:@]*)(:\d*)?(/[^?#]*)?(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL
)
_SSH: Final = re.compile(r"(?:git\+)?ssh://(?:[^/@]*@)?(?P<host>[^/:]+)(?::\d+)?/(?P<path>.+)", re.IGNORECASE)
_WITHOUT_SCHEME: Final = re.compile(r"(?:www\.github\.com|gitlab\.com|bitbucket\.org|dev\.azure\.com)/", re.IGNORECASE)
_ARCHIVE: Final = re.compile(r"\.(?:tar|tgz|txz|tbz2?|tar\.\w+)$", re.IGNORECASE)
# Of the pages of a site: which repository they are about, and what of it they show.
_GITHUB: Final = re.compile(
    r"(?P<repository>/[^/]+/[^/]+?)(?:/(?P<kind>tree|blob|commit|pull)/(?P<ref>[^/]+)(?:/(?P<rest>.*))?)?/*"
)
_GITLAB: Final = re.compile(
    r"(?P<repository>/(?!api/)[^/]+(?:/(?!-/)[^/]+)+?)"
    r"(?:/-/(?P<kind>tree|blob|commits?)/(?P<ref>[^/]+)(?:/(?P<rest>.*))?)?/*"
)
_BITBUCKET: Final = re.compile(
    r"(?P<repository>/[^/]+/[^/]+?)(?:/(?P<kind>src|branch|commits)/(?P<ref>[^/]+)(?:/(?P<rest>.*))?)?/*"
)
_PAGES: Final = {
    "github.com": _GITHUB,
    "www.github.com": _GITHUB,
    "gitlab.com": _GITLAB,
    "bitbucket.org": _BITBUCKET,
}
# How Azure Repos' pages name what they show: a branch, a tag, a commit.
_AZURE_VERSIONS: Final = ("GB", "GT", "GC")


class _Objection(NamedTuple):
    """Why the agent cannot read what was typed, and what to type instead; "" where nothing reads the like."""

    reason: str
    instead: str = ""


def is_url(text: str) -> bool:
    """Whether a text begins as URLs do, and no path of a file."""
    return _SCHEME.match(text) is not None


def read_remote(text: str) -> RemoteSource | None:
    """What the agent takes `text` for; None for what does not look remote.

    Raises UsageError for what it cannot read as it is written, with what to type if that can be told.
    """
    _refuse_first(text, _misspelled(text))
    if text.lower().startswith("oci://"):
        return RemoteSource(text, SourceKind.OCI)
    if _is_repository(text):
        return RemoteSource(text, SourceKind.GIT)
    url = _Url.read(text)
    if url is None:
        return None
    _refuse_first(text, _mistaken(url))
    return RemoteSource(text, SourceKind.TARBALL, _doubt(url))


def repaired(text: str) -> str:
    """A URL as the agent reads it, where it can be told what is wrong with it; unchanged otherwise."""
    url = None if _is_repository(text) else _Url.read(text)
    return next((objection.instead for objection in _mistaken(url)), text) if url else text


def _refuse_first(text: str, objections: Iterator[_Objection]) -> None:
    for reason, instead in objections:
        advice = f"Type: {printable(redact(instead))}" if instead else _SCHEMES
        raise UsageError(f"The source location '{printable(redact(text))}' {reason}.", advice)


def _is_repository(text: str) -> bool:
    """Whether the agent clones it."""
    if text.startswith(("git@", "git://")):
        return True
    url = _Url.read(text)
    if url is not None and url.is_azure_repos:
        return True
    return _GIT_SUFFIX.search(text) is not None and text.startswith(("http://", "https://", "github.com/"))


def _misspelled(text: str) -> Iterator[_Objection]:
    """Objections to blanks and schemes."""
    stripped = text.strip(" ")
    if stripped != text and (_READABLE.match(stripped) or is_url(stripped)):
        yield _Objection("begins or ends with a blank", stripped)
    begin = _READABLE.match(text)
    if begin is None and is_url(text):
        yield _Objection("has a scheme that the service cannot read", _readable(text))
    if _WITHOUT_SCHEME.match(text):
        yield _Objection("lacks its scheme", repaired(f"https://{text}"))
    if begin and not text.lower().startswith("oci://") and not _IN_LOWER_CASE.match(text) and not _is_repository(text):
        yield _Objection(
            f"begins with '{begin[0]}', which the service reads in lower case only",
            repaired(begin[0].lower() + text.removeprefix(begin[0])),
        )


def _readable(text: str) -> str:
    """The same place by a scheme that the service reads, "" if there is none."""
    ssh = _SSH.match(text)
    if ssh:
        return repaired(f"https://{ssh['host']}/{ssh['path']}")
    return repaired(text[len("git+") :]) if text.lower().startswith("git+http") else ""


class _Url(NamedTuple):
    """The parts of an http URL, without who logs in; `port` with its colon, `fragment` None without a #."""

    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str | None

    @classmethod
    def read(cls, text: str) -> _Url | None:
        """The parts of a URL; None if it is none of http."""
        found = _HTTP.match(text)
        if found is None:
            return None
        scheme, host, port, path, query = (found[group] or "" for group in range(1, 6))
        return cls(scheme.lower(), host.lower(), port, path, query, found[6])

    @property
    def is_azure(self) -> bool:
        """Whether it leads to Azure Repos."""
        return (self.host == "dev.azure.com" or self.host.endswith(".visualstudio.com")) and "/_git/" in self.path

    @property
    def is_azure_repos(self) -> bool:
        """Whether the agent takes it for a repository of Azure Repos."""
        return self.is_azure and not self.query

    def repository(self, path: str, ref: str | None, folder: str = "") -> str:
        """The URL of a repository on the same host, as the agent reads it."""
        place = f"#{ref or ''}{folder and f':{folder}'}" if ref or folder else ""
        return f"{self.scheme}://{self.host}{self.port}{path}{place}"


def _mistaken(url: _Url) -> Iterator[_Objection]:
    """Objections to an http URL that the agent downloads, where it is known not to lead to an archive."""
    bare = url.path.rstrip("/")
    if url.is_azure:
        yield _Objection("has a query, with which the service takes it for an archive to download", _without_query(url))
    if bare.lower().endswith(".git"):
        yield _Objection(
            "is taken for an archive to download: a repository's URL ends in '.git' or '.git#REF', without a slash, a "
            "query or a bare '#', and in lower case",
            url.repository(f"{bare[:-4]}.git", url.fragment),
        )
    pages = _PAGES.get(url.host)
    page = pages.fullmatch(url.path) if pages and not _ARCHIVE.search(bare) else None
    if page:
        yield _Objection("is a web page, which the service takes for an archive to download", _shown_by(url, page))


def _without_query(url: _Url) -> str:
    """The repository that a page of Azure Repos shows."""
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    version = query.get("version", "")
    ref = version[2:] if version.startswith(_AZURE_VERSIONS) else None
    return url.repository(url.path, url.fragment or ref, query.get("path", "").strip("/"))


def _shown_by(url: _Url, page: re.Match[str]) -> str:
    """The repository that a page shows, at what it shows of it."""
    ref, folder = page["ref"], (page["rest"] or "").strip("/")
    if page["kind"] == "pull":
        ref, folder = f"pull/{ref}/head", ""
    if page["kind"] == "blob":
        folder = folder.rpartition("/")[0]
    return url.repository(f"{page['repository'].removesuffix('.git')}.git", url.fragment or ref, folder)


def _doubt(url: _Url) -> str:
    """Why a URL that the agent downloads may not lead to what was meant."""
    if "/_git/" in url.path:
        return (
            "is downloaded as an archive: without '.git' at its end, the service takes for a repository only what is "
            "on dev.azure.com or *.visualstudio.com"
        )
    return ""
