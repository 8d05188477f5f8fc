"""scripts/conformance: what it counts, of tables and recordings in any folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from recordings import WIRE
from report import main
from tables import AGENT

RECORDING = "test_check_name_availability_dnl_scope.07886a79"


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    """A table of three Dockerfiles: one that is answered alike, one that is not, and one that cannot be asked about."""
    document = json.loads((AGENT / "scan.json").read_text(encoding="utf-8"))
    same = next(case for case in document["cases"] if case["dockerfile"] == "FROM debian:12-slim\nRUN true\n")
    other = {**same, "id": "other", "expected": {**same["expected"], "runtime": "debian:13"}}
    odd = {**same, "id": "odd", "dockerfile": None}
    folder = tmp_path / "agent"
    folder.mkdir()
    (folder / "scan.json").write_text(json.dumps({"cases": [same, other, odd]}), encoding="utf-8")
    return folder


@pytest.fixture
def wire(tmp_path: Path) -> Path:
    """A recording that is answered alike, and the same one with another status."""
    folder = tmp_path / "wire"
    folder.mkdir()
    shutil.copy(WIRE / f"{RECORDING}.json", folder / "alike.json")
    document = json.loads((WIRE / f"{RECORDING}.json").read_text(encoding="utf-8"))
    document["interactions"][0]["status"] = 201
    (folder / "otherwise.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_each_table_and_recording_has_a_line(agent: Path, wire: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--agent", str(agent), "--wire", str(wire)]) == 0
    assert capsys.readouterr().out.splitlines() == ["scan: 1 of 3", "alike: 1 of 1", "otherwise: 0 of 1"]


def test_what_differs_is_shown_on_demand(agent: Path, wire: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--agent", str(agent), "--wire", str(wire), "--verbose"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "scan: 1 of 3",
        "  other",
        "    runtime:",
        "      agent    'debian:13'",
        "      emulator 'debian:12-slim'",
    ]
    assert lines[5] == "  odd"
    assert lines.index("    raised:") > 5
    assert lines[-1].startswith("  #0.0 POST ")
    assert "status is 200, Azure has 201" in lines[-1]


def test_a_recording_that_cannot_be_replayed_hides_no_other(wire: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (wire / "broken.json").write_text(json.dumps({"interactions": [{"method": "GET"}]}), encoding="utf-8")
    main(["--agent", str(wire), "--wire", str(wire)])
    alike, broken, otherwise = capsys.readouterr().out.splitlines()
    assert (alike, otherwise) == ("alike: 1 of 1", "otherwise: 0 of 1")
    assert broken.startswith("broken: 0 of 1 (cannot be replayed: ")
