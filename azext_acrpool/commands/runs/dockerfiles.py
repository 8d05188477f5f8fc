"""Reading the Dockerfile of a build before it is sent: what the agent refuses is an error, what can be, is mended.

What is built where nothing can be changed any more (in an archive) is an error too if the agent needs a change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ...context import Builder
from ...dockerfile.model import AskedBuild, Objection, Review, lines_of
from ...wording import is_plain, printable
from ..console.errors import UsageError
from .buildkit.arguments import asked_arguments
from .built_dockerfile import BuiltDockerfile
from .request import docker_platform, parse_platform

__all__ = ["DockerfileReview", "asked_build", "doubts"]

_IN_THE_FOLDER: Final = (
    "Or give the unpacked folder as the source location: a changed copy of the Dockerfile is sent then."
)


def asked_build(
    arguments: Iterable[Mapping[str, Any]],
    *,
    target: str | None = None,
    platform: str | None = None,
    buildkit: bool = False,
    secrets: Iterable[str] = (),
) -> AskedBuild:
    """What a build asks of its Dockerfile.

    `arguments` are the request's Argument objects, `platform` is as typed, `secrets` are the IDs of build secrets.
    What is secret is unseen in a plain build too, whose scanner is told of it: it must be written nowhere. Raises
    UsageError.
    """
    asked = asked_arguments(arguments)
    return AskedBuild(
        arguments={argument.name: argument.value for argument in asked},
        unseen_arguments=frozenset(
            argument.name for argument in asked if argument.is_secret or (buildkit and not argument.is_seen)
        ),
        target=target or "",
        platform=docker_platform(parse_platform(platform)),
        buildkit=buildkit,
        secrets=frozenset(secrets),
    )


def doubts(review: Review, with_buildkit: str) -> Iterator[str]:
    """Why a Dockerfile that is only looked at would fail, a line for each reason.

    `with_buildkit` is what to do where it would not with BuildKit.
    """
    alike: dict[tuple[str, str], list[Objection]] = {}
    for objection in review.objections:
        remedy = with_buildkit if objection.needs_buildkit else objection.remedy
        alike.setdefault((objection.reason, remedy), []).append(objection)
    for (reason, remedy), objections in alike.items():
        lines = lines_of(objections)
        place = f"{lines}: " if lines else ""
        yield f"{place}{_shown(objections[0])}{reason}. {remedy}"
    if review.changes:
        yield f"the agent cannot read it as it is. It could, so changed: {' '.join(map(_sentence, review.changes))}"


def _objected(objection: Objection) -> str:
    place = f"Dockerfile line {objection.line}: " if objection.line else "Dockerfile: "
    return f"{place}{_shown(objection)}{objection.reason}."


def _shown(objection: Objection) -> str:
    return f"{printable(objection.text)}: " if objection.text else ""


class DockerfileReview:
    """Looks at the Dockerfile of a build (a `DockerfileJudge`), and tells what is changed and what may not be meant.

    What is raised is a UsageError. A target that a template or a shell makes another of is not known here: then nothing
    is found. `changes` are those of what is sent in the Dockerfile's place, `target` is what the agent is to be told.
    """

    def __init__(self, asked: AskedBuild, tell: Callable[[str], None]) -> None:
        self._asked = asked
        self._tell = tell
        self._told: set[str] = set()
        self._remarks: tuple[str, ...] = ()
        self._written = self._sent = b""
        self.changes: tuple[str, ...] = ()
        self.target = asked.target

    @property
    def builder(self) -> Builder:
        """Who builds it on the agent."""
        return Builder(is_buildkit=True, can_name=is_plain) if self._asked.buildkit else Builder()

    def adapt(self, content: bytes) -> bytes | None:
        """The equal Dockerfile that the agent takes; None if it takes the one that there is."""
        review = self._review(content)
        _require_none(review.objections)
        self._take(review)
        self._written, self._sent = content, content if review.adapted is None else review.adapted
        return review.adapted

    def built(self, path: Path | None, sent_name: str) -> BuiltDockerfile | None:
        """What was looked at in the file `path`, and is sent under that name; None if it was in none."""
        if path is None or not self._written:
            return None
        return BuiltDockerfile(path, self._written, self._sent, sent_name, self._asked.buildkit, self._remarks)

    def accepts(self, content: bytes) -> bool:
        """Whether the agent builds a Dockerfile as it is."""
        review = self._review(content)
        return not review.objections and review.adapted is None

    def require_as_it_is(self, content: bytes) -> None:
        """Raise for a Dockerfile in an archive that the agent does not build as it is."""
        review = self._review(content)
        _require_none(review.objections)
        if review.adapted is not None:
            raise UsageError(
                "The agent cannot read the Dockerfile in the archive as it is, which needs these changes:\n"
                + "\n".join(map(_sentence, review.changes)),
                "Change it so in the archive.",
                _IN_THE_FOLDER,
            )
        self._take(review)

    def _review(self, content: bytes) -> Review:
        # What reads Dockerfiles takes a while to import, and not every build has its Dockerfile here.
        from ...dockerfile.review import review_dockerfile

        if not is_plain(self._asked.target):
            return Review(target=self._asked.target)
        return review_dockerfile(content, self._asked)

    def _take(self, review: Review) -> None:
        self.target = review.target
        self._remarks = review.remarks
        self.changes = tuple(f"Adapted to the agent: {_sentence(change)}" for change in review.changes)
        for text in (*self.changes, *review.remarks):
            # An archive may be read more than once.
            if text not in self._told:
                self._told.add(text)
                self._tell(text)


def _require_none(objections: tuple[Objection, ...]) -> None:
    remedies = list(dict.fromkeys(objection.remedy for objection in objections))
    if len(remedies) == 1:
        raise UsageError("\n".join(map(_objected, objections)), *remedies)
    if remedies:
        # Each where it belongs.
        raise UsageError("\n".join(f"{_objected(objection)} {objection.remedy}" for objection in objections))


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
