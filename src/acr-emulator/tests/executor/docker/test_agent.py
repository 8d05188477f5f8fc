"""docker on an agent: command lines that it refuses, and what it can tell without a daemon."""

from __future__ import annotations

import io
import tarfile

import pytest
from acr_emulator.acb.docker import Finished
from acr_emulator.executor.archive import ContextArchive
from acr_emulator.executor.docker.agent import CheckedDocker
from acr_emulator.executor.workspace import Workspace

IN_DOCKER = ["run", "--rm", "--workdir", "/workspace"]
FILES = {
    "Dockerfile": "FROM alpine\nCOPY . /src\n",
    "sub/Dockerfile": "FROM alpine\nCOPY hidden /src\n",
    "sub/hidden": "x",
    "sub/.dockerignore": "hidden\n",
    "kit/Dockerfile": "FROM alpine\nCOPY --chmod=700 a /src\n",
    "kit/Dockerfile.dockerignore": "b\n",
    "kit/.dockerignore": "a\n",
    "kit/a": "x",
    "ignored/Dockerfile": "FROM alpine\nCOPY Dockerfile /src\n",
    "ignored/.dockerignore": "Dockerfile\n",
    "wrong/Dockerfile": "FROM alpine\n",
    "wrong/.dockerignore": "!\n",
    "small/dockerfile": "FROM alpine\n",
    "big/Dockerfile": "FROM alpine\n" + "RUN true\n" * 60000,
}


@pytest.fixture
def docker() -> CheckedDocker:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return CheckedDocker(Workspace(ContextArchive(buffer.getvalue())))


def answer(finished: Finished) -> tuple[int, str]:
    """The exit code and the first paragraph that is printed last."""
    return finished.exit_code, finished.text.split("\n\nUsage:")[0].rstrip("\n").rpartition("\n\n")[2]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], (1, "\"docker build\" requires exactly 1 argument.\nSee 'docker build --help'.")),
        (["a", "b"], (1, "\"docker build\" requires exactly 1 argument.\nSee 'docker build --help'.")),
        (["--nope", "."], (125, "unknown flag: --nope\nSee 'docker build --help'.")),
        (["-x", "."], (125, "unknown shorthand flag: 'x' in -x\nSee 'docker build --help'.")),
        ([".", "-t"], (125, "flag needs an argument: 't' in -t\nSee 'docker build --help'.")),
        ([".", "--tag"], (125, "flag needs an argument: --tag\nSee 'docker build --help'.")),
        (
            ["--pull=often", "."],
            (
                125,
                (
                    'invalid argument "often" for "--pull" flag: strconv.ParseBool: parsing "often": invalid syntax\n'
                    "See 'docker build --help'."
                ),
            ),
        ),
        (
            ["-t", "a b", "."],
            (
                125,
                'invalid argument "a b" for "-t, --tag" flag: invalid reference format\nSee \'docker build --help\'.',
            ),
        ),
        (
            ["-tApp", "."],
            (
                125,
                (
                    'invalid argument "App" for "-t, --tag" flag: invalid reference format: repository name must be '
                    "lowercase\nSee 'docker build --help'."
                ),
            ),
        ),
        (["nope"], (1, 'unable to prepare context: path "nope" not found')),
        (["Dockerfile"], (1, "unable to prepare context: context must be a directory: /workspace/Dockerfile")),
        (
            ["-f", "nope", "."],
            (
                1,
                (
                    "unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat /workspace/nope: "
                    "no such file or directory"
                ),
            ),
        ),
        (["wrong"], (1, 'error checking context: illegal exclusion pattern: "!"')),
        (["big"], (1, "the emulator reads files of at most 512 KiB: /workspace/big/Dockerfile is larger")),
    ],
)
def test_builds_that_do_not_begin(docker: CheckedDocker, words: list[str], expected: tuple[int, str]) -> None:
    assert answer(docker.run([*IN_DOCKER, "docker", "build", *words])) == expected


HIDDEN = "file not found in build context or excluded by .dockerignore: stat {}: file does not exist"


