"""The table of Dockerfiles: base images, or the refusal."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.scan import ImageDependencies, dependencies_of, find_origins
from tables import Case, Table

__all__ = ["SCAN"]


def answer(case: Case) -> Mapping[str, Any]:
    """What the emulator makes of a case, in the form of `expected`."""
    log: list[str] = []
    lines = {"log": log}
    try:
        origins = find_origins(io.BytesIO(case["dockerfile"].encode()), case["build_args"], case["target"], log.append)
        dependencies = dependencies_of(origins, case["tags"])
    except AcbError as error:
        return {"error": str(error), **(lines if log else {})}
    images = dependencies[0]
    return {
        "runtime": images.runtime.reference,
        "buildtime": sorted(image.reference for image in images.buildtime),
        "dependencies": [_entry(entry) for entry in dependencies],
        "origins": {"runtime": origins.runtime, "buildtime": sorted(origins.buildtime)},
        **(lines if log else {}),
    }


def _entry(dependencies: ImageDependencies) -> dict[str, Any]:
    return {
        "image": dependencies.image.to_json() if dependencies.image else None,
        "runtime": dependencies.runtime.to_json(),
        "buildtime": sorted(
            (image.to_json() for image in dependencies.buildtime), key=lambda image: image["reference"]
        ),
    }


SCAN = Table("scan", "scan.json", "cases", answer, lambda member: member != "exit")
