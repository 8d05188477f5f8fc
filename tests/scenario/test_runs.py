"""Builds of a local folder, queued and followed to their end, through the client layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from azure.mgmt.containerregistrytasks.models import DockerBuildRequest, PlatformProperties, Run
from scenarios import Scenario

from azext_acrpool.client.blobs import BlobReader
from azext_acrpool.client.registries import find_registry
from azext_acrpool.client.runs import Runs
from azext_acrpool.context import ContextOptions, UploadOptions, prepare, upload
from azext_acrpool.runlog.cancel import cancel_run
from azext_acrpool.runlog.follow import RunSources, follow
from azext_acrpool.runlog.sources import RunLog, RunStatus


@dataclass
class Shown:
    """What a follower shows."""

    text: str = ""
    statuses: list[str] = field(default_factory=list)

    def log(self, text: str) -> None:
        self.text += text

    def progress(self, run: Any, waited: float) -> None:
        self.statuses.append(run.status)

    def notice(self, message: str) -> None:
        raise AssertionError(message)

    def log_missing(self) -> None:
        raise AssertionError("no log")

    def log_unreadable(self, reason: str) -> None:
        raise AssertionError(reason)


def build_request(dockerfile: str, source: str, pool: str | None = None) -> DockerBuildRequest:
    return DockerBuildRequest(
        image_names=["scenario:{{.Run.ID}}"],
        is_push_enabled=True,
        source_location=source,
        docker_file_path=dockerfile,
        platform=PlatformProperties(os="linux", architecture="amd64"),
        agent_pool_name=pool,
    )


def build(scenario: Scenario, folder: Path) -> tuple[Run, str]:
    """Upload folder, build it, follow the run; returns the finished run and its log."""
    runs = Runs(scenario.arm, find_registry(scenario.arm, scenario.registry), scenario.clock)
    context = prepare(ContextOptions(folder))
    uploaded = upload(context, runs.upload_target, UploadOptions(scenario.clock))
    queued = runs.schedule(build_request(context.dockerfile_name, uploaded.relative_path))
    run_id = str(queued.run_id)
    shown = Shown()
    sources = RunSources(
        RunStatus(lambda _: runs.get(run_id)), RunLog(lambda: runs.log_link(run_id), BlobReader(), scenario.clock)
    )
    return follow(queued, sources, shown, scenario.clock), shown.text


def test_build_that_succeeds(scenario: Scenario, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY hello.txt /\n")
    (tmp_path / "hello.txt").write_text("hello\n")
    run, log = build(scenario, tmp_path)
    assert run.status == "Succeeded"
    assert run.output_images is not None
    assert [image.repository for image in run.output_images] == ["scenario"]
    assert f"Run ID: {run.run_id} was successful" in log


def test_build_that_fails(scenario: Scenario, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY missing.txt /\n")
    run, log = build(scenario, tmp_path)
    assert run.status == "Failed"
    assert run.run_error_message
    assert "missing.txt" in log


def test_cancelled_run(scenario: Scenario) -> None:
    runs = Runs(scenario.arm, find_registry(scenario.arm, scenario.registry), scenario.clock)
    remote = "https://github.com/Azure-Samples/acr-build-helloworld-node.git#main"
    run_id = str(runs.schedule(build_request("Dockerfile", remote)).run_id)
    ended = cancel_run(runs, run_id, scenario.clock)
    assert ended is not None
    assert ended.status == "Canceled"
