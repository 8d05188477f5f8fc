"""What a source location names, and what is said of one that names nothing."""

from __future__ import annotations

import errno
import os
import re
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azext_acrpool.commands.console.errors import CommandError, UsageError
from azext_acrpool.commands.runs.source import (
    ArchiveSource,
    LocalSource,
    RemoteSource,
    SourceKind,
    SourceMissingError,
    parse_source,
)

REMOTE = [
    ("https://github.com/Azure-Samples/acr-build-helloworld-node.git", SourceKind.GIT),
    ("https://github.com/Azure-Samples/acr-build-helloworld-node.git#main:src", SourceKind.GIT),
    ("https://dev.azure.com/org/project/_git/repo", SourceKind.GIT),
    ("HTTPS://ORG@DEV.AZURE.COM/org/project/_git/repo#main:src", SourceKind.GIT),
    ("https://dev.azure.com:443/org/project/_git/repo/", SourceKind.GIT),
    ("https://dev.azure.com/org/project/_git/_full/repo", SourceKind.GIT),
    ("https://org.visualstudio.com/_git/repo", SourceKind.GIT),
    ("https://gitlab.example/group/project", SourceKind.TARBALL),
    ("https://github.com/a/b/archive/refs/heads/main.tar.gz", SourceKind.TARBALL),
    ("https://github.com/a/b/tarball/main", SourceKind.TARBALL),
    ("https://github.com/a/b/releases/download/v1/context.tgz", SourceKind.TARBALL),
    ("https://gitlab.com/a/b/-/archive/main/b-main.tar.gz", SourceKind.TARBALL),
    ("https://gitlab.com/api/v4/projects/1/repository/archive?sha=main", SourceKind.TARBALL),
    ("https://bitbucket.org/a/b/get/main.tar.gz", SourceKind.TARBALL),
    ("https://dev.azure.com/org/project/_apis/git/repositories/r/items?format=tar", SourceKind.TARBALL),
    ("OCI://myregistry.azurecr.io/context:v1", SourceKind.OCI),
    ("github.com/a/b.git", SourceKind.GIT),
    ("git@github.com:a/b.git", SourceKind.GIT),
    ("git://github.com/a/b", SourceKind.GIT),
    ("https://org.visualstudio.com/project/_git/repo#main", SourceKind.GIT),
    ("http://server/context.tar.gz", SourceKind.TARBALL),
    ("https://server/context.tar.gz?sv=1&sig=x", SourceKind.TARBALL),
    ("oci://myregistry.azurecr.io/context:v1", SourceKind.OCI),
]


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("text", "kind"), REMOTE)
def test_what_the_service_reads_by_itself_is_sent_as_typed(text: str, kind: SourceKind) -> None:
    assert parse_source(text) == RemoteSource(text, kind)


@pytest.mark.parametrize("text", [".", "src", "github.com/a/b.git"])
def test_a_folder_that_exists_wins(text: str) -> None:
    Path(text).mkdir(parents=True, exist_ok=True)
    assert parse_source(text) == LocalSource(Path(text))


MISSING = "Give a folder, the URL of a git repository (ending in '.git') or tarball, or oci://REGISTRY/REPOSITORY:TAG."
SCHEMES = "Use a local folder, https://, git://, git@ or oci://."


