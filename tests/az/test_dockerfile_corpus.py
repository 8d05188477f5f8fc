"""Dockerfiles as people have them (tests/dockerfiles): each builds, or it is told why not before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
from acr_emulator.executor.check import CheckExecutor
from acr_emulator.executor.model import Job, Outcome
from az_harness import Az, Emulator
from dockerfile_corpus import BUILDERS, CorpusEntry, packed, read_corpus

from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.runs.dockerfiles import DockerfileReview, asked_build

BUILD = ("acr", "build", "--registry", "myregistry", "--image", "app:v1")
# What is said of every build: az's own of the extension and its options, and what was sent.
OF_EVERY_BUILD = ("WARNING: ", "Sent ")
CORPUS = read_corpus()
# Each is tried for real with the builder that people use for it, and with BuildKit if that refuses it; what is told
# with the other is looked at without az.
TRIED = [
    *((entry, "classic") for entry in CORPUS if not entry.expected("classic").is_refused),
    *((entry, "buildkit") for entry in CORPUS if any(entry.expected(builder).is_refused for builder in BUILDERS)),
]
TOLD = [(entry, builder) for entry in CORPUS for builder in BUILDERS if (entry, builder) not in TRIED]


def prepare(az: Az, entry: CorpusEntry) -> Az:
    """az in a folder with the entry's context and secrets."""
    entry.write(az.folder)
    return replace(az, environment={**az.environment, **entry.environment})


@pytest.mark.parametrize(("entry", "builder"), TRIED, ids=str)
def test_builds_or_is_told_why_not(entry: CorpusEntry, builder: str, az: Az, emulator: Emulator) -> None:
    expected = entry.expected(builder)
    emulator.control("DELETE", "journal")
    done = prepare(az, entry)(*BUILD, *entry.options(builder), "context")
    told = [line for line in done.told if not line.startswith(OF_EVERY_BUILD)]
    assert (done.code, told) == (2 if expected.is_refused else 0, list(expected.lines))
    if expected.is_refused:
        # Nothing is sent, and no place for it is asked for.
        assert [entry for entry in emulator.journal() if entry["method"] != "GET"] == []
        assert done.stdout == ""
    else:
        assert "Successfully pushed image: myregistry.azurecr.io/app:v1" in done.stdout


@pytest.mark.parametrize(("entry", "builder"), TOLD, ids=str)
def test_what_is_told_of_it_with_the_other_builder(entry: CorpusEntry, builder: str) -> None:
    expected = entry.expected(builder)
    told: list[str] = []
    asked = asked_build(
        entry.request()["arguments"],
        target=entry.given("--target"),
        platform=entry.given("--platform"),
        buildkit=builder == "buildkit",
        secrets=entry.secret_ids,
    )
    try:
        DockerfileReview(asked, told.append).adapt(entry.content)
    except UsageError as refusal:
        told = [*f"ERROR: {refusal.error.error_msg}".split("\n"), *refusal.error.recommendations]
        assert expected.is_refused
    assert told == list(expected.lines)


@pytest.mark.parametrize("entry", CORPUS, ids=str)
def test_only_what_agents_do_not_build_is_refused_or_changed(entry: CorpusEntry, tmp_path: Path) -> None:
    entry.write(tmp_path)
    job = Job(
        "cf1",
        {**entry.request(), "type": "DockerBuildRequest", "imageNames": ["app:v1"], "isPushEnabled": True},
        "myregistry.azurecr.io",
        datetime.now(timezone.utc),
        source=packed(tmp_path / "context"),
    )
    *_, outcome = CheckExecutor().execute(job)
    assert isinstance(outcome, Outcome)
    assert outcome.status == ("Succeeded" if entry.is_built_today else "Failed")
    expected = entry.expected("classic")
    is_touched = expected.is_refused or any(line.startswith("Adapted") for line in expected.lines)
    assert is_touched is not entry.is_built_today
