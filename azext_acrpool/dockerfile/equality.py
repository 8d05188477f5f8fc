"""Whether docker makes the same of two Dockerfiles."""

from __future__ import annotations

from collections.abc import Iterator

from ..references import complete_reference, reference_objection
from .comparison import Reading
from .model import Stage

__all__ = ["is_equal"]


def is_equal(old: Reading, new: Reading, target: Stage | None) -> bool:
    """Whether two texts have the same instructions and stages for docker, an own platform aside.

    `target` is a stage that may have got a name. What a FROM says is compared by what docker makes of it.
    """
    before, after = old.dockerfile, new.dockerfile
    return (
        before.escape == after.escape
        and {name: value for name, (value, _) in before.directives.items()}
        == {name: value for name, (value, _) in after.directives.items()}
        and list(_contents_of(old)) == list(_contents_of(new))
        and all(
            _meaning_of(old, one) == _meaning_of(new, other)
            and (one.name == other.name or (one == target and not one.name))
            for one, other in zip(old.stages, new.stages, strict=True)
        )
    )


def _contents_of(reading: Reading) -> Iterator[tuple[str, str, tuple[tuple[str, ...], ...]]]:
    """What each instruction says, a FROM aside, with the lines of its here-documents."""
    lines = reading.dockerfile.lines
    for instruction in reading.dockerfile.instructions:
        documents = tuple(lines[heredoc.first_line - 1 : heredoc.end_line] for heredoc in instruction.heredocs)
        yield instruction.keyword, "" if instruction.keyword == "FROM" else instruction.rest, documents


def _meaning_of(reading: Reading, stage: Stage) -> object:
    """What a stage is built on."""
    parent = reading.parent_of(stage)
    if parent is not None:
        return parent.number, stage.fault
    image = stage.image if reference_objection(stage.image) else complete_reference(stage.image)
    return image, "" if reading.has_own_platform(stage) else stage.asked_platform, stage.fault
