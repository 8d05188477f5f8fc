"""Do the agents build a Dockerfile as it is?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...dockerfile.model import Objection, lines_of
from ..facts import Dockerfile, Facts
from ..findings import Finding, Severity
from .dockerfile import required_images

__all__ = ["check_dockerfile"]

_CHECK = "Dockerfile"


def check_dockerfile(facts: Facts) -> Iterator[Finding]:
    """What is found of the Dockerfile; what the same is objected to for is one finding. None without a Dockerfile."""
    dockerfile = facts.dockerfile
    if dockerfile is None:
        return
    # It takes a while to import, which nobody should wait for who has no Dockerfile.
    from ...dockerfile.review import review_dockerfile

    review = review_dockerfile(dockerfile.content, dockerfile.build)
    objections = list(_told_here(dockerfile, review.objections))
    for alike in _grouped(objections):
        yield _refused(dockerfile, alike)
    for remark in review.remarks:
        yield _remark(dockerfile, remark)
    for change in review.changes:
        yield _adapted(dockerfile, change)
    # An image that is not known is no reason to say that all is well.
    if review.is_looked_into and not review.objections and not review.changes:
        message = f"The agents build {dockerfile.name} as it is."
        yield Finding(
            code="DockerfileAccepted", severity=Severity.OK, check=_CHECK, message=message, evidence=dockerfile.name
        )


def _told_here(dockerfile: Dockerfile, objections: Iterable[Objection]) -> Iterator[Objection]:
    """All but those about build arguments without a value: that an image is not known is what its own check says."""
    images = required_images(dockerfile.text, dockerfile.build.arguments)
    unresolved = {image.line for image in images if image.unresolved}
    return (objection for objection in objections if objection.line not in unresolved)


def _grouped(objections: Iterable[Objection]) -> Iterable[list[Objection]]:
    groups: dict[tuple[str, str], list[Objection]] = {}
    for objection in objections:
        groups.setdefault((objection.reason, objection.remedy), []).append(objection)
    return groups.values()


def _refused(dockerfile: Dockerfile, alike: list[Objection]) -> Finding:
    first = alike[0]
    places = [f"{dockerfile.name}:{objection.line} {objection.text}" for objection in alike if objection.line]
    lines = lines_of(alike)
    where = f" in {lines}" if lines else ""
    return Finding(
        code="DockerfileNeedsBuildKit" if first.needs_buildkit else "DockerfileRefused",
        severity=Severity.ERROR,
        check=_CHECK,
        message=f"The build of {dockerfile.name} would fail{where}: {first.reason}.",
        evidence=", ".join(places) or dockerfile.name,
        recommendation=first.remedy,
        brief=f"The build would fail{where}." if lines else "The build would fail: ",
        subjects=() if lines else (first.reason.partition(",")[0],),
    )


def _remark(dockerfile: Dockerfile, remark: str) -> Finding:
    return Finding(
        code="DockerfileRemark", severity=Severity.OK, check=_CHECK, message=_sentence(remark), evidence=dockerfile.name
    )


def _adapted(dockerfile: Dockerfile, change: str) -> Finding:
    """Nothing is wrong for who builds from a folder; a task builds what is in the repository."""
    return Finding(
        code="DockerfileAdapted",
        severity=Severity.OK,
        check=_CHECK,
        message=f"Of a folder, `az acr build` sends {dockerfile.name} with a change: {_sentence(change)}",
        evidence=dockerfile.name,
        recommendation="For a task, or a build of a repository or an archive, make the change in the Dockerfile.",
    )


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