@pytest.mark.parametrize(
    ("words", "environment", "last"),
    [
        (["-t", "app", "."], "0", "Successfully tagged app:latest"),
        (["sub"], "0", f"COPY failed: {HIDDEN.format('hidden')}"),
        (["-f", "sub/Dockerfile", "--no-cache", "."], "0", f"COPY failed: {HIDDEN.format('hidden')}"),
        (["-t", "x", "kit"], "1", "Successfully tagged x:latest"),
        (["-t", "x", "kit"], "true", "Successfully tagged x:latest"),
        (["ignored"], "0", f"COPY failed: {HIDDEN.format('Dockerfile')}"),
        (["-t", "x", "small"], "0", "Successfully tagged x:latest"),
        (["-t", "x", "https://github.com/a/b.git"], "0", "Successfully tagged x:latest"),
        (
            ["."],
            "maybe",
            (
                "DOCKER_BUILDKIT environment variable expects boolean value: strconv.ParseBool: parsing "
                '"maybe": invalid syntax'
            ),
        ),
    ],
)
def test_builds_see_what_the_client_sends(docker: CheckedDocker, words: list[str], environment: str, last: str) -> None:
    finished = docker.run([*IN_DOCKER, "--env", f"DOCKER_BUILDKIT={environment}", "docker", "build", *words])
    assert finished.output[-1].text == last


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--rm"], (1, "\"docker run\" requires at least 1 argument.\nSee 'docker run --help'.")),
        (["--nope", "bash"], (125, "unknown flag: --nope\nSee 'docker run --help'.")),
        (
            ["Bash"],
            (125, "docker: invalid reference format: repository name must be lowercase.\nSee 'docker run --help'."),
        ),
        (
            ["--network", "kept", "bash"],
            (125, "docker: Error response from daemon: network kept not found.\nSee 'docker run --help'."),
        ),
        (["--network", "host", "bash", "echo", "on host"], (0, "on host")),
        (["--network", "mine", "bash", "echo", "on mine"], (0, "on mine")),
        (
            ["--volume", "keys:run/keys", "bash"],
            (
                125,
                (
                    "docker: Error response from daemon: invalid volume specification: 'keys:run/keys': invalid mount "
                    "config for type \"volume\": invalid mount path: 'run/keys' mount path must be absolute.\n"
                    "See 'docker run --help'."
                ),
            ),
        ),
        (["--name", "once", "bash", "false"], (1, "")),
        (["bash", "-c", "exit 4"], (4, "")),
        (["--entrypoint", "bash", "alpine", "-c", "echo in"], (0, "in")),
    ],
)
def test_containers(docker: CheckedDocker, words: list[str], expected: tuple[int, str]) -> None:
    docker.run(["network", "create", "mine", "--driver", "bridge"])
    assert answer(docker.run(["run", *words])) == expected


def test_a_container_that_is_kept_keeps_its_name() -> None:
    docker = CheckedDocker(Workspace(None))
    assert docker.run(["run", "--name", "mine", "bash"]).exit_code == 0
    assert (
        docker.run(["run", "--name", "mine", "bash"])
        .output[0]
        .text.startswith(
            'docker: Error response from daemon: Conflict. The container name "/mine" is already in use by container "'
        )
    )
    docker.run(["rm", "-f", "mine"])
    assert docker.run(["run", "--rm", "--name", "mine", "bash"]).exit_code == 0


def pushed(docker: CheckedDocker, name: str) -> tuple[int, str]:
    finished = docker.run([*IN_DOCKER, "docker", "push", name])
    return finished.exit_code, finished.output[-1].text


