"""What the agent's scanner sees in a Dockerfile: against its own answers, and against the emulator's."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.scan import find_origins
from hypothesis import given, settings
from hypothesis import strategies as st

from azext_acrpool.dockerfile.scanner import ScannedText, scan_dockerfile
from azext_acrpool.references import reference_objection

TABLE = Path(__file__).parents[3] / "src/acr-emulator/tests/conformance/agent/scan.json"
CASES = {case["id"]: case for case in json.loads(TABLE.read_text(encoding="utf-8"))["cases"]}
# What is wrong with the build's own line is not the Dockerfile's.
JUDGED = {
    name: case
    for name, case in CASES.items()
    if all("=" in argument for argument in case["build_args"])
    and all(reference_objection(tag) is None for tag in case["tags"])
}

BLANKS = ["", " ", "\t", "\u2003", "\x1c", "\x85"]
WORDS = [
    *("debian", "debian:$V", "${V:-x}", "${W}", "'debian'", "${", "$", "{{x}}", "a\ufffdb"),
    *("V=1", "W=$V", 'V="2"', "V", "AS", "as", "a\u017f", "x", "y", "X", "\\", "#", "--platform=a", "a"),
]
KEYWORDS = ["FROM", "from", "ARG", "Arg", "RUN", "FROMx", "ARG\\"]


def scanned(case: dict[str, Any]) -> ScannedText:
    text = case.get("dockerfile") or "".join(text * times for text, times in case.get("dockerfile_repeat", ()))
    pairs = (argument.partition("=") for argument in case["build_args"])
    arguments = {name: value for name, _, value in pairs}
    return scan_dockerfile(text.encode(), arguments, case["target"])


def refused_line(text: ScannedText) -> int | None:
    """The first line that is refused, None if none is; 0 if there is no FROM."""
    lines = [image.line for image in text.images if image.refusal]
    lines += [argument.line for argument in text.arguments if argument.refusal]
    return min(lines, default=None if text.images else 0)


def is_taken(text: ScannedText) -> bool:
    names = (name if ":" in name or "@" in name else f"{name}:latest" for name in text.asked)
    return refused_line(text) is None and not any(map(reference_objection, names))


def test_most_of_the_agents_answers_are_judged() -> None:
    assert (len(CASES), len(JUDGED)) == (214, 208)


@pytest.mark.parametrize("name", JUDGED)
def test_finds_what_the_agent_finds(name: str) -> None:
    expected = JUDGED[name]["expected"]
    found = scanned(JUDGED[name])
    assert is_taken(found) is ("error" not in expected)
    if "origins" in expected:
        assert set(found.asked) == {expected["origins"]["runtime"], *expected["origins"]["buildtime"]}


@settings(derandomize=True, max_examples=200)
@given(
    st.lists(
        st.tuples(st.sampled_from(BLANKS), st.sampled_from(KEYWORDS), st.lists(st.sampled_from(WORDS), max_size=5)),
        max_size=6,
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\ufeff", "\ufeff\ufeff"]),
    st.dictionaries(st.sampled_from(["V", "W"]), st.sampled_from(["1", "'a'", "", "x:y"])),
    st.sampled_from(["", "x", "y", "X"]),
)
def test_reads_as_the_emulators_agent_does(
    lines: list[tuple[str, str, list[str]]], end: str, mark: str, arguments: dict[str, str], target: str
) -> None:
    text = mark + "".join(f"{margin}{' '.join([keyword, *words])}{end}" for margin, keyword, words in lines)
    found = scan_dockerfile(text.encode(), arguments, target)
    pairs = [f"{name}={value}" for name, value in arguments.items()]
    log: list[str] = []
    try:
        origins = find_origins(io.BytesIO(text.encode()), pairs, target, log.append)
    except AcbError:
        assert refused_line(found) is not None
    else:
        assert refused_line(found) is None
        assert set(found.asked) == {origins.runtime, *origins.buildtime}


def test_goes_on_after_what_it_refuses_to_find_all_of_it() -> None:
    text = b"FROM --platform=x a AS b\nFROM b\nFROM # x y\nARG\n"
    found = scan_dockerfile(text, {})
    assert [(image.line, image.image, image.is_stage, bool(image.refusal)) for image in found.images] == [
        (1, "a", False, True),
        (2, "b", True, False),
        (3, "", False, True),
    ]
    assert [(argument.line, argument.refusal) for argument in found.arguments] == [
        (4, "there is nothing after ARG in this line")
    ]


def test_a_long_line_is_the_end() -> None:
    assert scan_dockerfile(b"FROM a\n" + b"#" * 65536 + b"\nFROM b\n", {}).too_long == 2
    assert scan_dockerfile(b"FROM a\n" + b"#" * 65535 + b"\nFROM b\n", {}).asked == ("a", "b")


def test_bytes_that_are_no_text_are_what_they_are() -> None:
    assert scan_dockerfile(b"FROM a\xff\n\xff FROM b\n", {}).asked == ("a\udcff",)


@pytest.mark.parametrize(
    "text",
    [
        b"FROM " + b"${" * 32000,
        b"ARG V=" + b"x" * 65000 + b"\n" + (b"FROM " + b"$V" * 30000 + b"\n") * 20,
        (b" " * 60000 + b"\n") * 50,
    ],
    ids=["braces", "values", "blanks"],
)
def test_hostile_texts_take_no_time(text: bytes) -> None:
    started = time.process_time()
    scan_dockerfile(text, {})
    assert time.process_time() - started < 10
