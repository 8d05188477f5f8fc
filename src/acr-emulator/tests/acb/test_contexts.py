"""The context of a build: its kind, its clone, and where docker runs."""

from __future__ import annotations

import pytest
from acr_emulator.acb.contexts import (
    Clone,
    clone_of,
    context_warning,
    folder_of,
    is_artifact,
    is_git,
    is_local,
    is_url,
    located_build,
    shown,
)
from acr_emulator.acb.errors import AcbError

DEVOPS = "https://dev.azure.com/org/proj/_git/repo"
VSTS = "https://org.visualstudio.com/proj/_git/repo"


def kind_of(context: str) -> str:
    if is_artifact(context):
        return "artifact"
    if is_git(context):
        return "git"
    return "url" if is_url(context) else "local" if is_local(context) else "?"


@pytest.mark.parametrize(
    ("context", "kind"),
    [
        (".", "local"),
        ("https://github.com/acme/x.git", "git"),
        ("http://h/x.git#main:src", "git"),
        ("https://github.com/acme/x.git#", "url"),
        ("https://github.com/acme/x", "url"),
        ("https://h/x.git/", "url"),
        ("https://h/xgit", "url"),
        ("git://h/x", "git"),
        ("git@h:x", "git"),
        ("github.com/acme/x", "git"),
        ("gitlab.com/acme/x.git", "local"),
        ("HTTPS://github.com/acme/x.git", "local"),
        ("ssh://git@h/x.git", "local"),
        ("file:///x.git", "local"),
        (DEVOPS, "git"),
        (DEVOPS.upper().replace("_GIT", "_git"), "git"),
        (f"{DEVOPS}?version=GBmain", "url"),
        (f"{DEVOPS}?", "git"),
        (f"{DEVOPS}?a;b", "git"),
        (f"{DEVOPS}#main?x=1", "git"),
        ("https://user:pat@dev.azure.com/o/p/_git/r", "git"),
        ("https://dev.azure.com:443/o/p/_git/r", "url"),
        ("http://dev.azure.com/o/p/_git/r", "url"),
        ("https://dev.azure.com/o/p/r", "url"),
        ("https://dev.azure.com/o/%zz/_git/r", "url"),
        (VSTS, "git"),
        ("https://visualstudio.com/p/_git/r", "url"),
        ("OCI://team.azurecr.io/src:1", "artifact"),
        ("oci:/x", "local"),
    ],
)
def test_tells_the_kinds_of_contexts(context: str, kind: str) -> None:
    assert kind_of(context) == kind


@pytest.mark.parametrize(
    ("context", "clone"),
    [
        ("https://github.com/a/x.git", Clone("https://github.com/a/x.git", "", "")),
        ("https://github.com/a/x.git#b/c:d/e", Clone("https://github.com/a/x.git", "b/c", "d/e")),
        ("https://github.com/a/x.git#:d:e", Clone("https://github.com/a/x.git", "", "d:e")),
        ("git@github.com:a/x.git#main:src", Clone("git@github.com:a/x.git", "main", "src")),
        ("github.com/a/x#main", Clone("https://github.com/a/x", "main", "")),
        ("git://h/x#a%2Fb", Clone("git://h/x", "a/b", "")),
        ("https://token@h/x.git", Clone("https://dummy:token@h/x.git", "", "")),
        ("https://user:token@h/x.git", Clone("https://user:token@h/x.git", "", "")),
        ("https://user:@h/x.git", Clone("https://user:@h/x.git", "", "")),
        ("https://@h/x.git", Clone("https://@h/x.git", "", "")),
        ("https://a%40b@h/x.git", Clone("https://dummy:a%40b@h/x.git", "", "")),
        ("https://h/a b%2Fc.git", Clone("https://h/a%20b/c.git", "", "")),
        ("https://h/a%2Fc.git", Clone("https://h/a%2Fc.git", "", "")),
        ("https://dev.azure.com/o/_git/r?", Clone("https://dev.azure.com/o/_git/r?", "", "")),
    ],
)
def test_takes_reference_and_folder_of_a_clone_from_the_fragment(context: str, clone: Clone) -> None:
    assert clone_of(context) == clone


def test_refuses_to_clone_what_is_no_url_without_showing_a_token() -> None:
    with pytest.raises(AcbError) as caught:
        clone_of("https://token@h/%zz.git")
    problem = 'parse "https://h/%zz.git": invalid URL escape "%zz"'
    assert str(caught.value) == f"unable to 'git clone' to temporary context directory: {problem}"


@pytest.mark.parametrize(
    ("context", "text"),
    [
        ("https://user:pw@h/x.tar?sig=a#main:src", "https://h/x.tar#main:src"),
        ("git@h:a/x.git#main", "git@h:a/x.git#main"),
        ("https://[::1/a@b.tar", "https://[::1/a@b.tar"),
        ("https://h/x.git#a@b", "https://h/x.git#a@b"),
    ],
)
def test_shows_a_context_without_what_may_be_secret(context: str, text: str) -> None:
    assert shown(context) == text


@pytest.mark.parametrize(
    ("context", "folder"),
    [
        ("https://github.com/a/x.git#main:src", "src"),
        ("https://github.com/a/x.git#main:a:b", "a"),
        ("https://github.com/a/x.git#main:", ""),
        ("https://github.com/a/x.git#main", "."),
        (f"{DEVOPS}#main:src", "src"),
        (f"{VSTS}#:src", "src"),
        ("git@github.com:a/x.git#main:src", "."),
        ("github.com/a/x.git#main:src", "."),
        ("https://h/x.tar.gz#main:src", "."),
    ],
)
def test_lets_docker_run_in_a_folder_of_few_kinds_of_addresses(context: str, folder: str) -> None:
    assert folder_of(context) == folder


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-t a sub", ("own", "-t a sub")),
        ("-t a https://h/x.git#main:src", ("s1/src", "-t a .")),
        ("-t a https://h/x.tar.gz", ("s1", "-t a .")),
        ("-t a oci://h/x", ("s1", "-t a .")),
        ("--no-cache https://h/x.git", ("own", "--no-cache https://h/x.git")),
        ("--build-arg 'A=b c' https://h/x.git", ("s1/.", "--build-arg 'A=b . https://h/x.git")),
    ],
)
def test_builds_a_remote_context_in_the_folder_of_its_step(line: str, expected: tuple[str, str]) -> None:
    assert located_build(line, "s1", "own") == expected


@pytest.mark.parametrize(
    ("context", "warning"),
    [
        (
            "https://GitHub.com/a/x",
            "WARNING: https://github.com/a/x might not be valid context. Valid Git repositories should end with .git.",
        ),
        ("https://github.com/acme/x.git", None),
        ("https://gitlab.com/acme/x", None),
    ],
)
def test_warns_of_a_context_that_looks_like_a_repository(context: str, warning: str | None) -> None:
    assert context_warning(context) == warning
