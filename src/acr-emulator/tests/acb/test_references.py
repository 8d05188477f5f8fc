"""Names of images: what docker/distribution takes, and what acb makes of them."""

from __future__ import annotations

import pytest
from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.references import (
    Reference,
    ReferenceFormatError,
    ScannedImage,
    distinct_images,
    parse_reference,
    scanned_image,
    with_latest,
    with_registry,
)

SHA256 = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("debian", Reference("", "debian")),
        ("grafana/grafana:11", Reference("grafana", "grafana", "11")),
        ("foo_bar/x", Reference("", "foo_bar/x")),
        ("localhost:5000/a/b", Reference("localhost:5000", "a/b")),
        ("HOST.io/a__b/c--d:V1", Reference("HOST.io", "a__b/c--d", "V1")),
        (f"team.azurecr.io/os:1@{SHA256}", Reference("team.azurecr.io", "os", "1", SHA256)),
    ],
)
def test_takes_a_reference_apart(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("", "repository name must have at least one component"),
        ("Debian:1", "repository name must be lowercase"),
        ("deb\u0130an", "repository name must be lowercase"),
        ("debian:", "invalid reference format"),
        ("debian\n", "invalid reference format"),
        ("[::1]:5000/x", "invalid reference format"),
        ("a..b", "invalid reference format"),
        ("x:" + "t" * 129, "invalid reference format"),
        ("h.io/" + "p" * 251, "repository name must not be more than 255 characters"),
        ("x@md5:" + "ab" * 16, "unsupported digest algorithm"),
        ("x@sha256:" + "ab" * 16, "invalid checksum digest length"),
        ("x@sha256:" + "AB" * 32, "invalid checksum digest format"),
        ("x@SHA256:" + "ab" * 32, "invalid checksum digest format"),
    ],
)
def test_refuses_what_is_no_reference_in_the_words_of_docker(text: str, failure: str) -> None:
    with pytest.raises(ReferenceFormatError) as caught:
        parse_reference(text)
    assert str(caught.value) == failure


@pytest.mark.parametrize(
    ("text", "registry", "repository"),
    [
        ("debian:12", "registry.hub.docker.com", "library/debian"),
        ("foo_bar/x:1", "registry.hub.docker.com", "library/foo_bar/x"),
        ("localhost:5000/x:1", "registry.hub.docker.com", "localhost:5000/x"),
        ("docker.io/debian:12", "docker.io", "debian"),
        ("team.azurecr.io/base/os:1", "team.azurecr.io", "base/os"),
    ],
)
def test_lists_an_image_under_a_registry_only_if_its_first_part_has_a_dot(
    text: str, registry: str, repository: str
) -> None:
    tag = text.rpartition(":")[2]
    assert scanned_image(text) == ScannedImage(registry, repository, tag, "", text)


def test_lists_neither_an_empty_tag_nor_an_empty_digest() -> None:
    assert scanned_image(f"os@{SHA256}").to_json() == {
        "registry": "registry.hub.docker.com",
        "repository": "library/os",
        "digest": SHA256,
        "reference": f"os@{SHA256}",
    }


def test_names_the_image_that_it_cannot_list() -> None:
    with pytest.raises(AcbError) as caught:
        scanned_image("Debian:1")
    assert str(caught.value) == (
        "Failed to parse image reference, ensure tags have a valid format: Debian:1: repository name must be lowercase"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app", "app:latest"),
        ("app:1", "app:1"),
        ("localhost:5000/app", "localhost:5000/app"),
        (f"app@{SHA256}", f"app@{SHA256}"),
        ("", ":latest"),
    ],
)
def test_adds_the_tag_latest_only_where_no_colon_is(name: str, expected: str) -> None:
    assert with_latest(name) == expected


@pytest.mark.parametrize(
    ("name", "registry", "expected"),
    [
        ("app:1", "team.azurecr.io", "team.azurecr.io/app:1"),
        ("team.azurecr.io/app:1", "team.azurecr.io", "team.azurecr.io/app:1"),
        ("team.azurecr.iox/app:1", "team.azurecr.io", "team.azurecr.iox/app:1"),
        ("TEAM.azurecr.io/app:1", "team.azurecr.io", "team.azurecr.io/TEAM.azurecr.io/app:1"),
        ("other.io/app", "team.azurecr.io", "other.io/app"),
        ("library/app", "team.azurecr.io", "library/app"),
        ("app:1", "", "app:1"),
    ],
)
def test_puts_the_registry_before_a_tag_that_begins_with_no_known_one(name: str, registry: str, expected: str) -> None:
    assert with_registry(name, registry, ["other.io", ""]) == expected


def test_pushes_each_image_once_in_the_order_given() -> None:
    assert distinct_images(["b", "a:1", "b:latest", "a:1"]) == ["b:latest", "a:1"]
