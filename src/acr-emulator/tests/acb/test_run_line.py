"""The lines that start containers."""

from __future__ import annotations

from acr_emulator.acb.build_line import BuildLine
from acr_emulator.acb.run_line import ContainerSpec, run_line, scan_arguments

VOLUMES = "--volume vol:/workspace --volume /var/run/docker.sock:/var/run/docker.sock --volume home:/acb/home"


def test_starts_a_step_without_options() -> None:
    assert run_line(ContainerSpec("s", "bash -c ls", "vol")) == (
        f"docker run --rm --name s {VOLUMES} --env HOME=/acb/home --workdir /workspace bash -c ls"
    )


def test_gives_options_in_the_order_of_acb() -> None:
    spec = ContainerSpec(
        name="s",
        command="x",
        home_volume="vol",
        working_directory="../up/",
        is_kept=True,
        is_detached=True,
        ports=("80:80", "81"),
        exposed=("82",),
        is_privileged=True,
        user="root",
        network="net",
        isolation="default",
        cpus="2",
        entry_point="sh",
        environment=("A=1 2", "HOME=/x"),
        mounts=(("keys", "/run/keys"),),
    )
    assert run_line(spec) == (
        "docker run --detach -p 80:80 -p 81 --expose 82 --privileged --user root --network net --isolation default"
        f" --cpus 2 --entrypoint sh --name s {VOLUMES} --volume keys:/run/keys"
        " --env HOME=/acb/home --env A=1 2 --env HOME=/x --workdir /up x"
    )


def test_leaves_the_directory_of_the_image() -> None:
    spec = ContainerSpec("s", "x", "vol", working_directory="/abs", keeps_image_directory=True)
    assert run_line(spec) == f"docker run --rm --name s {VOLUMES} --env HOME=/acb/home x"


def test_tells_the_scanner_what_it_read_in_the_line() -> None:
    line = BuildLine("", "t", ".", ("a", "b"), ("A=1",))
    assert scan_arguments(line, "s", "scanner", "vol", "/a//b/", ["{}"]) == [
        *("docker", "run", "--rm", "--name", "scanner", "--volume", "vol:/workspace", "--workdir", "/a/b"),
        *("--volume", "home:/acb/home", "--env", "HOME=/acb/home", "acb", "scan", "-f", "", "--destination", "s"),
        *("-t", "a", "-t", "b", "--build-arg", "A=1", "--credential", "{}", "--target", "t", "."),
    ]
