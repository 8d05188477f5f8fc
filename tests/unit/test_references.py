"""Names of images: what Docker's grammar takes, and what is said of the rest."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from azext_acrpool.references import complete_reference, filled_in, host_of, name_objection, reference_objection

GOOD = (
    *("a", "hello", "hello:v1", "samples/hello-world:1.0_x", "a/b/c/d:_", "a.b_c__d---e", "0/1:2"),
    *("team.azurecr.io/hello:v1", "localhost/hello", "localhost:5000/hello:v1", "Team.Azurecr.IO/hello", "host:1/a:b"),
    *("a_b.c/d", "library/hello", "hello:v1.2.3-rc.1_2", f"hello:{'t' * 128}", "r" * 255),
)
TEMPLATES = (
    *("hello:{{.Run.ID}}", "{{.Run.Registry}}/hello:{{ .Run.Date }}", "{{.Values.image}}", "$Registry/hello:$ID"),
    *("hello:$ID-{{.Run.OS}}", "{{ .Values.team }}/{{.Values.app}}:{{.Values.tag}}", "app{{if .Values.x}}-x{{end}}:v1"),
)
LOWER = "{} in its repository is not in lower case"
IN_TAG = "its tag {} holds '{}', which no tag may"
IN_PART = "{} in its repository holds '{}', which no repository may"
SEPARATED = (
    "'{}' in its repository is not made of letters and digits with one '.', '_', '__' or any number of '-' between them"
)
BAD = {
    "": "it is empty",
    ":latest": "it names no repository",
    "team.azurecr.io/": "it names no repository",
    "team.azurecr.io/:v1": "it names no repository",
    "my repo:1": "it holds a blank",
    "hello\n": "it holds a blank",
    "hello:\u00a0v1": "it holds a blank",
    "hello:": "there is no tag after its ':'",
    "hello:feature/x": IN_TAG.format("'feature/x'", "/"),
    "host:5000/hello:feature/x": IN_TAG.format("'feature/x'", "/"),
    "https://host/hello": IN_TAG.format("'//host/hello'", "/"),
    "hello:v1:v2": IN_TAG.format("'v1:v2'", ":"),
    "hello:${ID}": IN_TAG.format("'${ID}'", "$"),
    "hello:gr\u00fcn": IN_TAG.format("'gr\u00fcn'", "\u00fc"),
    "hello:{{.Run.ID": IN_TAG.format("'{{.Run.ID'", "{"),
    "hello:-v1": "its tag '-v1' begins with '-', which no tag may",
    "hello:.v1": "its tag '.v1' begins with '.', which no tag may",
    f"hello:{'t' * 129}": f"its tag '{'t' * 60}..' is longer than 128 characters",
    "MyImage": LOWER.format("'MyImage'"),
    "samples/Hello:v1": LOWER.format("'Hello'"),
    "Samples/hello": LOWER.format("'Samples'"),
    "team.azurecr.io/Hello:v1": LOWER.format("'Hello'"),
    f"hello@sha256:{'0' * 64}": "it has a digest ('@..'), which an image gets only when it is there",
    f"hello:v1@sha256:{'0' * 64}": "it has a digest ('@..'), which an image gets only when it is there",
    "a//b": "it has an empty part between, before or behind slashes",
    "/a": "it has an empty part between, before or behind slashes",
    "a/": "it has an empty part between, before or behind slashes",
    "hello_": SEPARATED.format("hello_"),
    "a___b": SEPARATED.format("a___b"),
    "a-_b": SEPARATED.format("a-_b"),
    "a..b": SEPARATED.format("a..b"),
    "-a": SEPARATED.format("-a"),
    "he+llo": IN_PART.format("'he+llo'", "+"),
    "-team.azurecr.io/hello": "'-team.azurecr.io' is no name of a registry",
    "[::1]/hello": IN_TAG.format("':1]/hello'", ":"),
    "r" * 256: "it is longer than 255 characters",
}


@pytest.mark.parametrize("name", [*GOOD, *TEMPLATES])
def test_what_an_image_may_be_called(name: str) -> None:
    assert name_objection(name) is None


@pytest.mark.parametrize("name", BAD)
def test_what_is_said_of_what_it_may_not(name: str) -> None:
    assert name_objection(name) == BAD[name]


# As github.com/distribution/reference has them written out (regexp.go), put together as there.
ALPHANUMERIC = "[a-z0-9]+"
COMPONENT = f"{ALPHANUMERIC}(?:(?:[._]|__|[-]+){ALPHANUMERIC})*"
DOMAIN_COMPONENT = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
DOMAIN = rf"{DOMAIN_COMPONENT}(?:\.{DOMAIN_COMPONENT})*(?::[0-9]+)?"
NAME = f"(?:{DOMAIN}/)?{COMPONENT}(?:/{COMPONENT})*"
REFERENCE = re.compile(rf"({NAME})(?::([a-zA-Z0-9_][a-zA-Z0-9_.-]{{0,127}}))?")


def docker_accepts(name: str) -> bool:
    """Whether the agents' grammar takes a name, once the service has put the registry before one that has none."""
    first, slash, _ = name.partition("/")
    has_host = slash and (first == "localhost" or "." in first or ":" in first)
    match = REFERENCE.fullmatch(name if has_host else f"r.io/{name}")
    return match is not None and len(match[1].removeprefix("" if has_host else "r.io/")) <= 255


