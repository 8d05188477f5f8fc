"""Azure's Python SDK runs the whole path: pools, upload, runs, logs, tasks and task runs."""

from __future__ import annotations

import base64
import io
import tarfile
import time
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from az_harness import LIMIT_SECONDS, TOKEN, Emulator
from azure.core.credentials import AccessToken
from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.containerregistrytasks import ContainerRegistryTasksMgmtClient
from azure.mgmt.containerregistrytasks.models import (
    AgentPool,
    AgentPoolProperties,
    AgentPoolPropertiesUpdateParameters,
    AgentPoolUpdateParameters,
    DockerBuildRequest,
    EncodedTaskRunRequest,
    EncodedTaskStep,
    OverrideTaskStepProperties,
    PlatformProperties,
    SetValue,
    Task,
    TaskProperties,
    TaskPropertiesUpdateParameters,
    TaskRun,
    TaskRunProperties,
    TaskRunPropertiesUpdateParameters,
    TaskRunRequest,
    TaskRunUpdateParameters,
    TaskUpdateParameters,
)
from azure.storage.blob import BlobClient

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
HERE = ("myresourcegroup", "myregistry")
LINUX = PlatformProperties(os="Linux", architecture="amd64")
TASK_FILE = base64.b64encode(b"steps:\n  - cmd: bash echo hello {{.Values.who}}\n").decode()
FINAL = ("Succeeded", "Failed", "Canceled", "Error", "Timeout")


class Model(Protocol):
    """What the SDK makes of a reply."""

    def as_dict(self) -> dict[str, Any]: ...


class AnyToken:
    """What the emulator takes for a token."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken(TOKEN.partition(" ")[2], int(time.time()) + 3600)


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Iterator[ContainerRegistryTasksMgmtClient]:
    with ContainerRegistryTasksMgmtClient(
        AnyToken(),
        SUBSCRIPTION,
        base_url=emulator.url,
        credential_scopes=[f"{emulator.url}/.default"],
        connection_verify=emulator.environment["REQUESTS_CA_BUNDLE"],
        polling_interval=0.1,
    ) as client:
        yield client


def properties(model: Model) -> dict[str, Any]:
    """A resource's properties, by the names that they have on the wire."""
    shown: dict[str, Any] = model.as_dict()["properties"]
    return shown


def finished(client: ContainerRegistryTasksMgmtClient, run_id: str) -> dict[str, Any]:
    """The properties of a run, once it has ended."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        run = properties(client.runs.get(*HERE, run_id))
        if run["status"] in FINAL:
            return run
        assert time.monotonic() < deadline
        time.sleep(0.1)


def log_of(client: ContainerRegistryTasksMgmtClient, emulator: Emulator, run_id: str) -> str:
    link = client.runs.get_log_sas_url(*HERE, run_id).log_link
    assert link is not None
    with BlobClient.from_blob_url(link, connection_verify=emulator.environment["REQUESTS_CA_BUNDLE"]) as blob:
        return blob.download_blob().readall().decode()


def archive_of(name: str, content: bytes) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def test_a_pool_from_its_creation_to_its_end(client: ContainerRegistryTasksMgmtClient) -> None:
    wanted = AgentPool(location="westus2", properties=AgentPoolProperties(count=1, tier="S1", os="Linux"))
    made = client.agent_pools.begin_create(*HERE, "sdkpool", wanted).result()
    shown = properties(made)
    assert (made.name, shown["provisioningState"], shown["count"]) == ("sdkpool", "Succeeded", 1)
    change = AgentPoolUpdateParameters(properties=AgentPoolPropertiesUpdateParameters(count=2))
    assert properties(client.agent_pools.begin_update(*HERE, "sdkpool", change).result())["count"] == 2
    assert [pool.name for pool in client.agent_pools.list(*HERE)] == ["sdkpool"]
    assert client.agent_pools.get_queue_status(*HERE, "sdkpool").count == 0
    client.agent_pools.begin_delete(*HERE, "sdkpool").result()
    with pytest.raises(ResourceNotFoundError):
        client.agent_pools.get(*HERE, "sdkpool")


def test_a_build_from_its_upload_to_its_log(client: ContainerRegistryTasksMgmtClient, emulator: Emulator) -> None:
    target = client.registries.get_build_source_upload_url(*HERE)
    assert target.upload_url is not None
    verify = emulator.environment["REQUESTS_CA_BUNDLE"]
    with BlobClient.from_blob_url(target.upload_url, connection_verify=verify) as blob:
        blob.upload_blob(archive_of("Dockerfile", b"FROM scratch\n"))
    request = DockerBuildRequest(
        image_names=["app:v1"],
        is_push_enabled=True,
        source_location=target.relative_path,
        docker_file_path="Dockerfile",
        platform=LINUX,
    )
    queued = client.registries.schedule_run(*HERE, request)
    run = finished(client, str(queued.name))
    (image,) = run["outputImages"]
    assert (run["status"], image["repository"], image["tag"]) == ("Succeeded", "app", "v1")
    log = log_of(client, emulator, str(queued.name))
    assert "Successfully tagged myregistry.azurecr.io/app:v1" in log.splitlines()
    assert queued.name in [listed.name for listed in client.runs.list(*HERE)]


def test_a_task_from_its_creation_to_its_end(client: ContainerRegistryTasksMgmtClient, emulator: Emulator) -> None:
    step = EncodedTaskStep(encoded_task_content=TASK_FILE, values_property=[SetValue(name="who", value="you")])
    wanted = Task(location="westus2", properties=TaskProperties(platform=LINUX, step=step))
    made = client.tasks.create(*HERE, "mytask", wanted)
    shown = properties(made)
    assert (shown["provisioningState"], shown["status"]) == ("Succeeded", "Enabled")
    change = TaskUpdateParameters(properties=TaskPropertiesUpdateParameters(timeout=600))
    assert properties(client.tasks.update(*HERE, "mytask", change))["timeout"] == 600
    overrides = OverrideTaskStepProperties(values_property=[SetValue(name="who", value="all")])
    queued = client.registries.schedule_run(
        *HERE, TaskRunRequest(task_id=str(made.id), override_task_step_properties=overrides)
    )
    assert finished(client, str(queued.name))["status"] == "Succeeded"
    assert "hello all" in log_of(client, emulator, str(queued.name)).splitlines()
    client.tasks.delete(*HERE, "mytask")
    assert list(client.tasks.list(*HERE)) == []


def test_a_task_run_from_its_creation_to_its_end(client: ContainerRegistryTasksMgmtClient) -> None:
    request = EncodedTaskRunRequest(encoded_task_content=TASK_FILE, platform=LINUX)
    wanted = TaskRun(properties=TaskRunProperties(run_request=request, force_update_tag="1"))
    made = client.task_runs.begin_create(*HERE, "myrun", wanted).result()
    first = properties(made)["runResult"]["name"]
    assert finished(client, first)["status"] == "Succeeded"
    change = TaskRunUpdateParameters(properties=TaskRunPropertiesUpdateParameters(force_update_tag="2"))
    again = properties(client.task_runs.begin_update(*HERE, "myrun", change).result())
    assert again["forceUpdateTag"] == "2"
    assert again["runResult"]["name"] != first
    finished(client, again["runResult"]["name"])
    shown = properties(client.task_runs.get(*HERE, "myrun"))
    assert shown["runResult"]["properties"]["status"] == "Succeeded"
    client.task_runs.delete(*HERE, "myrun")
    assert list(client.task_runs.list(*HERE)) == []
