"""Which step of a task waits for which."""

from __future__ import annotations

import pytest
from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.task import Order, Step, order_of


def order(**when: list[str]) -> Order:
    """The order of commands with those IDs and that `when`."""
    return order_of(Step(name, command="x", when=tuple(names)) for name, names in when.items())


@pytest.mark.parametrize(
    ("when", "runs_after"),
    [
        ({"a": [], "b": []}, {"a": ("acb_root",), "b": ("a",)}),
        ({"a": [], "b": [], "c": ["-"]}, {"a": ("acb_root",), "b": ("a",), "c": ("acb_root",)}),
        ({"a": [], "b": ["-"], "c": []}, {"a": ("acb_root",), "b": ("acb_root",), "c": ("b",)}),
        ({"a": [], "b": ["acb_root"]}, {"a": ("acb_root",), "b": ("acb_root",)}),
        ({"a": ["-"], "b": ["-"], "c": ["b", "a"]}, {"a": ("acb_root",), "b": ("acb_root",), "c": ("b", "a")}),
    ],
    ids=["in turn", "at once", "after one that starts at once", "after the root", "after several"],
)
def test_a_step_waits_for_the_one_before_it_or_for_those_it_names(
    when: dict[str, list[str]], runs_after: dict[str, tuple[str, ...]]
) -> None:
    assert order(**when).runs_after == runs_after


def test_steps_are_ready_when_all_that_they_wait_for_are_done() -> None:
    steps = order(a=["-"], b=["-"], c=["a", "b"], d=[])

    assert steps.ready([]) == ["a", "b"]
    assert steps.ready(["b"]) == ["a"]
    assert steps.ready(["a", "b"]) == ["c"]
    assert steps.ready(["a", "b", "c"]) == ["d"]
    assert steps.ready(["a", "b", "c", "d"]) == []


def test_a_step_that_names_another_twice_never_starts() -> None:
    steps = order(a=[], b=["a", "a"])

    assert steps.never_ready == {"b": 2}
    assert steps.ready(["a"]) == []


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ([Step("a", "x", when=("b",)), Step("b", "x")], "b does not exist as a vertex [from: b, to: a]"),
        ([Step("a", "x", when=("a",))], "Step ID: a is self-referenced"),
        (
            [Step("a", "x"), Step("b", "x", when=("a", "-"))],
            "step cannot contain other IDs in when if the immediate execution token is specified",
        ),
        ([Step("a", "x", when=("",))], "from cannot be empty"),
        ([Step("a", "x"), Step("a", "x")], "a already exists as a vertex"),
        ([Step("acb_root", "x")], "acb_root is a reserved ID, it can't be used"),
    ],
    ids=["later", "itself", "at once and after", "empty", "twice", "reserved"],
)
def test_an_order_that_cannot_be_is_refused(steps: list[Step], error: str) -> None:
    with pytest.raises(AcbError) as raised:
        order_of(steps)

    assert str(raised.value) == error
