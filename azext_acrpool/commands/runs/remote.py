"""What the agent makes of a source that is no folder here: a git repository, a download, an artifact, or nothing.

Its rules (github.com/Azure/acr-builder, util/url.go): what begins with git@, git:// or github.com/, an http URL whose
path ends in .git, perhaps with #REF:FOLDER behind it, and Azure Repos' own https URLs without a query are repositories;
every other http URL is a download, which must be a tar archive; oci:// is an artifact. All but oci:// and the hosts of
Azure Repos is lower case. Whatever else is typed is a path on the agent, where nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple
from urllib.parse import parse_qs, quote

from ...web import redact
from ...wording import printable
from ..console.errors import UsageError

__all__ = ["RemoteSource", "SourceKind", "is_url", "read_remote", "repaired_github"]


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
# With what npm writes: a colon before the path.
_SSH: Final = re.compile(
    r"(?:git\+)?ssh://(?:[^/@]*@)?(?P<host>[^/:\[\]]+)(?::\d+/|[:/])/*(?P<path>[^/].*)", re.IGNORECASE | re.DOTALL
)
_AZURE_SSH: Final = re.compile(r"v3/(?P<organization>[^/]+)/(?P<project>[^/]+)/(?P<repository>[^/]+)/*")
_AZURE_SSH_HOSTS: Final = ("ssh.dev.azure.com", "vs-ssh.visualstudio.com")
_WITHOUT_SCHEME: Final = re.compile(r"(?:www\.github\.com|gitlab\.com|bitbucket\.org|dev\.azure\.com)/", re.IGNORECASE)
_ARCHIVE: Final = re.compile(r"\.(?:tar|tgz|txz|tbz2?|tar\.\w+)$", re.IGNORECASE)
# Of the pages of a site: which repository they are about, and what of it they show.
_SHOWN: Final = r"(?:refs/(?:heads|tags)/)?(?P<ref>[^/]+)(?:/(?P<rest>.*))?"
_GITHUB: Final = re.compile(
    rf"(?P<repository>/[^/]+/[^/]+?)(?:/(?P<kind>tree|blob|blame|edit|commits?|pull|releases/tag)/{_SHOWN})?/*"
)
_GITLAB: Final = re.compile(
    r"(?P<repository>/(?!api/)[^/]+(?:/(?!-/)[^/]+)+?)"
    rf"(?:/-/(?P<kind>tree|blob|blame|edit|commits?|tags|merge_requests)/{_SHOWN})?/*"
)
_BITBUCKET: Final = re.compile(
    rf"(?P<repository>/[^/]+/[^/]+?)(?:/(?P<kind>src|branch|commits/(?:branch|tag)|commits)/{_SHOWN})?/*"
)
_PAGES: Final = {
    "github.com": _GITHUB,
    "www.github.com": _GITHUB,
    "gitlab.com": _GITLAB,
    "bitbucket.org": _BITBUCKET,
}
_AZURE: Final = re.compile(
    r"(?P<repository>/(?:.*?/)?_git/(?:_full/|_optimized/)?[^/]+)(?:/+(?P<kind>[^/]+)(?:/(?P<ref>[^/]+))?(?:/.*)?)?/*",
    re.IGNORECASE,
)
# How Azure Repos' pages name what they show: a branch, a tag, a commit.
_AZURE_VERSIONS: Final = ("GB", "GT", "GC")
# Pages of one file, and those whose name of a branch or tag is all that follows.
_OF_A_FILE: Final = ("blob", "blame", "edit")
_OF_A_REF: Final = ("branch", "tags", "releases/tag", "commits/branch", "commits/tag")
# Of proposed changes: the name that a site gives to the branch of each.
_PROPOSED: Final = {"pull": "pull/{}/head", "merge_requests": "merge-requests/{}/head"}
# Names that folders do not have. A dot alone tells nothing: folders are called My.Service too.
_FILE_NAME: Final = re.compile(
    r"(?:docker|container|make)file(?:\..+)?|.+\.(?:dockerfile|ya?ml|json|md|txt|sh|ps1)|\.(?:docker|git)ignore",
    re.IGNORECASE,
)
# One objection's repair may meet another's; none meets more than there are.
_MOST_REPAIRS: Final = 8


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
    objection = next(_objections(text), None)
    if objection:
        instead = _accepted(objection.instead)
        advice = f"Type: {printable(redact(instead))}" if instead else _SCHEMES
        raise UsageError(f"The source location '{printable(redact(text))}' {objection.reason}.", advice)
    if text.lower().startswith("oci://"):
        return RemoteSource(text, SourceKind.OCI)
    if _is_repository(text):
        return RemoteSource(text, SourceKind.GIT)
    url = _Url.read(text)
    return RemoteSource(text, SourceKind.TARBALL, _doubt(url)) if url else None


def repaired_github(text: str) -> str:
    """What begins with github.com/ as the agent reads it; "" if no repository can be told from it."""
    if _is_repository(text):
        return text
    instead = _accepted(f"https://{text}")
    return instead.removeprefix("https://") if _is_repository(instead) else ""


def _accepted(text: str) -> str:
    """A location with all repairs that it needs before nothing is objected to it; "" if that cannot be reached."""
    for _ in range(_MOST_REPAIRS):
        objection = next(_objections(text), None)
        if objection is None:
            return repaired_github(text) if text.startswith("github.com/") else text
        text = objection.instead
    return ""


def _objections(text: str) -> Iterator[_Objection]:
    """Why the agent does not read a location as it is meant, each with the next step towards what it reads."""
    yield from _misspelled(text)
    url = _Url.read(text)
    if url:
        yield from (_misread(url) if _is_repository(text) else _mistaken(url))


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
    stripped = text.strip(" \t")
    if stripped != text and (_READABLE.match(stripped) or is_url(stripped) or _WITHOUT_SCHEME.match(stripped)):
        yield _Objection("begins or ends with a blank", stripped)
    begin = _READABLE.match(text)
    if begin is None and is_url(text):
        yield _Objection("has a scheme that the service cannot read", _readable(text))
    if _WITHOUT_SCHEME.match(text):
        yield _Objection("lacks its scheme", f"https://{text}")
    if begin and not text.lower().startswith("oci://") and not _IN_LOWER_CASE.match(text) and not _is_repository(text):
        yield _Objection(
            f"begins with '{begin[0]}', which the service reads in lower case only",
            begin[0].lower() + text.removeprefix(begin[0]),
        )


def _readable(text: str) -> str:
    """The same place by a scheme that the service reads, "" if there is none."""
    ssh = _SSH.match(text)
    if ssh:
        return _as_repository(_azure_by_https(ssh) or f"https://{ssh['host']}/{ssh['path']}")
    bare = text[len("git+") :] if text.lower().startswith("git+") else ""
    return _as_repository(bare) if bare.lower().startswith(("http://", "https://")) else ""


def _azure_by_https(ssh: re.Match[str]) -> str:
    """The https URL of a repository that ssh.dev.azure.com or its older name serves; "" for all others."""
    path, number_sign, fragment = ssh["path"].partition("#")
    found = _AZURE_SSH.fullmatch(path) if ssh["host"].lower() in _AZURE_SSH_HOSTS else None
    if found is None:
        return ""
    place = f"{found['organization']}/{found['project']}/_git/{found['repository']}"
    return f"https://dev.azure.com/{place}{number_sign}{fragment}"


def _as_repository(text: str) -> str:
    """An http URL that is known to be a repository's; "" if it names none. What pip writes behind it, @REF, is kept."""
    url = _Url.read(text)
    path, *ref = re.split(r"(?<=[^/])@", url.path.strip("/"), maxsplit=1) if url else ("",)
    if not url or not path or url.host in _AZURE_SSH_HOSTS or (url.at_azure and not url.azure):
        return ""
    # The fragment of git and npm is a place in the repository, pip's has names and values.
    named = parse_qs(url.fragment) if url.fragment and "=" in url.fragment else {}
    folder = "".join(f":{folder}" for folder in named.get("subdirectory", ())[:1])
    place = f"{''.join(ref)}{folder}" or (None if named else url.fragment)
    meant = url._replace(path=f"/{path}", query="", fragment=place)
    instead = _accepted(meant.text)
    return instead if _is_repository(instead) else meant.repository(f"/{path}.git", place)


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
    def text(self) -> str:
        """The URL, without who logs in."""
        query, fragment = self.query and f"?{self.query}", self.fragment and f"#{self.fragment}"
        return f"{self.scheme}://{self.host}{self.port}{_without_blanks(self.path + query + (fragment or ''))}"

    @property
    def at_azure(self) -> bool:
        """Whether its host is one of Azure Repos."""
        return self.host in ("dev.azure.com", *_AZURE_SSH_HOSTS) or self.host.endswith(".visualstudio.com")

    @property
    def azure(self) -> re.Match[str] | None:
        """The page or repository of Azure Repos that it leads to."""
        return _AZURE.fullmatch(self.path) if self.at_azure else None

    @property
    def is_azure_repos(self) -> bool:
        """Whether the agent takes it for a repository of Azure Repos."""
        return self.scheme == "https" and not self.query and not self._has_foreign_port and self.azure is not None

    @property
    def _has_foreign_port(self) -> bool:
        # The agent compares the end of the host, where it keeps the port.
        return bool(self.port) and self.host.endswith(".visualstudio.com")

    def repository(self, path: str, ref: str | None, folder: str = "") -> str:
        """The URL of a repository on the same host, as the agent reads it."""
        place = f"#{ref or ''}{folder and f':{folder}'}" if ref or folder else ""
        return f"{self.scheme}://{self.host}{self.port}{_without_blanks(path + place)}"


