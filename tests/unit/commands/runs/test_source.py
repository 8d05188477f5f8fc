from pathlib import Path

import pytest

from azext_acrpool.commands.runs.source import LocalSource, RemoteSource, SourceError, SourceKind, parse_source

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


@pytest.mark.parametrize(
    ("text", "says", "is_missing"),
    [
        ("nosuchfolder", "'nosuchfolder' does not exist", True),
        ("", "'' does not exist", True),
        ("ftp://example.com/context.tar.gz", "has a scheme", False),
        ("file:///home/me", "has a scheme", False),
        ("github.com/a/b", "must end in '.git'", False),
    ],
)
def test_what_is_no_source_is_refused(text: str, says: str, is_missing: bool) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        parse_source(text)
    assert caught.value.is_missing == is_missing
    assert caught.value.hint


def test_a_file_is_no_context() -> None:
    Path("Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(SourceError, match="'Dockerfile' is a file"):
        parse_source("Dockerfile")


def test_a_signed_url_is_not_repeated() -> None:
    with pytest.raises(SourceError) as caught:
        parse_source("s3://bucket/context.tar.gz?X-Signature=topsecret")
    assert "topsecret" not in str(caught.value)