def test_only_images_that_are_there_are_pushed_and_only_with_credentials(docker: CheckedDocker) -> None:
    docker.run(["run", "-i", "docker", "login", "--username", "bot", "--password-stdin", "team.azurecr.io"])
    docker.run(
        [*IN_DOCKER, "docker", "build", "-t", "team.azurecr.io/app:1", "-t", "app", "-t", "else.azurecr.io/x", "."]
    )
    code, text = pushed(docker, "team.azurecr.io/app:1")
    assert (code, text[:18]) == (0, "1: digest: sha256:")
    assert pushed(docker, "app") == (1, "denied: requested access to the resource is denied")
    assert pushed(docker, "else.azurecr.io/x:latest") == (
        1,
        "unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information.",
    )
    assert pushed(docker, "team.azurecr.io/other") == (
        1,
        "An image does not exist locally with the tag: team.azurecr.io/other",
    )
    assert pushed(docker, "no name") == (1, "invalid reference format")
    assert list(docker.images.pushed) == ["team.azurecr.io/app:1"]


def test_containers_that_are_there_can_be_inspected(docker: CheckedDocker) -> None:
    assert docker.run(["run", "docker", "inspect", "web"]).exit_code == 1
    docker.run(["run", "--detach", "--name", "web", "nginx"])
    assert docker.run(["run", "docker", "inspect", "-f", "x", "web"]).exit_code == 0


def test_all_tags_of_a_repository_are_pushed_at_once(docker: CheckedDocker) -> None:
    docker.run(["run", "-i", "docker", "login", "--username", "bot", "--password-stdin", "team.azurecr.io"])
    tags = ["-t", "team.azurecr.io/app:1", "-t", "team.azurecr.io/app:2", "-t", "team.azurecr.io/apps:3"]
    docker.run([*IN_DOCKER, "docker", "build", *tags, "."])
    assert docker.run([*IN_DOCKER, "docker", "push", "--all-tags", "team.azurecr.io/app"]).exit_code == 0
    assert list(docker.images.pushed) == ["team.azurecr.io/app:1", "team.azurecr.io/app:2"]
    refused = docker.run([*IN_DOCKER, "docker", "push", "-a", "team.azurecr.io/none"])
    assert refused.output[-1].text == "An image does not exist locally with the tag: team.azurecr.io/none"


@pytest.mark.parametrize(
    "option", ["--progress=plain", "--secret id=a,src=b", "--ssh default", "-o type=local,dest=out", "--squash"]
)
def test_options_for_buildkit_do_nothing_without_it(docker: CheckedDocker, option: str) -> None:
    assert docker.run([*IN_DOCKER, "docker", "build", *option.split(), "-t", "app", "."]).exit_code == 0


def inspected(docker: CheckedDocker, name: str) -> str:
    return docker.run(["run", "docker", "inspect", "--format", "x", name]).text


def test_images_have_digests_once_a_registry_has_them(docker: CheckedDocker) -> None:
    docker.run(["run", "-i", "docker", "login", "--username", "bot", "--password-stdin", "team.azurecr.io"])
    assert inspected(docker, "alpine") == "Error: No such object: alpine\n"
    docker.run([*IN_DOCKER, "docker", "build", "-t", "team.azurecr.io/app:1", "."])
    assert inspected(docker, "alpine:latest").startswith('"["alpine@sha256:')
    assert inspected(docker, "team.azurecr.io/app:1") == '"[]"\n'
    pushed(docker, "team.azurecr.io/app:1")
    assert inspected(docker, "team.azurecr.io/app:1").startswith('"["team.azurecr.io/app@sha256:')


def test_what_is_pulled_is_there(docker: CheckedDocker) -> None:
    finished = docker.run(["run", "docker", "pull", "mcr.microsoft.com/x/y"])
    assert [line.text for line in finished.output if "Digest" not in line.text] == [
        "Using default tag: latest",
        "latest: Pulling from mcr.microsoft.com/x/y",
        "Status: Downloaded newer image for mcr.microsoft.com/x/y:latest",
        "mcr.microsoft.com/x/y:latest",
    ]
    assert inspected(docker, "mcr.microsoft.com/x/y").startswith('"["mcr.microsoft.com/x/y@sha256:')
    assert (
        docker.run(["run", "docker", "pull", "X"]).text
        == "invalid reference format: repository name must be lowercase\n"
    )