@pytest.mark.parametrize(
    ("text", "kind", "message", "recommendation"),
    [
        ("nosuchfolder", SourceMissingError, "The source location 'nosuchfolder' does not exist.", MISSING),
        ("", SourceMissingError, "The source location '' does not exist.", MISSING),
        (
            "ftp://example.com/context.tar.gz",
            UsageError,
            "The source location 'ftp://example.com/context.tar.gz' has a scheme that the service cannot read.",
            SCHEMES,
        ),
        (
            "file:///home/me",
            UsageError,
            "The source location 'file:///home/me' has a scheme that the service cannot read.",
            SCHEMES,
        ),
        (
            "github.com/a/b/tree/main/src",
            UsageError,
            (
                "'github.com/a/b/tree/main/src' is no folder, and as a GitHub repository its URL must end in '.git' or "
                "'.git#REF'."
            ),
            "Try: github.com/a/b.git#main:src",
        ),
        (
            "github.com/a/b",
            UsageError,
            "'github.com/a/b' is no folder, and as a GitHub repository its URL must end in '.git' or '.git#REF'.",
            "Try: github.com/a/b.git",
        ),
        (
            "github.com/a",
            UsageError,
            "'github.com/a' is no folder, and as a GitHub repository its URL must end in '.git' or '.git#REF'.",
            "Give github.com/OWNER/REPOSITORY.git.",
        ),
        (
            "Github.com/a",
            UsageError,
            "The source location 'Github.com/a' begins with 'Github.com/', which the service reads in lower case only.",
            SCHEMES,
        ),
        (
            "ssh://me@vs-ssh.visualstudio.com:22/DefaultCollection/p/_ssh/r",
            UsageError,
            (
                "The source location 'ssh://vs-ssh.visualstudio.com:22/DefaultCollection/p/_ssh/r' has a scheme that "
                "the service cannot read."
            ),
            SCHEMES,
        ),
    ],
)
def test_what_is_no_source_is_refused(text: str, kind: type[CommandError], message: str, recommendation: str) -> None:
    with pytest.raises(kind) as caught:
        parse_source(text)
    assert (str(caught.value), caught.value.error.recommendations) == (message, [recommendation])


DOWNLOAD = (
    "is taken for an archive to download: a repository's URL ends in '.git' or '.git#REF', without a slash, a query or "
    "a bare '#', and in lower case"
)
PAGE = "is a web page, which the service takes for an archive to download"
NEEDED = (
    "a folder, a tar archive (plain or compressed with gzip, bzip2 or xz), or the URL of a git repository or tarball "
    "is needed"
)
QUERY = "has a query, with which the service takes it for an archive to download"
SCHEME = "has a scheme that the service cannot read"


