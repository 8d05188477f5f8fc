"""`az acr build` with BuildKit: another request to the service, and the same result for whoever built before."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from az_harness import Az, Emulator, finish, interrupt
from hello_context import write_hello_context

REGISTRY = ("--registry", "myregistry")
REMOTE = "https://github.com/Azure-Samples/acr-build-helloworld-node.git#main:app"
WORLD = {
    "registries": [
        {"name": "myregistry", "agentPools": [{"name": "mypool", "count": 1}]},
        {"name": "abacregistry", "roleAssignmentMode": "AbacRepositoryPermissions"},
    ]
}
SECRET = "correct horse's $battery"
RESULT = ("status", "outputImages", "agentPoolName", "platform", "sourceRegistryAuth", "runErrorMessage")
DOCKERFILE = """\
FROM scratch AS base
ARG WHO
COPY hello.txt /
FROM base AS final
ARG TOKEN
RUN --mount=type=secret,id=npmrc,required=true cp /run/secrets/npmrc /npmrc
"""


@pytest.fixture(scope="module")
def emulator(emulators: Callable[..., Emulator]) -> Emulator:
    return emulators(world=WORLD)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    return write_hello_context(tmp_path / "context")


def definition(emulator: Emulator) -> str:
    return b64decode(emulator.last_run_request()["encodedTaskContent"]).decode()


def test_the_result_is_that_of_a_plain_build(az: Az, emulator: Emulator, context: Path) -> None:
    build = ("acr", "build", *REGISTRY, "--agent-pool", "mypool", "--logs", "none", str(context), "-t", "hello:v1")
    others = ("-t", "team/hello", "--build-arg", "WHO=all")
    plain = az(*build, *others).succeeded().json
    cached = az(*build, *others, "--cache").succeeded()
    assert emulator.last_run_request()["type"] == "EncodedTaskRunRequest"
    assert "cache: enabled" in definition(emulator)
    assert [cached.json[each] for each in RESULT] == [plain[each] for each in RESULT]
    assert [image["repository"] for image in cached.json["outputImages"]] == ["hello", "team/hello"]
    assert f"WARNING: Queued a build with ID: {cached.json['runId']}" in cached.told
    assert f"Run {cached.json['runId']} goes to agent pool mypool (1 instance)" in cached.told


def test_secrets_come_to_the_build_and_nowhere_else(az: Az, emulator: Emulator, context: Path) -> None:
    (context / "Dockerfile").write_text(DOCKERFILE)
    (context.parent / "npmrc").write_text(SECRET)
    az = replace(az, environment={**az.environment, "TOKEN": f"{SECRET}2"})
    done = az(
        *("acr", "build", *REGISTRY, "-t", "hello:{{.Run.ID}}", "--target", "final", "--debug", str(context)),
        *("--secret", "id=npmrc,src=npmrc", "--secret-build-arg", "TOKEN"),
    ).succeeded()
    assert [(value["value"], value["isSecret"]) for value in emulator.last_run_request()["values"]] == [
        (SECRET, True),
        (f"{SECRET}2", True),
    ]
    assert SECRET not in definition(emulator)
    assert SECRET not in done.stdout + done.stderr


def test_a_failing_build_exits_1(az: Az, context: Path) -> None:
    (context / "hello.txt").unlink()
    failed = az("acr", "build", *REGISTRY, "-t", "hello:v1", "--buildkit", str(context)).failed(1)
    run_id = failed.printed[-1].split()[2]
    assert f"ERROR: Run {run_id} ended as Failed: failed during run, err: exit status 1" in failed.told


def test_nothing_is_pushed_that_shall_not_be(az: Az, emulator: Emulator, context: Path) -> None:
    build = ("acr", "build", *REGISTRY, "-t", "hello:v1", "--buildkit", "--logs", "none", str(context))
    assert not az(*build, "--no-push").succeeded().json["outputImages"]
    assert "push" not in definition(emulator)


def test_no_wait_prints_the_queued_run_and_a_repository_is_fetched_by_the_agent(az: Az, emulator: Emulator) -> None:
    done = az("acr", "build", *REGISTRY, "-t", "hello:v1", "--buildkit", "--no-wait", "--timeout", "900", REMOTE)
    run = done.succeeded().json
    assert f"WARNING: Queued a build with ID: {run['runId']}" in done.told
    assert "sourceLocation" not in emulator.last_run_request()
    assert emulator.last_run_request()["timeout"] == 900
    assert definition(emulator).splitlines()[3] == (
        f'  build: "-t {{{{.Run.Registry}}}}/hello:v1 -f Dockerfile {REMOTE}"'
    )


def test_interrupt_cancels_the_run(real_az: Az, az: Az, context: Path) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nRUN sleep 600\n")
    process = real_az.start("acr", "build", *REGISTRY, "-t", "hello:v1", "--buildkit", str(context))
    assert process.stdout is not None
    for line in process.stdout:
        if "sleep 600" in line:
            break
    interrupt(process)
    cancelled = finish(process).failed(130)
    run = az("acr", "task", "list-runs", *REGISTRY, "--top", "1").succeeded().json[0]
    assert run["status"] == "Canceled"
    assert f"ERROR: Run {run['runId']} was cancelled." in cancelled.told


def test_a_push_that_permissions_by_repository_refuse_is_told_before_the_upload(
    az: Az, emulator: Emulator, context: Path
) -> None:
    build = ("acr", "build", "--registry", "abacregistry", "-t", "hello:v1", "--buildkit", str(context))
    emulator.control("DELETE", "journal")
    refused = az(*build).failed(2)
    assert 'Lend it yours with: --source-acr-auth-id "[caller]"' in refused.told
    assert not emulator.requests("POST")
    az(*build, "--source-acr-auth-id", "[caller]").succeeded()


def test_a_source_behind_cache_is_taken_for_its_value(az: Az, context: Path) -> None:
    refused = az("acr", "build", *REGISTRY, "-t", "hello:v1", "--cache", str(context)).failed(2)
    assert "If it is the source location, put it before --cache, or write: --cache registry" in refused.stderr
