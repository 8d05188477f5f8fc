"""The base images that acb finds in a Dockerfile."""

from __future__ import annotations

import io
import time

import pytest
from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.scan import Origins, dependencies_of, dockerfile_path, find_origins


def origins_of(text: str, *build_arguments: str, target: str = "", log: list[str] | None = None) -> Origins:
    lines = [] if log is None else log
    return find_origins(io.BytesIO(text.encode()), build_arguments, target, lines.append)


def refusal_of(text: str, *build_arguments: str) -> str:
    with pytest.raises(AcbError) as caught:
        origins_of(text, *build_arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("ARG V=1\nARG V=2\nFROM x:$V\n", "x:1"),
        ("ARG V=\"'1'\"\nFROM x:${V}\n", "x:1"),
        ("ARG A=1 V=2\nFROM x:$V\n", "x:"),
        ("ARG V=$W\nARG W=1\nFROM x:$V\n", "x:$W"),
        ("FROM x:${V:-1}\n", "x:"),
        ("FROM x:${\n", "x:"),
        ("FROM x:$V}\n", "x:}"),
        ("FROM x$\n", "x$"),
        ("FROM '\"x\"'\n", "x"),
        ("from x A\u017f y\nFrom y\n", "x"),
        ("\x1cFROM y\n FROM x\r\n", "x"),
        ("\u2003FROM x\n", "x"),
        ("RUN a \\\nFROM x\n", "x"),
    ],
)
def test_reads_line_by_line_and_knows_two_words(text: str, image: str) -> None:
    assert origins_of(text).runtime == image


def test_takes_build_arguments_before_all_declared_or_not() -> None:
    assert origins_of("ARG V=1\nFROM x:$V$$\n", "V=2", "V=3", "$=-a").runtime == "x:3-a"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "unexpected dockerfile format"),
        ("\ufeff\ufeffFROM x\n", "unexpected dockerfile format"),
        ("  FROM x  y \n", "unable to understand line FROM x  y"),
        ("FROM x IS y\n", "unable to understand line FROM x IS y"),
        ("\targ\n", "dockerfile syntax requires ARG directive to have exactly 1 argument. LINE: arg"),
    ],
)
def test_refuses_what_it_cannot_read(text: str, refusal: str) -> None:
    assert refusal_of(text) == refusal


def test_refuses_a_build_argument_without_a_value_first_of_all() -> None:
    assert refusal_of("FROM\n", "TOKEN") == "TOKEN cannot be split into 2 tokens with '='"


def test_logs_what_it_drops_before_it_stops() -> None:
    log: list[str] = []
    with pytest.raises(AcbError):
        origins_of("FROM x AS y  a\tb\nFROM\n", log=log)
    assert log == ["Ignoring chunks from FROM clause: [a b]"]


def test_stops_at_the_target() -> None:
    assert origins_of("FROM x AS a\nFROM y AS b\nFROM\n", target="b") == Origins("y", ("x",))


def test_takes_a_long_line_for_the_end_of_the_file() -> None:
    longest = "x" * (64 * 1024 - 1)
    assert origins_of(f"FROM a\n{longest}\nFROM b\n{longest}y\nFROM\n") == Origins("b", ("a",))
    assert refusal_of(f"#{longest}") == "unexpected dockerfile format"


def test_reads_no_further_than_it_must() -> None:
    file = io.BytesIO(b"FROM a AS b\n" + b"x" * 10_000_000)
    find_origins(file, [], "b", print)
    assert file.tell() == len(b"FROM a AS b\n")
    file.seek(0)
    find_origins(file, [], "", print)
    assert file.tell() < 100_000


def test_lists_an_image_twice_that_is_spelt_in_two_ways() -> None:
    [entry] = dependencies_of(Origins("debian", ("debian:latest", "library/alpine", "alpine")), [])
    assert entry.image is None
    assert entry.runtime.reference == "debian:latest"
    assert [image.reference for image in entry.buildtime] == ["debian:latest", "alpine:latest"]


def test_lists_an_entry_for_each_tag() -> None:
    entries = dependencies_of(Origins("x", ()), ["h.io/a", "b:1", ""])
    assert [entry.image and entry.image.reference for entry in entries] == ["h.io/a:latest", "b:1", None]


@pytest.mark.parametrize(
    ("context", "checkout", "dockerfile", "expected"),
    [
        ("sub", "sub", "", "sub/Dockerfile"),
        ("sub", "sub", "../D", "../D"),
        (".", ".", "", "Dockerfile"),
        ("https://h/x.git#:src", "s1/src", "", "s1/src/Dockerfile"),
        ("https://h/x.git#:src", "s1/src", "../D", "s1/D"),
    ],
)
def test_looks_for_the_dockerfile_from_the_working_directory_unless_the_context_is_remote(
    context: str, checkout: str, dockerfile: str, expected: str
) -> None:
    assert dockerfile_path(context, checkout, dockerfile) == expected


def test_reads_many_lines_in_little_time() -> None:
    lines = b"FROM a\n" + b"RUN echo FROM b && true\n" * 200_000
    started = time.monotonic()
    assert find_origins(io.BytesIO(lines), [], "", print) == Origins("a", ())
    assert time.monotonic() - started < 10