@pytest.mark.parametrize(
    ("text", "shown", "reason", "instead"),
    [
        (" https://h/b.git", "", "begins or ends with a blank", "https://h/b.git"),
        ("git@github.com:a/b.git ", "", "begins or ends with a blank", "git@github.com:a/b.git"),
        ("https://h:8443/b.git#", "", DOWNLOAD, "https://h:8443/b.git"),
        ("https://h/b.git/", "", DOWNLOAD, "https://h/b.git"),
        ("https://h/b.git/#main:src", "", DOWNLOAD, "https://h/b.git#main:src"),
        ("https://h/b.git?token=topsecret#main", "https://h/b.git", DOWNLOAD, "https://h/b.git#main"),
        ("https://me:topsecret@h/b.GIT", "https://h/b.GIT", DOWNLOAD, "https://h/b.git"),
        ("https://github.com/a/b", "", PAGE, "https://github.com/a/b.git"),
        ("https://www.github.com/a/b/#main", "", PAGE, "https://www.github.com/a/b.git#main"),
        ("https://github.com/a/b/tree/main", "", PAGE, "https://github.com/a/b.git#main"),
        ("https://github.com/a/b/tree/main/src/app/", "", PAGE, "https://github.com/a/b.git#main:src/app"),
        ("https://github.com/a/b/blob/main/src/Dockerfile", "", PAGE, "https://github.com/a/b.git#main:src"),
        ("https://github.com/a/b.git/tree/main", "", PAGE, "https://github.com/a/b.git#main"),
        ("https://github.com/a/b/commit/0a1b", "", PAGE, "https://github.com/a/b.git#0a1b"),
        ("https://github.com/a/b/pull/7/files", "", PAGE, "https://github.com/a/b.git#pull/7/head"),
        ("https://gitlab.com/a/sub/b", "", PAGE, "https://gitlab.com/a/sub/b.git"),
        ("https://gitlab.com/a/sub/b/-/tree/v1/src", "", PAGE, "https://gitlab.com/a/sub/b.git#v1:src"),
        ("https://bitbucket.org/a/b/src/main/app", "", PAGE, "https://bitbucket.org/a/b.git#main:app"),
        (
            "https://dev.azure.com/o/p/_git/r?path=/src&version=GBmain",
            "https://dev.azure.com/o/p/_git/r",
            QUERY,
            "https://dev.azure.com/o/p/_git/r#main:src",
        ),
        ("gitlab.com/a/b", "", "lacks its scheme", "https://gitlab.com/a/b.git"),
        ("dev.azure.com/o/p/_git/r", "", "lacks its scheme", "https://dev.azure.com/o/p/_git/r"),
        (
            "HTTPS://github.com/a/b",
            "",
            "begins with 'HTTPS://', which the service reads in lower case only",
            "https://github.com/a/b.git",
        ),
        (
            "ssh://git@github.com/a/b.git#main",
            "ssh://github.com/a/b.git#main",
            SCHEME,
            "https://github.com/a/b.git#main",
        ),
        ("git+https://h/b.git", "", SCHEME, "https://h/b.git"),
        (
            "GIT@github.com:a/b.git",
            "",
            "begins with 'GIT@', which the service reads in lower case only",
            "git@github.com:a/b.git",
        ),
        (
            "http://dev.azure.com/o/p/_git/r#main",
            "",
            "begins with 'http://', with which the service takes it for an archive to download",
            "https://dev.azure.com/o/p/_git/r#main",
        ),
        (
            "https://o.visualstudio.com:443/p/_git/r",
            "",
            "has a port, with which the service takes it for an archive to download",
            "https://o.visualstudio.com/p/_git/r",
        ),
        (
            "https://dev.azure.com/o/p/_git/r/pullrequest/12",
            "",
            "is a web page, which the service takes for a repository",
            "https://dev.azure.com/o/p/_git/r",
        ),
    ],
)
def test_what_the_agent_cannot_read_is_refused_with_what_to_type(
    text: str, shown: str, reason: str, instead: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse_source(text)
    told = (str(caught.value), caught.value.error.recommendations)
    assert told == (f"The source location '{shown or text}' {reason}.", [f"Type: {instead}"])


GITHUB, GITLAB, BITBUCKET = "https://github.com/a/b", "https://gitlab.com/a/b", "https://bitbucket.org/a/b"
AZURE = "https://dev.azure.com/o/p/_git/r"
MEANT = [
    # What a page scrolls to is no branch.
    (f"{GITHUB}?tab=readme-ov-file#readme", f"{GITHUB}.git"),
    (f"{GITHUB}#readme", f"{GITHUB}.git"),
    (f"{GITHUB}/tree/main#readme", f"{GITHUB}.git#main"),
    (f"{GITHUB}/blob/main/docker/Dockerfile#L5", f"{GITHUB}.git#main:docker"),
    (f"{GITLAB}/-/blob/main/Dockerfile?ref_type=heads#L1", f"{GITLAB}.git#main"),
    # What follows a commit, a branch or a change is no folder.
    (f"{GITHUB}/commit/0a1b/checks", f"{GITHUB}.git#0a1b"),
    (f"{GITHUB}/commits/main/src", f"{GITHUB}.git#main"),
    (f"{GITHUB}/releases/tag/v1", f"{GITHUB}.git#v1"),
    (f"{GITLAB}/-/commit/0a1b/pipelines", f"{GITLAB}.git#0a1b"),
    (f"{GITLAB}/-/tags/rc/1", f"{GITLAB}.git#rc/1"),
    (f"{GITLAB}/-/merge_requests/7/diffs", f"{GITLAB}.git#merge-requests/7/head"),
    (f"{BITBUCKET}/branch/feature/x", f"{BITBUCKET}.git#feature/x"),
    (f"{BITBUCKET}/commits/branch/main", f"{BITBUCKET}.git#main"),
    (f"{GITHUB}/tree/refs/heads/main/src", f"{GITHUB}.git#main:src"),
    # A file is no folder.
    (f"{BITBUCKET}/src/main/Dockerfile", f"{BITBUCKET}.git#main"),
    (f"{BITBUCKET}/src/main/app/acb.yaml", f"{BITBUCKET}.git#main:app"),
    (f"{BITBUCKET}/src/main/My.Service", f"{BITBUCKET}.git#main:My.Service"),
    (f"{AZURE}?path=/src/Dockerfile&version=GBmain", f"{AZURE}#main:src"),
    (f"{AZURE}?path=/src/main.go&line=3", f"{AZURE}#:src"),
    (f"{AZURE}?path=%2Fmy%20src&version=GBfeature/x", f"{AZURE}#feature/x:my%20src"),
    (f"{GITHUB}/tree/main/my src", f"{GITHUB}.git#main:my%20src"),
    # Pages of Azure Repos.
    (f"{AZURE}/pullrequest/12?_a=files", AZURE),
    (f"{AZURE}/commit/0a1b?refName=refs/heads/main", f"{AZURE}#0a1b"),
    (f"{AZURE}/commit/0a1b", f"{AZURE}#0a1b"),
    (f"{AZURE}/commits?itemVersion=GBmain", f"{AZURE}#main"),
    ("http://o.visualstudio.com/p/_git/r?version=GTv1", "https://o.visualstudio.com/p/_git/r#v1"),
    # Other programs' ways to name a repository.
    ("ssh://git@ssh.dev.azure.com/v3/o/p/r", AZURE),
    ("ssh://git@ssh.dev.azure.com:22/v3/o/p/r#main", f"{AZURE}#main"),
    ("ssh://o@vs-ssh.visualstudio.com/v3/o/p/r", AZURE),
    ("ssh://git@h/a/b", "https://h/a/b.git"),
    ("ssh://git@h:2222/a/b/#main", "https://h/a/b.git#main"),
    ("git+ssh://git@github.com:a/b", f"{GITHUB}.git"),
    ("git+https://h:8443/a/b", "https://h:8443/a/b.git"),
    ("git+https://h/a/b.git@v1#egg=b&subdirectory=src", "https://h/a/b.git#v1:src"),
    ("git+https://h/a/b.git#main:my src", "https://h/a/b.git#main:my%20src"),
    ("git+https://dev.azure.com/o/p/_git/r", AZURE),
    # More than one thing wrong.
    ("Github.com/a/b", "github.com/a/b.git"),
    ("Github.com/a/b/tree/main/x", "github.com/a/b.git#main:x"),
    (f" {GITHUB}/tree/main", f"{GITHUB}.git#main"),
    (" github.com/a/b", "github.com/a/b.git"),
    ("\tGitLab.com/a/b ", f"{GITLAB}.git"),
    ("HTTP://dev.azure.com/o/p/_git/r/pullrequest/12?_a=files", AZURE),
]


@pytest.mark.parametrize(("text", "instead"), MEANT)
def test_what_is_told_to_be_typed_is_what_was_meant(text: str, instead: str) -> None:
    assert _told_to_type(text) == instead
    assert parse_source(instead) == RemoteSource(instead, SourceKind.GIT)


BEGINNINGS = ["", " ", "git+", "ssh://git@", "git+ssh://", "https://", "HTTP://", "http://me:pw@", "git@", "GIT@"]
HOSTS = [
    "github.com", "GitHub.com", "www.github.com", "gitlab.com", "bitbucket.org", "dev.azure.com", "o.visualstudio.com",
    "ssh.dev.azure.com", "vs-ssh.visualstudio.com", "h:8443", "o.visualstudio.com:443",
]  # fmt: skip
PATHS = [
    "", "/", "/a", "/a/b", "/a/b.git", "/a/b.GIT/", "/a/tree/b", "/a/b/tree/main", "/a/b/blob/main/my src/Dockerfile",
    "/a/b/wiki", "/a/b/pull/7/files", "/a/b/-/tree/main/x.git", "/a/b/src/main/Dockerfile", "/a/b/branch/x/y",
    "/o/p/_git/r", "/o/p/_git/r/", "/o/p/_git/r/commit/0a1b", "/v3/o/p/r", "/v3/o/p", ":v3/o/p/r", ":a/b", "/a/b@v1",
    "/@a/b",
]  # fmt: skip
ENDS = ["", " ", "#", "#readme", "#main:src", "?", "?x", "?tab=x#readme", "?path=/my%20src/x.md&version=GBfeature/x"]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_what_is_told_to_be_typed_is_accepted(beginning: str, host: str) -> None:
    for text in (f"{beginning}{host}{path}{end}" for path in PATHS for end in ENDS):
        instead = _told_to_type(text)
        assert instead is None or isinstance(parse_source(instead), RemoteSource), text


def _told_to_type(text: str) -> str | None:
    """What to type instead of a location; None if it is not refused, or nothing is known."""
    try:
        parse_source(text)
    except CommandError as refused:
        (advice,) = refused.error.recommendations
        told = re.fullmatch(r"(?:Type|Try): (.*)", advice)
        return told[1] if told else None
    return None


@pytest.mark.parametrize("host", ["dev.azure.com.evil.example", "tfs.example"])
def test_what_only_looks_like_azure_repos_is_a_download(host: str) -> None:
    url = f"https://{host}/org/project/_git/repo"
    doubt = (
        "is downloaded as an archive: without '.git' at its end, the service takes for a repository only what is on "
        "dev.azure.com or *.visualstudio.com"
    )
    assert parse_source(url) == RemoteSource(url, SourceKind.TARBALL, doubt)


def test_no_folder_stands_for_a_url() -> None:
    Path("https:/h/b.git").mkdir(parents=True)
    assert parse_source("https://h/b.git") == RemoteSource("https://h/b.git", SourceKind.GIT)


def test_a_file_is_no_context() -> None:
    Path("Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(UsageError) as caught:
        parse_source("Dockerfile")
    assert str(caught.value) == (f"The source location 'Dockerfile' is a file and no tar archive; {NEEDED}.")


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"", "an empty file"), (b"no tar" * 1000, "a file and no tar archive"), (b"\0", "a file and no tar archive")],
)
def test_a_file_that_is_no_archive_is_no_source(content: bytes, what: str) -> None:
    Path("context.tgz").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        parse_source("context.tgz")
    assert str(caught.value) == f"The source location 'context.tgz' is {what}; {NEEDED}."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are Unix's")
