"""What builds depend on, in the forms of the log and of a run's properties.

acb prints one line of JSON; public logs of the service show YAML there (recorded).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..acb.program.summary import SCRATCH
from ..acb.references import ScannedImage
from ..acb.scan import ImageDependencies
from .model import ImageDependency, ImageReference

__all__ = ["base_images", "dependency_lines"]


def dependency_lines(entries: Iterable[ImageDependencies]) -> Iterator[str]:
    """The lines of YAML that a log shows."""
    for entry in entries:
        if entry.image is None:
            yield "- image: null"
        else:
            yield "- image:"
            yield from _rows(entry.image, "    ", "    ")
        yield "  runtime-dependency:"
        yield from _rows(entry.runtime, "    ", "    ")
        if entry.buildtime:
            yield "  buildtime-dependency:"
        for image in entry.buildtime:
            yield from _rows(image, "  - ", "    ")
        yield "  git: {}"


def _rows(image: ScannedImage, first: str, others: str) -> Iterator[str]:
    for number, (name, value) in enumerate(_reference(image).to_wire().items()):
        yield f"{others if number else first}{name}: {value}"


def base_images(entries: Iterable[ImageDependencies]) -> tuple[ImageDependency, ...]:
    """The base images of all builds, each once, those of the last stage first; `scratch` is none (assumed)."""
    found: dict[ImageDependency, None] = {}
    for entry in entries:
        images = [ImageDependency("Runtime", _reference(entry.runtime))] if entry.runtime.reference != SCRATCH else []
        images += [
            ImageDependency("Buildtime", _reference(image)) for image in entry.buildtime if image.reference != SCRATCH
        ]
        found.update(dict.fromkeys(images))
    return tuple(found)


def _reference(image: ScannedImage) -> ImageReference:
    return ImageReference(image.registry, image.repository, image.tag or None, image.digest or None)
