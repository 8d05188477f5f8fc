"""Symbolic links that the service refuses are told before anything is sent."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from whole_messages import raises

from azext_acrpool.context import ContextOptions, LeavingLinksError, UnreadableError, check_links, prepare
from azext_acrpool.context.link_targets import archived_target, leaves

ADVICE = (
    "The service refuses all of a context in which a link leads out of the folder. Replace such a link with what it "
    "leads to, or list it in .dockerignore if the build does not need it."
)


def link(root: Path, path: str, target: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).symlink_to(target)


def checked(root: Path) -> tuple[str, ...]:
    return check_links(prepare(ContextOptions(root, needs_dockerfile=False)))


@pytest.mark.parametrize(
    ("path", "target"),
    [("a", ".."), ("a", "../x"), ("d/a", "../../x"), ("d/a", "../d/../../x"), ("a", "/../x"), ("d/a", "/x/../../../y")],
)
def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path, path: str, target: str) -> None:
    link(tmp_path, path, target)
    with raises(LeavingLinksError, f"1 symbolic link cannot be sent: '{path}' -> '{target}'. {ADVICE}"):
        checked(tmp_path)


def test_no_rule_is_proposed_for_a_link_that_is_sent_whatever_the_rules_say(tmp_path: Path) -> None:
    link(tmp_path, "a", "../x")
    context = prepare(ContextOptions(tmp_path, needs_dockerfile=False, always_sent=("a",)))
    advice = ADVICE.partition(", or list it")[0] + "."
    with raises(LeavingLinksError, f"1 symbolic link cannot be sent: 'a' -> '../x'. {advice}"):
        check_links(context)
    link(tmp_path, "b", "../x")
    with raises(LeavingLinksError, f"2 symbolic links cannot be sent: 'a' -> '../x', 'b' -> '../x'. {ADVICE}"):
        check_links(context)


def test_all_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    for number in range(1234):
        link(tmp_path, f"d/{number:04}", "../../x\n")
    shown = ", ".join(f"'d/000{number}' -> '../../x\\n'" for number in range(3))
    with raises(LeavingLinksError, f"1,234 symbolic links cannot be sent: {shown} and 1231 more. {ADVICE}"):
        checked(tmp_path)


@pytest.mark.parametrize(
    ("path", "target"),
    [("a", "b"), ("a", "."), ("d/a", ".."), ("d/a", "../x/../y"), ("a", "..b"), ("d/e/a", "../../x")],
)
def test_a_link_that_stays_within_the_folder_is_fine(tmp_path: Path, path: str, target: str) -> None:
    link(tmp_path, path, target)
    assert checked(tmp_path) == ()


def test_a_link_that_is_not_sent_does_not_matter(tmp_path: Path) -> None:
    for path in (".venv/bin/a", "ignored/a", "a.link"):
        link(tmp_path, path, "../../../x")
    (tmp_path / ".dockerignore").write_text("ignored\n*.link\n")
    assert checked(tmp_path) == ()


def test_links_to_absolute_paths_are_told(tmp_path: Path) -> None:
    link(tmp_path, "bin/python", "/usr/bin/python3")
    link(tmp_path, "etc", "/etc")
    note = (
        "'etc' -> '/etc', 'bin/python' -> '/usr/bin/python3': links to absolute paths are sent as they are. Should the "
        "run end with 'failed to download context', list them in .dockerignore."
    )
    assert checked(tmp_path) == (note,)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_told_as_early(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(UnreadableError):
        checked(tmp_path)


PATHS = st.lists(st.sampled_from(["a", "b", "..."]), min_size=1, max_size=4).map("/".join)
TARGETS = st.lists(st.sampled_from(["", ".", "..", "..", "a", "..b"]), min_size=1, max_size=8).map("/".join)


@given(PATHS, TARGETS.filter(bool))
@example("a", "/..")
def test_a_target_is_put_behind_its_folder_as_the_service_does(path: str, target: str) -> None:
    root = "/" + "/".join(f"r{number}" for number in range(9))
    joined = posixpath.normpath(f"{root}/{posixpath.dirname(path)}/{target}")
    assert leaves(path, target) is not (joined == root or joined.startswith(f"{root}/"))


def test_targets_on_windows() -> None:
    assert archived_target("..\\x", windows=True) == "../x"
    assert archived_target("\\\\?\\C:\\x", windows=True) == "C:/x"
    assert archived_target("a\\b", windows=False) == "a\\b"
