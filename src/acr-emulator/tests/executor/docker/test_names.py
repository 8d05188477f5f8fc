"""Names of images as docker completes them."""

from __future__ import annotations

import pytest
from acr_emulator.acb.references import ReferenceFormatError
from acr_emulator.executor.docker.names import parse_name

DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("text", "full", "familiar"),
    [
        ("alpine", "docker.io/library/alpine:latest", "alpine:latest"),
        ("me/app:1", "docker.io/me/app:1", "me/app:1"),
        ("docker.io/alpine", "docker.io/library/alpine:latest", "alpine:latest"),
        ("index.docker.io/me/app", "docker.io/me/app:latest", "me/app:latest"),
        ("team.azurecr.io/app:v1", "team.azurecr.io/app:v1", "team.azurecr.io/app:v1"),
        ("localhost/app", "localhost/app:latest", "localhost/app:latest"),
        ("host:5000/app", "host:5000/app:latest", "host:5000/app:latest"),
        (f"alpine@{DIGEST}", f"docker.io/library/alpine@{DIGEST}", f"alpine@{DIGEST}"),
    ],
)
def test_names_are_completed(text: str, full: str, familiar: str) -> None:
    name = parse_name(text)
    assert (str(name), name.familiar) == (full, familiar)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid reference format"),
        ("a b", "invalid reference format"),
        ("App", "invalid reference format: repository name must be lowercase"),
        ("team.azurecr.io/App:1", "invalid reference format: repository name must be lowercase"),
        ("a:", "invalid reference format"),
        ("0" * 64, f"invalid repository name ({'0' * 64}), cannot specify 64-byte hexadecimal strings"),
    ],
)
def test_what_is_no_name(text: str, message: str) -> None:
    with pytest.raises(ReferenceFormatError) as caught:
        parse_name(text)
    assert str(caught.value) == message