def _without_blanks(text: str) -> str:
    return re.sub(r"\s", lambda blank: quote(blank[0]), text)


def _misread(url: _Url) -> Iterator[_Objection]:
    """Objections to an http URL that the agent clones, where it is known to be no repository's."""
    page = url.azure
    if page and page["kind"]:
        yield _Objection("is a web page, which the service takes for a repository", _shown_by_azure(url, page))


def _mistaken(url: _Url) -> Iterator[_Objection]:
    """Objections to an http URL that the agent downloads, where it is known not to lead to an archive."""
    bare = url.path.rstrip("/")
    azure = url.azure
    if azure:
        yield _Objection(_why_downloaded(url), _shown_by_azure(url, azure))
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


def _why_downloaded(url: _Url) -> str:
    """What keeps the agent from taking a URL of Azure Repos for a repository."""
    if url.query:
        return "has a query, with which the service takes it for an archive to download"
    if url.scheme != "https":
        return f"begins with '{url.scheme}://', with which the service takes it for an archive to download"
    return "has a port, with which the service takes it for an archive to download"


def _shown_by_azure(url: _Url, page: re.Match[str]) -> str:
    """The repository that a page of Azure Repos shows, at what it shows of it."""
    query = {name: quote(values[0], safe="/", errors="surrogatepass") for name, values in parse_qs(url.query).items()}
    version = query.get("version", query.get("itemVersion", ""))
    kind, folder = (page["kind"] or "").lower(), ""
    ref = version[2:] if version.startswith(_AZURE_VERSIONS) else url.fragment
    if kind == "commit":
        ref = page["ref"]
    elif not kind and ":" not in (ref or ""):
        shown = query.get("path", "").strip("/")
        folder = _parent(shown) if "line" in query else _folder_of(shown)
    return url._replace(scheme="https", port="").repository(page["repository"], ref, folder)


