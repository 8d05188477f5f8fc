"""The images of Dockerfiles, against what the parser of Docker's builder makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from azext_acrpool.health.images.dockerfile import required_images

TABLE = Path(__file__).parents[4] / "src/acr-emulator/tests/conformance/agent/scan.json"


def rows() -> dict[str, tuple[str, dict[str, str], dict[str, Any]]]:
    """Dockerfile, build arguments and the builder's answer, by the row's ID."""
    cases = json.loads(TABLE.read_text(encoding="utf-8"))["cases"]
    return {case["id"]: (text_of(case), arguments_of(case), case["buildkit"]) for case in cases}


def text_of(case: dict[str, Any]) -> str:
    return str(case.get("dockerfile") or "".join(text * times for text, times in case.get("dockerfile_repeat", ())))


def arguments_of(case: dict[str, Any]) -> dict[str, str]:
    pairs = (argument.partition("=") for argument in case["build_args"])
    return {name: value for name, equals, value in pairs if equals}


ROWS = rows()
READABLE = [name for name, row in ROWS.items() if "error" not in row[2]]
REFUSED = sorted(ROWS.keys() - READABLE)


@pytest.mark.parametrize("name", READABLE)
def test_names_the_images_that_the_builder_names(name: str) -> None:
    text, build_args, expected = ROWS[name]
    assert sorted(image.reference for image in required_images(text, build_args)) == sorted(expected["images"])


@pytest.mark.parametrize("name", REFUSED)
def test_reads_on_where_the_builder_stops(name: str) -> None:
    """A health check is no linter: of a Dockerfile that Docker refuses it names images as far as they can be told."""
    text, build_args, _ = ROWS[name]
    assert all(image.reference or image.unresolved for image in required_images(text, build_args))
