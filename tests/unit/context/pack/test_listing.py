"""What `--dry-run` lists is what would be packed, with the rule that decided, and with what looks wrong."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from azext_acrpool.context import ContextOptions, prepare, write_archive
from azext_acrpool.context.pack.listing import FolderSize, ListedFile, biggest_folders, list_context, suspicions


def make_tree(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def test_lists_exactly_what_is_packed(tmp_path: Path) -> None:
    make_tree(
        tmp_path,
        {
            "Dockerfile": "FROM scratch\n",
            ".dockerignore": "docs\n!docs/keep.md\n*.log\nDockerfile\n",
            "docs/keep.md": "keep",
            "docs/drop.md": "drop",
            "a.log": "log",
            "src/deep/main.py": "print()",
            ".git/HEAD": "ref",
        },
    )
    (tmp_path / "src/same.py").hardlink_to(tmp_path / "src/deep/main.py")
    context = prepare(ContextOptions(tmp_path))
    packed = bytearray()
    write_archive(context, packed.extend)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        members = {member.name: member.size for member in archive if not member.isdir()}
    listing = list_context(context)
    assert {file.path: file.content_bytes for file in listing.files} == members
    assert listing.content_bytes == sum(members.values())
    assert "src/deep/main.py" in members


def test_names_the_rule_that_decided(tmp_path: Path) -> None:
    make_tree(
        tmp_path,
        {
            "Dockerfile": "FROM scratch\n",
            ".dockerignore": "# a comment\ndocs\n!docs/keep.md\nold\n",
            "docs/keep.md": "",
            "docs/drop.md": "",
            "old/deep/file": "",
            "main.py": "",
            ".git/HEAD": "",
        },
    )
    listing = list_context(prepare(ContextOptions(tmp_path)), reasons=True)
    assert {file.path: file.reason for file in listing.files} == {
        "Dockerfile": "always sent",
        ".dockerignore": "always sent",
        "docs/keep.md": ".dockerignore:3: !docs/keep.md",
        "main.py": "no rule",
    }
    # A folder that no exception reaches stands for all that is in it: it was not even entered.
    assert {ignored.path: ignored.reason for ignored in listing.ignored} == {
        "docs/drop.md": ".dockerignore:2: docs",
        "old": ".dockerignore:4: old",
        ".git": "not sent by default",
    }


def test_dockerfile_from_standard_input_is_listed(tmp_path: Path) -> None:
    options = ContextOptions(tmp_path, dockerfile="-", stdin=io.BytesIO(b"FROM scratch\n"))
    context = prepare(options)
    dockerfile, hiding = list_context(context, reasons=True).files
    assert dockerfile == ListedFile(context.dockerfile_name, 13, "the Dockerfile, from outside the context")
    assert hiding == ListedFile(".dockerignore", 47, "hides the Dockerfile and itself")


def test_biggest_folders_hold_what_is_below_them() -> None:
    files = [ListedFile("a/b/c/x", 10), ListedFile("a/y", 5), ListedFile("d/e/z", 20), ListedFile("top", 99)]
    assert biggest_folders(files, 2) == [FolderSize("d/e", 20, 1), FolderSize("a", 15, 2)]


@pytest.mark.parametrize(
    "path",
    [
        *(".env", "config/.env.production", "id_rsa", ".ssh/id_ed25519", "tls/server.key", "a.pfx", "my.pem"),
        *(".npmrc", ".netrc", ".docker/config.json", ".aws/credentials", "kubeconfig", "secrets.yaml"),
        "terraform.tfstate",
    ],
)
def test_what_looks_like_a_secret_is_named(path: str) -> None:
    (warning,) = suspicions(["src/main.py", path])
    assert warning == f"What looks like a secret is sent: '{path}'. If it is one, add it to the ignore file."


@pytest.mark.parametrize(
    "path", [".env.example", "src/env.py", "keys/readme.md", "monkey", "id_rsa.pub", "config.json"]
)
def test_what_does_not_is_not(path: str) -> None:
    assert list(suspicions([path])) == []


def test_what_a_name_holds_does_nothing_to_the_terminal() -> None:
    secret, mistake = suspicions(["\x1b[2J/node_modules/x", "\x1b[2J/.env"])
    assert secret == "What looks like a secret is sent: '\\x1b[2J/.env'. If it is one, add it to the ignore file."
    assert mistake.startswith("'\\x1b[2J/node_modules' is sent, which ")


def test_many_secrets_make_one_sentence() -> None:
    (warning,) = suspicions(f"{number}/.env" for number in range(9))
    assert warning == (
        "What looks like a secret is sent: '0/.env', '1/.env', '2/.env' and 6 more. "
        "If it is one, add it to the ignore file."
    )


@pytest.mark.parametrize(
    ("folder", "name", "thought"),
    [
        ("node_modules", "node_modules", "is usually made anew by the build"),
        (".git", ".git", "holds the whole history of the repository"),
        ("app/__pycache__", "__pycache__", "is made anew by Python"),
    ],
)
def test_folders_that_builds_make_anew_are_named(folder: str, name: str, thought: str) -> None:
    warnings = list(suspicions([f"{folder}/x", f"{folder}/y", f"{folder}/z/{folder}/x"]))
    assert warnings == [f"'{folder}' is sent, which {thought}. If so, add '**/{name}' to the ignore file."]


def test_a_large_context_is_questioned(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    with (tmp_path / "large.bin").open("wb") as file:
        file.truncate(2**30 + 1)
    listing = list_context(prepare(ContextOptions(tmp_path)))
    assert listing.warnings == ("The context holds 1.1 GB. Is all of it needed?",)
