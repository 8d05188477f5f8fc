"""Stages, images and refusals against what the parser of BuildKit made of the same Dockerfiles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from azext_acrpool.dockerfile.instructions import read_dockerfile
from azext_acrpool.dockerfile.model import AskedBuild, Dockerfile
from azext_acrpool.dockerfile.refusals import refusals_of_docker
from azext_acrpool.dockerfile.stages import StageIndex, bodies_of, executed_stages, read_stages, sources_of

TABLE = Path(__file__).parents[3] / "src/acr-emulator/tests/conformance/agent/scan.json"
CASES = {case["id"]: case for case in json.loads(TABLE.read_text(encoding="utf-8"))["cases"]}
# Lines of 64 KiB are told by who looks at the bytes.
REFUSED = [name for name, case in CASES.items() if "error" in case["buildkit"] and case["topic"] != "long-line"]
READ = [name for name, case in CASES.items() if "error" not in case["buildkit"]]


def asked(case: dict[str, Any]) -> tuple[Dockerfile, AskedBuild]:
    text = case.get("dockerfile") or "".join(text * times for text, times in case.get("dockerfile_repeat", ()))
    pairs = (argument.partition("=") for argument in case["build_args"])
    arguments = {name: value for name, equals, value in pairs if equals}
    return read_dockerfile(text), AskedBuild(arguments=arguments, target=case["target"], buildkit=True)


@pytest.mark.parametrize("name", READ)
def test_images_are_those_that_buildkit_names(name: str) -> None:
    dockerfile, build = asked(CASES[name])
    stages, bodies = read_stages(dockerfile, build), bodies_of(dockerfile)
    index = StageIndex(stages)
    bases = {
        stage.number: stage.image
        for stage in stages
        if stage.image != "scratch" and index.find(stage.image, stage.number, takes_numbers=False) is None
    }
    executed = executed_stages(dockerfile, stages, build)
    needed = {bases[number] for number in executed & bases.keys()}
    for number in executed:
        sources = (source for instruction in bodies[number] for source in sources_of(instruction))
        needed |= {source for source in sources if index.find(source, number) is None}
    expected = CASES[name]["buildkit"]
    assert sorted(set(bases.values())) == expected["bases"]
    assert sorted(needed) == expected.get("needed", [])
    assert bool(executed) is ("target_error" not in expected)


@pytest.mark.parametrize("name", READ)
def test_nothing_is_refused_that_buildkit_reads(name: str) -> None:
    dockerfile, build = asked(CASES[name])
    assert [stage.fault for stage in read_stages(dockerfile, build) if stage.fault] == []
    assert refusals_of_docker(dockerfile, build) == ()


@pytest.mark.parametrize("name", REFUSED)
def test_what_buildkit_refuses_is_told_with_its_line(name: str) -> None:
    dockerfile, build = asked(CASES[name])
    stages = read_stages(dockerfile, build)
    lines = [stage.instruction.line for stage in stages if stage.fault]
    lines += [objection.line for objection in refusals_of_docker(dockerfile, build)]
    error = CASES[name]["buildkit"]["error"]
    if error == "file with no instructions":
        assert not stages
    elif "on line" in error:
        assert error.partition("on line ")[2].partition(":")[0] in map(str, lines)
    else:
        assert lines