NAMES = st.one_of(
    st.text("aB1._-:/@ \n[$\u00e4", max_size=20),
    st.from_regex(REFERENCE, fullmatch=True),
    st.lists(st.sampled_from(["a", "B", "1", ".", "_", "__", "--", "/", ":", ":5/", "localhost"])).map("".join),
)


@given(NAMES)
@example("r" * 255)
@example("r" * 256)
@example(f"{'h' * 250}.io/abc")
def test_the_grammar_is_dockers(name: str) -> None:
    assert (name_objection(name) is None) == docker_accepts(name)


@given(st.text(), st.text("ab:/{}$. ", max_size=30))
def test_every_text_has_a_name_or_an_objection(text: str, template: str) -> None:
    for name in (text, template, filled_in(template)):
        assert name_objection(name) != ""


def test_names_are_read_in_no_time() -> None:
    for name in ("a-" * 50_000 + "!", "a." * 50_000, "a/" * 50_000, "{{" * 50_000, "$" * 50_000, "a:" * 50_000):
        assert name_objection(name)


@pytest.mark.skipif(shutil.which("docker") is None, reason="there is no docker")
def test_docker_itself_says_the_same(tmp_path: Path) -> None:
    """Its client reads the names before it looks at anything else."""
    environment = {**os.environ, "DOCKER_BUILDKIT": "0", "DOCKER_HOST": "tcp://127.0.0.1:9"}

    def refuses(*names: str) -> bool:
        tags = [word for name in names for word in ("-t", name if host_of(name) else f"r.io/{name}")]
        done = subprocess.run(
            ["docker", "build", *tags, str(tmp_path / "nothing")],
            check=False,
            capture_output=True,
            encoding="utf-8",
            env=environment,
        )
        assert "invalid argument" in done.stderr or "unable to prepare context" in done.stderr
        return "invalid argument" in done.stderr

    # A digest is a name for docker, which is then told to tag it; the lengths are those of 2.8.
    known = [
        name for name in BAD if "digest" not in BAD[name] and "longer than 255" not in BAD[name] and "[" not in name
    ]
    assert [name for name in known[::3] if not refuses(name)] == []
    assert not refuses(*(name for name in GOOD if len(name) < 255))


def test_hosts() -> None:
    assert [host_of(name) for name in ("a", "a:b", "a/b", "a.b/c", "a:1/c", "localhost/a", "A/b", "a.b")] == [
        *("", "", "", "a.b", "a:1", "localhost", "", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "debian",
            "debian:12-slim",
            "docker.io/library/debian",
            "localhost:5000/x:1",
            "Team.azurecr.io/a/b__c",
            "user/x",
        ),
        *(f"x@sha256:{'0' * 64}", f"t.azurecr.io/x:1@sha512:{'a' * 128}", f"{'a' * 255}:{'t' * 128}"),
    ],
)
def test_takes_every_reference_of_a_base_image(text: str) -> None:
    assert reference_objection(text) is None


@pytest.mark.parametrize(
    ("text", "objection"),
    [
        ("", "it names no image"),
        ("debian:", "'debian:' is no valid reference of an image"),
        ("Debian:12", "'Debian:12' is not in lower case, as the name of an image must be"),
        ("debian\\", "'debian\\' is no valid reference of an image"),
        ("x@sha256:12", "'x@sha256:12' is no valid reference of an image"),
        (f"x@md5:{'0' * 32}", f"'x@md5:{'0' * 32}' is no valid reference of an image"),
        ("[::1]:5000/x", "'[::1]:5000/x' is no valid reference of an image"),
        ("0" * 64, f"'{'0' * 60}..' is no valid reference of an image"),
        ("a" * 256, f"'{'a' * 60}..' is longer than 255 characters"),
        ("a" * 5000, f"'{'a' * 60}..' is no valid reference of an image"),
    ],
    ids=lambda value: value[:30],
)
def test_says_why_no_image_is_called_that(text: str, objection: str) -> None:
    assert reference_objection(text) == objection


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("debian", ("docker.io", "library/debian", ":latest")),
        ("index.docker.io/user/x:1", ("docker.io", "user/x", ":1")),
        ("localhost/x", ("localhost", "x", ":latest")),
        ("host:5000/x", ("host:5000", "x", ":latest")),
        ("Host/x", ("Host", "x", ":latest")),
        ("t.azurecr.io/a/b:1@sha256:ab", ("t.azurecr.io", "a/b", "@sha256:ab")),
    ],
)
def test_completes_a_reference_as_docker_does(text: str, complete: tuple[str, str, str]) -> None:
    assert complete_reference(text) == complete