def _shown_by(url: _Url, page: re.Match[str]) -> str:
    """The repository that a page shows, at what it shows of it."""
    kind, ref, rest = page["kind"], page["ref"], (page["rest"] or "").strip("/")
    folder = ""
    if kind is None:
        # What a page scrolls to, unless somebody has put a branch behind the repository.
        ref = None if url.query or (url.fragment or "").lower() == "readme" else url.fragment
    elif kind in _PROPOSED:
        ref = _PROPOSED[kind].format(ref)
    elif kind in _OF_A_REF:
        ref = f"{ref}/{rest}".rstrip("/")
    elif kind in _OF_A_FILE:
        folder = _parent(rest)
    elif kind == "tree":
        folder = rest
    elif kind == "src":
        folder = _folder_of(rest)
    return url.repository(f"{page['repository'].removesuffix('.git')}.git", ref, folder)


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _folder_of(path: str) -> str:
    """The folder that a path shows, where pages of files and of folders are named alike."""
    return _parent(path) if _FILE_NAME.fullmatch(path.rpartition("/")[2]) else path


def _doubt(url: _Url) -> str:
    """Why a URL that the agent downloads may not lead to what was meant."""
    if "/_git/" in url.path:
        return (
            "is downloaded as an archive: without '.git' at its end, the service takes for a repository only what is "
            "on dev.azure.com or *.visualstudio.com"
        )
    return ""