def test_an_archive_from_a_pipe_comes_by_standard_input() -> None:
    os.mkfifo("pipe")
    with pytest.raises(UsageError) as caught:
        parse_source("pipe")
    assert str(caught.value) == (
        "The source location 'pipe' is a pipe; an archive from a pipe is read from standard input only."
    )


@pytest.mark.skipif(os.name == "nt", reason="devices are no paths there")
def test_a_device_is_no_source() -> None:
    with pytest.raises(UsageError) as caught:
        parse_source("/dev/zero")
    assert str(caught.value) == f"The source location '/dev/zero' is neither a folder nor a file; {NEEDED}."


def test_an_archive_is_a_source() -> None:
    with tarfile.open("context.tgz", "w:gz"):
        pass
    with tarfile.open("full.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("Dockerfile"))
    for name in ("context.tgz", "full.tar"):
        assert parse_source(name) == ArchiveSource(Path(name))
    assert parse_source("-") == ArchiveSource(None)
    Path("-").mkdir()
    assert parse_source("-") == LocalSource(Path("-"))


def test_a_signed_url_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        parse_source("s3://bucket/context.tar.gz?X-Signature=topsecret")
    assert str(caught.value) == (
        "The source location 's3://bucket/context.tar.gz' has a scheme that the service cannot read."
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [("x" * 5000, "x" * 5000), ("a\0b", "a\\x00b"), ("d\x1b[31m", "d\\x1b[31m"), ("\udcff", "\\xff")],
)
def test_what_cannot_be_a_path_is_not_there(text: str, shown: str) -> None:
    with pytest.raises(SourceMissingError) as caught:
        parse_source(text)
    assert str(caught.value) == f"The source location '{shown}' does not exist."


def test_links_in_a_circle_are_no_source() -> None:
    Path("circle").symlink_to("circle")
    with pytest.raises(UsageError) as caught:
        parse_source("circle")
    assert str(caught.value) == (f"The source location 'circle' cannot be used: {os.strerror(errno.ELOOP)}.")


@pytest.mark.parametrize("text", ["https://h/a.git\n", "https://h/c.tgz?a=\x1b[0m", "oci://h/a:b\u2028"])
def test_a_url_is_one_line(text: str) -> None:
    with pytest.raises(UsageError, match=r"^The source location must be one line of text: it holds a line end or "):
        parse_source(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), max_size=50) | st.sampled_from(REMOTE).map(lambda remote: remote[0] + "\ud800"))
def test_every_text_is_a_source_or_a_clean_error(text: str) -> None:
    with suppress(CommandError):
        parse_source(text)
