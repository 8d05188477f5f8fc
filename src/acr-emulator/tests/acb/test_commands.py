"""The commands that a task comes to."""

from __future__ import annotations

import pytest
from acr_emulator.acb.commands import (
    buildkitd_line,
    network_arguments,
    pull_arguments,
    scan_arguments_of,
    secret_lines,
    step_line,
    volume_line,
)
from acr_emulator.acb.errors import AcbError
from acr_emulator.acb.task import Mount, Network, Step, Volume

START = "docker run --rm --name s --volume home:/workspace --volume /var/run/docker.sock:/var/run/docker.sock"
HOME = "--volume home:/acb/home"
ENVIRONMENT = "--env HOME=/acb/home"


@pytest.mark.parametrize(
    ("step", "rest"),
    [
        (Step("s", "x  y"), f"{HOME} {ENVIRONMENT} --workdir /workspace x  y"),
        (
            Step("s", "x", environment=("A=b c",), working_directory="../w"),
            f"{HOME} {ENVIRONMENT} --env A=b c --workdir /w x",
        ),
        (Step("s", "x", keeps_image_directory=True), f"{HOME} {ENVIRONMENT} x"),
        (
            Step("s", "x", mounts=(Mount("v", "/a"), Mount("w", "/b"), Mount("v", "/c"))),
            f"{HOME} --volume v:/c --volume w:/b {ENVIRONMENT} --workdir /workspace x",
        ),
        (
            Step("s", build="-t a .", entry_point="sh"),
            f"{HOME} {ENVIRONMENT} --env DOCKER_BUILDKIT=0 --workdir /workspace docker build -t a .",
        ),
        (
            Step("s", build=".", environment=("DOCKER_BUILDKIT=1",)),
            f"{HOME} {ENVIRONMENT} --env DOCKER_BUILDKIT=1 --workdir /workspace docker build .",
        ),
        (
            Step("s", build=".", cache="enabled"),
            f"{HOME} {ENVIRONMENT} --workdir /workspace buildx build .",
        ),
        (
            Step("s", build="-t a https://github.com/o/r.git#main:d", working_directory="w"),
            f"{HOME} {ENVIRONMENT} --env DOCKER_BUILDKIT=0 --workdir /workspace/s/d docker build -t a .",
        ),
    ],
    ids=["command", "environment", "image's directory", "mounts", "build", "buildkit", "cache", "remote"],
)
def test_a_step_runs_in_a_container(step: Step, rest: str) -> None:
    assert step_line(step, "home") == f"{START} {rest}"


def test_a_build_is_scanned_with_the_tags_that_the_step_has() -> None:
    step = Step("s", build="-f D sub", tags=("a", "b"), build_arguments=("A=1",), working_directory="w")

    assert " ".join(scan_arguments_of(step, "scanner", "vol", ["c"])) == (
        "docker run --rm --name scanner --volume vol:/workspace --workdir /workspace/w --volume home:/acb/home "
        "--env HOME=/acb/home acb scan -f D --destination s -t a -t b --build-arg A=1 --credential c sub"
    )


def test_a_command_is_pulled_by_what_stands_before_its_first_blank() -> None:
    assert pull_arguments(Step("s", "image\targument more"))[-3:] == ["docker", "pull", "image\targument"]


@pytest.mark.parametrize(
    ("network", "options"),
    [
        (Network("n"), "n"),
        (Network("n", driver="bridge"), "n --driver bridge"),
        (Network("n", is_ipv6=True, driver="d"), "n --ipv6 --driver d"),
        (Network(), ""),
    ],
    ids=["name", "driver", "ipv6", "empty"],
)
def test_a_network_is_created(network: Network, options: str) -> None:
    assert " ".join(network_arguments(network)) == f"docker network create {options}"


def test_a_volume_is_filled_by_way_of_files() -> None:
    volume = Volume("keys", {"a": "b25l\nCnR3bw==", "b": ""})

    assert secret_lines(volume) == ["mkdir keys", "cat >> keys/a <<EOL\none\ntwo\nEOL", "cat >> keys/b <<EOL\n\nEOL"]
    assert volume_line(volume, "vol") == (
        "docker run --rm -v vol:/source -v keys:/dest -w /source bash cp keys/a keys/b /dest"
    )


@pytest.mark.parametrize("value", ["plain text", "eA=", "eA", "e-A_"])
def test_a_secret_that_is_not_base64_is_refused(value: str) -> None:
    with pytest.raises(AcbError) as raised:
        secret_lines(Volume("keys", {"a": value}))

    assert str(raised.value) == "failed to decode Base64 value. please make sure value provided is Base64 encoded"


def test_the_builder_of_caches_runs_in_the_background() -> None:
    assert buildkitd_line("vol") == (
        "docker run --rm --detach --name acrbuildkitdcontainer --volume vol:/workspace "
        "--volume /var/run/docker.sock:/var/run/docker.sock --volume home:/acb/home --env HOME=/acb/home "
        "--workdir /workspace buildx create --use"
    )
