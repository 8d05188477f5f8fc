"""Which actions role assignments grant."""

from __future__ import annotations

import pytest

from azext_acrpool.health.facts import PermissionFacts
from azext_acrpool.health.permissions import is_granted


@pytest.mark.parametrize(
    ("action", "permissions", "granted"),
    [
        ("A/b/read", [(["*"], [])], True),
        ("A/b/read", [(["*/read"], [])], True),
        ("A/b/write", [(["*/read"], [])], False),
        ("A/b/c/read", [(["a/*/READ"], [])], True),
        ("A/b/read", [(["A/b.read"], [])], False),
        ("A/b/read", [(["*"], ["A/*"])], False),
        ("A/b/read", [(["*"], ["A/*"]), (["A/b/read"], [])], True),
        ("A/b/read", [([], [])], False),
        ("A/b/read", [], False),
    ],
)
def test_an_action_is_granted_by_any_assignment_that_does_not_leave_it_out(
    action: str, permissions: list[tuple[list[str], list[str]]], granted: bool
) -> None:
    assert is_granted(action, [PermissionFacts(tuple(yes), tuple(no)) for yes, no in permissions]) is granted
