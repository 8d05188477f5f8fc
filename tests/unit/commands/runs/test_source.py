"""What a source location names, and what is said of one that names nothing."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azext_acrpool.commands.console.errors import CommandError, UsageError
from azext_acrpool.commands.runs.source import (
    LocalSource,
    RemoteSource,
    SourceKind,
    SourceMissingError,
    parse_source,
)

REMOTE = [
    ("https://github.com/Azure-Samples/acr-build-helloworld-node.git", SourceKind.GIT),
    ("https://github.com/Azure-Samples/acr-build-helloworld-node.git#main:src", SourceKind.GIT),
    ("HTTPS://GITHUB.COM/A/B.GIT", SourceKind.GIT),
    ("github.com/a/b.git", SourceKind.GIT),
    ("git@github.com:a/b.git", SourceKind.GIT),
    ("git://github.com/a/b", SourceKind.GIT),
    ("https://dev.azure.com/org/project/_git/repo", SourceKind.GIT),
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
            "github.com/a/b",
            UsageError,
            "'github.com/a/b' is no folder, and as a GitHub repository its URL must end in '.git' or '.git#REF'.",
            "Try: github.com/a/b.git",
        ),
    ],
)
def test_what_is_no_source_is_refused(text: str, kind: type[CommandError], message: str, recommendation: str) -> None:
    with pytest.raises(kind) as caught:
        parse_source(text)
    assert (str(caught.value), caught.value.error.recommendations) == (message, [recommendation])


def test_a_file_is_no_context() -> None:
    Path("Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(UsageError) as caught:
        parse_source("Dockerfile")
    assert str(caught.value) == (
        "The source location 'Dockerfile' is a file; a folder, or the URL of a git repository or tarball is needed."
    )


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
