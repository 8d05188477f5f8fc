"""The file of a secret that is in the build context as well: a COPY would take it into the image."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest
from run_azure import Azure

from azext_acrpool.commands.runs.buildkit.secrets import read_secrets

WARNING = "WARNING: The file of secret 'npm' is sent in the build context, too: add '{}' to the ignore file."


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("keys", ".git"):
        (tmp_path / "context" / name).mkdir(parents=True)
    (tmp_path / "context" / "Dockerfile").write_text("FROM scratch\n")
    for path in ("context/token", "context/keys/a.txt", "context/.git/token", "outside"):
        (tmp_path / path).write_text("abc")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("secret", "ignored", "path"),
    [
        ("id=npm,src=context/token", "", "token"),
        ("id=npm,src=context/keys/a.txt", "token", "keys/a.txt"),
        ("id=npm,src=context/token", "token", None),
        ("id=npm,src=context/keys/a.txt", "keys", None),
        ("id=npm,src=context/keys/a.txt", "keys\n!keys/a.txt", "keys/a.txt"),
        ("id=npm,src=context/.git/token", "", None),
        ("id=npm,src=outside", "", None),
        ("id=npm,env=TOKEN", "", None),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_secret_in_a_folder(azure: Azure, secret: str, ignored: str, path: str | None, dry_run: bool) -> None:
    Path("context", ".dockerignore").write_text(ignored)
    told = build(azure, secret, dry_run=dry_run)
    assert [line for line in told if "secret 'npm'" in line] == ([WARNING.format(path)] if path else [])


@pytest.mark.skipif(os.name == "nt", reason="whoever makes links there needs a privilege")
def test_link_to_what_is_sent(azure: Azure) -> None:
    Path("link").symlink_to("context/token")
    assert WARNING.format("token") in build(azure, "id=npm,src=link")


def test_archive_is_as_it_was_packed(azure: Azure) -> None:
    with tarfile.open("context.tar", "w") as archive:
        archive.add("context/Dockerfile", "Dockerfile")
    assert not [line for line in build(azure, "id=npm,src=context/token", source="context.tar") if "npm" in line]


def build(azure: Azure, secret: str, *, source: str = "context", dry_run: bool = False) -> list[str]:
    finished = azure.build(source, secret=list(read_secrets([secret], {"TOKEN": "abc"})), dry_run=dry_run)
    assert finished.exit_code == 0, finished.told
    return finished.told
