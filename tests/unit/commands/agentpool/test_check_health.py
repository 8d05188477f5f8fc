"""`az acr agentpool check-health`: what it takes, what it asks, and how it ends without findings."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from knack.validators import DefaultStr
from pool_azure import MISSING, VNET, PoolAzure, listing
from scripted_arm import REGISTRY, SUBSCRIPTION
from scripted_transport import Reply

from azext_acrpool.commands.agentpool.check_health import check_health
from azext_acrpool.testing import Finished

WHERE = {"registry_name": "myregistry", "resource_group_name": DefaultStr("mygroup")}


def azure(**changes: Reply) -> PoolAzure:
    return PoolAzure(
        {
            "GET /permissions": listing({"actions": ["*"], "notActions": []}),
            "GET /virtualNetworks/myvnet": Reply(200, {"id": VNET, "location": "westus2", "properties": {}}),
            "GET /subnets/mysubnet": Reply(
                200, {"id": f"{VNET}/subnets/mysubnet", "properties": {"addressPrefix": "10.0.0.0/24"}}
            ),
            **changes,
        }
    )


def check(azure: PoolAzure, **options: Any) -> Finished:
    return azure.session.run(check_health, **WHERE, **options)


def evidence(finished: Finished, code: str) -> str:
    return next(str(finding["evidence"]) for finding in finished.result if finding["code"] == code)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"agent_pool_name": "mypool", "tier": "S1", "subnet": "x", "vnet_name": "y"},
            [
                (
                    "--name asks about a pool that exists, --tier and --vnet-name and --subnet about one that does not"
                    " exist yet."
                ),
                "Give --name alone, or leave it out to ask whether a new pool would work.",
            ],
        ),
        (
            {"tier": "S9"},
            [
                "There is no tier 'S9'. There are S1, S2, S3, I6.",
                (
                    "For each instance, choose --tier by its size: S1 2 vCPUs and 3 GiB, S2 4 vCPUs and 8 GiB, S3 8"
                    " vCPUs and 16 GiB, I6 64 vCPUs and 216 GiB."
                ),
            ],
        ),
        (
            {"count": -1},
            ["An agent pool cannot have a count of -1.", "Use --count 0 for none, or a positive number."],
        ),
        (
            {"docker_file_path": "no such file"},
            [
                "The Dockerfile 'no such file' cannot be read: No such file or directory.",
                "Give the path of one with --file.",
            ],
        ),
        (
            {"docker_file_path": "x" * 5000},
            [
                f"The Dockerfile '{'x' * 5000}' cannot be read: {os.strerror(errno.ENAMETOOLONG)}.",
                "Give the path of one with --file.",
            ],
        ),
        (
            {"docker_file_path": "a\0b"},
            [
                "The Dockerfile 'a\\x00b' cannot be read: It is no path (embedded null byte).",
                "Give the path of one with --file.",
            ],
        ),
    ],
)
def test_bad_usage_exits_2(options: dict[str, Any], told: list[str]) -> None:
    finished = check(azure(), **options)
    assert (finished.exit_code, finished.told) == (2, told)


def test_a_dockerfile_without_end_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"#" * (4 * 2**20 + 1))
    world = azure()
    finished = check(world, docker_file_path=str(path))
    assert (finished.exit_code, finished.told) == (
        2,
        [
            f"The Dockerfile '{path}' cannot be read: It has more than 4.2 MB, the most that is read.",
            "Give the path of one with --file.",
        ],
    )
    assert not world.transport.requests


def test_without_options_a_pool_as_create_makes_it_is_checked() -> None:
    finished = check(azure())
    assert (finished.exit_code, finished.stdout, finished.stderr) == (0, "", "")
    assert evidence(finished, "VcpuQuota") == "0 + 2 of 16 standard vCPUs; --count 8 of S1 fits"


def test_the_wanted_subnet_by_name_is_one_beside_the_registry() -> None:
    world = azure()
    finished = check(world, tier="s2", count=3, vnet_name="myvnet", subnet="mysubnet")

    assert f"{VNET}/subnets/mysubnet" in world.transport.asked("GET")
    assert evidence(finished, "VcpuQuota") == "0 + 12 of 16 standard vCPUs; --count 4 of S2 fits"
    assert evidence(finished, "SubnetHasRoom") == "mysubnet 10.0.0.0/24: 251 free addresses"


def test_build_arguments_choose_the_base_image(tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("ARG BASE\nFROM $BASE\n", "utf-8")
    argument = {"type": "Argument", "name": "BASE", "value": "quay.io/a/b:1", "isSecret": False}

    finished = check(azure(), docker_file_path=str(dockerfile))
    assert "BaseImageNotChecked" in {finding["code"] for finding in finished.result}
    finished = check(azure(), docker_file_path=str(dockerfile), arg=[argument])
    assert evidence(finished, "BaseImagesReachable") == f"{dockerfile}:2 quay.io/a/b:1"


def test_a_dockerfile_is_read_as_it_will_be_built(tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM scratch AS base\nFROM base\nRUN --mount=type=cache,target=/c true\n", "utf-8")
    line = f"{dockerfile}:3 RUN --mount=type=cache,target=/c true"

    plain = check(azure(), docker_file_path=str(dockerfile))
    assert plain.exit_code == 1
    assert evidence(plain, "DockerfileNeedsBuildKit") == line
    assert f"The build of {dockerfile} would fail in line 3: RUN --mount is an option that only BuildKit has." in [
        finding["message"] for finding in plain.result
    ]
    for how in ({"buildkit": True}, {"target": "base"}):
        finished = check(azure(), docker_file_path=str(dockerfile), **how)
        assert finished.exit_code == 0
        assert evidence(finished, "DockerfileAccepted") == str(dockerfile)


def test_a_dockerfile_need_not_be_utf8(tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_bytes(b"# caf\xe9\nFROM quay.io/a/b:1\n")
    finished = check(azure(), docker_file_path=str(dockerfile))
    assert evidence(finished, "BaseImagesReachable") == f"{dockerfile}:2 quay.io/a/b:1"
    assert evidence(finished, "DockerfileAccepted") == str(dockerfile)


def test_how_it_is_built_needs_a_dockerfile() -> None:
    finished = check(azure(), target="base", buildkit=True)
    assert (finished.exit_code, finished.told) == (
        2,
        ["--target and --buildkit without --file: it says which Dockerfile is built so."],
    )


def test_an_error_is_the_exit_code_although_there_is_a_result() -> None:
    finished = check(azure(), subnet="mysubnet", vnet_name="myvnet", count=300)
    assert finished.exit_code == 1
    assert [finding["code"] for finding in finished.result if finding["severity"] == "error"] == ["SubnetFull"]


def test_a_registry_that_is_not_there_exits_3() -> None:
    finished = check(azure(**{"GET /registries/myregistry": MISSING, "GET /resources": Reply(200, {"value": []})}))
    assert finished.exit_code == 3
    assert finished.told == [
        (
            "Could not find a registry named 'myregistry' in resource group 'mygroup' (from az's defaults) of"
            f" subscription '{SUBSCRIPTION}'."
        ),
        "List the registries of this subscription with: az acr list -o table",
        (
            "Is it in another subscription? List yours with `az account list -o table`, choose one with"
            " `az account set -s SUBSCRIPTION` or --subscription."
        ),
    ]


def test_who_lacks_a_role_is_who_is_logged_in() -> None:
    world = azure(
        **{
            "GET /permissions": listing({"actions": ["*/read"], "notActions": []}),
            "POST /agentPools/mypool/listQueueStatus": Reply(200, {"count": 0}),
        }
    )
    world.session.user_name = "someone@example.com"
    finished = check(world, agent_pool_name="mypool")
    (found,) = (finding for finding in finished.result if finding["code"] == "MayNotBuild")
    assert found["recommendation"] == (
        "Have an owner of the registry give you the role Container Registry Tasks Contributor with: az role assignment"
        " create --assignee someone@example.com"
        f' --role "Container Registry Tasks Contributor" --scope {REGISTRY.path}'
    )
    assert found["fix"] == []
